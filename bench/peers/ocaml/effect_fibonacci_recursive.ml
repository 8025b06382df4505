(* Computes F(N), the Fibonacci number with F(0) = F(1) = 1, by double recursion. Usage: effect_fibonacci_recursive N *)
let rec fibonacci n = if n < 2 then 1 else fibonacci (n - 1) + fibonacci (n - 2)
let () = Printf.printf "%d\n" (fibonacci (int_of_string Sys.argv.(1)))
