//! Calls: of the program's functions, of the prelude's, and of methods.

use super::errors;
use super::expect::{Expected, Reason};
use super::function::Checker;
use super::infer::{Shape, Term};
use super::method::{self, Lookup};
use crate::hir::{Builtin, ExprId, FunctionId, not_supported};
use crate::syntax::ast::Name;
use crate::types::Type;

impl Checker<'_> {
    pub fn call(&mut self, expr: ExprId, function: FunctionId, arguments: &[ExprId]) -> Term {
        let callee = &self.hir.functions[function];
        for (at, &argument) in arguments.iter().enumerate() {
            let expected = match callee.parameters.get(at) {
                Some(parameter) => {
                    let ty = self.terms.named(parameter.ty, &self.hir.types);
                    Expected::Type(ty, Reason::Parameter(callee.body.locals[parameter.local].name.span))
                }
                None => Expected::Anything,
            };
            self.expr(argument, expected);
        }
        let takes = callee.parameters.len();
        if arguments.len() != takes {
            let error = errors::argument_count(callee.name.as_str(), takes, arguments.len(), self.span(expr));
            self.report(error.with_label(callee.name.span, "declared here"));
        }
        self.terms.named(callee.result, &self.hir.types)
    }

    pub fn call_builtin(&mut self, expr: ExprId, builtin: Builtin, arguments: &[ExprId]) -> Term {
        let takes = builtin.arity();
        if arguments.len() != takes {
            self.any(arguments);
            let span = self.span(expr);
            let error = errors::argument_count(builtin.name(), takes, arguments.len(), span);
            self.report(match (builtin, arguments) {
                (Builtin::Print | Builtin::PrintLine | Builtin::Eprint | Builtin::EprintLine, []) => {
                    errors::with_empty_string(error, span)
                }
                _ => error,
            });
        } else {
            self.builtin_arguments(builtin, arguments);
        }
        match builtin {
            Builtin::Panic | Builtin::Exit => self.terms.never,
            Builtin::Args => {
                let string = self.terms.string;
                self.terms.of(Type::Array(string))
            }
            Builtin::Print
            | Builtin::PrintLine
            | Builtin::Eprint
            | Builtin::EprintLine
            | Builtin::Assert
            | Builtin::AssertEq => self.terms.unit,
        }
    }

    fn builtin_arguments(&mut self, builtin: Builtin, arguments: &[ExprId]) {
        let reason = Reason::BuiltinParameter(builtin.name());
        let of = |ty| Expected::Type(ty, reason);
        match (builtin, arguments) {
            (Builtin::Panic, &[message]) => {
                self.expr(message, of(self.terms.string));
            }
            (Builtin::Assert, &[condition]) => {
                self.expr(condition, of(self.terms.bool));
            }
            (Builtin::Exit, &[status]) => {
                self.expr(status, of(self.terms.int));
            }
            (Builtin::AssertEq, &[left, right]) => {
                let ty = self.expr(left, Expected::Anything);
                let because = Reason::Compared(self.span(left));
                self.expr(right, Expected::Type(ty, because));
                self.shown(left, ty);
            }
            (_, arguments) => {
                for &argument in arguments {
                    let ty = self.expr(argument, Expected::Anything);
                    self.shown(argument, ty);
                }
            }
        }
    }

    /// No type is a function's yet.
    pub fn call_value(&mut self, function: ExprId, arguments: &[ExprId]) -> Term {
        let ty = self.expr(function, Expected::Anything);
        if self.terms.is_never(ty) {
            self.any(arguments);
            return ty;
        }
        if let Shape::Type(_) = self.terms.shape(ty) {
            let error = errors::not_callable(self.span(function), &self.terms.display(ty).to_string());
            self.report(error);
        }
        self.unknown_call(arguments)
    }

    pub fn call_method(&mut self, expr: ExprId, receiver: ExprId, name: &Name, arguments: &[ExprId]) -> Term {
        let actual = self.expr(receiver, Expected::Anything);
        let ty = match self.terms.shape(actual) {
            Shape::Type(Type::Never) => {
                self.any(arguments);
                return actual;
            }
            Shape::Type(ty) => ty,
            Shape::Error | Shape::Variable => return self.unknown_call(arguments),
        };
        let (method, parameters, result) = match method::look_up(&ty, name.as_str(), &self.terms) {
            Lookup::Found(method, parameters, result) => (method, parameters, result),
            Lookup::Planned => {
                self.report(not_supported(&format!("the method `{name}`"), name.span));
                return self.unknown_call(arguments);
            }
            Lookup::Unknown(_) if self.hir.unsupported_methods.contains(&name.text) => {
                return self.unknown_call(arguments);
            }
            Lookup::Unknown(suggestion) => {
                let found = self.terms.display(actual).to_string();
                self.report(errors::unknown_method(name, self.span(receiver), &found, suggestion));
                return self.unknown_call(arguments);
            }
        };
        self.methods.insert(expr, method);
        for (at, &argument) in arguments.iter().enumerate() {
            let expected = match parameters.get(at) {
                Some(&ty) => Expected::Type(ty, Reason::Parameter(name.span)),
                None => Expected::Anything,
            };
            self.expr(argument, expected);
        }
        if arguments.len() != parameters.len() {
            let error =
                errors::argument_count(name.as_str(), parameters.len(), arguments.len(), self.span(expr));
            self.report(error);
        }
        result
    }

    /// The callee was reported; its arguments may have faults of their own.
    fn unknown_call(&mut self, arguments: &[ExprId]) -> Term {
        self.any(arguments);
        self.terms.error
    }

    fn any(&mut self, arguments: &[ExprId]) {
        for &argument in arguments {
            self.expr(argument, Expected::Anything);
        }
    }
}
