//! Trait resolution: the implementation of a trait's function for a type, whether written in an `impl` or derived.

use std::collections::HashMap;

use crate::hir::{self, FunctionBody, Hir, ImplId, Owner, TraitId};
use crate::types::{ParameterId, Type, TypeId, TypeTable};

/// A function with concrete type arguments: none of them contains a type parameter.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Instance {
    pub function: hir::FunctionId,
    /// A type for each of the function's type parameters.
    pub arguments: Vec<TypeId>,
}

/// The traits that the compiler derives.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Derived {
    Show,
    /// Appends the text that `Show` returns to a text that is being built.
    ShowInto,
    Eq,
    Ord,
    Hash,
}

impl Derived {
    /// The name of the trait's function.
    pub fn function_name(self) -> &'static str {
        match self {
            Derived::Show => "show",
            Derived::ShowInto => "show_into",
            Derived::Eq => "eq",
            Derived::Ord => "cmp",
            Derived::Hash => "hash",
        }
    }
}

/// The result of trait resolution for concrete types.
#[derive(Clone, Debug)]
pub(super) enum Resolved {
    /// A function of the source.
    Function(Instance),
    /// The derived function of a built-in trait for a type.
    Derived(Derived, TypeId),
}

/// An `impl` and its type arguments.
type Found = (ImplId, Vec<TypeId>);

/// The `impl`s of each trait, and a cache of the results of searches.
#[derive(Default)]
pub(super) struct Impls {
    by_trait: HashMap<TraitId, Vec<ImplId>>,
    found: HashMap<(TraitId, TypeId, Vec<TypeId>), Option<Found>>,
}

impl Impls {
    pub fn new(hir: &Hir) -> Impls {
        let mut impls = Impls::default();
        for (id, declared) in hir.impls.iter_enumerated() {
            if let Some(Some(implemented)) = &declared.implemented {
                impls.by_trait.entry(implemented.id).or_default().push(id);
            }
        }
        impls
    }

    /// The `impl` of a trait for a type, with the type arguments of the `impl`. `of` has the type arguments of the
    /// trait if they determine the `impl`, too.
    fn find(
        &mut self,
        hir: &Hir,
        table: &TypeTable,
        id: TraitId,
        ty: TypeId,
        of: &[TypeId],
    ) -> Option<Found> {
        let key = (id, ty, of.to_vec());
        if let Some(known) = self.found.get(&key) {
            return known.clone();
        }
        let candidates = self.by_trait.get(&id).map_or(&[][..], Vec::as_slice);
        let found = candidates.iter().find_map(|&candidate| {
            let declared = &hir.impls[candidate];
            let mut bound = HashMap::new();
            let given = declared.implemented.as_ref()?.as_ref()?.arguments.iter().zip(of);
            let fits = matches_type(table, declared.target?, ty, &mut bound)
                && given.into_iter().all(|(&given, &of)| matches_type(table, given, of, &mut bound));
            let arguments = declared.parameters.iter().map(|parameter| bound.get(parameter).copied());
            fits.then(|| arguments.collect::<Option<Vec<_>>>().map(|arguments| (candidate, arguments)))?
        });
        self.found.insert(key, found.clone());
        found
    }

    /// Resolves a function for type arguments that contain no parameters.
    pub fn resolve(&mut self, hir: &Hir, table: &TypeTable, instance: Instance) -> Resolved {
        let function = &hir.functions[instance.function];
        let Owner::Trait(id) = function.owner else { return Resolved::Function(instance) };
        let declared = &hir.traits[id];
        let ty = instance.arguments[0];
        let of = match hir.lang_items.is_chosen_by_arguments(id) {
            true => &instance.arguments[1..=declared.parameters.len()],
            false => &[],
        };
        let Some((found, mut arguments)) = self.find(hir, table, id, ty, of) else {
            return match derived(hir, id) {
                Some(derived) => Resolved::Derived(derived, ty),
                None => Resolved::Function(instance),
            };
        };
        let name = function.name.as_str();
        let implemented =
            hir.impls[found].functions.iter().find(|&&member| hir.functions[member].name.as_str() == name);
        match implemented {
            Some(&implemented) => {
                let own = 1 + declared.parameters.len();
                arguments.extend_from_slice(&instance.arguments[own..]);
                Resolved::Function(Instance { function: implemented, arguments })
            }
            None => {
                let is_default = matches!(function.body, FunctionBody::Weft(_));
                assert!(is_default, "BUG: an `impl` without the required `{name}`");
                Resolved::Function(instance)
            }
        }
    }
}

/// The derivation of a trait, if the compiler can derive it.
pub(super) fn derived(hir: &Hir, id: TraitId) -> Option<Derived> {
    let items = &hir.lang_items;
    let all = [
        (items.show, Derived::Show),
        (items.shown.show_into, Derived::ShowInto),
        (items.eq, Derived::Eq),
        (items.ord, Derived::Ord),
        (items.hash, Derived::Hash),
    ];
    all.into_iter().find(|&(trait_id, _)| trait_id == id).map(|(_, derived)| derived)
}

/// Whether `ty` equals `pattern` with types put in place of the pattern's parameters; `bound` receives these types.
fn matches_type(
    table: &TypeTable,
    pattern: TypeId,
    ty: TypeId,
    bound: &mut HashMap<ParameterId, TypeId>,
) -> bool {
    match (table.get(pattern), table.get(ty)) {
        (Type::Parameter(parameter), _) => *bound.entry(*parameter).or_insert(ty) == ty,
        // Trait resolution does not distinguish `share fn` from `fn`.
        (
            Type::Function { parameters, result, .. },
            Type::Function { parameters: others, result: other, .. },
        ) => {
            parameters.len() == others.len()
                && parameters.iter().zip(others).all(|(&one, &two)| matches_type(table, one, two, bound))
                && matches_type(table, *result, *other, bound)
        }
        (one, two) => {
            let same_head = one.map(|_| ()) == two.map(|_| ());
            let (one, two) = (one.parts(), two.parts());
            same_head && one.into_iter().zip(two).all(|(one, two)| matches_type(table, one, two, bound))
        }
    }
}
