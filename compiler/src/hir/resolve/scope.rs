//! Scopes: the variables by name, each with the number of lambdas and spawned threads around it.

use std::collections::{HashMap, HashSet};

use crate::hir::ids::{ExprId, FunctionId, LocalId, LoopId};
use crate::source::Span;
use crate::syntax::ast::Symbol;

/// The number of lambdas and spawned threads around a place; 0 in the function itself.
pub(super) type Depth = usize;

/// A variable in scope.
#[derive(Clone, Copy)]
pub(super) struct Binding {
    pub local: LocalId,
    pub depth: Depth,
}

/// The meaning of a name in a scope.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    Variable(Binding),
    /// A function in a block.
    Function(FunctionId),
}

/// The variables and local functions in scope. `enter` records how many names are bound; `leave` removes all names that
/// were bound since.
#[derive(Default)]
pub(super) struct Scopes {
    by_name: HashMap<Symbol, Vec<Bound>>,
    bound: Vec<Symbol>,
}

/// The names around a local function.
#[derive(Clone, Default)]
pub(super) struct AroundFunction {
    /// The local functions, which it sees.
    pub functions: HashMap<Symbol, FunctionId>,
    /// The variables, which it does not see.
    pub variables: HashSet<Symbol>,
}

/// The number of names that were bound when a scope began.
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

    /// Binds a name, which hides any other meaning of the name.
    pub fn bind(&mut self, name: Symbol, bound: Bound) {
        self.by_name.entry(name.clone()).or_default().push(bound);
        self.bound.push(name);
    }

    pub fn get(&self, name: &str) -> Option<Bound> {
        self.by_name.get(name)?.last().copied()
    }

    /// The scope of a local function that is declared here: the local functions in scope, and the variables, which the
    /// function does not see.
    pub fn around_function(&self) -> AroundFunction {
        let mut around = AroundFunction::default();
        for name in &self.bound {
            match self.get(name.as_str()) {
                Some(Bound::Function(function)) => drop(around.functions.insert(name.clone(), function)),
                Some(Bound::Variable(_)) => drop(around.variables.insert(name.clone())),
                None => {}
            }
        }
        around
    }

    /// All names in scope.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.bound.iter().map(Symbol::as_str)
    }
}

/// A lambda or a spawned thread around the place that is being resolved.
pub(super) struct Frame {
    /// The place of the `spawn` or `defer` keyword, or of the lambda.
    pub span: Span,
    pub kind: FrameKind,
}

pub(super) enum FrameKind {
    /// A lambda, which shares the variables around it.
    Lambda {
        /// The captured variables, each with the place of its first use.
        captures: Vec<(LocalId, Span)>,
        captured: HashSet<LocalId>,
        /// Whether the lambda is the block of a `defer`.
        deferred: bool,
    },
    /// A spawned thread, which gets copies of the variables around it.
    Thread {
        /// The thread's copies, each with the expression that initialises it.
        arguments: Vec<(LocalId, ExprId)>,
        /// The thread's copy of each variable around it that the thread reads.
        captured: HashMap<LocalId, LocalId>,
    },
}

impl Frame {
    pub fn lambda(span: Span) -> Frame {
        Frame::sharing(span, false)
    }

    /// A frame for the block of a `defer`.
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
    /// Whether the frame is the block of a `defer`.
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
