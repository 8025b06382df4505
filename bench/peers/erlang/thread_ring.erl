%% THREADS processes in a ring pass on a token that starts as PASSES; each takes one off, and who gets 0 prints its
%% number. Usage: thread_ring THREADS PASSES
-module(thread_ring).
-export([main/1]).

member(Number, Right, Last) ->
    receive
        0 -> Last ! {last, Number};
        Token -> Right ! Token - 1, member(Number, Right, Last)
    end.

%% The last of the ring, which has the first as its neighbour as soon as there is one.
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
