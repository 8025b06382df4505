%% THREADS processes in a ring pass on a number, which starts as PASSES. Each process subtracts 1 from it. The program
%% prints the position in the ring of the process that receives 0. Usage: thread_ring THREADS PASSES
-module(thread_ring).
-export([main/1]).

member(Number, Right, Last) ->
    receive
        0 -> Last ! {last, Number};
        Token -> Right ! Token - 1, member(Number, Right, Last)
    end.

%% The last process of the ring. Its right neighbour, the first process, is spawned later; a message contains its id.
closing(Number, Last) ->
    receive
        {first, First} -> member(Number, First, Last)
    end.

main([Threads, Passes]) ->
    Self = self(),
    Count = list_to_integer(Threads),
    Closing = spawn(fun() -> closing(Count, Self) end),
    Before = fun(Number, Right) -> spawn(fun() -> member(Number, Right, Self) end) end,
    First = lists:foldl(Before, Closing, lists:seq(Count - 1, 1, -1)),
    Closing ! {first, First},
    First ! list_to_integer(Passes),
    receive
        {last, Number} -> io:format("~b~n", [Number])
    end,
    halt().
