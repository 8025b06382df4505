//! Programs that repeat one construct, for measuring how the compiler's time grows.

use std::fmt::Write;

/// The construct that a program repeats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// Functions with one `send` and one `recv` each.
    Channels,
    /// Calls of `recv`, all in one function.
    Receives,
    /// Pairs of a `spawn` and a `join`, all in one function.
    Spawns,
    /// Calls of a generic function, each with another type of tuple.
    Tuples,
    /// Arms of one `select`.
    Arms,
    /// Structs of constants in an array literal.
    Structs,
    /// Structs of variables in an array literal.
    VariableStructs,
    /// Interpolations of values of several types.
    Interpolations,
}

impl Shape {
    /// The shapes, each with the number of repetitions to which its bar applies.
    pub const ALL: [(Shape, usize); 8] = [
        (Shape::Channels, 400),
        (Shape::Receives, 400),
        (Shape::Spawns, 1_000),
        (Shape::Tuples, 5_000),
        (Shape::Arms, 250),
        (Shape::Structs, 6_000),
        (Shape::VariableStructs, 2_000),
        (Shape::Interpolations, 700),
    ];

    /// The name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Channels => "channels",
            Shape::Receives => "receives",
            Shape::Spawns => "spawns",
            Shape::Tuples => "tuples",
            Shape::Arms => "arms",
            Shape::Structs => "structs",
            Shape::VariableStructs => "variable-structs",
            Shape::Interpolations => "interpolations",
        }
    }

    /// A program with `count` repetitions.
    pub fn text(self, count: usize) -> String {
        let (before, each, after): (&str, fn(usize) -> String, &str) = match self {
            Shape::Channels => return channels(count),
            Shape::Receives => (
                "fn main() {\n  let c: Chan[Int] = chan(10_000)\n  for i in 0..10_000 { c.send(i) }\n  var sum = 0\n",
                |_| "  sum += c.recv().unwrap_or(0)\n".into(),
                "  println(sum)\n}\n",
            ),
            Shape::Spawns => (
                "fn next(n: Int) -> Int { n + 1 }\nfn main() {\n  var sum = 0\n",
                |n| format!("  let t{n} = spawn next({n})\n  sum += t{n}.join()\n"),
                "  println(sum)\n}\n",
            ),
            Shape::Tuples => (
                "fn text[T](x: T) -> String { \"{x}\" }\nfn main() {\n  var sum = 0\n",
                |n| format!("  sum += text({}).len()\n", tuple(n)),
                "  println(sum)\n}\n",
            ),
            Shape::Arms => return arms(count),
            Shape::Structs => (
                "struct P { a: Int, b: String, c: Float }\nfn main() {\n  let all = [\n",
                |n| format!("    P(a: {n}, b: \"p{n}\", c: {n}.5),\n"),
                "  ]\n  println(all.len())\n}\n",
            ),
            Shape::VariableStructs => (
                "struct P { a: Int, b: Int }\nfn main(args: [String]) {\n  let x = args.len()\n  let all = [\n",
                |n| format!("    P(a: x +% {n}, b: x),\n"),
                "  ]\n  println(all.len())\n}\n",
            ),
            Shape::Interpolations => (
                "struct P { a: Int, b: [Int] }\nfn main() {\n  let x = P(a: 1, b: [1, 2])\n  let y = 1.5\n",
                |n| format!("  println(\"{n}: {{x}} and {{y:.2}}\")\n"),
                "}\n",
            ),
        };
        let middle: String = (0..count).map(each).collect();
        [before, &middle, after].concat()
    }
}

fn channels(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let body = format!("  c.send({n})\n  c.recv().unwrap_or(0)");
        writeln!(text, "fn through_{n}(c: Chan[Int]) -> Int {{\n{body}\n}}").expect("a string takes text");
    }
    text.push_str("fn main() {\n  let c: Chan[Int] = chan(1)\n  var sum = 0\n");
    (0..count).for_each(|n| writeln!(text, "  sum += through_{n}(c)").expect("a string takes text"));
    text + "  println(sum)\n}\n"
}

fn arms(count: usize) -> String {
    let channels: String = (0..count).map(|n| format!("  let c{n}: Chan[Int] = chan(1)\n")).collect();
    let arms: String =
        (0..count).map(|n| format!("    v = c{n}.recv() => println(\"{n} gave {{v}}\")\n")).collect();
    format!("fn main() {{\n{channels}  c0.send(7)\n  select {{\n{arms}  }}\n}}\n")
}

/// A tuple of five values; their types are the digits of `n` in base 6.
fn tuple(n: usize) -> String {
    const VALUES: [&str; 6] = ["1", "1.5", "true", "\"a\"", "'c'", "b'b'"];
    let digit = |at: u32| VALUES[n / VALUES.len().pow(at) % VALUES.len()];
    format!("({})", [0, 1, 2, 3, 4].map(digit).join(", "))
}
