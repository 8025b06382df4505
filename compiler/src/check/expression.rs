//! Expressions, by kind.

use super::body_state::{Cause, Expected, Obligation, Reason};
use super::bounds::Answer;
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::diagnostics::Diagnostic;
use crate::hir::{self, ExprId, ExprKind, FunctionId, Shared, UnaryOp};
use crate::source::Span;
use crate::types::{NominalId, Type};

impl Checker<'_> {
    /// Infers an expression's type, and coerces it to the expected type. Passes the expectation into blocks and
    /// branches, so that a mismatch is reported at its origin.
    pub fn expr(&mut self, expr: ExprId, expected: Expected) -> Term {
        let body = self.body;
        let ty = match &body.exprs[expr].kind {
            ExprKind::Block(block) => self.block(expr, block, expected),
            ExprKind::If { branches, otherwise } => self.if_chain(expr, branches, *otherwise, expected),
            ExprKind::Match { scrutinee, arms } => self.check_match(*scrutinee, arms, expected),
            ExprKind::Select(arms) => self.select(arms, expected),
            ExprKind::Scope(block) => self.expr(*block, expected),
            ExprKind::Loop(id, iteration) => self.check_loop(expr, *id, *iteration, expected),
            ExprKind::Binary(..) | ExprKind::Logical(..) => {
                let actual = self.chain(expr);
                return self.coerce(expr, actual, expected);
            }
            _ => {
                let actual = self.constructed(expr, expected);
                self.exprs[expr] = actual;
                return self.coerce(expr, actual, expected);
            }
        };
        if let Expected::Type(wanted, _) = expected
            && self.terms.is_never(ty)
        {
            self.never_given.push(wanted);
        }
        self.exprs[expr] = ty;
        ty
    }

    /// The type of an expression whose parts may depend on the type that is expected of the whole expression.
    fn constructed(&mut self, expr: ExprId, expected: Expected) -> Term {
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::Tuple(elements) => self.tuple(elements, expected),
            ExprKind::Array(elements) => self.array(elements, expected),
            ExprKind::Lambda(id) => self.lambda(*id, expected),
            ExprKind::Call(function, arguments) => self.call(expr, *function, arguments, expected),
            ExprKind::CallMethod { receiver, method, arguments } => {
                self.call_method(expr, *receiver, method, arguments, expected)
            }
            ExprKind::CallAssociated { of, name, arguments } => {
                self.call_associated(expr, *of, name, arguments, expected)
            }
            ExprKind::Struct { nominal, fields, rest } => {
                self.check_struct(expr, *nominal, (fields, *rest), expected)
            }
            ExprKind::Variant { nominal, variant, arguments } => {
                self.variant(expr, (*nominal, *variant), arguments, expected)
            }
            ExprKind::Shared(shared) => self.shared(expr, shared, expected),
            _ => self.plain(expr),
        }
    }

    /// The type of an expression that does not depend on the expected type. An operation on an expression that never
    /// completes has the type `Never`, too.
    fn plain(&mut self, expr: ExprId) -> Term {
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::Error => self.terms.error,
            ExprKind::Unit | ExprKind::Yield => self.terms.unit,
            ExprKind::Bool(_) => self.terms.bool,
            ExprKind::Int(_) => self.terms.int,
            ExprKind::Float(_) => self.terms.float,
            ExprKind::Char(_) => self.terms.char,
            ExprKind::Byte(_) => self.terms.byte,
            ExprKind::Bytes(_) => self.terms.of(Type::Nominal(self.hir.lang_items.bytes, Vec::new())),
            ExprKind::String(_) => self.terms.string,
            ExprKind::Interpolation(parts) => self.interpolation(parts),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Constant(constant) => self.terms.named(self.hir.constants[*constant].ty),
            ExprKind::Function(function) => self.function_value(expr, *function),
            ExprKind::VariantFunction(nominal, variant) => self.variant_function(expr, *nominal, *variant),
            ExprKind::Misfit(error) => {
                self.report(Diagnostic::clone(error));
                self.terms.error
            }
            ExprKind::BuiltinFunction(builtin) => {
                let error = errors::builtin_not_called(builtin.name(), self.span(expr));
                self.report(error);
                self.terms.error
            }
            ExprKind::Range { start, end, .. } => self.range(*start, Some(*end)),
            ExprKind::RangeFrom(start) => self.range(*start, None),
            ExprKind::Unary(op, operand) => self.unary(expr, *op, *operand),
            ExprKind::CallBuiltin(builtin, arguments) => self.call_builtin(expr, *builtin, arguments),
            ExprKind::CallValue(function, arguments) => self.call_value(expr, *function, arguments),
            ExprKind::Associated { of, name } => self.associated(expr, *of, name),
            ExprKind::Field(base, name) => self.field(expr, *base, name),
            ExprKind::TupleField(base, at, span) => self.tuple_field(*base, *at, *span),
            ExprKind::Index(base, index) => self.index(expr, *base, *index),
            ExprKind::Try(value) => self.check_try(expr, *value),
            ExprKind::For { id, pattern, iterable, body } => self.check_for(*id, *pattern, *iterable, *body),
            ExprKind::Break(id, value) => self.check_break(expr, *id, *value),
            ExprKind::Continue(_) => self.terms.never,
            ExprKind::Return(value) => self.check_return(expr, *value),
            ExprKind::Assign { target, operator, value } => self.assign(*target, *operator, *value),
            ExprKind::Spawn(id) => self.spawn(*id),
            ExprKind::YieldValue(value) => self.yield_value(*value),
            ExprKind::YieldFrom(generator) => self.yield_from(*generator),
            ExprKind::Block(_)
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Select(_)
            | ExprKind::Scope(_)
            | ExprKind::Loop(..)
            | ExprKind::Binary(..)
            | ExprKind::Logical(..)
            | ExprKind::Tuple(_)
            | ExprKind::Array(_)
            | ExprKind::Lambda(_)
            | ExprKind::Call(..)
            | ExprKind::CallMethod { .. }
            | ExprKind::CallAssociated { .. }
            | ExprKind::Struct { .. }
            | ExprKind::Variant { .. }
            | ExprKind::Shared(_) => unreachable!("BUG: this kind looks at what is expected"),
        }
    }

    /// Chooses the variant that a name means which several enums have: the variant of the expected enum, else the only
    /// variant of the innermost scope. Reports a name for which neither decides.
    fn shared(&mut self, expr: ExprId, shared: &Shared<ExprId>, expected: Expected) -> Term {
        let wanted = match expected {
            Expected::Type(wanted, _) => match self.known_shape(wanted) {
                Shape::Type(Type::Function { result, .. }) => self.known_shape(result),
                other => other,
            },
            Expected::Anything | Expected::Discarded => Shape::Variable,
        };
        let Some(chosen) = shared.chosen(&wanted) else {
            let enums: Vec<_> =
                shared.candidates.iter().map(|&(nominal, _)| &self.hir.nominals[nominal].name).collect();
            let error = hir::ambiguous_variant(&shared.name, &enums);
            self.report(error);
            if let Some(ExprKind::Variant { arguments, .. }) =
                shared.candidates.first().map(|&(_, first)| &self.body.exprs[first].kind)
            {
                let values: Vec<ExprId> = arguments.iter().map(|&(_, value)| value).collect();
                self.any(&values);
            }
            return self.terms.error;
        };
        self.chosen.insert(expr, chosen);
        let ty = self.constructed(chosen, expected);
        self.exprs[chosen] = ty;
        ty
    }

    /// The kind of an expression; for a variant whose name several enums have, of the chosen candidate.
    pub fn kind(&self, expr: ExprId) -> &ExprKind {
        &self.body.exprs[self.chosen.get(&expr).copied().unwrap_or(expr)].kind
    }

    /// The shape of the expected type and the reason for it, if the type is known.
    pub fn expected_shape(&self, expected: Expected) -> Option<(Type<Term>, Reason)> {
        match expected {
            Expected::Type(wanted, reason) => match self.terms.shape(wanted) {
                Shape::Type(ty) => Some((ty, reason)),
                Shape::Variable | Shape::Error => None,
            },
            Expected::Anything | Expected::Discarded => None,
        }
    }

    fn tuple(&mut self, elements: &[ExprId], expected: Expected) -> Term {
        let wanted = match self.expected_shape(expected) {
            Some((Type::Tuple(parts), reason)) if parts.len() == elements.len() => Some((parts, reason)),
            _ => None,
        };
        let mut parts = Vec::new();
        for (at, &element) in elements.iter().enumerate() {
            let part = match &wanted {
                Some((parts, reason)) => self.element(element, Expected::Type(parts[at], *reason)),
                None => self.element(element, Expected::Anything),
            };
            parts.push(part);
        }
        self.terms.of(Type::Tuple(parts))
    }

    /// Checks an element of a tuple. The element gets the expected type, which may be `fn` even if the element is a
    /// `share fn`. Without an expected type, an element that never completes gets a type variable.
    fn element(&mut self, element: ExprId, expected: Expected) -> Term {
        let ty = self.expr(element, expected);
        match expected {
            Expected::Type(wanted, _) if !self.terms.is_error(ty) => wanted,
            _ if self.terms.is_never(ty) => {
                let part = self.terms.variable();
                self.never_given.push(part);
                part
            }
            _ => ty,
        }
    }

    fn array(&mut self, elements: &[ExprId], expected: Expected) -> Term {
        let (element, reason) = match self.expected_shape(expected) {
            Some((Type::Array(element), reason)) => (element, reason),
            _ => {
                let first = elements.first().map_or(self.span(self.body.root), |&first| self.span(first));
                (self.terms.variable(), Reason::Element(first))
            }
        };
        for &each in elements {
            self.expr(each, Expected::Type(element, reason));
        }
        self.terms.of(Type::Array(element))
    }

    fn range(&mut self, start: ExprId, end: Option<ExprId>) -> Term {
        let bound = Expected::Type(self.terms.int, Reason::RangeBound);
        for value in [start].into_iter().chain(end) {
            self.expr(value, bound);
        }
        self.range_type()
    }

    pub fn range_type(&mut self) -> Term {
        self.terms.of(Type::Nominal(self.hir.lang_items.range, Vec::new()))
    }

    /// The type of a function that is used as a value.
    fn function_value(&mut self, expr: ExprId, function: FunctionId) -> Term {
        let instance = self.instance(function, self.span(expr));
        let declared = &self.hir.functions[function];
        let parameters = declared
            .parameters
            .iter()
            .map(|parameter| self.terms.instantiate(parameter.ty, &instance.substitution))
            .collect();
        let result = self.terms.instantiate(declared.result, &instance.substitution);
        self.calls.insert(expr, instance);
        self.terms.closure(parameters, result)
    }

    fn variant_function(&mut self, expr: ExprId, nominal: NominalId, variant: usize) -> Term {
        let (ty, substitution) = self.fresh_nominal(nominal);
        self.require_bounds(&substitution, self.span(expr));
        let fields = self.variant_fields(nominal, variant);
        let parameters =
            fields.iter().map(|&(field, _)| self.terms.instantiate(field, &substitution)).collect();
        self.terms.closure(parameters, ty)
    }

    fn unary(&mut self, expr: ExprId, op: UnaryOp, operand: ExprId) -> Term {
        let actual = self.expr(operand, Expected::Anything);
        let (span, operand) = (self.span(expr), self.span(operand));
        let before = self.diagnostics.len();
        self.decide_or_defer(Obligation::Unary { op, ty: actual, span, operand });
        if self.diagnostics.len() == before { actual } else { self.terms.error }
    }

    /// Requires that the operator takes the type, and reports an error if not. Returns `false` if the type is not known
    /// yet.
    pub fn unary_takes(&mut self, op: UnaryOp, ty: Term, span: Span, operand: Span) -> bool {
        let shape = match self.terms.shape(ty) {
            Shape::Variable => return false,
            Shape::Error => return true,
            Shape::Type(shape) => shape,
        };
        if op.is_built_in(&shape) {
            return true;
        }
        let refusal = match self.hir.lang_items.operators.of_unary(op) {
            Some(of) => match self.terms.holds(ty, of, &[]) {
                Answer::Yes => return true,
                Answer::Unknown => return false,
                Answer::No(refusal) => Some(refusal),
            },
            None => None,
        };
        let error = match refusal {
            // A part of the type lacks the trait.
            Some(refusal) if self.terms.find(refusal.ty) != self.terms.find(ty) => {
                let cause = Cause::Operand { op: op.symbol(), who: "this is", span: operand };
                errors::not_implemented(&self.terms, ty, &refusal, cause)
            }
            Some(_) | None => {
                let found = self.terms.text(ty);
                errors::unary_operand(op, &shape, span, operand, &found, &self.terms)
            }
        };
        self.report(error);
        true
    }
}
