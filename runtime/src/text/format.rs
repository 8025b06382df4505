//! The conversion of values to text: `Show` of the built-in types, and the formats of string interpolations.
//!
//! Every function appends UTF-8 to a buffer and touches nothing else. Floats follow Rust's `{:?}`: the shortest digits
//! that read back as the same value, with `.0` for whole numbers, and with an exponent below 1e-4 and from 1e16 on.

use std::io::Write;

use weft_abi::{Align, FormatSpec, Notation};

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
            if !push_fixed(out, value, digits as usize) {
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

/// Appends a float with `digits` digits after the point, rounded half to even, if integers can compute them: the float
/// is below 2^53, and the digits without the point fit in 64 bits. Otherwise appends nothing and returns false.
///
/// ```text
///   2.718 = m / 2^51, m = 6120393263840494       to two digits: 100 m / 2^51 = 271 and a rest that is above one half,
///                                                so 272, which is written as 2.72
/// ```
fn push_fixed(out: &mut Vec<u8>, value: f64, digits: usize) -> bool {
    const MOST_DIGITS: usize = 19; // 10^19 is the greatest power of 10 below 2^64.
    const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let exponent = (bits << 1 >> (FRACTION_BITS + 1)) as u32;
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let (mantissa, shift) = match exponent {
        0 if fraction == 0 => (0, 0),
        _ => (fraction | 1 << FRACTION_BITS, (1023 + FRACTION_BITS).wrapping_sub(exponent)),
    };
    // Greater floats have a negative shift, which wraps around. So have infinities and NaN.
    if digits > MOST_DIGITS || shift >= u128::BITS || exponent == 0 && fraction != 0 {
        return false;
    }
    let scale = 10u64.pow(digits as u32);
    let scaled = u128::from(mantissa) * u128::from(scale);
    let (floor, rest) = (scaled >> shift, scaled & ((1 << shift) - 1));
    let Ok(floor) = u64::try_from(floor) else { return false };
    let half = if shift == 0 { 1 } else { 1 << (shift - 1) };
    let up = rest > half || rest == half && floor % 2 == 1;
    let Some(rounded) = floor.checked_add(up.into()) else { return false };
    if value.is_sign_negative() {
        out.push(b'-');
    }
    push_int(out, (rounded / scale) as i64);
    if digits > 0 {
        let start = out.len() + 1;
        out.resize(start + digits, b'.');
        let mut rest = rounded % scale;
        for place in out[start..].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
    true
}

/// Appends formatted text.
fn append(out: &mut Vec<u8>, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("BUG: a vector takes any text");
}

/// Pads the number in `out[start..]` with zeros after its sign, or with the fill.
fn pad_number(out: &mut Vec<u8>, start: usize, spec: FormatSpec) {
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
