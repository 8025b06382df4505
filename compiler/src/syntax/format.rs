//! The format of an interpolation: the text after the colon, such as `>8`.

use weft_abi::{Align, FormatSpec, Notation};

/// A format. A computed width or precision, as in `{x:>{w}}`, is 0 in `spec`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FormatText {
    /// The parts that are written in the format.
    pub spec: FormatSpec,
    /// Whether the width is computed.
    pub computes_width: bool,
    /// Whether the precision is computed.
    pub computes_precision: bool,
}

/// An error in the format of an interpolation, such as `>8` in `{x:>8}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormatFault {
    /// The text does not have the form of a format.
    Form,
    /// A width without an alignment and without a leading zero, as in `{x:8}`. There is no default alignment, because
    /// readers expect numbers on the right and strings on the left.
    NoAlignment,
    /// The width is more than [`FormatSpec::MAX_WIDTH`].
    Width,
    /// The precision is more than [`FormatSpec::MAX_PRECISION`].
    Precision,
}

/// Stands for an expression in braces in the text of a format.
pub(super) const COMPUTED: &str = "{}";

/// A number of a format.
#[derive(Clone, Copy, PartialEq)]
enum Number {
    Missing,
    Given(u32),
    Computed,
}

impl Number {
    fn given(self) -> Option<u32> {
        match self {
            Number::Given(number) => Some(number),
            Number::Missing | Number::Computed => None,
        }
    }
}

/// Parses a format: `[[fill] < > ^] [+] [0] [width] [.precision] [x X b e ?]`, with at least one of these parts.
pub(super) fn parse_format(text: &str) -> Result<FormatText, FormatFault> {
    // A blank before an alignment is the fill, which blanks are anyway.
    let mut rest = text.trim_ascii();
    if rest.is_empty() {
        return Err(FormatFault::Form);
    }
    let (fill, align) = take_alignment(&mut rest);
    let plus = take(&mut rest, "+");
    let zero = rest.starts_with('0');
    if rest.starts_with("0{") {
        rest = &rest[1..];
    }
    let width = take_number(&mut rest, FormatSpec::MAX_WIDTH, FormatFault::Width)?;
    if width == Number::Missing && align.is_some() {
        return Err(FormatFault::Form);
    }
    if !matches!(width, Number::Missing | Number::Given(0)) && align.is_none() && !zero {
        return Err(FormatFault::NoAlignment);
    }
    let precision = match take(&mut rest, ".") {
        true => match take_number(&mut rest, FormatSpec::MAX_PRECISION, FormatFault::Precision)? {
            Number::Missing => return Err(FormatFault::Form),
            precision => precision,
        },
        false => Number::Missing,
    };
    let notation = match rest {
        "" => Notation::Plain,
        "x" => Notation::Hexadecimal,
        "X" => Notation::UpperHexadecimal,
        "b" => Notation::Binary,
        "e" => Notation::Exponent,
        "?" => Notation::Inside,
        _ => return Err(FormatFault::Form),
    };
    if zero && matches!(width, Number::Missing | Number::Given(0)) {
        return Err(FormatFault::Form);
    }
    let align = align.unwrap_or(if zero { Align::Right } else { Align::Left });
    let precision_given = if precision == Number::Computed { Some(0) } else { precision.given() };
    let width_given = width.given().unwrap_or(0);
    let spec =
        FormatSpec { align, width: width_given, fill, plus, zero, precision: precision_given, notation };
    Ok(FormatText {
        spec,
        computes_width: width == Number::Computed,
        computes_precision: precision == Number::Computed,
    })
}

/// Takes the fill and the alignment: `*>`, `>`.
fn take_alignment(rest: &mut &str) -> (char, Option<Align>) {
    let alignment = |c: Option<char>| match c? {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Centre),
        _ => None,
    };
    let mut chars = rest.chars();
    let (first, second) = (chars.next(), chars.next());
    if let (Some(fill), Some(align)) = (first, alignment(second)) {
        *rest = chars.as_str();
        return (fill, Some(align));
    }
    let align = alignment(first);
    *rest = if align.is_some() { &rest[1..] } else { rest };
    (' ', align)
}

fn take(rest: &mut &str, text: &str) -> bool {
    match rest.strip_prefix(text) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn take_number(rest: &mut &str, max: u32, fault: FormatFault) -> Result<Number, FormatFault> {
    if take(rest, COMPUTED) {
        return Ok(Number::Computed);
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(digits);
    *rest = after;
    if number.is_empty() {
        return Ok(Number::Missing);
    }
    let value = number.parse().ok().filter(|value| *value <= max).ok_or(fault)?;
    Ok(Number::Given(value))
}
