//! The evaluation of constants.

use super::errors;
use super::fold::{self, Folded, Unknown};
use super::tables::{BodyTypes, Value};
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{Constant, ConstantId, ExprId, ExprKind, Hir, LogicalOp};
use crate::source::Span;

/// The progress of the evaluation of a constant.
#[derive(Clone, Debug)]
enum Progress {
    Untouched,
    /// The constants on which this constant depends are being evaluated.
    Begun,
    Done(Option<Folded>),
}

/// Evaluates all constants. `faulty` marks constants with errors that were reported already.
pub(super) fn evaluate(
    hir: &Hir,
    bodies: &Arena<ConstantId, BodyTypes>,
    faulty: &Arena<ConstantId, bool>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Arena<ConstantId, Option<Value>> {
    let mut progress: Arena<ConstantId, Progress> =
        hir.constants.iter().map(|_| Progress::Untouched).collect();
    for root in hir.constants.ids() {
        // A loop instead of recursion: a chain of constants may be as long as the source.
        let mut path = vec![root];
        while let Some(&at) = path.last() {
            if let Progress::Done(_) = progress[at] {
                path.pop();
                continue;
            }
            progress[at] = Progress::Begun;
            let needed = dependencies(&hir.constants[at], &bodies[at]);
            let next = needed.into_iter().find(|&of| !matches!(progress[of], Progress::Done(_)));
            match next {
                Some(next) if matches!(progress[next], Progress::Begun) => {
                    let from = path.iter().position(|&of| of == next).unwrap_or(0);
                    let names: Vec<_> = path[from..].iter().map(|&of| &hir.constants[of].name).collect();
                    diagnostics.push(errors::endless_constant(&names));
                    for of in path.drain(from..) {
                        progress[of] = Progress::Done(None);
                    }
                }
                Some(next) => path.push(next),
                None => {
                    let value = match faulty[at] {
                        true => None,
                        false => value_of(&hir.constants[at], &bodies[at], &progress, diagnostics),
                    };
                    progress[at] = Progress::Done(value);
                    path.pop();
                }
            }
        }
    }
    let value = |progress: &Progress| match progress {
        Progress::Done(value) => value.clone().and_then(Folded::value),
        Progress::Untouched | Progress::Begun => None,
    };
    progress.iter().map(value).collect()
}

/// The constant that an expression names.
fn named(constant: &Constant, types: &BodyTypes, expr: ExprId) -> Option<ConstantId> {
    match &constant.value.exprs[expr].kind {
        ExprKind::Constant(named) => Some(*named),
        ExprKind::Associated { .. } => types.constants.get(&expr).copied(),
        _ => None,
    }
}

fn dependencies(constant: &Constant, types: &BodyTypes) -> Vec<ConstantId> {
    constant.value.exprs.ids().filter_map(|expr| named(constant, types, expr)).collect()
}

/// Evaluates a constant whose dependencies have been evaluated.
fn value_of(
    constant: &Constant,
    types: &BodyTypes,
    progress: &Arena<ConstantId, Progress>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Folded> {
    let body = &constant.value;
    let mut values: Arena<ExprId, Result<Folded, Unknown>> = Arena::new();
    // The parts of an expression precede it in `exprs`, so their values are known.
    for (expr, node) in body.exprs.iter_enumerated() {
        let value = match named(constant, types, expr) {
            Some(named) => match &progress[named] {
                Progress::Done(Some(value)) => Ok(value.clone()),
                Progress::Done(None) | Progress::Untouched | Progress::Begun => Err(Unknown::Reported),
            },
            None => expression(&node.kind, node.span, &values),
        };
        values.push(value);
    }
    match &values[body.root] {
        Ok(value) => Some(value.clone()),
        Err(Unknown::Reported) => None,
        Err(Unknown::NotConstant(span)) => {
            diagnostics.push(errors::not_constant(&constant.name, *span));
            None
        }
        Err(Unknown::Panics(span, kind)) => {
            diagnostics.push(errors::constant_panics(&constant.name, *span, kind.message()));
            None
        }
    }
}

type Values = Arena<ExprId, Result<Folded, Unknown>>;

fn expression(kind: &ExprKind, span: Span, values: &Values) -> Result<Folded, Unknown> {
    let scalar = |value| Ok(Folded::Value(value));
    let all = |parts: &[ExprId]| -> Result<Folded, Unknown> {
        let parts: Result<Vec<Folded>, Unknown> = parts.iter().map(|&part| values[part].clone()).collect();
        Ok(Folded::Many(parts?.into()))
    };
    match kind {
        ExprKind::Unit => Ok(Folded::Unit),
        ExprKind::Bool(value) => scalar(Value::Bool(*value)),
        ExprKind::Int(value) => scalar(Value::Int(*value)),
        ExprKind::Float(value) => scalar(Value::Float(*value)),
        ExprKind::Char(value) => scalar(Value::Char(*value)),
        ExprKind::Byte(value) => scalar(Value::Byte(*value)),
        ExprKind::String(value) => scalar(Value::String(value.clone())),
        ExprKind::Tuple(parts) | ExprKind::Array(parts) => all(parts),
        ExprKind::TupleField(of, at, _) => match values[*of].clone()? {
            Folded::Many(parts) => parts.get(*at).cloned().ok_or(Unknown::Reported),
            Folded::Unit | Folded::Value(_) => Err(Unknown::Reported),
        },
        ExprKind::Unary(op, of) => fold::unary(*op, &values[*of].clone()?, span),
        ExprKind::Binary(op, left, right) => {
            fold::binary(*op, &values[*left].clone()?, &values[*right].clone()?, span)
        }
        ExprKind::Logical(op, left, right) => match (op, values[*left].clone()?) {
            (LogicalOp::And, left @ Folded::Value(Value::Bool(false)))
            | (LogicalOp::Or, left @ Folded::Value(Value::Bool(true))) => Ok(left),
            _ => values[*right].clone(),
        },
        ExprKind::Error => Err(Unknown::Reported),
        _ => Err(Unknown::NotConstant(span)),
    }
}
