//! The whole program while it grows: which functions it has, each lowered once.

use std::collections::{HashMap, VecDeque};

use super::instance::{Impls, Instance, Resolved, Source};
use super::nominals::{self, Measures};
use super::{Entry, body, closure, derive, start};
use crate::arena::{Arena, Id};
use crate::check::Types;
use crate::diagnostics::Diagnostic;
use crate::hir::{self, FunctionBody, Hir};
use crate::mir::{Foreign, ForeignId, Function, FunctionId, Operand, Program, StringId};
use crate::source::Span;
use crate::types::{NominalId, ParameterId, Type, TypeId, TypeTable};

/// More functions than this come from types that grow without end.
const MOST_FUNCTIONS: usize = 200_000;

/// The program while it grows.
pub(super) struct Programme<'a> {
    pub hir: &'a Hir,
    pub types: &'a Types,
    pub table: TypeTable,
    pub impls: Impls,
    pub measures: Measures,
    /// Every function that was asked for; those before the queue are lowered.
    ids: HashMap<Source, FunctionId>,
    queue: VecDeque<Source>,
    /// How many functions wanted each name.
    names: HashMap<String, usize>,
    strings: Arena<StringId, String>,
    string_ids: HashMap<String, StringId>,
    foreigns: Arena<ForeignId, Foreign>,
    foreign_ids: HashMap<hir::FunctionId, ForeignId>,
    /// What was found wrong with types that became known.
    pub errors: Vec<Diagnostic>,
}

pub(super) fn lower(hir: &Hir, types: &Types, entry: Entry<'_>) -> Result<Program, Vec<Diagnostic>> {
    let mut programme = Programme {
        hir,
        types,
        table: types.table.clone(),
        impls: Impls::new(hir),
        measures: Measures::default(),
        ids: HashMap::new(),
        queue: VecDeque::new(),
        names: HashMap::new(),
        strings: Arena::new(),
        string_ids: HashMap::new(),
        foreigns: Arena::new(),
        foreign_ids: HashMap::new(),
        errors: Vec::new(),
    };
    let started = start::entry(&mut programme, entry);
    let mut functions: Arena<FunctionId, Function> = Arena::new();
    while let Some(source) = programme.queue.pop_front() {
        let function = programme.lower(&source);
        nominals::bound_tuples(&mut programme, &function);
        let lowered = functions.push(function);
        debug_assert_eq!(programme.ids[&source], lowered);
        if !programme.errors.is_empty() {
            return Err(programme.errors);
        }
    }
    let main = match started {
        start::Started::Directly(main) => main,
        start::Started::Through(function) => functions.push(function),
    };
    let nominals = nominals::collect(&mut programme, &functions)?;
    let Programme { strings, foreigns, table, .. } = programme;
    Ok(Program { functions, strings, foreigns, types: table, nominals, main })
}

impl Programme<'_> {
    fn lower(&mut self, source: &Source) -> Function {
        match source {
            Source::Function(instance) => match &self.hir.functions[instance.function].body {
                FunctionBody::Weft(_) => body::lower_function(self, instance),
                FunctionBody::Foreign(_) | FunctionBody::Intrinsic(_) => closure::wrapper(self, instance),
                FunctionBody::Required => panic!("BUG: a function without a body is called"),
            },
            Source::Thread(instance, spawn) => body::lower_thread(self, instance, *spawn),
            Source::Lambda(instance, lambda) => body::lower_lambda(self, instance, *lambda),
            Source::Derived(derived, ty) => derive::function(self, *derived, *ty),
            Source::Variant(ty, variant) => closure::constructor(self, *ty, *variant),
            Source::Constant(constant) => body::lower_constant(self, *constant),
        }
    }

    /// The function that will be made of that source.
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

    /// Notices when there is no end to the functions or to the size of their types.
    fn bound(&mut self, source: &Source) {
        let (Source::Function(instance) | Source::Thread(instance, _) | Source::Lambda(instance, _)) = source
        else {
            return;
        };
        let name = &self.hir.functions[instance.function].name;
        let too_large =
            instance.arguments.iter().copied().find(|&ty| self.measures.is_too_large(&self.table, ty));
        if too_large.is_some() || self.ids.len() >= MOST_FUNCTIONS {
            self.errors.push(nominals::endless_function(name));
        }
    }

    /// What a function of the tree means here.
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

    /// Whether a type has at most one value: none is ever kept.
    pub fn is_nothing(&self, ty: TypeId) -> bool {
        matches!(self.ty(ty), Type::Unit | Type::Never)
    }

    /// A struct or enum of the library, with type arguments.
    pub fn nominal(&mut self, id: NominalId, arguments: Vec<TypeId>) -> TypeId {
        self.intern(Type::Nominal(id, arguments))
    }

    /// The type with parameters replaced, and without what MIR does not tell apart: `share fn` is `fn`.
    pub fn concrete(&mut self, ty: TypeId, arguments: &HashMap<ParameterId, TypeId>) -> TypeId {
        self.concrete_part(ty, arguments, &mut HashMap::new())
    }

    /// A type may hold the same part so often that only a look at each once comes to an end.
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

    /// What the type parameters of a function stand for in an instance.
    pub fn arguments(&self, instance: &Instance) -> HashMap<ParameterId, TypeId> {
        let generics = &self.hir.functions[instance.function].generics;
        debug_assert_eq!(generics.len(), instance.arguments.len(), "BUG: type arguments are missing");
        generics.iter().copied().zip(instance.arguments.iter().copied()).collect()
    }

    /// The types of a function's parameters, and of its result.
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
        // No name of the language has a `#` in it.
        if *wanted_by == 1 { name } else { format!("{name}#{wanted_by}") }
    }

    /// A function's name as a reader knows it: `area`, `geometry.area`, `Point.norm`, `largest[Int]`.
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

    /// Where a function is declared.
    pub fn span(&self, instance: &Instance) -> Span {
        self.hir.functions[instance.function].span
    }
}
