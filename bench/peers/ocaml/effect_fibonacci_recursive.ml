(* The Fibonacci number of N, where the numbers of 0 and 1 are both 1. Usage: effect_fibonacci_recursive N *)
let rec fibonacci n = if n < 2 then 1 else fibonacci (n - 1) + fibonacci (n - 2)
let () = Printf.printf "%d\n" (fibonacci (int_of_string Sys.argv.(1)))
