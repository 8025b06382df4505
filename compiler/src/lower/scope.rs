//! `scope`: every way out of its block closes it first.

use super::body::{Computed, Lowering, Place, UNIT};
use super::intrinsics::At;
use crate::hir::{ExprId, Intrinsic};
use crate::mir::Operand;
use crate::source::Span;

impl Lowering<'_, '_> {
    /// `scope { block }`. Its value waits until the threads have ended, so nothing in it is a tail call.
    pub fn scope(&mut self, expr: ExprId, block: ExprId, place: Place) {
        let span = self.span(expr);
        self.scope_operation(Intrinsic::ScopeOpen, span);
        self.open_scopes += 1;
        let value = match place {
            Place::Return => Some(self.held(block)),
            Place::Discard | Place::Local(_) => {
                self.lower_into(block, place);
                None
            }
        };
        self.open_scopes -= 1;
        self.scope_operation(Intrinsic::ScopeClose, span);
        if let Some(value) = value
            && self.graph.is_reachable()
        {
            self.deliver(value, expr, place);
        }
    }

    /// Closes the scopes that a way out leads through: all but the first `kept`.
    pub fn close_scopes(&mut self, kept: usize, span: Span) {
        for _ in kept..self.open_scopes {
            self.scope_operation(Intrinsic::ScopeClose, span);
        }
    }

    /// The value of an expression that is brought to its place only when the scopes around it are closed.
    pub fn held(&mut self, expr: ExprId) -> Computed {
        let value = self.stable_value(expr);
        if self.graph.is_reachable() { Computed::Operand(value) } else { UNIT }
    }

    fn scope_operation(&mut self, intrinsic: Intrinsic, span: Span) {
        if !self.graph.is_reachable() {
            return;
        }
        let mut at = At { programme: self.programme, graph: &mut self.graph, span };
        let operation = at.operation(intrinsic, &[], Vec::<Operand>::new());
        self.graph.push(None, operation, span);
    }
}
