(* Sums the values in a tree of DEPTH levels. A generator, which is written with an effect, gives the values one by
   one. Usage: effect_generator DEPTH *)
open Effect
open Effect.Deep

type tree = Leaf | Node of tree * int * tree
type _ Effect.t += Yield : int -> unit Effect.t
type step = Empty | Element of int * (unit, step) continuation

(* Both subtrees of a node are the same object. *)
let rec make depth =
  if depth = 0 then Leaf
  else
    let below = make (depth - 1) in
    Node (below, depth, below)

let rec iterate = function
  | Leaf -> ()
  | Node (left, value, right) ->
    iterate left;
    perform (Yield value);
    iterate right

let generate body =
  match_with body ()
    { retc = (fun () -> Empty);
      exnc = raise;
      effc = fun (type a) (request : a Effect.t) ->
        match request with
        | Yield value -> Some (fun (k : (a, _) continuation) -> Element (value, k))
        | _ -> None }

let rec total sum = function
  | Empty -> sum
  | Element (value, k) -> total (sum + value) (continue k ())

let () =
  let tree = make (int_of_string Sys.argv.(1)) in
  Printf.printf "%d\n" (total 0 (generate (fun () -> iterate tree)))
