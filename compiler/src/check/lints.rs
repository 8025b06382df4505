//! Warnings that need types.

use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

/// Statements after one that never ends, or always leaves.
pub(super) fn unreachable(span: Span, because: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0003"), "this is never reached", span, "never reached")
        .with_label(because, "this never gives way to what follows")
}

/// A statement that computes a value, has no effect and throws the value away.
pub(super) fn unused_value(span: Span, comparison: bool) -> Diagnostic {
    let warning =
        Diagnostic::warning(Code("W0004"), "this value is not used", span, "has no effect where it stands");
    match comparison {
        true => warning.with_note("`==` compares, `=` assigns"),
        false => warning,
    }
}
