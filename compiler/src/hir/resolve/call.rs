//! Resolution of calls.

use super::body::Resolver;
use super::declare::Definition;
use super::reference::Reference;
use crate::hir::body::ExprKind;
use crate::hir::errors;
use crate::hir::ids::ExprId;
use crate::source::Span;
use crate::syntax::ast::{Argument, ExpressionId};

impl<'a> Resolver<'_, 'a> {
    /// Resolves a call: `f(x)`, `x.f(y)`, `Point(x: 1.0)`.
    pub fn call(&mut self, callee: ExpressionId, arguments: &'a [Argument], span: Span) -> ExprKind {
        let place = self.span(callee);
        match self.reference(callee) {
            Reference::Item(found) => self.call_item(found, arguments, place, span),
            Reference::Associated(of, name) => {
                let arguments = self.arguments(arguments, false);
                ExprKind::CallAssociated { of, name, arguments }
            }
            Reference::Member(receiver, method) => {
                let silent = self.exprs[receiver].kind == ExprKind::Error;
                let arguments = self.arguments(arguments, silent);
                ExprKind::CallMethod { receiver, method, arguments }
            }
            Reference::Value(kind) => {
                let silent = kind == ExprKind::Error;
                let function = self.push(kind, place);
                ExprKind::CallValue(function, self.arguments(arguments, silent))
            }
        }
    }

    fn call_item(
        &mut self,
        found: Definition,
        arguments: &'a [Argument],
        place: Span,
        span: Span,
    ) -> ExprKind {
        match found {
            Definition::Function(function) => ExprKind::Call(function, self.arguments(arguments, false)),
            Definition::Builtin(builtin) => ExprKind::CallBuiltin(builtin, self.arguments(arguments, false)),
            Definition::Variant(nominal, variant) => {
                let given = self.variant_arguments(arguments);
                self.build_variant((nominal, variant), &given, place, span).unwrap_or_else(|error| {
                    self.context.report(*error);
                    ExprKind::Error
                })
            }
            Definition::Shared(shared) => {
                let given = self.variant_arguments(arguments);
                self.shared(shared, span, |resolver, nominal, variant| {
                    let built = resolver.build_variant((nominal, variant), &given, place, span);
                    built.unwrap_or_else(ExprKind::Misfit)
                })
            }
            Definition::Constant(constant) => {
                let function = self.push(ExprKind::Constant(constant), place);
                ExprKind::CallValue(function, self.arguments(arguments, false))
            }
            Definition::Nominal(_) | Definition::Alias(_) | Definition::SelfType => {
                match self.context.nominal_of(found) {
                    Some(nominal) if !self.context.items.is_enum(nominal) => {
                        self.build_struct(nominal, arguments, place)
                    }
                    _ => self.called_type(found, arguments, place),
                }
            }
            Definition::Module(_)
            | Definition::Trait(_)
            | Definition::Parameter(_)
            | Definition::Primitive(_) => self.called_type(found, arguments, place),
            Definition::Failed => {
                self.arguments(arguments, true);
                ExprKind::Error
            }
        }
    }

    /// Reports a call whose callee is a module, a trait or a type other than a struct: `Int(2)`, `Shape(1.0)`.
    fn called_type(&mut self, found: Definition, arguments: &'a [Argument], place: Span) -> ExprKind {
        let is_reported = matches!(found, Definition::Alias(alias) if self.context.aliases[alias].ty.is_none())
            || matches!((found, self.context.self_type), (Definition::SelfType, Some(None)));
        if !is_reported {
            let (text, what) = (self.written(found), self.context.describe(found));
            let variants = self.context.nominal_of(found).map(|nominal| self.variant_names(nominal));
            let error = errors::called_type(&text, what, &variants.unwrap_or_default(), place);
            self.context.report(error);
        }
        self.arguments(arguments, true);
        ExprKind::Error
    }

    /// Resolves the arguments of a call and reports labels as errors, unless `silent` is set: an unknown callee may be
    /// a struct, whose fields have labels.
    pub fn arguments(&mut self, arguments: &'a [Argument], silent: bool) -> Vec<ExprId> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let span = self.span(argument.value());
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
}
