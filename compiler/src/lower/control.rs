//! Control flow: `if`, loops, and the exits from them.

use super::body::Lowering;
use super::body_state::{Exit, LoopBlocks, Place, UNIT};
use crate::hir::{Branch, Condition, ExprId, LoopId};
use crate::mir::{BlockId, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::Type;

impl Lowering<'_, '_> {
    pub fn if_chain(&mut self, expr: ExprId, branches: &[Branch], otherwise: Option<ExprId>, place: Place) {
        let span = self.span(expr);
        let mut meeting = None;
        for branch in branches {
            let mut fails = None;
            branch.conditions.iter().for_each(|&condition| self.condition(condition, &mut fails));
            self.lower_into(branch.body, place);
            self.graph.meet(&mut meeting, span);
            match fails {
                Some(fails) => self.graph.enter(fails),
                None => return self.graph.enter_meeting(meeting),
            }
        }
        match otherwise {
            Some(otherwise) => self.lower_into(otherwise, place),
            None => self.deliver(UNIT, expr, place),
        }
        self.graph.meet(&mut meeting, span);
        self.graph.enter_meeting(meeting);
    }

    /// Evaluates a condition, and enters the block that runs if the condition holds. If the condition does not hold,
    /// control goes to `otherwise`.
    fn condition(&mut self, condition: Condition, otherwise: &mut Option<BlockId>) {
        if !self.graph.is_reachable() {
            return;
        }
        match condition {
            Condition::Expr(expr) => {
                let value = self.value(expr);
                if self.graph.is_reachable() {
                    self.test_condition(value, self.span(expr), otherwise);
                }
            }
            Condition::Let(pattern, expr) => {
                let ty = self.type_of(expr);
                let value = self.value(expr);
                if self.graph.is_reachable() {
                    self.test(pattern, value, ty, otherwise);
                }
            }
        }
    }

    pub fn lower_loop(&mut self, expr: ExprId, id: LoopId, iteration: ExprId, place: Place) {
        let span = self.span(expr);
        let head = self.graph.block();
        self.graph.goto(head, span);
        self.graph.enter(head);
        self.iteration(
            id,
            iteration,
            LoopBlocks { place, exit: None, next: head, open: self.exits.open() },
            span,
        );
    }

    /// Lowers the body of a loop into the current block, and enters the block after the loop.
    pub fn iteration(&mut self, id: LoopId, body: ExprId, blocks: LoopBlocks, span: Span) {
        let next = blocks.next;
        self.loops.insert(id, blocks);
        self.lower_into(body, Place::Discard);
        self.graph.goto(next, span);
        let blocks = self.loops.remove(&id).expect("BUG: a loop vanished");
        self.graph.enter_meeting(blocks.exit);
    }

    pub fn lower_break(&mut self, expr: ExprId, id: LoopId, value: Option<ExprId>) {
        let LoopBlocks { place, open, .. } = self.loops[&id];
        let exit = if place == Place::Return { Exit::Return } else { Exit::Break(id) };
        self.leave(expr, value, place, exit, open);
    }

    pub fn lower_continue(&mut self, expr: ExprId, id: LoopId) {
        self.exit(Exit::Continue(id), self.loops[&id].open, self.span(expr));
    }

    pub fn lower_return(&mut self, expr: ExprId, value: Option<ExprId>) {
        self.leave(expr, value, Place::Return, Exit::Return, 0);
    }

    pub fn branch(&mut self, condition: Rvalue, then_block: BlockId, else_block: BlockId, span: Span) {
        let condition = self.temporary(Type::Bool, condition, span);
        self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
    }
}
