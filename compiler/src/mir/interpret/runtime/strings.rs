//! Strings and characters. Offsets and lengths are in bytes; the library checks them before it calls these functions.

use std::hash::{DefaultHasher, Hash, Hasher};

use weft_abi::RuntimeFunction;

use super::text;
use crate::mir::interpret::value::Value;

/// Calls a function on strings or characters; returns `None` for any other function.
pub(super) fn call(function: RuntimeFunction, arguments: &[Value]) -> Option<Value> {
    use RuntimeFunction as F;
    let text = |index: usize| arguments[index].as_str();
    let index = |index: usize| arguments[index].as_index();
    Some(match function {
        F::StringConcat => Value::string(format!("{}{}", text(0), text(1))),
        F::StringEqual => Value::Bool(text(0) == text(1)),
        F::StringCompare => Value::Int(text(0).cmp(text(1)) as i64),
        F::StringSlice => Value::string(&text(0)[index(1)..index(2)]),
        F::StringOfBytes => {
            let bytes = bytes(&arguments[0], index(1), index(2));
            Value::string(String::from_utf8(bytes).unwrap_or_else(|error| panic!("BUG: {error}")))
        }
        F::IsUtf8 => Value::Bool(std::str::from_utf8(&bytes(&arguments[0], index(1), index(2))).is_ok()),
        F::StringCopy => {
            let mut elements = arguments[0].as_array().parts.borrow_mut();
            let places = elements[index(1)..].iter_mut().zip(text(2).bytes());
            places.for_each(|(place, byte)| *place = Value::Byte(byte));
            Value::Unit
        }
        F::StringFind => {
            let (from, all) = (index(2), text(0).as_bytes());
            let needle = text(1).as_bytes();
            let starts = from..(all.len() + 1).saturating_sub(needle.len()).max(from);
            let place = starts.into_iter().find(|start| all[*start..].starts_with(needle));
            Value::Int(place.map_or(-1, |place| place as i64))
        }
        F::StringCount => Value::Int(text(0).matches(text(1)).count() as i64),
        F::StringSplit => Value::array(text(0).split(text(1)).map(Value::string).collect()),
        F::StringReplace => Value::string(text(0).replace(text(1), text(2))),
        F::StringHash => {
            let mut hasher = DefaultHasher::new();
            text(0).hash(&mut hasher);
            Value::Int(hasher.finish() as i64)
        }
        F::StringUpper => Value::string(text(0).to_uppercase()),
        F::StringLower => Value::string(text(0).to_lowercase()),
        F::IsFloat => Value::Bool(text::read_float(text(0)).is_some()),
        F::StringFloat => Value::Float(text::read_float(text(0)).unwrap_or(f64::NAN)),
        F::CharIsWhitespace => Value::Bool(arguments[0].as_char().is_whitespace()),
        F::CharIsAlphabetic => Value::Bool(arguments[0].as_char().is_alphabetic()),
        F::CharIsNumeric => Value::Bool(arguments[0].as_char().is_numeric()),
        _ => return None,
    })
}

/// Copies bytes out of an array.
pub(super) fn bytes(array: &Value, from: usize, count: usize) -> Vec<u8> {
    let elements = array.as_array().parts.borrow();
    elements[from..from + count].iter().map(Value::as_byte).collect()
}
