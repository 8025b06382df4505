//! Reachability: the functions of the library that a program may run. Of the library, only these functions are checked.
//!
//! A checked body may run the functions that it names, the functions that the compiler calls for a `select`, a `for` or
//! a generator, and the functions of trait `impl`s for types that occur in the body; only monomorphisation determines
//! which of these functions run. Where a type occurs, the types of its parts and fields occur, too.

use std::collections::HashSet;

use super::declarations::{Declarations, Head};
use super::tables::{BodyTypes, Callee, Indexing, Iteration};
use crate::arena::Arena;
use crate::hir::{FunctionId, Hir, NominalKind};
use crate::types::{NominalId, Type, TypeId, TypeTable};

/// The worklist of functions to check.
pub(super) struct Reach<'a> {
    hir: &'a Hir,
    declarations: &'a Declarations,
    queue: Vec<FunctionId>,
    queued: Arena<FunctionId, bool>,
    types: HashSet<TypeId>,
    nominals: HashSet<NominalId>,
    heads: HashSet<Head>,
}

impl<'a> Reach<'a> {
    /// Starts with all functions of the program and, if `whole_library` is set, all functions of the library.
    pub fn new(hir: &'a Hir, declarations: &'a Declarations, whole_library: bool) -> Reach<'a> {
        let mut reach = Reach {
            hir,
            declarations,
            queue: Vec::new(),
            queued: hir.functions.iter().map(|_| false).collect(),
            types: HashSet::new(),
            nominals: HashSet::new(),
            heads: HashSet::new(),
        };
        for (id, function) in hir.functions.iter_enumerated() {
            if whole_library || !hir.modules[function.module].library {
                reach.function(id);
            }
        }
        // Functions that the compiler calls in generated code, even if no body names them.
        reach.function(hir.lang_items.hash_combine);
        reach.function(hir.lang_items.hash_of_int);
        reach.function(hir.lang_items.range_step);
        hir.lang_items.shown.functions().into_iter().for_each(|called| reach.function(called));
        if !hir.tests.is_empty() {
            reach.function(hir.lang_items.test_run);
        }
        reach
    }

    /// Takes the next function from the worklist.
    pub fn next(&mut self) -> Option<FunctionId> {
        self.queue.pop()
    }

    fn function(&mut self, id: FunctionId) {
        if !std::mem::replace(&mut self.queued[id], true) {
            self.queue.push(id);
        }
    }

    /// Adds the functions that a checked body may run.
    pub fn body(&mut self, body: &BodyTypes, table: &TypeTable) {
        let nodes = body.exprs.iter().chain(body.locals.iter()).chain(body.patterns.iter());
        for &ty in nodes.flatten() {
            self.ty(ty, table);
        }
        for callee in body.calls.values() {
            self.callee(callee, table);
        }
        if body.selects {
            self.hir.lang_items.select.functions().into_iter().for_each(|called| self.function(called));
        }
        for indexing in body.indexing.values() {
            match indexing {
                Indexing::Array | Indexing::Vec => {}
                Indexing::Method(method) => self.callee(method, table),
                Indexing::Update(one, other) | Indexing::Rest(one, other) => {
                    self.callee(one, table);
                    self.callee(other, table);
                }
            }
        }
        for iteration in body.iterations.values() {
            match iteration {
                Iteration::Range | Iteration::Array | Iteration::Vec => {}
                Iteration::Next(next) => self.callee(next, table),
                Iteration::Iter(iter, next) => {
                    self.callee(iter, table);
                    self.callee(next, table);
                }
            }
        }
    }

    fn callee(&mut self, callee: &Callee, table: &TypeTable) {
        self.function(callee.function);
        for &argument in &callee.arguments {
            self.ty(argument, table);
        }
    }

    fn ty(&mut self, ty: TypeId, table: &TypeTable) {
        let mut types = vec![ty];
        while let Some(ty) = types.pop() {
            if !self.types.insert(ty) {
                continue;
            }
            let shape = table.get(ty);
            types.extend(shape.parts());
            if let Some(head) = Head::of(shape)
                && self.heads.insert(head)
            {
                self.impls(head);
                if head == Head::Generator {
                    self.function(self.hir.lang_items.close_generator);
                }
            }
            if let Type::Nominal(nominal, _) = shape
                && self.nominals.insert(*nominal)
            {
                // The fields' types are ids in `hir.types`; `table` began as a copy of `hir.types`, so the ids are the
                // same.
                match &self.hir.nominals[*nominal].kind {
                    NominalKind::Struct(fields) => types.extend(fields.iter().filter_map(|field| field.ty)),
                    NominalKind::Enum(variants) => {
                        let fields = variants.iter().flat_map(|variant| &variant.fields);
                        types.extend(fields.filter_map(|(ty, _)| *ty));
                    }
                }
            }
        }
    }

    fn impls(&mut self, head: Head) {
        for &id in self.declarations.impls_of_head(head) {
            let of = &self.hir.impls[id];
            if of.implemented.is_some() {
                of.functions.iter().for_each(|&function| self.function(function));
            }
        }
    }
}
