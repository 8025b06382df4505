//! The methods of the built-in types.

use super::infer::{Term, Terms};
use crate::suggest::closest;
use crate::types::Type;

/// A method of a built-in type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    /// `Int.to_float() -> Float`
    IntToFloat,
    /// `Float.to_int() -> Int`
    FloatToInt,
    /// `to_string() -> String` of `Int`, `Float`, `Bool` and `String`
    ToString,
    /// `len() -> Int` of `String` and `[T]`
    Length,
    /// `is_empty() -> Bool` of `String` and `[T]`
    IsEmpty,
    /// `Task[T].join() -> T`
    Join,
    /// `Task[T].is_done() -> Bool`
    IsDone,
    /// `Task[T].id() -> Int`
    TaskId,
}

/// What a method's name means for a type.
pub(super) enum Lookup {
    /// The method, its parameters' types and its result's.
    Found(Method, Vec<Term>, Term),
    /// The language has it, this compiler does not.
    Planned,
    /// There is none; a name that is close.
    Unknown(Option<&'static str>),
}

/// Looks a method up in the type of the receiver.
pub(super) fn look_up(receiver: &Type<Term>, name: &str, terms: &Terms) -> Lookup {
    if let Some(&(_, method)) = known(receiver).iter().find(|(known, _)| *known == name) {
        return Lookup::Found(method, Vec::new(), result(method, receiver, terms));
    }
    if planned(receiver).contains(&name) || PLANNED_FOR_ALL.contains(&name) {
        return Lookup::Planned;
    }
    let known = known(receiver).iter().map(|(known, _)| *known);
    Lookup::Unknown(closest(name, known.chain(planned(receiver).iter().copied())))
}

fn known(receiver: &Type<Term>) -> &'static [(&'static str, Method)] {
    match receiver {
        Type::Int => &[("to_float", Method::IntToFloat), ("to_string", Method::ToString)],
        Type::Float => &[("to_int", Method::FloatToInt), ("to_string", Method::ToString)],
        Type::Bool => &[("to_string", Method::ToString)],
        Type::String => {
            &[("len", Method::Length), ("is_empty", Method::IsEmpty), ("to_string", Method::ToString)]
        }
        Type::Array(_) => &[("len", Method::Length), ("is_empty", Method::IsEmpty)],
        Type::Task(_) => &[("join", Method::Join), ("is_done", Method::IsDone), ("id", Method::TaskId)],
        Type::Unit | Type::Never => &[],
    }
}

fn result(method: Method, receiver: &Type<Term>, terms: &Terms) -> Term {
    match method {
        Method::IntToFloat => terms.float,
        Method::FloatToInt | Method::Length | Method::TaskId => terms.int,
        Method::ToString => terms.string,
        Method::IsEmpty | Method::IsDone => terms.bool,
        Method::Join => receiver.parts()[0],
    }
}

/// Methods of the built-in traits.
const PLANNED_FOR_ALL: &[&str] = &["show", "eq", "cmp", "hash"];

fn planned(receiver: &Type<Term>) -> &'static [&'static str] {
    match receiver {
        Type::Int => &["abs", "pow", "min", "max", "to_byte", "count_ones", "clamp"],
        Type::Float => &[
            "sqrt", "sin", "cos", "tan", "exp", "ln", "pow", "floor", "ceil", "round", "abs", "min", "max",
            "is_nan",
        ],
        Type::String => &[
            "chars",
            "bytes",
            "lines",
            "split",
            "trim",
            "starts_with",
            "ends_with",
            "contains",
            "find",
            "replace",
            "to_upper",
            "to_lower",
            "repeat",
            "to_int",
            "to_float",
            "iter",
        ],
        Type::Array(_) => &[
            "get",
            "first",
            "last",
            "map",
            "filter",
            "fold",
            "any",
            "all",
            "find",
            "zip",
            "enumerate",
            "reverse",
            "sort",
            "sort_by",
            "contains",
            "index_of",
            "to_vec",
            "join",
            "iter",
        ],
        Type::Task(_) => &["result", "cancel"],
        Type::Bool => &["to_int"],
        Type::Unit | Type::Never => &[],
    }
}
