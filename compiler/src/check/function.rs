//! The checker of a body: its variables, blocks and statements.

use std::collections::{HashMap, HashSet};

use super::Program;
use super::body_state::{Closure, Expected, Indexed, Instance, Iterated, LoopState, Obligation, Reason};
use super::bounds::Refused;
use super::errors;
use super::infer::{Term, Terms};
use super::resolve_types::Finish;
use super::tables::{BodyTypes, Callee, Indexing, Iteration};
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{
    Block, Body, ConstantId, ExprId, ExprKind, Function, Hir, LambdaId, LocalId, LoopId, ModuleId, NamedType,
    PatternId, SpawnId, Statement,
};
use crate::source::Span;
use crate::syntax::ast::{Name, Symbol};
use crate::types::TypeTable;

/// A body whose types are being inferred.
pub(super) struct Checker<'a> {
    pub hir: &'a Hir,
    /// The module of the body, which determines the private fields that the body may name.
    pub module: ModuleId,
    /// The function of the body; `None` for a constant.
    pub function: Option<&'a Function>,
    pub body: &'a Body,
    pub terms: Terms<'a>,
    pub exprs: Arena<ExprId, Term>,
    pub locals: Arena<LocalId, Option<Term>>,
    pub patterns: Arena<PatternId, Term>,
    pub threads: Arena<SpawnId, Term>,
    pub lambdas: Arena<LambdaId, Term>,
    pub calls: HashMap<ExprId, Instance>,
    pub fields: HashMap<ExprId, usize>,
    pub constants: HashMap<ExprId, ConstantId>,
    pub chosen: HashMap<ExprId, ExprId>,
    pub chosen_patterns: HashMap<PatternId, PatternId>,
    pub indexing: HashMap<ExprId, Indexed>,
    pub iterations: HashMap<LoopId, Iterated>,
    pub selects: bool,
    pub loops: HashMap<LoopId, LoopState>,
    /// The types expected of `return`: the result of the function, then of each enclosing lambda and thread.
    pub results: Vec<Expected>,
    /// The deferred obligations.
    pub obligations: Vec<Obligation>,
    /// Lambdas that may still become plain `fn`s, in the order in which they were checked.
    pub closures: Vec<Closure>,
    /// Type variables for values that never exist, such as the value of `None?`; by default they become `()`.
    pub never_given: Vec<Term>,
    /// The refusals that were reported in declarations. `refusals` has the refusals that were reported in this body. No
    /// refusal is reported twice.
    pub declared_refusals: &'a HashSet<Refused>,
    pub refusals: HashSet<Refused>,
    /// The unknown fields and methods that were reported, each with the type that lacks it. A second use of the same
    /// member is not reported.
    pub unknown_members: HashSet<(String, Symbol)>,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    /// The number of diagnostics when the check of this body began.
    before: usize,
}

impl<'a> Checker<'a> {
    pub fn new(
        program: &Program<'a>,
        module: ModuleId,
        body: &'a Body,
        diagnostics: &'a mut Vec<Diagnostic>,
    ) -> Checker<'a> {
        let terms = Terms::new(program.hir, program.declarations);
        // An expression that is never checked is part of an error, and keeps the error type.
        let error = terms.error;
        let before = diagnostics.len();
        Checker {
            hir: program.hir,
            module,
            function: None,
            body,
            exprs: body.exprs.iter().map(|_| error).collect(),
            locals: body.locals.iter().map(|_| None).collect(),
            patterns: body.patterns.iter().map(|_| error).collect(),
            threads: body.spawns.iter().map(|_| error).collect(),
            lambdas: body.lambdas.iter().map(|_| error).collect(),
            terms,
            calls: HashMap::new(),
            fields: HashMap::new(),
            constants: HashMap::new(),
            chosen: HashMap::new(),
            chosen_patterns: HashMap::new(),
            indexing: HashMap::new(),
            iterations: HashMap::new(),
            selects: false,
            loops: HashMap::new(),
            results: Vec::new(),
            obligations: Vec::new(),
            closures: Vec::new(),
            never_given: Vec::new(),
            declared_refusals: program.refused,
            refusals: HashSet::new(),
            unknown_members: HashSet::new(),
            diagnostics,
            before,
        }
    }

    /// Infers the types in a function.
    pub fn check_function(mut self, function: &'a Function, table: &mut TypeTable) -> BodyTypes {
        self.function = Some(function);
        for (&pattern, parameter) in self.body.parameters.iter().zip(&function.parameters) {
            let ty = self.terms.named(parameter.ty);
            self.pattern(pattern, ty, Reason::Annotation(parameter.ty_span));
        }
        let (result, reason) = match function.element {
            Some(_) => (self.terms.unit, Reason::Generator),
            None => (self.terms.named(function.result), Reason::Result(function.result_span)),
        };
        self.results.push(Expected::Type(result, reason));
        let expected = match self.terms.is_unit(result) {
            true => Expected::Discarded,
            false => Expected::Type(result, reason),
        };
        self.expr(self.body.root, expected);
        self.finish(table)
    }

    /// Infers the types in a constant's value.
    pub fn check_constant(mut self, ty: NamedType, ty_span: Span, table: &mut TypeTable) -> BodyTypes {
        let ty = self.terms.named(ty);
        self.expr(self.body.root, Expected::Type(ty, Reason::Annotation(ty_span)));
        self.finish(table)
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether an error in this body was reported.
    pub fn is_faulty(&self) -> bool {
        let own = &self.diagnostics[self.before..];
        own.iter().any(|found| found.severity == crate::diagnostics::Severity::Error)
    }

    pub fn span(&self, expr: ExprId) -> Span {
        self.body.exprs[expr].span
    }

    /// The type of a variable; the error type if its pattern is part of an error.
    pub fn local(&self, local: LocalId) -> Term {
        self.locals[local].unwrap_or(self.terms.error)
    }

    fn finish(mut self, table: &mut TypeTable) -> BodyTypes {
        self.decide();
        let Checker { terms, hir, .. } = &self;
        let mut finish = Finish::new(table);
        let mut too_deep = None;
        let exprs = self.exprs.iter_enumerated().map(|(expr, &term)| {
            let finished = finish.term(terms, term);
            too_deep = too_deep.or(finish.too_deep.then_some(self.body.exprs[expr].span));
            finished
        });
        let exprs = exprs.collect();
        let locals = self.body.locals.ids().map(|id| finish.term(terms, self.local(id))).collect();
        let patterns = self.patterns.iter().map(|&term| finish.term(terms, term)).collect();
        let threads = self.threads.iter().map(|&term| finish.term(terms, term)).collect();
        let lambdas = self.lambdas.iter().map(|&term| finish.term(terms, term)).collect();
        let mut callee = |instance: &Instance| {
            let generics = &hir.functions[instance.function].generics;
            let argument = |parameter| {
                let found = instance.substitution.iter().find(|(known, _)| known == parameter);
                found.and_then(|&(_, term)| finish.term(terms, term))
            };
            let arguments: Option<Vec<_>> = generics.iter().map(argument).collect();
            arguments.map(|arguments| Callee { function: instance.function, arguments })
        };
        let calls = self.calls.iter().filter_map(|(&expr, of)| Some((expr, callee(of)?))).collect();
        let indexing = self.indexing.iter().filter_map(|(&expr, of)| {
            let indexing = match of {
                Indexed::Array => Indexing::Array,
                Indexed::Vec => Indexing::Vec,
                Indexed::Method(method) => Indexing::Method(callee(method)?),
                Indexed::Rest(slice, length) => Indexing::Rest(callee(slice)?, callee(length)?),
                Indexed::Update(get, set) => Indexing::Update(callee(get)?, callee(set)?),
            };
            Some((expr, indexing))
        });
        let indexing = indexing.collect();
        let iterations = self.iterations.iter().filter_map(|(&id, of)| {
            let iteration = match of {
                Iterated::Range => Iteration::Range,
                Iterated::Array => Iteration::Array,
                Iterated::Vec => Iteration::Vec,
                Iterated::Next(next) => Iteration::Next(callee(next)?),
                Iterated::Iter(iter, next) => Iteration::Iter(callee(iter)?, callee(next)?),
            };
            Some((id, iteration))
        });
        let iterations = iterations.collect();
        if finish.too_deep {
            let place = too_deep.unwrap_or(self.span(self.body.root));
            self.diagnostics.push(errors::type_too_deep(place));
        }
        BodyTypes {
            exprs,
            locals,
            patterns,
            threads,
            lambdas,
            calls,
            fields: self.fields,
            constants: self.constants,
            chosen: self.chosen,
            chosen_patterns: self.chosen_patterns,
            indexing,
            iterations,
            selects: self.selects,
        }
    }

    /// Checks a block, whose value is its last expression. If a statement never completes, neither does the block.
    pub fn block(&mut self, expr: ExprId, block: &Block, expected: Expected) -> Term {
        let mut leaves: Option<Span> = None;
        let mut warned = false;
        let mut reach = |checker: &mut Self, leaves: Option<Span>, span: Span| {
            if let Some(because) = leaves.filter(|_| !std::mem::replace(&mut warned, leaves.is_some())) {
                checker.report(errors::unreachable(span, because));
            }
        };
        for statement in &block.statements {
            let value = evaluated(statement);
            let span = match *statement {
                Statement::Let { value, .. } | Statement::Expr(value) => self.span(value),
                Statement::Defer(lambda) => self.body.lambdas[lambda].span,
            };
            reach(self, leaves, span);
            self.statement(statement);
            if leaves.is_none() && value.is_some_and(|value| self.terms.is_never(self.exprs[value])) {
                leaves = Some(span);
            }
        }
        let value = match block.value {
            Some(value) => {
                reach(self, leaves, self.span(value));
                self.expr(value, expected)
            }
            None if leaves.is_some() => self.terms.never,
            None => self.missing_value(expr, expected),
        };
        if leaves.is_some() { self.terms.never } else { value }
    }

    /// Checks a block that ends without a value, and reports an error if a value is expected.
    fn missing_value(&mut self, block: ExprId, expected: Expected) -> Term {
        let unit = self.terms.unit;
        let Expected::Type(wanted, reason) = expected else { return unit };
        if self.terms.is_never(wanted) || self.terms.unify(unit, wanted) {
            return unit;
        }
        let span = self.span(block);
        let brace = Span { start: span.end.saturating_sub(1).max(span.start), ..span };
        let wanted = self.terms.text(wanted);
        let name: Option<&Name> = self.function.map(|function| &function.name);
        let error = match (reason, name) {
            (Reason::Result(Some(result)), Some(name)) => {
                errors::missing_result(name, brace, &wanted, result)
            }
            (reason, _) => errors::missing_value(brace, &wanted, reason),
        };
        self.report(error);
        self.terms.error
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let { pattern, ty, value, otherwise } => {
                let declared = ty.map(|(ty, span)| (self.terms.named(ty), span));
                let (bound, reason) = match declared {
                    Some((ty, span)) => {
                        self.check_named_type(ty, span);
                        let reason = Reason::Annotation(span);
                        self.expr(*value, Expected::Type(ty, reason));
                        (ty, reason)
                    }
                    None => {
                        let actual = self.expr(*value, Expected::Anything);
                        (actual, Reason::Matched(self.span(*value)))
                    }
                };
                self.pattern(*pattern, bound, reason);
                self.terms.settle(bound);
                if let Some(block) = *otherwise {
                    self.must_leave(block, *pattern);
                }
            }
            Statement::Defer(lambda) => self.deferred(*lambda),
            Statement::Expr(expr) => {
                self.expr(*expr, Expected::Discarded);
            }
        }
    }
}

impl Checker<'_> {
    /// Checks the block after the `else` of a `let`, which never completes.
    fn must_leave(&mut self, block: ExprId, pattern: PatternId) {
        let ty = self.expr(block, Expected::Discarded);
        // A `return` that cannot leave a deferred block was reported, and is an error node.
        let is_error = |expr: ExprId| self.body.exprs[expr].kind == ExprKind::Error;
        let reported = match &self.body.exprs[block].kind {
            ExprKind::Block(block) => {
                block.statements.iter().filter_map(evaluated).chain(block.value).any(is_error)
            }
            _ => false,
        };
        if !self.terms.is_never(ty) && !reported {
            let (block, pattern) = (self.span(block), self.body.patterns[pattern].span);
            self.report(errors::else_does_not_leave(block, pattern));
        }
    }
}

/// The expression that a statement evaluates when it is reached; `None` for a `defer`.
fn evaluated(statement: &Statement) -> Option<ExprId> {
    match statement {
        Statement::Let { value, .. } | Statement::Expr(value) => Some(*value),
        Statement::Defer(_) => None,
    }
}
