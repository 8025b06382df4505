%% COUNT processes that all sleep at once, each for MILLISECONDS. Usage: sleepers COUNT MILLISECONDS
-module(sleepers).
-export([main/1]).

wait(0, Sum) -> Sum;
wait(Left, Sum) ->
    receive
        N -> wait(Left - 1, Sum + N)
    end.

main([CountText, MillisecondsText]) ->
    Self = self(),
    Count = list_to_integer(CountText),
    Milliseconds = list_to_integer(MillisecondsText),
    Sleeper = fun() -> timer:sleep(Milliseconds), Self ! 1 end,
    lists:foreach(fun(_) -> spawn(Sleeper) end, lists:seq(1, Count)),
    io:format("~b~n", [wait(Count, 0)]),
    halt().
