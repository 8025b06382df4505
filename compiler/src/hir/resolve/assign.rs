//! Assignments: to variables, fields and elements.

use super::body::Resolver;
use super::declare::Definition;
use super::expression::{Operation, operation};
use super::reference::Reference;
use super::scope::Bound;
use crate::hir::body::ExprKind;
use crate::hir::errors::{self, Immutable};
use crate::hir::ids::LocalId;
use crate::source::Span;
use crate::syntax::ast::{BinaryOperator, ExpressionId, ExpressionKind, Name};

impl<'a> Resolver<'_, 'a> {
    /// Resolves `x = e` or `x += e`.
    pub fn assign(
        &mut self,
        target: ExpressionId,
        operator: Option<BinaryOperator>,
        value: ExpressionId,
    ) -> ExprKind {
        let ast = self.context.ast;
        let place: Span = self.span(target);
        let kind = match ast.expression(target) {
            ExpressionKind::Name(name) => match self.assignable(name) {
                Some(local) => {
                    self.usage[local].assigned = true;
                    ExprKind::Local(local)
                }
                None => ExprKind::Error,
            },
            ExpressionKind::Index { .. } | ExpressionKind::TupleField { .. } => self.operand(target),
            ExpressionKind::Field { name, .. } => match self.operand(target) {
                kind @ (ExprKind::Field(..) | ExprKind::Error) => kind,
                _ => {
                    self.context.report(errors::assigned_item(name, "not a field of a value"));
                    ExprKind::Error
                }
            },
            // The parser has reported any other target.
            _ => ExprKind::Error,
        };
        let target = self.push(kind, place);
        let value = self.expression(value);
        let operator = operator.and_then(|operator| match operation(operator) {
            Operation::Binary(operator) => Some(operator),
            // The grammar has no `&&=` and no `||=`.
            Operation::Logical(_) => None,
        });
        ExprKind::Assign { target, operator, value }
    }

    /// The variable with that name, if it may be assigned at this place; reports an error otherwise.
    fn assignable(&mut self, name: &Name) -> Option<LocalId> {
        let Some(Bound::Variable(binding)) = self.scopes.get(&name.text) else {
            if let Reference::Item(found) = self.name(name)
                && found != Definition::Failed
            {
                let what = self.context.describe(found);
                self.context.report(errors::assigned_item(name, what));
            }
            return None;
        };
        let outer = binding.local;
        match self.usage[outer].origin.immutable() {
            None => return self.variable(name, binding),
            Some(how) => {
                let thread = self.crosses_thread(binding.depth);
                let how = if thread { Immutable::Captured } else { how };
                let bound = self.locals[outer].name.span;
                self.context.report(errors::assigned_immutable(name, bound, how));
            }
        }
        self.usage[outer].read = true;
        None
    }
}
