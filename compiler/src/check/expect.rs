//! What is expected of an expression, and why: a mismatch tells both.

use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{ExprId, ExprKind};
use crate::source::Span;

/// What is expected of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// Any type.
    Anything,
    /// Nobody wants the value: branches may differ in type, and the type is `()`.
    Discarded,
    /// This type.
    Type(Term, Reason),
}

/// Why a type is expected.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Reason {
    /// `let x: T`
    Annotation(Span),
    /// The function's result. The span is missing when it is `()` for want of an arrow.
    Result(Option<Span>),
    /// A parameter of a function of the program.
    Parameter(Span),
    /// A parameter of a function of the prelude.
    BuiltinParameter(&'static str),
    /// The variable that is assigned.
    Variable(Span),
    /// The condition of an `if` or `while`.
    Condition,
    /// Both sides of `&&` or `||`.
    Operand(&'static str),
    /// An index.
    Index,
    /// The bounds of a range.
    RangeBound,
    /// The first branch of the `if`.
    Branch(Span),
    /// The first `break` of the `loop`.
    Break(Span),
    /// What else the spawned thread returns.
    Thread(Span),
    /// The other value that is compared.
    Compared(Span),
}

impl Checker<'_> {
    /// Whether a value of type `actual` may stand where `expected` is; reports it if not. Gives the type to go on with.
    pub fn coerce(&mut self, expr: ExprId, actual: Term, expected: Expected) -> Term {
        let (wanted, reason) = match expected {
            Expected::Anything => return actual,
            Expected::Discarded if self.terms.is_never(actual) => return actual,
            Expected::Discarded => return self.terms.unit,
            Expected::Type(wanted, reason) => (wanted, reason),
        };
        if self.terms.is_never(actual) || self.terms.is_never(wanted) || self.terms.unify(actual, wanted) {
            return actual;
        }
        self.mismatch(expr, actual, wanted, reason);
        self.terms.error
    }

    /// Reports an expression of the wrong type.
    pub fn mismatch(&mut self, expr: ExprId, actual: Term, wanted: Term, reason: Reason) {
        let span = self.body.exprs[expr].span;
        let found = self.terms.display(actual).to_string();
        let wanted_text = self.terms.display(wanted).to_string();
        let mut error = errors::mismatch(span, &found, &wanted_text, reason);
        if let Some(note) = self.why_unit(expr).filter(|_| self.terms.is_unit(actual)) {
            error = error.with_note(note);
        }
        if let (Shape::Type(from), Shape::Type(to)) = (self.terms.shape(actual), self.terms.shape(wanted)) {
            error = errors::with_conversion(error, &self.body.exprs[expr], &from, &to);
        }
        self.report(error);
    }

    /// Why an expression has no value, where that is not plain to see.
    fn why_unit(&self, expr: ExprId) -> Option<&'static str> {
        match &self.body.exprs[expr].kind {
            ExprKind::If { otherwise: None, .. } => {
                Some("an `if` without `else` has no value: add an `else`")
            }
            ExprKind::Loop(id, _) | ExprKind::For { id, .. } => match self.body.loops[*id].kind {
                crate::hir::LoopKind::Loop => None,
                crate::hir::LoopKind::While => Some("a `while` has no value, for it may end by itself"),
                crate::hir::LoopKind::For => Some("a `for` has no value, for it may end by itself"),
            },
            ExprKind::Assign(..) => Some("an assignment has no value; `==` compares"),
            _ => None,
        }
    }
}
