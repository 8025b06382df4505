//! Chains of binary operators. A chain may be as long as the source, so it is lowered in a loop.

use super::body::Lowering;
use super::body_state::{Computed, Place};
use crate::hir::{ExprId, ExprKind, LogicalOp};
use crate::mir::{BlockId, Operand, TerminatorKind};
use crate::source::Span;
use crate::types::Type;

impl Lowering<'_, '_> {
    /// Lowers a chain. Unless the last operator is `&&` or `||`, returns its operation, which is not yet computed.
    pub fn chain(&mut self, expr: ExprId) -> Computed {
        let (left, decided) = self.all_but_last(expr);
        self.link(expr, left, decided)
    }

    /// Lowers `left && right` or `left || right` into a place.
    pub fn logical(&mut self, expr: ExprId, op: LogicalOp, right: ExprId, place: Place) {
        let (left, decided) = self.all_but_last(expr);
        self.short_circuit(expr, op, left, right, place, decided);
    }

    /// Lowers all but the last operator of a chain. Returns the last operator's left operand. If logical operators of
    /// the same kind precede the last operator, also returns the block to which they jump once the result is decided.
    /// All operators of `a && b && c && d` share one such block; with a block for each, the graph would nest as deep as
    /// the chain is long.
    fn all_but_last(&mut self, expr: ExprId) -> (Operand, Option<BlockId>) {
        let spine = self.body.left_spine(expr);
        let (&first, operators) = spine.split_last().expect("BUG: an empty chain");
        let mut left = self.first_value(first, operators.last().copied());
        let mut decided = None;
        for link in operators.windows(2).rev() {
            let (next, at) = (link[0], link[1]);
            let computed = match self.body.exprs[at].kind {
                ExprKind::Logical(op, _, right) if self.is_logical(next, op) => {
                    self.unless_decided(op, left, &mut decided, self.span(at));
                    Computed::Operand(self.value(right))
                }
                _ => self.link(at, left, decided.take()),
            };
            let ty = self.type_of(at);
            left = self.settle(computed, ty, self.span(at));
        }
        (left, decided)
    }

    /// Lowers an operator that is not followed by a logical operator of the same kind.
    fn link(&mut self, at: ExprId, left: Operand, decided: Option<BlockId>) -> Computed {
        match self.body.exprs[at].kind {
            ExprKind::Binary(op, left_expr, right) => {
                let right = self.value(right);
                let ty = self.type_of(left_expr);
                self.operation(op, ty, [left, right], self.span(at))
            }
            ExprKind::Logical(op, _, right) => {
                let bool = self.instances.intern(Type::Bool);
                let local = self.graph.local(bool, None);
                self.short_circuit(at, op, left, right, Place::Local(local), decided);
                Computed::Operand(Operand::Local(local))
            }
            _ => unreachable!("BUG: a chain of operators holds something else"),
        }
    }

    fn is_logical(&self, expr: ExprId, wanted: LogicalOp) -> bool {
        matches!(self.body.exprs[expr].kind, ExprKind::Logical(op, ..) if op == wanted)
    }

    /// The first operand, copied if evaluating the operand to its right may change it.
    fn first_value(&mut self, first: ExprId, operator: Option<ExprId>) -> Operand {
        match operator.map(|operator| &self.body.exprs[operator].kind) {
            Some(ExprKind::Binary(_, _, right)) if !self.is_simple(*right) => self.stable_value(first),
            _ => self.value(first),
        }
    }

    /// Evaluates the right operand only if no operand to its left has decided the result. The place is written once on
    /// each path.
    fn short_circuit(
        &mut self,
        expr: ExprId,
        op: LogicalOp,
        left: Operand,
        right: ExprId,
        place: Place,
        mut decided: Option<BlockId>,
    ) {
        let span = self.span(expr);
        self.unless_decided(op, left, &mut decided, span);
        let Some(decided) = decided else { return };
        let mut meeting = None;
        self.lower_into(right, place);
        self.graph.meet(&mut meeting, span);
        self.graph.enter(decided);
        self.deliver(Computed::Operand(Operand::Bool(op == LogicalOp::Or)), expr, place);
        self.graph.meet(&mut meeting, span);
        self.graph.enter_meeting(meeting);
    }

    /// Branches on `left`, and enters the block that runs if `left` does not decide the result. If `left` decides it,
    /// control goes to `decided`.
    fn unless_decided(&mut self, op: LogicalOp, left: Operand, decided: &mut Option<BlockId>, span: Span) {
        if !self.graph.is_reachable() {
            return;
        }
        let undecided = self.graph.block();
        let decided = *decided.get_or_insert_with(|| self.graph.block());
        let (then_block, else_block) = match op {
            LogicalOp::And => (undecided, decided),
            LogicalOp::Or => (decided, undecided),
        };
        self.graph.end(TerminatorKind::Branch { condition: left, then_block, else_block }, span);
        self.graph.enter(undecided);
    }
}
