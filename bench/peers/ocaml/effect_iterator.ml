(* Sums the numbers 0 to COUNT. An effect gives the numbers one by one. Usage: effect_iterator COUNT *)
open Effect
open Effect.Deep

type _ Effect.t += Emit : int -> unit Effect.t

let range last = for i = 0 to last do perform (Emit i) done

let () =
  let last = int_of_string Sys.argv.(1) and sum = ref 0 in
  match_with range last
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Emit i -> Some (fun (k : (a, _) continuation) -> sum := !sum + i; continue k ())
        | _ -> None };
  Printf.printf "%d\n" !sum
