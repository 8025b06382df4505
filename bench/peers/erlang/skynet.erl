%% A tree of processes with SIZE leaves. Each inner process starts ten more, adds up the numbers that they send, and
%% sends the sum to the process that started it. Each leaf sends its own number. Usage: skynet SIZE
-module(skynet).
-export([main/1]).

skynet(Parent, First, 1) -> Parent ! First;
skynet(Parent, First, Size) ->
    Self = self(),
    Part = Size div 10,
    [spawn(fun() -> skynet(Self, First + I * Part, Part) end) || I <- lists:seq(0, 9)],
    Parent ! sum(10, 0).

sum(0, Sum) -> Sum;
sum(N, Sum) ->
    receive
        Part -> sum(N - 1, Sum + Part)
    end.

main([Size]) ->
    Self = self(),
    spawn(fun() -> skynet(Self, 0, list_to_integer(Size)) end),
    io:format("~b~n", [sum(1, 0)]),
    halt().
