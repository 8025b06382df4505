//! Operators on two values. A chain of them may be as long as the source, so it is walked in a loop.

use super::errors;
use super::expect::{Expected, Reason};
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{BinaryOp, ExprId, ExprKind, not_supported};
use crate::types::Type;

/// What an operator takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `+`: `Int`, `Float`, `String`
    Add,
    /// `- * / %`: `Int`, `Float`
    Arithmetic,
    /// Wrapping arithmetic, bits and shifts: `Int`
    Integer,
    /// `== !=`
    Equality,
    /// `< <= > >=`
    Order,
}

impl Checker<'_> {
    /// The type of a chain of operators; every operator in it gets its own.
    pub fn chain(&mut self, expr: ExprId) -> Term {
        let mut spine = self.body.left_spine(expr);
        let first = spine.pop().expect("BUG: an empty chain");
        let expected = match spine.last().map(|&above| &self.body.exprs[above].kind) {
            Some(ExprKind::Logical(op, ..)) => self.operand_of(op.symbol()),
            _ => Expected::Anything,
        };
        let mut left = self.expr(first, expected);
        let mut left_expr = first;
        for &at in spine.iter().rev() {
            left = match self.body.exprs[at].kind {
                ExprKind::Binary(op, _, right) => self.binary(op, (left_expr, left), right),
                ExprKind::Logical(op, _, right) => {
                    let expected = self.operand_of(op.symbol());
                    if left_expr != first {
                        self.coerce(left_expr, left, expected);
                    }
                    self.expr(right, expected);
                    self.terms.bool
                }
                _ => unreachable!("BUG: a chain of operators holds something else"),
            };
            self.exprs[at] = left;
            left_expr = at;
        }
        left
    }

    fn operand_of(&self, symbol: &'static str) -> Expected {
        Expected::Type(self.terms.bool, Reason::Operand(symbol))
    }

    fn binary(&mut self, op: BinaryOp, (left, left_type): (ExprId, Term), right: ExprId) -> Term {
        let right_type = self.expr(right, Expected::Anything);
        let class = class(op);
        let is_comparison = matches!(class, Class::Equality | Class::Order);
        let on_error = if is_comparison { self.terms.bool } else { self.terms.error };
        let (left_shape, right_shape) = match (self.terms.shape(left_type), self.terms.shape(right_type)) {
            (Shape::Type(left), Shape::Type(right)) => (left, right),
            _ => return on_error,
        };
        match (&left_shape, &right_shape) {
            (Type::Never, _) => return if is_comparison { on_error } else { right_type },
            (_, Type::Never) => return if is_comparison { on_error } else { left_type },
            _ => {}
        }
        let span = self.span(left).to(self.span(right));
        let (left_text, right_text) =
            (self.terms.display(left_type).to_string(), self.terms.display(right_type).to_string());
        if !self.terms.unify(left_type, right_type) {
            // A side that the operator never takes is the mistake, whatever stands on the other.
            let sides = [(left, &left_shape, &left_text), (right, &right_shape, &right_text)];
            if let Some((expr, ty, text)) =
                sides.into_iter().find(|(_, ty, _)| matches!(takes(class, ty), Takes::No))
            {
                self.report(errors::operator_on(op, (self.span(expr), "this is"), text, ty));
                return on_error;
            }
            let sides = [(left, &left_shape, left_text), (right, &right_shape, right_text)]
                .map(|(expr, ty, text)| errors::Side { expr: &self.body.exprs[expr], ty, text });
            self.report(errors::operand_types(op, span, sides));
            return on_error;
        }
        match takes(class, &left_shape) {
            Takes::Yes if is_comparison => self.terms.bool,
            Takes::Yes => left_type,
            Takes::NotYet => {
                self.report(not_supported(&format!("`{}` on `{left_text}`", op.symbol()), span));
                on_error
            }
            Takes::No => {
                self.report(errors::operator_on(op, (span, "both sides are"), &left_text, &left_shape));
                on_error
            }
        }
    }
}

fn class(op: BinaryOp) -> Class {
    match op {
        BinaryOp::Add => Class::Add,
        BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => Class::Arithmetic,
        BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight => Class::Integer,
        BinaryOp::Equal | BinaryOp::NotEqual => Class::Equality,
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => Class::Order,
    }
}

enum Takes {
    Yes,
    No,
    NotYet,
}

fn takes(class: Class, ty: &Type<Term>) -> Takes {
    match (class, ty) {
        (_, Type::Int) => Takes::Yes,
        (Class::Add | Class::Arithmetic | Class::Equality | Class::Order, Type::Float) => Takes::Yes,
        (Class::Add | Class::Equality | Class::Order, Type::String) => Takes::Yes,
        (Class::Equality | Class::Order, Type::Bool) | (Class::Equality, Type::Unit) => Takes::Yes,
        (Class::Add | Class::Equality | Class::Order, Type::Array(_)) | (Class::Equality, Type::Task(_)) => {
            Takes::NotYet
        }
        (Class::Order, Type::Unit) => Takes::NotYet,
        (Class::Add | Class::Arithmetic, Type::Unit | Type::Bool | Type::Task(_))
        | (Class::Arithmetic, Type::String | Type::Array(_))
        | (Class::Integer, _)
        | (Class::Order, Type::Task(_))
        | (_, Type::Never) => Takes::No,
    }
}
