//! The lowering of a function: its variables, places, blocks and statements.

use std::collections::{HashMap, HashSet};

use super::body_state::{Computed, Exits, Given, LoopBlocks, Place, Snapshots, UNIT};
use super::computed;
use super::graph::Graph;
use super::impls::Instance;
use super::instances::Instances;
use crate::arena::Id;
use crate::check::BodyTypes;
use crate::hir::{
    self, Block, Body, ConstantId, ExprId, ExprKind, LambdaId, LoopId, PatternId, SpawnId, Statement,
};
use crate::mir::{Function, LocalId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{ParameterId, Type, TypeId};

/// The state of the lowering of one function.
pub(super) struct Lowering<'p, 'a> {
    pub instances: &'p mut Instances<'a>,
    /// The function that is being lowered, or the function around the lambda or thread that is being lowered.
    pub instance: Instance,
    pub body: &'a Body,
    pub types: &'a BodyTypes,
    /// The type arguments of `instance`, by type parameter.
    pub arguments: HashMap<ParameterId, TypeId>,
    /// A cache for [`Lowering::concrete`]: types, and the same types with their parameters replaced.
    concrete: HashMap<TypeId, TypeId>,
    pub graph: Graph,
    pub result: TypeId,
    pub locals: HashMap<hir::LocalId, LocalId>,
    pub loops: HashMap<LoopId, LoopBlocks>,
    /// The scopes and deferred blocks that are open around the current code.
    pub exits: Exits,
    pub snapshots: Snapshots,
    pub given: Given,
    /// The locals of `var`s, which may be assigned.
    assigned: HashSet<LocalId>,
    /// In the body of a lambda that has a name, the variable of that name and the lambda.
    pub itself: Option<(hir::LocalId, LambdaId)>,
}

/// Lowers a function of the source.
pub(super) fn lower_function(instances: &mut Instances<'_>, instance: &Instance) -> Function {
    let span = instances.span(instance);
    let name = instances.display_name(instance);
    let (parameters, result) = instances.signature(instance);
    let is_generator = instances.hir.functions[instance.function].element.is_some();
    let element = is_generator.then(|| instances.element(result));
    let mut lowering = Lowering::of_function(instances, instance.clone());
    if element.is_none() {
        lowering.result = result;
    }
    let patterns = lowering.body.parameters.clone();
    debug_assert_eq!(patterns.len(), parameters.len(), "BUG: a parameter without a pattern");
    lowering.parameters(&patterns, &parameters);
    let root = lowering.body.root;
    Function { element, ..lowering.finish(name, span, parameters.len(), root) }
}

/// Lowers the body of a `spawn`.
pub(super) fn lower_thread(instances: &mut Instances<'_>, instance: &Instance, id: SpawnId) -> Function {
    let name = format!("{}.{id}", instances.display_name(instance));
    let mut lowering = Lowering::of_function(instances, instance.clone());
    let spawn = &lowering.body.spawns[id];
    lowering.result = lowering.concrete(lowering.types.thread(id));
    for &(local, _) in &spawn.arguments {
        lowering.declare(local);
    }
    lowering.finish(name, spawn.span, spawn.arguments.len(), spawn.body)
}

/// Lowers a lambda. Its first parameters are its captures: the values of `let`s, and the cells of `var`s.
pub(super) fn lower_lambda(instances: &mut Instances<'_>, instance: &Instance, id: LambdaId) -> Function {
    let function = instances.display_name(instance);
    let mut lowering = Lowering::of_function(instances, instance.clone());
    let lambda = &lowering.body.lambdas[id];
    let name = match lambda.deferred {
        true => format!("{function}.defer{}", id.raw()),
        false => format!("{function}.{id}"),
    };
    lowering.result = lowering.concrete(lowering.types.lambda(id));
    for &(local, _) in &lambda.captures {
        lowering.declare_place(local);
    }
    lowering.itself = lambda.itself.map(|local| (local, id));
    let patterns: Vec<PatternId> = lambda.parameters.iter().map(|&(pattern, _)| pattern).collect();
    let types: Vec<TypeId> =
        patterns.iter().map(|&pattern| lowering.concrete(lowering.types.pattern(pattern))).collect();
    lowering.parameters(&patterns, &types);
    lowering.finish(name, lambda.span, lambda.captures.len() + patterns.len(), lambda.body)
}

/// Lowers a constant whose value is no scalar to a function that builds and returns the value.
pub(super) fn lower_constant(instances: &mut Instances<'_>, id: ConstantId) -> Function {
    let constant = &instances.hir.constants[id];
    if let Some(value) = &instances.types.constants[id].computed {
        return computed::function(instances, constant, value);
    }
    let types = &instances.types.constants[id].body;
    // A constant has no function around it, so this instance is arbitrary. Only lambdas and threads use the instance,
    // and a constant's value contains neither.
    let instance = Instance { function: crate::arena::Id::new(0), arguments: Vec::new() };
    let mut lowering = Lowering::new(instances, instance, HashMap::new(), &constant.value, types);
    lowering.result = lowering.concrete(constant.ty.expect("BUG: a constant's type that was reported"));
    lowering.finish(constant.name.to_string(), constant.name.span, 0, constant.value.root)
}

impl<'p, 'a> Lowering<'p, 'a> {
    fn of_function(instances: &'p mut Instances<'a>, instance: Instance) -> Lowering<'p, 'a> {
        let body = instances.hir.functions[instance.function].body.weft();
        let types = instances.types.functions[instance.function].as_ref();
        let arguments = instances.arguments(&instance);
        let body = body.expect("BUG: a function that is not written in Weft");
        let types = types.expect("BUG: a function that is reached was not checked");
        Lowering::new(instances, instance, arguments, body, types)
    }

    fn new(
        instances: &'p mut Instances<'a>,
        instance: Instance,
        arguments: HashMap<ParameterId, TypeId>,
        body: &'a Body,
        types: &'a BodyTypes,
    ) -> Lowering<'p, 'a> {
        let result = instances.intern(Type::Unit);
        Lowering {
            instances,
            instance,
            body,
            types,
            arguments,
            concrete: HashMap::new(),
            graph: Graph::new(),
            result,
            locals: HashMap::new(),
            loops: HashMap::new(),
            exits: Exits::default(),
            snapshots: Snapshots::default(),
            given: Given::default(),
            assigned: HashSet::new(),
            itself: None,
        }
    }

    /// Declares a local for each parameter, then binds the variables in the parameters' patterns.
    fn parameters(&mut self, patterns: &[PatternId], types: &[TypeId]) {
        let mut bound_later = Vec::new();
        for (&pattern, &ty) in patterns.iter().zip(types) {
            match self.body.patterns[self.types.chosen_pattern(pattern)].kind {
                hir::PatternKind::Bind(local) if !self.body.locals[local].in_cell => {
                    self.declare(local);
                }
                _ => bound_later.push((pattern, self.graph.local(ty, None), ty)),
            }
        }
        for (pattern, local, ty) in bound_later {
            let value = if self.instances.is_nothing(ty) { Operand::Unit } else { Operand::Local(local) };
            self.bind_pattern(pattern, value, ty);
        }
    }

    fn finish(mut self, name: String, span: Span, parameter_count: usize, root: ExprId) -> Function {
        let name = self.instances.unique_name(name);
        self.lower_into(root, Place::Return);
        self.graph.finish(name, span, parameter_count, self.result)
    }

    pub fn span(&self, expr: ExprId) -> Span {
        self.body.exprs[expr].span
    }

    /// The type with this instance's type arguments in place of type parameters.
    pub fn concrete(&mut self, ty: TypeId) -> TypeId {
        if let Some(&known) = self.concrete.get(&ty) {
            return known;
        }
        let concrete = self.instances.concrete(ty, &self.arguments);
        self.concrete.insert(ty, concrete);
        concrete
    }

    /// The type of an expression.
    pub fn type_of(&mut self, expr: ExprId) -> TypeId {
        self.concrete(self.types.expr(expr))
    }

    /// The type of a variable's value.
    pub fn type_of_local(&mut self, local: hir::LocalId) -> TypeId {
        self.concrete(self.types.local(local))
    }

    /// Declares a local for a variable's value.
    pub fn declare(&mut self, local: hir::LocalId) -> LocalId {
        let ty = self.type_of_local(local);
        self.declare_as(local, ty)
    }

    /// Declares a local for a variable's value or, if the variable lives in a cell, for that cell.
    pub fn declare_place(&mut self, local: hir::LocalId) -> LocalId {
        let ty = self.type_of_local(local);
        let ty = match self.is_in_cell(local) {
            true => self.instances.intern(Type::Cell(ty)),
            false => ty,
        };
        self.declare_as(local, ty)
    }

    fn declare_as(&mut self, local: hir::LocalId, ty: TypeId) -> LocalId {
        let name = self.body.locals[local].name.to_string();
        let lowered = self.graph.local(ty, Some(name));
        self.locals.insert(local, lowered);
        if self.body.locals[local].mutable {
            self.assigned.insert(lowered);
        }
        lowered
    }

    /// Whether a variable lives in a cell. A value of type `()` or `Never` is never stored, so its variable has no
    /// cell.
    pub fn is_in_cell(&mut self, local: hir::LocalId) -> bool {
        let ty = self.type_of_local(local);
        self.body.locals[local].in_cell && !self.instances.is_nothing(ty)
    }

    /// A variable's value. A variable of type `()` has no local: the type has only one value.
    pub fn variable(&mut self, local: hir::LocalId) -> Computed {
        let ty = self.type_of_local(local);
        if self.instances.is_nothing(ty) {
            return UNIT;
        }
        if let Some((itself, lambda)) = self.itself
            && itself == local
        {
            return self.closure(ty, lambda);
        }
        let place = self.place_of(local);
        match self.body.locals[local].in_cell {
            true => Computed::Rvalue(Rvalue::ReadCell(place)),
            false => Computed::Operand(place),
        }
    }

    /// The local that holds a variable's value or its cell.
    pub fn place_of(&self, local: hir::LocalId) -> Operand {
        Operand::Local(*self.locals.get(&local).expect("BUG: a variable is read before it is bound"))
    }

    /// Binds a variable to a value.
    pub fn bind_local(&mut self, local: hir::LocalId, value: Operand, span: Span) {
        let ty = self.type_of_local(local);
        if self.instances.is_nothing(ty) {
            return;
        }
        // Each alternative of a pattern binds the variable, so an earlier one may already have declared the local.
        let place = match self.locals.get(&local) {
            Some(&known) => known,
            None => self.declare_place(local),
        };
        let value = if self.body.locals[local].in_cell { Rvalue::NewCell(value) } else { Rvalue::Use(value) };
        self.graph.push(Some(place), value, span);
    }

    /// A temporary of type `ty` with the value `value`.
    pub fn temporary(&mut self, ty: Type, value: Rvalue, span: Span) -> Operand {
        let ty = self.instances.intern(ty);
        self.settle(Computed::Rvalue(value), ty, span)
    }

    /// Computes a value into an operand. A value of type `()` or `Never` gets no local.
    pub fn settle(&mut self, computed: Computed, ty: TypeId, span: Span) -> Operand {
        let value = match computed {
            Computed::Operand(operand) => return operand,
            Computed::Rvalue(value) => value,
        };
        if !self.graph.is_reachable() {
            return Operand::Unit;
        }
        if *self.instances.ty(ty) == Type::Never {
            // The value is a call that never returns.
            self.graph.push(None, value, span);
            self.graph.end(TerminatorKind::Unreachable, span);
            return Operand::Unit;
        }
        if *self.instances.ty(ty) == Type::Unit {
            self.graph.push(None, value, span);
            return Operand::Unit;
        }
        let local = self.graph.local(ty, None);
        self.graph.push(Some(local), value, span);
        Operand::Local(local)
    }

    /// Stores a value in its place.
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
        let value = if *self.instances.ty(self.result) == Type::Unit {
            self.deliver(computed, expr, Place::Discard);
            Operand::Unit
        } else {
            self.settle(computed, self.result, span)
        };
        self.graph.end(TerminatorKind::Return(value), span);
    }

    pub fn block(&mut self, expr: ExprId, block: &Block, place: Place) {
        let outer = self.exits.open();
        for statement in &block.statements {
            match *statement {
                Statement::Let { pattern, value, otherwise: None, .. } => self.lower_let(pattern, value),
                Statement::Let { pattern, value, otherwise: Some(otherwise), .. } => {
                    self.let_or_else(pattern, value, otherwise);
                }
                Statement::Defer(lambda) => self.defer(lambda),
                Statement::Expr(expr) => self.lower_into(expr, Place::Discard),
            }
        }
        if self.exits.open() > outer {
            return self.end_deferring(expr, block.value, place, outer);
        }
        match block.value {
            Some(value) => self.lower_into(value, place),
            None => self.deliver(UNIT, expr, place),
        }
    }

    /// `let pattern = value`
    fn lower_let(&mut self, pattern: PatternId, value: ExprId) {
        if !self.graph.is_reachable() {
            return;
        }
        let ty = self.concrete(self.types.pattern(pattern));
        match self.body.patterns[self.types.chosen_pattern(pattern)].kind {
            _ if self.instances.is_nothing(ty) => self.lower_into(value, Place::Discard),
            hir::PatternKind::Wildcard => self.lower_into(value, Place::Discard),
            hir::PatternKind::Bind(local) if !self.body.locals[local].in_cell => {
                let place = Place::Local(self.declare(local));
                self.lower_into(value, place);
            }
            _ => {
                let operand = self.value(value);
                self.bind_pattern(pattern, operand, ty);
            }
        }
    }

    /// `let pattern = value else { otherwise }`, where `otherwise` leaves
    fn let_or_else(&mut self, pattern: PatternId, value: ExprId, otherwise: ExprId) {
        let ty = self.type_of(value);
        let operand = self.value(value);
        if !self.graph.is_reachable() {
            return;
        }
        let mut fails = None;
        self.test(pattern, operand, ty, &mut fails);
        let Some(fails) = fails else { return };
        let matched = self.graph.block();
        self.graph.goto(matched, self.body.patterns[pattern].span);
        self.graph.enter(fails);
        self.lower_into(otherwise, Place::Discard);
        debug_assert!(!self.graph.is_reachable(), "BUG: the `else` of a `let` goes on");
        self.graph.enter(matched);
    }

    /// Evaluates expressions from left to right. A `var` that a later expression may assign is copied when it is
    /// evaluated.
    pub fn values(&mut self, exprs: &[ExprId]) -> Vec<Operand> {
        let settled = exprs.iter().rposition(|&expr| !self.is_simple(expr)).unwrap_or(0);
        let mut operands = Vec::with_capacity(exprs.len());
        for (at, &expr) in exprs.iter().enumerate() {
            operands.push(if at < settled { self.stable_value(expr) } else { self.value(expr) });
        }
        operands
    }

    /// The value of an expression. If this value is the local of a `var`, returns a copy, so that later assignments do
    /// not change it. Not only names evaluate to such a local: for a `String` `s`, `s.show()` is the local of `s`.
    pub fn stable_value(&mut self, expr: ExprId) -> Operand {
        match self.value(expr) {
            Operand::Local(local) if self.assigned.contains(&local) => {
                let ty = self.type_of(expr);
                self.copied(Operand::Local(local), ty, self.span(expr))
            }
            value => value,
        }
    }

    /// A copy of a value in a local of its own.
    pub fn copied(&mut self, value: Operand, ty: TypeId, span: Span) -> Operand {
        match value {
            Operand::Local(_) => self.settle(Computed::Rvalue(Rvalue::Use(value)), ty, span),
            constant => constant,
        }
    }

    /// Whether the expression is a literal or a variable, so that evaluating it assigns nothing.
    pub fn is_simple(&self, expr: ExprId) -> bool {
        matches!(
            self.body.exprs[expr].kind,
            ExprKind::Unit
                | ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Char(_)
                | ExprKind::Byte(_)
                | ExprKind::String(_)
                | ExprKind::Local(_)
        )
    }
}
