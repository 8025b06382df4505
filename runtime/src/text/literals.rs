//! Texts as the language writes them: strings and characters in quotes, floats read back.

use std::fmt::Write;

/// A string as a literal: in double quotes, with escapes.
pub fn quoted_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    text.chars().for_each(|character| push_escaped(&mut out, character, '"'));
    out.push('"');
    out
}

/// A character as a literal: in single quotes, with escapes.
pub fn quoted_char(character: char) -> String {
    let mut out = String::from("'");
    push_escaped(&mut out, character, '\'');
    out.push('\'');
    out
}

/// What stands between quotes for a character. What could not be seen, or turns the direction of what follows, is a
/// number; a brace would begin an interpolation in a string.
fn push_escaped(out: &mut String, character: char, quote: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0' => out.push_str("\\0"),
        '\\' => out.push_str("\\\\"),
        '{' if quote == '"' => out.push_str("\\{"),
        _ if character == quote => out.extend(['\\', quote]),
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{61c}'
        | '\u{feff}' => {
            push_number(out, character);
        }
        _ if character.is_control() => push_number(out, character),
        _ => out.push(character),
    }
}

fn push_number(out: &mut String, character: char) {
    write!(out, "\\u{{{:x}}}", u32::from(character)).expect("BUG: a string takes any text");
}

/// The value of a text that is a float: as a literal of the language, or one of a whole number, with a sign perhaps, or
/// as `Show` writes those that no literal has: `inf`, `-inf`, `NaN`. Rounded to the nearest.
pub fn float(text: &str) -> Option<f64> {
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    (number == "inf" || text == "NaN" || is_number(number)).then(|| text.parse().ok()).flatten()
}

/// `digits [. digits] [e [sign] digits]`
fn is_number(text: &str) -> bool {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    [Some(whole), fraction, exponent].into_iter().flatten().all(is_digits)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_what_a_reader_would_type() {
        let cases = [
            ("", r#""""#),
            ("it's", r#""it's""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\n\r\t\0", r#""\n\r\t\0""#),
            ("{x} }", r#""\{x} }""#),
            ("\u{1b}[0m\u{202e}", r#""\u{1b}[0m\u{202e}""#),
            ("Schuß 🧵", r#""Schuß 🧵""#),
        ];
        for (text, literal) in cases {
            assert_eq!(quoted_string(text), literal);
        }
        let shown = ['a', '\'', '"', '{', '\n', '\u{7f}', '🧵'].map(quoted_char);
        assert_eq!(shown, ["'a'", r"'\''", "'\"'", "'{'", r"'\n'", r"'\u{7f}'", "'🧵'"]);
    }

    #[test]
    fn floats_are_read_as_they_are_written() {
        for (text, value) in [
            ("0.0", 0.0),
            ("1.5", 1.5),
            ("-2.5e-3", -2.5e-3),
            ("+1e9", 1e9),
            ("2.5E+3", 2500.0),
            ("42", 42.0),
            ("1e999", f64::INFINITY),
            ("inf", f64::INFINITY),
            ("-inf", f64::NEG_INFINITY),
            ("5e-324", 5e-324),
        ] {
            assert_eq!(float(text), Some(value), "{text}");
        }
        assert!(float("NaN").is_some_and(f64::is_nan));
        assert!(float("-0.0").is_some_and(|zero| zero.is_sign_negative()));
        for wrong in [
            "", "-", "+-1", "1.", ".5", "1e", "1e+", "e5", "1.5.2", "1_0.0", " 1.0", "1.0 ", "0x1",
            "infinity", "nan", "-NaN", "1,5", "１",
        ] {
            assert_eq!(float(wrong), None, "{wrong}");
        }
    }
}
