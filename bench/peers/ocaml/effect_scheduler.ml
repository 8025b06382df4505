(* A scheduler that is part of the program runs COUNT jobs. Each job yields to the other jobs COUNT times. Usage:
   effect_scheduler COUNT *)
open Effect
open Effect.Deep

type _ Effect.t += Fork : (unit -> unit) -> unit Effect.t | Yield : unit Effect.t

let run main =
  let ready = Queue.create () in
  let next () = if not (Queue.is_empty ready) then (Queue.pop ready) () in
  let rec start job =
    match_with job ()
      { retc = next;
        exnc = raise;
        effc = fun (type a) (request : a Effect.t) ->
          match request with
          | Yield -> Some (fun (k : (a, _) continuation) -> Queue.push (continue k) ready; next ())
          | Fork job ->
            Some (fun (k : (a, _) continuation) ->
              Queue.push (continue k) ready;
              Queue.push (fun () -> start job) ready;
              next ())
          | _ -> None }
  in
  start main

let () =
  let n = int_of_string Sys.argv.(1) and switches = ref 0 in
  let job () =
    for _ = 1 to n do
      perform Yield;
      incr switches
    done
  in
  run (fun () -> for _ = 1 to n do perform (Fork job) done);
  Printf.printf "%d\n" !switches
