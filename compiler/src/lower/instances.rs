//! Monomorphisation: the table of instances, with one function for each set of type arguments. The table also numbers
//! strings and foreign functions.
//!
//! A request for a function returns its number at once and queues the function if it is new; `worklist` lowers the
//! functions in the queue.
//!
//! ```text
//! fn main() { twice(1); twice('a'); twice(2) }
//!
//!   main            0
//!   twice[Int]      1    requested twice, lowered once
//!   twice[Char]     2
//! ```

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::impls::{Derived, Impls, Instance, Resolved};
use super::measures::{self, Measures};
use crate::arena::{Arena, Id};
use crate::check::Types;
use crate::diagnostics::Diagnostic;
use crate::hir::{self, ConstantId, FunctionBody, Hir, LambdaId, SpawnId};
use crate::mir::{
    BytesId, Element, Foreign, ForeignId, Function, FunctionId, Nominal, Operand, Program, StringId,
};
use crate::source::Span;
use crate::types::{NominalId, ParameterId, Type, TypeId, TypeTable};

/// The maximum number of functions in a program. A larger limit admits larger programs, but the error for a program
/// whose types grow without end then comes later.
const MOST_FUNCTIONS: usize = 200_000;

/// The origin of a function of the program.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Source {
    /// A function of the source.
    Function(Instance),
    /// The body of a `gen fn`.
    Generator(Instance),
    /// The body of a `spawn` in a function.
    Thread(Instance, SpawnId),
    /// A lambda in a function: its captures come before its parameters.
    Lambda(Instance, LambdaId),
    /// A built-in trait's function for a type without an `impl`.
    Derived(Derived, TypeId),
    /// The constructor of a variant, by the type of the enum and the variant's number.
    Variant(TypeId, usize),
    /// A function that returns the value of a constant.
    Constant(ConstantId),
}

/// The instances of a program, found so far.
pub(super) struct Instances<'a> {
    pub hir: &'a Hir,
    pub types: &'a Types,
    pub table: TypeTable,
    pub impls: Impls,
    pub measures: Measures,
    /// The functions that were requested. All except the functions in the queue are lowered.
    ids: HashMap<Source, FunctionId>,
    queue: VecDeque<Source>,
    /// The number of functions for which each name was requested.
    names: HashMap<String, usize>,
    strings: Arena<StringId, String>,
    byte_strings: Arena<BytesId, Arc<[u8]>>,
    byte_string_ids: HashMap<Arc<[u8]>, BytesId>,
    string_ids: HashMap<String, StringId>,
    foreigns: Arena<ForeignId, Foreign>,
    foreign_ids: HashMap<hir::FunctionId, ForeignId>,
    /// Errors that show only when type arguments are known.
    pub errors: Vec<Diagnostic>,
}

impl<'a> Instances<'a> {
    /// A table without instances.
    pub fn new(hir: &'a Hir, types: &'a Types) -> Instances<'a> {
        Instances {
            hir,
            types,
            table: types.table.clone(),
            impls: Impls::new(hir),
            measures: Measures::default(),
            ids: HashMap::new(),
            queue: VecDeque::new(),
            names: HashMap::new(),
            strings: Arena::new(),
            byte_strings: Arena::new(),
            byte_string_ids: HashMap::new(),
            string_ids: HashMap::new(),
            foreigns: Arena::new(),
            foreign_ids: HashMap::new(),
            errors: Vec::new(),
        }
    }

    /// Takes the function with the lowest number that is not lowered yet.
    pub fn next(&mut self) -> Option<(FunctionId, Source)> {
        let source = self.queue.pop_front()?;
        Some((self.ids[&source], source))
    }

    /// Builds the program from the lowered functions.
    pub fn finish(
        self,
        functions: Arena<FunctionId, Function>,
        nominals: HashMap<TypeId, Nominal>,
        main: FunctionId,
    ) -> Program {
        Program {
            functions,
            strings: self.strings,
            bytes: self.byte_strings,
            foreigns: self.foreigns,
            types: self.table,
            nominals,
            frames: Arena::new(),
            main,
        }
    }

    /// The number of the function for `source`. Queues the source if it is new.
    pub fn function(&mut self, source: Source) -> FunctionId {
        if let Some(&known) = self.ids.get(&source) {
            return known;
        }
        let next = FunctionId::new(self.ids.len());
        if self.errors.is_empty() {
            self.bound(&source);
        }
        self.ids.insert(source.clone(), next);
        self.queue.push_back(source);
        next
    }

    /// Reports an error if the type arguments of a new function are too large, or if there are already
    /// [`MOST_FUNCTIONS`] functions. Such a program would probably need endlessly many types.
    fn bound(&mut self, source: &Source) {
        let (Source::Function(instance)
        | Source::Generator(instance)
        | Source::Thread(instance, _)
        | Source::Lambda(instance, _)) = source
        else {
            return;
        };
        let name = &self.hir.functions[instance.function].name;
        let too_large =
            instance.arguments.iter().copied().find(|&ty| self.measures.is_too_large(&self.table, ty));
        if too_large.is_some() || self.ids.len() >= MOST_FUNCTIONS {
            self.errors.push(measures::endless_function(name));
        }
    }

    /// Resolves a function with its type arguments: a trait's function becomes a function of an `impl`, or is derived.
    pub fn resolve(&mut self, instance: Instance) -> Resolved {
        self.impls.resolve(self.hir, &self.table, instance)
    }

    pub fn string(&mut self, text: &str) -> Operand {
        if let Some(&id) = self.string_ids.get(text) {
            return Operand::String(id);
        }
        let id = self.strings.push(text.to_string());
        self.string_ids.insert(text.to_string(), id);
        Operand::String(id)
    }

    /// The array of a byte string.
    pub fn bytes(&mut self, bytes: &Arc<[u8]>) -> Operand {
        let known = self.byte_string_ids.get(bytes).copied();
        let id = known.unwrap_or_else(|| {
            let id = self.byte_strings.push(bytes.clone());
            self.byte_string_ids.insert(bytes.clone(), id);
            id
        });
        Operand::Bytes(id)
    }

    pub fn foreign(&mut self, id: hir::FunctionId) -> ForeignId {
        let function = &self.hir.functions[id];
        let FunctionBody::Foreign(declared) = &function.body else {
            panic!("BUG: a foreign function with a body")
        };
        let foreigns = &mut self.foreigns;
        *self.foreign_ids.entry(id).or_insert_with(|| {
            foreigns.push(Foreign {
                symbol: function.name.to_string(),
                parameters: declared.parameters.clone(),
                result: declared.result,
                blocking: declared.blocking,
            })
        })
    }

    pub fn intern(&mut self, ty: Type) -> TypeId {
        self.table.intern(ty)
    }

    pub fn ty(&self, id: TypeId) -> &Type {
        self.table.get(id)
    }

    /// Whether a type is `()` or `Never`, whose values are never stored.
    pub fn is_nothing(&self, ty: TypeId) -> bool {
        matches!(self.ty(ty), Type::Unit | Type::Never)
    }

    /// A struct or enum of the library, with type arguments.
    pub fn nominal(&mut self, id: NominalId, arguments: Vec<TypeId>) -> TypeId {
        self.intern(Type::Nominal(id, arguments))
    }

    /// The element type of a `gen fn` and the type of the result of `next`. `result` is the type of a call of the
    /// `gen fn`.
    pub fn element(&mut self, result: TypeId) -> Element {
        let Type::Generator(ty) = *self.ty(result) else { panic!("BUG: a `gen fn` gives no generator") };
        Element { ty, option: self.element_option(ty) }
    }

    /// The type of the result of a generator's `next`.
    pub fn element_option(&mut self, element: TypeId) -> TypeId {
        self.nominal(self.hir.lang_items.option, vec![element])
    }

    /// The type with its parameters replaced, and with `fn` for `share fn`, so that a lowered program contains only
    /// `fn`.
    pub fn concrete(&mut self, ty: TypeId, arguments: &HashMap<ParameterId, TypeId>) -> TypeId {
        self.concrete_part(ty, arguments, &mut HashMap::new())
    }

    /// Replaces the parameters in a part of a type. Types share their parts, so each part is visited once.
    fn concrete_part(
        &mut self,
        ty: TypeId,
        arguments: &HashMap<ParameterId, TypeId>,
        known: &mut HashMap<TypeId, TypeId>,
    ) -> TypeId {
        if let Some(&known) = known.get(&ty) {
            return known;
        }
        let layer = match self.table.get(ty) {
            Type::Parameter(parameter) => {
                return *arguments.get(parameter).expect("BUG: a type parameter that nothing stands for");
            }
            Type::Function { parameters, result, .. } => {
                Type::Function { share: false, parameters: parameters.clone(), result: *result }
            }
            layer => layer.clone(),
        };
        let replaced = layer.map(|part| self.concrete_part(part, arguments, known));
        let concrete = self.intern(replaced);
        known.insert(ty, concrete);
        concrete
    }

    /// The type arguments of an instance, by parameter.
    pub fn arguments(&self, instance: &Instance) -> HashMap<ParameterId, TypeId> {
        let generics = &self.hir.functions[instance.function].generics;
        debug_assert_eq!(generics.len(), instance.arguments.len(), "BUG: type arguments are missing");
        generics.iter().copied().zip(instance.arguments.iter().copied()).collect()
    }

    /// The types of a function's parameters, and the type of its result.
    pub fn signature(&mut self, instance: &Instance) -> (Vec<TypeId>, TypeId) {
        const REPORTED: &str = "BUG: a type that was reported";
        let arguments = self.arguments(instance);
        let function = &self.hir.functions[instance.function];
        let parameters = function.parameters.iter();
        let parameters =
            parameters.map(|parameter| self.concrete(parameter.ty.expect(REPORTED), &arguments)).collect();
        (parameters, self.concrete(function.result.expect(REPORTED), &arguments))
    }

    /// A name for traces and the linker that no other function has.
    pub fn unique_name(&mut self, wanted: String) -> String {
        const LONGEST: usize = 120;
        let name: String = wanted.chars().take(LONGEST).collect();
        let wanted_by = self.names.entry(name.clone()).or_insert(0);
        *wanted_by += 1;
        // The result is unique, as no name of the language contains a `#`.
        if *wanted_by == 1 { name } else { format!("{name}#{wanted_by}") }
    }

    /// A function's name for people, with module, type and type arguments: `area`, `geometry.area`, `Point.norm`,
    /// `largest[Int]`.
    pub fn display_name(&self, instance: &Instance) -> String {
        let function = &self.hir.functions[instance.function];
        let list = |types: &[TypeId]| -> String {
            let shown: Vec<_> = types.iter().map(|&ty| self.table.display(ty).to_string()).collect();
            if shown.is_empty() { String::new() } else { format!("[{}]", shown.join(", ")) }
        };
        let name = &function.name;
        match function.owner {
            hir::Owner::Module => {
                let module = &self.hir.modules[function.module];
                let prefix = match function.module.raw() {
                    0 => String::new(),
                    _ => format!("{}.", module.name),
                };
                format!("{prefix}{name}{}", list(&instance.arguments))
            }
            hir::Owner::Impl(id) => {
                let declared = &self.hir.impls[id];
                let (outer, own) = instance.arguments.split_at(declared.parameters.len());
                let target = match declared.target.map(|target| self.table.get(target)) {
                    Some(Type::Nominal(nominal, _)) => {
                        format!("{}{}", self.table.names.nominals[*nominal], list(outer))
                    }
                    Some(Type::Array(_)) => format!("Array{}", list(outer)),
                    Some(Type::Task(_)) => format!("Task{}", list(outer)),
                    _ => declared.target.map_or(String::new(), |ty| self.table.display(ty).to_string()),
                };
                format!("{target}.{name}{}", list(own))
            }
            hir::Owner::Trait(id) => {
                let own = 1 + self.hir.traits[id].parameters.len();
                let receiver = self.table.display(instance.arguments[0]);
                format!("{receiver}.{name}{}", list(&instance.arguments[own..]))
            }
        }
    }

    /// The place of a function's declaration.
    pub fn span(&self, instance: &Instance) -> Span {
        self.hir.functions[instance.function].span
    }
}
