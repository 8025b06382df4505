//! The lexer: from text to tokens. Newlines are not tokens here; `layout` inserts a separator for each newline that
//! ends a statement or an item.
//!
//! A string with interpolations becomes several tokens: each piece of text between interpolations is one token, and the
//! tokens of an interpolated expression are between `InterpolationOpen` and `InterpolationClose`. A lexical error is
//! reported and leaves an `Error` token, so that the parser does not report the same mistake again.

/// Numbers, characters and escapes.
mod literal;
/// Strings, interpolations and formats.
mod string;

use logos::Logos;

use super::ast::Symbol;
use super::errors;
use super::token::{Token, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// The result of the lexer.
pub struct Lexed {
    /// The tokens in order.
    pub tokens: Vec<Token>,
    /// The text of the `//!` lines.
    pub doc: Option<String>,
    /// The lexical errors.
    pub diagnostics: Vec<Diagnostic>,
    /// The start of a string or comment that is never closed, if there is one. Syntax errors after that position are
    /// meaningless, so they are not reported.
    pub unterminated: Option<u32>,
}

/// The pieces of text that the generated lexer recognises. It reads only the start of a string, a character or a
/// comment; hand-written code reads the rest.
#[derive(Logos, Clone, Copy, PartialEq, Debug)]
enum Raw {
    #[regex(r"\r?\n")]
    Newline,
    #[regex(r"[ \t]+")]
    Blank,
    #[token("//")]
    LineComment,
    #[token("/*")]
    BlockComment,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    #[regex(r"[0-9][0-9A-Za-z_]*")]
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9A-Za-z_]*")]
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?[eE][+-][0-9A-Za-z_]*")]
    Number,
    #[regex(r#"r#*""#)]
    Verbatim,
    #[token("\"")]
    Quote,
    #[token("b\"")]
    ByteQuote,
    #[token("'")]
    #[token("b'")]
    Apostrophe,
    #[regex(r"[()\[\]{},:;?~.]|\.\.=?|->|=>|==?|!=?|<=?|>=?|&&|\|\|")]
    #[regex(r"[*+-]%?=?|[/%&^|]=?|<<=?|>>>?=?")]
    Symbol,
}

/// Splits the text of a file into tokens.
pub fn lex(file: FileId, text: &str) -> Lexed {
    let mut lexer = Lexer {
        file,
        text,
        at: 0,
        first_on_line: true,
        interpolations: Vec::new(),
        pending_doc: None,
        out: Lexed { tokens: Vec::new(), doc: None, diagnostics: Vec::new(), unterminated: None },
    };
    while lexer.at < text.len() {
        lexer.next();
    }
    lexer.finish()
}

/// An open interpolation of a string.
struct Interpolation {
    /// The position of the interpolation's opening brace.
    start: usize,
    /// The position of the string's opening quote.
    quote: usize,
    /// The open brackets inside the interpolation. A colon begins the format only if no bracket is open, and `}` ends
    /// the interpolation only if no brace is open.
    brackets: Vec<TokenKind>,
    /// The position of the colon before the format, and the format's text so far.
    format: Option<(usize, String)>,
    /// Whether this is an expression in the format of another interpolation: `{w}` in `{x:>{w}}`.
    argument: bool,
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    /// The position of the next byte to read.
    at: usize,
    first_on_line: bool,
    interpolations: Vec<Interpolation>,
    /// The doc comment that is being read: the text of its lines so far, and the token for the whole comment.
    pending_doc: Option<(String, Token)>,
    out: Lexed,
}

impl Lexer<'_> {
    fn next(&mut self) {
        let start = self.at;
        if self.after_dot() && self.tuple_index() {
            return;
        }
        let mut raw = Raw::lexer(&self.text[start..]);
        let Some(Ok(kind)) = raw.next() else {
            return self.unexpected_character();
        };
        self.at = start + raw.span().end;
        match kind {
            Raw::Newline => self.first_on_line = true,
            Raw::Blank => {}
            Raw::LineComment => self.line_comment(start),
            Raw::BlockComment => self.block_comment(start),
            Raw::Word => {
                let text = &self.text[start..self.at];
                let kind =
                    TokenKind::keyword(text).unwrap_or_else(|| TokenKind::Identifier(Symbol::new(text)));
                self.push(kind, start);
            }
            Raw::Number => {
                let number = literal::number(&self.text[start..self.at], self.span(start));
                self.push_or_report(number, start);
            }
            Raw::Verbatim => self.raw_string(start),
            Raw::Quote => self.string(start),
            Raw::ByteQuote => self.byte_string(start),
            Raw::Apostrophe => self.character(start),
            Raw::Symbol => self.symbol(start),
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.flush_doc();
        let silent = kind == TokenKind::Error;
        let first_on_line = std::mem::replace(&mut self.first_on_line, false);
        let token = Token { kind, start: start as u32, end: self.at as u32, first_on_line, silent };
        self.out.tokens.push(token);
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    fn push_or_report(&mut self, token: Result<TokenKind, Box<Diagnostic>>, start: usize) {
        let kind = token.unwrap_or_else(|diagnostic| {
            self.report(*diagnostic);
            TokenKind::Error
        });
        self.push(kind, start);
    }

    fn after_dot(&self) -> bool {
        self.out.tokens.last().is_some_and(|last| last.kind == TokenKind::Dot && last.end as usize == self.at)
    }

    /// Reads the digits after a dot as the index of a tuple field, so that `0.1` in `t.0.1` is not a float. Returns
    /// `false` and reads nothing if there are no digits, or if a letter follows them.
    fn tuple_index(&mut self) -> bool {
        let start = self.at;
        let digits = self.text[start..].bytes().take_while(u8::is_ascii_digit).count();
        let glued = self.text[start + digits..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if digits == 0 || glued {
            return false;
        }
        self.at += digits;
        let number = literal::number(&self.text[start..self.at], self.span(start));
        self.push_or_report(number, start);
        true
    }

    fn symbol(&mut self, start: usize) {
        let kind = TokenKind::symbol(&self.text[start..self.at])
            .expect("BUG: the pattern for symbols matches something that is not in the table");
        let Some(interpolation) = self.interpolations.last_mut() else {
            return self.push(kind, start);
        };
        let brackets = &mut interpolation.brackets;
        match kind {
            TokenKind::Colon if brackets.is_empty() && !interpolation.argument => return self.format(start),
            TokenKind::BraceClose if !brackets.contains(&TokenKind::BraceOpen) => {
                self.push(TokenKind::InterpolationClose, start);
                let ended = self.interpolations.pop();
                return match ended.as_ref().is_some_and(|ended| ended.argument) {
                    true => self.format_rest(),
                    false => self.string_rest(ended.map_or(start, |ended| ended.quote)),
                };
            }
            TokenKind::ParenOpen | TokenKind::BracketOpen | TokenKind::BraceOpen => {
                brackets.push(kind.clone())
            }
            TokenKind::ParenClose | TokenKind::BracketClose => {
                brackets.pop_if(|open| *open != TokenKind::BraceOpen);
            }
            TokenKind::BraceClose => {
                let open = brackets.iter().rposition(|open| *open == TokenKind::BraceOpen);
                brackets.truncate(open.unwrap_or(0));
            }
            _ => {}
        }
        self.push(kind, start);
    }

    fn line_comment(&mut self, start: usize) {
        let rest = &self.text[self.at..];
        let end = rest.find('\n').unwrap_or(rest.len());
        let line = rest[..end].strip_suffix('\r').unwrap_or(&rest[..end]);
        self.at += end;
        if let Some(doc) = line.strip_prefix('!')
            && self.out.tokens.is_empty()
        {
            let text = self.out.doc.get_or_insert_default();
            append_doc_line(text, doc);
        } else if let Some(doc) = line.strip_prefix('/')
            && !doc.starts_with('/')
        {
            self.doc_comment(doc, start);
        }
    }

    /// Adds a line to the pending doc comment: all `///` lines up to the next token become one token.
    fn doc_comment(&mut self, line: &str, start: usize) {
        let end = self.at as u32;
        let (text, token) = self.pending_doc.get_or_insert_with(|| {
            let kind = TokenKind::Doc("".into());
            (String::new(), Token { kind, start: start as u32, end, first_on_line: true, silent: false })
        });
        append_doc_line(text, line);
        token.end = end;
    }

    fn flush_doc(&mut self) {
        if let Some((text, token)) = self.pending_doc.take() {
            self.out.tokens.push(Token { kind: TokenKind::Doc(text.into()), ..token });
        }
    }

    fn block_comment(&mut self, start: usize) {
        let mut depth = 1;
        let bytes = self.text.as_bytes();
        while depth > 0 {
            match (bytes.get(self.at), bytes.get(self.at + 1)) {
                (Some(b'/'), Some(b'*')) => (depth, self.at) = (depth + 1, self.at + 2),
                (Some(b'*'), Some(b'/')) => (depth, self.at) = (depth - 1, self.at + 2),
                (Some(byte), _) => {
                    self.first_on_line |= *byte == b'\n';
                    self.at += 1;
                }
                (None, _) => {
                    self.out.unterminated = Some(start as u32);
                    self.report(errors::unterminated_comment(Span::new(self.file, start, start + 2)));
                    return;
                }
            }
        }
    }

    fn unexpected_character(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else { return };
        self.at += first.len_utf8();
        if first.is_alphanumeric() {
            // A word in another alphabet is reported as a whole, as one mistake.
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.at = start + word.max(first.len_utf8());
            let diagnostic = errors::foreign_identifier(self.span(start));
            self.report(diagnostic);
        } else {
            let diagnostic = errors::unexpected_character(first, self.span(start));
            self.report(diagnostic);
        }
        self.push(TokenKind::Error, start);
    }

    /// Finishes the output at the end of the file; reports an interpolation that is still open.
    fn finish(mut self) -> Lexed {
        self.flush_doc();
        if let Some(outermost) = self.interpolations.first()
            && self.out.unterminated.is_none()
        {
            let span = Span::new(self.file, outermost.start, outermost.start + 1);
            let quote = Span::new(self.file, outermost.quote, outermost.quote + 1);
            self.out.unterminated = Some(outermost.quote as u32);
            self.out.diagnostics.push(errors::unterminated_interpolation(span, quote));
        }
        self.out
    }
}

fn append_doc_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
}
