//! Control flow: `if`, `match`, loops, `break` and `continue`.

use super::body::{Origin, Resolver};
use super::keyword;
use super::scope::{EnclosingLoop, FrameKind};
use crate::hir::body::{Arm, Branch, Condition, ExprKind};
use crate::hir::errors;
use crate::hir::ids::LoopId;
use crate::hir::loops::{Loop, LoopKind};
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::{self, ExpressionId, ExpressionKind, Name, PatternId};

impl<'a> Resolver<'_, 'a> {
    pub fn if_chain(&mut self, branches: &'a [ast::Branch], otherwise: Option<ExpressionId>) -> ExprKind {
        let mut resolved = Vec::with_capacity(branches.len());
        for branch in branches {
            // The variables of an `if let` are in scope only in the conditions after it and in its block.
            let scope = self.scopes.enter();
            let conditions = self.conditions(&branch.conditions);
            let body = self.expression(branch.body);
            self.scopes.leave(scope);
            resolved.push(Branch { conditions, body });
        }
        let otherwise = otherwise.map(|block| self.expression(block));
        ExprKind::If { branches: resolved, otherwise }
    }

    fn conditions(&mut self, conditions: &'a [ast::Condition]) -> Vec<Condition> {
        conditions.iter().map(|condition| self.condition(condition)).collect()
    }

    fn condition(&mut self, condition: &'a ast::Condition) -> Condition {
        match condition {
            ast::Condition::Expression(condition) => Condition::Expr(self.expression(*condition)),
            ast::Condition::Let { pattern, value } => {
                let value = self.expression(*value);
                Condition::Let(self.pattern(*pattern, Origin::Match), value)
            }
        }
    }

    pub fn match_value(&mut self, scrutinee: ExpressionId, arms: &'a [ast::Arm]) -> ExprKind {
        let scrutinee = self.expression(scrutinee);
        let mut resolved = Vec::with_capacity(arms.len());
        for arm in arms {
            let scope = self.scopes.enter();
            let pattern = self.pattern(arm.pattern, Origin::Match);
            let guard = arm.guard.map(|guard| self.expression(guard));
            let body = self.expression(arm.body);
            self.scopes.leave(scope);
            resolved.push(Arm { pattern, guard, body, span: arm.span });
        }
        ExprKind::Match { scrutinee, arms: resolved }
    }

    /// Resolves `while c { }` to `loop { if c { } else { break } }`, and `while let` to the same loop with `if let`.
    pub fn while_loop(
        &mut self,
        label: Option<&Name>,
        conditions: &'a [ast::Condition],
        body: ExpressionId,
        span: Span,
    ) -> ExprKind {
        let word = loop_keyword(label, span, "while");
        let id = self.enter_loop(LoopKind::While, label, word);
        let scope = self.scopes.enter();
        let conditions = self.conditions(conditions);
        let body = self.expression(body);
        self.scopes.leave(scope);
        self.enclosing.pop();
        let leave = self.push(ExprKind::Break(id, None), word);
        let branches = vec![Branch { conditions, body }];
        let iteration = self.push(ExprKind::If { branches, otherwise: Some(leave) }, span);
        ExprKind::Loop(id, iteration)
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
        let iterable = self.expression(iterable);
        let id = self.enter_loop(LoopKind::For, label, loop_keyword(label, span, "for"));
        let scope = self.scopes.enter();
        let pattern = self.pattern(pattern, Origin::LoopVariable);
        let body = self.expression(body);
        self.scopes.leave(scope);
        self.enclosing.pop();
        ExprKind::For { id, pattern, iterable, body }
    }

    fn enter_loop(&mut self, kind: LoopKind, label: Option<&Name>, span: Span) -> LoopId {
        let id = self.loops.push(Loop { kind, label: label.cloned(), span });
        let label = label.map(|label| label.text.clone());
        self.enclosing.push(EnclosingLoop { id, label, depth: self.depth() });
        id
    }

    pub fn break_out(&mut self, label: Option<&Name>, value: Option<ExpressionId>, span: Span) -> ExprKind {
        if let Some(label) = value.and_then(|value| self.unknown_label(value)) {
            self.report_unknown_label(label);
            return ExprKind::Error;
        }
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

    /// The name in `break name` if neither a variable nor a declaration has this name. It is not the label of an
    /// enclosing loop either: for such a label, the parser would have built a `break` with a label.
    fn unknown_label(&mut self, value: ExpressionId) -> Option<&'a Name> {
        let ExpressionKind::Name(name) = self.context.ast.expression(value) else { return None };
        let known = self.scopes.get(&name.text).is_some() || self.context.is_known(name);
        (!known).then_some(name)
    }

    fn report_unknown_label(&mut self, label: &Name) {
        let labels = self.enclosing.iter().rev().filter_map(|around| around.label.as_deref());
        let error = errors::unknown_label(label, closest(&label.text, labels));
        self.context.report(error);
    }

    pub fn continue_with(&mut self, label: Option<&Name>, span: Span) -> ExprKind {
        self.target_loop("continue", label, span).map_or(ExprKind::Error, ExprKind::Continue)
    }

    /// The target of a `break` or `continue`: the innermost loop, or the innermost loop with the given label. Reports
    /// an error if there is no such loop, or if the loop is outside the lambda or thread that contains the `break` or
    /// `continue`.
    fn target_loop(&mut self, word: &str, label: Option<&Name>, span: Span) -> Option<LoopId> {
        let fits = |candidate: &&EnclosingLoop| {
            label.is_none_or(|label| candidate.label.as_ref() == Some(&label.text))
        };
        let place = keyword(span, word);
        match self.enclosing.iter().rev().find(fits) {
            Some(found) if found.depth == self.depth() => return Some(found.id),
            Some(found) => {
                let target = self.loops[found.id].span;
                let frame = &self.frames[found.depth];
                let error = match frame.kind {
                    FrameKind::Lambda { deferred: true, .. } => {
                        errors::leaves_deferred(word, place, frame.span)
                            .with_label(target, "this loop is outside")
                    }
                    FrameKind::Lambda { .. } => errors::loop_outside_lambda(word, place, target, frame.span),
                    FrameKind::Thread { .. } => errors::loop_outside_thread(word, place, target, frame.span),
                };
                self.context.report(error);
            }
            None => match label {
                None => self.context.report(errors::outside_loop(word, place)),
                Some(label) => self.report_unknown_label(label),
            },
        }
        None
    }
}

/// The place of a loop's label, or of its keyword if it has no label.
fn loop_keyword(label: Option<&Name>, span: Span, word: &str) -> Span {
    match label {
        None => keyword(span, word),
        Some(label) => label.span,
    }
}
