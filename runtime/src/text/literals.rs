//! Literals: quoted strings and characters, and parsing of floats.

use std::io::Write;

/// Appends a text in quotes, with escapes: a string in double quotes, a character in single quotes.
pub fn push_quoted(out: &mut Vec<u8>, text: &str, quote: char) {
    each_quoted(text, quote, |part| out.extend_from_slice(part));
}

/// The number of bytes that [`push_quoted`] appends.
pub fn quoted_size(text: &str, quote: char) -> usize {
    let mut size = 0;
    each_quoted(text, quote, |part| size += part.len());
    size
}

/// Calls `put` with the parts of a text in quotes.
fn each_quoted(text: &str, quote: char, mut put: impl FnMut(&[u8])) {
    put(quote.encode_utf8(&mut [0; 4]).as_bytes());
    for character in text.chars() {
        put_escaped(character, quote, &mut put);
    }
    put(quote.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Calls `put` with a character as it is written between quotes. Control characters without a shorter escape,
/// characters that change the direction of text and the byte order mark become `\u{...}`; an opening brace in a string
/// is escaped, since it would begin an interpolation.
fn put_escaped(character: char, quote: char, put: &mut impl FnMut(&[u8])) {
    match character {
        '\n' => put(b"\\n"),
        '\r' => put(b"\\r"),
        '\t' => put(b"\\t"),
        '\0' => put(b"\\0"),
        '\\' => put(b"\\\\"),
        '{' if quote == '"' => put(b"\\{"),
        _ if character == quote => {
            put(b"\\");
            put(quote.encode_utf8(&mut [0; 4]).as_bytes());
        }
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{61c}'
        | '\u{feff}' => put_number(character, put),
        _ if character.is_control() => put_number(character, put),
        _ => put(character.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Calls `put` with a character as an escape with its number, such as `\u{1b}`, without an allocation.
fn put_number(character: char, put: &mut impl FnMut(&[u8])) {
    let mut number = [0; "\\u{10ffff}".len()];
    let mut rest = &mut number[..];
    write!(rest, "\\u{{{:x}}}", u32::from(character)).expect("BUG: a character with more than six digits");
    let unused = rest.len();
    put(&number[..number.len() - unused]);
}

/// Reads a float: digits, perhaps with a point and an exponent, or `inf`, each with an optional sign; or `NaN` without
/// a sign. Returns the nearest float; `None` for any other text.
pub fn float(text: &str) -> Option<f64> {
    // `parse` checks the rest. It accepts a point without a digit on one side, and more names.
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_number = bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'0'..=b'9' | b'+' | b'-' | b'e' | b'E' => true,
        b'.' => at > 0 && is_digit(at - 1) && is_digit(at + 1),
        _ => false,
    });
    (is_number || matches!(text, "inf" | "+inf" | "-inf" | "NaN")).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str, quote: char) -> String {
        let mut out = Vec::new();
        push_quoted(&mut out, text, quote);
        assert_eq!(out.len(), quoted_size(text, quote));
        String::from_utf8(out).unwrap()
    }

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
            assert_eq!(quoted(text, '"'), literal);
        }
        let shown = ["a", "'", "\"", "{", "\n", "\u{7f}", "🧵"].map(|text| quoted(text, '\''));
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
