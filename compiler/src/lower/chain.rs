//! Operators on two values. A chain of them may be as long as the source, so it is walked in a loop.

use weft_abi::RuntimeFunction;

use super::body::{Computed, Lowering, Place};
use crate::hir::{BinaryOp, ExprId, ExprKind, LogicalOp};
use crate::mir::{self, Operand, Rvalue, TerminatorKind, UnaryOp};
use crate::source::Span;
use crate::types::Type;

impl Lowering<'_, '_> {
    /// The value of a chain; its last operator is left to be computed.
    pub fn chain(&mut self, expr: ExprId) -> Computed {
        let spine = self.body.left_spine(expr);
        let (&first, operators) = spine.split_last().expect("BUG: an empty chain");
        let mut left_expr = first;
        let mut left = Computed::Operand(self.first_value(first, operators.last().copied()));
        for &at in operators.iter().rev() {
            let operand = self.settle(left, self.types.expr(left_expr), self.span(left_expr));
            left = match self.body.exprs[at].kind {
                ExprKind::Binary(op, _, right) => {
                    let right_operand = self.value(right);
                    self.binary(op, left_expr, [operand, right_operand], self.span(at))
                }
                ExprKind::Logical(op, _, right) => self.logical_operand(at, op, operand, right),
                _ => unreachable!("BUG: a chain of operators holds something else"),
            };
            left_expr = at;
        }
        left
    }

    /// The first operand, copied if the one to its right may change it.
    fn first_value(&mut self, first: ExprId, operator: Option<ExprId>) -> Operand {
        match operator.map(|operator| &self.body.exprs[operator].kind) {
            Some(ExprKind::Binary(_, _, right)) if !self.is_simple(*right) => self.stable_value(first),
            _ => self.value(first),
        }
    }

    /// The operation on operands of the type of `left`.
    fn binary(&mut self, op: BinaryOp, left: ExprId, operands: [Operand; 2], span: Span) -> Computed {
        match self.ty(left) {
            Type::String => self.string_operation(op, operands.to_vec(), span),
            Type::Float if op == BinaryOp::Remainder => {
                Computed::Rvalue(Rvalue::Runtime(RuntimeFunction::FloatRemainder, operands.to_vec()))
            }
            // All values of type `()` are equal.
            Type::Unit => Computed::Operand(Operand::Bool(op == BinaryOp::Equal)),
            Type::Bool | Type::Int | Type::Float | Type::Task(_) | Type::Array(_) | Type::Never => {
                let [left, right] = operands;
                Computed::Rvalue(Rvalue::Binary(operation(op), left, right))
            }
        }
    }

    fn string_operation(&mut self, op: BinaryOp, operands: Vec<Operand>, span: Span) -> Computed {
        let rvalue = match op {
            BinaryOp::Add => Rvalue::Runtime(RuntimeFunction::StringConcat, operands),
            BinaryOp::Equal => Rvalue::Runtime(RuntimeFunction::StringEqual, operands),
            BinaryOp::NotEqual => {
                let equal = Rvalue::Runtime(RuntimeFunction::StringEqual, operands);
                Rvalue::Unary(UnaryOp::Not, self.temporary(Type::Bool, equal, span))
            }
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                let order = Rvalue::Runtime(RuntimeFunction::StringCompare, operands);
                let order = self.temporary(Type::Int, order, span);
                Rvalue::Binary(operation(op), order, Operand::Int(0))
            }
            BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Remainder
            | BinaryOp::WrappingAdd
            | BinaryOp::WrappingSubtract
            | BinaryOp::WrappingMultiply
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => panic!("BUG: {op:?} on strings"),
        };
        Computed::Rvalue(rvalue)
    }

    /// `left && right`, `left || right` into a place.
    pub fn logical(&mut self, expr: ExprId, op: LogicalOp, left: ExprId, right: ExprId, place: Place) {
        let left = self.value(left);
        self.short_circuit(expr, op, left, right, place);
    }

    /// The same inside a chain.
    fn logical_operand(&mut self, expr: ExprId, op: LogicalOp, left: Operand, right: ExprId) -> Computed {
        let bool = self.programme.intern(Type::Bool);
        let local = self.graph.local(bool, None);
        self.short_circuit(expr, op, left, right, Place::Local(local));
        Computed::Operand(Operand::Local(local))
    }

    /// The right side is evaluated only when the left has not decided. The place is written once on each way.
    fn short_circuit(&mut self, expr: ExprId, op: LogicalOp, left: Operand, right: ExprId, place: Place) {
        let span = self.span(expr);
        let [undecided, decided] = [self.graph.block(), self.graph.block()];
        let (then_block, else_block) = match op {
            LogicalOp::And => (undecided, decided),
            LogicalOp::Or => (decided, undecided),
        };
        if !self.graph.is_reachable() {
            return;
        }
        self.graph.end(TerminatorKind::Branch { condition: left, then_block, else_block }, span);
        let mut meeting = None;
        self.graph.enter(undecided);
        self.lower_into(right, place);
        self.graph.meet(&mut meeting, span);
        self.graph.enter(decided);
        self.deliver(Computed::Operand(Operand::Bool(op == LogicalOp::Or)), expr, place);
        self.graph.meet(&mut meeting, span);
        self.graph.enter_meeting(meeting);
    }
}

fn operation(op: BinaryOp) -> mir::BinaryOp {
    match op {
        BinaryOp::Add => mir::BinaryOp::Add,
        BinaryOp::Subtract => mir::BinaryOp::Subtract,
        BinaryOp::Multiply => mir::BinaryOp::Multiply,
        BinaryOp::Divide => mir::BinaryOp::Divide,
        BinaryOp::Remainder => mir::BinaryOp::Remainder,
        BinaryOp::WrappingAdd => mir::BinaryOp::WrappingAdd,
        BinaryOp::WrappingSubtract => mir::BinaryOp::WrappingSubtract,
        BinaryOp::WrappingMultiply => mir::BinaryOp::WrappingMultiply,
        BinaryOp::And => mir::BinaryOp::And,
        BinaryOp::Or => mir::BinaryOp::Or,
        BinaryOp::Xor => mir::BinaryOp::Xor,
        BinaryOp::ShiftLeft => mir::BinaryOp::ShiftLeft,
        BinaryOp::ShiftRight => mir::BinaryOp::ShiftRight,
        BinaryOp::Equal => mir::BinaryOp::Equal,
        BinaryOp::NotEqual => mir::BinaryOp::NotEqual,
        BinaryOp::Less => mir::BinaryOp::Less,
        BinaryOp::LessEqual => mir::BinaryOp::LessEqual,
        BinaryOp::Greater => mir::BinaryOp::Greater,
        BinaryOp::GreaterEqual => mir::BinaryOp::GreaterEqual,
    }
}
