//! Control flow: `if`, loops and the ways out of them, and spawned threads.

use std::collections::HashMap;

use super::body::{Origin, Resolver};
use super::keyword;
use super::scope::{EnclosingLoop, Thread};
use crate::hir::errors;
use crate::hir::tree::{Branch, ExprId, ExprKind, Iterable, LocalId, Loop, LoopId, LoopKind, Spawn};
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::{self, Condition, ExpressionId, ExpressionKind, Name, PatternId, Symbol};

impl<'a> Resolver<'_, 'a> {
    pub fn if_chain(
        &mut self,
        branches: &'a [ast::Branch],
        otherwise: Option<ExpressionId>,
        span: Span,
    ) -> ExprKind {
        let mut resolved = Vec::with_capacity(branches.len());
        for branch in branches {
            let Condition::Expression(condition) = branch.condition else {
                return self.not_supported("`if let`", keyword(span, "if"));
            };
            let condition = self.expression(condition);
            let body = self.expression(branch.body);
            resolved.push(Branch { condition, body });
        }
        let otherwise = otherwise.map(|block| self.expression(block));
        ExprKind::If { branches: resolved, otherwise }
    }

    /// `while c { }` is `loop { if c { } else { break } }`.
    pub fn while_loop(
        &mut self,
        label: Option<&Name>,
        condition: &'a Condition,
        body: ExpressionId,
        span: Span,
    ) -> ExprKind {
        let word = loop_keyword(label, span, "while");
        let Condition::Expression(condition) = *condition else {
            return self.not_supported("`while let`", word);
        };
        let id = self.enter_loop(LoopKind::While, label, word);
        let condition = self.expression(condition);
        let body = self.expression(body);
        self.enclosing.pop();
        let leave = self.push(ExprKind::Break(id, None), word);
        let branches = vec![Branch { condition, body }];
        let turn = self.push(ExprKind::If { branches, otherwise: Some(leave) }, span);
        ExprKind::Loop(id, turn)
    }

    pub fn plain_loop(&mut self, label: Option<&Name>, body: ExpressionId, span: Span) -> ExprKind {
        let id = self.enter_loop(LoopKind::Loop, label, loop_keyword(label, span, "loop"));
        let body = self.expression(body);
        self.enclosing.pop();
        ExprKind::Loop(id, body)
    }

    pub fn for_loop(
        &mut self,
        label: Option<&Name>,
        pattern: PatternId,
        iterable: ExpressionId,
        body: ExpressionId,
        span: Span,
    ) -> ExprKind {
        let iterable = self.iterable(iterable);
        let id = self.enter_loop(LoopKind::For, label, loop_keyword(label, span, "for"));
        let scope = self.scopes.enter();
        let variable = self.bind_pattern(pattern, Origin::LoopVariable);
        let body = self.expression(body);
        self.scopes.leave(scope);
        self.enclosing.pop();
        ExprKind::For { id, variable, iterable, body }
    }

    fn iterable(&mut self, iterable: ExpressionId) -> Iterable {
        let ExpressionKind::Range { start, end, inclusive } = *self.context.ast.expression(iterable) else {
            return Iterable::Value(self.expression(iterable));
        };
        let start = self.expression(start);
        let end = self.expression(end);
        Iterable::Range { start, end, inclusive }
    }

    fn enter_loop(&mut self, kind: LoopKind, label: Option<&Name>, span: Span) -> LoopId {
        let id = self.loops.push(Loop { kind, label: label.cloned(), span });
        let label = label.map(|label| label.text.clone());
        self.enclosing.push(EnclosingLoop { id, label, depth: self.depth() });
        id
    }

    pub fn break_out(&mut self, label: Option<&Name>, value: Option<ExpressionId>, span: Span) -> ExprKind {
        let value = value.map(|value| self.expression(value));
        let Some(id) = self.target_loop("break", label, span) else { return ExprKind::Error };
        let target = &self.loops[id];
        let word = match target.kind {
            LoopKind::Loop => return ExprKind::Break(id, value),
            LoopKind::While => "while",
            LoopKind::For => "for",
        };
        if let Some(value) = value {
            let error = errors::break_with_value(self.exprs[value].span, target.span, word);
            self.context.report(error);
            return ExprKind::Error;
        }
        ExprKind::Break(id, None)
    }

    pub fn continue_with(&mut self, label: Option<&Name>, span: Span) -> ExprKind {
        self.target_loop("continue", label, span).map_or(ExprKind::Error, ExprKind::Continue)
    }

    /// The loop that a `break` or `continue` means: the innermost, or the innermost of that label.
    fn target_loop(&mut self, word: &str, label: Option<&Name>, span: Span) -> Option<LoopId> {
        let fits = |candidate: &&EnclosingLoop| {
            label.is_none_or(|label| candidate.label.as_ref() == Some(&label.text))
        };
        let place = keyword(span, word);
        match self.enclosing.iter().rev().find(fits) {
            Some(found) if found.depth == self.depth() => return Some(found.id),
            Some(found) => {
                let target = self.loops[found.id].span;
                let thread = self.threads[found.depth].span;
                self.context.report(errors::loop_outside_thread(word, place, target, thread));
            }
            None => match label {
                None => self.context.report(errors::outside_loop(word, place)),
                Some(label) => {
                    let labels = self.enclosing.iter().rev().filter_map(|around| around.label.as_deref());
                    let error = errors::unknown_label(label, closest(&label.text, labels));
                    self.context.report(error);
                }
            },
        }
        None
    }

    /// `spawn f(x)` evaluates `x` here; the thread of any other `spawn` reads the `let`s around it, which are copied
    /// here. Both are one thing: a body, and the variables that it begins with.
    pub fn spawn(&mut self, operand: ExpressionId, span: Span) -> ExprKind {
        let word = keyword(span, "spawn");
        let ast = self.context.ast;
        let (arguments, body) = if let ExpressionKind::Call { callee, arguments } = ast.expression(operand) {
            let call = self.call(*callee, arguments);
            self.spawned_call(call, ast.expressions[operand].span)
        } else {
            self.threads.push(Thread { span: word, arguments: Vec::new(), captured: HashMap::new() });
            let body = self.expression(operand);
            let thread = self.threads.pop().expect("BUG: a thread left another");
            (thread.arguments, body)
        };
        ExprKind::Spawn(self.spawns.push(Spawn { arguments, body, span: word }))
    }

    /// The same call inside the thread, of variables that are given the arguments outside.
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
            reported => reported,
        };
        let body = self.push(inside, span);
        (passed, body)
    }
}

/// The keyword of a loop, after its label.
fn loop_keyword(label: Option<&Name>, span: Span, word: &str) -> Span {
    match label {
        None => keyword(span, word),
        Some(label) => label.span,
    }
}
