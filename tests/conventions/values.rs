//! Kinds of values: how a program writes their types, makes values and checks them.
//!
//! A value is determined by the numbers `k` and `n`; `n` is 0 in every run, but the compiler does not know this.

use crate::random::Random;

/// A kind of value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Unit,
    Int,
    Float,
    Byte,
    Bool,
    Char,
    Text,
    Array,
    Cell,
    Function,
    Variant,
    IntOption,
    FloatOption,
    TextOption,
    Pair,
    Mixed,
}

/// A value of a kind.
#[derive(Clone, Copy)]
pub struct Value {
    pub kind: Kind,
    pub k: usize,
}

/// The declarations that programs need for these values.
pub const DECLARATIONS: &str = "\
enum Colour { Red, Green, Blue }
enum Mixed { Number(Int), Real(Float), Name(String), Nothing }
struct Cell { var v: Int }
fn byte(i: Int) -> Byte { (i % 256).to_byte() }
fn letter(i: Int) -> Char {
  match Char.from_int(97 + i % 26) {
    Some(c) => c
    None => '?'
  }
}
fn text(i: Int) -> String { \"s{1000 + i}\" }
fn adder(i: Int) -> share fn(Int) -> Int { |x| x + i }
fn colour(i: Int) -> Colour { if i % 3 == 0 { Red } else if i % 3 == 1 { Green } else { Blue } }
fn int_option(i: Int) -> Int? { if i % 4 == 0 { None } else { Some(i) } }
fn float_option(i: Int) -> Float? { if i % 4 == 0 { None } else { Some(i.to_float()) } }
fn text_option(i: Int) -> String? { if i % 4 == 0 { None } else { Some(text(i)) } }
fn mixed(i: Int) -> Mixed {
  match i % 4 {
    0 => Nothing
    1 => Number(i)
    2 => Real(i.to_float())
    _ => Name(text(i))
  }
}
";

impl Kind {
    /// The number of scalars of a value of this kind.
    pub fn scalars(self) -> usize {
        match self {
            Kind::Unit => 0,
            Kind::Int | Kind::Float | Kind::Byte | Kind::Bool | Kind::Char => 1,
            Kind::Text | Kind::Array | Kind::Cell | Kind::Function | Kind::Variant | Kind::TextOption => 1,
            Kind::IntOption | Kind::FloatOption | Kind::Pair => 2,
            Kind::Mixed => 4,
        }
    }

    /// Whether values of this kind can be shared with other threads.
    pub fn is_shareable(self) -> bool {
        self != Kind::Cell
    }

    /// The type in Weft.
    pub fn ty(self) -> &'static str {
        match self {
            Kind::Unit => "()",
            Kind::Int => "Int",
            Kind::Float => "Float",
            Kind::Byte => "Byte",
            Kind::Bool => "Bool",
            Kind::Char => "Char",
            Kind::Text => "String",
            Kind::Array => "[Int]",
            Kind::Cell => "Cell",
            Kind::Function => "share fn(Int) -> Int",
            Kind::Variant => "Colour",
            Kind::IntOption => "Int?",
            Kind::FloatOption => "Float?",
            Kind::TextOption => "String?",
            Kind::Pair => "(Float, Byte)",
            Kind::Mixed => "Mixed",
        }
    }
}

/// Lists of kinds to choose from: all kinds, or a few kinds, which fill one or two classes of registers.
const MIXTURES: [&[Kind]; 5] = [
    &[
        Kind::Int,
        Kind::Float,
        Kind::Byte,
        Kind::Bool,
        Kind::Char,
        Kind::Text,
        Kind::Array,
        Kind::Cell,
        Kind::Function,
        Kind::Variant,
        Kind::IntOption,
        Kind::FloatOption,
        Kind::TextOption,
        Kind::Pair,
        Kind::Mixed,
        Kind::Unit,
    ],
    &[Kind::Array, Kind::Text, Kind::TextOption, Kind::Cell],
    &[Kind::Float, Kind::FloatOption, Kind::Pair],
    &[Kind::Int, Kind::Bool, Kind::Char, Kind::Array],
    &[Kind::Float, Kind::Array, Kind::Function, Kind::Byte],
];

/// The number of mixtures.
pub const MIXTURE_COUNT: usize = MIXTURES.len();

/// Chooses values with `scalars` scalars in total.
pub fn values(random: &mut Random, mixture: usize, scalars: usize) -> Vec<Value> {
    let mut left = scalars;
    let mut values = Vec::new();
    while left > 0 {
        let kind = random.of(MIXTURES[mixture]);
        let kind =
            if kind.scalars() > left { random.of(&[Kind::Int, Kind::Float, Kind::Array]) } else { kind };
        left -= kind.scalars();
        values.push(Value { kind, k: random.below(900) });
    }
    values
}

impl Value {
    /// An expression that makes the value.
    pub fn made(self) -> String {
        let k = self.k;
        match self.kind {
            Kind::Unit => "()".into(),
            Kind::Int => format!("n + {k}"),
            Kind::Float => format!("(n + {k}).to_float()"),
            Kind::Byte => format!("byte(n + {k})"),
            Kind::Bool => format!("n + {k} > 450"),
            Kind::Char => format!("letter(n + {k})"),
            Kind::Text => format!("text(n + {k})"),
            Kind::Array => format!("[n + {k}, 5, 6]"),
            Kind::Cell => format!("Cell(v: n + {k})"),
            Kind::Function => format!("adder(n + {k})"),
            Kind::Variant => format!("colour(n + {k})"),
            Kind::IntOption => format!("int_option(n + {k})"),
            Kind::FloatOption => format!("float_option(n + {k})"),
            Kind::TextOption => format!("text_option(n + {k})"),
            Kind::Pair => format!("((n + {k}).to_float(), byte(n + {k}))"),
            Kind::Mixed => format!("mixed(n + {k})"),
        }
    }

    /// An expression that reads a part of the value at `place` immediately: for an object, a part of its contents.
    pub fn peeked(self, place: &str) -> String {
        match self.kind {
            Kind::Text | Kind::Array => format!("{place}.len()"),
            Kind::Cell => format!("{place}.v"),
            Kind::Unit
            | Kind::Int
            | Kind::Float
            | Kind::Byte
            | Kind::Bool
            | Kind::Char
            | Kind::Function
            | Kind::Variant
            | Kind::IntOption
            | Kind::FloatOption
            | Kind::TextOption
            | Kind::Pair
            | Kind::Mixed => place.into(),
        }
    }

    /// A condition that is true if the expression of `peeked` had the right result.
    pub fn peek_is_right(self, peeked: &str) -> String {
        let k = self.k;
        match self.kind {
            Kind::Text => format!("{peeked} == 5"),
            Kind::Array => format!("{peeked} == 3"),
            Kind::Cell => format!("{peeked} == n + {k}"),
            Kind::Function => format!("{peeked}(1) == n + {}", k + 1),
            Kind::Unit
            | Kind::Int
            | Kind::Float
            | Kind::Byte
            | Kind::Bool
            | Kind::Char
            | Kind::Variant
            | Kind::IntOption
            | Kind::FloatOption
            | Kind::TextOption
            | Kind::Pair
            | Kind::Mixed => format!("{peeked} == ({})", self.made()),
        }
    }

    /// A condition that is true if the value at `place` equals this value.
    pub fn is_at(self, place: &str) -> String {
        match self.kind {
            Kind::Text | Kind::Array => format!("{place} == {}", self.made()),
            Kind::Cell => self.peek_is_right(&format!("{place}.v")),
            Kind::Unit
            | Kind::Int
            | Kind::Float
            | Kind::Byte
            | Kind::Bool
            | Kind::Char
            | Kind::Function
            | Kind::Variant
            | Kind::IntOption
            | Kind::FloatOption
            | Kind::TextOption
            | Kind::Pair
            | Kind::Mixed => self.peek_is_right(place),
        }
    }
}
