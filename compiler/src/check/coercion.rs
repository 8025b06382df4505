//! Coercion of a value to the expected type. The message about a mismatch names the expected type and the reason why it
//! is expected.

use super::body_state::{Expected, Reason};
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{ExprId, ExprKind, LoopKind};

impl Checker<'_> {
    /// Requires that a value of type `actual` meets the expectation, and reports an error if not. Returns the type that
    /// the expression then has.
    pub fn coerce(&mut self, expr: ExprId, actual: Term, expected: Expected) -> Term {
        let (wanted, reason) = match expected {
            Expected::Anything => return actual,
            Expected::Discarded if self.terms.is_never(actual) => return actual,
            Expected::Discarded => {
                // The type argument of a discarded `None` may stay unknown; it then becomes `()`.
                if let (ExprKind::Variant { .. }, Shape::Type(ty)) =
                    (self.kind(expr), self.terms.shape(actual))
                {
                    self.never_given.extend(ty.parts());
                }
                return self.terms.unit;
            }
            Expected::Type(wanted, reason) => (wanted, reason),
        };
        if self.terms.is_never(actual) {
            if self.terms.is_variable(wanted) {
                self.never_given.push(wanted);
            }
            return actual;
        }
        if self.terms.is_never(wanted) || self.terms.unify_coercing(actual, wanted) {
            return actual;
        }
        self.mismatch(expr, actual, wanted, reason);
        self.terms.error
    }

    /// Reports an expression of the wrong type.
    pub fn mismatch(&mut self, expr: ExprId, actual: Term, wanted: Term, reason: Reason) {
        let span = self.body.exprs[expr].span;
        let found = self.terms.text(actual);
        let wanted_text = self.terms.text(wanted);
        let mut error = errors::mismatch(span, &found, &wanted_text, reason);
        if let Some(note) = self.why_unit(expr, &wanted_text).filter(|_| self.terms.is_unit(actual)) {
            error = error.with_note(note);
        }
        if let (Shape::Type(from), Shape::Type(to)) = (self.terms.shape(actual), self.terms.shape(wanted)) {
            error = errors::with_conversion(error, &self.body.exprs[expr], &from, &to, &self.terms);
        }
        if self.terms.is_endless(actual, wanted) {
            error = error.with_note("one of the two types would contain itself");
        }
        self.report(error);
    }

    /// The reason why an expression has no value, if the reason is not obvious.
    fn why_unit(&self, expr: ExprId, wanted: &str) -> Option<String> {
        let note = match &self.body.exprs[expr].kind {
            ExprKind::Call(..) | ExprKind::CallMethod { .. } | ExprKind::CallAssociated { .. } => {
                let function = &self.hir.functions[self.calls.get(&expr)?.function];
                let in_program = !self.hir.modules[function.module].library;
                return (in_program && function.result_span.is_none()).then(|| {
                    let name = &function.name;
                    format!("`{name}` is declared without a result: to return a value declare it with `-> {wanted}`")
                });
            }
            ExprKind::If { otherwise: None, .. } => {
                Some("an `if` without `else` has no value: add an `else`")
            }
            ExprKind::Loop(id, _) | ExprKind::For { id, .. } => match self.body.loops[*id].kind {
                LoopKind::Loop => None,
                LoopKind::While => Some("a `while` has no value: it may end without a `break`"),
                LoopKind::For => Some("a `for` has no value: it may end without a `break`"),
            },
            ExprKind::Assign { .. } => Some("an assignment has no value; to compare write `==`"),
            _ => None,
        };
        note.map(str::to_string)
    }
}
