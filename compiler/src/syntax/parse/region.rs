//! What to cut out around a syntax error. Brackets are balanced: `layout` has seen to that.

use std::ops::Range;

use crate::syntax::token::{Nesting, Token, TokenKind};

/// The tokens of the smallest statement, arm, field or item that the token at `stop` is in. When only an `Error`
/// is left of it, that one does not fit either: then the next larger.
pub(super) fn around(tokens: &[Token], stop: usize) -> Range<usize> {
    let mut inside = stop;
    while let Some(entry) = Entry::around(tokens, inside) {
        let read = &tokens[entry.start..inside.min(entry.end)];
        let start = entry.start + value_start(read).unwrap_or(0);
        let hopeless = matches!(&tokens[start..entry.end], [only] if only.kind == TokenKind::Error);
        if !hopeless {
            return start..entry.end;
        }
        inside = entry.open;
    }
    0..tokens.len()
}

/// What stands before the token at `at` in the braces around it, and in the braces around those: whole statements,
/// arms, fields and members, which need not be read again to find out what is wrong after `at`.
pub(super) fn complete_before(tokens: &[Token], at: usize) -> Vec<Range<usize>> {
    let mut complete = Vec::new();
    let mut inside = at;
    while let Some(entry) = Entry::around(tokens, inside) {
        complete.push(entry.open + 1..entry.start);
        inside = entry.open;
    }
    complete.reverse();
    complete
}

/// A statement, arm, field or member.
struct Entry {
    /// The `{` it stands in.
    open: usize,
    start: usize,
    end: usize,
}

impl Entry {
    /// The smallest around the token at `inside`; `None` outside of all braces.
    fn around(tokens: &[Token], inside: usize) -> Option<Entry> {
        let open = enclosing_brace(tokens, inside)?;
        let commas = separates_with_commas(tokens, open);
        let start = entry_start(tokens, open, inside, commas);
        let end = entry_end(tokens, inside, commas);
        Some(Entry { open, start, end })
    }
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

/// The innermost `{` that is open before the token at `inside`.
fn enclosing_brace(tokens: &[Token], inside: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens[..inside].iter().enumerate().rev() {
        match token.kind.nesting() {
            Nesting::Closes => depth += 1,
            Nesting::Opens if depth > 0 => depth -= 1,
            Nesting::Opens if token.kind == TokenKind::BraceOpen => return Some(at),
            Nesting::Opens | Nesting::Neither => {}
        }
    }
    None
}

/// Whether the entries of these braces may end with commas: arms, fields and variants.
fn separates_with_commas(tokens: &[Token], open: usize) -> bool {
    let mut depth = 0usize;
    for token in tokens[..open].iter().rev() {
        use TokenKind::*;
        match token.kind.nesting() {
            Nesting::Closes => depth += 1,
            Nesting::Opens if depth > 0 => depth -= 1,
            Nesting::Opens => return false,
            Nesting::Neither if depth > 0 => {}
            Nesting::Neither => match token.kind {
                Match | Select | Struct | Enum | Import => return true,
                Separator | FatArrow | Equal | If | Else | While | For | Loop | Scope | Spawn => {
                    return false;
                }
                Bar | OrOr | Fn | Test | Impl | Trait | Extern | Return | Let => return false,
                _ => {}
            },
        }
    }
    false
}

fn separates(kind: &TokenKind, commas: bool) -> bool {
    *kind == TokenKind::Separator || (commas && *kind == TokenKind::Comma)
}

/// Goes back from `inside` to the last separator directly in the braces.
fn entry_start(tokens: &[Token], open: usize, inside: usize, commas: bool) -> usize {
    let mut depth = 0usize;
    let mut start = open + 1;
    for (at, token) in tokens[..inside].iter().enumerate().skip(open + 1) {
        match token.kind.nesting() {
            Nesting::Opens => depth += 1,
            Nesting::Closes => depth -= 1,
            Nesting::Neither if depth == 0 && separates(&token.kind, commas) => start = at + 1,
            Nesting::Neither => {}
        }
    }
    start
}

/// Goes on from `inside` to the next separator directly in the braces, or to their end.
fn entry_end(tokens: &[Token], inside: usize, commas: bool) -> usize {
    // The place itself may be in parentheses, which close first.
    let mut depth = round_depth(tokens, inside);
    for (at, token) in tokens.iter().enumerate().skip(inside) {
        match token.kind.nesting() {
            Nesting::Opens => depth += 1,
            Nesting::Closes if depth == 0 => return at,
            Nesting::Closes => depth -= 1,
            Nesting::Neither if depth == 0 && separates(&token.kind, commas) => return at,
            Nesting::Neither => {}
        }
    }
    tokens.len()
}

/// How many brackets are open between `inside` and the brace around it.
fn round_depth(tokens: &[Token], inside: usize) -> usize {
    let (mut closed, mut open) = (0usize, 0usize);
    for token in tokens[..inside].iter().rev() {
        match token.kind.nesting() {
            Nesting::Closes => closed += 1,
            Nesting::Opens if closed > 0 => closed -= 1,
            Nesting::Opens if token.kind == TokenKind::BraceOpen => break,
            Nesting::Opens => open += 1,
            Nesting::Neither => {}
        }
    }
    open
}

/// In `let x = ...` and `pattern => ...` the part that was read can stay: where what follows the sign begins.
fn value_start(entry: &[Token]) -> Option<usize> {
    use TokenKind::*;
    let binds = matches!(entry.first().map(|first| &first.kind), Some(Let | Var));
    let sign = if binds { Equal } else { FatArrow };
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
