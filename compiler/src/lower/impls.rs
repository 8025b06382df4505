//! Trait resolution: the function that a trait's function means for a type, a written or a derived one.

use std::collections::HashMap;

use crate::hir::{self, FunctionBody, Hir, ImplId, Owner, TraitId};
use crate::types::{ParameterId, Type, TypeId, TypeTable};

/// A function with the types that it is compiled for, none of which has a parameter in it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Instance {
    pub function: hir::FunctionId,
    /// A type for each of the function's generics.
    pub arguments: Vec<TypeId>,
}

/// The traits that types have by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Derived {
    Show,
    /// Appends the text that `Show` gives to a text that is being made.
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

/// The function that is called when types are known.
#[derive(Clone, Debug)]
pub(super) enum Resolved {
    /// A function as it was written.
    Function(Instance),
    /// A built-in trait's function for that type.
    Derived(Derived, TypeId),
}

/// An `impl` and its type arguments.
type Found = (ImplId, Vec<TypeId>);

/// The `impl`s of types, each found once.
#[derive(Default)]
pub(super) struct Impls {
    by_trait: HashMap<TraitId, Vec<ImplId>>,
    found: HashMap<(TraitId, TypeId), Option<Found>>,
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

    /// The `impl` of a trait for a type, with what its parameters stand for.
    fn find(
        &mut self,
        hir: &Hir,
        table: &TypeTable,
        id: TraitId,
        ty: TypeId,
    ) -> Option<(ImplId, Vec<TypeId>)> {
        if let Some(known) = self.found.get(&(id, ty)) {
            return known.clone();
        }
        let candidates = self.by_trait.get(&id).map_or(&[][..], Vec::as_slice);
        let found = candidates.iter().find_map(|&candidate| {
            let declared = &hir.impls[candidate];
            let mut bound = HashMap::new();
            let fits = matches_type(table, declared.target?, ty, &mut bound);
            let arguments = declared.parameters.iter().map(|parameter| bound.get(parameter).copied());
            fits.then(|| arguments.collect::<Option<Vec<_>>>().map(|arguments| (candidate, arguments)))?
        });
        self.found.insert((id, ty), found.clone());
        found
    }

    /// Resolves a function of the tree for type arguments without parameters.
    pub fn resolve(&mut self, hir: &Hir, table: &TypeTable, instance: Instance) -> Resolved {
        let function = &hir.functions[instance.function];
        let Owner::Trait(id) = function.owner else { return Resolved::Function(instance) };
        let declared = &hir.traits[id];
        let ty = instance.arguments[0];
        let Some((found, mut arguments)) = self.find(hir, table, id, ty) else {
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

/// The trait, if it is one that types have by themselves.
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

/// Whether `pattern`, in which there may be parameters, is `ty` for some arguments.
fn matches_type(
    table: &TypeTable,
    pattern: TypeId,
    ty: TypeId,
    bound: &mut HashMap<ParameterId, TypeId>,
) -> bool {
    match (table.get(pattern), table.get(ty)) {
        (Type::Parameter(parameter), _) => *bound.entry(*parameter).or_insert(ty) == ty,
        // Traits do not tell `share fn` from `fn`.
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
