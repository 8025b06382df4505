//! Which variable a name stands for, and which spawned thread it belongs to.

use std::collections::HashMap;

use crate::hir::tree::{ExprId, LocalId, LoopId};
use crate::source::Span;
use crate::syntax::ast::Symbol;

/// How deep in spawned threads something stands; 0 is the function itself.
pub(super) type Depth = usize;

/// A variable in scope.
#[derive(Clone, Copy)]
pub(super) struct Binding {
    pub local: LocalId,
    pub depth: Depth,
}

/// The variables in scope. Entering a block remembers how many were bound; leaving it unbinds the rest.
#[derive(Default)]
pub(super) struct Scopes {
    by_name: HashMap<Symbol, Vec<Binding>>,
    bound: Vec<Symbol>,
}

/// Where a scope began.
#[must_use]
pub(super) struct ScopeStart(usize);

impl Scopes {
    pub fn enter(&self) -> ScopeStart {
        ScopeStart(self.bound.len())
    }

    pub fn leave(&mut self, start: ScopeStart) {
        for name in self.bound.drain(start.0..).rev() {
            self.by_name.get_mut(&name).and_then(Vec::pop).expect("BUG: a scope binds what it did not enter");
        }
    }

    /// From now on `name` is that variable; it hides one of the same name.
    pub fn bind(&mut self, name: Symbol, binding: Binding) {
        self.by_name.entry(name.clone()).or_default().push(binding);
        self.bound.push(name);
    }

    pub fn get(&self, name: &str) -> Option<Binding> {
        self.by_name.get(name)?.last().copied()
    }

    /// All names in scope, the innermost first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bound.iter().rev().map(Symbol::as_str)
    }
}

/// A spawned thread around the place that is being resolved.
pub(super) struct Thread {
    /// The `spawn` keyword.
    pub span: Span,
    /// What it begins with, and where that comes from.
    pub arguments: Vec<(LocalId, ExprId)>,
    /// For each variable outside that it reads, its own.
    pub captured: HashMap<LocalId, LocalId>,
}

/// A loop around the place that is being resolved.
#[derive(Clone)]
pub(super) struct EnclosingLoop {
    pub id: LoopId,
    pub label: Option<Symbol>,
    pub depth: Depth,
}
