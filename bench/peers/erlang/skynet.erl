%% A tree of processes down to SIZE leaves: each inner process starts ten more and sends the sum of the numbers that it
%% receives from them; a leaf sends its number. Usage: skynet SIZE
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
