//! Runs the generated parser over a file, item by item, and recovers.
//!
//! Where the parser stops, the smallest statement, arm, field or item around the place is cut out, an `Error` token
//! put in its place, and the item read again. So one mistake costs one statement and gives one message; what follows
//! is read as if it had been right.

mod region;

use lalrpop_util::ParseError;

use super::ast::Ast;
use super::builder::Builder;
use super::errors;
use super::expected;
use super::grammar::ItemParser;
use super::layout::span_of;
use super::token::{Token, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::source::FileId;

/// How many syntax errors of one file are reported: more are of no use to anyone, and each costs another reading of
/// its item.
const MAX_ERRORS: usize = 50;

/// Parses the laid out tokens of a file. If its brackets were not balanced, a statement outside of all functions is
/// most likely a consequence.
pub(super) fn parse_items(
    file: FileId,
    text: &str,
    tokens: &[Token],
    balanced: bool,
) -> (Ast, Vec<Diagnostic>) {
    let mut parser = Parser { file, text, balanced, builder: Builder::new(file), errors: 0, lost: false };
    for item in top_level(tokens) {
        if parser.errors >= MAX_ERRORS {
            break;
        }
        parser.item(item);
    }
    (parser.builder.ast, parser.builder.diagnostics)
}

/// Where the parser stopped.
struct Stop {
    /// The index of the token it could not take; the number of tokens if more were needed.
    at: usize,
    expected: Vec<String>,
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    balanced: bool,
    builder: Builder,
    errors: usize,
    /// The last item was something that is none: so is probably the next, for the same reason.
    lost: bool,
}

impl Parser<'_> {
    fn item(&mut self, tokens: &[Token]) {
        let begins_item = matches!(&tokens[0].kind, TokenKind::Error) || tokens[0].kind.begins_item();
        let was_lost = std::mem::replace(&mut self.lost, !begins_item);
        if !begins_item {
            if !was_lost && self.balanced {
                self.errors += 1;
                let found = expected::describe(&tokens[0], self.text);
                self.builder.report(errors::statement_outside(&found, span_of(self.file, &tokens[0])));
            }
            let (start, end) = (tokens[0].start, tokens[tokens.len() - 1].end);
            let item = self.builder.item(None, false, super::ast::ItemKind::Error, start, end);
            self.builder.ast.top_level.push(item);
            return;
        }
        let mut tokens = std::borrow::Cow::Borrowed(tokens);
        let mut syntax_errors = Vec::new();
        let item = loop {
            let mark = self.builder.mark();
            match attempt(&mut self.builder, &tokens) {
                Ok(item) => break item,
                Err(stop) => {
                    self.builder.rewind(mark);
                    let region = region::around(&tokens, stop.at);
                    let known = region::is_silent(&tokens, &region, stop.at);
                    if !known && self.errors < MAX_ERRORS {
                        self.errors += 1;
                        syntax_errors.push(self.explain(&tokens, &stop));
                    }
                    region::cut_out(tokens.to_mut(), region);
                }
            }
        };
        for error in syntax_errors {
            self.builder.report(error);
        }
        self.builder.check_top_level(item);
        self.builder.ast.top_level.push(item);
    }

    fn explain(&self, tokens: &[Token], stop: &Stop) -> Diagnostic {
        expected::explain(self.file, self.text, tokens, stop.at, &stop.expected)
    }
}

fn attempt(builder: &mut Builder, tokens: &[Token]) -> Result<super::ast::ItemId, Stop> {
    let mut read = 0;
    let stream = tokens.iter().map(|token| {
        read += 1;
        Ok((token.start, token.kind.clone(), token.end))
    });
    let result = ItemParser::new().parse(builder, stream);
    result.map_err(|error| match error {
        ParseError::UnrecognizedToken { expected, .. } => Stop { at: read - 1, expected },
        ParseError::UnrecognizedEof { expected, .. } => Stop { at: tokens.len(), expected },
        ParseError::ExtraToken { .. } => Stop { at: read - 1, expected: vec!["\"separator\"".to_string()] },
        ParseError::InvalidToken { .. } | ParseError::User { .. } => {
            panic!("BUG: neither the lexer nor the actions fail")
        }
    })
}

/// The tokens of each item: what stands between separators outside all braces.
fn top_level(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0usize;
    tokens
        .split(move |token| {
            match region::nesting(&token.kind) {
                region::Nesting::Opens => depth += 1,
                region::Nesting::Closes => depth -= 1,
                region::Nesting::Neither => {}
            }
            depth == 0 && token.kind == TokenKind::Separator
        })
        .filter(|item| !item.is_empty())
}
