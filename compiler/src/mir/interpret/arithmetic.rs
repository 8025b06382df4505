//! Operators on values: the plain forms on `Int` panic as the language says, those on `Float` are IEEE's.

use weft_abi::PanicKind;

use super::value::Value;
use crate::mir::{BinaryOp, UnaryOp};

/// `op operand`
pub(super) fn unary(op: UnaryOp, operand: &Value) -> Result<Value, PanicKind> {
    let value = match (op, operand) {
        (UnaryOp::Negate, Value::Float(value)) => Value::Float(-value),
        (UnaryOp::Negate, value) => {
            Value::Int(value.as_int().checked_neg().ok_or(PanicKind::NegateOverflow)?)
        }
        (UnaryOp::Not, value) => Value::Bool(!value.as_bool()),
        (UnaryOp::Complement, value) => Value::Int(!value.as_int()),
        (UnaryOp::IntToFloat, value) => Value::Float(value.as_int() as f64),
        (UnaryOp::FloatToInt, value) => Value::Int(float_to_int(value.as_float())?),
    };
    Ok(value)
}

/// Truncates. The bounds are exact: both are powers of two.
fn float_to_int(value: f64) -> Result<i64, PanicKind> {
    let bound = 2f64.powi(63);
    let whole = value.trunc();
    if (-bound..bound).contains(&whole) { Ok(whole as i64) } else { Err(PanicKind::FloatToInt) }
}

/// `left op right`; both are of one type.
pub(super) fn binary(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, PanicKind> {
    match left {
        Value::Int(left) => int(op, *left, right.as_int()),
        Value::Float(left) => Ok(float(op, *left, right.as_float())),
        Value::Bool(left) => Ok(bool(op, *left, right.as_bool())),
        Value::Unit | Value::String(_) | Value::Array(_) | Value::Task(_) => {
            panic!("BUG: {op:?} on {left:?}")
        }
    }
}

fn int(op: BinaryOp, left: i64, right: i64) -> Result<Value, PanicKind> {
    let value = match op {
        BinaryOp::Add => left.checked_add(right).ok_or(PanicKind::AddOverflow)?,
        BinaryOp::Subtract => left.checked_sub(right).ok_or(PanicKind::SubtractOverflow)?,
        BinaryOp::Multiply => left.checked_mul(right).ok_or(PanicKind::MultiplyOverflow)?,
        BinaryOp::Divide | BinaryOp::Remainder => divide(op, left, right)?,
        BinaryOp::WrappingAdd => left.wrapping_add(right),
        BinaryOp::WrappingSubtract => left.wrapping_sub(right),
        BinaryOp::WrappingMultiply => left.wrapping_mul(right),
        BinaryOp::And => left & right,
        BinaryOp::Or => left | right,
        BinaryOp::Xor => left ^ right,
        BinaryOp::ShiftLeft => left << shift(right)?,
        BinaryOp::ShiftRight => left >> shift(right)?,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => return Ok(compare(op, &left, &right)),
    };
    Ok(Value::Int(value))
}

/// `/` and `%`, truncating toward zero.
fn divide(op: BinaryOp, left: i64, right: i64) -> Result<i64, PanicKind> {
    let remainder = op == BinaryOp::Remainder;
    if right == 0 {
        return Err(if remainder { PanicKind::RemainderByZero } else { PanicKind::DivideByZero });
    }
    let value = if remainder { left.checked_rem(right) } else { left.checked_div(right) };
    value.ok_or(PanicKind::DivideOverflow)
}

fn shift(by: i64) -> Result<u32, PanicKind> {
    u32::try_from(by).ok().filter(|by| *by < i64::BITS).ok_or(PanicKind::ShiftRange)
}

fn float(op: BinaryOp, left: f64, right: f64) -> Value {
    match op {
        BinaryOp::Add => Value::Float(left + right),
        BinaryOp::Subtract => Value::Float(left - right),
        BinaryOp::Multiply => Value::Float(left * right),
        BinaryOp::Divide => Value::Float(left / right),
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => compare(op, &left, &right),
        BinaryOp::Remainder
        | BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight => panic!("BUG: {op:?} on Float"),
    }
}

fn bool(op: BinaryOp, left: bool, right: bool) -> Value {
    match op {
        BinaryOp::And => Value::Bool(left & right),
        BinaryOp::Or => Value::Bool(left | right),
        BinaryOp::Xor => Value::Bool(left ^ right),
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => compare(op, &left, &right),
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight => panic!("BUG: {op:?} on Bool"),
    }
}

fn compare<T: PartialOrd>(op: BinaryOp, left: &T, right: &T) -> Value {
    Value::Bool(match op {
        BinaryOp::Equal => left == right,
        BinaryOp::NotEqual => left != right,
        BinaryOp::Less => left < right,
        BinaryOp::LessEqual => left <= right,
        BinaryOp::Greater => left > right,
        BinaryOp::GreaterEqual => left >= right,
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
        | BinaryOp::ShiftRight => panic!("BUG: {op:?} is no comparison"),
    })
}
