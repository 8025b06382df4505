//! Lambdas and functions as values. A function value consists of a function and its captures, which the function
//! receives as its first arguments.

use super::body::Lowering;
use super::body_state::{Computed, UNIT};
use super::graph::Graph;
use super::impls::{Instance, Resolved};
use super::instances::{Instances, Source};
use crate::hir::{ExprId, ExprKind, FunctionBody, LambdaId};
use crate::mir::{Function, Operand, Rvalue, TerminatorKind};
use crate::types::{Type, TypeId};

impl Lowering<'_, '_> {
    /// Lowers `|x| x + y`: captures the values of `let`s, and the cells of `var`s.
    pub fn lambda(&mut self, expr: ExprId, id: LambdaId) -> Computed {
        let ty = self.type_of(expr);
        self.closure(ty, id)
    }

    /// A lambda as a value of the type `ty`, made where its captures are variables.
    pub fn closure(&mut self, ty: TypeId, id: LambdaId) -> Computed {
        let captures = self.captures(id);
        let function = self.instances.function(Source::Lambda(self.instance.clone(), id));
        Computed::Rvalue(Rvalue::Closure(ty, function, captures))
    }

    /// A call of the lambda by its own name, in its body: a direct call, with the lambda's own captures.
    pub fn call_itself(&mut self, id: LambdaId, arguments: &[ExprId]) -> Computed {
        let arguments = self.values(arguments);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let captures = self.captures(id);
        let function = self.instances.function(Source::Lambda(self.instance.clone(), id));
        Computed::Rvalue(Rvalue::Call(function, captures.into_iter().chain(arguments).collect()))
    }

    /// The values of a lambda's captures.
    pub fn captures(&mut self, id: LambdaId) -> Vec<Operand> {
        let mut captures = Vec::new();
        for &(local, span) in &self.body.lambdas[id].captures {
            captures.push(match self.is_in_cell(local) {
                true => self.place_of(local),
                false => {
                    let ty = self.type_of_local(local);
                    let value = self.variable(local);
                    self.settle(value, ty, span)
                }
            });
        }
        captures
    }

    /// Lowers a function, a method or a variant that is used as a value, or an associated constant.
    pub fn function_value(&mut self, expr: ExprId) -> Computed {
        let ty = self.type_of(expr);
        let source = match (&self.body.exprs[expr].kind, self.types.callee(expr).cloned()) {
            (&ExprKind::VariantFunction(_, variant), _) => {
                let Type::Function { result, .. } = *self.instances.ty(ty) else {
                    panic!("BUG: a variant with fields that is no function")
                };
                Source::Variant(result, variant)
            }
            (_, Some(callee)) => {
                let instance = self.instance_of(&callee);
                match self.instances.resolve(instance) {
                    Resolved::Function(instance) => Source::Function(instance),
                    Resolved::Derived(derived, ty) => Source::Derived(derived, ty),
                }
            }
            (_, None) => return self.associated_constant(expr),
        };
        let function = self.instances.function(source);
        Computed::Rvalue(Rvalue::Closure(ty, function, Vec::new()))
    }
}

/// Builds a function that calls a foreign function or performs an intrinsic, so that foreign functions and intrinsics
/// can be used as values.
pub(super) fn wrapper(instances: &mut Instances<'_>, instance: &Instance) -> Function {
    let span = instances.span(instance);
    let name = instances.display_name(instance);
    let name = instances.unique_name(name);
    let (types, result) = instances.signature(instance);
    let (mut graph, parameters) = with_parameters(instances, &types);
    let function = &instances.hir.functions[instance.function];
    let value = match &function.body {
        FunctionBody::Foreign(_) => Rvalue::Foreign(instances.foreign(instance.function), parameters),
        FunctionBody::Intrinsic(intrinsic) => {
            let mut at = super::intrinsics::At { instances, graph: &mut graph, span };
            at.operation(*intrinsic, &instance.arguments, parameters)
        }
        FunctionBody::Weft(_) | FunctionBody::Required => panic!("BUG: a function that needs no wrapper"),
    };
    give(instances, &mut graph, value, result, span);
    graph.finish(name, span, types.len(), result)
}

/// Builds the function that constructs a variant from its fields.
pub(super) fn constructor(instances: &mut Instances<'_>, ty: TypeId, variant: usize) -> Function {
    let Type::Nominal(id, _) = *instances.ty(ty) else { panic!("BUG: a variant of what is no enum") };
    let span = instances.hir.nominals[id].name.span;
    let declared = instances.nominal_of(ty);
    let name = format!("{}.{}", instances.table.display(ty), declared.variants[variant].name);
    let name = instances.unique_name(name);
    let types = instances.field_types(ty, variant);
    let (mut graph, parameters) = with_parameters(instances, &types);
    give(instances, &mut graph, Rvalue::Construct(ty, variant, parameters), ty, span);
    graph.finish(name, span, types.len(), ty)
}

/// A new graph whose first locals are parameters of these types.
pub(super) fn with_parameters(instances: &Instances<'_>, types: &[TypeId]) -> (Graph, Vec<Operand>) {
    let mut graph = Graph::new();
    let mut parameters = Vec::with_capacity(types.len());
    for &ty in types {
        let local = graph.local(ty, None);
        parameters.push(if instances.is_nothing(ty) { Operand::Unit } else { Operand::Local(local) });
    }
    (graph, parameters)
}

/// `return value`
pub(super) fn give(
    instances: &Instances<'_>,
    graph: &mut Graph,
    value: Rvalue,
    result: TypeId,
    span: crate::source::Span,
) {
    let operand = if instances.is_nothing(result) {
        graph.push(None, value, span);
        Operand::Unit
    } else {
        let local = graph.local(result, None);
        graph.push(Some(local), value, span);
        Operand::Local(local)
    };
    graph.end(TerminatorKind::Return(operand), span);
}
