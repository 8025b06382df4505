//! Checks of declarations: `impl`s against their traits and each other, and type arguments against bounds.

use std::collections::{HashMap, HashSet};

use super::body_state::Cause;
use super::bounds::{Answer, Refused};
use super::declarations::{Declarations, Head, Member};
use super::errors;
use super::infer::{Shape, Term, Terms};
use crate::diagnostics::Diagnostic;
use crate::hir::{
    Function, FunctionBody, FunctionId, Hir, Impl, ImplId, NamedType, NominalKind, Trait, TraitReference,
};
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::Name;
use crate::types::{ParameterId, Type, TypeId, TypeTable};

/// Checks all declarations. Returns the refusals that were reported: types that lack a trait that a bound requires.
pub(super) fn check(
    hir: &Hir,
    declarations: &Declarations,
    table: &mut TypeTable,
    diagnostics: &mut Vec<Diagnostic>,
) -> HashSet<Refused> {
    let refused = HashSet::new();
    let mut declared = Declared { hir, terms: Terms::new(hir, declarations), table, diagnostics, refused };
    declared.overlaps();
    for of in hir.impls.iter() {
        declared.check_impl(of);
    }
    declared.written_types();
    declared.refused
}

struct Declared<'p, 'a> {
    hir: &'a Hir,
    terms: Terms<'a>,
    table: &'p mut TypeTable,
    diagnostics: &'p mut Vec<Diagnostic>,
    /// The refusals that were reported so far.
    refused: HashSet<Refused>,
}

/// Whether the language itself shows, compares and hashes the values of a type.
fn is_basic(ty: &Type) -> bool {
    use Type::{Bool, Byte, Char, Float, Int, String, Unit};
    matches!(ty, Unit | Bool | Int | Float | Char | Byte | String)
}

impl<'a> Declared<'_, 'a> {
    fn in_library(&self, of: &Impl) -> bool {
        self.hir.modules[of.module].library
    }

    fn text(&mut self, ty: NamedType) -> String {
        let term = self.terms.named(ty);
        self.terms.text(term)
    }

    /// Reports two `impl`s of a trait for the same type, and two members with the same name in different `impl`s of a
    /// type.
    fn overlaps(&mut self) {
        let declarations = self.terms.declarations;
        for impls in declarations.all_impls() {
            for (at, &second) in impls.iter().enumerate() {
                if let Some(&first) = impls[..at].iter().find(|&&first| self.may_meet(first, second)) {
                    self.report_overlap(first, second);
                }
            }
        }
        for members in declarations.all_inherent() {
            for (at, &(second, member)) in members.iter().enumerate() {
                // Only members of different `impl`s are compared.
                let meets =
                    |&&(first, _): &&(ImplId, Member)| first != second && self.may_meet(first, second);
                if let Some(&(first, other)) = members[..at].iter().find(meets) {
                    let (name, other) = (self.member_name(member), self.member_name(other));
                    let target = self.text(self.hir.impls[second].target);
                    let in_library = self.in_library(&self.hir.impls[first]);
                    self.diagnostics.push(errors::duplicate_member(name, &target, other, in_library));
                }
            }
        }
    }

    fn member_name(&self, member: Member) -> &'a Name {
        match member {
            Member::Function(function) => &self.hir.functions[function].name,
            Member::Constant(constant) => &self.hir.constants[constant].name,
        }
    }

    fn report_overlap(&mut self, first: ImplId, second: ImplId) {
        let (mut first, mut second) = (&self.hir.impls[first], &self.hir.impls[second]);
        if self.in_library(second) {
            (first, second) = (second, first);
        }
        if let Some(Some(of)) = &second.implemented {
            let target = self.text(second.target);
            let name = &self.hir.traits[of.id].name;
            let place = (!self.in_library(first)).then_some(first.span);
            self.diagnostics.push(errors::overlapping_impls(name, &target, second.span, place));
        }
    }

    /// Whether a type can be the target of both `impl`s.
    fn may_meet(&mut self, first: ImplId, second: ImplId) -> bool {
        let of = &self.hir.impls[first];
        let substitution = self.terms.fresh(&of.parameters);
        let target = self.terms.instantiate(of.target, &substitution);
        let arguments: Vec<Term> = match &of.implemented {
            Some(Some(of)) if self.hir.lang_items.is_chosen_by_arguments(of.id) => {
                of.arguments.iter().map(|&ty| self.terms.instantiate(Some(ty), &substitution)).collect()
            }
            _ => Vec::new(),
        };
        self.terms.is_for(second, target, &arguments)
    }

    fn check_impl(&mut self, of: &'a Impl) {
        let Some(target) = of.target else { return };
        let Some(Some(reference)) = &of.implemented else { return };
        if reference.id == self.hir.lang_items.share {
            if !self.in_library(of) {
                self.diagnostics.push(errors::implemented_share(of.span));
            }
            return;
        }
        let items = &self.hir.lang_items;
        let is_every_type_s = [items.show, items.eq, items.ord, items.hash].contains(&reference.id);
        if is_every_type_s && is_basic(self.hir.types.get(target)) && !self.in_library(of) {
            // Operators and formats of these types call no `impl`.
            let (name, text) = (&self.hir.traits[reference.id].name, self.text(of.target));
            self.diagnostics.push(errors::overlapping_impls(name, &text, of.span, None));
            return;
        }
        self.check_functions(of, reference, target);
        self.check_supertraits(of, reference);
        if reference.id == items.eq {
            self.lint_hash(of);
        }
        if reference.id == items.ord || reference.id == items.hash {
            let ty = self.terms.named(of.target);
            if let Answer::No(_) = self.terms.holds(ty, items.eq, &[]) {
                let (name, text) = (&self.hir.traits[reference.id].name, self.terms.text(ty));
                self.diagnostics.push(errors::impl_without_eq(name, &text, of.target_span));
            }
        }
    }

    /// Checks that the target of an `impl` implements the supertraits of its trait.
    fn check_supertraits(&mut self, of: &Impl, reference: &TraitReference) {
        let implemented: &'a Trait = &self.hir.traits[reference.id];
        let target = self.terms.named(of.target);
        let mut substitution = vec![(implemented.self_parameter, target)];
        for (&parameter, &argument) in implemented.parameters.iter().zip(&reference.arguments) {
            substitution.push((parameter, self.terms.named(Some(argument))));
        }
        for supertrait in &implemented.supertraits {
            self.written_bound(target, supertrait, &substitution, of.target_span);
        }
    }

    /// Warns about an `impl Eq` for a type whose `Hash` is derived: equal values may then have different hashes. Types
    /// without `Hash` need no warning.
    fn lint_hash(&mut self, of: &Impl) {
        let hash = self.hir.lang_items.hash;
        let substitution = self.terms.fresh(&of.parameters);
        let target = self.terms.instantiate(of.target, &substitution);
        let Shape::Type(shape) = self.terms.shape(target) else { return };
        let Some(head) = Head::of(&shape) else { return };
        let has_own = !self.terms.impls_for(head, hash, target).is_empty();
        let is_hashed = !matches!(self.terms.holds(target, hash, &[]), Answer::No(_));
        if !self.in_library(of) && !has_own && is_hashed {
            let text = self.text(of.target);
            self.diagnostics.push(errors::eq_without_hash(&text, of.span));
        }
    }

    /// Checks the functions of an `impl` against its trait. Reports missing functions, functions that the trait does
    /// not have, and signatures that differ from the trait.
    fn check_functions(&mut self, of: &'a Impl, reference: &'a TraitReference, target: TypeId) {
        let implemented: &'a Trait = &self.hir.traits[reference.id];
        let mut functions: HashMap<&str, FunctionId> = HashMap::new();
        for &function in &of.functions {
            functions.entry(self.hir.functions[function].name.as_str()).or_insert(function);
        }
        let mut missing = Vec::new();
        for &wanted in &implemented.functions {
            let declared = &self.hir.functions[wanted];
            match functions.remove(declared.name.as_str()) {
                Some(function) => self.check_signature(of, reference, target, (wanted, function)),
                None if matches!(declared.body, FunctionBody::Required) => missing.push(&declared.name),
                None => {}
            }
        }
        if !missing.is_empty() {
            let in_library = self.hir.modules[implemented.module].library;
            let error = errors::missing_functions(&implemented.name, &missing, of.span, in_library);
            self.diagnostics.push(error);
        }
        let mut extra: Vec<_> = functions.into_values().collect();
        extra.sort();
        for function in extra {
            let name = &self.hir.functions[function].name;
            let known = implemented.functions.iter().map(|&known| self.hir.functions[known].name.as_str());
            let suggestion = closest(name.as_str(), known);
            self.diagnostics.push(errors::extra_function(name, &implemented.name, suggestion));
        }
    }

    /// Checks that a function of an `impl` is declared as in the trait, with the target in place of `Self`.
    fn check_signature(
        &mut self,
        of: &'a Impl,
        reference: &'a TraitReference,
        target: TypeId,
        (wanted, function): (FunctionId, FunctionId),
    ) {
        let implemented = &self.hir.traits[reference.id];
        let (wanted, given) = (&self.hir.functions[wanted], &self.hir.functions[function]);
        let in_library = self.hir.modules[implemented.module].library;
        let declared = (!in_library).then_some(wanted.name.span);
        let different = |span: Span, label: &str, note: &str| {
            errors::different_signature(&given.name, &implemented.name, span, (label, note), declared)
        };
        let own_wanted = &wanted.generics[(1 + implemented.parameters.len()).min(wanted.generics.len())..];
        let own_given = &given.generics[of.parameters.len().min(given.generics.len())..];
        let difference = if wanted.has_receiver != given.has_receiver {
            let note = match wanted.has_receiver {
                true => "its first parameter is `self`",
                false => "it takes no `self`",
            };
            Some(different(given.name.span, "differs in `self`", note))
        } else if own_wanted.len() != own_given.len() {
            let note = format!("it takes {}", errors::counted(own_wanted.len(), "type parameter"));
            Some(different(given.name.span, "another number of type parameters", &note))
        } else if wanted.parameters.len() != given.parameters.len() {
            let count = wanted.parameters.len() - usize::from(wanted.has_receiver);
            let note = format!("it takes {}", errors::counted(count, "parameter"));
            Some(different(given.name.span, "another number of parameters", &note))
        } else {
            None
        };
        if let Some(difference) = difference {
            self.diagnostics.push(difference);
            return;
        }
        let mut arguments: HashMap<ParameterId, TypeId> = HashMap::new();
        arguments.insert(implemented.self_parameter, target);
        arguments.extend(implemented.parameters.iter().copied().zip(reference.arguments.iter().copied()));
        for (&parameter, &own) in own_wanted.iter().zip(own_given) {
            arguments.insert(parameter, self.table.intern(Type::Parameter(own)));
        }
        let differing = self.differing_type(wanted, given, &arguments);
        if let Some((span, found, wanted)) = differing {
            let (label, note) = (format!("this is `{found}`"), format!("in the trait it is `{wanted}`"));
            self.diagnostics.push(different(span, &label, &note));
            return;
        }
        for (&parameter, &own) in own_wanted.iter().zip(own_given) {
            self.check_bounds((parameter, own), &arguments, &different);
        }
    }

    /// The first type in a signature that differs from the type in the trait: its span, its text, and the text of the
    /// trait's type.
    fn differing_type(
        &mut self,
        wanted: &Function,
        given: &Function,
        arguments: &HashMap<ParameterId, TypeId>,
    ) -> Option<(Span, String, String)> {
        let parameters = wanted.parameters.iter().zip(&given.parameters);
        let mut pairs: Vec<_> =
            parameters.map(|(wanted, given)| (wanted.ty, given.ty, given.ty_span)).collect();
        pairs.push((wanted.result, given.result, given.result_span.unwrap_or(given.name.span)));
        for (wanted, given, span) in pairs {
            if let (Some(wanted), Some(given)) = (wanted, given) {
                let wanted = self.table.substitute(wanted, arguments);
                if wanted != given {
                    let text = |ty| self.table.display(ty).to_string();
                    return Some((span, text(given), text(wanted)));
                }
            }
        }
        None
    }

    /// Checks that a function of an `impl` requires no more of its type parameters than the trait does.
    fn check_bounds(
        &mut self,
        (wanted, given): (ParameterId, ParameterId),
        arguments: &HashMap<ParameterId, TypeId>,
        different: &dyn Fn(Span, &str, &str) -> Diagnostic,
    ) {
        let mut allowed = Vec::new();
        for bound in &self.hir.parameters[wanted].bounds {
            let of: Vec<_> = bound.arguments.iter().map(|&ty| self.table.substitute(ty, arguments)).collect();
            allowed.push((bound.id, of));
        }
        for bound in &self.hir.parameters[given].bounds {
            if !allowed.iter().any(|(id, of)| *id == bound.id && *of == bound.arguments) {
                let name = &self.hir.traits[bound.id].name;
                let note = format!("the trait does not ask for `{name}`, and its callers rely on that");
                self.diagnostics.push(different(bound.span, "asks for more than the trait", &note));
            }
        }
    }

    /// Checks that the type arguments in declarations satisfy the bounds of the type parameters.
    fn written_types(&mut self) {
        for nominal in self.hir.nominals.iter() {
            match &nominal.kind {
                NominalKind::Struct(fields) => {
                    fields.iter().for_each(|field| self.written_type(field.ty, field.ty_span));
                }
                NominalKind::Enum(variants) => {
                    let fields = variants.iter().flat_map(|variant| &variant.fields);
                    fields.for_each(|&(ty, span)| self.written_type(ty, span));
                }
            }
        }
        for of in self.hir.impls.iter() {
            self.written_type(of.target, of.target_span);
        }
        for constant in self.hir.constants.iter() {
            self.written_type(constant.ty, constant.ty_span);
        }
        for function in self.hir.functions.iter() {
            let written = usize::from(function.has_receiver);
            for parameter in function.parameters.iter().skip(written) {
                self.written_type(parameter.ty, parameter.ty_span);
            }
            if let Some(span) = function.result_span {
                self.written_type(function.result, span);
            }
        }
    }

    fn written_type(&mut self, ty: NamedType, span: Span) {
        if ty.is_some() {
            let term = self.terms.named(ty);
            self.written_term(term, span);
        }
    }

    fn written_term(&mut self, ty: Term, span: Span) {
        let Shape::Type(shape) = self.terms.shape(ty) else { return };
        if let Type::Nominal(nominal, arguments) = &shape {
            let parameters = &self.hir.nominals[*nominal].parameters;
            let substitution: Vec<_> = parameters.iter().copied().zip(arguments.iter().copied()).collect();
            for &(parameter, argument) in &substitution {
                for bound in &self.hir.parameters[parameter].bounds {
                    self.written_bound(argument, bound, &substitution, span);
                }
            }
        }
        for part in shape.parts() {
            self.written_term(part, span);
        }
    }

    fn written_bound(
        &mut self,
        ty: Term,
        bound: &TraitReference,
        substitution: &[(ParameterId, Term)],
        span: Span,
    ) {
        let arguments: Vec<_> =
            bound.arguments.iter().map(|&of| self.terms.instantiate(Some(of), substitution)).collect();
        if let Answer::No(refusal) = self.terms.holds(ty, bound.id, &arguments) {
            let refused = self.terms.refused(ty, &refusal);
            if self.refused.insert(refused) {
                let cause = Cause::Bound { span, bound: bound.span };
                self.diagnostics.push(errors::not_implemented(&self.terms, ty, &refusal, cause));
            }
        }
    }
}
