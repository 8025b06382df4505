//! Errors about constants and their values.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Name;

pub(in crate::check) fn not_constant(name: &Name, span: Span) -> Diagnostic {
    let message = format!("the value of `{name}` is not constant");
    Diagnostic::error(Code("E0227"), message, span, "not allowed in a constant")
        .with_note(
            "a constant consists of literals, operators, constants, tuples, arrays, structs, variants and calls",
        )
        .with_note("write a function for anything else, and call it in the constant")
}

/// Constants whose values depend on each other, each on the next one and the last one on the first.
pub fn endless_constant(names: &[&Name]) -> Diagnostic {
    let (first, others) = names.split_first().expect("BUG: a cycle without a constant");
    let message = format!("the value of `{first}` depends on itself");
    let mut error = Diagnostic::error(Code("E0228"), message, first.span, "declared here");
    for (at, name) in others.iter().enumerate() {
        let next = others.get(at + 1).unwrap_or(first);
        error = error.with_label(name.span, format!("which depends on `{next}`"));
    }
    error
}

/// A constant whose value cannot be computed. `why` is the message with which the running program would panic, or says
/// which operation only the running program can do.
pub fn constant_panics(name: &Name, span: Span, why: &str) -> Diagnostic {
    let message = format!("the value of `{name}` cannot be computed: {why}");
    Diagnostic::error(Code("E0229"), message, span, why.to_string())
}

/// The evaluation of a constant has taken the maximum number of steps.
pub fn slow_constant(name: &Name, span: Span, steps: u64) -> Diagnostic {
    let message = format!("the value of `{name}` takes too long to compute");
    let millions = steps / 1_000_000;
    Diagnostic::error(Code("E0152"), message, span, format!("not done after {millions} million steps"))
        .with_note("compute it in the running program, with a function without parameters")
}

/// `part`: the constant's type, or a part of it, whose values have an identity.
pub(in crate::check) fn constant_with_identity(name: &Name, part: &str, span: Span) -> Diagnostic {
    let message = format!("the constant `{name}` cannot contain a `{part}`");
    Diagnostic::error(Code("E0227"), message, span, format!("a `{part}` has an identity"))
        .with_note("each use of a constant would be the same object; write a function that makes a new one")
}

/// A pattern that is a constant whose value a call computes.
pub(in crate::check) fn computed_pattern(name: &Name, span: Span) -> Diagnostic {
    let message = format!("the constant `{name}` cannot be a pattern");
    Diagnostic::error(Code("E0227"), message, span, "its value is computed by a call")
        .with_label(name.span, "declared here")
        .with_note(format!("compare in a guard: `x if x == {name} => ...`"))
}

pub(in crate::check) fn constant_pattern(name: &Name, span: Span) -> Diagnostic {
    let message = format!("the constant `{name}` cannot be a pattern");
    Diagnostic::error(Code("E0227"), message, span, "not a number, a character, a `Bool` or a string")
        .with_label(name.span, "declared here")
        .with_note("compare in a guard: `x if x == LIMIT => ...`")
}
