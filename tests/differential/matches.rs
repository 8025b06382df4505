//! Random matches on strings, chars, bytes, floats, integers, ranges and several values at once. They are compared with
//! the definition of `match`: try the arms in order and take the first that fits the value as it was at the beginning.
//!
//! The interpreter of MIR must agree, too. But it uses the compiler's decision trees, so it cannot find errors in them.
//! This file evaluates the definition without decision trees.

use std::fmt::Write;

use super::harness::case::Case;
use super::harness::interpreter::{self, Opinion};
use super::harness::run;
use super::random::Random;

/// A value of a column. A column is one of the values that a `match` examines at once.
#[derive(Clone, PartialEq, Debug)]
enum Value {
    Text(String),
    Char(char),
    Byte(u8),
    Float(f64),
    Int(i64),
    Bool(bool),
}

impl Value {
    fn written(&self) -> String {
        match self {
            Value::Text(text) => format!("{text:?}"),
            Value::Char(char) => format!("{char:?}"),
            Value::Byte(byte) => format!("b'{}'", *byte as char),
            Value::Float(float) if float.is_nan() => "(0.0 / 0.0)".to_owned(),
            Value::Float(float) if float.is_infinite() => "(1.0 / 0.0)".to_owned(),
            Value::Float(float) => format!("{float:?}"),
            Value::Int(int) => int.to_string(),
            Value::Bool(bool) => bool.to_string(),
        }
    }

    /// Whether the value can be written in a pattern.
    fn is_literal(&self) -> bool {
        !matches!(self, Value::Float(float) if !float.is_finite())
    }

    /// The text that the program prints for the value; `None` for a byte or float, because the generated patterns give
    /// them no name that an arm could print.
    fn shown(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text.clone()),
            Value::Char(char) => Some(char.to_string()),
            Value::Int(int) => Some(int.to_string()),
            Value::Bool(bool) => Some(bool.to_string()),
            Value::Byte(_) | Value::Float(_) => None,
        }
    }

    /// The ordinal of a value whose type has range patterns, otherwise `None`.
    fn place(&self) -> Option<i64> {
        match self {
            Value::Char(char) => Some(i64::from(u32::from(*char))),
            Value::Byte(byte) => Some((*byte).into()),
            Value::Int(int) => Some(*int),
            Value::Text(_) | Value::Float(_) | Value::Bool(_) => None,
        }
    }
}

/// A type, and the values of this type that a match and its patterns use.
struct Kind {
    name: &'static str,
    values: Vec<Value>,
}

fn kind(random: &mut Random) -> Kind {
    let ints = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 9, 40, 41, 1_000, i64::MAX, i64::MIN + 1];
    let floats = [0.0, -0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 0.5, -1.5, 1e300, 5e-324, f64::NAN, f64::INFINITY];
    let texts = ["", "a", "aa", "ab", "b", "ba", "c", "d", "e", "f", "é", "z", "\u{1F9F5}"];
    let (name, values) = match random.below(12) {
        0..4 => ("String", texts.map(|text| Value::Text(text.to_owned())).to_vec()),
        // Enough strings that a `match` does not compare the value with each string in turn.
        4 => ("String", (0..90).map(|at| Value::Text(format!("k{}", at * 37 % 91))).collect()),
        5 | 6 => ("Float", floats.map(Value::Float).to_vec()),
        7 => ("Float", (0..80).map(|at| Value::Float((at * 29 % 83) as f64 / 4.0)).collect()),
        8 => ("Int", ints.map(Value::Int).to_vec()),
        9 => ("Char", "abcdefghixyzé\u{1F9F5}".chars().map(Value::Char).collect()),
        10 => ("Byte", (b'a'..=b'n').map(Value::Byte).collect()),
        _ => ("Bool", vec![Value::Bool(false), Value::Bool(true)]),
    };
    Kind { name, values }
}

#[derive(Clone)]
enum Pattern {
    Any,
    Is(Value),
    /// The values from the first to the last, both included.
    Range(Value, Value),
    Or(Vec<Pattern>),
    /// The pattern `pattern as name`.
    Named(Box<Pattern>),
}

impl Pattern {
    fn of(random: &mut Random, kind: &Kind, depth: usize) -> Pattern {
        let literals: Vec<&Value> = kind.values.iter().filter(|value| value.is_literal()).collect();
        let one = random.of(&literals).clone();
        match random.below(12) {
            0 | 1 => Pattern::Any,
            2 | 3 if depth > 0 => {
                let count = 2 + random.below(3);
                Pattern::Or((0..count).map(|_| Pattern::of(random, kind, 0)).collect())
            }
            4 | 5 if one.place().is_some() => {
                let other = random.of(&literals).clone();
                if one.place() <= other.place() {
                    Pattern::Range(one, other)
                } else {
                    Pattern::Range(other, one)
                }
            }
            6 if depth > 0 && one.shown().is_some() => Pattern::Named(Box::new(Pattern::of(random, kind, 1))),
            _ => Pattern::Is(one),
        }
    }

    fn written(&self, name: &str) -> String {
        match self {
            Pattern::Any => "_".to_owned(),
            Pattern::Is(value) => value.written(),
            Pattern::Range(first, last) => format!("{}..={}", first.written(), last.written()),
            Pattern::Or(several) => {
                let several: Vec<String> = several.iter().map(|pattern| pattern.written(name)).collect();
                format!("({})", several.join(" | "))
            }
            Pattern::Named(inner) if inner.names() => inner.written(name),
            Pattern::Named(inner) => format!("({} as {name})", inner.written(name)),
        }
    }

    fn names(&self) -> bool {
        matches!(self, Pattern::Named(_))
    }

    fn fits(&self, value: &Value) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Is(wanted) => wanted == value,
            Pattern::Range(first, last) => first.place() <= value.place() && value.place() <= last.place(),
            Pattern::Or(several) => several.iter().any(|pattern| pattern.fits(value)),
            Pattern::Named(inner) => inner.fits(value),
        }
    }
}

/// The guard of an arm.
#[derive(Clone, Copy)]
enum Guard {
    None,
    /// The condition `n % of == rest`.
    Rest {
        of: i64,
        rest: i64,
    },
    /// A call that changes the matched value and returns whether `n % 2 == rest`.
    Change {
        rest: i64,
    },
}

impl Guard {
    fn holds(self, n: i64) -> bool {
        match self {
            Guard::None => true,
            Guard::Rest { of, rest } => n % of == rest,
            Guard::Change { rest } => n % 2 == rest,
        }
    }
}

/// An arm: alternatives, each with a pattern for each column.
struct Arm {
    alternatives: Vec<Vec<Pattern>>,
    guard: Guard,
}

/// The way in which the columns form the matched value.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// A tuple, or the value itself if there is one column.
    Plain,
    /// A struct with `var` fields.
    Cell,
    /// An option of a struct with `var` fields.
    Perhaps,
}

struct Match {
    number: usize,
    shape: Shape,
    columns: Vec<Kind>,
    arms: Vec<Arm>,
    /// The values that a guard assigns to the columns.
    changed: Vec<Value>,
}

impl Match {
    fn of(random: &mut Random, number: usize) -> Match {
        let shape = random.of(&[Shape::Plain, Shape::Plain, Shape::Cell, Shape::Perhaps]);
        let count = random.of(&[1, 1, 2, 2, 3]);
        let columns: Vec<Kind> = (0..count).map(|_| kind(random)).collect();
        let most = columns.iter().map(|column| column.values.len()).max().unwrap_or(0);
        let arms = (0..9 + random.below(most)).map(|_| {
            let guard = match (random.below(8), shape) {
                (0, _) => Guard::Rest { of: 3, rest: random.below(3) as i64 },
                (1, Shape::Cell | Shape::Perhaps) => Guard::Change { rest: random.below(2) as i64 },
                _ => Guard::None,
            };
            let alternatives = if random.chance(20) { 2 + random.below(2) } else { 1 };
            let depth = if alternatives == 1 { 2 } else { 0 };
            let row =
                |random: &mut Random| columns.iter().map(|kind| Pattern::of(random, kind, depth)).collect();
            Arm { alternatives: (0..alternatives).map(|_| row(random)).collect(), guard }
        });
        let arms = arms.collect();
        let changed =
            columns.iter().map(|kind| kind.values[random.below(kind.values.len())].clone()).collect();
        Match { number, shape, columns, arms, changed }
    }

    /// Evaluates the definition of `match`: returns the text of the first arm whose pattern fits `value` and whose
    /// guard holds for `n`, or "none". A `value` of `None` is the value `None` of a [`Shape::Perhaps`].
    fn taken(&self, value: Option<&[Value]>, n: i64) -> String {
        for (at, arm) in self.arms.iter().enumerate() {
            let Some(value) = value else { break };
            let fits =
                |row: &&Vec<Pattern>| row.iter().zip(value).all(|(pattern, value)| pattern.fits(value));
            if let Some(row) = arm.alternatives.iter().find(fits)
                && arm.guard.holds(n)
            {
                let named = row.iter().zip(value).filter(|(pattern, _)| pattern.names());
                let named =
                    named.map(|(_, value)| format!(" {}", value.shown().expect("only these are named")));
                return format!("{at}{}", named.collect::<String>());
            }
        }
        "none".to_owned()
    }

    fn row(&self, row: &[Pattern]) -> String {
        let columns: Vec<String> =
            row.iter().enumerate().map(|(at, pattern)| pattern.written(&format!("x{at}"))).collect();
        match self.shape {
            Shape::Plain if columns.len() == 1 => columns[0].clone(),
            Shape::Plain => format!("({})", columns.join(", ")),
            Shape::Cell => self.cell(&columns),
            Shape::Perhaps => format!("Some({})", self.cell(&columns)),
        }
    }

    /// The constructor of the struct: `Cell3(c0: x, c1: y)`.
    fn cell(&self, values: &[String]) -> String {
        let fields: Vec<String> =
            values.iter().enumerate().map(|(at, value)| format!("c{at}: {value}")).collect();
        format!("Cell{}({})", self.number, fields.join(", "))
    }

    fn declare(&self, out: &mut String) {
        let number = self.number;
        let types: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let fields: Vec<String> =
            types.iter().enumerate().map(|(at, ty)| format!("var c{at}: {ty}")).collect();
        *out += &format!("\nstruct Cell{number} {{ {} }}\n", fields.join(", "));
        *out += &format!("fn change{number}(c: Cell{number}, n: Int, rest: Int) -> Bool {{\n");
        for (at, value) in self.changed.iter().enumerate() {
            *out += &format!("  c.c{at} = {}\n", value.written());
        }
        *out += "  n % 2 == rest\n}\n";
        let ty = match self.shape {
            Shape::Plain if types.len() == 1 => types[0].to_owned(),
            Shape::Plain => format!("({})", types.join(", ")),
            Shape::Cell => format!("Cell{number}"),
            Shape::Perhaps => format!("Cell{number}?"),
        };
        *out += &format!("fn match{number}(v: {ty}, n: Int) -> String {{\n  match v {{\n");
        for (at, arm) in self.arms.iter().enumerate() {
            let rows: Vec<String> = arm.alternatives.iter().map(|row| self.row(row)).collect();
            let guard = match (arm.guard, self.shape) {
                (Guard::None, _) => String::new(),
                (Guard::Rest { of, rest }, _) => format!(" if n % {of} == {rest}"),
                (Guard::Change { rest }, Shape::Perhaps) => {
                    format!(" if change{number}(v.unwrap(), n, {rest})")
                }
                (Guard::Change { rest }, _) => format!(" if change{number}(v, n, {rest})"),
            };
            let named = arm.alternatives[0].iter().enumerate().filter(|(_, pattern)| pattern.names());
            let named: String = named.map(|(column, _)| format!(" {{x{column}}}")).collect();
            *out += &format!("    {}{guard} => \"{at}{named}\"\n", rows.join(" | "));
        }
        *out += "    _ => \"none\"\n  }\n}\n";
    }

    /// Writes calls in which each value of each column occurs; appends their output to `expected`.
    fn call(&self, random: &mut Random, out: &mut String, expected: &mut String) {
        let most = self.columns.iter().map(|column| column.values.len()).max().unwrap_or(0);
        let names: Vec<String> = (0..self.columns.len()).map(|at| format!("a{at}")).collect();
        let values = (0..most * self.columns.len()).map(|at| {
            let of = |column: &Kind| match column.values.get(at) {
                Some(value) => value.clone(),
                None => column.values[random.below(column.values.len())].clone(),
            };
            self.columns.iter().map(of).collect()
        });
        let values: Vec<Vec<Value>> = values.collect();
        let written = values.iter().map(|row| tuple(row.iter().map(Value::written)));
        let written = written.collect::<Vec<String>>().join(", ");
        let value = match self.shape {
            Shape::Plain => tuple(names.iter().cloned()),
            Shape::Cell => self.cell(&names),
            Shape::Perhaps => format!("Some({})", self.cell(&names)),
        };
        let number = self.number;
        *out += &format!("  for n in 0..3 {{\n    for {} in [{written}] {{\n", tuple(names.iter().cloned()));
        *out += &format!("      println(match{number}({value}, n))\n    }}\n");
        if self.shape == Shape::Perhaps {
            *out += &format!("    println(match{number}(None, n))\n");
        }
        *out += "  }\n";
        for n in 0..3 {
            for row in &values {
                writeln!(expected, "{}", self.taken(Some(row), n)).expect("a string takes any text");
            }
            if self.shape == Shape::Perhaps {
                writeln!(expected, "{}", self.taken(None, n)).expect("a string takes any text");
            }
        }
    }
}

/// The expression itself if there is one, otherwise a tuple: `x` or `(x, y)`.
fn tuple(parts: impl Iterator<Item = String>) -> String {
    match parts.collect::<Vec<String>>().as_slice() {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// Generates the program of a seed; returns it with its expected output.
fn program(seed: u64) -> (String, String) {
    let mut random = Random::new(seed);
    let (mut out, mut main, mut expected) = (format!("// Seed {seed}.\n"), String::new(), String::new());
    for number in 0..8 {
        let one = Match::of(&mut random, number);
        one.declare(&mut out);
        one.call(&mut random, &mut main, &mut expected);
    }
    out += &format!("\nfn main() {{\n{main}}}\n");
    (out, expected)
}

/// Panics unless the compiled program and the interpreter take the expected arms.
pub fn agree(seed: u64) {
    let (program, stdout) = program(seed);
    let path = format!("differential/matches{seed}.weft");
    let case = Case { path, program, files: Vec::new(), expected: Vec::new(), settings: Vec::new() };
    let folder = case.unpack().expect("the folder for tests is writable");
    let place = folder.join(&case.path).display().to_string();
    let expected = Opinion { status: 0, stdout, reports: Vec::new() };
    let interpreted = interpreter::opinion(&case)
        .unwrap_or_else(|failed| panic!("{place}: {}", failed.message().unwrap_or_default()))
        .unwrap_or_else(|| panic!("{place}: the interpreter takes too long"));
    assert_eq!(interpreted, expected, "{place}, interpreted");
    for level in ["-O0", "-O2", "-O3"] {
        let run = run::build_and_run(&case, &folder, level)
            .unwrap_or_else(|failed| panic!("{place} at {level}: {}", failed.message().unwrap_or_default()));
        assert_eq!(Opinion::new(run.status, &run.stdout, &run.stderr), expected, "{place} at {level}");
    }
}
