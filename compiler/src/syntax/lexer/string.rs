//! Strings with their interpolations and formats.

use super::super::format::{COMPUTED, parse_format};
use super::{Interpolation, Lexer, TokenKind};
use crate::source::Span;
use crate::syntax::errors;

/// The end of a piece of text in a string.
enum Stop {
    Quote,
    Brace,
    EndOfFile,
}

impl Lexer<'_> {
    /// Reads the rest of `r#"..."#`, after the opening quote.
    pub(super) fn raw_string(&mut self, start: usize) {
        let hashes = self.at - start - 2;
        let closing = format!("\"{}", "#".repeat(hashes));
        let rest = &self.text[self.at..];
        let Some(length) = rest.find(&closing) else {
            let opening = Span::new(self.file, start, self.at);
            return self.unterminated_string(opening);
        };
        let text = rest[..length].replace("\r\n", "\n").into();
        self.at += length + closing.len();
        self.push(TokenKind::String(text), start);
    }

    /// Reads the rest of a string, after its opening quote.
    pub(super) fn string(&mut self, quote: usize) {
        let start = self.at;
        let (text, stop) = self.string_text();
        match stop {
            Stop::Quote => {
                self.at += 1;
                self.push(TokenKind::String(text.into()), quote);
            }
            Stop::Brace => {
                let end = std::mem::replace(&mut self.at, start);
                self.push(TokenKind::StringOpen, quote);
                self.at = end;
                self.text_part(text, start);
                self.interpolation(quote);
            }
            Stop::EndOfFile => self.unterminated_string(Span::new(self.file, quote, quote + 1)),
        }
    }

    /// Reads the rest of a string, after an interpolation.
    pub(super) fn string_rest(&mut self, quote: usize) {
        let start = self.at;
        let (text, stop) = self.string_text();
        self.text_part(text, start);
        match stop {
            Stop::Quote => {
                let start = self.at;
                self.at += 1;
                self.push(TokenKind::StringClose, start);
            }
            Stop::Brace => self.interpolation(quote),
            Stop::EndOfFile => self.unterminated_string(Span::new(self.file, quote, quote + 1)),
        }
    }

    fn text_part(&mut self, text: String, start: usize) {
        if !text.is_empty() {
            self.push(TokenKind::StringText(text.into()), start);
        }
    }

    fn interpolation(&mut self, quote: usize) {
        let start = self.at;
        self.at += 1;
        self.push(TokenKind::InterpolationOpen, start);
        self.interpolations.push(Interpolation {
            start,
            quote,
            brackets: Vec::new(),
            format: None,
            argument: false,
        });
    }

    /// Reads text up to a quote or a brace. Every newline in the text becomes `\n`, also if the file has `\r\n`.
    fn string_text(&mut self) -> (String, Stop) {
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(['"', '{', '\\', '\r']).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            match rest[plain..].bytes().next() {
                None => return (text, Stop::EndOfFile),
                Some(b'"') => return (text, Stop::Quote),
                Some(b'{') => return (text, Stop::Brace),
                Some(b'\\') => match self.escape() {
                    Ok(value) => text.push(value),
                    Err(diagnostic) => self.report(*diagnostic),
                },
                Some(_) => {
                    self.at += 1;
                    if !self.text[self.at..].starts_with('\n') {
                        text.push('\r');
                    }
                }
            }
        }
    }

    /// Reports an unterminated string. If the string is inside an interpolation, `finish` reports the interpolation
    /// instead.
    pub(super) fn unterminated_string(&mut self, opening: Span) {
        if self.interpolations.is_empty() {
            let multi_line = self.last_multi_line_string();
            self.out.unterminated = Some(multi_line.unwrap_or(opening).start);
            self.report(errors::unterminated_string(opening, multi_line));
        }
        self.at = self.text.len();
        self.push(TokenKind::Error, opening.start as usize);
    }

    /// The opening quote of the last string without interpolations that spans several lines, if any. Most likely the
    /// closing quote of that string was forgotten, so that it ends at the opening quote of a later string.
    fn last_multi_line_string(&self) -> Option<Span> {
        let spans_lines = |start: u32, end: u32| self.text[start as usize..end as usize].contains('\n');
        let mut strings =
            self.out.tokens.iter().rev().filter(|token| matches!(token.kind, TokenKind::String(_)));
        let found = strings.find(|token| spans_lines(token.start, token.end))?;
        Some(Span::new(self.file, found.start as usize, found.start as usize + 1))
    }

    /// Begins to read the format `:>8`, after the colon.
    pub(super) fn format(&mut self, colon: usize) {
        if let Some(interpolation) = self.interpolations.last_mut() {
            interpolation.format = Some((colon, String::new()));
        }
        self.format_rest();
    }

    /// Reads a format up to the closing brace, or up to an expression in braces, which is read like an interpolation.
    pub(super) fn format_rest(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let length = rest.find(['}', '{', '"', '\n']).unwrap_or(rest.len());
        self.at += length;
        let Some(interpolation) = self.interpolations.last_mut() else { return };
        let Some((colon, text)) = &mut interpolation.format else { return };
        text.push_str(&rest[..length]);
        if rest[length..].starts_with('{') {
            text.push_str(COMPUTED);
            let (quote, start) = (interpolation.quote, self.at);
            self.at += 1;
            self.push(TokenKind::InterpolationOpen, start);
            let argument = Interpolation { start, quote, brackets: Vec::new(), format: None, argument: true };
            self.interpolations.push(argument);
            return;
        }
        let (colon, text) = (*colon, std::mem::take(text));
        let format = match parse_format(&text) {
            Ok(format) => Some(format),
            // The file ends here, so the open interpolation is reported instead.
            Err(_) if self.at == self.text.len() => None,
            Err(fault) => {
                let diagnostic = errors::bad_format(&text, fault, self.span(colon));
                self.report(diagnostic);
                None
            }
        };
        self.push(TokenKind::Format(format), start);
    }
}
