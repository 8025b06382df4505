//! Runs the generated parser over a file, item by item, with error recovery.
//!
//! When the parser stops at a token, recovery cuts out the smallest statement, arm, field or item around that token,
//! puts an `Error` token in its place, and parses the item again. So a mistake loses one statement and causes one
//! message, and the code after it is parsed as usual.

/// The text to cut out around a syntax error.
mod region;

use lalrpop_util::ParseError;

use super::ast::{Ast, ItemId, ItemKind};
use super::builder::Builder;
use super::errors;
use super::expected_tokens;
use super::grammar::ItemParser;
use super::layout::span_of;
use super::token::{Nesting, Token, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::source::FileId;

/// The maximum number of regions that recovery cuts out of a file. It trades complete reports against compile time:
/// each cut parses the item again.
const MAX_CUTS: usize = 50;

/// The state of the brackets of a file.
#[derive(Clone, Copy)]
pub(super) struct BracketState {
    /// Whether all brackets had their partners. If not, a missing or superfluous bracket is most likely the reason for
    /// a statement outside all functions, so the statement is not reported.
    pub(super) balanced: bool,
    /// Whether too deep nesting was already reported.
    pub(super) too_deep: bool,
}

/// Parses the tokens of a file, as `layout` returns them.
pub(super) fn parse_items(
    file: FileId,
    text: &str,
    tokens: &[Token],
    brackets: BracketState,
) -> (Ast, Vec<Diagnostic>) {
    let mut builder = Builder::new(file);
    builder.reported_depth = brackets.too_deep;
    builder.brackets_repaired = !brackets.balanced;
    let mut parser = Parser { file, text, balanced: brackets.balanced, builder, cuts: 0, lost: false };
    for item in top_level(tokens) {
        let id = parser.item(item);
        parser.builder.ast.top_level.push(id);
    }
    (parser.builder.ast, parser.builder.diagnostics)
}

/// The place where the parser stopped, and the tokens it expected there.
struct Stop {
    /// The index of the unexpected token; the number of tokens if the input ended too early.
    at: usize,
    expected: Vec<String>,
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    balanced: bool,
    builder: Builder,
    cuts: usize,
    /// Whether the previous item was a function without a body, or did not begin with a token that begins an item. If
    /// the next item does not begin with such a token either, the same mistake is most likely the cause, and the next
    /// item is not reported.
    lost: bool,
}

impl Parser<'_> {
    fn item(&mut self, tokens: &[Token]) -> ItemId {
        let begins_item = tokens[0].kind == TokenKind::Error || tokens[0].kind.begins_item();
        let was_lost = std::mem::replace(&mut self.lost, !begins_item);
        if begins_item {
            return match self.attempt(tokens) {
                Ok(id) => {
                    // After a function whose missing body was reported, the next item is probably that body.
                    self.lost = self.builder.check_top_level(id);
                    id
                }
                Err(stop) => self.recover(tokens, stop),
            };
        }
        if !was_lost && self.balanced {
            let found = expected_tokens::describe(&tokens[0], self.text);
            let error = errors::statement_outside(&found, span_of(self.file, &tokens[0]));
            self.builder.report(match expected_tokens::foreign_word(&tokens[0]) {
                Some(note) => error.with_note(note),
                None => error.with_note("statements stand in functions: a program begins at `fn main() { }`"),
            });
        }
        self.error_item(tokens)
    }

    fn error_item(&mut self, tokens: &[Token]) -> ItemId {
        self.builder.item(None, false, ItemKind::Error, tokens[0].start, tokens[tokens.len() - 1].end)
    }

    /// Cuts out the regions around errors until the item can be parsed. To find the next error fast, parses a copy of
    /// the item without the complete statements before the last cut.
    fn recover(&mut self, tokens: &[Token], first: Stop) -> ItemId {
        let mut syntax_errors = Vec::new();
        let mut cut = tokens.to_vec();
        let mut stop = first;
        let id = loop {
            self.cuts += 1;
            if self.cuts > MAX_CUTS {
                break self.error_item(tokens);
            }
            let region = region::around(&cut, stop.at);
            if !region::is_silent(&cut, &region, stop.at) {
                syntax_errors.push(expected_tokens::explain(
                    self.file,
                    self.text,
                    &cut,
                    stop.at,
                    &stop.expected,
                ));
            }
            let resume = region.start;
            region::cut_out(&mut cut, region);
            let next = match self.attempt_from(&cut, resume) {
                Some(stop) => Err(stop),
                None => self.attempt(&cut),
            };
            match next {
                Ok(id) => {
                    self.lost = self.builder.check_top_level(id);
                    break id;
                }
                Err(next) => stop = next,
            }
        };
        syntax_errors.into_iter().for_each(|error| self.builder.report(error));
        id
    }

    /// Parses the item without the complete statements before `resume`; returns the place where the parser stops, or
    /// `None` if parsing succeeds.
    fn attempt_from(&mut self, tokens: &[Token], resume: usize) -> Option<Stop> {
        let mut kept = Vec::with_capacity(tokens.len());
        let mut next = 0;
        for complete in region::complete_before(tokens, resume) {
            kept.extend(next..complete.start);
            next = complete.end;
        }
        kept.extend(next..tokens.len());
        let probe: Vec<Token> = kept.iter().map(|&at| tokens[at].clone()).collect();
        let mark = self.builder.mark();
        let outcome = self.attempt(&probe);
        self.builder.rewind(mark);
        let Stop { at, expected } = outcome.err()?;
        Some(Stop { at: kept.get(at).copied().unwrap_or(tokens.len()), expected })
    }

    /// Parses an item. On failure, removes what was built for it.
    fn attempt(&mut self, tokens: &[Token]) -> Result<ItemId, Stop> {
        let mark = self.builder.mark();
        let mut read = 0;
        let stream = tokens.iter().map(|token| {
            read += 1;
            Ok((token.start, token.kind.clone(), token.end))
        });
        let result = ItemParser::new().parse(&mut self.builder, stream);
        result.map_err(|error| {
            self.builder.rewind(mark);
            match error {
                ParseError::UnrecognizedToken { expected, .. } => Stop { at: read - 1, expected },
                ParseError::UnrecognizedEof { expected, .. } => Stop { at: tokens.len(), expected },
                ParseError::ExtraToken { .. } | ParseError::InvalidToken { .. } | ParseError::User { .. } => {
                    panic!("BUG: the grammar has no such errors")
                }
            }
        })
    }
}

/// Splits the tokens of a file into items, at the separators that are outside all brackets.
fn top_level(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0usize;
    tokens
        .split(move |token| {
            match token.kind.nesting() {
                Nesting::Opens => depth += 1,
                Nesting::Closes => depth -= 1,
                Nesting::Neither => {}
            }
            depth == 0 && token.kind == TokenKind::Separator
        })
        .filter(|item| !item.is_empty())
}
