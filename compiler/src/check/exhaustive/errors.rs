//! Errors about a `match`: a missing case, an arm that is never reached. `mod.rs` reports them.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// The construct whose pattern must match every value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Binder {
    Let,
    For,
    Parameter,
}

pub(super) fn not_exhaustive(span: Span, witnesses: &[String], guarded: bool) -> Diagnostic {
    const SHOWN: usize = 3;
    let shown: Vec<_> = witnesses.iter().take(SHOWN).map(|witness| format!("`{witness}`")).collect();
    let list = match (shown.as_slice(), witnesses.len().saturating_sub(SHOWN)) {
        ([only], _) => only.clone(),
        (_, 0) => {
            let (last, others) = shown.split_last().expect("BUG: a match that misses nothing is reported");
            format!("{} and {last}", others.join(", "))
        }
        (_, more) => format!("{} and {more} more", shown.join(", ")),
    };
    let is = if witnesses.len() == 1 { "is" } else { "are" };
    let head = Span { end: (span.start + "match".len() as u32).min(span.end), ..span };
    let error = Diagnostic::error(
        Code("E0240"),
        format!("this `match` does not cover every case: {list} {is} missing"),
        head,
        format!("{list} {is} not covered"),
    )
    .with_note("add an arm for it, or `_ =>` for all other values");
    match guarded {
        true => error.with_note("an arm with a guard (`if`) does not count: the guard may be false"),
        false => error,
    }
}

pub(super) fn refutable(span: Span, witness: &str, binder: Binder) -> Diagnostic {
    let (place, note) = match binder {
        Binder::Let => {
            ("a `let`", "handle the other values with `else { }` after the `let`, `if let` or `match`")
        }
        Binder::For => ("a `for`", "bind the whole element and `match` it in the loop"),
        Binder::Parameter => ("a parameter", "bind the whole value and `match` it in the body"),
    };
    Diagnostic::error(
        Code("E0241"),
        format!("the pattern of {place} must match every value, and this one does not match `{witness}`"),
        span,
        format!("`{witness}` is not covered"),
    )
    .with_note(note)
}

pub(super) fn too_complex(span: Span) -> Diagnostic {
    Diagnostic::error(
        Code("E0242"),
        "this `match` has too many combinations of patterns",
        span,
        "split this into several matches",
    )
}

/// A `let` with an `else` whose pattern matches every value.
pub(super) fn unreachable_else(block: Span, pattern: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0010"), "this `else` is never reached", block, "never runs")
        .with_label(pattern, "this pattern matches every value")
}

pub(super) fn unreachable_arm(span: Span) -> Diagnostic {
    Diagnostic::warning(
        Code("W0010"),
        "this arm is never reached",
        span,
        "the arms before it match all its values",
    )
}
