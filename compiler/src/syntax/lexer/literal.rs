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
    match i64::try_from(value) {
        Err(_) if radix != 10 => Ok(TokenKind::Bits(value)),
        _ => Ok(TokenKind::Integer(value)),
    }
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
        let is_byte = self.text[start..].starts_with('b');
        let is_hexadecimal = is_byte && self.text[self.at..].starts_with("\\x");
        let literal = self.character_value(start, is_hexadecimal);
        let literal = literal.and_then(|value| match u8::try_from(value) {
            Ok(value) if is_hexadecimal || is_byte && value.is_ascii() => Ok(TokenKind::Byte(value)),
            _ if is_byte => Err(errors::byte_not_ascii(self.span(start)).into()),
            _ => Ok(TokenKind::Char(value)),
        });
        self.push_or_report(literal, start);
    }

    /// Reads the rest of `b"ab\x00"`, after the opening quote. A brace has no special meaning.
    pub(super) fn byte_string(&mut self, start: usize) {
        let mut bytes = Vec::new();
        loop {
            let at = self.at;
            let Some(next) = self.text[at..].chars().next() else {
                return self.unterminated_string(Span::new(self.file, start, start + 2));
            };
            let byte = match next {
                '"' => break,
                '\\' => self.byte_escape(),
                _ => {
                    self.at += next.len_utf8();
                    let is_line_ending = next == '\r' && self.text[self.at..].starts_with('\n');
                    match u8::try_from(next) {
                        _ if is_line_ending => continue,
                        Ok(byte) if byte.is_ascii() => Ok(byte),
                        _ => Err(errors::byte_string_not_ascii(next, self.span(at)).into()),
                    }
                }
            };
            match byte {
                Ok(byte) => bytes.push(byte),
                Err(diagnostic) => self.report(*diagnostic),
            }
        }
        self.at += 1;
        self.push(TokenKind::Bytes(bytes.into()), start);
    }

    /// Reads an escape of a byte string and returns its byte. Skips the escape even if it is wrong.
    fn byte_escape(&mut self) -> Result<u8, Box<Diagnostic>> {
        let start = self.at;
        if self.text[start..].starts_with("\\x") {
            return self.hexadecimal_escape();
        }
        let is_known = self.text[start + 1..].starts_with(['n', 'r', 't', '0', '\\', '"', '\'']);
        let value = self.escape();
        match value.map(u8::try_from) {
            Ok(Ok(byte)) if is_known => Ok(byte),
            _ => Err(errors::unknown_byte_escape(self.span(start)).into()),
        }
    }

    /// Reads `\x80`.
    fn hexadecimal_escape(&mut self) -> Result<u8, Box<Diagnostic>> {
        let start = self.at;
        let rest = &self.text[start + 2..];
        let digits = rest.chars().take(2).take_while(char::is_ascii_hexdigit).count();
        self.at += 2 + digits;
        match u8::from_str_radix(&rest[..digits], 16) {
            Ok(byte) if digits == 2 => Ok(byte),
            _ => Err(errors::hexadecimal_escape_form(self.span(start)).into()),
        }
    }

    fn character_value(&mut self, start: usize, is_hexadecimal: bool) -> Result<char, Box<Diagnostic>> {
        let value = match self.text[self.at..].chars().next() {
            Some('\\') if is_hexadecimal => self.hexadecimal_escape().map(char::from),
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
