//! Lambdas, deferred blocks and spawned threads: bodies that use variables of the code around them.

use std::collections::HashMap;

use super::body::{Origin, Resolver};
use super::keyword;
use super::scope::{Depth, Frame, FrameKind};
use crate::hir::body::{Expr, ExprKind, Lambda, Spawn, Statement};
use crate::hir::errors;
use crate::hir::ids::{ExprId, LocalId};
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionId, ExpressionKind, Name, Symbol};

impl<'a> Resolver<'_, 'a> {
    /// Resolves `|a: Int, b| e`. In the body, `name` is the lambda itself.
    pub fn lambda(
        &mut self,
        name: Option<&Name>,
        parameters: &'a [ast::Parameter],
        body: ExpressionId,
        span: Span,
    ) -> ExprKind {
        let types: Vec<_> = parameters
            .iter()
            .map(|parameter| {
                let node = parameter.ty?;
                Some((self.context.named_type(node), self.context.ast.types[node].span))
            })
            .collect();
        self.frames.push(Frame::lambda(span));
        let scope = self.scopes.enter();
        let itself = name.map(|name| self.bind(name, Origin::Argument));
        let patterns: Vec<ast::PatternId> = parameters.iter().map(|parameter| parameter.pattern).collect();
        let patterns = self.parameter_patterns(&patterns);
        let body = self.expression(body);
        self.scopes.leave(scope);
        let captures = self.leave_lambda();
        let parameters = patterns.into_iter().zip(types).collect();
        let lambda = Lambda { parameters, captures, itself, body, span, deferred: false };
        ExprKind::Lambda(self.lambdas.push(lambda))
    }

    /// Resolves `defer e` to a lambda without parameters.
    pub fn defer(&mut self, defer: &'a ast::Defer) -> Statement {
        self.frames.push(Frame::deferred(keyword(defer.span, "defer")));
        let body = self.expression(defer.body);
        let captures = self.leave_lambda();
        let (parameters, itself, span) = (Vec::new(), None, defer.span);
        let lambda = Lambda { parameters, captures, itself, body, span, deferred: true };
        Statement::Defer(self.lambdas.push(lambda))
    }

    /// Leaves the innermost lambda; returns its captures.
    fn leave_lambda(&mut self) -> Vec<(LocalId, Span)> {
        match self.frames.pop().map(|frame| frame.kind) {
            Some(FrameKind::Lambda { captures, .. }) => captures,
            Some(FrameKind::Thread { .. }) | None => panic!("BUG: a lambda left another"),
        }
    }

    /// Reports `word`, such as `return`, if it would leave a deferred block. Returns whether an error was reported.
    pub fn leaves_deferred(&mut self, word: &str, span: Span) -> bool {
        let Some(frame) = self.frames.last().filter(|frame| frame.is_deferred()) else { return false };
        let error = errors::leaves_deferred(word, span, frame.span);
        self.context.report(error);
        true
    }

    /// Whether there is a spawned thread between `depth` and the current place.
    pub fn crosses_thread(&self, depth: Depth) -> bool {
        self.frames[depth..].iter().any(|frame| matches!(frame.kind, FrameKind::Thread { .. }))
    }

    /// Resolves a `spawn`. `spawn f(x)` evaluates `x` in the spawning thread; any other `spawn` copies the variables
    /// that its body reads. In both cases the result is a body with variables that are initialised at the `spawn`.
    pub fn spawn(&mut self, operand: ExpressionId, span: Span) -> ExprKind {
        let word = keyword(span, "spawn");
        let ast = self.context.ast;
        let (arguments, body) = if let ExpressionKind::Call { callee, arguments } = ast.expression(operand) {
            let span = self.span(operand);
            let call = self.call(*callee, arguments, span);
            self.spawned_call(call, span)
        } else {
            self.frames.push(Frame::thread(word));
            let body = self.expression(operand);
            match self.frames.pop().map(|frame| frame.kind) {
                Some(FrameKind::Thread { arguments, .. }) => (arguments, body),
                Some(FrameKind::Lambda { .. }) | None => panic!("BUG: a thread left another"),
            }
        };
        ExprKind::Spawn(self.spawns.push(Spawn { arguments, body, span: word }))
    }

    /// Splits the call of a `spawn`. The spawning thread evaluates the arguments and initialises variables with them;
    /// the new thread makes the call with these variables. Returns the variables with their values, and the call.
    fn spawned_call(&mut self, call: ExprKind, span: Span) -> (Vec<(LocalId, ExprId)>, ExprId) {
        let mut passed = Vec::new();
        let mut pass = |resolver: &mut Self, value: ExprId| {
            let place = resolver.exprs[value].span;
            let name = Name { text: Symbol::new(&format!("argument{}", passed.len())), span: place };
            let local = resolver.local(&name, Origin::Argument);
            passed.push((local, value));
            resolver.push(ExprKind::Local(local), place)
        };
        let mut pass_all = |resolver: &mut Self, values: Vec<ExprId>| -> Vec<ExprId> {
            values.into_iter().map(|value| pass(resolver, value)).collect()
        };
        let inside = match call {
            ExprKind::Call(function, arguments) => ExprKind::Call(function, pass_all(self, arguments)),
            ExprKind::CallBuiltin(builtin, arguments) => {
                ExprKind::CallBuiltin(builtin, pass_all(self, arguments))
            }
            ExprKind::CallValue(function, arguments) => {
                let function = pass_all(self, vec![function])[0];
                ExprKind::CallValue(function, pass_all(self, arguments))
            }
            ExprKind::CallMethod { receiver, method, arguments } => {
                let receiver = pass_all(self, vec![receiver])[0];
                ExprKind::CallMethod { receiver, method, arguments: pass_all(self, arguments) }
            }
            ExprKind::CallAssociated { of, name, arguments } => {
                ExprKind::CallAssociated { of, name, arguments: pass_all(self, arguments) }
            }
            ExprKind::Variant { nominal, variant, arguments } => {
                let (numbers, values): (Vec<usize>, Vec<ExprId>) = arguments.into_iter().unzip();
                let values = pass_all(self, values);
                ExprKind::Variant { nominal, variant, arguments: numbers.into_iter().zip(values).collect() }
            }
            ExprKind::Struct { nominal, fields, rest } => {
                let (numbers, values): (Vec<usize>, Vec<ExprId>) = fields.into_iter().unzip();
                let values = pass_all(self, values);
                let rest = rest.map(|rest| pass_all(self, vec![rest])[0]);
                ExprKind::Struct { nominal, fields: numbers.into_iter().zip(values).collect(), rest }
            }
            ExprKind::Shared(mut shared) => {
                // The candidates have the same arguments.
                let mut known: HashMap<ExprId, ExprId> = HashMap::new();
                for (_, candidate) in &mut shared.candidates {
                    let Expr { mut kind, span } = self.exprs[*candidate].clone();
                    if let ExprKind::Variant { arguments, .. } = &mut kind {
                        for (_, value) in arguments {
                            let passed = known.get(value).copied();
                            let passed = passed.unwrap_or_else(|| pass_all(self, vec![*value])[0]);
                            known.insert(*value, passed);
                            *value = passed;
                        }
                    }
                    *candidate = self.push(kind, span);
                }
                ExprKind::Shared(shared)
            }
            reported => reported,
        };
        let body = self.push(inside, span);
        (passed, body)
    }
}
