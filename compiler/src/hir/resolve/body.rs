//! The resolver of a function body: variables, blocks and statements.

use std::collections::{HashMap, HashSet};

use super::Context;
use super::scope::{AroundFunction, Binding, Bound, Depth, EnclosingLoop, Frame, Scopes};
use crate::arena::Arena;
use crate::hir::body::{Block, Body, Expr, ExprKind, Lambda, Local, Pattern, PatternKind, Spawn, Statement};
use crate::hir::errors::{self, Immutable};
use crate::hir::ids::{ExprId, FunctionId, LambdaId, LocalId, LoopId, PatternId, SpawnId};
use crate::hir::lints;
use crate::hir::loops::Loop;
use crate::source::Span;
use crate::syntax::ast::{self, ExpressionId, Name, Symbol};

/// The origin of a variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Let,
    Var,
    Parameter,
    LoopVariable,
    /// A pattern of a `match`, `if let`, `while let` or `select` arm.
    Match,
    /// An argument of a `spawn`, or a thread's copy of a variable from outside.
    Argument,
}

impl Origin {
    /// The reason why a variable of this origin cannot be assigned; `None` for a `var`.
    pub fn immutable(self) -> Option<Immutable> {
        match self {
            Origin::Let => Some(Immutable::Let),
            Origin::Parameter => Some(Immutable::Parameter),
            Origin::LoopVariable => Some(Immutable::LoopVariable),
            Origin::Match => Some(Immutable::Match),
            Origin::Argument => Some(Immutable::Captured),
            Origin::Var => None,
        }
    }
}

/// Facts about a variable that only errors and warnings depend on, so they are not part of the HIR.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    pub origin: Origin,
    pub read: bool,
    pub assigned: bool,
}

/// The state of the resolver for one body.
pub(super) struct Resolver<'c, 'a> {
    pub context: &'c mut Context<'a>,
    pub locals: Arena<LocalId, Local>,
    pub usage: Arena<LocalId, Usage>,
    pub exprs: Arena<ExprId, Expr>,
    pub patterns: Arena<PatternId, Pattern>,
    pub loops: Arena<LoopId, Loop>,
    pub spawns: Arena<SpawnId, Spawn>,
    pub lambdas: Arena<LambdaId, Lambda>,
    pub scopes: Scopes,
    /// The lambdas and spawned threads around the expression that is being resolved, innermost last.
    pub frames: Vec<Frame>,
    /// The loops around the expression that is being resolved, innermost last.
    pub enclosing: Vec<EnclosingLoop>,
    /// The places of the keywords of the `scope`s around the expression that is being resolved, innermost last.
    pub open_scopes: Vec<Span>,
    /// Whether the body is that of a `gen fn`.
    pub generator: bool,
    /// The names for which an error was reported in this body. No second error is reported for a name.
    pub reported: HashSet<Symbol>,
    /// Whether the body uses `self` although the function has no parameter `self`.
    pub lacks_self: bool,
    /// The place of the function's name; `None` for a constant or a test, which cannot have a `self`.
    pub function: Option<Span>,
    /// For a local function, the names around it.
    pub around: AroundFunction,
}

/// Resolves the body of a function.
pub(super) fn resolve_function<'a>(
    context: &mut Context<'a>,
    function: &'a ast::Function,
    body: ExpressionId,
    around: AroundFunction,
) -> Body {
    let errors_before = context.error_count;
    let mut resolver = Resolver::new(context);
    for (name, &function) in &around.functions {
        resolver.scopes.bind(name.clone(), Bound::Function(function));
    }
    resolver.around = around;
    resolver.function = Some(function.name.span);
    resolver.generator = function.generator;
    let parameters = resolver.parameters(function);
    let root = resolver.expression(body);
    resolver.finish(parameters, root, errors_before)
}

/// Resolves the value of a constant, or the body of a test.
pub(super) fn resolve_value<'a>(context: &mut Context<'a>, value: ExpressionId) -> Body {
    let errors_before = context.error_count;
    let mut resolver = Resolver::new(context);
    let root = resolver.expression(value);
    resolver.finish(Vec::new(), root, errors_before)
}

impl<'c, 'a> Resolver<'c, 'a> {
    fn new(context: &'c mut Context<'a>) -> Resolver<'c, 'a> {
        Resolver {
            context,
            locals: Arena::new(),
            usage: Arena::new(),
            exprs: Arena::new(),
            patterns: Arena::new(),
            loops: Arena::new(),
            spawns: Arena::new(),
            lambdas: Arena::new(),
            scopes: Scopes::default(),
            frames: Vec::new(),
            enclosing: Vec::new(),
            open_scopes: Vec::new(),
            generator: false,
            reported: HashSet::new(),
            function: None,
            lacks_self: false,
            around: AroundFunction::default(),
        }
    }

    fn finish(mut self, parameters: Vec<PatternId>, root: ExprId, errors_before: usize) -> Body {
        if self.context.error_count == errors_before {
            self.lint_unused();
        }
        let lacks_self = self.lacks_self;
        let Resolver { locals, exprs, patterns, loops, spawns, lambdas, .. } = self;
        Body { parameters, locals, exprs, patterns, loops, spawns, lambdas, root, lacks_self }
    }

    fn parameters(&mut self, function: &'a ast::Function) -> Vec<PatternId> {
        let receiver = function.receiver.map(|span| {
            let name = Name { text: Symbol::new("self"), span };
            let local = self.bind(&name, Origin::Parameter);
            self.push_pattern(PatternKind::Bind(local), span)
        });
        let patterns: Vec<ast::PatternId> = function
            .parameters
            .iter()
            .filter(|parameter| parameter.ty.is_some())
            .map(|parameter| parameter.pattern)
            .collect();
        receiver.into_iter().chain(self.parameter_patterns(&patterns)).collect()
    }
}

impl<'a> Resolver<'_, 'a> {
    pub fn push(&mut self, kind: ExprKind, span: Span) -> ExprId {
        self.exprs.push(Expr { kind, span })
    }

    pub fn push_pattern(&mut self, kind: PatternKind, span: Span) -> PatternId {
        self.patterns.push(Pattern { kind, span })
    }

    /// The place of an expression of the source.
    pub fn span(&self, id: ExpressionId) -> Span {
        self.context.ast.expressions[id].span
    }

    pub fn depth(&self) -> Depth {
        self.frames.len()
    }

    /// Creates a variable that is not yet in scope.
    pub fn local(&mut self, name: &Name, origin: Origin) -> LocalId {
        let mutable = origin == Origin::Var;
        self.usage.push(Usage { origin, read: false, assigned: false });
        self.locals.push(Local { name: name.clone(), mutable, in_cell: false })
    }

    /// Creates a variable and brings it into scope.
    pub fn bind(&mut self, name: &Name, origin: Origin) -> LocalId {
        let local = self.local(name, origin);
        self.bring(name, local);
        local
    }

    /// Brings a variable into scope.
    pub fn bring(&mut self, name: &Name, local: LocalId) {
        let binding = Binding { local, depth: self.depth() };
        self.scopes.bind(name.text.clone(), Bound::Variable(binding));
    }

    pub fn block(&mut self, block: &'a ast::Block) -> Block {
        let scope = self.scopes.enter();
        self.local_functions(&block.statements);
        let statements = block.statements.iter().filter_map(|statement| self.statement(statement)).collect();
        let value = block.value.map(|value| self.expression(value));
        self.scopes.leave(scope);
        Block { statements, value }
    }

    /// Brings the functions of a block into scope, in the whole block. Each of them sees the others.
    fn local_functions(&mut self, statements: &[ast::Statement]) {
        let mut declared: Vec<FunctionId> = Vec::new();
        let mut first: HashMap<Symbol, Span> = HashMap::new();
        for statement in statements {
            let ast::Statement::Function(item) = statement else { continue };
            let ast::ItemKind::Function(function) = &self.context.ast.items[*item].kind else { continue };
            let Some(&id) = self.context.items.local_functions.get(&(self.context.module, *item)) else {
                continue;
            };
            let name = &function.name;
            match first.get(&name.text) {
                Some(&first) => self.context.report(errors::duplicate_item(name, first)),
                None => drop(first.insert(name.text.clone(), name.span)),
            }
            self.scopes.bind(name.text.clone(), Bound::Function(id));
            declared.push(id);
        }
        if !declared.is_empty() {
            let mut around = self.scopes.around_function();
            around.variables.extend(statements.iter().filter_map(|statement| self.bound_name(statement)));
            around.variables.extend(self.around.variables.iter().cloned());
            for id in declared {
                self.context.around_functions.insert(id, around.clone());
            }
        }
    }

    /// The name that a `let` or `var` binds, if its pattern is a plain name.
    fn bound_name(&self, statement: &ast::Statement) -> Option<Symbol> {
        let ast::Statement::Let(binding) = statement else { return None };
        match &self.context.ast.patterns[binding.pattern].kind {
            ast::PatternKind::Name(name) => Some(name.text.clone()),
            _ => None,
        }
    }

    /// Resolves a statement. A local function leaves none.
    fn statement(&mut self, statement: &'a ast::Statement) -> Option<Statement> {
        Some(match statement {
            ast::Statement::Expression(expression) => Statement::Expr(self.expression(*expression)),
            ast::Statement::Let(binding) => self.let_statement(binding),
            ast::Statement::Defer(defer) => self.defer(defer),
            ast::Statement::Function(_) => return None,
        })
    }

    /// Resolves a `let` or `var`, its value first: in `let x = x + 1` the `x` on the right is the previous variable.
    fn let_statement(&mut self, binding: &'a ast::Let) -> Statement {
        let value = match self.named_lambda(binding) {
            Some(value) => value,
            None => self.expression(binding.value),
        };
        let ty = binding.ty.map(|node| (self.context.named_type(node), self.context.ast.types[node].span));
        let otherwise = binding.otherwise.map(|block| self.expression(block));
        let origin = if binding.mutable { Origin::Var } else { Origin::Let };
        let pattern = self.pattern_that(binding.pattern, origin, otherwise.is_some());
        Statement::Let { pattern, ty, value, otherwise }
    }

    /// Resolves the value of `let f: fn(Int) -> Int = |n| ...`, in which `f` is the lambda itself.
    fn named_lambda(&mut self, binding: &'a ast::Let) -> Option<ExprId> {
        let ast = self.context.ast;
        let ast::PatternKind::Name(name) = &ast.patterns[binding.pattern].kind else { return None };
        let ast::ExpressionKind::Lambda { parameters, body } = ast.expression(binding.value) else {
            return None;
        };
        let is_function = |ty| matches!(ast.types[ty].kind, ast::TypeNodeKind::Function { .. });
        let is_named = !binding.mutable && binding.otherwise.is_none() && binding.ty.is_some_and(is_function);
        is_named.then(|| {
            let span = self.span(binding.value);
            let kind = self.lambda(Some(name), parameters, *body, span);
            self.push(kind, span)
        })
    }

    fn lint_unused(&mut self) {
        for (id, usage) in self.usage.iter_enumerated() {
            let local = &self.locals[id];
            let watched = matches!(usage.origin, Origin::Let | Origin::Var);
            if watched && !usage.read && !local.name.text.starts_with('_') {
                self.context.warn(Some(lints::unused_variable(local, usage.assigned)));
            }
        }
    }
}
