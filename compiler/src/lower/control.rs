//! Control flow: `if`, loops and the ways out of them.

use super::body::{Computed, LoopBlocks, Lowering, Place};
use crate::hir::{self, Branch, ExprId, Iterable, LoopId};
use crate::mir::{BinaryOp, BlockId, LocalId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::Type;

const UNIT: Computed = Computed::Operand(Operand::Unit);

impl Lowering<'_, '_> {
    pub fn if_chain(&mut self, expr: ExprId, branches: &[Branch], otherwise: Option<ExprId>, place: Place) {
        let span = self.span(expr);
        let mut meeting = None;
        for branch in branches {
            let condition = self.value(branch.condition);
            if !self.graph.is_reachable() {
                return self.graph.enter_meeting(meeting);
            }
            let [then_block, else_block] = [self.graph.block(), self.graph.block()];
            let kind = TerminatorKind::Branch { condition, then_block, else_block };
            self.graph.end(kind, self.span(branch.condition));
            self.graph.enter(then_block);
            self.lower_into(branch.body, place);
            self.graph.meet(&mut meeting, span);
            self.graph.enter(else_block);
        }
        match otherwise {
            Some(otherwise) => self.lower_into(otherwise, place),
            None => self.deliver(UNIT, expr, place),
        }
        self.graph.meet(&mut meeting, span);
        self.graph.enter_meeting(meeting);
    }

    pub fn loop_(&mut self, expr: ExprId, id: LoopId, turn: ExprId, place: Place) {
        let span = self.span(expr);
        let head = self.graph.block();
        self.graph.goto(head, span);
        self.graph.enter(head);
        self.turn(id, turn, LoopBlocks { place, exit: None, next: head }, span);
    }

    /// The body of a loop, entered; afterwards the place after the loop is.
    fn turn(&mut self, id: LoopId, body: ExprId, blocks: LoopBlocks, span: Span) {
        let next = blocks.next;
        self.loops.insert(id, blocks);
        self.lower_into(body, Place::Discard);
        self.graph.goto(next, span);
        let blocks = self.loops.remove(&id).expect("BUG: a loop vanished");
        self.graph.enter_meeting(blocks.exit);
    }

    pub fn break_(&mut self, expr: ExprId, id: LoopId, value: Option<ExprId>) {
        let place = self.loops[&id].place;
        match value {
            Some(value) => self.lower_into(value, place),
            None => self.deliver(UNIT, expr, place),
        }
        let span = self.span(expr);
        let blocks = self.loops.get_mut(&id).expect("BUG: a `break` outside of its loop");
        self.graph.meet(&mut blocks.exit, span);
    }

    pub fn return_(&mut self, expr: ExprId, value: Option<ExprId>) {
        match value {
            Some(value) => self.lower_into(value, Place::Return),
            None => self.deliver(UNIT, expr, Place::Return),
        }
    }

    pub fn for_(
        &mut self,
        expr: ExprId,
        id: LoopId,
        variable: hir::LocalId,
        iterable: &Iterable,
        body: ExprId,
    ) {
        let span = self.span(expr);
        match *iterable {
            Iterable::Range { start, end, inclusive } => {
                let counter = self.declare(variable);
                self.lower_into(start, Place::Local(counter));
                let end = self.stable_value(end);
                self.count(Count { counter, end, inclusive, span }, id, body, None);
            }
            Iterable::Value(value) => {
                let array = self.stable_value(value);
                let int = self.programme.intern(Type::Int);
                let end = self.temporary(Type::Int, Rvalue::Length(array.clone()), span);
                let counter = self.graph.local(int, None);
                self.graph.push(Some(counter), Rvalue::Use(Operand::Int(0)), span);
                let count = Count { counter, end, inclusive: false, span };
                self.count(count, id, body, Some((variable, array)));
            }
        }
    }

    /// A loop that counts. It adds without a check: below `end` there is room for one more, and up to an `end` that is
    /// reached it stops before the addition.
    fn count(&mut self, count: Count, id: LoopId, body: ExprId, element: Option<(hir::LocalId, Operand)>) {
        let Count { counter, end, inclusive, span } = count;
        if !self.graph.is_reachable() {
            return;
        }
        let [turn, next, after] = [self.graph.block(), self.graph.block(), self.graph.block()];
        let head = self.graph.block();
        let counted = Operand::Local(counter);
        let compare = |op| Rvalue::Binary(op, counted.clone(), end.clone());
        if inclusive {
            // Tested before the first turn; the others follow the test for the last.
            self.branch(compare(BinaryOp::LessEqual), turn, after, span);
        } else {
            self.graph.goto(head, span);
            self.graph.enter(head);
            self.branch(compare(BinaryOp::Less), turn, after, span);
        }
        self.graph.enter(turn);
        if let Some((variable, array)) = element {
            self.element(variable, array, counted.clone(), span);
        }
        self.turn(id, body, LoopBlocks { place: Place::Discard, exit: Some(after), next }, span);
        self.graph.enter(next);
        let step = Rvalue::Binary(BinaryOp::WrappingAdd, counted.clone(), Operand::Int(1));
        if inclusive {
            let more = self.graph.block();
            self.branch(compare(BinaryOp::Equal), after, more, span);
            self.graph.enter(more);
            self.graph.push(Some(counter), step, span);
            self.graph.goto(turn, span);
        } else {
            self.graph.push(Some(counter), step, span);
            self.graph.goto(head, span);
        }
        self.graph.enter(after);
    }

    fn element(&mut self, variable: hir::LocalId, array: Operand, index: Operand, span: Span) {
        let value = Rvalue::Index(array, index);
        if *self.programme.ty(self.types.local(variable)) == Type::Unit {
            return self.graph.push(None, value, span);
        }
        let local = self.declare(variable);
        self.graph.push(Some(local), value, span);
    }

    fn branch(&mut self, condition: Rvalue, then_block: BlockId, else_block: BlockId, span: Span) {
        let condition = self.temporary(Type::Bool, condition, span);
        self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
    }
}

/// How a loop counts.
struct Count {
    counter: LocalId,
    end: Operand,
    /// Whether the end belongs to it.
    inclusive: bool,
    span: Span,
}
