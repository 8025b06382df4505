//! `select` and its arms.

use super::body::{Origin, Resolver};
use super::keyword;
use crate::hir::body::{ExprKind, SelectArm, SelectEvent};
use crate::hir::errors;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionId, ExpressionKind, PatternId};

impl<'a> Resolver<'_, 'a> {
    pub fn select(&mut self, arms: &'a [ast::SelectArm], word: Span) -> ExprKind {
        if arms.is_empty() {
            self.context.report(errors::select_without_arms(word));
            return ExprKind::Error;
        }
        let mut first_else = None;
        let mut resolved = Vec::with_capacity(arms.len());
        for arm in arms {
            // The variable that an arm binds is in scope only in the arm's body.
            let scope = self.scopes.enter();
            let event = self.select_event(&arm.event);
            let body = self.expression(arm.body);
            self.scopes.leave(scope);
            if let Some(event) = event {
                resolved.push(SelectArm { event, body, span: arm.span });
            }
            if let ast::SelectEvent::Else = arm.event {
                let word = keyword(arm.span, "else");
                match first_else {
                    None => first_else = Some(word),
                    Some(first) => self.context.report(errors::second_else(word, first)),
                }
            }
        }
        match resolved.len() == arms.len() {
            true => ExprKind::Select(resolved),
            false => ExprKind::Error,
        }
    }

    /// Resolves the event of an arm; `None` if an error was reported.
    fn select_event(&mut self, event: &'a ast::SelectEvent) -> Option<SelectEvent> {
        match event {
            ast::SelectEvent::Operation { binding, operation } => self.select_operation(*binding, *operation),
            ast::SelectEvent::After(time) => Some(SelectEvent::After(self.expression(*time))),
            ast::SelectEvent::Else => Some(SelectEvent::Else),
        }
    }

    /// Resolves `a.recv()` or `a.send(x)`; reports any other expression.
    fn select_operation(
        &mut self,
        binding: Option<PatternId>,
        operation: ExpressionId,
    ) -> Option<SelectEvent> {
        let span = self.span(operation);
        let called = match self.context.ast.expression(operation) {
            ExpressionKind::Call { callee, arguments } => match self.context.ast.expression(*callee) {
                ExpressionKind::Field { base, name } => Some((*base, name, arguments)),
                _ => None,
            },
            _ => None,
        };
        let event = match called {
            Some((channel, name, arguments)) => {
                let channel = self.expression(channel);
                let values = self.arguments(arguments, false);
                match (name.as_str(), values.as_slice()) {
                    ("recv", []) => Some(SelectEvent::Receive(channel, None)),
                    ("send", &[value]) => Some(SelectEvent::Send(channel, value)),
                    _ => None,
                }
            }
            None => {
                self.expression(operation);
                None
            }
        };
        // The variable comes into scope even after an error, so that its uses cause no other error.
        let pattern = binding.map(|binding| self.pattern(binding, Origin::Match));
        match (event, pattern) {
            (Some(SelectEvent::Receive(channel, _)), pattern) => Some(SelectEvent::Receive(channel, pattern)),
            (Some(SelectEvent::Send(..)), Some(pattern)) => {
                let bound = self.patterns[pattern].span;
                self.context.report(errors::select_send_binds(bound, span));
                None
            }
            (None, _) => {
                let called = called.map(|(_, name, _)| name.as_str());
                self.context.report(errors::select_operation(span, called));
                None
            }
            (event, None) => event,
            (Some(SelectEvent::After(_) | SelectEvent::Else), Some(_)) => {
                unreachable!("BUG: only operations bind")
            }
        }
    }
}
