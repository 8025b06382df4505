//! `scope`: every way out of its block closes it first.

use weft_abi::RuntimeFunction;

use super::body::{Computed, Lowering, Place, UNIT};
use crate::hir::ExprId;
use crate::mir::{Rvalue, WaitOp};
use crate::source::Span;

impl Lowering<'_, '_> {
    /// `scope { block }`. Its value waits until the threads have ended, so nothing in it is a tail call.
    pub fn scope(&mut self, expr: ExprId, block: ExprId, place: Place) {
        let span = self.span(expr);
        if self.graph.is_reachable() {
            self.graph.push(None, Rvalue::Runtime(RuntimeFunction::ScopeOpen, Vec::new()), span);
        }
        self.open_scopes += 1;
        let value = match place {
            Place::Return => Some(self.held(block)),
            Place::Discard | Place::Local(_) => {
                self.lower_into(block, place);
                None
            }
        };
        self.open_scopes -= 1;
        self.close_scope(span);
        if let Some(value) = value
            && self.graph.is_reachable()
        {
            self.deliver(value, expr, place);
        }
    }

    /// Closes the scopes that a way out leads through: all but the first `kept`.
    pub fn close_scopes(&mut self, kept: usize, span: Span) {
        for _ in kept..self.open_scopes {
            self.close_scope(span);
        }
    }

    /// The value of an expression that is brought to its place only when the scopes around it are closed.
    pub fn held(&mut self, expr: ExprId) -> Computed {
        let value = self.stable_value(expr);
        if self.graph.is_reachable() { Computed::Operand(value) } else { UNIT }
    }

    fn close_scope(&mut self, span: Span) {
        if self.graph.is_reachable() {
            let leave = self.programme.of_thread(WaitOp::LeaveScope);
            self.graph.push(None, leave, span);
        }
    }
}
