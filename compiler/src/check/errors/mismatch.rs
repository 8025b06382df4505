//! Errors about a value of one type where another type is expected.

use super::super::body_state::Reason;
use super::super::infer::{Term, Terms};
use super::{after, counted, likely};
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{Expr, ExprKind};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;

pub(in crate::check) fn mismatch(span: Span, found: &str, wanted: &str, reason: Reason) -> Diagnostic {
    let message = match reason {
        Reason::Condition => format!("a condition must be `{wanted}`, but this is `{found}`"),
        Reason::Operand(op) => format!("`{op}` needs `{wanted}` on both sides, but this is `{found}`"),
        Reason::Index => format!("an index must be `{wanted}`, but this is `{found}`"),
        Reason::RangeBound => format!("the ends of a range must be `{wanted}`, but this is `{found}`"),
        Reason::Format => format!("a number in a format must be `{wanted}`, but this is `{found}`"),
        Reason::BuiltinParameter(name) => format!("`{name}` takes `{wanted}`, but this is `{found}`"),
        Reason::After => {
            format!("the time must be a number of milliseconds, an `{wanted}`, but this is `{found}`")
        }
        Reason::Generator => format!("a `gen fn` cannot return a value, but this is `{found}`"),
        Reason::HandedOn(_) => format!("`yield from` needs a `{wanted}`, but this is `{found}`"),
        Reason::LambdaResult => format!("the lambda must return `{wanted}`, but this is `{found}`"),
        Reason::Annotation(_)
        | Reason::Result(_)
        | Reason::Yielded(_)
        | Reason::Parameter(_)
        | Reason::Called(_)
        | Reason::Field(_)
        | Reason::Rest(_)
        | Reason::Variable(_)
        | Reason::Branch(_)
        | Reason::Element(_)
        | Reason::Break(_)
        | Reason::Thread(_)
        | Reason::Lambda(_)
        | Reason::Compared(_)
        | Reason::Matched(_)
        | Reason::Sent(_) => format!("expected `{wanted}`, found `{found}`"),
    };
    let error = because(
        Diagnostic::error(Code("E0200"), message, span, format!("this is `{found}`")),
        wanted,
        reason,
    );
    match reason {
        Reason::Yielded(_) if found == format!("Gen[{wanted}]") => {
            error.with_note("to hand on its elements write `yield from`")
        }
        Reason::Yielded(_) if wanted == format!("Gen[{found}]") => {
            error.with_note("the type after the arrow of a `gen fn` is the type of one element")
        }
        Reason::HandedOn(_) if !found.starts_with("Gen[") => {
            error.with_note("for anything else that has elements write `for x in ... { yield x }`")
        }
        _ => error,
    }
}

/// Adds the reason for the expected type, if another place of the source determines it.
pub(super) fn because(error: Diagnostic, wanted: &str, reason: Reason) -> Diagnostic {
    let own = error.primary.span;
    match reason {
        Reason::Annotation(span) => error.with_label(span, "because of this type"),
        Reason::Result(Some(span)) => error.with_label(span, "because of this result type"),
        Reason::Result(None) => {
            error.with_note("the function is declared without a result: add `->` and a type")
        }
        Reason::Generator => {
            error.with_note("`yield` gives the elements, and a `return` without a value ends the generator")
        }
        Reason::Yielded(Some(span)) | Reason::HandedOn(Some(span)) => {
            error.with_label(span, "because of this type of the elements")
        }
        Reason::Parameter(span) => error.with_label(span, format!("this parameter is `{wanted}`")),
        Reason::Called(span) => error.with_label(span, "because of the type of this function"),
        Reason::Field(span) => error.with_label(span, format!("this field is `{wanted}`")),
        Reason::Rest(_) => error.with_note(format!("the value after `..` must be a `{wanted}`, too")),
        Reason::Variable(span) if span != own => error.with_label(span, format!("this is `{wanted}`")),
        Reason::Branch(span) if span != own => {
            error.with_label(span, format!("this branch is `{wanted}`, and all branches must have one type"))
        }
        Reason::Element(span) if span != own => {
            error.with_label(span, format!("this element is `{wanted}`, and all elements must have one type"))
        }
        Reason::Break(span) => {
            error.with_label(span, format!("this `break` gives `{wanted}`, and all must give the same type"))
        }
        Reason::Thread(span) if span != own => {
            error.with_label(span, format!("the thread also returns here, with `{wanted}`"))
        }
        Reason::Lambda(span) if span != own => {
            error.with_label(span, format!("the lambda also returns here, with `{wanted}`"))
        }
        Reason::Compared(span) => error.with_label(span, format!("it is compared with this `{wanted}`")),
        Reason::Matched(span) if span != own => error.with_label(span, format!("this is `{wanted}`")),
        Reason::Sent(span) => error.with_label(span, format!("this is a `Chan[{wanted}]`")),
        Reason::Yielded(None)
        | Reason::HandedOn(None)
        | Reason::Branch(_)
        | Reason::Element(_)
        | Reason::Thread(_)
        | Reason::Lambda(_)
        | Reason::LambdaResult
        | Reason::Variable(_)
        | Reason::Matched(_)
        | Reason::Condition
        | Reason::Operand(_)
        | Reason::Index
        | Reason::RangeBound
        | Reason::Format
        | Reason::After
        | Reason::BuiltinParameter(_) => error,
    }
}

pub(in crate::check) fn missing_result(
    function: &Name,
    brace: Span,
    wanted: &str,
    result: Span,
) -> Diagnostic {
    let message = format!("`{function}` must return `{wanted}`, but its body ends without a value");
    Diagnostic::error(Code("E0201"), message, brace, "the body ends here without a value")
        .with_label(result, "because of this result type")
        .with_note("the value of a function is its last expression")
}

pub(in crate::check) fn missing_value(brace: Span, wanted: &str, reason: Reason) -> Diagnostic {
    let message = format!("this block must have a value of type `{wanted}`");
    let error = Diagnostic::error(Code("E0201"), message, brace, "the block ends here without a value");
    because(error, wanted, reason).with_note("the value of a block is its last expression")
}

pub(in crate::check) fn no_value_given(
    word: &'static str,
    span: Span,
    wanted: &str,
    reason: Reason,
) -> Diagnostic {
    let message = format!("this `{word}` needs a value of type `{wanted}`");
    let label = format!("write `{word}` with a value");
    because(Diagnostic::error(Code("E0201"), message, span, label), wanted, reason)
}

pub(in crate::check) fn argument_count(name: &str, takes: usize, given: usize, span: Span) -> Diagnostic {
    let takes = counted(takes, "argument");
    let label = match given {
        0 => "none given".to_string(),
        given => format!("{given} given"),
    };
    let name = match name {
        "this function" => name.to_string(),
        name => format!("`{name}`"),
    };
    Diagnostic::error(Code("E0202"), format!("{name} takes {takes}"), span, label)
}

/// A lambda where a function with another number of parameters is expected.
pub(in crate::check) fn lambda_parameters(span: Span, takes: usize, given: usize) -> Diagnostic {
    let message = format!("this lambda takes {}, but it is called with {given}", counted(takes, "argument"));
    Diagnostic::error(Code("E0202"), message, span, format!("must take {}", counted(given, "argument")))
}

/// Suggests an empty string as the argument that `println()` lacks.
pub(in crate::check) fn with_empty_string(error: Diagnostic, call: Span) -> Diagnostic {
    let at = call.end.saturating_sub(1);
    let span = Span { start: at.max(call.start), end: at, ..call };
    error.with_fix(likely("print an empty string", span, "\"\""))
}

pub(in crate::check) fn pattern_mismatch(
    span: Span,
    found: &str,
    wanted: &str,
    reason: Reason,
) -> Diagnostic {
    let message = format!("this pattern matches `{found}`, but the value is `{wanted}`");
    let error = Diagnostic::error(Code("E0200"), message, span, format!("matches `{found}`"));
    because(error, wanted, reason)
}

pub(in crate::check) fn alternatives_differ(name: &Name, first: &str, second: &str) -> Diagnostic {
    let message = format!("`{name}` is `{first}` in one alternative and `{second}` in another");
    Diagnostic::error(Code("E0200"), message, name.span, "must have one type")
}

pub(in crate::check) fn unknown_variable_type(name: &Name, text: &str, is_plain: bool) -> Diagnostic {
    let message = format!("the type of `{name}` is not known");
    let label = match text {
        "_" => "its type cannot be told from its uses".to_string(),
        text => format!("only `{text}` is known"),
    };
    let error = Diagnostic::error(Code("E0212"), message, name.span, label);
    match is_plain {
        true => error.with_fix(likely(
            "give its type",
            after(name.span),
            format!(": {}", text.replace('_', "Int")),
        )),
        false => error.with_note("write the type where it is bound"),
    }
}

pub(in crate::check) fn unknown_type(span: Span, text: &str) -> Diagnostic {
    let label = match text {
        "_" => "its type is not known at this point".to_string(),
        text => format!("only `{text}` is known"),
    };
    Diagnostic::error(Code("E0212"), "the type of this expression is not known", span, label)
        .with_note("give it a type: `let x: T = ...`, or `|x: T| ...` for a parameter of a lambda")
}

/// A type that is nested more deeply than the compiler allows.
pub(in crate::check) fn type_too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0134"), "the type of this expression is too large", span, "nested too deeply")
        .with_note("declare a `struct` or an `enum` for a part of it")
}

/// A type argument in the call of a generic function that neither the arguments nor the result determine.
pub(in crate::check) fn unknown_type_argument(span: Span, parameter: &Name, function: &Name) -> Diagnostic {
    let message = format!("the type argument `{parameter}` of `{function}` is not known");
    Diagnostic::error(Code("E0212"), message, span, "it cannot be told from the arguments or the result")
        .with_note("give the result a type: `let x: T = ...`")
}

pub(in crate::check) fn unknown_receiver(span: Span, name: &Name) -> Diagnostic {
    let message = format!("`{name}` cannot be found: the type of this expression is not known");
    Diagnostic::error(Code("E0212"), message, span, "its type is not known at this point")
        .with_label(name.span, "needs the type")
        .with_note("write the type where it is bound: `|x: T| ...` or `let x: T = ...`")
}

/// Adds advice on how to convert `from` to `to`, if there is a conversion.
pub(in crate::check) fn with_conversion(
    error: Diagnostic,
    expr: &Expr,
    from: &Type<Term>,
    to: &Type<Term>,
    terms: &Terms<'_>,
) -> Diagnostic {
    let items = &terms.hir.lang_items;
    let method = match (from, to) {
        (Type::Int, Type::Float) => "to_float",
        (Type::Float | Type::Byte | Type::Char, Type::Int) => "to_int",
        (Type::Int, Type::Byte) => "to_byte",
        (Type::Int | Type::Float, Type::String) => "to_string",
        (Type::Bool | Type::Char | Type::Byte, Type::String) => {
            return error.with_note("a string may contain any value: write `\"{value}\"`");
        }
        (Type::Int, Type::Bool) => return error.with_note("write a comparison instead: `n != 0`"),
        (Type::Int, Type::Char) => return error.with_note("`Char.from_int(n)` gives a `Char?`"),
        (Type::String, Type::Char) => return quoted_char(error, expr),
        (Type::Nominal(vec, _), Type::Array(_)) if *vec == items.vec => "freeze",
        (Type::Array(_), Type::Nominal(vec, _)) if *vec == items.vec => "to_vec",
        (Type::Function { share: false, .. }, Type::Function { share: true, .. }) => {
            return error
                .with_note("a `share fn` captures only shareable values; this function may capture others");
        }
        (Type::Nominal(option, parts), _) if *option == items.option && is(terms, parts[0], to) => {
            return error.with_note("it may be `None`: `match` it, or give a default with `.unwrap_or(...)`");
        }
        (Type::Nominal(result, parts), _) if *result == items.result && is(terms, parts[0], to) => {
            return error.with_note("it may be an `Err`: `match` it, or pass the error on with `?`");
        }
        (_, Type::Nominal(option, parts)) if *option == items.option && is(terms, parts[0], from) => {
            return wrapped(error, expr, "Some");
        }
        (_, Type::Nominal(result, parts)) if *result == items.result && is(terms, parts[0], from) => {
            return wrapped(error, expr, "Ok");
        }
        _ => return error,
    };
    converted(error, expr, method, to)
}

fn is(terms: &Terms<'_>, term: Term, ty: &Type<Term>) -> bool {
    match terms.shape(term) {
        super::super::infer::Shape::Type(shape) => shape.map(|_| ()) == ty.map(|_| ()),
        super::super::infer::Shape::Variable => true,
        super::super::infer::Shape::Error => false,
    }
}

/// Suggests a character literal in place of a string: `'a'` for `"a"`.
fn quoted_char(error: Diagnostic, expr: &Expr) -> Diagnostic {
    match &expr.kind {
        ExprKind::String(text) if text.chars().count() == 1 && !text.contains(['\'', '\\', '\n']) => {
            error.with_fix(likely("write a character", expr.span, format!("'{text}'")))
        }
        _ => error.with_note("write a character in single quotes: `'a'`"),
    }
}

fn wrapped(error: Diagnostic, expr: &Expr, variant: &str) -> Diagnostic {
    error
        .with_fix(likely(format!("wrap it in `{variant}`"), super::before(expr.span), format!("{variant}(")))
        .with_fix(likely("and close the parenthesis", after(expr.span), ")"))
}

fn converted(error: Diagnostic, expr: &Expr, method: &str, to: &Type<Term>) -> Diagnostic {
    let end = after(expr.span);
    match (&expr.kind, to) {
        (ExprKind::Int(value), Type::Float) => {
            error.with_fix(likely(format!("write `{value}.0`"), end, ".0"))
        }
        (
            ExprKind::Local(_)
            | ExprKind::Call(..)
            | ExprKind::CallBuiltin(..)
            | ExprKind::CallMethod { .. }
            | ExprKind::CallAssociated { .. }
            | ExprKind::Field(..)
            | ExprKind::Index(..),
            _,
        ) => error.with_fix(likely(format!("convert it: `.{method}()`"), end, format!(".{method}()"))),
        _ => error.with_note(format!("convert it: write `.{method}()` after it")),
    }
}
