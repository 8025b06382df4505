//! Lambdas and spawned threads: bodies inside a body.

use super::body_state::{Cause, Closure, Expected, Reason};
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{ExprId, ExprKind, Lambda, LambdaId, SpawnId};
use crate::types::Type;

/// The function type that a lambda must have.
struct Wanted {
    /// Whether the type is a `share fn`; `None` while that is undecided.
    share: Option<bool>,
    parameters: Vec<Term>,
    result: Term,
}

impl Checker<'_> {
    /// Checks a lambda. Types that the lambda does not declare are taken from the expected function type.
    pub fn lambda(&mut self, id: LambdaId, expected: Expected) -> Term {
        let lambda = &self.body.lambdas[id];
        if let Some(local) = lambda.itself {
            self.locals[local] = match expected {
                Expected::Type(ty, _) => Some(ty),
                Expected::Anything | Expected::Discarded => Some(self.terms.error),
            };
        }
        let wanted = match self.expected_shape(expected) {
            Some((Type::Function { parameters, .. }, _)) if parameters.len() != lambda.parameters.len() => {
                return self.miscounted_lambda(id, parameters.len());
            }
            Some((Type::Function { share, parameters, result }, _)) => {
                let is_open = matches!(expected, Expected::Type(ty, _) if self.terms.is_closure(ty));
                Some(Wanted { share: (!is_open).then_some(share), parameters, result })
            }
            _ => None,
        };
        let parameters = self.lambda_parameters(lambda, wanted.as_ref());
        let because = Reason::Lambda(self.tail_span(lambda.body));
        let (result, because) = match &wanted {
            Some(wanted) if !self.terms.is_variable(wanted.result) => (wanted.result, Reason::LambdaResult),
            Some(wanted) => (wanted.result, because),
            None => (self.terms.variable(), because),
        };
        self.lambda_body(id, Expected::Type(result, because), result);
        match wanted.and_then(|wanted| wanted.share) {
            Some(share) => {
                if share {
                    self.require_shareable_captures(&lambda.captures, lambda.span);
                }
                self.terms.of(Type::Function { share, parameters, result })
            }
            None => {
                let ty = self.terms.closure(parameters, result);
                let captures = lambda.captures.clone();
                if captures.iter().any(|&(local, _)| self.body.locals[local].mutable) {
                    self.terms.decide_closure(ty, false);
                } else {
                    self.closures.push(Closure { ty, captures, lambda: lambda.span });
                }
                ty
            }
        }
    }

    fn lambda_parameters(&mut self, lambda: &Lambda, wanted: Option<&Wanted>) -> Vec<Term> {
        let mut parameters = Vec::new();
        for (at, &(pattern, given)) in lambda.parameters.iter().enumerate() {
            let asked = wanted.map(|wanted| wanted.parameters[at]);
            let (ty, reason) = match given {
                Some((ty, span)) => {
                    let ty = self.terms.named(ty);
                    self.check_named_type(ty, span);
                    // If the declared type differs from the expected type, the mismatch is reported for the whole
                    // lambda.
                    let _ = asked.is_some_and(|asked| self.terms.unify(asked, ty));
                    (ty, Reason::Annotation(span))
                }
                None => {
                    let span = self.body.patterns[pattern].span;
                    (asked.unwrap_or_else(|| self.terms.variable()), Reason::Matched(span))
                }
            };
            self.pattern(pattern, ty, reason);
            parameters.push(ty);
        }
        parameters
    }

    fn lambda_body(&mut self, id: LambdaId, inside: Expected, result: Term) {
        self.results.push(inside);
        // A lambda whose result is `()` discards its last value.
        let is_unit = self.terms.is_unit(result);
        self.expr(self.body.lambdas[id].body, if is_unit { Expected::Discarded } else { inside });
        self.results.pop();
        self.lambdas[id] = result;
    }

    /// Checks the block of a `defer`, and discards the block's value.
    pub fn deferred(&mut self, id: LambdaId) {
        let unit = self.terms.unit;
        self.lambda_body(id, Expected::Discarded, unit);
    }

    /// Reports a lambda whose number of parameters differs from the expected number. Parameters without a declared type
    /// get the error type.
    fn miscounted_lambda(&mut self, id: LambdaId, given: usize) -> Term {
        let (lambda, error) = (&self.body.lambdas[id], self.terms.error);
        self.report(errors::lambda_parameters(lambda.span, lambda.parameters.len(), given));
        for &(pattern, ty) in &lambda.parameters {
            let ty = ty.map_or(error, |(ty, _)| self.terms.named(ty));
            self.pattern(pattern, ty, Reason::LambdaResult);
        }
        let result = self.terms.variable();
        self.lambda_body(id, Expected::Type(result, Reason::LambdaResult), result);
        error
    }

    /// Checks a spawned thread: its parameters have the types of the arguments, and its result type is the type
    /// argument of the `Task`. Arguments and result cross from one thread to another, so their types must implement
    /// `Share`.
    pub fn spawn(&mut self, id: SpawnId) -> Term {
        let spawn = &self.body.spawns[id];
        let share = self.hir.lang_items.share;
        // The call to which a lambda is passed determines the types of the lambda's parameters, so the lambda is
        // checked after the call.
        let is_lambda = |value: &ExprId| matches!(self.body.exprs[*value].kind, ExprKind::Lambda(_));
        let (lambdas, values): (Vec<_>, Vec<_>) =
            spawn.arguments.iter().copied().partition(|(_, value)| is_lambda(value));
        for &(local, _) in &lambdas {
            self.locals[local] = Some(self.terms.variable());
        }
        for (local, value) in values {
            let ty = self.expr(value, Expected::Anything);
            self.locals[local] = Some(ty);
            let cause = Cause::Spawned { local, value: self.span(value), spawn: spawn.span };
            self.require(ty, share, Vec::new(), cause);
        }
        let result = self.terms.variable();
        let tail = self.tail_span(spawn.body);
        let expected = Expected::Type(result, Reason::Thread(tail));
        self.results.push(expected);
        self.expr(spawn.body, expected);
        self.results.pop();
        for (local, value) in lambdas {
            let wanted = self.locals[local].expect("BUG: a local without a type");
            // Even if the parameter accepts any function, this lambda must be a `share fn`, because it crosses from one
            // thread to another.
            let wanted = match self.terms.shape(wanted) {
                Shape::Type(Type::Function { parameters, result, .. }) => {
                    self.terms.of(Type::Function { share: true, parameters, result })
                }
                _ => wanted,
            };
            let ty = self.expr(value, Expected::Type(wanted, Reason::Parameter(self.span(value))));
            let cause = Cause::Spawned { local, value: self.span(value), spawn: spawn.span };
            self.require(ty, share, Vec::new(), cause);
        }
        // If the thread never returns, its task has no value, and the result type may stay unknown; it then becomes
        // `()`.
        self.never_given.push(result);
        self.threads[id] = result;
        let before = self.diagnostics.len();
        self.require(result, share, Vec::new(), Cause::Returned(tail));
        // If an error in the result type was just reported, it is not reported again where the thread is joined.
        let given = if self.diagnostics.len() > before { self.terms.error } else { result };
        self.terms.of(Type::Task(given))
    }
}
