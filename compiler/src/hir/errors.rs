//! What can be wrong with names. One function per error.

use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;

/// The language has it, this compiler does not yet.
pub fn not_supported(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0900"), format!("{what} is not supported yet"), span, "not supported yet")
        .with_note("it is part of the language, and a later version of this compiler will know it")
}

/// A program without `main`; `file` is where the file ends.
pub fn missing_main(file: Span) -> Diagnostic {
    Diagnostic::error(Code("E0101"), "the program has no `main` function", file, "add `fn main() { }`")
        .with_note("a program begins with `main`")
}

pub(super) fn unknown_name(name: &Name, suggestion: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(
        Code("E0102"),
        format!("there is no `{name}` in scope"),
        name.span,
        "nothing of this name is known here",
    );
    with_suggestion(error, name.span, suggestion)
}

pub(super) fn unknown_type(name: &Name, suggestion: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(
        Code("E0103"),
        format!("there is no type `{name}`"),
        name.span,
        "no type of this name",
    );
    with_suggestion(error, name.span, suggestion)
}

pub(super) fn duplicate_item(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(Code("E0104"), format!("`{name}` is declared twice"), name.span, "declared again here")
        .with_label(first, "first declared here")
        .with_note("functions and types of one file have names of their own; there is no overloading")
}

pub(super) fn duplicate_parameter(name: &Name, first: Span) -> Diagnostic {
    let message = format!("two parameters have the name `{name}`");
    Diagnostic::error(Code("E0105"), message, name.span, "named again here")
        .with_label(first, "first named here")
}

/// How an immutable variable came about, which decides what to advise.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Immutable {
    Let,
    Parameter,
    LoopVariable,
    /// A `let` that a spawned thread reads.
    Captured,
}

pub(super) fn assigned_immutable(name: &Name, bound: Span, how: Immutable) -> Diagnostic {
    let declared = match how {
        Immutable::Let | Immutable::Captured => "bound by `let` here",
        Immutable::Parameter => "a parameter",
        Immutable::LoopVariable => "bound anew in each turn of this loop",
    };
    let message = format!("`{name}` cannot be assigned");
    let error =
        Diagnostic::error(Code("E0106"), message, name.span, "assigned here").with_label(bound, declared);
    match how {
        Immutable::Let => {
            error.with_note("only a variable declared with `var` may be assigned: write `var` for `let`")
        }
        Immutable::Parameter | Immutable::LoopVariable => {
            error.with_note(format!("copy it into a variable of your own: `var {name} = {name}`"))
        }
        Immutable::Captured => error
            .with_note("a spawned thread reads the values around it and cannot change them")
            .with_note("let the thread return the new value, and `join` it"),
    }
}

pub(super) fn assigned_item(name: &Name) -> Diagnostic {
    let message = format!("`{name}` is a function and cannot be assigned");
    Diagnostic::error(Code("E0106"), message, name.span, "not a variable")
}

pub(super) fn outside_loop(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0107"), format!("`{keyword}` outside of a loop"), span, "no loop to act on")
}

pub(super) fn loop_outside_thread(keyword: &str, span: Span, target: Span, spawn: Span) -> Diagnostic {
    let message = format!("`{keyword}` cannot leave the thread that it runs in");
    Diagnostic::error(Code("E0107"), message, span, "inside the spawned thread")
        .with_label(target, "this loop is outside")
        .with_label(spawn, "the thread begins here")
}

pub(super) fn unknown_label(label: &Name, suggestion: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(
        Code("E0108"),
        format!("there is no loop labelled `{label}` here"),
        label.span,
        "no loop around this has that label",
    );
    with_suggestion(error, label.span, suggestion)
}

pub(super) fn break_with_value(value: Span, keyword: Span, loop_word: &str) -> Diagnostic {
    let message = format!("`break` out of a `{loop_word}` cannot carry a value");
    Diagnostic::error(Code("E0109"), message, value, "this value has nowhere to go")
        .with_label(keyword, format!("a `{loop_word}` may also end by itself, then without a value"))
        .with_note("only `loop` has a value")
}

pub(super) fn integer_out_of_range(magnitude: u64, span: Span) -> Diagnostic {
    let message = format!("the integer {magnitude} does not fit `Int`");
    Diagnostic::error(Code("E0110"), message, span, "too large")
        .with_note("`Int` goes from -9223372036854775808 to 9223372036854775807")
}

pub(super) fn captured_var(name: &Name, bound: Span, spawn: Span) -> Diagnostic {
    let message = format!("a spawned thread cannot use the variable `{name}`");
    Diagnostic::error(Code("E0111"), message, name.span, "used in the thread here")
        .with_label(bound, "a `var`: it may change while the thread runs")
        .with_label(spawn, "the thread begins here")
        .with_note(format!("copy it into a `let` before the `spawn`, and use that: `let copy = {name}`"))
}

pub(super) fn type_argument_count(name: &Name, takes: usize, given: usize, span: Span) -> Diagnostic {
    let takes = match takes {
        0 => "takes no type arguments".to_string(),
        1 => "takes one type argument".to_string(),
        more => format!("takes {more} type arguments"),
    };
    let label = match given {
        0 => "none given".to_string(),
        given => format!("{given} given"),
    };
    Diagnostic::error(Code("E0112"), format!("`{name}` {takes}"), span, label)
}

pub(super) fn called_type(name: &Name) -> Diagnostic {
    let message = format!("`{name}` is a type, not a function");
    Diagnostic::error(Code("E0113"), message, name.span, "called here")
}

pub(super) fn type_as_value(name: &Name) -> Diagnostic {
    let message = format!("`{name}` is a type, not a value");
    Diagnostic::error(Code("E0113"), message, name.span, "a value is needed here")
}

pub(super) fn value_as_type(name: &Name, bound: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` is not a type");
    let error = Diagnostic::error(Code("E0103"), message, name.span, "a type is needed here");
    match bound {
        Some(bound) => error.with_label(bound, "a function"),
        None => error,
    }
}

pub(super) fn labelled_argument(label: &Name, value: Span) -> Diagnostic {
    let message = "a function's arguments have no labels";
    let remove = Span { end: value.start, ..label.span };
    Diagnostic::error(Code("E0114"), message, label.span, "labels are for the fields of a struct").with_fix(
        Fix {
            message: format!("remove `{label}:`"),
            span: remove,
            replacement: String::new(),
            applicability: Applicability::Likely,
        },
    )
}

pub(super) fn rest_argument(span: Span) -> Diagnostic {
    let message = "`..` may only stand where a struct is built";
    Diagnostic::error(Code("E0114"), message, span, "a function takes each argument by itself")
}

fn with_suggestion(error: Diagnostic, span: Span, suggestion: Option<&str>) -> Diagnostic {
    match suggestion {
        Some(name) => error.with_fix(Fix {
            message: format!("did you mean `{name}`?"),
            span,
            replacement: name.to_string(),
            applicability: Applicability::Likely,
        }),
        None => error,
    }
}
