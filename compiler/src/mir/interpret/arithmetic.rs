//! Operators on values. On `Int` and `Byte` the plain operators panic as the language defines; on `Float` they follow
//! IEEE 754.

use weft_abi::PanicKind;

use super::value::Value;
use crate::mir::{BinaryOp, UnaryOp};

/// `op operand`
pub(super) fn unary(op: UnaryOp, operand: &Value) -> Result<Value, PanicKind> {
    Ok(match (op, operand) {
        (UnaryOp::Negate, Value::Float(value)) => Value::Float(-value),
        (UnaryOp::Negate, Value::Byte(value)) => {
            Value::Byte(value.checked_neg().ok_or(PanicKind::NegateOverflow)?)
        }
        (UnaryOp::Negate, value) => {
            Value::Int(value.as_int().checked_neg().ok_or(PanicKind::NegateOverflow)?)
        }
        (UnaryOp::Not, value) => Value::Bool(!value.as_bool()),
        (UnaryOp::Complement, Value::Byte(value)) => Value::Byte(!value),
        (UnaryOp::Complement, value) => Value::Int(!value.as_int()),
        (UnaryOp::IntToFloat, value) => Value::Float(value.as_int() as f64),
        (UnaryOp::FloatToInt, value) => Value::Int(float_to_int(value.as_float())?),
        (UnaryOp::ByteToInt | UnaryOp::CharToInt, value) => Value::Int(number(value)),
        (UnaryOp::IntToByte, value) => Value::Byte(value.as_int() as u8),
        (UnaryOp::IntToChar, value) => {
            let char = u32::try_from(value.as_int()).ok().and_then(char::from_u32);
            Value::Char(char.unwrap_or_else(|| panic!("BUG: {value:?} is no character")))
        }
        (UnaryOp::Address, value) => Value::Int(super::memory::address(value)),
        (UnaryOp::FloatBits, value) => Value::Int(value.as_float().to_bits() as i64),
        (UnaryOp::CountOnes, value) => Value::Int(value.as_int().count_ones().into()),
        (UnaryOp::LeadingZeros, value) => Value::Int(value.as_int().leading_zeros().into()),
        (UnaryOp::SquareRoot, value) => Value::Float(value.as_float().sqrt()),
        (UnaryOp::Absolute, value) => Value::Float(value.as_float().abs()),
    })
}

/// The number that an `Int`, a `Byte` or a `Char` stands for.
pub(super) fn number(value: &Value) -> i64 {
    match value {
        Value::Byte(value) => i64::from(*value),
        Value::Char(value) => i64::from(u32::from(*value)),
        Value::Unit
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Data(_)
        | Value::Array(_)
        | Value::Cell(_)
        | Value::Function(_)
        | Value::Task(_)
        | Value::Generator(_)
        | Value::List(_)
        | Value::Waiter(_)
        | Value::Continuation(_)
        | Value::Null => value.as_int(),
    }
}

/// Truncates to an `Int`; panics if the result does not fit. The bounds are powers of two, so they are exact as floats.
fn float_to_int(value: f64) -> Result<i64, PanicKind> {
    let bound = 2f64.powi(63);
    let whole = value.trunc();
    if (-bound..bound).contains(&whole) { Ok(whole as i64) } else { Err(PanicKind::FloatToInt) }
}

/// `left op right`. Both operands have the same type, except that the count of a shift of a `Byte` may be an `Int`.
pub(super) fn binary(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, PanicKind> {
    match left {
        Value::Int(left) => int(op, *left, right.as_int()),
        Value::Byte(left) => byte(op, *left, number(right)),
        Value::Float(left) => Ok(float(op, *left, right.as_float())),
        Value::Bool(left) => Ok(bool(op, *left, right.as_bool())),
        Value::Char(left) => Ok(compare(op, left, &right.as_char())),
        Value::Unit
        | Value::String(_)
        | Value::Data(_)
        | Value::Array(_)
        | Value::Cell(_)
        | Value::Function(_)
        | Value::Task(_)
        | Value::Generator(_)
        | Value::List(_)
        | Value::Waiter(_)
        | Value::Continuation(_)
        | Value::Null => {
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
        BinaryOp::MultiplyHigh => ((u128::from(left as u64) * u128::from(right as u64)) >> 64) as i64,
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
        | BinaryOp::GreaterEqual => return Ok(compare(op, &left, &right)),
    };
    Ok(Value::Int(value))
}

/// Computes an operation on `Byte` by the same operation on `Int`. A sum, difference or product that is no `Byte` is an
/// overflow; every other result keeps its low eight bits.
fn byte(op: BinaryOp, left: u8, right: i64) -> Result<Value, PanicKind> {
    let Value::Int(value) = int(op, left.into(), right)? else {
        return Ok(compare(op, &i64::from(left), &right));
    };
    let exact = |kind| u8::try_from(value).map_err(|_| kind);
    Ok(Value::Byte(match op {
        BinaryOp::Add => exact(PanicKind::AddOverflow)?,
        BinaryOp::Subtract => exact(PanicKind::SubtractOverflow)?,
        BinaryOp::Multiply => exact(PanicKind::MultiplyOverflow)?,
        BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical => value as u8,
        BinaryOp::MultiplyHigh
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => panic!("BUG: {op:?} gives no Byte"),
    }))
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

/// The count of a shift, which must be 0 to 63.
fn shift(by: i64) -> Result<u32, PanicKind> {
    u32::try_from(by).ok().filter(|by| *by < i64::BITS).ok_or(PanicKind::ShiftRange)
}

fn float(op: BinaryOp, left: f64, right: f64) -> Value {
    match op {
        BinaryOp::Add => Value::Float(left + right),
        BinaryOp::Subtract => Value::Float(left - right),
        BinaryOp::Multiply => Value::Float(left * right),
        BinaryOp::Divide => Value::Float(left / right),
        BinaryOp::Remainder
        | BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::MultiplyHigh
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
        | BinaryOp::GreaterEqual => compare(op, &left, &right),
    }
}

fn bool(op: BinaryOp, left: bool, right: bool) -> Value {
    match op {
        BinaryOp::And => Value::Bool(left & right),
        BinaryOp::Or => Value::Bool(left | right),
        BinaryOp::Xor => Value::Bool(left ^ right),
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Remainder
        | BinaryOp::WrappingAdd
        | BinaryOp::WrappingSubtract
        | BinaryOp::WrappingMultiply
        | BinaryOp::MultiplyHigh
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical
        | BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual => compare(op, &left, &right),
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
        | BinaryOp::MultiplyHigh
        | BinaryOp::And
        | BinaryOp::Or
        | BinaryOp::Xor
        | BinaryOp::ShiftLeft
        | BinaryOp::ShiftRight
        | BinaryOp::ShiftRightLogical => panic!("BUG: {op:?} is no comparison"),
    })
}
