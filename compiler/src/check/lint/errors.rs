//! The texts of the warnings.

use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;

fn insert(message: impl Into<String>, span: Span, text: impl Into<String>) -> Fix {
    Fix { message: message.into(), span, replacement: text.into(), applicability: Applicability::Likely }
}

fn before(span: Span) -> Span {
    Span { end: span.start, ..span }
}

fn after(span: Span) -> Span {
    Span { start: span.end, ..span }
}

/// Adds the fix `let _ = `, which discards the value on purpose.
pub(super) fn with_let(warning: Diagnostic, span: Span) -> Diagnostic {
    warning.with_fix(insert("write `let _ = ` before it if this is intended", before(span), "let _ = "))
}

/// Adds the note for a value at the end of a function that is declared without a result.
pub(super) fn with_result(warning: Diagnostic, ty: &str) -> Diagnostic {
    warning.with_note(format!("to return it, declare the function with a result: `-> {ty}`"))
}

/// Adds the note for a value at the end of a `gen fn`.
pub(super) fn with_yield(warning: Diagnostic) -> Diagnostic {
    warning.with_note("to give it as an element, write `yield` before it")
}

pub(super) fn unused_value(span: Span, comparison: bool) -> Diagnostic {
    let warning = Diagnostic::warning(Code("W0004"), "this value is not used", span, "has no effect");
    match comparison {
        true => warning.with_note("to assign write `=`"),
        false => warning,
    }
}

/// `variable` is the `var` on which the method was called, if the result could be assigned to it.
pub(super) fn unused_call(span: Span, name: &str, variable: Option<&str>) -> Diagnostic {
    let message = format!("the result of `{name}` is not used");
    let warning = Diagnostic::warning(Code("W0004"), message, span, "only computes a value");
    match variable {
        Some(variable) => {
            let message = format!("to change `{variable}` assign the result");
            warning.with_fix(insert(message, before(span), format!("{variable} = ")))
        }
        None => {
            warning.with_note(format!("`{name}` has no other effect: use its result, or remove the call"))
        }
    }
}

pub(super) fn function_not_called(span: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0004"), "this function is not called", span, "this only names the function")
        .with_fix(insert("call it", after(span), "()"))
}

pub(super) fn lambda_not_called(span: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0004"), "this function is never called", span, "its body never runs")
}

pub(super) fn unused_generator(span: Span) -> Diagnostic {
    let label = "a `gen fn` does nothing until it is asked for an element";
    Diagnostic::warning(Code("W0004"), "this generator is never used", span, label)
        .with_note("go through it with `for`, or call `next`")
}

pub(super) fn unused_iterator(span: Span) -> Diagnostic {
    Diagnostic::warning(
        Code("W0004"),
        "this iterator is never used",
        span,
        "an iterator does nothing until it is used",
    )
    .with_note("go through it with `for`, or collect it with `.to_array()`")
}

pub(super) fn unused_result(span: Span) -> Diagnostic {
    Diagnostic::warning(Code("W0006"), "this `Result` is not used", span, "an error would go unnoticed")
        .with_note("pass the error on with `?`, or `match` the result")
}

/// The warning about `f` in `spawn f(x).g()`.
pub(super) fn runs_before_thread(span: Span, name: &str, call: Span, spawn: Span) -> Diagnostic {
    let message = format!("`{name}` runs before the thread starts");
    Diagnostic::warning(Code("W0008"), message, span, "runs in the thread that spawns")
        .with_label(spawn, "only the last call runs in the new thread")
        .with_fix(insert("run all of it in the new thread: `spawn { ... }`", before(call), "{ "))
        .with_fix(insert("and close the block", after(call), " }"))
        .with_note(format!("if `{name}` should run here, bind its result with `let` first"))
}

pub(super) fn locked_twice(what: &str, inner: Span, outer: Span) -> Diagnostic {
    let message = format!("{what} is locked while it is already held");
    Diagnostic::warning(Code("W0009"), message, inner, "this waits forever")
        .with_label(outer, "locked here until the lambda ends")
        .with_note("use the parameter of the outer lambda")
}
