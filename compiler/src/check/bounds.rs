//! Trait resolution: whether a type implements a trait.
//!
//! A goal (a type must implement a trait) depends on further goals: the bounds of the type's `impl`, or, for a derived
//! trait, the same trait for the types of the parts. All goals must hold, and the type alone determines them, so no
//! search is needed: a worklist takes each goal once, until a goal fails or no goal is left. A goal may depend on
//! itself; it then holds if its other goals hold. For `enum List { Cons(Int, List), Empty }`, the goal `List: Eq`
//! depends on `Int: Eq` and `List: Eq`, and holds.

use std::collections::HashSet;

use super::declarations::Head;
use super::infer::{Shape, Substitution, Term, Terms};
use crate::hir::{ImplId, NominalKind, TraitId};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::{NominalId, ParameterId, Type, TypeId};

/// Whether a type implements a trait.
pub(super) enum Answer {
    Yes,
    /// The answer depends on types that are not known yet.
    Unknown,
    No(Refusal),
}

/// The reason why a type does not implement a trait.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    /// The steps from the type to the part that does not implement the trait.
    pub path: Vec<Step>,
    /// The type of the part that does not implement the trait.
    pub ty: Term,
    /// The trait that the part does not implement.
    pub of: TraitId,
    /// The field of `ty` that is a `var`, if that is the reason why `ty` does not implement the trait.
    pub variable_field: Option<Name>,
}

/// A step from a type to a part of the type.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A field of a struct.
    Field(NominalId, Name),
    /// A field of a variant, with the span of the field's type.
    Variant(NominalId, Name, Span),
    /// An element of a tuple or an array, or a type argument to which a bound of an `impl` applies.
    Part,
}

/// The key under which a refusal is reported only once: the type as text, the trait, and the type parameter that lacks
/// the trait, if any.
pub(super) type Refused = (String, TraitId, Option<ParameterId>);

struct Goal {
    ty: Term,
    of: TraitId,
    arguments: Vec<Term>,
    /// The index of the goal that depends on this goal, and the step from that goal's type to `ty`. `None` for an
    /// initial goal.
    from: Option<(usize, Step)>,
}

enum Expansion {
    Goals(Vec<Goal>),
    Unknown,
    No(Option<Name>),
}

/// The maximum number of goals that are examined; further goals count as true. A type that contains ever larger
/// instances of itself has infinitely many goals. Monomorphisation bounds the sizes of types, and reports such a type.
const MOST_GOALS: usize = 100_000;

impl Terms<'_> {
    /// Whether a type implements a trait. Also infers the trait's type arguments: for `Counter: Iter[?]`,
    /// `impl Iter[Int] for Counter` determines `?`.
    pub fn holds(&mut self, ty: Term, of: TraitId, arguments: &[Term]) -> Answer {
        let items = &self.hir.lang_items;
        let goal = |of, arguments: &[Term]| Goal { ty, of, arguments: arguments.to_vec(), from: None };
        let mut goals = vec![goal(of, arguments)];
        if of == items.ord || of == items.hash {
            goals.push(goal(items.eq, &[]));
        }
        let (mut seen, mut unknown, mut at) = (HashSet::new(), false, 0);
        while at < goals.len() && at < MOST_GOALS {
            match self.expand(&goals[at], at, &mut seen) {
                Expansion::Goals(more) => goals.extend(more),
                Expansion::Unknown => unknown = true,
                Expansion::No(variable_field) => {
                    let Goal { ty, of, .. } = goals[at];
                    return Answer::No(Refusal { path: path_to(&goals, at), ty, of, variable_field });
                }
            }
            at += 1;
        }
        if unknown { Answer::Unknown } else { Answer::Yes }
    }

    /// The key of a refusal: equal keys mean the same type and the same reason.
    pub fn refused(&self, ty: Term, refusal: &Refusal) -> Refused {
        let parameter = match self.shape(refusal.ty) {
            Shape::Type(Type::Parameter(parameter)) => Some(parameter),
            Shape::Type(_) | Shape::Variable | Shape::Error => None,
        };
        (self.text(ty), refusal.of, parameter)
    }

    /// Returns the goals on which a goal depends.
    fn expand(&mut self, goal: &Goal, at: usize, seen: &mut HashSet<(TraitId, Type<Term>)>) -> Expansion {
        let ty = match self.shape(goal.ty) {
            Shape::Variable => return Expansion::Unknown,
            Shape::Error | Shape::Type(Type::Never) => return Expansion::Goals(Vec::new()),
            Shape::Type(ty) => ty,
        };
        if goal.arguments.is_empty() && !seen.insert((goal.of, ty.map(|part| self.find(part)))) {
            return Expansion::Goals(Vec::new());
        }
        if let Type::Parameter(parameter) = ty {
            return match self.parameter_has(parameter, goal.of, &goal.arguments) {
                true => Expansion::Goals(Vec::new()),
                false => Expansion::No(None),
            };
        }
        let Some(head) = Head::of(&ty) else { return Expansion::No(None) };
        let mut impls = self.impls_for(head, goal.of, goal.ty);
        if self.hir.lang_items.is_chosen_by_arguments(goal.of) {
            impls.retain(|&id| self.is_for(id, goal.ty, &goal.arguments));
        }
        match impls[..] {
            [] => self.derive(&ty, goal, at),
            // The type may also become another instance, for which the trait is derived.
            [only]
                if self.is_derivable(goal.of)
                    && self.is_instance(only)
                    && self.undecided(goal.ty).is_some() =>
            {
                Expansion::Unknown
            }
            [only] => self.apply_impl(only, goal, at),
            // The choice of the `impl` may depend on unknown types; if all types are known, these `impl`s overlap, and
            // an error was reported.
            [first, ..] => {
                let mut types = goal.arguments.iter().copied().chain([goal.ty]);
                match types.any(|ty| self.undecided(ty).is_some()) {
                    true => Expansion::Unknown,
                    false => self.apply_impl(first, goal, at),
                }
            }
        }
    }

    /// The `impl`s of the trait whose target can be unified with the type.
    pub fn impls_for(&mut self, head: Head, of: TraitId, ty: Term) -> Vec<ImplId> {
        let declarations = self.declarations;
        let impls = declarations.impls(of, head).iter().copied();
        impls.filter(|&id| self.is_target(id, ty)).collect()
    }

    /// Whether the target of an `impl` can be unified with a type.
    pub fn is_target(&mut self, id: ImplId, ty: Term) -> bool {
        self.is_for(id, ty, &[])
    }

    /// Whether the target of an `impl` and the trait's type arguments in it can be unified with these at the same time.
    /// Without `arguments`, only the target counts.
    pub fn is_for(&mut self, id: ImplId, ty: Term, arguments: &[Term]) -> bool {
        let of = &self.hir.impls[id];
        let substitution = self.fresh(&of.parameters);
        let mut pairs = vec![(self.instantiate(of.target, &substitution), ty)];
        let reference = of.implemented.as_ref().and_then(Option::as_ref);
        let given = reference.map_or(&[][..], |reference| &reference.arguments);
        for (&given, &wanted) in given.iter().zip(arguments) {
            pairs.push((self.instantiate(Some(given), &substitution), wanted));
        }
        self.can_unify_all(pairs)
    }

    /// Whether types without an `impl` of the trait may implement the trait, too.
    fn is_derivable(&self, of: TraitId) -> bool {
        let items = &self.hir.lang_items;
        [items.show, items.eq, items.ord, items.hash, items.share].contains(&of)
    }

    /// Whether the `impl` is for some instances of its type only, as `impl Show for Stack[Int]` is.
    fn is_instance(&self, id: ImplId) -> bool {
        let of = &self.hir.impls[id];
        let target = of.target.map(|target| self.hir.types.get(target).parts()).unwrap_or_default();
        let is_parameter = |&part: &TypeId| matches!(self.hir.types.get(part), Type::Parameter(_));
        let distinct: HashSet<TypeId> = target.iter().copied().collect();
        distinct.len() < target.len() || !target.iter().all(is_parameter)
    }

    /// Unifies the goal's type with the target of the `impl`. Returns the bounds of the `impl`'s type parameters as
    /// goals.
    fn apply_impl(&mut self, id: ImplId, goal: &Goal, at: usize) -> Expansion {
        let of = &self.hir.impls[id];
        let substitution = self.fresh(&of.parameters);
        let target = self.instantiate(of.target, &substitution);
        let implemented = of.implemented.as_ref().and_then(Option::as_ref);
        let reference = implemented.expect("BUG: an `impl` without a trait was found by its trait");
        let mut fits = self.unify(target, goal.ty);
        for (&given, &wanted) in reference.arguments.iter().zip(&goal.arguments) {
            let given = self.instantiate(Some(given), &substitution);
            fits = fits && self.unify(given, wanted);
        }
        if !fits {
            return Expansion::No(None);
        }
        let mut goals = Vec::new();
        for &(parameter, ty) in &substitution {
            for bound in &self.hir.parameters[parameter].bounds {
                let arguments =
                    bound.arguments.iter().map(|&of| self.instantiate(Some(of), &substitution)).collect();
                goals.push(Goal { ty, of: bound.id, arguments, from: Some((at, Step::Part)) });
            }
        }
        Expansion::Goals(goals)
    }

    /// Derives a built-in trait for a type without an `impl`: the parts of the type must implement the trait.
    fn derive(&mut self, ty: &Type<Term>, goal: &Goal, at: usize) -> Expansion {
        let items = &self.hir.lang_items;
        let nothing_left = Expansion::Goals(Vec::new());
        if goal.of == items.show {
            return nothing_left;
        }
        let is_share = goal.of == items.share;
        if !is_share && ![items.eq, items.ord, items.hash].contains(&goal.of) {
            return Expansion::No(None);
        }
        match ty {
            Type::Unit | Type::Bool | Type::Int | Type::Float | Type::Char | Type::Byte | Type::String => {
                nothing_left
            }
            Type::Task(_) if is_share => nothing_left,
            Type::Function { .. } if is_share && self.is_closure(goal.ty) && !self.closures_decided => {
                Expansion::Unknown
            }
            Type::Function { share: true, .. } if is_share => nothing_left,
            Type::Array(element) if is_share => Expansion::Goals(vec![part(*element, goal.of, at)]),
            Type::Tuple(parts) => Expansion::Goals(parts.iter().map(|&ty| part(ty, goal.of, at)).collect()),
            Type::Nominal(nominal, arguments) => self.derive_nominal(*nominal, arguments, goal, at),
            Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Parameter(_)
            | Type::Cell(_)
            | Type::Never => Expansion::No(None),
        }
    }

    fn derive_nominal(&mut self, id: NominalId, arguments: &[Term], goal: &Goal, at: usize) -> Expansion {
        let nominal = &self.hir.nominals[id];
        let share = self.hir.lang_items.share;
        // A library type with an `impl Share`, such as `Chan`, derives no `Eq`, `Ord` or `Hash`: each needs an `impl`.
        let is_opaque = self.hir.modules[nominal.module].library && goal.of != share;
        if is_opaque && !self.declarations.impls(share, Head::Nominal(id)).is_empty() {
            return Expansion::No(None);
        }
        let substitution: Vec<_> =
            nominal.parameters.iter().copied().zip(arguments.iter().copied()).collect();
        let mut goals = Vec::new();
        let mut add = |terms: &mut Self, ty, step| {
            let ty = terms.instantiate(ty, &substitution);
            goals.push(Goal { ty, of: goal.of, arguments: Vec::new(), from: Some((at, step)) });
        };
        match &nominal.kind {
            NominalKind::Struct(fields) => {
                let changes = fields.iter().find(|field| field.mutable);
                if let Some(field) = changes.filter(|_| goal.of == share || is_opaque) {
                    return Expansion::No(Some(field.name.clone()));
                }
                for field in fields {
                    add(self, field.ty, Step::Field(id, field.name.clone()));
                }
            }
            NominalKind::Enum(variants) => {
                for variant in variants {
                    for &(ty, span) in &variant.fields {
                        add(self, ty, Step::Variant(id, variant.name.clone(), span));
                    }
                }
            }
        }
        Expansion::Goals(goals)
    }

    fn parameter_has(&mut self, parameter: ParameterId, of: TraitId, arguments: &[Term]) -> bool {
        of == self.hir.lang_items.show
            || self.bounds_of(parameter).into_iter().any(|(bound, given)| {
                bound == of && given.iter().zip(arguments).all(|(&given, &wanted)| self.unify(given, wanted))
            })
    }

    /// The traits that a type parameter implements: its bounds, the trait itself if the parameter is the `Self` of a
    /// trait, the supertraits of these, and `Eq` if `Ord` or `Hash` is among these.
    pub fn bounds_of(&mut self, parameter: ParameterId) -> Vec<(TraitId, Vec<Term>)> {
        let (hir, items) = (self.hir, &self.hir.lang_items);
        let mut bounds: Vec<(TraitId, Vec<Term>)> = Vec::new();
        for bound in &hir.parameters[parameter].bounds {
            let arguments = bound.arguments.iter().map(|&ty| self.named(Some(ty))).collect();
            bounds.push((bound.id, arguments));
        }
        if let Some(of) = self.declarations.trait_of_self(parameter)
            && !bounds.iter().any(|(bound, _)| *bound == of)
        {
            let parameters = hir.traits[of].parameters.iter();
            let arguments = parameters.map(|&parameter| self.of(Type::Parameter(parameter))).collect();
            bounds.push((of, arguments));
        }
        self.add_supertraits(parameter, &mut bounds);
        let has = |of: TraitId| bounds.iter().any(|(bound, _)| *bound == of);
        if (has(items.ord) || has(items.hash)) && !has(items.eq) {
            bounds.push((items.eq, Vec::new()));
        }
        bounds
    }
}

impl Terms<'_> {
    /// Adds the supertraits of the traits in `bounds`, which a type parameter implements.
    fn add_supertraits(&mut self, parameter: ParameterId, bounds: &mut Vec<(TraitId, Vec<Term>)>) {
        let mut at = 0;
        while at < bounds.len() {
            let (id, arguments) = bounds[at].clone();
            let of = &self.hir.traits[id];
            let substitution = self.of_self(id, parameter, &arguments);
            for supertrait in &of.supertraits {
                let arguments: Vec<Term> = supertrait
                    .arguments
                    .iter()
                    .map(|&ty| self.instantiate(Some(ty), &substitution))
                    .collect();
                let is_known = bounds.iter().any(|(known, given)| {
                    *known == supertrait.id
                        && given.iter().zip(&arguments).all(|(&one, &two)| self.can_unify(one, two))
                });
                if !is_known {
                    bounds.push((supertrait.id, arguments));
                }
            }
            at += 1;
        }
    }

    /// The substitution of a trait's type parameters, and of a type parameter for its `Self`.
    fn of_self(&mut self, id: TraitId, parameter: ParameterId, arguments: &[Term]) -> Substitution {
        let of = &self.hir.traits[id];
        let own = self.of(Type::Parameter(parameter));
        let parameters = of.parameters.iter().copied().zip(arguments.iter().copied());
        std::iter::once((of.self_parameter, own)).chain(parameters).collect()
    }
}

fn part(ty: Term, of: TraitId, at: usize) -> Goal {
    Goal { ty, of, arguments: Vec::new(), from: Some((at, Step::Part)) }
}

/// The steps from an initial goal to the goal at `at`.
fn path_to(goals: &[Goal], mut at: usize) -> Vec<Step> {
    let mut path = Vec::new();
    while let Some((from, step)) = &goals[at].from {
        path.push(step.clone());
        at = *from;
    }
    path.reverse();
    path
}
