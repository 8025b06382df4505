//! Numbers and padded text. The runtime has its own implementation; both implementations follow the definition of the
//! language.

use weft_abi::{Align, FormatSpec, Notation};

/// A string, padded to a width. Only the width, the alignment and the fill matter.
pub(super) fn string(value: &str, spec: FormatSpec) -> String {
    pad(value, spec)
}

/// An integer. In hexadecimal and binary, a negative integer is written as its 64 bits in two's complement.
pub(super) fn int(value: i64, spec: FormatSpec) -> String {
    let digits = match spec.notation {
        Notation::Plain | Notation::Exponent | Notation::Inside if value < 0 => {
            return pad_number(&value.to_string(), spec);
        }
        Notation::Plain | Notation::Exponent | Notation::Inside => value.to_string(),
        Notation::Hexadecimal => format!("{value:x}"),
        Notation::UpperHexadecimal => format!("{value:X}"),
        Notation::Binary => format!("{value:b}"),
    };
    pad_number(&signed(digits, spec), spec)
}

/// A float with the requested digits after the point, otherwise with the fewest digits that read back as the same
/// float.
pub(super) fn float(value: f64, spec: FormatSpec) -> String {
    let has_exponent = spec.notation == Notation::Exponent;
    let digits = match spec.precision {
        Some(precision) if has_exponent => format!("{value:.*e}", precision as usize),
        None if has_exponent => format!("{value:e}"),
        Some(precision) => format!("{value:.*}", precision as usize),
        None => shortest(value),
    };
    let digits = if digits.starts_with(['-', 'N']) { digits } else { signed(digits, spec) };
    if value.is_finite() { pad_number(&digits, spec) } else { pad(&digits, spec) }
}

/// The fewest digits that read back as the same float, with `.0` after a whole number. Numbers below 1e-4, and from
/// 1e16 on, have an exponent.
pub(super) fn shortest(value: f64) -> String {
    format!("{value:?}")
}

/// A string or a character as a literal of the language between the given quotes. Control characters, and characters
/// that change the direction of text, are escaped as numbers. In a string, `{` is escaped, because it would begin an
/// interpolation.
pub(super) fn quoted(text: &str, quote: char) -> String {
    let escaped = text.chars().map(|char| match char {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        '\0' => "\\0".to_owned(),
        '\\' => "\\\\".to_owned(),
        '{' if quote == '"' => "\\{".to_owned(),
        char if char == quote => format!("\\{quote}"),
        char if char.is_control() || BIDIRECTIONAL.contains(&char) => format!("\\u{{{:x}}}", u32::from(char)),
        char => char.to_string(),
    });
    format!("{quote}{}{quote}", escaped.collect::<String>())
}

/// Characters that change the direction of the text after them, and the byte order mark.
const BIDIRECTIONAL: [char; 13] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

/// The value of a text of the form `[sign] digits [. digits] [e [sign] digits]`, or of a text that [`shortest`] writes.
pub(super) fn read_float(text: &str) -> Option<f64> {
    if matches!(text, "NaN" | "inf" | "-inf" | "+inf") {
        return text.parse().ok();
    }
    let starts_well = text.trim_start_matches(['-', '+']).starts_with(|char: char| char.is_ascii_digit());
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let digits_follow_points =
        text.split('.').skip(1).all(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    // Rust's `parse` also accepts texts such as `.5`, `5.` and `infinity`; these conditions exclude them.
    (starts_well && is_plain && digits_follow_points).then(|| text.parse().ok()).flatten()
}

/// The digits of a number that is not negative, with the sign `+` if the format asks for it.
fn signed(digits: String, spec: FormatSpec) -> String {
    if spec.plus { format!("+{digits}") } else { digits }
}

fn pad_number(digits: &str, spec: FormatSpec) -> String {
    if !spec.zero {
        return pad(digits, spec);
    }
    let (sign, digits) = digits.split_at(usize::from(digits.starts_with(['-', '+'])));
    format!("{sign}{digits:0>width$}", width = (spec.width as usize).saturating_sub(sign.len()))
}

fn pad(text: &str, spec: FormatSpec) -> String {
    let missing = (spec.width as usize).saturating_sub(text.chars().count());
    let left = match spec.align {
        Align::Left => 0,
        Align::Right => missing,
        Align::Centre => missing / 2,
    };
    let fill = |count: usize| spec.fill.to_string().repeat(count);
    format!("{}{text}{}", fill(left), fill(missing - left))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: FormatSpec = FormatSpec { align: Align::Right, ..FormatSpec::PLAIN };

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
        assert_eq!(int(-1, FormatSpec { notation: Notation::Hexadecimal, ..wide }), "f".repeat(16));
    }

    #[test]
    fn literals_show_what_cannot_be_seen() {
        assert_eq!(quoted("a\"b\\{c}\n\t\0'\u{1b}\u{202e}ß", '"'), r#""a\"b\\\{c}\n\t\0'\u{1b}\u{202e}ß""#);
        assert_eq!(["'", "\"", "{", "\r"].map(|text| quoted(text, '\'')), [r"'\''", "'\"'", "'{'", r"'\r'"]);
    }

    #[test]
    fn floats_are_read_as_they_are_written() {
        let read = ["0.0", "-2.5e-3", "+1e9", "2.5E+3", "42", "-inf"].map(read_float);
        assert_eq!(read, [0.0, -2.5e-3, 1e9, 2500.0, 42.0, f64::NEG_INFINITY].map(Some));
        assert!(read_float("NaN").is_some_and(f64::is_nan));
        let wrong = [
            "", "-", "+-1", "1.", ".5", "1e", "1e+", "e5", "1.5.2", "1.e5", "1_0.0", " 1.0", "1.0 ", "0x1",
            "infinity", "nan", "-NaN", "1,5", "１",
        ];
        for text in wrong {
            assert_eq!(read_float(text), None, "{text}");
        }
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
