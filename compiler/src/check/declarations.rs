//! Methods and `impl`s, indexed by type and name.

use std::collections::HashMap;

use crate::hir::{ConstantId, FunctionId, Hir, ImplId, TraitId};
use crate::syntax::ast::Symbol;
use crate::types::{NominalId, ParameterId, Type};

/// The constructor of a type: the key of its methods and `impl`s in [`Declarations`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Head {
    Unit,
    Bool,
    Int,
    Float,
    Char,
    Byte,
    String,
    Tuple(usize),
    Array,
    Task,
    Generator,
    Function,
    Nominal(NominalId),
}

/// A member of an `impl` without a trait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Member {
    Function(FunctionId),
    Constant(ConstantId),
}

/// The methods, associated functions and `impl`s of a program.
#[derive(Default)]
pub(super) struct Declarations {
    /// Members of `impl`s without a trait, by type constructor and name. Several members may share a name if their
    /// `impl`s are for different type arguments.
    inherent: HashMap<Head, HashMap<Symbol, Vec<(ImplId, Member)>>>,
    impls: HashMap<(TraitId, Head), Vec<ImplId>>,
    /// All `impl`s by type constructor, with a trait or without.
    by_head: HashMap<Head, Vec<ImplId>>,
    /// The functions of traits by name.
    trait_functions: HashMap<Symbol, Vec<(TraitId, FunctionId)>>,
    /// The traits by the type parameter that is their `Self`.
    traits_of_self: HashMap<ParameterId, TraitId>,
}

impl Head {
    /// The constructor of a type; `None` for type parameters, the cells of captured variables, and `Never`.
    pub fn of<Part: Copy>(ty: &Type<Part>) -> Option<Head> {
        Some(match ty {
            Type::Unit => Head::Unit,
            Type::Bool => Head::Bool,
            Type::Int => Head::Int,
            Type::Float => Head::Float,
            Type::Char => Head::Char,
            Type::Byte => Head::Byte,
            Type::String => Head::String,
            Type::Tuple(parts) => Head::Tuple(parts.len()),
            Type::Array(_) => Head::Array,
            Type::Task(_) => Head::Task,
            Type::Generator(_) => Head::Generator,
            Type::Function { .. } => Head::Function,
            Type::Nominal(nominal, _) => Head::Nominal(*nominal),
            Type::Parameter(_) | Type::Cell(_) | Type::Never => return None,
        })
    }
}

impl Declarations {
    /// Indexes the `impl`s and traits of a program.
    pub fn new(hir: &Hir) -> Declarations {
        let mut declarations = Declarations::default();
        for (id, of) in hir.traits.iter_enumerated() {
            declarations.traits_of_self.insert(of.self_parameter, id);
            for &function in &of.functions {
                let name = hir.functions[function].name.text.clone();
                declarations.trait_functions.entry(name).or_default().push((id, function));
            }
        }
        for (id, of) in hir.impls.iter_enumerated() {
            if let Some(head) = of.target.and_then(|target| Head::of(hir.types.get(target))) {
                declarations.add_impl(hir, id, head);
            }
        }
        declarations
    }

    fn add_impl(&mut self, hir: &Hir, id: ImplId, head: Head) {
        self.by_head.entry(head).or_default().push(id);
        let of = &hir.impls[id];
        match &of.implemented {
            Some(Some(implemented)) => self.impls.entry((implemented.id, head)).or_default().push(id),
            // An error in the trait was reported, so the `impl` adds no functions to the type.
            Some(None) => {}
            None => {
                let names = self.inherent.entry(head).or_default();
                for &function in &of.functions {
                    let name = hir.functions[function].name.text.clone();
                    names.entry(name).or_default().push((id, Member::Function(function)));
                }
                for &constant in &of.constants {
                    let name = hir.constants[constant].name.text.clone();
                    names.entry(name).or_default().push((id, Member::Constant(constant)));
                }
            }
        }
    }

    /// The members with this name in `impl`s without a trait for types of this constructor.
    pub fn inherent(&self, head: Head, name: &str) -> &[(ImplId, Member)] {
        self.inherent.get(&head).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// All members of `impl`s without a trait, grouped by type constructor and name.
    pub fn all_inherent(&self) -> impl Iterator<Item = &[(ImplId, Member)]> {
        self.inherent.values().flat_map(HashMap::values).map(Vec::as_slice)
    }

    /// The names of the members of `impl`s without a trait for types of this constructor.
    pub fn inherent_names(&self, head: Head) -> impl Iterator<Item = &str> {
        self.inherent.get(&head).into_iter().flat_map(HashMap::keys).map(Symbol::as_str)
    }

    /// The `impl`s of a trait for types of this constructor.
    pub fn impls(&self, of: TraitId, head: Head) -> &[ImplId] {
        self.impls.get(&(of, head)).map_or(&[], Vec::as_slice)
    }

    /// All `impl`s of traits, grouped by trait and type constructor.
    pub fn all_impls(&self) -> impl Iterator<Item = &[ImplId]> {
        self.impls.values().map(Vec::as_slice)
    }

    /// All `impl`s for types of this constructor, with a trait or without.
    pub fn impls_of_head(&self, head: Head) -> &[ImplId] {
        self.by_head.get(&head).map_or(&[], Vec::as_slice)
    }

    /// The functions of traits that have this name.
    pub fn trait_functions(&self, name: &str) -> &[(TraitId, FunctionId)] {
        self.trait_functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// The trait whose `Self` is the parameter, if there is one.
    pub fn trait_of_self(&self, parameter: ParameterId) -> Option<TraitId> {
        self.traits_of_self.get(&parameter).copied()
    }
}
