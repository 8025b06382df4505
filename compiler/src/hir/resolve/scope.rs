//! Scopes: the variable that a name stands for, and the lambda or spawned thread that it belongs to.

use std::collections::{HashMap, HashSet};

use crate::hir::ids::{ExprId, LocalId, LoopId};
use crate::source::Span;
use crate::syntax::ast::Symbol;

/// The depth in lambdas and spawned threads; 0 is the function itself.
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

/// The beginning of a scope.
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

    /// All names in scope.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bound.iter().map(Symbol::as_str)
    }
}

/// A lambda or a spawned thread around the place that is being resolved.
pub(super) struct Frame {
    /// The `spawn` keyword, or the lambda.
    pub span: Span,
    pub kind: FrameKind,
}

pub(super) enum FrameKind {
    /// It shares the variables outside.
    Lambda {
        /// The variables that it uses, with the place of the first use.
        captures: Vec<(LocalId, Span)>,
        captured: HashSet<LocalId>,
        /// Whether it is the block of a `defer`.
        deferred: bool,
    },
    /// It has variables of its own in their stead.
    Thread {
        /// Its own variables at the beginning, and where each comes from.
        arguments: Vec<(LocalId, ExprId)>,
        /// For each variable outside that it reads, its own.
        captured: HashMap<LocalId, LocalId>,
    },
}

impl Frame {
    pub fn lambda(span: Span) -> Frame {
        Frame::sharing(span, false)
    }

    /// The block of a `defer`.
    pub fn deferred(span: Span) -> Frame {
        Frame::sharing(span, true)
    }

    fn sharing(span: Span, deferred: bool) -> Frame {
        let kind = FrameKind::Lambda { captures: Vec::new(), captured: HashSet::new(), deferred };
        Frame { span, kind }
    }

    pub fn thread(span: Span) -> Frame {
        Frame { span, kind: FrameKind::Thread { arguments: Vec::new(), captured: HashMap::new() } }
    }
}

impl Frame {
    /// Whether it is the block of a `defer`.
    pub fn is_deferred(&self) -> bool {
        matches!(self.kind, FrameKind::Lambda { deferred: true, .. })
    }
}

/// A loop around the place that is being resolved.
#[derive(Clone)]
pub(super) struct EnclosingLoop {
    pub id: LoopId,
    pub label: Option<Symbol>,
    pub depth: Depth,
}
