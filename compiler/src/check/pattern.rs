//! Patterns: the types that they match, and the variables that they bind.

use super::body_state::Reason;
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Substitution, Term};
use crate::diagnostics::Diagnostic;
use crate::hir::{
    self, ConstantId, Literal, LocalId, NamedType, NominalKind, PatternId, PatternKind, Shared,
};
use crate::source::Span;
use crate::types::{NominalId, Type};

impl Checker<'_> {
    /// Checks a pattern for values of the type `matched`; `reason` tells why the values have this type.
    pub fn pattern(&mut self, pattern: PatternId, matched: Term, reason: Reason) {
        self.patterns[pattern] = matched;
        let body = self.body;
        match &body.patterns[pattern].kind {
            PatternKind::Error | PatternKind::Wildcard => {}
            PatternKind::Misfit(error) => {
                self.report(Diagnostic::clone(error));
                self.patterns[pattern] = self.terms.error;
            }
            PatternKind::Shared(shared) => self.shared_pattern(pattern, shared, matched, reason),
            PatternKind::Bind(local) => self.bind(*local, matched),
            PatternKind::As(inner, local) => {
                self.pattern(*inner, matched, reason);
                self.bind(*local, matched);
            }
            PatternKind::Literal(literal) | PatternKind::Range { start: literal, .. } => {
                let ty = self.literal_type(literal);
                self.pattern_is(pattern, ty, matched, reason);
            }
            PatternKind::Constant(constant) => self.constant_pattern(pattern, *constant, matched, reason),
            PatternKind::Unit => {
                let unit = self.terms.unit;
                self.pattern_is(pattern, unit, matched, reason);
            }
            PatternKind::Tuple(parts) => {
                let types: Vec<_> = parts.iter().map(|_| self.terms.variable()).collect();
                let tuple = self.terms.of(Type::Tuple(types.clone()));
                let fits = self.pattern_is(pattern, tuple, matched, reason);
                for (&part, ty) in parts.iter().zip(types) {
                    self.part(part, ty, fits, reason);
                }
            }
            PatternKind::Struct(nominal, fields) => {
                let (fits, substitution) = self.nominal_pattern(pattern, *nominal, matched, reason);
                for &(at, field) in fields {
                    let (ty, span) = self.struct_field_type(*nominal, at);
                    let ty = self.terms.instantiate(ty, &substitution);
                    self.private_field(*nominal, at, body.patterns[field].span);
                    self.part(field, ty, fits, Reason::Field(span));
                }
            }
            PatternKind::Variant(nominal, variant, parts) => {
                let (fits, substitution) = self.nominal_pattern(pattern, *nominal, matched, reason);
                let fields = self.variant_fields(*nominal, *variant);
                for (at, &part) in parts.iter().enumerate() {
                    let (ty, span) = fields.get(at).copied().unwrap_or((None, body.patterns[part].span));
                    let ty = self.terms.instantiate(ty, &substitution);
                    self.part(part, ty, fits, Reason::Field(span));
                }
            }
            PatternKind::Array { before, rest, after } => {
                let element = self.terms.variable();
                let array = self.terms.of(Type::Array(element));
                let fits = self.pattern_is(pattern, array, matched, reason);
                for &part in before.iter().chain(after) {
                    self.part(part, element, fits, reason);
                }
                if let Some(Some(local)) = rest {
                    self.bind(*local, array);
                }
            }
            PatternKind::Or(alternatives) => {
                for &alternative in alternatives {
                    self.pattern(alternative, matched, reason);
                }
            }
        }
    }

    /// Chooses the variant that a name means which several enums have, by the type of the matched value.
    fn shared_pattern(
        &mut self,
        pattern: PatternId,
        shared: &Shared<PatternId>,
        matched: Term,
        reason: Reason,
    ) {
        let wanted = self.known_shape(matched);
        match shared.chosen(&wanted) {
            Some(chosen) => {
                self.chosen_patterns.insert(pattern, chosen);
                self.pattern(chosen, matched, reason);
                self.patterns[pattern] = self.patterns[chosen];
            }
            None => {
                let enums: Vec<_> =
                    shared.candidates.iter().map(|&(nominal, _)| &self.hir.nominals[nominal].name).collect();
                let error = hir::ambiguous_variant(&shared.name, &enums);
                self.report(error);
                self.patterns[pattern] = self.terms.error;
                // The variables that the parts bind get the error type.
                if let Some(PatternKind::Variant(_, _, parts)) =
                    shared.candidates.first().map(|&(_, first)| &self.body.patterns[first].kind)
                {
                    let error = self.terms.error;
                    parts.iter().for_each(|&part| self.pattern(part, error, reason));
                }
            }
        }
    }

    /// Checks a constant as a pattern. Reports a constant of a compound type, which only a guard can compare.
    fn constant_pattern(&mut self, pattern: PatternId, constant: ConstantId, matched: Term, reason: Reason) {
        let declared = &self.hir.constants[constant];
        let ty = self.terms.named(declared.ty);
        match self.terms.shape(ty) {
            Shape::Type(
                Type::Array(_) | Type::Tuple(_) | Type::Nominal(..) | Type::Function { .. } | Type::Unit,
            ) => {
                let error = errors::constant_pattern(&declared.name, self.body.patterns[pattern].span);
                self.report(error);
            }
            Shape::Type(_) | Shape::Variable | Shape::Error => {
                self.pattern_is(pattern, ty, matched, reason);
            }
        }
    }

    /// Checks a part of a pattern. If the whole pattern does not fit the matched values, the part gets the error type.
    fn part(&mut self, pattern: PatternId, ty: Term, fits: bool, reason: Reason) {
        let ty = if fits { ty } else { self.terms.error };
        self.pattern(pattern, ty, reason);
    }

    fn nominal_pattern(
        &mut self,
        pattern: PatternId,
        nominal: NominalId,
        matched: Term,
        reason: Reason,
    ) -> (bool, Substitution) {
        let substitution = self.terms.fresh(&self.hir.nominals[nominal].parameters);
        let arguments = substitution.iter().map(|&(_, argument)| argument).collect();
        let ty = self.terms.of(Type::Nominal(nominal, arguments));
        (self.pattern_is(pattern, ty, matched, reason), substitution)
    }

    /// Sets the type of a variable, which must be the same in all alternatives of a pattern.
    fn bind(&mut self, local: LocalId, ty: Term) {
        match self.locals[local] {
            None => self.locals[local] = Some(ty),
            Some(bound) if self.terms.unify(bound, ty) => {}
            Some(bound) => {
                let (first, second) = (self.terms.text(bound), self.terms.text(ty));
                let error = errors::alternatives_differ(&self.body.locals[local].name, &first, &second);
                self.report(error);
            }
        }
    }

    /// Unifies the pattern's type with the type of the matched values, and reports an error if they differ. Returns
    /// whether the pattern fits.
    fn pattern_is(&mut self, pattern: PatternId, ty: Term, matched: Term, reason: Reason) -> bool {
        if self.terms.is_never(matched) {
            // No value is ever matched, so the parts may have any type.
            if let Shape::Type(shape) = self.terms.shape(ty) {
                self.never_given.extend(shape.parts());
            }
            return true;
        }
        if self.terms.unify(ty, matched) {
            return true;
        }
        let span = self.body.patterns[pattern].span;
        let (found, wanted) = (self.terms.text(ty), self.terms.text(matched));
        let error = errors::pattern_mismatch(span, &found, &wanted, reason);
        self.report(match (self.terms.shape(ty), self.terms.shape(matched)) {
            (Shape::Type(Type::Array(_)), Shape::Type(Type::Nominal(vec, _)))
                if vec == self.hir.lang_items.vec =>
            {
                error.with_note("only arrays are taken apart this way: `.freeze()` makes one of a `Vec`")
            }
            _ => error,
        });
        self.patterns[pattern] = self.terms.error;
        false
    }

    fn literal_type(&self, literal: &Literal) -> Term {
        match literal {
            Literal::Bool(_) => self.terms.bool,
            Literal::Int(_) => self.terms.int,
            Literal::Float(_) => self.terms.float,
            Literal::Char(_) => self.terms.char,
            Literal::Byte(_) => self.terms.byte,
            Literal::String(_) => self.terms.string,
        }
    }

    /// The declared types of a variant's fields.
    pub fn variant_fields(&self, nominal: NominalId, variant: usize) -> Vec<(NamedType, Span)> {
        match &self.hir.nominals[nominal].kind {
            NominalKind::Enum(variants) => variants[variant].fields.clone(),
            NominalKind::Struct(_) => unreachable!("BUG: a struct has no variants"),
        }
    }

    /// The declared type of a struct's field.
    pub fn struct_field_type(&self, nominal: NominalId, at: usize) -> (NamedType, Span) {
        match &self.hir.nominals[nominal].kind {
            NominalKind::Struct(fields) => (fields[at].ty, fields[at].ty_span),
            NominalKind::Enum(_) => unreachable!("BUG: an enum has no fields of its own"),
        }
    }
}
