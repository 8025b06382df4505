//! Errors about constants and their values.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Name;

pub(in crate::check) fn not_constant(name: &Name, span: Span) -> Diagnostic {
    let message = format!("the value of `{name}` is not constant");
    Diagnostic::error(Code("E0227"), message, span, "not allowed in a constant")
        .with_note("a constant may consist of literals, operators, other constants, tuples and arrays")
        .with_note("for anything else write a function without parameters")
}

pub(in crate::check) fn endless_constant(names: &[&Name]) -> Diagnostic {
    let (first, others) = names.split_first().expect("BUG: a cycle without a constant");
    let message = format!("the value of `{first}` depends on itself");
    let mut error = Diagnostic::error(Code("E0228"), message, first.span, "declared here");
    for (at, name) in others.iter().enumerate() {
        let next = others.get(at + 1).unwrap_or(first);
        error = error.with_label(name.span, format!("which depends on `{next}`"));
    }
    error
}

/// `why` is the message with which the running program would panic.
pub(in crate::check) fn constant_panics(name: &Name, span: Span, why: &str) -> Diagnostic {
    let message = format!("the value of `{name}` cannot be computed: {why}");
    Diagnostic::error(Code("E0229"), message, span, why.to_string())
}

pub(in crate::check) fn constant_pattern(name: &Name, span: Span) -> Diagnostic {
    let message = format!("the constant `{name}` cannot be a pattern");
    Diagnostic::error(Code("E0227"), message, span, "not a number, a character, a `Bool` or a string")
        .with_label(name.span, "declared here")
        .with_note("compare in a guard: `x if x == LIMIT => ...`")
}
