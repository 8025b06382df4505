//! Calls of functions, function values, builtins, variants and structs.

use super::body_state::{Cause, Expected, Instance, Obligation, Reason};
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Substitution, Term};
use crate::hir::{Builtin, ExprId, ExprKind, FunctionId, NominalKind};
use crate::source::Span;
use crate::types::{NominalId, ParameterId, Type};

/// A call whose function is known.
pub(super) struct Application<'e> {
    pub expr: ExprId,
    pub instance: Instance,
    /// The type of the receiver, which the caller has checked; `None` if the call has no receiver.
    pub receiver: Option<Term>,
    /// The arguments without the receiver.
    pub arguments: &'e [ExprId],
    /// The span for errors about bounds: the function's name, or the call.
    pub span: Span,
}

impl Checker<'_> {
    pub fn call(
        &mut self,
        expr: ExprId,
        function: FunctionId,
        arguments: &[ExprId],
        expected: Expected,
    ) -> Term {
        let substitution = self.terms.fresh(&self.hir.functions[function].generics);
        let instance = Instance { function, substitution };
        let span = self.span(expr);
        self.apply(Application { expr, instance, receiver: None, arguments, span }, expected)
    }

    /// Checks a call of a function that was instantiated with fresh variables. Returns the result type.
    pub fn apply(&mut self, call: Application<'_>, expected: Expected) -> Term {
        let function = &self.hir.functions[call.instance.function];
        let substitution = &call.instance.substitution;
        let result = self.terms.instantiate(function.result, substitution);
        if !substitution.is_empty() {
            self.profit(result, expected);
        }
        let mut parameters = function.parameters.iter();
        if let (Some(receiver), Some(parameter)) = (call.receiver, parameters.clone().next()) {
            parameters.next();
            let ty = self.terms.instantiate(parameter.ty, substitution);
            // The function was found by the receiver's type, so the types of the receiver and of the first parameter
            // can be unified.
            let _ = self.terms.unify(receiver, ty);
        }
        let wanted: Vec<_> = parameters
            .map(|parameter| {
                let ty = self.terms.instantiate(parameter.ty, substitution);
                (ty, Reason::Parameter(parameter.ty_span))
            })
            .collect();
        // For a trait's function the first type argument is `Self`. The lookup of the function has already required
        // that `Self` implements the trait, so the bounds of `Self` are skipped.
        let of_trait = matches!(function.owner, crate::hir::Owner::Trait(_));
        let bounded = substitution[usize::from(of_trait)..].to_vec();
        self.arguments(call.arguments, &wanted, |checker| checker.require_bounds(&bounded, call.span));
        if call.arguments.len() != wanted.len() {
            let span = self.span(call.expr);
            let error =
                errors::argument_count(function.name.as_str(), wanted.len(), call.arguments.len(), span);
            self.report(error.with_label(function.name.span, "declared here"));
        }
        self.calls.insert(call.expr, call.instance);
        result
    }

    /// Infers type arguments of a generic call from the expected type. A type that does not fit is reported later, for
    /// the whole call.
    fn profit(&mut self, result: Term, expected: Expected) {
        if let Expected::Type(wanted, _) = expected
            && !self.terms.is_variable(wanted)
            && !self.terms.is_never(wanted)
        {
            let _ = self.terms.unify(result, wanted);
        }
    }

    /// Checks the arguments of a call. Lambdas are checked last, because the other arguments and the bounds of the
    /// function may determine the types of the lambdas' parameters.
    fn arguments(&mut self, arguments: &[ExprId], wanted: &[(Term, Reason)], bounds: impl FnOnce(&mut Self)) {
        let is_lambda = |checker: &Self, argument: ExprId| {
            matches!(checker.body.exprs[argument].kind, ExprKind::Lambda(_))
        };
        let expected =
            |at: usize| wanted.get(at).map_or(Expected::Anything, |&(ty, reason)| Expected::Type(ty, reason));
        let mut lambdas = false;
        for (at, &argument) in arguments.iter().enumerate() {
            match is_lambda(self, argument) {
                true => lambdas = true,
                false => {
                    self.expr(argument, expected(at));
                }
            }
        }
        bounds(self);
        if lambdas {
            for (at, &argument) in arguments.iter().enumerate() {
                if is_lambda(self, argument) {
                    self.expr(argument, expected(at));
                }
            }
        }
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
            Builtin::Same => self.terms.bool,
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
                self.require(ty, self.hir.lang_items.eq, Vec::new(), Cause::AssertEq(self.span(left)));
            }
            (Builtin::Same, &[left, right]) => {
                let ty = self.expr(left, Expected::Anything);
                let span = self.span(left);
                self.expr(right, Expected::Type(ty, Reason::Compared(span)));
                self.decide_or_defer(Obligation::Identity { ty, span });
            }
            (_, arguments) => self.any(arguments),
        }
    }

    /// Requires that values of the type have an identity, and reports an error if not. Returns whether the type is
    /// known.
    pub fn has_identity(&mut self, ty: Term, span: Span) -> bool {
        let fits = match self.terms.shape(ty) {
            Shape::Variable => return false,
            Shape::Error | Shape::Type(Type::Never) => true,
            Shape::Type(Type::Nominal(nominal, _)) => self.hir.nominals[nominal].kind.has_identity(),
            Shape::Type(_) => false,
        };
        if !fits {
            let error = errors::no_identity(span, &self.terms.text(ty));
            self.report(error);
        }
        true
    }

    /// Checks `f(x)` where `f` is a value.
    pub fn call_value(&mut self, expr: ExprId, function: ExprId, arguments: &[ExprId]) -> Term {
        let ty = self.expr(function, Expected::Anything);
        self.call_of_type(expr, self.span(function), ty, arguments)
    }

    /// Checks a call of a function value of type `ty`; `callee` is the span of the value.
    pub fn call_of_type(&mut self, expr: ExprId, callee: Span, ty: Term, arguments: &[ExprId]) -> Term {
        match self.known_shape(ty) {
            Shape::Type(Type::Function { parameters, result, .. }) => {
                let wanted: Vec<_> =
                    parameters.iter().map(|&parameter| (parameter, Reason::Called(callee))).collect();
                self.arguments(arguments, &wanted, |_| ());
                if arguments.len() != wanted.len() {
                    let text = self.terms.text(ty);
                    let span = self.span(expr);
                    let error = errors::argument_count("this function", wanted.len(), arguments.len(), span);
                    self.report(error.with_label(callee, format!("this is `{text}`")));
                }
                result
            }
            Shape::Type(Type::Never) => {
                self.any(arguments);
                ty
            }
            Shape::Variable => {
                let parameters: Vec<_> =
                    arguments.iter().map(|&argument| self.expr(argument, Expected::Anything)).collect();
                let result = self.terms.variable();
                let function = self.terms.of(Type::Function { share: false, parameters, result });
                match self.terms.unify(ty, function) {
                    true => result,
                    false => {
                        let error = errors::unknown_type(callee, "_");
                        self.report(error);
                        self.terms.error
                    }
                }
            }
            Shape::Type(_) => {
                let error = errors::not_callable(callee, &self.terms.text(ty));
                self.report(error);
                self.unknown_call(arguments)
            }
            Shape::Error => self.unknown_call(arguments),
        }
    }

    /// Checks the arguments of a call whose callee has a reported error: the arguments may have errors of their own.
    pub fn unknown_call(&mut self, arguments: &[ExprId]) -> Term {
        self.any(arguments);
        self.terms.error
    }

    pub fn any(&mut self, arguments: &[ExprId]) {
        for &argument in arguments {
            self.expr(argument, Expected::Anything);
        }
    }

    /// A struct or enum with fresh variables for its type arguments. The caller must require the bounds.
    pub fn fresh_nominal(&mut self, nominal: NominalId) -> (Term, Substitution) {
        let substitution = self.terms.fresh(&self.hir.nominals[nominal].parameters);
        let arguments = substitution.iter().map(|&(_, argument)| argument).collect();
        (self.terms.of(Type::Nominal(nominal, arguments)), substitution)
    }

    /// Checks a variant with arguments: `Circle(1.0)`.
    pub fn variant(
        &mut self,
        expr: ExprId,
        (nominal, variant): (NominalId, usize),
        arguments: &[(usize, ExprId)],
        expected: Expected,
    ) -> Term {
        let (ty, substitution) = self.fresh_nominal(nominal);
        if !substitution.is_empty() {
            self.profit(ty, expected);
        }
        let fields = self.variant_fields(nominal, variant);
        let wanted: Vec<_> = arguments
            .iter()
            .map(|&(at, _)| {
                let (field, span) = fields[at];
                (self.terms.instantiate(field, &substitution), Reason::Field(span))
            })
            .collect();
        let span = self.span(expr);
        let values: Vec<ExprId> = arguments.iter().map(|&(_, value)| value).collect();
        self.arguments(&values, &wanted, |checker| checker.require_bounds(&substitution, span));
        ty
    }

    /// Checks the construction of a struct: `Point(x: 1.0, ..p)`.
    pub fn check_struct(
        &mut self,
        expr: ExprId,
        nominal: NominalId,
        (fields, rest): (&[(usize, ExprId)], Option<ExprId>),
        expected: Expected,
    ) -> Term {
        let (ty, substitution) = self.fresh_nominal(nominal);
        if !substitution.is_empty() {
            self.profit(ty, expected);
        }
        let mut wanted = Vec::new();
        for &(at, value) in fields {
            let (field, span) = self.struct_field_type(nominal, at);
            wanted.push((self.terms.instantiate(field, &substitution), Reason::Field(span)));
            self.private_field(nominal, at, self.span(value));
        }
        let values: Vec<ExprId> = fields.iter().map(|&(_, value)| value).collect();
        let span = self.span(expr);
        self.arguments(&values, &wanted, |checker| checker.require_bounds(&substitution, span));
        // Name resolution has checked that no field is missing without `..p`.
        if let Some(rest) = rest {
            self.expr(rest, Expected::Type(ty, Reason::Rest(span)));
            self.private_rest(nominal, fields, rest);
        }
        ty
    }

    /// Reports a private field that `..p` copies: the two structs would share the field's contents.
    fn private_rest(&mut self, nominal: NominalId, given: &[(usize, ExprId)], rest: ExprId) {
        let NominalKind::Struct(fields) = &self.hir.nominals[nominal].kind else { return };
        let mut copied = (0..fields.len()).filter(|at| given.iter().all(|(given, _)| given != at));
        if let Some(private) = copied.find(|&at| self.is_private_field(nominal, at)) {
            self.private_field(nominal, private, self.span(rest));
        }
    }

    /// Checks a type that is written in a body: its type arguments must satisfy the bounds of the type parameters.
    pub fn check_named_type(&mut self, ty: Term, span: Span) {
        let Shape::Type(shape) = self.terms.shape(ty) else { return };
        if let Type::Nominal(nominal, arguments) = &shape {
            let parameters: &[ParameterId] = &self.hir.nominals[*nominal].parameters;
            let substitution: Vec<_> = parameters.iter().copied().zip(arguments.iter().copied()).collect();
            self.require_bounds(&substitution, span);
        }
        for part in shape.parts() {
            self.check_named_type(part, span);
        }
    }
}
