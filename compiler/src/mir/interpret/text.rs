//! Numbers and padded text. The runtime has its own; what both must write is in the language's contract.

use weft_abi::{Align, FormatSpec, Radix};

/// A string in a width. Zeros, digits and radix mean nothing here.
pub(super) fn string(value: &str, spec: FormatSpec) -> String {
    pad(value, spec)
}

/// An integer; in hexadecimal and binary a negative one shows its 64 bits.
pub(super) fn int(value: i64, spec: FormatSpec) -> String {
    let digits = match spec.radix {
        Radix::Decimal => value.to_string(),
        Radix::Hexadecimal => format!("{value:x}"),
        Radix::Binary => format!("{value:b}"),
    };
    pad_number(&digits, spec)
}

/// A float with as many digits after the point as asked for, else the shortest that read back the same.
pub(super) fn float(value: f64, spec: FormatSpec) -> String {
    let digits = match spec.precision {
        Some(precision) => format!("{value:.*}", precision as usize),
        None => shortest(value),
    };
    if value.is_finite() { pad_number(&digits, spec) } else { pad(&digits, spec) }
}

/// The shortest digits that read back the same, with `.0` when whole; an exponent below 1e-4 and from 1e16 on.
pub(super) fn shortest(value: f64) -> String {
    format!("{value:?}")
}

fn pad_number(digits: &str, spec: FormatSpec) -> String {
    if !spec.zero {
        return pad(digits, spec);
    }
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    format!("{sign}{digits:0>width$}", width = (spec.width as usize).saturating_sub(sign.len()))
}

fn pad(text: &str, spec: FormatSpec) -> String {
    let width = spec.width as usize;
    match spec.align {
        Align::Left => format!("{text:<width$}"),
        Align::Right => format!("{text:>width$}"),
        Align::Centre => format!("{text:^width$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: FormatSpec =
        FormatSpec { align: Align::Right, width: 0, zero: false, precision: None, radix: Radix::Decimal };

    #[test]
    fn widths_count_characters_and_zeros_follow_the_sign() {
        let wide = FormatSpec { width: 7, ..PLAIN };
        let zeros = FormatSpec { zero: true, ..wide };
        assert_eq!(string("äöü", wide), "    äöü");
        assert_eq!(string("äöü", FormatSpec { align: Align::Centre, ..wide }), "  äöü  ");
        assert_eq!(string("ab", FormatSpec { align: Align::Left, ..zeros }), "ab     ");
        assert_eq!(int(-42, zeros), "-000042");
        assert_eq!(int(-123_456_789, zeros), "-123456789");
        assert_eq!(float(-1.5, zeros), "-0001.5");
        assert_eq!(float(f64::NEG_INFINITY, zeros), "   -inf");
        assert_eq!(int(-1, FormatSpec { radix: Radix::Hexadecimal, ..wide }), "f".repeat(16));
    }

    #[test]
    fn floats_read_back() {
        let shown = [1.0, -0.0, 0.1, 1e15, 1e16, 1e-4, 1e-5, 5e-324, f64::NAN, f64::INFINITY].map(shortest);
        let expected =
            ["1.0", "-0.0", "0.1", "1000000000000000.0", "1e16", "0.0001", "1e-5", "5e-324", "NaN", "inf"];
        assert_eq!(shown, expected);
        assert_eq!(float(2.5, FormatSpec { precision: Some(0), ..PLAIN }), "2");
    }
}
