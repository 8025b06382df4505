//! Errors about operators on types that they do not take.

use super::super::infer::{Term, Terms};
use super::traits::with_bound;
use super::with_conversion;
use crate::diagnostics::{Code, Diagnostic};
use crate::hir::{BinaryOp, Expr, TraitId, UnaryOp};
use crate::source::Span;
use crate::types::Type;

/// An operand of an operator.
pub(in crate::check) struct Side<'a> {
    pub expr: &'a Expr,
    /// The type of the operand, if it is known.
    pub ty: Option<Type<Term>>,
    pub text: String,
}

pub(in crate::check) fn operand_types(
    op: BinaryOp,
    span: Span,
    [left, right]: [Side<'_>; 2],
    terms: &Terms<'_>,
) -> Diagnostic {
    let message = format!("`{}` needs the same type on both sides", op.symbol());
    let error = Diagnostic::error(Code("E0203"), message, span, "")
        .with_label(left.expr.span, format!("this is `{}`", left.text))
        .with_label(right.expr.span, format!("this is `{}`", right.text));
    match (&left.ty, &right.ty) {
        (Some(to @ Type::Char), Some(from @ Type::String)) => {
            with_conversion(error, right.expr, from, to, terms)
        }
        (Some(from), Some(to @ (Type::Float | Type::String))) => {
            with_conversion(error, left.expr, from, to, terms)
        }
        (Some(to @ (Type::Float | Type::String)), Some(from)) => {
            with_conversion(error, right.expr, from, to, terms)
        }
        (Some(to @ Type::Int), Some(from @ (Type::Byte | Type::Char))) => {
            with_conversion(error, right.expr, from, to, terms)
        }
        (Some(from @ (Type::Byte | Type::Char)), Some(to @ Type::Int)) => {
            with_conversion(error, left.expr, from, to, terms)
        }
        (Some(from), Some(to)) => {
            let error = with_conversion_of_wrapped(error, (left.expr, from), to, terms);
            with_conversion_of_wrapped(error, (right.expr, to), from, terms)
        }
        _ => error,
    }
}

/// Adds advice on how to convert `from` to `to`, if `from` is an `Option` or a `Result`.
fn with_conversion_of_wrapped(
    error: Diagnostic,
    (expr, from): (&Expr, &Type<Term>),
    to: &Type<Term>,
    terms: &Terms<'_>,
) -> Diagnostic {
    let items = &terms.hir.lang_items;
    match from {
        Type::Nominal(nominal, _) if [items.option, items.result].contains(nominal) => {
            with_conversion(error, expr, from, to, terms)
        }
        _ => error,
    }
}

/// An operator on a type that it does not take. The label at `span` is `who` followed by the type.
pub(in crate::check) fn operator_on(
    op: BinaryOp,
    (span, who): (Span, &str),
    found: &str,
    ty: &Type<Term>,
    terms: &Terms<'_>,
) -> Diagnostic {
    let message = format!("`{}` does not work on `{found}`", op.symbol());
    let error = Diagnostic::error(Code("E0204"), message, span, format!("{who} `{found}`"));
    match (op, ty) {
        (BinaryOp::And, Type::Bool) => error.with_note("for `Bool` write `&&`"),
        (BinaryOp::Or, Type::Bool) => error.with_note("for `Bool` write `||`"),
        (BinaryOp::Xor, Type::Bool) => error.with_note("for `Bool` write `!=`"),
        (BinaryOp::Add | BinaryOp::Subtract, Type::Char) => {
            error.with_note("a `Char` is not a number: convert with `.to_int()` and `Char.from_int(n)`")
        }
        (_, Type::Nominal(option, _)) if *option == terms.hir.lang_items.option => {
            error.with_note("it may be `None`: `match` it, or give a default with `.unwrap_or(...)`")
        }
        (_, Type::Parameter(parameter)) => {
            let error = error.with_note(
                "a type parameter has only the operators of its bounds: `Eq` gives `==`, `Add` gives `+`",
            );
            match terms.hir.lang_items.operators.of_binary(op) {
                Some(of) => with_bound(error, terms, *parameter, terms.hir.traits[of].name.as_str()),
                None => error,
            }
        }
        _ => with_operator_trait(error, terms, ty, terms.hir.lang_items.operators.of_binary(op)),
    }
}

/// For a type of the program, adds the trait that defines the operator.
fn with_operator_trait(
    error: Diagnostic,
    terms: &Terms<'_>,
    ty: &Type<Term>,
    of: Option<TraitId>,
) -> Diagnostic {
    match (ty, of) {
        (Type::Nominal(nominal, _), Some(of)) => {
            let (declared, of) = (&terms.hir.nominals[*nominal], &terms.hir.traits[of]);
            match terms.hir.modules[declared.module].library {
                true => error,
                false => error.with_note(format!("`impl {} for {}` defines it", of.name, declared.name)),
            }
        }
        _ => error,
    }
}

pub(in crate::check) fn unary_operand(
    op: UnaryOp,
    ty: &Type<Term>,
    span: Span,
    operand: Span,
    found: &str,
    terms: &Terms<'_>,
) -> Diagnostic {
    let message = format!("`{}` does not work on `{found}`", op.symbol());
    let error =
        Diagnostic::error(Code("E0204"), message, span, "").with_label(operand, format!("this is `{found}`"));
    match (op, ty) {
        (UnaryOp::Not, Type::Int | Type::Byte) => error.with_note("to invert the bits write `~`"),
        (UnaryOp::Complement, Type::Bool) => error.with_note("for `Bool` write `!`"),
        (UnaryOp::Negate, Type::Byte) => error.with_note("a `Byte` has no sign"),
        (UnaryOp::Negate, Type::Parameter(parameter)) => with_bound(error, terms, *parameter, "Neg"),
        _ => with_operator_trait(error, terms, ty, terms.hir.lang_items.operators.of_unary(op)),
    }
}

/// `same` on values that have no identity.
pub(in crate::check) fn no_identity(span: Span, found: &str) -> Diagnostic {
    let message = format!("a value of type `{found}` has no identity");
    Diagnostic::error(Code("E0217"), message, span, format!("this is `{found}`"))
        .with_note("`same` is for structs with `var` fields, `Vec`, `Map` and `Set`; `==` compares contents")
}
