//! Expressions by kind.

use super::body::{Computed, Lowering, Place};
use crate::hir::{ExprId, ExprKind, UnaryOp};
use crate::mir::{self, Operand, Rvalue};
use crate::types::Type;

impl Lowering<'_, '_> {
    /// Evaluates an expression and brings its value to a place.
    pub fn lower_into(&mut self, expr: ExprId, place: Place) {
        if !self.graph.is_reachable() {
            return;
        }
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::Block(block) => self.block(expr, block, place),
            ExprKind::If { branches, otherwise } => self.if_chain(expr, branches, *otherwise, place),
            ExprKind::Loop(id, turn) => self.loop_(expr, *id, *turn, place),
            ExprKind::Logical(op, left, right) => self.logical(expr, *op, *left, *right, place),
            ExprKind::Call(function, arguments) if place == Place::Return => {
                self.call_last(expr, *function, arguments);
            }
            _ => {
                let computed = self.compute(expr);
                self.deliver(computed, expr, place);
            }
        }
    }

    /// Evaluates an expression to an operand. That of a variable is the variable itself.
    pub fn value(&mut self, expr: ExprId) -> Operand {
        let computed = self.compute(expr);
        self.settle(computed, self.types.expr(expr), self.span(expr))
    }

    /// Evaluates all of an expression but, perhaps, its last step.
    pub fn compute(&mut self, expr: ExprId) -> Computed {
        if !self.graph.is_reachable() {
            return Computed::Operand(Operand::Unit);
        }
        let body = self.body;
        Computed::Operand(match &body.exprs[expr].kind {
            ExprKind::Error => panic!("BUG: an expression with an error is lowered"),
            ExprKind::Unit => Operand::Unit,
            ExprKind::Bool(value) => Operand::Bool(*value),
            ExprKind::Int(value) => Operand::Int(*value),
            ExprKind::Float(value) => Operand::Float(*value),
            ExprKind::String(text) => self.programme.string(text),
            ExprKind::Local(local) => self.variable(*local),
            ExprKind::Interpolation(parts) => return self.interpolation(expr, parts),
            ExprKind::Unary(op, operand) => return self.unary(*op, *operand),
            ExprKind::Binary(..) | ExprKind::Logical(..) => return self.chain(expr),
            ExprKind::Call(function, arguments) => return self.call(*function, arguments),
            ExprKind::CallBuiltin(builtin, arguments) => {
                return self.call_builtin(expr, *builtin, arguments);
            }
            ExprKind::CallMethod { receiver, arguments, .. } => {
                return self.call_method(expr, *receiver, arguments);
            }
            // No type has functions or fields yet: this never has a value.
            ExprKind::CallValue(base, _) | ExprKind::Field(base, _) => {
                self.lower_into(*base, Place::Discard);
                assert!(!self.graph.is_reachable(), "BUG: a value that has no functions or fields");
                Operand::Unit
            }
            ExprKind::Index(base, index) => {
                let [base, index] = self.pair(*base, *index);
                return Computed::Rvalue(Rvalue::Index(base, index));
            }
            ExprKind::Spawn(id) => return self.spawn(*id),
            ExprKind::Yield => return Computed::Rvalue(Rvalue::Yield),
            ExprKind::Block(_) | ExprKind::If { .. } | ExprKind::Loop(..) => self.gathered(expr),
            ExprKind::For { id, variable, iterable, body } => {
                self.for_(expr, *id, *variable, iterable, *body);
                Operand::Unit
            }
            ExprKind::Break(id, value) => {
                self.break_(expr, *id, *value);
                Operand::Unit
            }
            ExprKind::Continue(id) => {
                self.graph.goto(self.loops[id].next, self.span(expr));
                Operand::Unit
            }
            ExprKind::Return(value) => {
                self.return_(expr, *value);
                Operand::Unit
            }
            ExprKind::Assign(local, value) => {
                self.assign(*local, *value);
                Operand::Unit
            }
        })
    }

    /// The value of an expression that several ways lead to: each writes one temporary.
    fn gathered(&mut self, expr: ExprId) -> Operand {
        let ty = self.types.expr(expr);
        match self.programme.ty(ty) {
            Type::Unit | Type::Never => {
                self.lower_into(expr, Place::Discard);
                Operand::Unit
            }
            Type::Bool | Type::Int | Type::Float | Type::String | Type::Task(_) | Type::Array(_) => {
                let local = self.graph.local(ty, None);
                self.lower_into(expr, Place::Local(local));
                Operand::Local(local)
            }
        }
    }

    /// Two values, from left to right.
    pub fn pair(&mut self, left: ExprId, right: ExprId) -> [Operand; 2] {
        let left = if self.is_simple(right) { self.value(left) } else { self.stable_value(left) };
        [left, self.value(right)]
    }

    fn unary(&mut self, op: UnaryOp, operand: ExprId) -> Computed {
        let operand = self.value(operand);
        let op = match op {
            UnaryOp::Negate => mir::UnaryOp::Negate,
            UnaryOp::Not => mir::UnaryOp::Not,
            UnaryOp::Complement => mir::UnaryOp::Complement,
        };
        Computed::Rvalue(Rvalue::Unary(op, operand))
    }
}
