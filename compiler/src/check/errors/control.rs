//! Loops, `?`, `main`.

use super::super::body_state::Reason;
use super::mismatch::because;
use super::{before, likely};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;

pub(in crate::check) fn not_iterable(span: Span, found: &str, is_int: bool) -> Diagnostic {
    let message = format!("`for` cannot go through a value of type `{found}`");
    let error = Diagnostic::error(Code("E0208"), message, span, format!("this is `{found}`"));
    match is_int {
        true => error.with_fix(likely("count up to it", before(span), "0..")),
        false => error
            .with_note("it goes through what implements `Iter`, or has an `iter()` that gives such a value"),
    }
}

pub(in crate::check) fn try_on(span: Span, found: &str) -> Diagnostic {
    let message = format!("`?` works on `Option` and `Result`, this is `{found}`");
    Diagnostic::error(Code("E0220"), message, span, format!("this is `{found}`"))
}

/// A `?` in a function that cannot return what it gives.
pub(in crate::check) fn try_result(
    mark: Span,
    (value, found): (Span, &str),
    wanted: &str,
    reason: Reason,
    in_main: bool,
) -> Diagnostic {
    let message = format!("`?` on `{found}` cannot leave what gives `{wanted}`");
    let error = Diagnostic::error(Code("E0220"), message, mark, "returns early from here")
        .with_label(value, format!("this is `{found}`"));
    let error = because(error, wanted, reason);
    if in_main {
        return error.with_note("`main` may give a `Result[(), String]`: `fn main() -> Result[(), String]`");
    }
    let (is_result, wants_result) = (found.starts_with("Result["), wanted.starts_with("Result["));
    match (is_result, wants_result, found.ends_with('?'), wanted.ends_with('?')) {
        (true, true, ..) => {
            error.with_note("the errors must be of one type: `.map_err(f)` makes another of this")
        }
        (true, _, _, true) => error.with_note("a `Result` becomes an `Option` by a `match`"),
        (_, true, true, _) => {
            error.with_note("an `Option` becomes a `Result` by a `match` that says the error")
        }
        _ => error
            .with_note("what is around it must give an `Option` or a `Result` as well; or `match` the value"),
    }
}

pub(in crate::check) fn main_parameters(span: Span) -> Diagnostic {
    let message = "`main` takes nothing, or the arguments as one `[String]`";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

pub(in crate::check) fn main_result(span: Span) -> Diagnostic {
    let message = "`main` returns nothing, the exit status as an `Int`, or a `Result[(), String]`";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

pub(in crate::check) fn main_generic(span: Span) -> Diagnostic {
    let message = "`main` takes no type parameters: the system calls it";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

/// An arm of a `select` that receives from, or sends on, something else.
pub(in crate::check) fn select_on(span: Span, found: &str) -> Diagnostic {
    let message = format!("a `select` waits for channels, and `{found}` is none");
    Diagnostic::error(Code("E0230"), message, span, format!("this is `{found}`"))
        .with_note("a channel is made by `chan(capacity)`")
}

/// Statements after one that never ends, or always leaves.
pub(in crate::check) fn unreachable(span: Span, because: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0003"), "this is never reached", span, "never reached")
        .with_label(because, "this never gives way to what follows")
}
