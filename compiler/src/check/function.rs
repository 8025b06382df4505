//! One function: its variables, blocks and statements.

use std::collections::HashMap;

use super::errors;
use super::expect::{Expected, Reason};
use super::infer::{Term, Terms};
use super::lints;
use super::method::Method;
use super::{BodyTypes, control::LoopState};
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{
    BinaryOp, Block, Body, ExprId, ExprKind, Function, FunctionId, Hir, LocalId, LoopId, SpawnId, Statement,
};
use crate::source::Span;
use crate::types::{Type, TypeTable};

/// A function while its types are found.
pub(super) struct Checker<'a> {
    pub hir: &'a Hir,
    pub function: &'a Function,
    pub body: &'a Body,
    pub terms: Terms,
    pub exprs: Arena<ExprId, Term>,
    pub locals: Arena<LocalId, Term>,
    pub threads: Arena<SpawnId, Term>,
    pub methods: HashMap<ExprId, Method>,
    pub loops: HashMap<LoopId, LoopState>,
    /// What `return` must give: the function's result, or that of the spawned threads around this place.
    pub results: Vec<Expected>,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

/// Finds the types in a function.
pub(super) fn check(
    hir: &Hir,
    id: FunctionId,
    table: &mut TypeTable,
    diagnostics: &mut Vec<Diagnostic>,
) -> BodyTypes {
    let function = &hir.functions[id];
    let body = &function.body;
    let mut terms = Terms::new();
    // What is not reached below is part of a mistake.
    let error = terms.error;
    let mut locals: Arena<LocalId, Term> = body.locals.iter().map(|_| error).collect();
    for parameter in &function.parameters {
        locals[parameter.local] = terms.named(parameter.ty, &hir.types);
    }
    let result = terms.named(function.result, &hir.types);
    let reason = Reason::Result(function.result_span);
    let mut checker = Checker {
        hir,
        function,
        body,
        terms,
        exprs: body.exprs.iter().map(|_| error).collect(),
        locals,
        threads: body.spawns.iter().map(|_| error).collect(),
        methods: HashMap::new(),
        loops: HashMap::new(),
        results: vec![Expected::Type(result, reason)],
        diagnostics,
    };
    let expected = match checker.terms.is_unit(result) {
        true => Expected::Discarded,
        false => Expected::Type(result, reason),
    };
    checker.expr(body.root, expected);
    checker.finish(table)
}

/// `main` takes nothing or the arguments, and gives nothing or the status.
pub(super) fn main_signature(hir: &Hir, main: FunctionId) -> Option<Diagnostic> {
    let main = &hir.functions[main];
    let is_arguments =
        |ty| matches!(hir.types.get(ty), Type::Array(of) if *hir.types.get(*of) == Type::String);
    let wrong_parameter = match main.parameters.as_slice() {
        [] => None,
        [only] => only.ty.filter(|&ty| !is_arguments(ty)).map(|_| only.ty_span),
        [_, second, ..] => Some(second.ty_span),
    };
    if let Some(span) = wrong_parameter {
        return Some(errors::main_parameters(span));
    }
    match (hir.types.get(main.result?), main.result_span) {
        (Type::Unit | Type::Int, _) | (_, None) => None,
        (_, Some(span)) => Some(errors::main_result(span)),
    }
}

impl Checker<'_> {
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub fn span(&self, expr: ExprId) -> Span {
        self.body.exprs[expr].span
    }

    fn finish(self, table: &mut TypeTable) -> BodyTypes {
        let Checker { terms, exprs, locals, threads, methods, .. } = self;
        BodyTypes {
            exprs: exprs.iter().map(|&term| terms.finish(term, table)).collect(),
            locals: locals.iter().map(|&term| terms.finish(term, table)).collect(),
            threads: threads.iter().map(|&term| terms.finish(term, table)).collect(),
            methods,
        }
    }

    /// A block's value is its last expression. Once a statement does not come to an end, neither does the block.
    pub fn block(&mut self, expr: ExprId, block: &Block, expected: Expected) -> Term {
        let mut leaves: Option<Span> = None;
        let mut warned = false;
        let mut reach = |checker: &mut Self, leaves: Option<Span>, span: Span| {
            if let Some(because) = leaves.filter(|_| !std::mem::replace(&mut warned, leaves.is_some())) {
                checker.report(lints::unreachable(span, because));
            }
        };
        for statement in &block.statements {
            let value = statement_value(statement);
            reach(self, leaves, self.span(value));
            self.statement(statement);
            if leaves.is_none() && self.terms.is_never(self.exprs[value]) {
                leaves = Some(self.span(value));
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

    /// A block that ends without a value.
    fn missing_value(&mut self, block: ExprId, expected: Expected) -> Term {
        let unit = self.terms.unit;
        let Expected::Type(wanted, reason) = expected else { return unit };
        if self.terms.is_never(wanted) || self.terms.unify(unit, wanted) {
            return unit;
        }
        let span = self.span(block);
        let brace = Span { start: span.end.saturating_sub(1).max(span.start), ..span };
        let wanted = self.terms.display(wanted).to_string();
        let error = match reason {
            Reason::Result(Some(result)) => {
                errors::missing_result(&self.function.name, brace, &wanted, result)
            }
            reason => errors::missing_value(brace, &wanted, reason),
        };
        self.report(error);
        self.terms.error
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let { local, ty, value } => {
                let declared = ty.map(|(ty, span)| (self.terms.named(ty, &self.hir.types), span));
                let expected = declared
                    .map_or(Expected::Anything, |(ty, span)| Expected::Type(ty, Reason::Annotation(span)));
                let actual = self.expr(*value, expected);
                self.locals[*local] = declared.map_or(actual, |(ty, _)| ty);
            }
            Statement::Expr(expr) => {
                self.expr(*expr, Expected::Discarded);
                self.lint_unused(*expr);
            }
        }
    }

    /// Warns of a statement that has a value and cannot have an effect. Arithmetic can: it may panic.
    fn lint_unused(&mut self, expr: ExprId) {
        let comparison = match self.body.exprs[expr].kind {
            ExprKind::Binary(BinaryOp::Equal, left, right) => self.is_inert(left) && self.is_inert(right),
            _ => false,
        };
        if (comparison || self.is_inert(expr)) && !self.terms.is_error(self.exprs[expr]) {
            let span = self.span(expr);
            self.report(lints::unused_value(span, comparison));
        }
    }

    /// A variable or literal.
    fn is_inert(&self, expr: ExprId) -> bool {
        matches!(
            self.body.exprs[expr].kind,
            ExprKind::Local(_)
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::String(_)
        )
    }
}

/// The expression in a statement.
fn statement_value(statement: &Statement) -> ExprId {
    match statement {
        Statement::Let { value, .. } => *value,
        Statement::Expr(expr) => *expr,
    }
}
