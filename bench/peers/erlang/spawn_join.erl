%% Spawns COUNT processes with a trivial function, then waits for them all. Usage: spawn_join COUNT
-module(spawn_join).
-export([main/1]).

trivial(N) -> N.

main([Count]) ->
    Self = self(),
    Start = fun(_) -> spawn(fun() -> Self ! {self(), trivial(1)} end) end,
    Processes = lists:map(Start, lists:seq(1, list_to_integer(Count))),
    Join = fun(Process, Sum) -> receive {Process, N} -> Sum + N end end,
    io:format("~b~n", [lists:foldl(Join, 0, Processes)]),
    halt().
