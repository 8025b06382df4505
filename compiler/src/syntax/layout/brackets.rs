//! Matching of brackets.

use super::span_of;
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::MAX_NESTING;
use crate::syntax::errors;
use crate::syntax::token::{Nesting, Token, TokenKind};

/// The open brackets at the current token.
pub(super) struct Brackets<'a> {
    file: FileId,
    text: &'a str,
    /// Whether a bracket counts as unclosed at the first token that cannot be inside it, such as `struct` at the start
    /// of a line. Otherwise it counts as unclosed only at another closing bracket or at the end of the file.
    by_lines: bool,
    open: Vec<Open>,
    /// Whether the current token is after `fn name` and before the parameters.
    in_signature: bool,
    /// Whether more than [`MAX_NESTING`] brackets are open: the rest of the file is then skipped.
    pub(super) too_deep: bool,
    pub(super) diagnostics: Vec<Diagnostic>,
}

struct Open {
    kind: TokenKind,
    span: Span,
    /// Whether the bracket is the `{` after `select`.
    select: bool,
    /// Whether the bracket is the `(` after the name of a declared function.
    parameters: bool,
}

impl Open {
    fn closing(&self) -> TokenKind {
        match self.kind {
            TokenKind::ParenOpen => TokenKind::ParenClose,
            TokenKind::BracketOpen => TokenKind::BracketClose,
            TokenKind::InterpolationOpen => TokenKind::InterpolationClose,
            _ => TokenKind::BraceClose,
        }
    }

    fn is_round_or_square(&self) -> bool {
        matches!(self.kind, TokenKind::ParenOpen | TokenKind::BracketOpen)
    }
}

impl<'a> Brackets<'a> {
    pub(super) fn new(file: FileId, text: &'a str, by_lines: bool) -> Brackets<'a> {
        Brackets {
            file,
            text,
            by_lines,
            open: Vec::new(),
            in_signature: false,
            too_deep: false,
            diagnostics: Vec::new(),
        }
    }

    /// Whether a newline before the current token can be a separator: at the top level and directly inside braces.
    pub(super) fn newlines_separate(&self) -> bool {
        self.open.last().is_none_or(|open| open.kind == TokenKind::BraceOpen)
    }

    pub(super) fn in_select(&self) -> bool {
        self.open.last().is_some_and(|open| open.select)
    }

    /// Closes the brackets that `token` cannot be inside of; returns the closing brackets to insert before `token`.
    pub(super) fn missing_before(&mut self, token: &Token, last: Option<&TokenKind>) -> Vec<TokenKind> {
        if !self.by_lines || self.open.is_empty() {
            return Vec::new();
        }
        let after_parameters = match token.kind {
            // In parameters an arrow can only belong to a function type, which has a `)` before the arrow. Otherwise
            // the `)` of the parameters is missing.
            TokenKind::Arrow => last != Some(&TokenKind::ParenClose),
            _ => token.kind == TokenKind::BraceOpen,
        };
        if after_parameters && self.open.last().is_some_and(|open| open.parameters) {
            return self.close_down_to(self.open.len() - 1, Some(span_of(self.file, token)));
        }
        if !token.first_on_line {
            return Vec::new();
        }
        let start = token.start as usize;
        let first_column = start == 0 || self.text.as_bytes()[start - 1] == b'\n';
        let keep = if first_column && token.kind.begins_item() {
            0
        } else if begins_statement_only(&token.kind) || self.begins_operand_after(last, token) {
            self.open.iter().rposition(|open| !open.is_round_or_square()).map_or(0, |brace| brace + 1)
        } else {
            return Vec::new();
        };
        self.close_down_to(keep, Some(span_of(self.file, token)))
    }

    /// Whether `token` is an operand that follows another operand: inside parentheses or square brackets this means
    /// that a closing bracket is missing.
    fn begins_operand_after(&self, last: Option<&TokenKind>, token: &Token) -> bool {
        let after_operand = last.is_some_and(TokenKind::can_end_statement);
        let opens = token.kind.nesting() == Nesting::Opens;
        after_operand
            && token.kind.is_operand()
            && !opens
            && self.open.last().is_some_and(Open::is_round_or_square)
    }

    pub(super) fn missing_at_end(&mut self) -> Vec<TokenKind> {
        self.close_down_to(0, None)
    }

    /// Closes all but the outermost `keep` open brackets and reports each; returns the closing brackets to insert.
    fn close_down_to(&mut self, keep: usize, until: Option<Span>) -> Vec<TokenKind> {
        let mut closing = Vec::new();
        for open in self.open.drain(keep..).rev() {
            // The lexer has already reported an interpolation that is never closed.
            if !self.too_deep && open.kind != TokenKind::InterpolationOpen {
                self.diagnostics.push(errors::unclosed(open.kind.text(), open.span, until));
            }
            closing.push(open.closing());
        }
        closing
    }

    /// Opens or closes a bracket if `token` is one. Returns the closing brackets to insert before the token, and the
    /// token to use in place of `token`.
    pub(super) fn take(&mut self, token: Token, last: Option<&TokenKind>) -> (Vec<TokenKind>, Token) {
        if matches!(token.kind, TokenKind::Identifier(_)) && last == Some(&TokenKind::Fn) {
            self.in_signature = true;
        }
        match token.kind {
            TokenKind::ParenOpen
            | TokenKind::BracketOpen
            | TokenKind::BraceOpen
            | TokenKind::InterpolationOpen => {
                let select = token.kind == TokenKind::BraceOpen && last == Some(&TokenKind::Select);
                let span = span_of(self.file, &token);
                if self.open.len() == MAX_NESTING {
                    self.too_deep = true;
                    self.diagnostics.push(errors::too_deep(span));
                }
                let parameters = token.kind == TokenKind::ParenOpen && std::mem::take(&mut self.in_signature);
                self.open.push(Open { kind: token.kind.clone(), span, select, parameters });
                (Vec::new(), token)
            }
            TokenKind::ParenClose
            | TokenKind::BracketClose
            | TokenKind::BraceClose
            | TokenKind::InterpolationClose => self.take_closing(token),
            _ => (Vec::new(), token),
        }
    }

    fn take_closing(&mut self, token: Token) -> (Vec<TokenKind>, Token) {
        let span = span_of(self.file, &token);
        let closes = |open: &Open| open.closing() == token.kind;
        let round_or_square = matches!(token.kind, TokenKind::ParenClose | TokenKind::BracketClose);
        // A `)` or `]` closes no bracket outside the innermost open braces.
        let reach = match round_or_square {
            true => {
                self.open.iter().rposition(|open| !open.is_round_or_square()).map_or(0, |brace| brace + 1)
            }
            false => 0,
        };
        if let Some(partner) = self.open[reach..].iter().rposition(closes) {
            let missing = self.close_down_to(reach + partner + 1, Some(span));
            self.open.pop();
            return (missing, token);
        }
        match self.open.pop_if(|open| round_or_square && open.is_round_or_square()) {
            Some(open) => {
                let error = errors::mismatched(token.kind.text(), span, open.kind.text(), open.span);
                self.diagnostics.push(error);
                (Vec::new(), Token { kind: open.closing(), silent: true, ..token })
            }
            None => {
                self.diagnostics.push(errors::unopened(token.kind.text(), span));
                (Vec::new(), Token { kind: TokenKind::Error, silent: true, ..token })
            }
        }
    }
}

/// Whether the token begins a statement or an item and cannot be inside parentheses.
fn begins_statement_only(kind: &TokenKind) -> bool {
    let item = kind.begins_item() && !matches!(kind, TokenKind::Fn | TokenKind::Doc(_));
    item || matches!(kind, TokenKind::Let | TokenKind::Var | TokenKind::Defer)
}
