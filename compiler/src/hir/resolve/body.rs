//! One function: its variables, its blocks and statements.

use std::collections::HashSet;

use super::Context;
use super::scope::{Binding, Depth, EnclosingLoop, Scopes, Thread};
use crate::arena::Arena;
use crate::hir::errors::{self, Immutable};
use crate::hir::lints;
use crate::hir::tree::{
    Block, Body, Expr, ExprId, ExprKind, Local, LocalId, Loop, LoopId, Parameter, Spawn, SpawnId, Statement,
};
use crate::source::Span;
use crate::syntax::ast::{self, Name, PatternKind, Symbol};

/// How a variable came about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Let,
    Var,
    Parameter,
    LoopVariable,
    /// What a spawned thread begins with.
    Argument,
    /// In a pattern that is not supported: its type is unknown, and it may be anything.
    Unknown,
}

impl Origin {
    /// Why it cannot be assigned, unless it can.
    pub fn immutable(self) -> Option<Immutable> {
        match self {
            Origin::Let => Some(Immutable::Let),
            Origin::Parameter => Some(Immutable::Parameter),
            Origin::LoopVariable => Some(Immutable::LoopVariable),
            Origin::Argument => Some(Immutable::Captured),
            Origin::Var | Origin::Unknown => None,
        }
    }
}

/// What is known of a variable besides what stands in the tree.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub origin: Origin,
    pub read: bool,
    pub assigned: bool,
}

/// A function while it is resolved.
pub(super) struct Resolver<'c, 'a> {
    pub context: &'c mut Context<'a>,
    pub locals: Arena<LocalId, Local>,
    pub usage: Arena<LocalId, Usage>,
    pub exprs: Arena<ExprId, Expr>,
    pub loops: Arena<LoopId, Loop>,
    pub spawns: Arena<SpawnId, Spawn>,
    pub scopes: Scopes,
    /// The spawned threads around this place, innermost last.
    pub threads: Vec<Thread>,
    /// The loops around this place, innermost last.
    pub enclosing: Vec<EnclosingLoop>,
    /// Names that were reported in this function: once is enough.
    pub reported: HashSet<Symbol>,
}

/// Resolves a function's parameters and body.
pub(super) fn resolve<'a>(context: &mut Context<'a>, function: &'a ast::Function) -> (Vec<Parameter>, Body) {
    let errors_before = context.error_count;
    let mut resolver = Resolver {
        context,
        locals: Arena::new(),
        usage: Arena::new(),
        exprs: Arena::new(),
        loops: Arena::new(),
        spawns: Arena::new(),
        scopes: Scopes::default(),
        threads: Vec::new(),
        enclosing: Vec::new(),
        reported: HashSet::new(),
    };
    if let Some(span) = function.receiver {
        resolver.context.not_supported("`self`", span);
    }
    let parameters =
        function.parameters.iter().filter_map(|parameter| resolver.parameter(parameter)).collect();
    let root = match function.body {
        Some(body) => resolver.expression(body),
        None => resolver.push(ExprKind::Error, function.name.span),
    };
    if resolver.context.error_count == errors_before {
        resolver.lint_unused();
    }
    let Resolver { locals, exprs, loops, spawns, .. } = resolver;
    (parameters, Body { locals, exprs, loops, spawns, root })
}

impl<'a> Resolver<'_, 'a> {
    pub fn push(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.exprs.push(Expr { kind, span })
    }

    /// Reports `what`, and makes a node that causes no other error.
    pub fn not_supported(&mut self, what: &str, span: Span) -> ExprKind {
        self.context.not_supported(what, span);
        ExprKind::Error
    }

    pub fn depth(&self) -> Depth {
        self.threads.len()
    }

    /// A new variable, not yet in scope.
    pub fn local(&mut self, name: &Name, origin: Origin) -> LocalId {
        let mutable = origin == Origin::Var;
        self.usage.push(Usage { origin, read: false, assigned: false });
        self.locals.push(Local { name: name.clone(), mutable })
    }

    /// A new variable that is in scope from here on.
    pub fn bind(&mut self, name: &Name, origin: Origin) -> LocalId {
        self.context.diagnostics.extend(lints::snake_case(name));
        let local = self.local(name, origin);
        self.scopes.bind(name.text.clone(), Binding { local, depth: self.depth() });
        local
    }

    fn parameter(&mut self, parameter: &ast::Parameter) -> Option<Parameter> {
        let ast = self.context.ast;
        if let PatternKind::Name(name) = &ast.patterns[parameter.pattern].kind
            && let Some(first) = self.scopes.get(&name.text)
        {
            let first = self.locals[first.local].name.span;
            self.context.report(errors::duplicate_parameter(name, first));
        }
        let local = self.bind_pattern(parameter.pattern, Origin::Parameter);
        let node = parameter.ty?;
        let ty = self.context.named_type(node);
        Some(Parameter { local, ty, ty_span: ast.types[node].span })
    }

    pub fn block(&mut self, block: &'a ast::Block) -> Block {
        let scope = self.scopes.enter();
        let statements = block.statements.iter().map(|statement| self.statement(statement)).collect();
        let value = block.value.map(|value| self.expression(value));
        self.scopes.leave(scope);
        Block { statements, value }
    }

    fn statement(&mut self, statement: &'a ast::Statement) -> Statement {
        match statement {
            ast::Statement::Expression(expression) => Statement::Expr(self.expression(*expression)),
            ast::Statement::Let(binding) => self.let_statement(binding),
        }
    }

    /// The value is resolved first: in `let x = x + 1` the right `x` is the old one.
    fn let_statement(&mut self, binding: &'a ast::Let) -> Statement {
        let value = self.expression(binding.value);
        let ty = binding.ty.map(|node| (self.context.named_type(node), self.context.ast.types[node].span));
        let origin = if binding.mutable { Origin::Var } else { Origin::Let };
        let local = self.bind_pattern(binding.pattern, origin);
        Statement::Let { local, ty, value }
    }

    fn lint_unused(&mut self) {
        for (id, usage) in self.usage.iter_enumerated() {
            let local = &self.locals[id];
            let watched = matches!(usage.origin, Origin::Let | Origin::Var);
            if watched && !usage.read && !local.name.text.starts_with('_') {
                self.context.diagnostics.push(lints::unused_variable(local, usage.assigned));
            }
        }
    }
}
