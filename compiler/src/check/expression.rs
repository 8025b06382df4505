//! Expressions by kind.

use super::errors;
use super::expect::{Expected, Reason};
use super::function::Checker;
use super::infer::{Shape, Term};
use super::method::{self, Lookup};
use crate::hir::{ExprId, ExprKind, LocalId, UnaryOp, not_supported};
use crate::syntax::ast::Name;
use crate::types::Type;

impl Checker<'_> {
    /// Finds an expression's type, which must be as expected. What is expected goes into blocks and branches, so that
    /// a mismatch is told where it arises.
    pub fn expr(&mut self, expr: ExprId, expected: Expected) -> Term {
        let body = self.body;
        let ty = match &body.exprs[expr].kind {
            ExprKind::Block(block) => self.block(expr, block, expected),
            ExprKind::If { branches, otherwise } => self.if_chain(expr, branches, *otherwise, expected),
            ExprKind::Loop(id, turn) => self.loop_(expr, *id, *turn, expected),
            ExprKind::Binary(..) | ExprKind::Logical(..) => {
                let actual = self.chain(expr);
                return self.coerce(expr, actual, expected);
            }
            _ => {
                let actual = self.plain(expr);
                self.exprs[expr] = actual;
                return self.coerce(expr, actual, expected);
            }
        };
        self.exprs[expr] = ty;
        ty
    }

    /// The type of an expression that does not look at what is expected. An operation on what never has a value has
    /// none either.
    fn plain(&mut self, expr: ExprId) -> Term {
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::Error => self.terms.error,
            ExprKind::Unit | ExprKind::Yield => self.terms.unit,
            ExprKind::Bool(_) => self.terms.bool,
            ExprKind::Int(_) => self.terms.int,
            ExprKind::Float(_) => self.terms.float,
            ExprKind::String(_) => self.terms.string,
            ExprKind::Interpolation(parts) => self.interpolation(parts),
            ExprKind::Local(local) => self.locals[*local],
            ExprKind::Unary(op, operand) => self.unary(expr, *op, *operand),
            ExprKind::Call(function, arguments) => self.call(expr, *function, arguments),
            ExprKind::CallBuiltin(builtin, arguments) => self.call_builtin(expr, *builtin, arguments),
            ExprKind::CallValue(function, arguments) => self.call_value(*function, arguments),
            ExprKind::CallMethod { receiver, method, arguments } => {
                self.call_method(expr, *receiver, method, arguments)
            }
            ExprKind::Field(base, name) => self.field(expr, *base, name),
            ExprKind::Index(base, index) => self.index(*base, *index),
            ExprKind::For { id, variable, iterable, body } => self.for_(*id, *variable, iterable, *body),
            ExprKind::Break(id, value) => self.break_(expr, *id, *value),
            ExprKind::Continue(_) => self.terms.never,
            ExprKind::Return(value) => self.return_(expr, *value),
            ExprKind::Assign(local, value) => self.assign(*local, *value),
            ExprKind::Spawn(id) => self.spawn(*id),
            ExprKind::Block(_)
            | ExprKind::If { .. }
            | ExprKind::Loop(..)
            | ExprKind::Binary(..)
            | ExprKind::Logical(..) => unreachable!("BUG: this kind looks at what is expected"),
        }
    }

    fn unary(&mut self, expr: ExprId, op: UnaryOp, operand: ExprId) -> Term {
        let actual = self.expr(operand, Expected::Anything);
        let ty = match self.terms.shape(actual) {
            Shape::Type(ty) => ty,
            Shape::Error | Shape::Variable => return self.terms.error,
        };
        match (op, ty) {
            (_, Type::Never) => actual,
            (UnaryOp::Negate, Type::Int | Type::Float)
            | (UnaryOp::Not, Type::Bool)
            | (UnaryOp::Complement, Type::Int) => actual,
            (op, ty) => {
                let found = self.terms.display(actual).to_string();
                let error = errors::unary_operand(op, &ty, self.span(expr), self.span(operand), &found);
                self.report(error);
                self.terms.error
            }
        }
    }

    fn field(&mut self, expr: ExprId, base: ExprId, name: &Name) -> Term {
        let base = self.expr(base, Expected::Anything);
        if self.terms.is_never(base) {
            return base;
        }
        if let Shape::Type(ty) = self.terms.shape(base) {
            let error = match method::look_up(&ty, name.as_str(), &self.terms) {
                Lookup::Found(..) => errors::method_not_called(name),
                Lookup::Planned => not_supported(&format!("the method `{name}`"), name.span),
                Lookup::Unknown(_) => {
                    errors::unknown_field(name, self.span(expr), &self.terms.display(base).to_string())
                }
            };
            self.report(error);
        }
        self.terms.error
    }

    fn index(&mut self, base: ExprId, index: ExprId) -> Term {
        let actual = self.expr(base, Expected::Anything);
        self.expr(index, Expected::Type(self.terms.int, Reason::Index));
        match self.terms.shape(actual) {
            Shape::Type(Type::Array(element)) => element,
            Shape::Type(Type::Never) => actual,
            Shape::Error | Shape::Variable => self.terms.error,
            Shape::Type(ty) => {
                let error =
                    errors::not_indexable(self.span(base), &self.terms.display(actual).to_string(), &ty);
                self.report(error);
                self.terms.error
            }
        }
    }

    fn assign(&mut self, local: LocalId, value: ExprId) -> Term {
        let reason = Reason::Variable(self.body.locals[local].name.span);
        self.expr(value, Expected::Type(self.locals[local], reason));
        self.terms.unit
    }
}
