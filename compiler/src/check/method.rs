//! Methods, associated functions and associated constants, found by the type's constructor and the name.

use super::body_state::{Cause, Expected, Instance};
use super::call::Application;
use super::declarations::{Head, Member};
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{ConstantId, ExprId, FunctionId, ImplId, NominalKind, TraitId, TypeBase};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;

/// The meaning of a name after a dot. It depends on the type before the dot.
pub(super) enum Lookup {
    Function(Instance),
    Constant(ConstantId),
    /// A function of several traits that the type implements.
    Ambiguous(Vec<TraitId>),
    /// The meaning depends on type arguments that are not known.
    Undecided,
    Nothing,
}

impl Checker<'_> {
    /// Looks up a function or constant of a type: first in the type's own `impl`s, then in its traits.
    pub fn look_up(&mut self, ty: Term, name: &str, used: Span) -> Lookup {
        let shape = match self.terms.shape(ty) {
            Shape::Type(shape) => shape,
            Shape::Variable | Shape::Error => return Lookup::Undecided,
        };
        if let Type::Parameter(parameter) = shape {
            let bounds = self.terms.bounds_of(parameter);
            let bounds = bounds.into_iter().map(|(of, _)| of).chain([self.hir.lang_items.show]).collect();
            return self.of_traits(ty, name, bounds, used);
        }
        let Some(head) = Head::of(&shape) else { return Lookup::Nothing };
        let declarations = self.terms.declarations;
        let mut found = declarations.inherent(head, name).to_vec();
        if found.len() > 1 {
            found.retain(|&(id, _)| self.terms.is_target(id, ty));
        }
        match found[..] {
            [] => {}
            [(id, member)] => {
                if let Some(found) = self.of_impl(ty, id, member) {
                    return found;
                }
            }
            [(id, member), ..] => {
                return match self.terms.undecided(ty) {
                    Some(_) => Lookup::Undecided,
                    None => self.of_impl(ty, id, member).unwrap_or(Lookup::Nothing),
                };
            }
        }
        let items = &self.hir.lang_items;
        let built_in = [items.show, items.eq, items.ord, items.hash];
        let mut traits = Vec::new();
        for &(of, _) in declarations.trait_functions(name) {
            if built_in.contains(&of) || !self.terms.impls_for(head, of, ty).is_empty() {
                traits.push(of);
            }
        }
        self.of_traits(ty, name, traits, used)
    }

    /// A member of an `impl` without a trait, if the type is the target of the `impl`.
    fn of_impl(&mut self, ty: Term, id: ImplId, member: Member) -> Option<Lookup> {
        let of = &self.hir.impls[id];
        Some(match member {
            Member::Constant(constant) => Lookup::Constant(constant),
            Member::Function(function) => {
                let substitution = self.terms.fresh(&self.hir.functions[function].generics);
                let target = self.terms.instantiate(of.target, &substitution);
                if !self.terms.unify(target, ty) {
                    return None;
                }
                Lookup::Function(Instance { function, substitution })
            }
        })
    }

    /// Looks up a function in several traits. A trait of the program comes before a trait of the library that is no
    /// lang item: so a new trait of the library makes no method of a program ambiguous.
    fn of_traits(&mut self, ty: Term, name: &str, traits: Vec<TraitId>, used: Span) -> Lookup {
        let functions = self.terms.declarations.trait_functions(name);
        let mut found: Vec<(TraitId, FunctionId)> =
            functions.iter().copied().filter(|(of, _)| traits.contains(of)).collect();
        found.dedup();
        let items = &self.hir.lang_items;
        let lang_items = [items.show, items.eq, items.ord, items.hash, items.iter];
        let gives_way =
            |of: TraitId| self.hir.modules[self.hir.traits[of].module].library && !lang_items.contains(&of);
        if found.iter().any(|&(of, _)| !gives_way(of)) {
            found.retain(|&(of, _)| !gives_way(of));
        }
        match found[..] {
            [] => Lookup::Nothing,
            [(of, function)] => Lookup::Function(self.of_trait(ty, of, function, used)),
            _ => Lookup::Ambiguous(found.into_iter().map(|(of, _)| of).collect()),
        }
    }

    /// Instantiates a trait's function for a type, and requires that the type implements the trait.
    pub fn of_trait(&mut self, ty: Term, of: TraitId, function: FunctionId, used: Span) -> Instance {
        let generics = &self.hir.functions[function].generics;
        let mut substitution = self.terms.fresh(generics);
        if let Some((_, own)) = substitution.first_mut() {
            *own = ty;
        }
        let count = self.hir.traits[of].parameters.len();
        let arguments = substitution.iter().skip(1).take(count).map(|&(_, argument)| argument).collect();
        self.require(ty, of, arguments, Cause::Method(used));
        Instance { function, substitution }
    }

    /// Like [`Checker::of_trait`], with the type arguments of the trait.
    pub fn of_trait_with(
        &mut self,
        ty: Term,
        of: TraitId,
        arguments: &[Term],
        function: FunctionId,
        used: Span,
    ) -> Instance {
        let instance = self.of_trait(ty, of, function, used);
        for (&(_, own), &argument) in instance.substitution.iter().skip(1).zip(arguments) {
            let _ = self.terms.unify(own, argument);
        }
        instance
    }

    /// The `next` of a type that implements `Iter`, and the type of the elements.
    pub fn next_of(&mut self, ty: Term, used: Span) -> Option<(Instance, Term)> {
        let iter = self.hir.lang_items.iter;
        let element = self.terms.variable();
        let mark = self.terms.mark();
        if let super::bounds::Answer::No(_) = self.terms.holds(ty, iter, &[element]) {
            self.terms.undo(mark);
            return None;
        }
        let functions = self.terms.declarations.trait_functions("next");
        let &(_, function) = functions.iter().find(|(of, _)| *of == iter)?;
        let instance = self.of_trait(ty, iter, function, used);
        Some((instance, element))
    }

    /// A method that takes nothing but its receiver, and the type of its result.
    pub fn method_of_no_arguments(&mut self, ty: Term, name: &str, used: Span) -> Option<(Instance, Term)> {
        let (instance, parameters, result) = self.method_signature(ty, name, used)?;
        parameters.is_empty().then_some((instance, result))
    }

    /// A method, the types of its parameters without the receiver, and the type of its result. Requires the bounds of
    /// the method.
    pub fn method_signature(
        &mut self,
        ty: Term,
        name: &str,
        used: Span,
    ) -> Option<(Instance, Vec<Term>, Term)> {
        let Lookup::Function(instance) = self.look_up(ty, name, used) else { return None };
        let function = &self.hir.functions[instance.function];
        if !function.has_receiver {
            return None;
        }
        let substitution = &instance.substitution;
        self.require_bounds(substitution, used);
        let mut parameters: Vec<_> = function
            .parameters
            .iter()
            .map(|parameter| self.terms.instantiate(parameter.ty, substitution))
            .collect();
        let receiver = parameters.remove(0);
        let _ = self.terms.unify(receiver, ty);
        let result = self.terms.instantiate(function.result, substitution);
        Some((instance, parameters, result))
    }

    pub fn call_method(
        &mut self,
        expr: ExprId,
        receiver: ExprId,
        name: &Name,
        arguments: &[ExprId],
        expected: Expected,
    ) -> Term {
        let ty = self.expr(receiver, Expected::Anything);
        match self.known_shape(ty) {
            Shape::Type(Type::Never) => {
                self.any(arguments);
                return ty;
            }
            Shape::Type(_) => {}
            Shape::Error => return self.unknown_call(arguments),
            Shape::Variable => {
                let error = errors::unknown_receiver(self.span(receiver), name);
                self.report(error);
                return self.unknown_call(arguments);
            }
        }
        match self.look_up(ty, name.as_str(), name.span) {
            Lookup::Function(instance) => {
                let function = &self.hir.functions[instance.function];
                if !function.has_receiver {
                    // If the function's body uses `self`, the missing parameter was already reported there.
                    if !function.body.weft().is_some_and(|body| body.lacks_self) {
                        let text = self.terms.text(ty);
                        let error = errors::no_receiver(name, &text, function.name.span);
                        self.report(error);
                    }
                    return self.unknown_call(arguments);
                }
                let call = Application { expr, instance, receiver: Some(ty), arguments, span: name.span };
                self.apply(call, expected)
            }
            Lookup::Ambiguous(traits) => {
                let names: Vec<_> = traits.iter().map(|&of| self.hir.traits[of].name.as_str()).collect();
                let error = errors::ambiguous_method(name, &names);
                self.report(error);
                self.unknown_call(arguments)
            }
            Lookup::Undecided => {
                let text = self.terms.text(ty);
                let error = errors::unknown_type(self.span(receiver), &text);
                self.report(error);
                self.unknown_call(arguments)
            }
            Lookup::Constant(_) | Lookup::Nothing => self.call_field(expr, receiver, ty, name, arguments),
        }
    }

    /// Checks `x.step()` where `step` is not a method: it is a field whose value is a function, or unknown.
    fn call_field(
        &mut self,
        expr: ExprId,
        receiver: ExprId,
        ty: Term,
        name: &Name,
        arguments: &[ExprId],
    ) -> Term {
        if let Some((at, field)) = self.field_of(ty, name) {
            self.fields.insert(expr, at);
            return self.call_of_type(expr, name.span, field, arguments);
        }
        let text = self.terms.text(ty);
        if self.unknown_members.insert((text.clone(), name.text.clone())) {
            let suggestion = self.closest_member(ty, name);
            let mut error = errors::unknown_method(name, self.span(receiver), &text, suggestion.as_deref());
            if let Shape::Type(shape) = self.terms.shape(ty)
                && let Some(head) = Head::of(&shape)
                && let Some(&(id, _)) = self.terms.declarations.inherent(head, name.as_str()).first()
            {
                let target = self.terms.named(self.hir.impls[id].target);
                error = error.with_note(format!("`{}` has it", self.terms.text(target)));
            }
            self.report(error);
        }
        self.unknown_call(arguments)
    }

    /// The method or field that a misspelt name probably means.
    pub fn closest_member(&self, ty: Term, name: &Name) -> Option<String> {
        let Shape::Type(shape) = self.terms.shape(ty) else { return None };
        let declarations = self.terms.declarations;
        let mut names: Vec<&str> = Vec::new();
        if let Type::Nominal(nominal, _) = &shape
            && let NominalKind::Struct(fields) = &self.hir.nominals[*nominal].kind
        {
            names.extend(fields.iter().map(|field| field.name.as_str()));
        }
        let mut traits: Vec<TraitId> = Vec::new();
        match (&shape, Head::of(&shape)) {
            (Type::Parameter(parameter), _) => {
                traits.extend(self.hir.parameters[*parameter].bounds.iter().map(|bound| bound.id));
            }
            (_, Some(head)) => {
                names.extend(declarations.inherent_names(head));
                let impls = declarations.impls_of_head(head).iter();
                let implemented = impls.filter_map(|&id| self.hir.impls[id].implemented.as_ref()?.as_ref());
                traits.extend(implemented.map(|of| of.id));
            }
            (_, None) => {}
        }
        for of in traits {
            let functions = &self.hir.traits[of].functions;
            names.extend(functions.iter().map(|&function| self.hir.functions[function].name.as_str()));
        }
        names.sort_unstable();
        if let Some(other) = errors::name_elsewhere(name.as_str()).filter(|other| names.contains(other)) {
            return Some(other.to_string());
        }
        crate::suggest::closest(name.as_str(), names).map(str::to_string)
    }

    /// The type that is written before a dot.
    fn base_type(&mut self, of: TypeBase) -> Term {
        match of {
            TypeBase::Nominal(nominal) => self.fresh_nominal(nominal).0,
            TypeBase::Array => {
                let element = self.terms.variable();
                self.terms.of(Type::Array(element))
            }
            TypeBase::Task => {
                let result = self.terms.variable();
                self.terms.of(Type::Task(result))
            }
            TypeBase::Generator => {
                let element = self.terms.variable();
                self.terms.of(Type::Generator(element))
            }
            TypeBase::Parameter(parameter) => self.terms.of(Type::Parameter(parameter)),
            TypeBase::Type(ty) => self.terms.named(Some(ty)),
        }
    }

    /// Checks `Vec.new()`.
    pub fn call_associated(
        &mut self,
        expr: ExprId,
        of: TypeBase,
        name: &Name,
        arguments: &[ExprId],
        expected: Expected,
    ) -> Term {
        let ty = self.base_type(of);
        match self.look_up(ty, name.as_str(), name.span) {
            Lookup::Function(instance) => {
                let call = Application { expr, instance, receiver: None, arguments, span: name.span };
                self.apply(call, expected)
            }
            Lookup::Constant(constant) => {
                let found = self.terms.named(self.hir.constants[constant].ty);
                let error = errors::not_callable(name.span, &self.terms.text(found));
                self.report(error);
                self.unknown_call(arguments)
            }
            other => {
                self.no_associated(ty, name, &other);
                self.unknown_call(arguments)
            }
        }
    }

    /// Checks `Int.MAX`, or `Point.origin` without a call.
    pub fn associated(&mut self, expr: ExprId, of: TypeBase, name: &Name) -> Term {
        let ty = self.base_type(of);
        match self.look_up(ty, name.as_str(), name.span) {
            Lookup::Constant(constant) => {
                self.constants.insert(expr, constant);
                self.terms.named(self.hir.constants[constant].ty)
            }
            Lookup::Function(instance) => {
                let function = &self.hir.functions[instance.function];
                let substitution = &instance.substitution;
                self.require_bounds(substitution, name.span);
                let parameters = function
                    .parameters
                    .iter()
                    .map(|parameter| self.terms.instantiate(parameter.ty, substitution))
                    .collect();
                let result = self.terms.instantiate(function.result, substitution);
                self.calls.insert(expr, instance);
                self.terms.closure(parameters, result)
            }
            other => {
                self.no_associated(ty, name, &other);
                self.terms.error
            }
        }
    }

    fn no_associated(&mut self, ty: Term, name: &Name, found: &Lookup) {
        if self.terms.is_error(ty) {
            return;
        }
        let text = self.terms.text(ty);
        let error = match found {
            Lookup::Ambiguous(traits) => {
                let names: Vec<_> = traits.iter().map(|&of| self.hir.traits[of].name.as_str()).collect();
                errors::ambiguous_method(name, &names)
            }
            Lookup::Undecided => errors::unknown_type(name.span, &text),
            Lookup::Function(_) | Lookup::Constant(_) | Lookup::Nothing => {
                let suggestion = self.closest_member(ty, name);
                errors::unknown_associated(name, &text, suggestion.as_deref())
            }
        };
        self.report(error);
    }
}
