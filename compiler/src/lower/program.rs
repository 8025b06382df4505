//! Which functions the program has: those that are reached, each lowered once.

use std::collections::{HashMap, VecDeque};

use weft_abi::RuntimeFunction;

use super::body;
use super::graph::Graph;
use crate::arena::{Arena, Id};
use crate::check::Types;
use crate::hir::{self, Hir, SpawnId};
use crate::mir::{Function, FunctionId, Operand, Program, Rvalue, StringId, TerminatorKind};
use crate::types::{Type, TypeId, TypeTable};

/// What a function of the program is made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Source {
    /// A function as it was written.
    Function(hir::FunctionId),
    /// What a `spawn` in a function runs.
    Thread(hir::FunctionId, SpawnId),
}

/// The program while it grows.
pub(super) struct Programme<'a> {
    pub hir: &'a Hir,
    pub types: &'a Types,
    table: TypeTable,
    /// Every function that was asked for; those before the queue are lowered.
    ids: HashMap<Source, FunctionId>,
    queue: VecDeque<Source>,
    strings: Arena<StringId, String>,
    string_ids: HashMap<String, StringId>,
}

pub(super) fn lower(hir: &Hir, types: &Types, main: hir::FunctionId) -> Program {
    let mut programme = Programme {
        hir,
        types,
        table: types.table.clone(),
        ids: HashMap::new(),
        queue: VecDeque::new(),
        strings: Arena::new(),
        string_ids: HashMap::new(),
    };
    let mut entry = programme.function(Source::Function(main));
    let mut functions = Arena::new();
    while let Some(source) = programme.queue.pop_front() {
        let lowered: FunctionId = functions.push(body::lower(&mut programme, source));
        debug_assert_eq!(programme.ids[&source], lowered);
    }
    if !hir.functions[main].parameters.is_empty() {
        entry = functions.push(programme.start(main, entry));
    }
    let Programme { strings, table, .. } = programme;
    Program { functions, strings, types: table, main: entry }
}

impl Programme<'_> {
    /// The function that will be made of that source.
    pub fn function(&mut self, source: Source) -> FunctionId {
        let next = FunctionId::new(self.ids.len());
        *self.ids.entry(source).or_insert_with(|| {
            self.queue.push_back(source);
            next
        })
    }

    pub fn string(&mut self, text: &str) -> Operand {
        if let Some(&id) = self.string_ids.get(text) {
            return Operand::String(id);
        }
        let id = self.strings.push(text.to_string());
        self.string_ids.insert(text.to_string(), id);
        Operand::String(id)
    }

    pub fn intern(&mut self, ty: Type) -> TypeId {
        self.table.intern(ty)
    }

    pub fn ty(&self, id: TypeId) -> &Type {
        self.table.get(id)
    }

    /// The result of a function as it was written.
    pub fn result(&self, function: hir::FunctionId) -> TypeId {
        self.hir.functions[function].result.expect("BUG: a result type that was reported")
    }

    /// Passes the arguments of the process to a `main` that takes them.
    fn start(&mut self, main: hir::FunctionId, callee: FunctionId) -> Function {
        let declared = &self.hir.functions[main];
        let span = declared.name.span;
        let string = self.intern(Type::String);
        let strings = self.intern(Type::Array(string));
        let mut graph = Graph::new();
        let arguments = graph.local(strings, None);
        graph.push(Some(arguments), Rvalue::Runtime(RuntimeFunction::Arguments, Vec::new()), span);
        graph.end(TerminatorKind::TailCall(callee, vec![Operand::Local(arguments)]), span);
        graph.finish("main.start".to_string(), span, 0, self.result(main))
    }
}
