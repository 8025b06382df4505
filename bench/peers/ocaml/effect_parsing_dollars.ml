(* Parses LINES lines and adds up their dollar signs: the n-th line has n dollar signs. There are three effects: to
   read a character, to give the number of dollar signs in a line, and to stop. Usage: effect_parsing_dollars LINES *)
open Effect
open Effect.Deep

type _ Effect.t += Read : char Effect.t | Emit : int -> unit Effect.t | Stop : 'a Effect.t

let rec parse dollars =
  match perform Read with
  | '$' -> parse (dollars + 1)
  | '\n' ->
    perform (Emit dollars);
    parse 0
  | _ -> perform Stop

let feed lines body =
  let line = ref 0 and rest = ref 0 in
  match_with body ()
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Read ->
          Some (fun (k : (a, _) continuation) ->
            if !rest > 0 then begin
              decr rest;
              continue k '$'
            end
            else if !line = lines then perform Stop
            else begin
              incr line;
              rest := !line;
              continue k '\n'
            end)
        | _ -> None }

let catch body =
  match_with body ()
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Stop -> Some (fun (_ : (a, _) continuation) -> ())
        | _ -> None }

let sum body =
  let sum = ref 0 in
  match_with body ()
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Emit n -> Some (fun (k : (a, _) continuation) -> sum := !sum + n; continue k ())
        | _ -> None };
  !sum

let () =
  let lines = int_of_string Sys.argv.(1) + 1 in
  Printf.printf "%d\n" (sum (fun () -> catch (fun () -> feed lines (fun () -> parse 0))))
