//! Constant folding: operators on constant values, with the same results and panics as in a running program.

use std::cmp::Ordering;
use std::sync::Arc;

use weft_abi::PanicKind;

use super::tables::Value;
use crate::hir::{BinaryOp, UnaryOp};
use crate::source::Span;

/// A value while constants are evaluated.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Folded {
    Unit,
    Value(Value),
    /// A tuple or an array.
    Many(Arc<[Folded]>),
}

/// The reason why a constant has no value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Unknown {
    /// An error in the expression, or in a constant that the expression names, was reported.
    Reported,
    /// The expression is not allowed in a constant.
    NotConstant(Span),
    /// The expression would panic.
    Panics(Span, PanicKind),
    /// The expression is more than literals, operators, tuples and arrays; its value will be computed.
    Computed,
}

impl Folded {
    /// The value, if a pattern can compare with it; `None` for `()`, tuples and arrays.
    pub fn value(self) -> Option<Value> {
        match self {
            Folded::Value(value) => Some(value),
            Folded::Unit | Folded::Many(_) => None,
        }
    }

    /// The order of this value relative to `other`, for the comparison operators. `None` if the order depends on a NaN,
    /// or if the values are of different kinds.
    pub fn compare(&self, other: &Folded) -> Option<Ordering> {
        match (self, other) {
            (Folded::Unit, Folded::Unit) => Some(Ordering::Equal),
            (Folded::Value(left), Folded::Value(right)) => compare_values(left, right),
            (Folded::Many(left), Folded::Many(right)) => {
                for (left, right) in left.iter().zip(right.iter()) {
                    match left.compare(right) {
                        Some(Ordering::Equal) => {}
                        decided => return decided,
                    }
                }
                Some(left.len().cmp(&right.len()))
            }
            (Folded::Unit | Folded::Value(_) | Folded::Many(_), _) => None,
        }
    }
}

fn compare_values(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Char(left), Value::Char(right)) => Some(left.cmp(right)),
        (Value::Byte(left), Value::Byte(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
        (
            Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Char(_)
            | Value::Byte(_)
            | Value::String(_),
            _,
        ) => None,
    }
}

/// Evaluates `op operand`.
pub(super) fn unary(op: UnaryOp, operand: &Folded, span: Span) -> Result<Folded, Unknown> {
    let Folded::Value(operand) = operand else { return Err(Unknown::Reported) };
    let value = match (op, operand) {
        (UnaryOp::Negate, Value::Int(value)) => match value.checked_neg() {
            Some(value) => Value::Int(value),
            None => return Err(Unknown::Panics(span, PanicKind::NegateOverflow)),
        },
        (UnaryOp::Negate, Value::Float(value)) => Value::Float(-value),
        (UnaryOp::Not, Value::Bool(value)) => Value::Bool(!value),
        (UnaryOp::Complement, Value::Int(value)) => Value::Int(!value),
        (UnaryOp::Complement, Value::Byte(value)) => Value::Byte(!value),
        (UnaryOp::Negate | UnaryOp::Not | UnaryOp::Complement, _) => return Err(Unknown::Reported),
    };
    Ok(Folded::Value(value))
}

/// Evaluates `left op right`. Both operands have the same type, except that a `Byte` may be shifted by an `Int`.
pub(super) fn binary(op: BinaryOp, left: &Folded, right: &Folded, span: Span) -> Result<Folded, Unknown> {
    if let Some(holds) = comparison(op) {
        return Ok(Folded::Value(Value::Bool(holds(left.compare(right)))));
    }
    let panics = |kind| Unknown::Panics(span, kind);
    let value = match (left, right) {
        (Folded::Value(Value::Int(left)), Folded::Value(Value::Int(right))) => {
            Value::Int(int(op, *left, *right).map_err(panics)?)
        }
        (Folded::Value(Value::Byte(left)), Folded::Value(Value::Byte(right))) => {
            Value::Byte(byte(op, *left, (*right).into()).map_err(panics)?)
        }
        (Folded::Value(Value::Byte(left)), Folded::Value(Value::Int(right))) => {
            Value::Byte(byte(op, *left, *right).map_err(panics)?)
        }
        (Folded::Value(Value::Float(left)), Folded::Value(Value::Float(right))) => {
            Value::Float(float(op, *left, *right).ok_or(Unknown::Reported)?)
        }
        (Folded::Value(Value::String(left)), Folded::Value(Value::String(right))) => {
            Value::String(format!("{left}{right}").into())
        }
        (Folded::Many(left), Folded::Many(right)) => {
            return Ok(Folded::Many(left.iter().chain(right.iter()).cloned().collect()));
        }
        _ => return Err(Unknown::Reported),
    };
    Ok(Folded::Value(value))
}

/// The test that a comparison applies to the order of its operands; `None` for other operators.
pub(super) fn comparison(op: BinaryOp) -> Option<fn(Option<Ordering>) -> bool> {
    Some(match op {
        BinaryOp::Equal => |order| order == Some(Ordering::Equal),
        BinaryOp::NotEqual => |order| order != Some(Ordering::Equal),
        BinaryOp::Less => |order| order == Some(Ordering::Less),
        BinaryOp::LessEqual => |order| order.is_some_and(Ordering::is_le),
        BinaryOp::Greater => |order| order == Some(Ordering::Greater),
        BinaryOp::GreaterEqual => |order| order.is_some_and(Ordering::is_ge),
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical => return None,
    })
}

fn int(op: BinaryOp, left: i64, right: i64) -> Result<i64, PanicKind> {
    Ok(match op {
        BinaryOp::Add => left.checked_add(right).ok_or(PanicKind::AddOverflow)?,
        BinaryOp::Subtract => left.checked_sub(right).ok_or(PanicKind::SubtractOverflow)?,
        BinaryOp::Multiply => left.checked_mul(right).ok_or(PanicKind::MultiplyOverflow)?,
        BinaryOp::Divide if right == 0 => return Err(PanicKind::DivideByZero),
        BinaryOp::Remainder if right == 0 => return Err(PanicKind::RemainderByZero),
        BinaryOp::Divide => left.checked_div(right).ok_or(PanicKind::DivideOverflow)?,
        BinaryOp::Remainder => left.checked_rem(right).ok_or(PanicKind::DivideOverflow)?,
        BinaryOp::WrappingAdd => left.wrapping_add(right),
        BinaryOp::WrappingSubtract => left.wrapping_sub(right),
        BinaryOp::WrappingMultiply => left.wrapping_mul(right),
        BinaryOp::And => left & right,
        BinaryOp::Or => left | right,
        BinaryOp::Xor => left ^ right,
        BinaryOp::ShiftLeft => left << shift(right)?,
        BinaryOp::ShiftRight => left >> shift(right)?,
        BinaryOp::ShiftRightLogical => (left as u64 >> shift(right)?) as i64,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => unreachable!("BUG: a comparison gives no number"),
    })
}

/// Evaluates an operator on bytes by evaluating it on `Int`s. Returns a panic if the result of `+`, `-` or `*` does
/// not fit a `Byte`; the result of any other operator is truncated to eight bits.
fn byte(op: BinaryOp, left: u8, right: i64) -> Result<u8, PanicKind> {
    let value = int(op, left.into(), right)?;
    let exact = |kind| u8::try_from(value).map_err(|_| kind);
    match op {
        BinaryOp::Add => exact(PanicKind::AddOverflow),
        BinaryOp::Subtract => exact(PanicKind::SubtractOverflow),
        BinaryOp::Multiply => exact(PanicKind::MultiplyOverflow),
        _ => Ok(value as u8),
    }
}

fn shift(by: i64) -> Result<u32, PanicKind> {
    u32::try_from(by).ok().filter(|by| *by < i64::BITS).ok_or(PanicKind::ShiftRange)
}

fn float(op: BinaryOp, left: f64, right: f64) -> Option<f64> {
    Some(match op {
        BinaryOp::Add => left + right,
        BinaryOp::Subtract => left - right,
        BinaryOp::Multiply => left * right,
        BinaryOp::Divide => left / right,
        BinaryOp::Remainder => left % right,
        BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => return None,
    })
}
