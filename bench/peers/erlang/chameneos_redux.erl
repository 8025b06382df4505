%% Creatures meet in pairs, MEETINGS times in total. At a meeting, both creatures take on the complement of their two
%% colours. At the end the program prints, for each creature, the number of its meetings and the number of its meetings
%% with itself. Then it prints the sum of the numbers of meetings. The main process is the broker, which pairs the
%% creatures. Usage: chameneos_redux MEETINGS
-module(chameneos_redux).
-export([main/1]).

complement(Same, Same) -> Same;
complement(blue, red) -> yellow;
complement(blue, yellow) -> red;
complement(red, blue) -> yellow;
complement(red, yellow) -> blue;
complement(yellow, blue) -> red;
complement(yellow, red) -> blue.

spell(N) when N < 10 ->
    [$\s, element(N + 1, {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"})];
spell(N) -> [spell(N div 10), spell(N rem 10)].

live(Broker, Colour, Met, Same) ->
    Self = self(),
    Broker ! {meet, Self, Colour},
    receive
        {met, Self, Other} -> live(Broker, complement(Colour, Other), Met + 1, Same + 1);
        {met, _, Other} -> live(Broker, complement(Colour, Other), Met + 1, Same);
        stop -> Broker ! {result, Self, Met, Same}
    end.

broker(0) -> ok;
broker(Meetings) ->
    receive
        {meet, A, ColourA} -> ok
    end,
    receive
        {meet, B, ColourB} -> ok
    end,
    A ! {met, B, ColourB},
    B ! {met, A, ColourA},
    broker(Meetings - 1).

%% Waits for a creature's next request for a meeting, stops the creature, and prints its result. Returns its number of
%% meetings.
result(Creature) ->
    receive
        {meet, Creature, _} -> Creature ! stop
    end,
    receive
        {result, Creature, Met, Same} -> io:format("~b~s~n", [Met, spell(Same)]), Met
    end.

meet(Colours, Meetings) ->
    Self = self(),
    io:format("~s~n", [[[$\s, atom_to_list(Colour)] || Colour <- Colours]]),
    Creatures = [spawn(fun() -> live(Self, Colour, 0, 0) end) || Colour <- Colours],
    broker(Meetings),
    Total = lists:sum([result(Creature) || Creature <- Creatures]),
    io:format("~s~n~n", [spell(Total)]).

main([Argument]) ->
    Meetings = list_to_integer(Argument),
    Colours = [blue, red, yellow],
    [io:format("~s + ~s -> ~s~n", [A, B, complement(A, B)]) || A <- Colours, B <- Colours],
    io:format("~n"),
    meet(Colours, Meetings),
    meet([blue, red, yellow, red, yellow, blue, red, yellow, red, blue], Meetings),
    halt().
