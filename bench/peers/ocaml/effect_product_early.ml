(* Multiplies the numbers 1,000 to 0 by recursion, TIMES times. At the 0, an effect leaves all calls of the recursion
   at once. Usage: effect_product_early TIMES *)
open Effect
open Effect.Deep

type _ Effect.t += Leave : int -> 'a Effect.t

let rec product = function
  | [] -> 1
  | 0 :: _ -> perform (Leave 0)
  | n :: rest -> n * product rest

let early list =
  match_with product list
    { retc = Fun.id;
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Leave result -> Some (fun (_ : (a, _) continuation) -> result)
        | _ -> None }

let () =
  let list = List.init 1001 (fun i -> 1000 - i) and sum = ref 0 in
  for _ = 1 to int_of_string Sys.argv.(1) do sum := !sum + early list done;
  Printf.printf "%d\n" !sum
