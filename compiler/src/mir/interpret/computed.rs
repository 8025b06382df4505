//! Values as data, which later stages can build again.

use super::value::{Object, Value};
use crate::check::{self, Computed};

/// The deepest nesting of a computed value: later stages traverse such values by recursion.
const DEEPEST: usize = 200;

impl Value {
    /// The value as data; `None` if it contains something else than data, is nested too deeply, or has more than `left`
    /// parts.
    pub(super) fn computed(&self, left: &mut usize, depth: usize) -> Option<Computed> {
        *left = left.checked_sub(1).filter(|_| depth < DEEPEST)?;
        let mut parts = |object: &Object| -> Option<Vec<Computed>> {
            object.parts.borrow().iter().map(|part| part.computed(left, depth + 1)).collect()
        };
        let scalar = |value| Some(Computed::Scalar(value));
        match self {
            Value::Unit => Some(Computed::Unit),
            Value::Bool(value) => scalar(check::Value::Bool(*value)),
            Value::Int(value) => scalar(check::Value::Int(*value)),
            Value::Float(value) => scalar(check::Value::Float(*value)),
            Value::Char(value) => scalar(check::Value::Char(*value)),
            Value::Byte(value) => scalar(check::Value::Byte(*value)),
            Value::String(text) => scalar(check::Value::String(text.as_str().into())),
            Value::Data(object) => Some(Computed::Data(object.number as usize, parts(object)?)),
            Value::Array(object) => Some(Computed::Array(parts(object)?)),
            Value::Cell(_)
            | Value::Function(_)
            | Value::Task(_)
            | Value::Generator(_)
            | Value::List(_)
            | Value::Waiter(_)
            | Value::Continuation(_)
            | Value::Null => None,
        }
    }
}
