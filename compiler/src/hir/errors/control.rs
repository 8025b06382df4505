//! Errors about assignments, loops, `defer`, `select` and threads.

use super::with_suggestion;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Name;

/// The origin of an immutable variable; the advice in the message depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::hir) enum Immutable {
    Let,
    Parameter,
    LoopVariable,
    /// A variable in a pattern of a `match`, `if let`, `while let` or `select` arm.
    Match,
    /// A variable from outside the spawned thread that contains the assignment.
    Captured,
}

pub(in crate::hir) fn assigned_immutable(name: &Name, bound: Span, how: Immutable) -> Diagnostic {
    let declared = match how {
        Immutable::Let | Immutable::Captured => "bound by `let` here",
        Immutable::Parameter => "a parameter",
        Immutable::Match => "bound by this pattern",
        Immutable::LoopVariable => "bound anew in each iteration of this loop",
    };
    let message = format!("`{name}` cannot be assigned");
    let error =
        Diagnostic::error(Code("E0106"), message, name.span, "assigned here").with_label(bound, declared);
    match how {
        Immutable::Let => error.with_note("to assign it, declare it with `var` instead of `let`"),
        Immutable::Parameter | Immutable::LoopVariable | Immutable::Match => {
            error.with_note(format!("copy it into a variable: `var {name} = {name}`"))
        }
        Immutable::Captured => error
            .with_note("a spawned thread can read the values around it, but not change them")
            .with_note("return the new value from the thread and `join` it"),
    }
}

/// `what`: "a function", "a constant"
pub(in crate::hir) fn assigned_item(name: &Name, what: &str) -> Diagnostic {
    let message = format!("`{name}` is {what} and cannot be assigned");
    Diagnostic::error(Code("E0106"), message, name.span, "not a variable")
}

pub(in crate::hir) fn outside_loop(keyword: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0107"), format!("`{keyword}` outside of a loop"), span, "no loop to act on")
}

pub(in crate::hir) fn loop_outside_thread(
    keyword: &str,
    span: Span,
    target: Span,
    spawn: Span,
) -> Diagnostic {
    let message = format!("`{keyword}` cannot leave the thread that it runs in");
    Diagnostic::error(Code("E0107"), message, span, "inside the spawned thread")
        .with_label(target, "this loop is outside")
        .with_label(spawn, "the thread begins here")
}

pub(in crate::hir) fn loop_outside_lambda(
    keyword: &str,
    span: Span,
    target: Span,
    lambda: Span,
) -> Diagnostic {
    let message = format!("`{keyword}` cannot leave the lambda that contains it");
    Diagnostic::error(Code("E0107"), message, span, "inside the lambda")
        .with_label(target, "this loop is outside")
        .with_label(lambda, "the lambda may be called after the loop has ended")
}

/// `word`: `return`, `break`, `continue` or `?`
pub(in crate::hir) fn leaves_deferred(word: &str, span: Span, defer: Span) -> Diagnostic {
    let message = format!("`{word}` cannot leave a deferred block");
    let error = Diagnostic::error(Code("E0141"), message, span, "would leave the deferred block")
        .with_label(defer, "deferred here: it runs while the block around it is being left");
    match word {
        "?" => {
            error.with_note("handle the error in the block: `match` it, or write `let _ = ...` to ignore it")
        }
        _ => error.with_note("put the conditional part of the block into an `if`"),
    }
}

/// A construct around a `yield` whose code does not run as part of the generator's body.
#[derive(Clone, Copy)]
pub(in crate::hir) enum YieldInside {
    Lambda,
    Thread,
    Deferred,
    Scope,
}

/// `word`: `yield` or `yield from`
pub(in crate::hir) fn yield_inside(word: &str, span: Span, inside: YieldInside, around: Span) -> Diagnostic {
    let (what, label, note) = match inside {
        YieldInside::Lambda => (
            "a lambda",
            "the lambda is a function of its own",
            "only the body of the `gen fn` itself gives elements: use a `for`, or `yield` what the lambda returns",
        ),
        YieldInside::Thread => (
            "a spawned thread",
            "the thread begins here",
            "only the body of the `gen fn` itself gives elements: let the thread send them on a channel",
        ),
        YieldInside::Deferred => (
            "a deferred block",
            "deferred here: it runs when the generator ends",
            "a generator that ends gives no more elements: `yield` before it ends",
        ),
        YieldInside::Scope => (
            "a `scope`",
            "the scope ends in the thread in which it began",
            "each element may be asked for by another thread: end the `scope` before the `yield`",
        ),
    };
    let message = format!("`{word}` with a value cannot be inside {what}");
    let message = if word == "yield" { message } else { format!("`{word}` cannot be inside {what}") };
    Diagnostic::error(Code("E0144"), message, span, format!("inside {what}"))
        .with_label(around, label)
        .with_note(note)
}

/// `word`: `yield` or `yield from`
pub(in crate::hir) fn yield_outside(word: &str, span: Span, function: Option<Span>) -> Diagnostic {
    let what = if word == "yield" { "`yield` with a value" } else { "`yield from`" };
    let message = format!("{what} outside of a `gen fn`");
    let error = Diagnostic::error(Code("E0144"), message, span, "not in a `gen fn`")
        .with_note("a `yield` without a value lets another green thread run");
    match function {
        Some(name) => error.with_label(name, "to make this a generator, write `gen fn`"),
        None => error,
    }
}

pub(in crate::hir) fn generator_without_element(name: &Name) -> Diagnostic {
    let message = format!("the `gen fn` `{name}` does not say what its elements are");
    Diagnostic::error(Code("E0145"), message, name.span, "add `-> T` after the parameters")
        .with_note("the type after the arrow of a `gen fn` is the type of one element")
}

pub(in crate::hir) fn unknown_label(label: &Name, suggestion: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(
        Code("E0108"),
        format!("there is no loop labelled `{label}` here"),
        label.span,
        "no loop around this has this label",
    );
    with_suggestion(error, label.span, suggestion)
}

pub(in crate::hir) fn break_with_value(value: Span, keyword: Span, loop_word: &str) -> Diagnostic {
    let message = format!("`break` out of a `{loop_word}` cannot carry a value");
    Diagnostic::error(Code("E0109"), message, value, "this value cannot be used")
        .with_label(keyword, format!("a `{loop_word}` may also end without a `break`"))
        .with_note("only `loop` has a value")
}

pub(in crate::hir) fn captured_var(name: &Name, bound: Span, spawn: Span) -> Diagnostic {
    let message = format!("a spawned thread cannot use the variable `{name}`");
    Diagnostic::error(Code("E0111"), message, name.span, "used in the thread here")
        .with_label(bound, "a `var`: it may change while the thread runs")
        .with_label(spawn, "the thread begins here")
        .with_note(format!("copy it into a `let` before the `spawn` and use the copy: `let copy = {name}`"))
}

/// `select { }`
pub(in crate::hir) fn select_without_arms(word: Span) -> Diagnostic {
    let message = "this `select` waits for nothing";
    Diagnostic::error(Code("E0139"), message, word, "has no arms")
        .with_note("an arm is `v = c.recv() => ...`, `c.send(x) => ...`, `after 50 => ...` or `else => ...`")
}

pub(in crate::hir) fn second_else(word: Span, first: Span) -> Diagnostic {
    let message = "a `select` can have only one `else`";
    Diagnostic::error(Code("E0139"), message, word, "this arm is never chosen")
        .with_label(first, "the first is here")
}

/// A `select` arm that is neither `c.recv()` nor `c.send(x)`. `called`: the method's name, if the arm is a method call.
pub(in crate::hir) fn select_operation(span: Span, called: Option<&str>) -> Diagnostic {
    let message = "an arm of a `select` must be `c.recv()` or `c.send(x)`";
    let label = match called {
        Some("recv") => "`recv` takes no argument",
        Some("send") => "`send` takes one value",
        _ => "this is neither",
    };
    Diagnostic::error(Code("E0140"), message, span, label)
        .with_note("write a channel's `recv` or `send`, `after` with a time, or `else` before the `=>`")
}

/// `v = c.send(x) => ...`
pub(in crate::hir) fn select_send_binds(bound: Span, operation: Span) -> Diagnostic {
    let message = "a `send` has no value";
    Diagnostic::error(Code("E0140"), message, bound, "there is nothing to bind")
        .with_label(operation, "only `recv` has a value")
}
