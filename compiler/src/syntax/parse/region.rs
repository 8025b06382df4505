//! The region to cut out around a syntax error. `layout` guarantees that brackets are balanced.

use std::ops::Range;

use crate::syntax::token::{Nesting, Token, TokenKind};

/// The smallest statement, arm, field or item around the token at `stop`. If a previous cut has already replaced it
/// with an `Error` token, returns the next larger statement, arm, field or item.
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

/// The complete statements, arms, fields and members before the token at `at`, in all braces around that token: one
/// range for each pair of braces. The parser need not read these ranges again to find an error after `at`.
pub(super) fn complete_before(tokens: &[Token], at: usize) -> Vec<Range<usize>> {
    let open = open_brackets(tokens, at);
    let braces = open.iter().filter(|bracket| bracket.is_brace(tokens));
    braces.map(|brace| brace.at + 1..brace.entry_start(brace.separates_with_commas(tokens))).collect()
}

/// Whether an error was already reported in the region or at `stop`.
pub(super) fn is_silent(tokens: &[Token], region: &Range<usize>, stop: usize) -> bool {
    tokens[region.clone()].iter().any(|token| token.silent)
        || tokens.get(stop).is_some_and(|token| token.silent)
}

/// Replaces the region, which may be empty, with an `Error` token.
pub(super) fn cut_out(tokens: &mut Vec<Token>, region: Range<usize>) {
    let start = match tokens.get(region.start) {
        Some(token) => token.start,
        None => tokens[tokens.len() - 1].end,
    };
    let end = tokens[region.clone()].last().map_or(start, |last| last.end);
    let error = Token { kind: TokenKind::Error, start, end, first_on_line: false, silent: true };
    tokens.splice(region, [error]);
}

/// A bracket that is open at a given token, and the start of the entry that contains this token.
struct OpenBracket {
    at: usize,
    /// The index after the last separator directly inside the bracket, or after the bracket if there is none.
    after_separator: usize,
    /// The index after the last separator or comma directly inside the bracket, or after the bracket if there is none.
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

    /// Whether commas may end the entries of these braces, as in lists of arms, fields and variants. The keyword or
    /// symbol before the brace decides.
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
                    Separator | FatArrow | Equal | If | Else | ElseOfLet | While | For | Loop | Scope
                    | Spawn => {
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

/// The end of the entry that contains the token at `stop`: the index of the first separator or closing bracket directly
/// inside the braces of the entry. `depth` is the number of brackets inside the entry that are open at `stop`.
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

/// The index after the `=` of `let x = ...` or the `=>` of `pattern => ...`, if the entry has such a sign. The parser
/// has accepted the tokens up to the sign, so recovery cuts out only the value after the sign.
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
