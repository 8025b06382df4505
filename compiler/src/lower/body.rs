//! One function: its variables, places, blocks and statements.

use std::collections::HashMap;

use super::graph::Graph;
use super::program::{Programme, Source};
use crate::check::BodyTypes;
use crate::hir::{self, Block, Body, ExprId, ExprKind, LoopId, Statement};
use crate::mir::{BlockId, Function, LocalId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// Where an expression's value goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Place {
    /// Nowhere; the expression is evaluated for its effect.
    Discard,
    /// Into a local of its type.
    Local(LocalId),
    /// Out of the function. If the function's result is `()`, any value may come here and is discarded.
    Return,
}

/// What an expression came to: a value that is there, or one that is still to be computed.
pub(super) enum Computed {
    Operand(Operand),
    Rvalue(Rvalue),
}

/// A loop around the place that is being lowered.
pub(super) struct LoopBlocks {
    /// Where the value of a `break` goes.
    pub place: Place,
    /// Where a `break` goes on; made by the first.
    pub exit: Option<BlockId>,
    /// Where a `continue` goes on.
    pub next: BlockId,
}

/// A function while it is lowered.
pub(super) struct Lowering<'p, 'a> {
    pub programme: &'p mut Programme<'a>,
    pub function: hir::FunctionId,
    pub body: &'a Body,
    pub types: &'a BodyTypes,
    pub graph: Graph,
    pub result: TypeId,
    pub locals: HashMap<hir::LocalId, LocalId>,
    pub loops: HashMap<LoopId, LoopBlocks>,
}

/// Lowers a function, or what a `spawn` in one runs.
pub(super) fn lower(programme: &mut Programme<'_>, source: Source) -> Function {
    let (id, spawn) = match source {
        Source::Function(id) => (id, None),
        Source::Thread(id, spawn) => (id, Some(spawn)),
    };
    let function = &programme.hir.functions[id];
    let (body, types) = (&function.body, &programme.types.bodies[id]);
    let (name, span, parameters, root, result) = match spawn {
        None => {
            let parameters: Vec<_> = function.parameters.iter().map(|parameter| parameter.local).collect();
            (function.name.to_string(), function.span, parameters, body.root, programme.result(id))
        }
        Some(spawn_id) => {
            let spawn = &body.spawns[spawn_id];
            let parameters = spawn.arguments.iter().map(|&(local, _)| local).collect();
            let name = format!("{}.{spawn_id}", function.name);
            (name, spawn.span, parameters, spawn.body, types.thread(spawn_id))
        }
    };
    let graph = Graph::new();
    let (locals, loops) = (HashMap::new(), HashMap::new());
    let mut lowering = Lowering { programme, function: id, body, types, graph, result, locals, loops };
    for &parameter in &parameters {
        lowering.declare(parameter);
    }
    lowering.lower_into(root, Place::Return);
    lowering.graph.finish(name, span, parameters.len(), result)
}

impl<'a> Lowering<'_, 'a> {
    pub fn span(&self, expr: ExprId) -> Span {
        self.body.exprs[expr].span
    }

    /// The type of an expression, one layer of it.
    pub fn ty(&self, expr: ExprId) -> &Type {
        self.programme.ty(self.types.expr(expr))
    }

    /// A variable gets its local.
    pub fn declare(&mut self, local: hir::LocalId) -> LocalId {
        let name = self.body.locals[local].name.to_string();
        let lowered = self.graph.local(self.types.local(local), Some(name));
        self.locals.insert(local, lowered);
        lowered
    }

    /// A variable's value. There is only one of type `()`.
    pub fn variable(&self, local: hir::LocalId) -> Operand {
        match self.programme.ty(self.types.local(local)) {
            Type::Unit | Type::Never => Operand::Unit,
            Type::Bool | Type::Int | Type::Float | Type::String | Type::Task(_) | Type::Array(_) => {
                Operand::Local(*self.locals.get(&local).expect("BUG: a variable is read before it is bound"))
            }
        }
    }

    /// A temporary of that type with that value.
    pub fn temporary(&mut self, ty: Type, value: Rvalue, span: Span) -> Operand {
        let ty = self.programme.intern(ty);
        self.settle(Computed::Rvalue(value), ty, span)
    }

    /// The value as an operand. A value that is no value has no local.
    pub fn settle(&mut self, computed: Computed, ty: TypeId, span: Span) -> Operand {
        let value = match computed {
            Computed::Operand(operand) => return operand,
            Computed::Rvalue(value) => value,
        };
        if !self.graph.is_reachable() {
            return Operand::Unit;
        }
        if *self.programme.ty(ty) == Type::Unit {
            self.graph.push(None, value, span);
            return Operand::Unit;
        }
        let local = self.graph.local(ty, None);
        self.graph.push(Some(local), value, span);
        Operand::Local(local)
    }

    /// Brings a value to its place.
    pub fn deliver(&mut self, computed: Computed, expr: ExprId, place: Place) {
        let span = self.span(expr);
        match (place, computed) {
            (Place::Discard, Computed::Operand(_)) => {}
            (Place::Discard, Computed::Rvalue(value)) => self.graph.push(None, value, span),
            (Place::Local(local), Computed::Operand(operand)) => {
                self.graph.push(Some(local), Rvalue::Use(operand), span);
            }
            (Place::Local(local), Computed::Rvalue(value)) => self.graph.push(Some(local), value, span),
            (Place::Return, computed) => self.deliver_result(computed, expr),
        }
    }

    fn deliver_result(&mut self, computed: Computed, expr: ExprId) {
        let span = self.span(expr);
        let value = if *self.programme.ty(self.result) == Type::Unit {
            self.deliver(computed, expr, Place::Discard);
            Operand::Unit
        } else {
            self.settle(computed, self.result, span)
        };
        self.graph.end(TerminatorKind::Return(value), span);
    }

    pub fn block(&mut self, expr: ExprId, block: &Block, place: Place) {
        for statement in &block.statements {
            match *statement {
                Statement::Let { local, value, .. } => self.bind(local, value),
                Statement::Expr(expr) => self.lower_into(expr, Place::Discard),
            }
        }
        match block.value {
            Some(value) => self.lower_into(value, place),
            None => self.deliver(Computed::Operand(Operand::Unit), expr, place),
        }
    }

    /// `let local = value`
    fn bind(&mut self, local: hir::LocalId, value: ExprId) {
        match self.programme.ty(self.types.local(local)) {
            Type::Unit | Type::Never => self.lower_into(value, Place::Discard),
            Type::Bool | Type::Int | Type::Float | Type::String | Type::Task(_) | Type::Array(_) => {
                let place = Place::Local(self.declare(local));
                self.lower_into(value, place);
            }
        }
    }

    /// `local = value`. The local is written last on every way through `value`, which may read it.
    pub fn assign(&mut self, local: hir::LocalId, value: ExprId) {
        let place = match self.variable(local) {
            Operand::Local(local) => Place::Local(local),
            _ => Place::Discard,
        };
        self.lower_into(value, place);
    }

    /// Values of several expressions, from left to right. A `var` that a later one may assign is copied when its turn
    /// comes.
    pub fn values(&mut self, exprs: &[ExprId]) -> Vec<Operand> {
        let settled = exprs.iter().rposition(|&expr| !self.is_simple(expr)).unwrap_or(0);
        let mut operands = Vec::with_capacity(exprs.len());
        for (at, &expr) in exprs.iter().enumerate() {
            operands.push(if at < settled { self.stable_value(expr) } else { self.value(expr) });
        }
        operands
    }

    /// A value that later assignments do not change.
    pub fn stable_value(&mut self, expr: ExprId) -> Operand {
        let value = self.value(expr);
        match self.body.exprs[expr].kind {
            ExprKind::Local(local) if self.body.locals[local].mutable => {
                self.settle(Computed::Rvalue(Rvalue::Use(value)), self.types.expr(expr), self.span(expr))
            }
            _ => value,
        }
    }

    /// Whether evaluating it assigns nothing, as far as can be seen at once.
    pub fn is_simple(&self, expr: ExprId) -> bool {
        matches!(
            self.body.exprs[expr].kind,
            ExprKind::Unit
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::String(_)
                | ExprKind::Local(_)
        )
    }
}
