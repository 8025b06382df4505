(* Sums the primes below N. The program asks its innermost handler whether a number is prime. Each prime adds a new
   innermost handler, which answers no for the multiples of its prime, and asks the handler around it about all other
   numbers. Usage: effect_handler_sieve N *)
open Effect
open Effect.Deep

type _ Effect.t += Prime : int -> bool Effect.t

let rec primes i n sum =
  if i >= n then sum
  else if perform (Prime i) then
    match_with (primes (i + 1) n) (sum + i)
      { retc = Fun.id;
        exnc = raise;
        effc = fun (type a) (request : a Effect.t) ->
          match request with
          | Prime asked ->
            Some (fun (k : (a, _) continuation) ->
              if asked mod i = 0 then continue k false else continue k (perform (Prime asked)))
          | _ -> None }
  else primes (i + 1) n sum

let () =
  let n = int_of_string Sys.argv.(1) in
  let sum =
    match_with (primes 2 n) 0
      { retc = Fun.id;
        exnc = raise;
        effc = fun (type a) (request : a Effect.t) ->
          match request with
          | Prime _ -> Some (fun (k : (a, _) continuation) -> continue k true)
          | _ -> None }
  in
  Printf.printf "%d\n" sum
