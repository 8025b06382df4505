//! Discarded values: a `Result`, whose error is lost, and the values of expressions without an effect.
//!
//! `let _ = e` discards `e` on purpose.

use std::collections::HashSet;

use super::Cx;
use super::effects::calls_operator;
use super::errors;
use crate::diagnostics::Diagnostic;
use crate::hir::{BinaryOp, Block, Builtin, ExprId, ExprKind, LambdaId, LogicalOp, Statement};
use crate::types::Type;

/// A place where a value is discarded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A statement.
    Statement,
    /// The end of a function without a result.
    End,
    /// `defer e`, which cannot pass on an error.
    Deferred,
    /// The value of a branch, a loop body or a lambda. A variable or a literal gets no warning in this place, because
    /// the syntax requires an expression there.
    Branch {
        /// Whether a statement can be written in this place.
        in_block: bool,
    },
}

impl Cx<'_> {
    /// Examines every place where a value is discarded.
    pub fn unused_values(&mut self) {
        let mut deferred: HashSet<LambdaId> = HashSet::new();
        for expr in self.body.exprs.ids() {
            match self.kind(expr) {
                ExprKind::Block(block) => {
                    for statement in self.reached(block) {
                        match statement {
                            Statement::Expr(value) => self.discard(*value, Place::Statement),
                            Statement::Let { .. } => {}
                            Statement::Defer(lambda) => {
                                deferred.insert(*lambda);
                                self.discard(self.body.lambdas[*lambda].body, Place::Deferred);
                            }
                        }
                    }
                }
                ExprKind::If { branches, otherwise: None } => {
                    branches
                        .iter()
                        .for_each(|branch| self.discard(branch.body, Place::Branch { in_block: true }));
                }
                ExprKind::Loop(_, body) | ExprKind::For { body, .. } => {
                    self.discard(*body, Place::Branch { in_block: true });
                }
                _ => {}
            }
        }
        let is_unit = |ty| *self.found.table.get(ty) == Type::Unit;
        let lambdas = self.body.lambdas.iter_enumerated().zip(self.types.lambdas.iter());
        let of_unit = lambdas.filter(|((id, _), ty)| ty.is_some_and(is_unit) && !deferred.contains(id));
        let bodies: Vec<ExprId> = of_unit.map(|((_, lambda), _)| lambda.body).collect();
        bodies.into_iter().for_each(|body| self.discard(body, Place::Branch { in_block: false }));
        if self.function.element.is_some() || self.function.result.is_some_and(is_unit) {
            self.discard(self.body.root, Place::End);
        }
    }

    /// The statements before the first statement that never completes.
    fn reached<'b>(&self, block: &'b Block) -> &'b [Statement] {
        let leaves = |statement: &Statement| match statement {
            Statement::Expr(value) | Statement::Let { value, .. } => self.ty(*value) == Some(&Type::Never),
            Statement::Defer(_) => false,
        };
        let end = block.statements.iter().position(leaves).unwrap_or(block.statements.len());
        &block.statements[..end]
    }

    fn discard(&mut self, expr: ExprId, place: Place) {
        let in_block = match place {
            Place::Branch { .. } => Place::Branch { in_block: true },
            Place::Statement | Place::End | Place::Deferred => place,
        };
        match self.kind(expr) {
            // The value of a block is examined only if it is reached: unreachable code has a warning of its own.
            ExprKind::Block(block) if self.reached(block).len() == block.statements.len() => {
                block.value.into_iter().for_each(|value| self.discard(value, in_block));
            }
            ExprKind::Block(_) => {}
            ExprKind::Scope(block) => self.discard(*block, place),
            ExprKind::If { branches, otherwise: Some(otherwise) } => {
                branches
                    .iter()
                    .for_each(|branch| self.discard(branch.body, Place::Branch { in_block: true }));
                self.discard(*otherwise, Place::Branch { in_block: true });
            }
            ExprKind::Match { arms, .. } => {
                arms.iter().for_each(|arm| self.discard(arm.body, Place::Branch { in_block: false }));
            }
            ExprKind::Select(arms) => {
                arms.iter().for_each(|arm| self.discard(arm.body, Place::Branch { in_block: false }));
            }
            _ => {
                if let Some(warning) = self.thrown_away(expr, place) {
                    self.diagnostics.push(self.with_cures(warning, expr, place));
                }
            }
        }
    }

    fn with_cures(&self, warning: Diagnostic, expr: ExprId, place: Place) -> Diagnostic {
        let generates = self.function.element.is_some();
        let arrow = place == Place::End
            && !generates
            && self.function.result_span.is_none()
            && self.is_plain_function();
        let warning = match self.types.exprs[expr].filter(|_| arrow) {
            Some(ty) => errors::with_result(warning, &self.found.table.display(ty).to_string()),
            None if place == Place::End && generates => errors::with_yield(warning),
            None => warning,
        };
        match place {
            Place::Statement | Place::End | Place::Branch { in_block: true } if warning.fixes.is_empty() => {
                errors::with_let(warning, self.span(expr))
            }
            Place::Statement | Place::End | Place::Deferred | Place::Branch { .. } => warning,
        }
    }

    /// Whether the function may be declared with another result type: it is neither `main` nor a test.
    fn is_plain_function(&self) -> bool {
        let hir = self.found.hir;
        let is = |id| std::ptr::eq(&hir.functions[id], self.function);
        !hir.main.is_some_and(is) && !hir.tests.iter().any(|test| is(test.function))
    }

    /// The warning about a discarded value, if there is one.
    fn thrown_away(&self, expr: ExprId, place: Place) -> Option<Diagnostic> {
        let span = self.span(expr);
        // In a branch, an expression that only names or builds a value, such as a variable or a literal, gets no
        // warning.
        let direct = matches!(place, Place::Statement | Place::End | Place::Deferred);
        let ty = self.ty(expr)?;
        match ty {
            Type::Unit | Type::Never => return None,
            Type::Generator(_) if self.is_made(expr) => return Some(errors::unused_generator(span)),
            Type::Nominal(nominal, _)
                if self.is_in_library(expr) && self.is_of_library(*nominal, "std.iterator", "Iterator") =>
            {
                return Some(errors::unused_iterator(span));
            }
            _ => {}
        }
        match place != Place::Deferred && self.is_lost_result(expr, ty) {
            true => Some(errors::unused_result(span)),
            false => self.useless(expr, direct),
        }
    }

    /// Whether an expression is a call of a `gen fn`.
    fn is_made(&self, expr: ExprId) -> bool {
        let callee = self.types.calls.get(&expr).map(|call| &self.found.hir.functions[call.function]);
        callee.is_some_and(|function| function.element.is_some())
    }

    /// Whether the expression computes a `Result`, whose error is then lost. A variable or a variant such as `Ok(1)`
    /// computes nothing.
    fn is_lost_result(&self, expr: ExprId, ty: &Type) -> bool {
        let is_given = !matches!(self.kind(expr), ExprKind::Local(_) | ExprKind::Variant { .. });
        is_given && matches!(ty, Type::Nominal(nominal, _) if *nominal == self.found.hir.lang_items.result)
    }

    /// The warning about an expression without an effect.
    fn useless(&self, expr: ExprId, direct: bool) -> Option<Diagnostic> {
        let span = self.span(expr);
        let plain = || errors::unused_value(span, false);
        match self.kind(expr) {
            ExprKind::Local(_)
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Char(_)
            | ExprKind::Byte(_)
            | ExprKind::Bytes(_)
            | ExprKind::String(_)
            | ExprKind::Constant(_)
            | ExprKind::Field(..)
            | ExprKind::TupleField(..)
            | ExprKind::Range { .. }
            | ExprKind::RangeFrom(_)
            | ExprKind::Struct { .. }
            | ExprKind::Variant { .. } => direct.then(plain),
            ExprKind::Tuple(parts) | ExprKind::Array(parts) => {
                (direct && parts.iter().all(|&part| self.useless(part, true).is_some())).then(plain)
            }
            ExprKind::Lambda(_) => direct.then(|| errors::lambda_not_called(span)),
            ExprKind::Function(_) | ExprKind::VariantFunction(..) => Some(errors::function_not_called(span)),
            ExprKind::Associated { .. } => Some(match self.callee(expr) {
                Some(_) => errors::function_not_called(span),
                None => plain(),
            }),
            ExprKind::Binary(..) | ExprKind::Unary(..)
                if calls_operator(&self.found, self.body, self.types, expr) =>
            {
                None
            }
            ExprKind::Unary(..) | ExprKind::Interpolation(_) => Some(plain()),
            ExprKind::Binary(op, ..) => Some(errors::unused_value(span, *op == BinaryOp::Equal)),
            // `ready && start()` is short for an `if`, so only the right operand decides whether there is a warning.
            ExprKind::Logical(LogicalOp::And | LogicalOp::Or, _, right) => {
                self.useless(*right, true).map(|_| plain())
            }
            ExprKind::Call(..) | ExprKind::CallMethod { .. } | ExprKind::CallAssociated { .. } => {
                let name = self.callee(expr)?.name.as_str();
                let is_pure = self.effects.is_pure_call(self.body, self.types, expr);
                is_pure.then(|| errors::unused_call(span, name, self.assignable(expr)))
            }
            ExprKind::CallBuiltin(Builtin::Same | Builtin::Args, _) => Some(plain()),
            _ => None,
        }
    }

    /// The `var` on which a method is called, if the result could be assigned to it.
    fn assignable(&self, call: ExprId) -> Option<&str> {
        let ExprKind::CallMethod { receiver, .. } = self.kind(call) else { return None };
        let ExprKind::Local(local) = self.kind(*receiver) else { return None };
        let local = &self.body.locals[*local];
        let fits = self.types.exprs[*receiver] == self.types.exprs[call];
        (local.mutable && fits).then_some(local.name.as_str())
    }
}
