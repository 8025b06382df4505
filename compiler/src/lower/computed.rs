//! Functions that build the computed values of constants.

use super::graph::Graph;
use super::instances::Instances;
use crate::check::{Computed, Value};
use crate::hir::Constant;
use crate::mir::{Function, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// A function that builds and returns the value of a constant.
pub(super) fn function(instances: &mut Instances<'_>, constant: &Constant, value: &Computed) -> Function {
    let ty = constant.ty.expect("BUG: a constant's type that was reported");
    let span = constant.name.span;
    let mut graph = Graph::new();
    let built = build(instances, &mut graph, (value, ty), span);
    graph.end(TerminatorKind::Return(built), span);
    let name = instances.unique_name(constant.name.to_string());
    graph.finish(name, span, 0, ty)
}

/// Builds a value. The nesting of computed values is bounded, so recursion does not go deep.
fn build(
    instances: &mut Instances<'_>,
    graph: &mut Graph,
    (value, ty): (&Computed, TypeId),
    span: Span,
) -> Operand {
    let built = match value {
        Computed::Unit => return Operand::Unit,
        Computed::Scalar(value) => return scalar(instances, value),
        Computed::Data(variant, parts) => {
            let types = instances.field_types(ty, *variant);
            let parts = parts.iter().zip(types);
            Rvalue::Construct(ty, *variant, parts.map(|part| build(instances, graph, part, span)).collect())
        }
        Computed::Array(elements) => {
            let Type::Array(element) = *instances.ty(ty) else {
                panic!("BUG: a computed array of no array type")
            };
            let elements = elements.iter().map(|value| build(instances, graph, (value, element), span));
            Rvalue::NewArray(ty, elements.collect())
        }
    };
    let local = graph.local(ty, None);
    graph.push(Some(local), built, span);
    Operand::Local(local)
}

/// The operand of a scalar value.
pub(super) fn scalar(instances: &mut Instances<'_>, value: &Value) -> Operand {
    match value {
        Value::Bool(value) => Operand::Bool(*value),
        Value::Int(value) => Operand::Int(*value),
        Value::Float(value) => Operand::Float(*value),
        Value::Char(value) => Operand::Char(*value),
        Value::Byte(value) => Operand::Byte(*value),
        Value::String(text) => instances.string(text),
    }
}
