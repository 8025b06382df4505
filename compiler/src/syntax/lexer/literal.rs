//! Numbers, characters and escapes.

use super::{Lexer, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::syntax::errors;

/// Evaluates the text of a number: digits, letters and underscores, and in a float also a dot and a sign.
pub(super) fn number(text: &str, span: Span) -> Result<TokenKind, Box<Diagnostic>> {
    let digits = text.replace('_', "");
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ if digits.contains(['.', 'e', 'E']) => return float(&digits, span),
        _ => (10, digits.as_str()),
    };
    if let Some(wrong) = digits.chars().find(|c| !c.is_digit(radix)) {
        return Err(errors::bad_digit(wrong, radix, span).into());
    }
    if digits.is_empty() {
        return Err(errors::no_digits(span).into());
    }
    let value = u64::from_str_radix(digits, radix).map_err(|_| Box::new(errors::integer_too_large(span)))?;
    Ok(TokenKind::Integer(value))
}

fn float(digits: &str, span: Span) -> Result<TokenKind, Box<Diagnostic>> {
    if let Some(wrong) = digits.chars().find(|c| !c.is_ascii_digit() && !"eE.+-".contains(*c)) {
        return Err(errors::bad_digit(wrong, 10, span).into());
    }
    let value: f64 = digits.parse().map_err(|_| Box::new(errors::bad_exponent(span)))?;
    if value.is_infinite() { Err(errors::float_too_large(span).into()) } else { Ok(TokenKind::Float(value)) }
}

impl Lexer<'_> {
    /// Reads the rest of `'a'` or `b'a'`, after the opening quote.
    pub(super) fn character(&mut self, start: usize) {
        let byte = self.text[start..].starts_with('b');
        let literal = self.character_value(start);
        let literal = literal.and_then(|value| match u8::try_from(value) {
            Ok(value) if byte && value.is_ascii() => Ok(TokenKind::Byte(value)),
            _ if byte => Err(errors::byte_not_ascii(self.span(start)).into()),
            _ => Ok(TokenKind::Char(value)),
        });
        self.push_or_report(literal, start);
    }

    fn character_value(&mut self, start: usize) -> Result<char, Box<Diagnostic>> {
        let value = match self.text[self.at..].chars().next() {
            Some('\\') => self.escape(),
            Some('\'') => {
                self.at += 1;
                return Err(errors::empty_character(self.span(start)).into());
            }
            Some(other) if other != '\n' && other != '\r' => {
                self.at += other.len_utf8();
                Ok(other)
            }
            _ => return Err(errors::unterminated_character(self.span(start)).into()),
        };
        let rest = &self.text[self.at..];
        if rest.starts_with('\'') {
            self.at += 1;
            return value;
        }
        // `'abc'` is one literal with too many characters. If no quote follows the word, as in `'abc `, the literal is
        // unterminated and ends after the word.
        let line = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
        let word = line.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(line.len());
        if line[word..].starts_with('\'') {
            self.at += word + 1;
            return Err(errors::long_character(self.span(start)).into());
        }
        self.at += word;
        Err(errors::unterminated_character(self.span(start)).into())
    }

    /// Reads an escape and returns its character. Skips the escape even if it is wrong.
    pub(super) fn escape(&mut self) -> Result<char, Box<Diagnostic>> {
        let start = self.at;
        let Some(letter) = self.text[start + 1..].chars().next() else {
            // The file ends here, so the unterminated literal is reported instead.
            self.at += 1;
            return Ok('\\');
        };
        self.at += 1 + letter.len_utf8();
        match letter {
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            '0' => Ok('\0'),
            '\\' | '"' | '\'' | '{' | '}' => Ok(letter),
            'u' => self.unicode_escape(start),
            _ => Err(errors::unknown_escape(self.span(start)).into()),
        }
    }

    fn unicode_escape(&mut self, start: usize) -> Result<char, Box<Diagnostic>> {
        let rest = &self.text[self.at..];
        let Some(inside) = rest.strip_prefix('{') else {
            return Err(errors::unicode_escape_form(self.span(start)).into());
        };
        let end = inside.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(inside.len());
        let digits = &inside[..end];
        // The `{` belongs to the escape and opens no interpolation, even if the escape has no `}`.
        self.at += 1 + digits.len();
        if !inside[end..].starts_with('}') {
            return Err(errors::unicode_escape_form(self.span(start)).into());
        }
        self.at += 1;
        let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        value.ok_or_else(|| errors::not_a_scalar_value(self.span(start)).into())
    }
}
