//! The conversion of values to text: `Show` of the built-in types, and the formats of string interpolations.
//!
//! Every function appends UTF-8 to a buffer and touches nothing else. Floats follow Rust's `{:?}`: the shortest digits
//! that read back as the same value, with `.0` for whole numbers, and with an exponent below 1e-4 and from 1e16 on.

use std::io::Write;

use weft_abi::{Align, FormatSpec, Radix};

#[cfg(test)]
mod tests;

/// Appends a string without quotes.
pub fn push_string(out: &mut Vec<u8>, value: &str) {
    out.extend_from_slice(value.as_bytes());
}

/// Appends `true` or `false`.
pub fn push_bool(out: &mut Vec<u8>, value: bool) {
    push_string(out, if value { "true" } else { "false" });
}

/// Appends a decimal integer.
pub fn push_int(out: &mut Vec<u8>, value: i64) {
    push_string(out, itoa::Buffer::new().format(value));
}

/// Appends the shortest decimal number that reads back as `value`, or `inf`, `-inf` or `NaN`.
pub fn push_float(out: &mut Vec<u8>, value: f64) {
    append(out, format_args!("{value:?}"));
}

/// Appends a character.
pub fn push_char(out: &mut Vec<u8>, value: char) {
    push_string(out, value.encode_utf8(&mut [0; 4]));
}

/// Appends a string, padded with spaces to the width. Ignores zero padding, precision and radix.
pub fn push_string_as(out: &mut Vec<u8>, value: &str, spec: FormatSpec) {
    let start = out.len();
    push_string(out, value);
    pad_with_spaces(out, start, spec);
}

/// Appends an integer. Hexadecimal and binary show a negative number's 64 bits, without a sign.
pub fn push_int_as(out: &mut Vec<u8>, value: i64, spec: FormatSpec) {
    let start = out.len();
    match spec.radix {
        Radix::Decimal => push_int(out, value),
        Radix::Hexadecimal => append(out, format_args!("{value:x}")),
        Radix::Binary => append(out, format_args!("{value:b}")),
    }
    pad_number(out, start, spec);
}

/// Appends a byte as an integer.
pub fn push_byte_as(out: &mut Vec<u8>, value: u8, spec: FormatSpec) {
    push_int_as(out, value.into(), spec);
}

/// Appends a character as a string of one character.
pub fn push_char_as(out: &mut Vec<u8>, value: char, spec: FormatSpec) {
    push_string_as(out, value.encode_utf8(&mut [0; 4]), spec);
}

/// Appends a float with the precision of the format; the exact value is rounded half to even. Without a precision,
/// appends the shortest digits. Infinities and NaN are padded with spaces only.
pub fn push_float_as(out: &mut Vec<u8>, value: f64, spec: FormatSpec) {
    let start = out.len();
    match spec.precision {
        Some(digits) => append(out, format_args!("{value:.*}", digits as usize)),
        None => push_float(out, value),
    }
    if value.is_finite() {
        pad_number(out, start, spec);
    } else {
        pad_with_spaces(out, start, spec);
    }
}

/// Appends formatted text.
fn append(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("BUG: a vector takes any text");
}

/// Pads the number in `out[start..]` with zeros after its sign, or with spaces.
fn pad_number(out: &mut Vec<u8>, start: usize, spec: FormatSpec) {
    if spec.zero {
        let digits = start + usize::from(out[start] == b'-');
        let missing = missing(&out[start..], spec);
        insert(out, digits, missing, b'0');
    } else {
        pad_with_spaces(out, start, spec);
    }
}

/// Pads the text in `out[start..]` with spaces.
fn pad_with_spaces(out: &mut Vec<u8>, start: usize, spec: FormatSpec) {
    let missing = missing(&out[start..], spec);
    let left = match spec.align {
        Align::Left => 0,
        Align::Centre => missing / 2,
        Align::Right => missing,
    };
    insert(out, start, left, b' ');
    out.resize(out.len() + missing - left, b' ');
}

/// The number of characters by which `text` is shorter than the width.
fn missing(text: &[u8], spec: FormatSpec) -> usize {
    let continues = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    let characters = text.len() - text.iter().filter(continues).count();
    (spec.width as usize).saturating_sub(characters)
}

/// Inserts `count` bytes `fill` at the index `at`.
fn insert(out: &mut Vec<u8>, at: usize, count: usize, fill: u8) {
    out.resize(out.len() + count, fill);
    out[at..].rotate_right(count);
}
