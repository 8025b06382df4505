//! The region to cut out around a syntax error. Brackets are balanced: `layout` has seen to that.

use std::ops::Range;

use crate::syntax::token::{Nesting, Token, TokenKind};

/// The tokens of the smallest statement, arm, field or item that the token at `stop` is in. When only an `Error`
/// is left of it, that one does not fit either: then the next larger.
pub(super) fn around(tokens: &[Token], stop: usize) -> Range<usize> {
    let open = open_brackets(tokens, stop);
    for (level, bracket) in open.iter().enumerate().rev().filter(|(_, bracket)| bracket.is_brace(tokens)) {
        let commas = bracket.separates_with_commas(tokens);
        let start = bracket.entry_start(commas);
        let end = entry_end(tokens, stop, open.len() - 1 - level, commas);
        let start = start + value_start(&tokens[start..stop.min(end)]).unwrap_or(0);
        let hopeless = matches!(&tokens[start..end], [only] if only.kind == TokenKind::Error);
        if !hopeless {
            return start..end;
        }
    }
    0..tokens.len()
}

/// The text before the token at `at` in the braces around it, and in the braces around those: whole statements,
/// arms, fields and members, which need not be read again to find out what is wrong after `at`.
pub(super) fn complete_before(tokens: &[Token], at: usize) -> Vec<Range<usize>> {
    let open = open_brackets(tokens, at);
    let braces = open.iter().filter(|bracket| bracket.is_brace(tokens));
    braces.map(|brace| brace.at + 1..brace.entry_start(brace.separates_with_commas(tokens))).collect()
}

/// Whether something was already reported there.
pub(super) fn is_silent(tokens: &[Token], region: &Range<usize>, stop: usize) -> bool {
    tokens[region.clone()].iter().any(|token| token.silent)
        || tokens.get(stop).is_some_and(|token| token.silent)
}

/// Puts an `Error` in place of the region, which may be empty.
pub(super) fn cut_out(tokens: &mut Vec<Token>, region: Range<usize>) {
    let start = match tokens.get(region.start) {
        Some(token) => token.start,
        None => tokens[tokens.len() - 1].end,
    };
    let end = tokens[region.clone()].last().map_or(start, |last| last.end);
    let error = Token { kind: TokenKind::Error, start, end, first_on_line: false, silent: true };
    tokens.splice(region, [error]);
}

/// A bracket that is open at some place, and what separates directly in it before that place.
struct OpenBracket {
    at: usize,
    /// After the last separator, or after the bracket.
    after_separator: usize,
    /// The same for separators and commas.
    after_comma: usize,
}

/// The brackets that are open before the token at `at`, the outermost first.
fn open_brackets(tokens: &[Token], at: usize) -> Vec<OpenBracket> {
    let mut open: Vec<OpenBracket> = Vec::new();
    for (at, token) in tokens[..at].iter().enumerate() {
        let after = at + 1;
        match token.kind.nesting() {
            Nesting::Opens => open.push(OpenBracket { at, after_separator: after, after_comma: after }),
            Nesting::Closes => drop(open.pop()),
            Nesting::Neither => match (&token.kind, open.last_mut()) {
                (TokenKind::Separator, Some(last)) => {
                    (last.after_separator, last.after_comma) = (after, after)
                }
                (TokenKind::Comma, Some(last)) => last.after_comma = after,
                _ => {}
            },
        }
    }
    open
}

impl OpenBracket {
    fn is_brace(&self, tokens: &[Token]) -> bool {
        tokens[self.at].kind == TokenKind::BraceOpen
    }

    fn entry_start(&self, commas: bool) -> usize {
        if commas { self.after_comma } else { self.after_separator }
    }

    /// Whether the entries of these braces may end with commas: arms, fields and variants. What stands before the
    /// brace tells.
    fn separates_with_commas(&self, tokens: &[Token]) -> bool {
        use TokenKind::*;
        let mut depth = 0usize;
        for token in tokens[..self.at].iter().rev() {
            match token.kind.nesting() {
                Nesting::Closes => depth += 1,
                Nesting::Opens if depth == 0 => return false,
                Nesting::Opens => depth -= 1,
                Nesting::Neither if depth > 0 => {}
                Nesting::Neither => match token.kind {
                    Match | Select | Struct | Enum | Import => return true,
                    Separator | FatArrow | Equal | If | Else | While | For | Loop | Scope | Spawn => {
                        return false;
                    }
                    Bar | OrOr | Fn | Test | Impl | Trait | Extern | Return | Let | Defer => return false,
                    _ => {}
                },
            }
        }
        false
    }
}

/// The next separator from `stop` on, or the closing brace, after `depth` more brackets have closed.
fn entry_end(tokens: &[Token], stop: usize, mut depth: usize, commas: bool) -> usize {
    for (at, token) in tokens.iter().enumerate().skip(stop) {
        match token.kind.nesting() {
            Nesting::Opens => depth += 1,
            Nesting::Closes if depth == 0 => return at,
            Nesting::Closes => depth -= 1,
            Nesting::Neither if depth > 0 => {}
            Nesting::Neither => {
                if token.kind == TokenKind::Separator || (commas && token.kind == TokenKind::Comma) {
                    return at;
                }
            }
        }
    }
    tokens.len()
}

/// In `let x = ...` and `pattern => ...` the part that was read can stay: where what follows the sign begins.
fn value_start(entry: &[Token]) -> Option<usize> {
    let binds = matches!(entry.first().map(|first| &first.kind), Some(TokenKind::Let | TokenKind::Var));
    let sign = if binds { TokenKind::Equal } else { TokenKind::FatArrow };
    let mut depth = 0usize;
    for (at, token) in entry.iter().enumerate() {
        match token.kind.nesting() {
            Nesting::Opens => depth += 1,
            Nesting::Closes => depth = depth.saturating_sub(1),
            Nesting::Neither if depth == 0 && token.kind == sign => return Some(at + 1),
            Nesting::Neither => {}
        }
    }
    None
}
