//! Errors about control flow and `main`.

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
            .with_note("a `for` needs a value that implements `Iter`, or whose method `iter()` returns one"),
    }
}

pub(in crate::check) fn try_on(span: Span, found: &str) -> Diagnostic {
    let message = format!("`?` needs an `Option` or a `Result`, but this is `{found}`");
    Diagnostic::error(Code("E0220"), message, span, format!("this is `{found}`"))
}

/// A `?` in a function that cannot return the `None` or `Err`.
pub(in crate::check) fn try_result(
    mark: Span,
    (value, found): (Span, &str),
    wanted: &str,
    reason: Reason,
    in_main: bool,
) -> Diagnostic {
    if let Reason::Generator = reason {
        let message = format!("`?` on `{found}` cannot leave a `gen fn`");
        return Diagnostic::error(Code("E0220"), message, mark, "would end the generator here")
            .with_label(value, format!("this is `{found}`"))
            .with_note(
                "a generator ends without a value: `match` this, and end the generator with `return`",
            );
    }
    let message = format!("`?` on `{found}` cannot return from a function whose result is `{wanted}`");
    let error = Diagnostic::error(Code("E0220"), message, mark, "returns early from here")
        .with_label(value, format!("this is `{found}`"));
    let error = because(error, wanted, reason);
    if in_main {
        return error.with_note("declare `main` with a result: `fn main() -> Result[(), String]`");
    }
    let (is_result, wants_result) = (found.starts_with("Result["), wanted.starts_with("Result["));
    match (is_result, wants_result, found.ends_with('?'), wanted.ends_with('?')) {
        (true, true, ..) => {
            let note = "the errors must have one type: `.map_err(f)` converts the error, and so does `?` itself with \
                        an `impl From[A] for B`";
            error.with_note(note)
        }
        (true, _, _, true) => error.with_note("turn the `Result` into an `Option` with a `match`"),
        (_, true, true, _) => error.with_note("give the error: `.ok_or(error)?`"),
        _ => error.with_note("let the function return an `Option` or a `Result`, or `match` the value"),
    }
}

/// The block after the `else` of a `let` that does not leave.
pub(in crate::check) fn else_does_not_leave(block: Span, pattern: Span) -> Diagnostic {
    let brace = Span { start: block.end.saturating_sub(1).max(block.start), ..block };
    let message = "the block after the `else` of a `let` must leave: there is no value to go on with";
    Diagnostic::error(Code("E0243"), message, brace, "goes on here")
        .with_label(pattern, "this pattern has not matched")
        .with_note("end the block with `return`, `break`, `continue` or `panic(message)`")
}

pub(in crate::check) fn main_parameters(span: Span) -> Diagnostic {
    let message = "`main` takes no parameters, or the arguments as one `[String]`";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

pub(in crate::check) fn main_result(span: Span) -> Diagnostic {
    let message = "`main` returns nothing, the exit status as an `Int`, or a `Result[(), String]`";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

pub(in crate::check) fn main_generic(span: Span) -> Diagnostic {
    let message = "`main` cannot have type parameters";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

/// An arm of a `select` that receives from or sends on a value other than a channel.
pub(in crate::check) fn select_on(span: Span, found: &str) -> Diagnostic {
    let message = format!("a `select` waits for channels, but this is `{found}`");
    Diagnostic::error(Code("E0230"), message, span, format!("this is `{found}`"))
        .with_note("make a channel with `chan(capacity)`")
}

/// Code after a statement that never completes.
pub(in crate::check) fn unreachable(span: Span, because: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0003"), "this code is never reached", span, "never reached")
        .with_label(because, "the code after this never runs")
}
