(* Runs a loop 1,000 times. Each run performs an effect COUNT times. For each effect, the handler resumes the loop
   and then computes with the result of the resumption. Usage: effect_resume_nontail COUNT *)
open Effect
open Effect.Deep

type _ Effect.t += Operate : int -> unit Effect.t

let descend count result =
  for i = count downto 1 do perform (Operate i) done;
  result

let run count result =
  match_with (descend count) result
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Operate x ->
          Some (fun (k : (a, _) continuation) ->
            let y = continue k () in
            abs (x - (503 * y) + 37) mod 1009)
        | _ -> None }

let () =
  let count = int_of_string Sys.argv.(1) and result = ref 0 in
  for _ = 1 to 1000 do result := run count !result done;
  Printf.printf "%d\n" !result
