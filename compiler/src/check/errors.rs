//! What can be wrong with types. One function per error.

use super::expect::Reason;
use super::infer::Term;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::hir::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;

pub(super) fn mismatch(span: Span, found: &str, wanted: &str, reason: Reason) -> Diagnostic {
    let message = match reason {
        Reason::Condition => format!("a condition must be `{wanted}`, this is `{found}`"),
        Reason::Operand(op) => format!("`{op}` takes `{wanted}` on both sides, this is `{found}`"),
        Reason::Index => format!("an index must be `{wanted}`, this is `{found}`"),
        Reason::RangeBound => format!("the ends of a range must be `{wanted}`, this is `{found}`"),
        Reason::BuiltinParameter(name) => format!("`{name}` takes `{wanted}`, this is `{found}`"),
        Reason::Annotation(_)
        | Reason::Result(_)
        | Reason::Parameter(_)
        | Reason::Variable(_)
        | Reason::Branch(_)
        | Reason::Break(_)
        | Reason::Thread(_)
        | Reason::Compared(_) => format!("expected `{wanted}`, found `{found}`"),
    };
    because(Diagnostic::error(Code("E0200"), message, span, format!("this is `{found}`")), wanted, reason)
}

/// Tells why a type is expected, where another place of the source says so.
fn because(error: Diagnostic, wanted: &str, reason: Reason) -> Diagnostic {
    match reason {
        Reason::Annotation(span) => error.with_label(span, "because of this type"),
        Reason::Result(Some(span)) => error.with_label(span, "because of this result type"),
        Reason::Result(None) => error.with_note("the function has no result: nothing stands after `->`"),
        Reason::Parameter(span) => error.with_label(span, format!("this parameter is `{wanted}`")),
        Reason::Variable(span) => error.with_label(span, format!("this variable is `{wanted}`")),
        Reason::Branch(span) if span != error.primary.span => {
            error.with_label(span, format!("this branch is `{wanted}`, and all must be of one type"))
        }
        Reason::Break(span) => {
            error.with_label(span, format!("here the loop ends with `{wanted}`, and so it must always"))
        }
        Reason::Thread(span) if span != error.primary.span => {
            error.with_label(span, format!("the thread also returns this, and one of them is `{wanted}`"))
        }
        Reason::Compared(span) => error.with_label(span, format!("it is compared with this `{wanted}`")),
        Reason::Branch(_)
        | Reason::Thread(_)
        | Reason::Condition
        | Reason::Operand(_)
        | Reason::Index
        | Reason::RangeBound
        | Reason::BuiltinParameter(_) => error,
    }
}

pub(super) fn missing_result(function: &Name, brace: Span, wanted: &str, result: Span) -> Diagnostic {
    let message = format!("`{function}` must return `{wanted}`, but its body ends without a value");
    Diagnostic::error(Code("E0201"), message, brace, "no value stands before this")
        .with_label(result, "because of this result type")
        .with_note("the value of a function is its last expression")
}

pub(super) fn missing_value(brace: Span, wanted: &str, reason: Reason) -> Diagnostic {
    let message = format!("this block must have a value of type `{wanted}`");
    let error = Diagnostic::error(Code("E0201"), message, brace, "no value stands before this");
    because(error, wanted, reason).with_note("the value of a block is its last expression")
}

pub(super) fn no_value_given(word: &'static str, span: Span, wanted: &str, reason: Reason) -> Diagnostic {
    let message = format!("this `{word}` needs a value of type `{wanted}`");
    let label = format!("write `{word}` with a value");
    because(Diagnostic::error(Code("E0201"), message, span, label), wanted, reason)
}

pub(super) fn argument_count(name: &str, takes: usize, given: usize, span: Span) -> Diagnostic {
    let takes = match takes {
        0 => "takes no arguments".to_string(),
        1 => "takes one argument".to_string(),
        more => format!("takes {more} arguments"),
    };
    let label = match given {
        0 => "none given".to_string(),
        given => format!("{given} given"),
    };
    Diagnostic::error(Code("E0202"), format!("`{name}` {takes}"), span, label)
}

pub(super) fn not_callable(span: Span, found: &str) -> Diagnostic {
    let message = format!("a value of type `{found}` cannot be called");
    Diagnostic::error(Code("E0211"), message, span, format!("this is `{found}`, not a function"))
}

/// `println()`, where an empty line may be meant.
pub(super) fn with_empty_string(error: Diagnostic, call: Span) -> Diagnostic {
    let span =
        Span { start: call.end.saturating_sub(1).max(call.start), end: call.end.saturating_sub(1), ..call };
    error.with_fix(Fix {
        message: "print an empty string".into(),
        span,
        replacement: "\"\"".into(),
        applicability: Applicability::Likely,
    })
}

/// One operand of an operator.
pub(super) struct Side<'a> {
    pub expr: &'a Expr,
    pub ty: &'a Type<Term>,
    pub text: String,
}

pub(super) fn operand_types(op: BinaryOp, span: Span, [left, right]: [Side<'_>; 2]) -> Diagnostic {
    let message = format!("`{}` needs the same type on both sides", op.symbol());
    let error = Diagnostic::error(Code("E0203"), message, span, "")
        .with_label(left.expr.span, format!("this is `{}`", left.text))
        .with_label(right.expr.span, format!("this is `{}`", right.text));
    match (left.ty, right.ty) {
        (_, Type::Float | Type::String) => with_conversion(error, left.expr, left.ty, right.ty),
        (Type::Float | Type::String, _) => with_conversion(error, right.expr, right.ty, left.ty),
        _ => error,
    }
}

/// `who` is what at `span` has that type.
pub(super) fn operator_on(
    op: BinaryOp,
    (span, who): (Span, &str),
    found: &str,
    ty: &Type<Term>,
) -> Diagnostic {
    let message = format!("`{}` does not work on `{found}`", op.symbol());
    let error = Diagnostic::error(Code("E0204"), message, span, format!("{who} `{found}`"));
    match (op, ty) {
        (BinaryOp::And, Type::Bool) => error.with_note("for `Bool` write `&&`"),
        (BinaryOp::Or, Type::Bool) => error.with_note("for `Bool` write `||`"),
        (BinaryOp::Xor, Type::Bool) => error.with_note("for `Bool` write `!=`"),
        _ => error,
    }
}

pub(super) fn unary_operand(
    op: UnaryOp,
    ty: &Type<Term>,
    span: Span,
    operand: Span,
    found: &str,
) -> Diagnostic {
    let message = format!("`{}` does not work on `{found}`", op.symbol());
    let error =
        Diagnostic::error(Code("E0204"), message, span, "").with_label(operand, format!("this is `{found}`"));
    match (op, ty) {
        (UnaryOp::Not, Type::Int) => error.with_note("to invert the bits of an `Int` write `~`"),
        (UnaryOp::Complement, Type::Bool) => error.with_note("for `Bool` write `!`"),
        _ => error,
    }
}

pub(super) fn unknown_method(
    name: &Name,
    receiver: Span,
    found: &str,
    suggestion: Option<&str>,
) -> Diagnostic {
    let message = format!("`{found}` has no method `{name}`");
    let error = Diagnostic::error(Code("E0205"), message, name.span, "no method of this name")
        .with_label(receiver, format!("this is `{found}`"));
    match suggestion {
        Some(close) => error.with_fix(Fix {
            message: format!("did you mean `{close}`?"),
            span: name.span,
            replacement: close.to_string(),
            applicability: Applicability::Likely,
        }),
        None => error,
    }
}

pub(super) fn unknown_field(name: &Name, span: Span, found: &str) -> Diagnostic {
    let message = format!("`{found}` has no field `{name}`");
    Diagnostic::error(Code("E0206"), message, span, "no field of this name")
}

pub(super) fn method_not_called(name: &Name) -> Diagnostic {
    let end = Span { start: name.span.end, ..name.span };
    Diagnostic::error(Code("E0206"), format!("`{name}` is a method, not a field"), name.span, "not called")
        .with_fix(Fix {
            message: "call it".into(),
            span: end,
            replacement: "()".into(),
            applicability: Applicability::Certain,
        })
}

pub(super) fn not_indexable(span: Span, found: &str, ty: &Type<Term>) -> Diagnostic {
    let message = format!("a value of type `{found}` cannot be indexed");
    let error = Diagnostic::error(Code("E0207"), message, span, format!("this is `{found}`"));
    match ty {
        Type::String => error.with_note("a string is UTF-8, its characters differ in size"),
        _ => error,
    }
}

pub(super) fn not_iterable(span: Span, found: &str, is_int: bool) -> Diagnostic {
    let message = format!("`for` cannot go through a value of type `{found}`");
    let error = Diagnostic::error(Code("E0208"), message, span, format!("this is `{found}`"));
    match is_int {
        true => error.with_fix(Fix {
            message: "count up to it".into(),
            span: Span { end: span.start, ..span },
            replacement: "0..".into(),
            applicability: Applicability::Likely,
        }),
        false => error,
    }
}

pub(super) fn format_misfit(span: Span, found: &str, what: &str, fits: &str) -> Diagnostic {
    let message = format!("this format does not fit `{found}`");
    Diagnostic::error(Code("E0209"), message, span, format!("{what} for {fits}"))
}

pub(super) fn main_parameters(span: Span) -> Diagnostic {
    let message = "`main` takes nothing, or the arguments as one `[String]`";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

pub(super) fn main_result(span: Span) -> Diagnostic {
    let message = "`main` returns nothing, or the exit status as an `Int`";
    Diagnostic::error(Code("E0210"), message, span, "not this")
}

/// Adds what to write to get from one type to another, when there is a way.
pub(super) fn with_conversion(
    error: Diagnostic,
    expr: &Expr,
    from: &Type<Term>,
    to: &Type<Term>,
) -> Diagnostic {
    let method = match (from, to) {
        (Type::Int, Type::Float) => "to_float",
        (Type::Float, Type::Int) => "to_int",
        (Type::Int | Type::Float | Type::Bool, Type::String) => "to_string",
        (Type::Int, Type::Bool) => return error.with_note("there is no conversion: compare, as in `n != 0`"),
        _ => return error,
    };
    let end = Span { start: expr.span.end, ..expr.span };
    let fix = |message: String, replacement: String| Fix {
        message,
        span: end,
        replacement,
        applicability: Applicability::Likely,
    };
    match (&expr.kind, to) {
        (ExprKind::Int(value), Type::Float) => error.with_fix(fix(format!("write `{value}.0`"), ".0".into())),
        (
            ExprKind::Local(_)
            | ExprKind::Call(..)
            | ExprKind::CallBuiltin(..)
            | ExprKind::CallMethod { .. }
            | ExprKind::Index(..),
            _,
        ) => error.with_fix(fix(format!("convert it: `.{method}()`"), format!(".{method}()"))),
        _ => error.with_note(format!("nothing is converted by itself: write `.{method}()` after it")),
    }
}
