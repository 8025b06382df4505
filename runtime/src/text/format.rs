//! The conversion of values to text: `Show` of the built-in types, and the formats of string interpolations.
//!
//! Every function appends UTF-8 to a buffer and touches nothing else. Floats follow Rust's `{:?}`: the shortest digits
//! that read back as the same value, with `.0` for whole numbers, and with an exponent below 1e-4 and from 1e16 on.

use std::io::Write;

use weft_abi::{Align, FormatSpec, Notation};

/// The usual cases of floats, by faster algorithms than those of Rust's library.
mod floats;
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
    if !floats::push_shortest(out, value) {
        append(out, format_args!("{value:?}"));
    }
}

/// Appends a character.
pub fn push_char(out: &mut Vec<u8>, value: char) {
    push_string(out, value.encode_utf8(&mut [0; 4]));
}

/// Appends a string, padded to the width. Only the width, the alignment and the fill matter.
pub fn push_string_as(out: &mut Vec<u8>, value: &str, spec: FormatSpec) {
    let start = out.len();
    push_string(out, value);
    pad_around(out, start, spec);
}

/// Appends an integer. Hexadecimal and binary show a negative number's 64 bits, without a sign.
pub fn push_int_as(out: &mut Vec<u8>, value: i64, spec: FormatSpec) {
    let start = out.len();
    if spec.plus && (value >= 0 || spec.notation != Notation::Plain) {
        out.push(b'+');
    }
    match spec.notation {
        Notation::Plain | Notation::Exponent | Notation::Inside => push_int(out, value),
        Notation::Hexadecimal => append(out, format_args!("{value:x}")),
        Notation::UpperHexadecimal => append(out, format_args!("{value:X}")),
        Notation::Binary => append(out, format_args!("{value:b}")),
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
/// appends the shortest digits. Infinities and NaN are never padded with zeros, and NaN has no sign.
pub fn push_float_as(out: &mut Vec<u8>, value: f64, spec: FormatSpec) {
    let start = out.len();
    if spec.plus && !value.is_nan() && value.is_sign_positive() {
        out.push(b'+');
    }
    match (spec.precision, spec.notation == Notation::Exponent) {
        (Some(digits), false) => {
            if !floats::push_fixed(out, value, digits as usize) {
                append(out, format_args!("{value:.*}", digits as usize));
            }
        }
        (Some(digits), true) => append(out, format_args!("{value:.*e}", digits as usize)),
        (None, true) => append(out, format_args!("{value:e}")),
        (None, false) => push_float(out, value),
    }
    if value.is_finite() {
        pad_number(out, start, spec);
    } else {
        pad_around(out, start, spec);
    }
}

/// Appends formatted text.
fn append(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("BUG: a vector takes any text");
}

/// Pads the number in `out[start..]` with zeros after its sign, or with the fill.
fn pad_number(out: &mut Vec<u8>, start: usize, spec: FormatSpec) {
    if spec.width == 0 {
        return;
    }
    if spec.zero {
        let digits = start + usize::from(matches!(out[start], b'-' | b'+'));
        let missing = missing(&out[start..], spec);
        insert(out, digits, missing, '0');
    } else {
        pad_around(out, start, spec);
    }
}

/// Pads the text in `out[start..]` with the fill. In the centre, the odd character goes to the right.
fn pad_around(out: &mut Vec<u8>, start: usize, spec: FormatSpec) {
    let missing = missing(&out[start..], spec);
    let left = match spec.align {
        Align::Left => 0,
        Align::Centre => missing / 2,
        Align::Right => missing,
    };
    insert(out, start, left, spec.fill);
    let end = out.len();
    insert(out, end, missing - left, spec.fill);
}

/// The number of characters by which `text` is shorter than the width.
fn missing(text: &[u8], spec: FormatSpec) -> usize {
    let continues = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    let characters = text.len() - text.iter().filter(continues).count();
    (spec.width as usize).saturating_sub(characters)
}

/// Inserts `count` characters `fill` at the index `at`.
fn insert(out: &mut Vec<u8>, at: usize, count: usize, fill: char) {
    let mut bytes = [0; 4];
    let bytes = fill.encode_utf8(&mut bytes).as_bytes();
    let before = out.len();
    match bytes {
        [byte] => out.resize(before + count, *byte),
        _ => (0..count).for_each(|_| out.extend_from_slice(bytes)),
    }
    let added = out.len() - before;
    out[at..].rotate_right(added);
}
