//! The evaluation of constants.

use std::collections::HashSet;

use super::errors;
use super::fold::{self, Folded, Unknown};
use super::tables::{BodyTypes, Value};
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::hir::{
    BinaryOp, Builtin, Constant, ConstantId, ExprId, ExprKind, Hir, Impl, LogicalOp, NominalKind, PatternKind,
};
use crate::source::Span;
use crate::types::{NominalId, Type, TypeId, TypeTable};

/// The progress of the evaluation of a constant.
#[derive(Clone, Debug)]
enum Progress {
    Untouched,
    /// The constants on which this constant depends are being evaluated.
    Begun,
    Done(Outcome),
}

/// The result of an evaluation.
#[derive(Clone, Debug)]
enum Outcome {
    Known(Folded),
    /// The value is computed later.
    Computed,
    /// An error was reported.
    Failed,
}

/// The result for a constant: see [`ConstantTypes`](super::ConstantTypes).
pub(super) struct Evaluated {
    pub value: Option<Value>,
    pub is_computed: bool,
}

/// Evaluates all constants. `faulty` marks constants with errors that were reported already.
pub(super) fn evaluate(
    hir: &Hir,
    table: &TypeTable,
    bodies: &Arena<ConstantId, BodyTypes>,
    faulty: &Arena<ConstantId, bool>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Arena<ConstantId, Evaluated> {
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
                        progress[of] = Progress::Done(Outcome::Failed);
                    }
                }
                Some(next) => path.push(next),
                None => {
                    let value = match faulty[at] {
                        true => Outcome::Failed,
                        false => {
                            value_of((hir, table), &hir.constants[at], &bodies[at], &progress, diagnostics)
                        }
                    };
                    progress[at] = Progress::Done(value);
                    path.pop();
                }
            }
        }
    }
    let result = |progress: &Progress| match progress {
        Progress::Done(Outcome::Known(value)) => {
            Evaluated { value: value.clone().value(), is_computed: false }
        }
        Progress::Done(Outcome::Computed) => Evaluated { value: None, is_computed: true },
        Progress::Done(Outcome::Failed) | Progress::Untouched | Progress::Begun => {
            Evaluated { value: None, is_computed: false }
        }
    };
    progress.iter().map(result).collect()
}

/// The constants that the patterns of a constant's value name.
fn in_patterns(constant: &Constant) -> impl Iterator<Item = ConstantId> {
    constant.value.patterns.iter().filter_map(|pattern| {
        let PatternKind::Constant(named) = pattern.kind else { return None };
        Some(named)
    })
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
    let in_expressions = constant.value.exprs.ids().filter_map(|expr| named(constant, types, expr));
    in_expressions.chain(in_patterns(constant)).collect()
}

/// Evaluates a constant whose dependencies have been evaluated.
fn value_of(
    (hir, table): (&Hir, &TypeTable),
    constant: &Constant,
    types: &BodyTypes,
    progress: &Arena<ConstantId, Progress>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Outcome {
    let body = &constant.value;
    let mut values: Arena<ExprId, Result<Folded, Unknown>> = Arena::new();
    // The parts of an expression precede it in `exprs`, so their values are known.
    for (expr, node) in body.exprs.iter_enumerated() {
        let value = match named(constant, types, expr) {
            Some(named) => match &progress[named] {
                Progress::Done(Outcome::Known(value)) => Ok(value.clone()),
                Progress::Done(Outcome::Computed) => Err(Unknown::Computed),
                Progress::Done(Outcome::Failed) | Progress::Untouched | Progress::Begun => {
                    Err(Unknown::Reported)
                }
            },
            None if !is_folded((hir, table), &node.kind, types) => Err(Unknown::Computed),
            None => expression(&node.kind, node.span, &values),
        };
        values.push(value);
    }
    let is_forbidden =
        |value: &&Result<Folded, Unknown>| matches!(value, Err(Unknown::NotConstant(_) | Unknown::Reported));
    let mut root = &values[body.root];
    if *root == Err(Unknown::Computed) {
        // A part that is not allowed is an error even if the value of the whole does not depend on it.
        root = values.iter().find(is_forbidden).unwrap_or(root);
    }
    match root {
        Ok(value) => return Outcome::Known(value.clone()),
        Err(Unknown::Reported) => {}
        Err(Unknown::NotConstant(span)) => diagnostics.push(errors::not_constant(&constant.name, *span)),
        Err(Unknown::Panics(span, kind)) => {
            diagnostics.push(errors::constant_panics(&constant.name, *span, kind.message()));
        }
        Err(Unknown::Computed) => match with_identity(hir, constant) {
            Some(part) => {
                diagnostics.push(errors::constant_with_identity(&constant.name, &part, constant.ty_span));
            }
            None => return Outcome::Computed,
        },
    }
    Outcome::Failed
}

/// Whether an expression is evaluated here as far as its operator is concerned, and not by the function of a trait.
fn is_folded(program: (&Hir, &TypeTable), kind: &ExprKind, types: &BodyTypes) -> bool {
    match kind {
        ExprKind::Unary(op, operand) => {
            types.exprs[*operand].is_none_or(|ty| op.is_built_in(program.1.get(ty)))
        }
        ExprKind::Binary(op, left, _) => types.exprs[*left].is_none_or(|ty| folds(program, ty, *op)),
        _ => true,
    }
}

/// Whether an operator on operands of this type is evaluated here.
fn folds((hir, table): (&Hir, &TypeTable), ty: TypeId, op: BinaryOp) -> bool {
    let shape = table.get(ty);
    if fold::comparison(op).is_none() {
        return op.is_built_in(shape);
    }
    match shape {
        Type::Array(_) | Type::Tuple(_) => {
            let is_compound = |ty: TypeId| matches!(hir.types.get(ty), Type::Array(_) | Type::Tuple(_));
            let replaces = |of: &Impl| !hir.modules[of.module].library && of.target.is_some_and(is_compound);
            !hir.impls.iter().any(replaces)
        }
        Type::Unit
        | Type::Bool
        | Type::Int
        | Type::Float
        | Type::Char
        | Type::Byte
        | Type::String
        | Type::Never => true,
        Type::Nominal(..)
        | Type::Function { .. }
        | Type::Task(_)
        | Type::Generator(_)
        | Type::Cell(_)
        | Type::Parameter(_) => false,
    }
}

/// A part of the constant's type whose values have an identity or belong to the running program, as text.
fn with_identity(hir: &Hir, constant: &Constant) -> Option<String> {
    let mut left: Vec<TypeId> = constant.ty.into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(ty) = left.pop() {
        if !seen.insert(ty) {
            continue;
        }
        let shape = hir.types.get(ty);
        left.extend(shape.parts());
        let has_identity = match shape {
            Type::Task(_) | Type::Generator(_) | Type::Cell(_) => true,
            Type::Nominal(nominal, _) => {
                let kind = &hir.nominals[*nominal].kind;
                match kind {
                    NominalKind::Struct(fields) => left.extend(fields.iter().filter_map(|field| field.ty)),
                    NominalKind::Enum(variants) => {
                        let fields = variants.iter().flat_map(|variant| &variant.fields);
                        left.extend(fields.filter_map(|(ty, _)| *ty));
                    }
                }
                kind.has_identity() || is_shared(hir, *nominal)
            }
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Char
            | Type::Byte
            | Type::String
            | Type::Tuple(_)
            | Type::Array(_)
            | Type::Function { .. }
            | Type::Parameter(_)
            | Type::Never => false,
        };
        if has_identity {
            return Some(hir.types.display(ty).to_string());
        }
    }
    None
}

/// Whether threads share the values of the type although they change, as they share channels and atomics: the library
/// says so by an `impl Share`.
fn is_shared(hir: &Hir, nominal: NominalId) -> bool {
    let is_share =
        |of: &Impl| matches!(&of.implemented, Some(Some(found)) if found.id == hir.lang_items.share);
    let is_target = |of: &Impl| {
        of.target.is_some_and(|ty| matches!(hir.types.get(ty), Type::Nominal(found, _) if *found == nominal))
    };
    hir.impls.iter().any(|of| is_share(of) && is_target(of))
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
        ExprKind::Interpolation(_)
        | ExprKind::Local(_)
        | ExprKind::Function(_)
        | ExprKind::VariantFunction(..)
        | ExprKind::Shared(_)
        | ExprKind::Misfit(_)
        | ExprKind::Bytes(_)
        | ExprKind::Range { .. }
        | ExprKind::RangeFrom(_)
        | ExprKind::Call(..)
        | ExprKind::CallBuiltin(Builtin::Panic | Builtin::Assert | Builtin::AssertEq, _)
        | ExprKind::CallValue(..)
        | ExprKind::CallMethod { .. }
        | ExprKind::CallAssociated { .. }
        | ExprKind::Associated { .. }
        | ExprKind::Struct { .. }
        | ExprKind::Variant { .. }
        | ExprKind::Field(..)
        | ExprKind::Index(..)
        | ExprKind::Block(_)
        | ExprKind::If { .. }
        | ExprKind::Match { .. } => Err(Unknown::Computed),
        _ => Err(Unknown::NotConstant(span)),
    }
}
