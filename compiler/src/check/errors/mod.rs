//! The errors of the type checker, one function each.

/// A value of one type where another type is expected.
mod mismatch;
/// Constants and their values.
mod constants;
/// Control flow and `main`.
mod control;
/// `impl`s that do not fit their traits or each other, and infinite types.
mod declarations;
/// Methods, fields and elements: unknown, private or used in the wrong way.
mod members;
/// Types that do not implement a trait that is required.
mod traits;
/// Operators on types that they do not take.
mod operators;

pub(super) use constants::*;
pub use constants::{constant_panics, endless_constant, slow_constant};
pub(super) use control::*;
pub(super) use declarations::*;
pub(super) use members::*;
pub(super) use mismatch::*;
pub(super) use operators::*;
pub(super) use traits::*;

use crate::diagnostics::{Applicability, Diagnostic, Fix};
use crate::source::Span;

/// The empty span at the end of a span.
fn after(span: Span) -> Span {
    Span { start: span.end, ..span }
}

/// The empty span at the start of a span.
fn before(span: Span) -> Span {
    Span { end: span.start, ..span }
}

/// A fix that is likely what the user meant.
fn likely(message: impl Into<String>, span: Span, replacement: impl Into<String>) -> Fix {
    Fix {
        message: message.into(),
        span,
        replacement: replacement.into(),
        applicability: Applicability::Likely,
    }
}

fn with_suggestion(error: Diagnostic, span: Span, suggestion: Option<&str>) -> Diagnostic {
    match suggestion {
        Some(name) => error.with_fix(likely(format!("did you mean `{name}`?"), span, name)),
        None => error,
    }
}

/// "one argument", "3 arguments"
pub(in crate::check) fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("one {what}"),
        more => format!("{more} {what}s"),
    }
}

/// "`a`, `b` and `c`"
fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
