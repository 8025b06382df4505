//! Random programs: functions that take and return values, and callers that call these functions in every way.

use std::fmt::Write;

use crate::random::Random;
use crate::values::{DECLARATIONS, MIXTURE_COUNT, Value, values};

/// The maximum number of scalars that a function takes or returns: enough that a call needs all registers for values,
/// words in the worker's memory, and a heap object.
const MOST: usize = 20;

/// The number of functions for each number of returned scalars. It is small, because LLVM needs seconds for each
/// program. Two programs of this size still combine each mixture and each way of calling with several numbers of
/// scalars.
const SHAPES: usize = 2;

/// A program and the number of its checks.
pub struct Program {
    pub text: String,
    /// The number of calls whose results the program checks.
    pub calls: usize,
}

/// The signature of a function. The function's name is `f` followed by `number`.
struct Shape {
    number: usize,
    takes: Vec<Value>,
    gives: Vec<Value>,
    /// Whether the result is a struct; otherwise it is a tuple.
    is_struct: bool,
    yields: bool,
}

/// The ways of calling a function.
#[derive(Clone, Copy)]
enum Way {
    Direct,
    FunctionValue,
    TailCall,
    Closure,
    Thread,
    Channel,
    Select,
    Mutex,
    Scope,
}

const WAYS: [Way; 9] = [
    Way::Direct,
    Way::FunctionValue,
    Way::TailCall,
    Way::Closure,
    Way::Thread,
    Way::Channel,
    Way::Select,
    Way::Mutex,
    Way::Scope,
];

/// Generates the program of a seed.
pub fn program(seed: u64) -> Program {
    let mut random = Random::new(seed);
    let mut writer = Writer { text: DECLARATIONS.into(), main: String::new(), calls: 0 };
    // The seed shifts the ways of calling, so that each seed combines them with other numbers of scalars.
    let mut number = seed as usize % WAYS.len();
    for scalars in 0..=MOST {
        for _ in 0..SHAPES {
            let mixture = (number + scalars) % MIXTURE_COUNT;
            let takes = random.below(MOST + 1);
            let taken_mixture = random.below(MIXTURE_COUNT);
            let shape = Shape {
                number,
                takes: values(&mut random, taken_mixture, takes),
                gives: values(&mut random, mixture, scalars),
                is_struct: random.chance(30),
                yields: random.chance(40),
            };
            writer.function(&shape);
            writer.caller(&shape, Way::Direct, false);
            writer.caller(&shape, WAYS[number % WAYS.len()], random.chance(30));
            number += 1;
        }
    }
    let Writer { mut text, main, calls } = writer;
    let _ = write!(
        text,
        "fn main(args: [String]) {{\n  let n = args.len()\n{main}  println(\"{calls} calls\")\n}}\n"
    );
    Program { text, calls }
}

struct Writer {
    text: String,
    /// The statements of `main` that call the callers.
    main: String,
    calls: usize,
}

impl Shape {
    fn result(&self) -> String {
        match &self.gives[..] {
            [alone] if !self.is_struct => alone.kind.ty().into(),
            _ if self.is_struct => format!("S{}", self.number),
            _ => format!("({})", joined(self.gives.iter().map(|value| value.kind.ty().into()))),
        }
    }

    /// An expression for the result.
    fn made(&self) -> String {
        let values = self.gives.iter().map(|value| value.made());
        match &self.gives[..] {
            [alone] if !self.is_struct => alone.made(),
            _ if self.is_struct => {
                let fields = values.enumerate().map(|(at, value)| format!("x{at}: {value}"));
                format!("S{}({})", self.number, joined(fields))
            }
            _ => format!("({})", joined(values)),
        }
    }

    /// The expression for part `at` of the result, which is in `r`.
    fn part(&self, at: usize) -> String {
        match self.gives.len() {
            1 if !self.is_struct => "r".into(),
            _ if self.is_struct => format!("r.x{at}"),
            _ => format!("r.{at}"),
        }
    }

    /// The arguments of a call; the first is `n`.
    fn arguments(&self) -> String {
        self.takes.iter().fold("n".into(), |list, value| list + ", " + &value.made())
    }

    fn parameters(&self) -> String {
        let parameter = |(at, value): (usize, &Value)| format!(", a{at}: {}", value.kind.ty());
        "n: Int".to_owned() + &self.takes.iter().enumerate().map(parameter).collect::<String>()
    }

    fn is_shareable(&self) -> bool {
        self.gives.iter().all(|value| value.kind.is_shareable())
    }

    fn takes_shareable(&self) -> bool {
        self.takes.iter().all(|value| value.kind.is_shareable())
    }
}

impl Writer {
    /// Writes the function of a shape, and a second function of the same type.
    fn function(&mut self, shape: &Shape) {
        let (number, parameters, result) = (shape.number, shape.parameters(), shape.result());
        if shape.is_struct {
            let field = |(at, value): (usize, &Value)| format!("x{at}: {}", value.kind.ty());
            let fields = joined(shape.gives.iter().enumerate().map(field));
            let _ = writeln!(self.text, "struct S{number} {{ {fields} }}");
        }
        let _ = writeln!(self.text, "fn f{number}({parameters}) -> {result} {{");
        let pause = if shape.yields { "  yield\n" } else { "" };
        self.text += pause;
        for (at, value) in shape.takes.iter().enumerate() {
            let is_right = value.is_at(&format!("a{at}"));
            let _ = writeln!(self.text, "  if !({is_right}) {{ println(\"f{number}: argument {at}\") }}");
        }
        self.text += pause;
        let _ = writeln!(self.text, "  {}\n}}", shape.made());
        // A caller chooses between the two functions, so that LLVM cannot turn the call of a function value into a
        // direct call.
        let unused = shape
            .takes
            .iter()
            .enumerate()
            .fold(String::new(), |list, (at, _)| list + &format!("_ = a{at}; "));
        let unused = unused.replace("_ =", "let _ =");
        let _ = writeln!(
            self.text,
            "fn g{number}({parameters}) -> {result} {{\n  {unused}\n  {}\n}}",
            shape.made()
        );
    }

    /// Writes a function that calls `shape`'s function by `way` and checks the result; yields before the check if
    /// `pauses` is true.
    fn caller(&mut self, shape: &Shape, way: Way, pauses: bool) {
        let (number, caller) = (shape.number, self.calls);
        let name = format!("c{caller}");
        let arguments = shape.arguments();
        let direct = format!("f{number}({arguments})");
        let call = match way {
            Way::FunctionValue => format!("[f{number}, g{number}][n]({arguments})"),
            Way::TailCall => self.tail_call(shape, &name),
            Way::Closure => self.closure(shape, &name),
            Way::Thread if shape.is_shareable() && shape.takes_shareable() => {
                format!("(spawn {direct}).join()")
            }
            Way::Scope if shape.is_shareable() => format!("scope {{ (spawn {{ {direct} }}).join() }}"),
            Way::Channel if shape.is_shareable() => self.channel(shape, &name, "channel.recv()"),
            Way::Select if shape.is_shareable() => self.channel(
                shape,
                &name,
                "select {\n    v = channel.recv() => v\n    after 60000 => None\n  }",
            ),
            Way::Mutex if shape.is_shareable() => format!("Mutex.new(|| n).with(|n| {direct})"),
            Way::Direct | Way::Thread | Way::Channel | Way::Select | Way::Mutex | Way::Scope => direct,
        };
        let _ = writeln!(self.text, "fn {name}(n: Int) {{\n  let r = {call}");
        if pauses {
            self.text += "  yield\n";
        }
        // Reads all parts in the basic block of the call, before a check begins another block.
        for (at, value) in shape.gives.iter().enumerate() {
            let _ = writeln!(self.text, "  let p{at} = {}", value.peeked(&shape.part(at)));
        }
        for (at, value) in shape.gives.iter().enumerate() {
            let peek = value.peek_is_right(&format!("p{at}"));
            let whole = value.is_at(&shape.part(at));
            let _ =
                writeln!(self.text, "  if !({peek}) || !({whole}) {{ println(\"{name}: result {at}\") }}");
        }
        if shape.gives.is_empty() {
            self.text += "  let _ = r\n";
        }
        self.text += "}\n";
        let _ = writeln!(self.main, "  {name}(n)");
        self.calls += 1;
    }

    /// Writes a function that ends with a tail call of `shape`'s function, and has either 3 or `MOST + 1` parameters.
    /// Returns a call of the written function.
    fn tail_call(&mut self, shape: &Shape, name: &str) -> String {
        let more = if self.calls.is_multiple_of(2) { "a: Float, b: [Int]".to_owned() } else { many("Int") };
        let given =
            if self.calls.is_multiple_of(2) { "0.5, [n]".to_owned() } else { vec!["n"; MOST].join(", ") };
        let (number, result, arguments) = (shape.number, shape.result(), shape.arguments());
        let unused = if self.calls.is_multiple_of(2) {
            "let _ = (a, b)".to_owned()
        } else {
            format!("let _ = [{}]", joined((0..MOST).map(|at| format!("b{at}"))))
        };
        let _ = writeln!(self.text, "fn {name}_tail(n: Int, {more}) -> {result} {{");
        let _ = writeln!(self.text, "  {unused}\n  if n > 0 {{ return g{number}({arguments}) }}");
        let _ = writeln!(self.text, "  f{number}({arguments})\n}}");
        format!("{name}_tail(n, {given})")
    }

    /// Returns a block with a closure that captures half of the arguments. Writes the function that calls the closure
    /// with the other half.
    fn closure(&mut self, shape: &Shape, name: &str) -> String {
        let captured = shape.takes.len() / 2;
        let (number, result) = (shape.number, shape.result());
        let given = &shape.takes[captured..];
        let types = given.iter().fold("Int".to_owned(), |list, value| list + ", " + value.kind.ty());
        let passed = given.iter().fold("n".to_owned(), |list, value| list + ", " + &value.made());
        let _ = writeln!(
            self.text,
            "fn {name}_call(n: Int, f: fn({types}) -> {result}) -> {result} {{ f({passed}) }}"
        );
        let mut block = "{\n".to_owned();
        for (at, value) in shape.takes[..captured].iter().enumerate() {
            let _ = writeln!(block, "    let a{at} = {}", value.made());
        }
        let parameters = (captured..shape.takes.len()).map(|at| format!(", a{at}")).collect::<String>();
        let arguments = (0..shape.takes.len()).map(|at| format!(", a{at}")).collect::<String>();
        block + &format!("    {name}_call(n, |n{parameters}| f{number}(n{arguments}))\n  }}")
    }

    /// Returns a block that takes the result from a channel, with or without a buffer. Writes the function that sends
    /// the result.
    fn channel(&mut self, shape: &Shape, name: &str, received: &str) -> String {
        let (number, result, arguments) = (shape.number, shape.result(), shape.arguments());
        let _ = writeln!(self.text, "fn {name}_send(n: Int, channel: Chan[{result}]) {{");
        let _ = writeln!(self.text, "  channel.send(f{number}({arguments}))\n}}");
        let capacity = self.calls % 2;
        let given =
            format!("match {received} {{\n    Some(r) => r\n    None => panic(\"nothing came\")\n  }}");
        let channel =
            format!("  let channel: Chan[{result}] = chan({capacity})\n  spawn {name}_send(n, channel)\n");
        format!("{{\n{channel}  {given}\n  }}")
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<String>>().join(", ")
}

/// A list of `MOST` parameters of a type.
fn many(ty: &str) -> String {
    joined((0..MOST).map(|at| format!("b{at}: {ty}")))
}
