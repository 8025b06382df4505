//! The second opinion on JSON: serde_json's verdict and value, and the standard library's numbers.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::documents::Document;

/// The greatest number of numbers that are compared if they are not in order.
const MOST_COMPARED: usize = 1000;

/// A value as `std.json` promises it: the last value of a key counts, in the first one's place.
#[derive(Debug)]
enum Value {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object: Vec<(String, Value)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            let place = *places.entry(key.clone()).or_insert(object.len());
            if place < object.len() {
                object[place].1 = value;
            } else {
                object.push((key, value));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Whether two values are the same. Without a feature that this project does not use, serde_json's floats may be off by
/// some units in the last place.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => {
            a.is_sign_negative() == b.is_sign_negative() && a.to_bits().abs_diff(b.to_bits()) <= 166
        }
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same(a, b))
        }
        _ => false,
    }
}

/// The numbers of a valid document, as they are written.
fn numbers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        rest = &rest[start..];
        if rest.starts_with('"') {
            let bytes = rest.as_bytes();
            let mut end = 1;
            while bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            rest = &rest[end + 1..];
        } else {
            let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            found.push(&rest[..end]);
            rest = &rest[end..];
        }
    }
    found
}

/// Whether `std.json` has read and written a number exactly: as an integer if it has neither a point nor an exponent
/// and fits into 64 bits, otherwise as the nearest float, whose text is that of a float.
fn is_exact(read: &str, written: &str) -> bool {
    if !read.contains(['.', 'e', 'E']) && read != "-0" && read.parse::<i64>().is_ok() {
        return read == written;
    }
    let is_float = written.contains(['.', 'e']);
    is_float && read.parse::<f64>().map(f64::to_bits) == written.parse::<f64>().map(f64::to_bits)
}

fn is_infinite(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(f64::is_infinite)
}

/// The reason why a line of `json.weft` is wrong about a document, if it is.
pub fn check(document: &Document, line: &str) -> Result<(), String> {
    let found: Result<Value, _> = serde_json::from_slice(&document.text);
    let has_reason = |reason: &str| found.as_ref().is_err_and(|error| error.to_string().starts_with(reason));
    // Documents that are deeper than serde_json accepts have a verdict of the generator.
    let is_too_deep = has_reason("recursion limit");
    // serde_json rounds the greatest floats to infinity. There is no second opinion on the rest of such a document.
    if has_reason("number out of range") && line.starts_with('=') {
        let has_infinity =
            numbers(&String::from_utf8_lossy(&document.text)).iter().any(|number| is_infinite(number));
        return if has_infinity { Err("a number is out of range".to_owned()) } else { Ok(()) };
    }
    if !is_too_deep && document.verdict.is_some_and(|verdict| verdict && found.is_err()) {
        return Err(format!("the generator and serde_json disagree: {found:?}"));
    }
    let verdict = if is_too_deep { document.verdict } else { document.verdict.or(Some(found.is_ok())) };
    if let Some(text) = line.strip_prefix('=') {
        match (verdict, found) {
            (Some(false), found) => Err(format!("it is accepted, but is wrong: {:?}", found.err())),
            (_, Ok(value)) => check_value(document, &value, text),
            _ => Ok(()),
        }
    } else if let Some(error) = line.strip_prefix('-') {
        if verdict == Some(true) {
            Err("it is refused, but is right".to_owned())
        } else {
            check_place(document, error)
        }
    } else {
        Err("there is a contradiction".to_owned())
    }
}

fn check_value(document: &Document, value: &Value, text: &str) -> Result<(), String> {
    let written: Value = serde_json::from_str(text).map_err(|error| format!("it writes no JSON: {error}"))?;
    if !same(value, &written) {
        return Err(format!("the value is {value:?}"));
    }
    let read = str::from_utf8(&document.text).map_err(|error| format!("it is not UTF-8: {error}"))?;
    let (read, written) = (numbers(read), numbers(text));
    let in_order = read.len() == written.len()
        && read.iter().zip(&written).all(|(read, written)| is_exact(read, written));
    if in_order || read.len() > MOST_COMPARED {
        return Ok(());
    }
    // A key occurs several times, so a number may be missing or in another place.
    match written.iter().find(|written| !read.iter().any(|read| is_exact(read, written))) {
        Some(written) => Err(format!("no number became {written}")),
        None => Ok(()),
    }
}

/// Checks an error: its offset is within the document, and its line and column are those of the offset.
fn check_place(document: &Document, error: &str) -> Result<(), String> {
    let parts: Vec<&str> = error.splitn(4, ' ').collect();
    let [offset, line, column, message] = parts[..] else { return Err("it is no error".to_owned()) };
    let offset: usize = offset.parse().map_err(|_| "the offset is no number".to_owned())?;
    if offset > document.text.len() || message.is_empty() {
        return Err("the error is outside of the document".to_owned());
    }
    let before = &document.text[..offset];
    let lines = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let columns = before[start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1;
    if (line, column) != (lines.to_string().as_str(), columns.to_string().as_str()) {
        return Err(format!("the error is in line {lines}, column {columns}"));
    }
    Ok(())
}
