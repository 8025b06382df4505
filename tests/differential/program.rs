//! Random programs that are well typed and sure to terminate.
//!
//! A function calls only functions that were generated before it, or itself or its partner with a smaller first
//! argument. Every loop has a fixed number of iterations. The cost of a call is known when it is generated, so that the
//! whole program stays cheap. Most arithmetic wraps or is masked, because a program that panics early tests little;
//! only a few operations can panic.

use std::fmt::Write;

use super::expression::Body;
use super::random::Random;

/// The types of the values in the program. A variable that contains a task is recorded with the type of the task's
/// result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Bool`
    Bool,
    /// `String`
    String,
}

impl Type {
    /// All types.
    pub const ALL: [Type; 4] = [Type::Int, Type::Float, Type::Bool, Type::String];

    /// The name in Weft.
    pub fn name(self) -> &'static str {
        match self {
            Type::Int => "Int",
            Type::Float => "Float",
            Type::Bool => "Bool",
            Type::String => "String",
        }
    }
}

/// A function that later functions may call.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name of the function.
    pub name: String,
    /// The types of the parameters.
    pub parameters: Vec<Type>,
    /// The type of the result.
    pub result: Type,
    /// The approximate number of steps of a call.
    pub cost: u64,
    /// The greatest first argument, if the first parameter counts the recursion down.
    pub depth: Option<u64>,
}

/// The limits for the approximate number of steps: of a call of one function, and of `main` in total.
const FUNCTION_COST: u64 = 20_000;
const MAIN_COST: u64 = 200_000;

/// The generated function that keeps strings short when they grow in loops.
const CLIP: &str = "fn clip(s: String) -> String { if s.len() > 40 { \"{s.len()}\" } else { s } }\n";

/// Generates the program of a seed.
pub fn program(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut out = format!("// Seed {seed}.\n{CLIP}");
    let mut functions = Vec::new();
    let count = 4 + random.below(9);
    for number in 0..count {
        match random.below(4) {
            0 => recursive(&mut random, &mut functions, number, &mut out),
            1 => partners(&mut random, &mut functions, number, &mut out),
            _ => plain(&mut random, &mut functions, number, &mut out),
        }
    }
    let mut main = Body::new(&mut random, &functions, MAIN_COST);
    main.statements(12);
    main.use_all();
    writeln!(out, "\nfn main() {{\n{}}}", main.finish().0).expect("a string takes any text");
    out
}

fn signature(random: &mut Random, name: String, counts: bool) -> Function {
    let most = random.of(&[2, 5, 9, 20]);
    let mut parameters: Vec<Type> = (0..random.below(most + 1)).map(|_| random.of(&Type::ALL)).collect();
    let depth = counts.then(|| random.of(&[3, 40, 700]));
    if counts {
        parameters.insert(0, Type::Int);
    }
    Function { name, parameters, result: random.of(&Type::ALL), cost: 0, depth }
}

fn head(function: &Function) -> String {
    let parameters: Vec<String> = function
        .parameters
        .iter()
        .enumerate()
        .map(|(index, ty)| format!("{}: {}", parameter(index), ty.name()))
        .collect();
    format!("\nfn {}({}) -> {} {{\n", function.name, parameters.join(", "), function.result.name())
}

/// The name of a parameter.
pub fn parameter(index: usize) -> String {
    format!("p{index}")
}

/// Generates a function of statements and a result, which may be a tail call.
fn plain(random: &mut Random, functions: &mut Vec<Function>, number: usize, out: &mut String) {
    let mut function = signature(random, format!("plain{number}"), false);
    let mut body = Body::new(random, functions, FUNCTION_COST);
    body.declare_parameters(&function);
    let count = 1 + body.random.below(8);
    body.statements(count);
    body.use_all();
    body.result(function.result);
    let (text, cost) = body.finish();
    function.cost = cost;
    *out += &format!("{}{text}}}\n", head(&function));
    functions.push(function);
}

/// Generates a function that calls itself in the middle of its body, with values that are live over the call. Half of
/// the recursive calls come after a conditional yield.
fn recursive(random: &mut Random, functions: &mut Vec<Function>, number: usize, out: &mut String) {
    let mut function = signature(random, format!("recursive{number}"), true);
    let depth = function.depth.expect("it counts");
    let mut body = Body::new(random, functions, FUNCTION_COST / depth);
    body.declare_parameters(&function);
    body.return_at_zero(function.result);
    let count = 1 + body.random.below(4);
    body.statements(count);
    body.recurse(&function);
    body.statements(1);
    body.use_all();
    body.result(function.result);
    let (text, cost) = body.finish();
    function.cost = (cost + 10) * depth;
    *out += &format!("{}{text}}}\n", head(&function));
    functions.push(function);
}

/// Generates two functions with different parameters that tail-call each other.
fn partners(random: &mut Random, functions: &mut Vec<Function>, number: usize, out: &mut String) {
    let mut one = signature(random, format!("one{number}"), true);
    let mut other = signature(random, format!("other{number}"), true);
    (other.result, other.depth) = (one.result, one.depth);
    let depth = one.depth.expect("it counts");
    let mut cost = 0;
    for (this, that) in [(&one, &other), (&other, &one)] {
        let mut body = Body::new(random, functions, FUNCTION_COST / depth);
        body.declare_parameters(this);
        body.return_at_zero(this.result);
        let count = body.random.below(3);
        body.statements(count);
        body.tail_call_partner(that);
        let (text, one_cost) = body.finish();
        cost = cost.max(one_cost);
        *out += &format!("{}{text}}}\n", head(this));
    }
    one.cost = (cost + 10) * depth;
    other.cost = one.cost;
    functions.extend([one, other]);
}
