(* A function counts down from COUNT. The counter is kept by an effect handler, which answers the function's requests
   to get and set the counter. Usage: effect_countdown COUNT *)
open Effect
open Effect.Deep

type _ Effect.t += Get : int Effect.t | Set : int -> unit Effect.t

let rec countdown () =
  let i = perform Get in
  if i = 0 then i
  else begin
    perform (Set (i - 1));
    countdown ()
  end

let with_state (first : int) body =
  let state = ref first in
  match_with body ()
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Get -> Some (fun (k : (a, _) continuation) -> continue k !state)
        | Set value -> Some (fun (k : (a, _) continuation) -> state := value; continue k ())
        | _ -> None }

let () = Printf.printf "%d\n" (with_state (int_of_string Sys.argv.(1)) countdown)
