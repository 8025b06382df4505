//! Control flow: `if`, loops and the ways out of them.

use super::body::{LoopBlocks, Lowering, Place, UNIT};
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
            self.condition(branch.condition, &mut fails);
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

    /// Goes on where the condition holds.
    fn condition(&mut self, condition: Condition, otherwise: &mut Option<BlockId>) {
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

    pub fn loop_(&mut self, expr: ExprId, id: LoopId, turn: ExprId, place: Place) {
        let span = self.span(expr);
        let head = self.graph.block();
        self.graph.goto(head, span);
        self.graph.enter(head);
        self.turn(id, turn, LoopBlocks { place, exit: None, next: head, scopes: self.open_scopes }, span);
    }

    /// The body of a loop, entered; afterwards the place after the loop is.
    pub fn turn(&mut self, id: LoopId, body: ExprId, blocks: LoopBlocks, span: Span) {
        let next = blocks.next;
        self.loops.insert(id, blocks);
        self.lower_into(body, Place::Discard);
        self.graph.goto(next, span);
        let blocks = self.loops.remove(&id).expect("BUG: a loop vanished");
        self.graph.enter_meeting(blocks.exit);
    }

    pub fn break_(&mut self, expr: ExprId, id: LoopId, value: Option<ExprId>) {
        let (place, scopes) = (self.loops[&id].place, self.loops[&id].scopes);
        self.leave(expr, value, place, scopes);
        let span = self.span(expr);
        let blocks = self.loops.get_mut(&id).expect("BUG: a `break` outside of its loop");
        self.graph.meet(&mut blocks.exit, span);
    }

    pub fn continue_(&mut self, expr: ExprId, id: LoopId) {
        let (next, scopes) = (self.loops[&id].next, self.loops[&id].scopes);
        let span = self.span(expr);
        self.close_scopes(scopes, span);
        self.graph.goto(next, span);
    }

    pub fn return_(&mut self, expr: ExprId, value: Option<ExprId>) {
        self.leave(expr, value, Place::Return, 0);
    }

    /// Brings the value that is given, or `()`, to its place, and closes all scopes but the first `kept`.
    fn leave(&mut self, expr: ExprId, value: Option<ExprId>, place: Place, kept: usize) {
        match value {
            Some(value) if self.open_scopes == kept => self.lower_into(value, place),
            value => {
                let value = value.map_or(UNIT, |value| self.held(value));
                let span = self.span(expr);
                self.close_scopes(kept, span);
                if self.graph.is_reachable() {
                    self.deliver(value, expr, place);
                }
            }
        }
    }

    pub fn branch(&mut self, condition: Rvalue, then_block: BlockId, else_block: BlockId, span: Span) {
        let condition = self.temporary(Type::Bool, condition, span);
        self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
    }
}
