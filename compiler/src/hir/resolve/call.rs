//! Names, and what can be done with them: calls, methods, fields, indices, assignments.

use super::body::{Origin, Resolver};
use super::expression::operation;
use super::items::Definition;
use super::scope::Binding;
use crate::hir::errors::{self, Immutable};
use crate::hir::prelude::{Builtin, PLANNED_TYPES, PLANNED_VALUES, TYPES};
use crate::hir::tree::{ExprId, ExprKind, FunctionId, LocalId};
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::{Argument, BinaryOperator, ExpressionId, ExpressionKind, Name};

/// What a name stands for.
enum Meaning {
    Local(LocalId),
    Function(FunctionId),
    Builtin(Builtin),
    Type,
    /// It was reported, here or where it is declared.
    Reported,
}

impl<'a> Resolver<'_, 'a> {
    /// A name that stands for a value.
    pub fn name(&mut self, name: &Name) -> ExprKind {
        match self.meaning(name) {
            Meaning::Local(local) => {
                self.usage[local].read = true;
                ExprKind::Local(local)
            }
            Meaning::Function(_) | Meaning::Builtin(_) => {
                self.not_supported("a function used as a value", name.span)
            }
            Meaning::Type => {
                self.context.report(errors::type_as_value(name));
                ExprKind::Error
            }
            Meaning::Reported => ExprKind::Error,
        }
    }

    /// Variables hide items, and items hide the prelude.
    fn meaning(&mut self, name: &Name) -> Meaning {
        if let Some(binding) = self.scopes.get(&name.text) {
            return self.variable(name, binding).map_or(Meaning::Reported, Meaning::Local);
        }
        if let Some((definition, _)) = self.context.items.get(&name.text) {
            return match definition {
                Definition::Function(function) => Meaning::Function(function),
                Definition::Unsupported => Meaning::Reported,
            };
        }
        if let Some(builtin) = Builtin::named(&name.text) {
            return Meaning::Builtin(builtin);
        }
        if PLANNED_VALUES.contains(&name.as_str()) {
            self.context.not_supported(&format!("`{name}`"), name.span);
            return Meaning::Reported;
        }
        if is_type(&name.text) {
            return Meaning::Type;
        }
        if self.reported.insert(name.text.clone()) {
            let unknown = errors::unknown_name(name, self.suggest_value(&name.text));
            self.context.report(unknown);
        }
        Meaning::Reported
    }

    fn suggest_value(&self, name: &str) -> Option<&str> {
        let mut items: Vec<&str> = self.context.items.names().collect();
        items.sort_unstable();
        closest(name, self.scopes.names().chain(items).chain(Builtin::ALL.map(Builtin::name)))
    }

    /// A variable seen from here: in a spawned thread, the thread's own copy of one outside.
    fn variable(&mut self, name: &Name, binding: Binding) -> Option<LocalId> {
        let mut local = binding.local;
        for depth in binding.depth..self.threads.len() {
            self.usage[local].read = true;
            if self.usage[local].origin == Origin::Var {
                if self.reported.insert(name.text.clone()) {
                    let bound = self.locals[local].name.span;
                    self.context.report(errors::captured_var(name, bound, self.threads[depth].span));
                }
                return None;
            }
            local = self.captured(local, depth);
        }
        Some(local)
    }

    /// The variable in which the thread at `depth` gets the value of `outer`.
    fn captured(&mut self, outer: LocalId, depth: usize) -> LocalId {
        if let Some(&inner) = self.threads[depth].captured.get(&outer) {
            return inner;
        }
        let name = self.locals[outer].name.clone();
        let origin = match self.usage[outer].origin {
            Origin::Unknown => Origin::Unknown,
            Origin::Let | Origin::Var | Origin::Parameter | Origin::LoopVariable | Origin::Argument => {
                Origin::Argument
            }
        };
        let inner = self.local(&name, origin);
        let value = self.push(ExprKind::Local(outer), self.threads[depth].span);
        let thread = &mut self.threads[depth];
        thread.captured.insert(outer, inner);
        thread.arguments.push((inner, value));
        inner
    }

    /// `f(x)`, `x.f(y)`
    pub fn call(&mut self, callee: ExpressionId, arguments: &'a [Argument]) -> ExprKind {
        let ast = self.context.ast;
        if let ExpressionKind::Name(name) = ast.expression(callee) {
            return self.call_by_name(name, arguments);
        }
        if let ExpressionKind::Field { base, name } = ast.expression(callee) {
            return self.call_method(*base, name, arguments);
        }
        let function = self.expression(callee);
        let silent = self.exprs[function].kind == ExprKind::Error;
        ExprKind::CallValue(function, self.arguments(arguments, silent))
    }

    fn call_method(&mut self, base: ExpressionId, name: &Name, arguments: &'a [Argument]) -> ExprKind {
        if let Some(unsupported) = self.member_of_type(base, name) {
            self.arguments(arguments, true);
            return unsupported;
        }
        let receiver = self.expression(base);
        let silent = self.exprs[receiver].kind == ExprKind::Error;
        let arguments = self.arguments(arguments, silent);
        ExprKind::CallMethod { receiver, method: name.clone(), arguments }
    }

    fn call_by_name(&mut self, name: &Name, arguments: &'a [Argument]) -> ExprKind {
        match self.meaning(name) {
            Meaning::Function(function) => ExprKind::Call(function, self.arguments(arguments, false)),
            Meaning::Builtin(builtin) => ExprKind::CallBuiltin(builtin, self.arguments(arguments, false)),
            Meaning::Local(local) => {
                self.usage[local].read = true;
                let silent = self.usage[local].origin == Origin::Unknown;
                let function = self.push(ExprKind::Local(local), name.span);
                ExprKind::CallValue(function, self.arguments(arguments, silent))
            }
            Meaning::Type => {
                self.context.report(errors::called_type(name));
                self.arguments(arguments, true);
                ExprKind::Error
            }
            Meaning::Reported => {
                self.arguments(arguments, true);
                ExprKind::Error
            }
        }
    }

    /// `silent`: the callee is not known, and labels may be right.
    fn arguments(&mut self, arguments: &'a [Argument], silent: bool) -> Vec<ExprId> {
        let ast = self.context.ast;
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let span = ast.expressions[argument.value()].span;
            match argument {
                Argument::Positional(_) => {}
                Argument::Labelled(label, _) if !silent => {
                    self.context.report(errors::labelled_argument(label, span));
                }
                Argument::Rest(_) if !silent => self.context.report(errors::rest_argument(span)),
                Argument::Labelled(..) | Argument::Rest(_) => {}
            }
            values.push(self.expression(argument.value()));
        }
        values
    }

    /// `x.name` without a call
    pub fn field(&mut self, base: ExpressionId, name: &Name, span: Span) -> ExprKind {
        if let Some(unsupported) = self.member_of_type(base, name) {
            return unsupported;
        }
        let base = self.expression(base);
        debug_assert!(self.exprs[base].span.start >= span.start || self.exprs[base].kind == ExprKind::Error);
        ExprKind::Field(base, name.clone())
    }

    /// `Int.MAX`, `Vec.new`: reported, unless `base` is no type.
    fn member_of_type(&mut self, base: ExpressionId, member: &Name) -> Option<ExprKind> {
        let ExpressionKind::Name(base) = self.context.ast.expression(base) else { return None };
        let hidden = self.scopes.get(&base.text).is_some() || self.context.items.get(&base.text).is_some();
        if hidden || !is_type(&base.text) {
            return None;
        }
        Some(self.not_supported(&format!("`{base}.{member}`"), base.span.to(member.span)))
    }

    /// `xs[i]`
    pub fn index(&mut self, base: ExpressionId, index: ExpressionId, span: Span) -> ExprKind {
        let base = self.expression(base);
        if matches!(self.context.ast.expression(index), ExpressionKind::Range { .. }) {
            return self.not_supported("slicing", span);
        }
        let index = self.expression(index);
        ExprKind::Index(base, index)
    }

    /// `x = e`, `x += e`
    pub fn assign(
        &mut self,
        target: ExpressionId,
        operator: Option<BinaryOperator>,
        value: ExpressionId,
        span: Span,
    ) -> ExprKind {
        let ast = self.context.ast;
        let place = ast.expressions[target].span;
        let local = if let ExpressionKind::Name(name) = ast.expression(target) {
            self.assignable(name)
        } else {
            let what = match ast.expression(target) {
                ExpressionKind::Index { .. } => Some("an assignment to an element"),
                ExpressionKind::Field { .. } => Some("an assignment to a field"),
                // The parser has reported any other target.
                _ => None,
            };
            what.into_iter().for_each(|what| self.context.not_supported(what, place));
            None
        };
        let old = operator.map(|operator| {
            let old = local.map_or(ExprKind::Error, ExprKind::Local);
            (operator, self.push(old, place))
        });
        let mut value = self.expression(value);
        if let Some((operator, old)) = old {
            value = self.push(operation(operator, old, value), span);
        }
        match local {
            Some(local) => {
                self.usage[local].assigned = true;
                ExprKind::Assign(local, value)
            }
            None => ExprKind::Error,
        }
    }

    /// The variable of that name if it may be assigned from here; reports it otherwise.
    fn assignable(&mut self, name: &Name) -> Option<LocalId> {
        let Some(binding) = self.scopes.get(&name.text) else {
            match self.meaning(name) {
                Meaning::Function(_) | Meaning::Builtin(_) => {
                    self.context.report(errors::assigned_item(name))
                }
                Meaning::Type => self.context.report(errors::type_as_value(name)),
                Meaning::Local(_) | Meaning::Reported => {}
            }
            return None;
        };
        let local = binding.local;
        let outside = binding.depth < self.depth();
        match self.usage[local].origin.immutable() {
            None if !outside => return Some(local),
            None => drop(self.variable(name, binding)),
            Some(how) => {
                let how = if outside { Immutable::Captured } else { how };
                let bound = self.locals[local].name.span;
                self.context.report(errors::assigned_immutable(name, bound, how));
            }
        }
        self.usage[local].read = true;
        None
    }
}

/// Whether the language has a type or trait of that name from the start.
fn is_type(name: &str) -> bool {
    TYPES.contains(&name) || PLANNED_TYPES.contains(&name)
}
