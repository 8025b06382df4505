//! Binary operators. A chain of operators may be as long as the source, so it is checked in a loop.

use super::body_state::{Cause, Expected, Obligation, Reason};
use super::bounds::Answer;
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{BinaryOp, ExprId, ExprKind};
use crate::source::Span;
use crate::types::Type;

/// The class of an operator, by the operands that it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// `+`: `Int`, `Byte`, `Float`, `String`, arrays, types with `Add`
    Add,
    /// `- * / %`: `Int`, `Byte`, `Float`, types with `Sub`, `Mul`, `Div`, `Rem`
    Arithmetic,
    /// Wrapping arithmetic, bits and shifts: `Int`, `Byte`
    Integer,
    /// `== !=`: types with `Eq`
    Equality,
    /// `< <= > >=`: types with `Ord`
    Order,
}

impl Checker<'_> {
    /// Checks a chain of operators: records the type of every operator, and returns the type of the whole chain.
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

    /// Checks an operator whose left operand has been checked.
    pub fn binary(&mut self, op: BinaryOp, (left, left_type): (ExprId, Term), right: ExprId) -> Term {
        // The left operand tells which enum a variant's name means.
        let is_shared = matches!(self.body.exprs[right].kind, ExprKind::Shared(_));
        let expected = match is_shared && !self.terms.is_never(left_type) {
            true => Expected::Type(left_type, Reason::Compared(self.span(left))),
            false => Expected::Anything,
        };
        let right_type = self.expr(right, expected);
        let is_comparison = matches!(class(op), Class::Equality | Class::Order);
        let on_error = if is_comparison { self.terms.bool } else { self.terms.error };
        if self.terms.is_error(left_type) || self.terms.is_error(right_type) {
            return on_error;
        }
        if self.terms.is_never(left_type) {
            return if is_comparison { on_error } else { right_type };
        }
        if self.terms.is_never(right_type) {
            return if is_comparison { on_error } else { left_type };
        }
        let shapes = [left_type, right_type].map(|ty| self.terms.shape(ty));
        if let ([Shape::Type(Type::Byte), Shape::Type(Type::Int)], true) = (shapes, is_shift(op)) {
            // The right operand of a shift counts bits, so it may be an `Int` even if the left operand is a `Byte`.
            return left_type;
        }
        if !self.terms.unify(left_type, right_type) {
            self.different_sides(op, (left, left_type), (right, right_type));
            return on_error;
        }
        let span = self.span(left).to(self.span(right));
        let before = self.diagnostics.len();
        self.decide_or_defer(Obligation::Binary { op, ty: left_type, span });
        match (is_comparison, self.diagnostics.len() > before) {
            (true, _) | (_, true) => on_error,
            (false, false) => left_type,
        }
    }

    /// Reports operands of different types. If the operator never takes one of the types, only that operand is
    /// reported.
    fn different_sides(&mut self, op: BinaryOp, left: (ExprId, Term), right: (ExprId, Term)) {
        let sides = [left, right].map(|(expr, ty)| (expr, ty, self.terms.shape(ty), self.terms.text(ty)));
        for (expr, side, shape, text) in &sides {
            if let Shape::Type(ty) = shape
                && self.never_takes(op, *side, ty)
            {
                let error = errors::operator_on(op, (self.span(*expr), "this is"), text, ty, &self.terms);
                self.report(error);
                return;
            }
        }
        let span = self.span(left.0).to(self.span(right.0));
        let [left, right] = &sides;
        let side = |(expr, _, shape, text): &(ExprId, Term, Shape, String)| errors::Side {
            expr: &self.body.exprs[*expr],
            ty: match shape {
                Shape::Type(ty) => Some(ty.clone()),
                Shape::Variable | Shape::Error => None,
            },
            text: text.clone(),
        };
        let error = errors::operand_types(op, span, [side(left), side(right)], &self.terms);
        self.report(error);
    }

    /// Whether the operator takes no operands of a type: neither by itself nor by the operator's trait.
    fn never_takes(&mut self, op: BinaryOp, ty: Term, shape: &Type<Term>) -> bool {
        match (takes(op, shape), self.hir.lang_items.operators.of_binary(op)) {
            (Takes::No, _) => true,
            (Takes::ByTrait, Some(of)) => matches!(self.terms.holds(ty, of, &[]), Answer::No(_)),
            (Takes::ByTrait, None) | (Takes::Yes, _) => false,
        }
    }

    /// Requires that the operator takes the type of its operands, and reports an error if not. Returns `false` if the
    /// type is not known yet.
    pub fn operator_takes(&mut self, op: BinaryOp, ty: Term, span: Span) -> bool {
        let class = class(op);
        let items = &self.hir.lang_items;
        let of = match class {
            Class::Equality => Some(items.eq),
            Class::Order => Some(items.ord),
            Class::Add | Class::Arithmetic | Class::Integer => None,
        };
        if let Some(of) = of {
            self.require(ty, of, Vec::new(), Cause::Operator { op, span });
            return true;
        }
        match self.terms.shape(ty) {
            Shape::Variable => false,
            Shape::Error => true,
            Shape::Type(shape) => {
                let refusal = match (takes(op, &shape), items.operators.of_binary(op)) {
                    (Takes::Yes, _) => return true,
                    (Takes::ByTrait, Some(of)) => match self.terms.holds(ty, of, &[]) {
                        Answer::Yes => return true,
                        Answer::Unknown => return false,
                        Answer::No(refusal) => Some(refusal),
                    },
                    (Takes::No, _) | (Takes::ByTrait, None) => None,
                };
                let error = match refusal {
                    // A part of the type lacks the trait.
                    Some(refusal) if self.terms.find(refusal.ty) != self.terms.find(ty) => {
                        let cause = Cause::Operand { op: op.symbol(), who: "both sides are", span };
                        errors::not_implemented(&self.terms, ty, &refusal, cause)
                    }
                    Some(_) | None => {
                        let text = self.terms.text(ty);
                        errors::operator_on(op, (span, "both sides are"), &text, &shape, &self.terms)
                    }
                };
                self.report(error);
                true
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
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical => Class::Integer,
        BinaryOp::Equal | BinaryOp::NotEqual => Class::Equality,
        BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => Class::Order,
    }
}

fn is_shift(op: BinaryOp) -> bool {
    matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightLogical)
}

enum Takes {
    Yes,
    No,
    /// The operator takes the type if the type implements the operator's trait.
    ByTrait,
}

fn takes(op: BinaryOp, ty: &Type<Term>) -> Takes {
    let is_compared = !matches!(ty, Type::Function { .. } | Type::Task(_) | Type::Generator(_));
    match class(op) {
        Class::Equality | Class::Order if is_compared => Takes::ByTrait,
        Class::Equality | Class::Order => Takes::No,
        Class::Add | Class::Arithmetic | Class::Integer if op.is_built_in(ty) => Takes::Yes,
        Class::Add | Class::Arithmetic => Takes::ByTrait,
        Class::Integer => Takes::No,
    }
}
