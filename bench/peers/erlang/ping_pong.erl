%% Two processes send a number to and fro COUNT times. Usage: ping_pong COUNT
-module(ping_pong).
-export([main/1]).

pong() ->
    receive
        {From, N} -> From ! {self(), N}, pong();
        stop -> ok
    end.

ping(_, 0, Sum) -> Sum;
ping(Partner, Count, Sum) ->
    Partner ! {self(), 1},
    receive
        {Partner, N} -> ping(Partner, Count - 1, Sum + N)
    end.

main([Count]) ->
    Partner = spawn(fun pong/0),
    Sum = ping(Partner, list_to_integer(Count), 0),
    Partner ! stop,
    io:format("~b~n", [Sum]),
    halt().
