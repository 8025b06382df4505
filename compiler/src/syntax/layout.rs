//! Layout: decides which newlines are separators, matches brackets, and recognises contextual keywords.
//!
//! In the output every bracket has its partner. Layout reports each missing bracket and inserts a `silent` one. It
//! reports each wrong closing bracket and replaces it: `)` after `[` becomes `]`, and a bracket without a partner
//! becomes an `Error` token. So the parser can skip whole pairs of brackets when it recovers from an error.

/// Matching of brackets.
mod brackets;

use super::token::{Token, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

use brackets::Brackets;

/// The result of layout: tokens for the parser.
pub struct LaidOut {
    /// The tokens, with separators and balanced brackets.
    pub tokens: Vec<Token>,
    /// The errors in brackets.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether brackets nest too deeply. If so, an error was reported, and the tokens end at the bracket over the
    /// limit.
    pub too_deep: bool,
}

/// Inserts separators between the tokens of a file and balances its brackets.
pub fn lay_out(file: FileId, text: &str, tokens: Vec<Token>) -> LaidOut {
    let plain = Layout::run(file, text, &tokens, false);
    let laid_out = if plain.brackets.diagnostics.is_empty() {
        plain
    } else {
        // A bracket is missing or superfluous. The second run also uses the starts of lines to find the bracket.
        Layout::run(file, text, &tokens, true)
    };
    let Brackets { diagnostics, too_deep, .. } = laid_out.brackets;
    LaidOut { tokens: laid_out.out, diagnostics, too_deep }
}

struct Layout<'a> {
    tokens: &'a [Token],
    brackets: Brackets<'a>,
    out: Vec<Token>,
}

impl<'a> Layout<'a> {
    fn run(file: FileId, text: &'a str, tokens: &'a [Token], by_lines: bool) -> Layout<'a> {
        let brackets = Brackets::new(file, text, by_lines);
        let mut layout = Layout { tokens, brackets, out: Vec::with_capacity(tokens.len() * 5 / 4) };
        for (at, token) in tokens.iter().enumerate() {
            if layout.brackets.too_deep {
                break;
            }
            let last = layout.out.last().map(|last| &last.kind);
            let missing = layout.brackets.missing_before(token, last);
            layout.close(missing, token);
            layout.separate(at);
            let kind = layout.contextual(at);
            layout.place(Token { kind, ..token.clone() });
        }
        let end = text.len() as u32;
        let missing = layout.brackets.missing_at_end();
        let end = Token { kind: TokenKind::Separator, start: end, end, first_on_line: true, silent: true };
        layout.close(missing, &end);
        layout
    }

    /// Inserts the closing brackets that are missing before `token`.
    fn close(&mut self, missing: Vec<TokenKind>, token: &Token) {
        let at = self.out.last().map_or(token.start, |last| last.end);
        let closing = |kind| Token { kind, start: at, end: at, first_on_line: false, silent: true };
        self.out.extend(missing.into_iter().map(closing));
    }

    /// Inserts a separator before the token at `at` if the newline before that token ends a statement, arm, field or
    /// item. (`place` turns `;` into separators.) There are never two separators in a row, and none at the start of the
    /// file or after `{`.
    fn separate(&mut self, at: usize) {
        let token = &self.tokens[at];
        let Some(last) = self.out.last() else { return };
        let arm = token.kind == TokenKind::Else && self.kind(at + 1) == Some(&TokenKind::FatArrow);
        let newline = token.first_on_line
            && self.brackets.newlines_separate()
            && last.kind.can_end_statement_laid_out()
            && (arm || !token.kind.only_continues());
        if newline {
            let (start, end) = (last.end, token.start);
            self.out.push(Token {
                kind: TokenKind::Separator,
                start,
                end,
                first_on_line: false,
                silent: false,
            });
        }
    }

    fn place(&mut self, token: Token) {
        match token.kind {
            TokenKind::Semicolon => {
                let redundant = self
                    .out
                    .last()
                    .is_none_or(|last| matches!(last.kind, TokenKind::Separator | TokenKind::BraceOpen));
                if !redundant {
                    self.out.push(Token { kind: TokenKind::Separator, ..token });
                }
            }
            _ => {
                let last = self.out.last().map(|last| last.kind.clone());
                let (missing, token) = self.brackets.take(token, last.as_ref());
                self.close(missing, &token);
                self.out.push(token);
            }
        }
    }

    /// The kind of the token at `at` for the parser. Contextual keywords (`share`, `from`, `after`) have kinds of their
    /// own, and so have `else` after a value, and `return`, `break` and `yield` without a value.
    fn contextual(&self, at: usize) -> TokenKind {
        let kind = &self.tokens[at].kind;
        let next = self.tokens.get(at + 1);
        let on_this_line = |next: &&Token| !(next.first_on_line && self.brackets.newlines_separate());
        match kind {
            TokenKind::Return | TokenKind::Break | TokenKind::Yield => {
                let value = next.filter(on_this_line).is_some_and(|next| next.kind.begins_expression());
                match kind {
                    TokenKind::Return if !value => TokenKind::ReturnAlone,
                    TokenKind::Break if !value => TokenKind::BreakAlone,
                    TokenKind::Yield if !value => TokenKind::YieldAlone,
                    _ => kind.clone(),
                }
            }
            // An `else` after `}` belongs to an `if`, or is an arm of a `select`.
            TokenKind::Else if next.is_some_and(|next| next.kind == TokenKind::BraceOpen) => {
                match self.last() {
                    Some(
                        TokenKind::BraceClose
                        | TokenKind::BraceOpen
                        | TokenKind::Separator
                        | TokenKind::Comma,
                    )
                    | None => TokenKind::Else,
                    Some(_) => TokenKind::ElseOfLet,
                }
            }
            TokenKind::Identifier(word) => {
                let is_before_fn = next.filter(on_this_line).is_some_and(|next| next.kind == TokenKind::Fn);
                let next = next.map(|next| &next.kind);
                match word.as_str() {
                    "share" if is_before_fn => TokenKind::Share,
                    "from"
                        if self.last() == Some(&TokenKind::Yield)
                            && next.is_some_and(TokenKind::is_operand) =>
                    {
                        TokenKind::From
                    }
                    "after" if self.begins_select_arm() && next.is_some_and(TokenKind::is_operand) => {
                        TokenKind::After
                    }
                    _ => kind.clone(),
                }
            }
            _ => kind.clone(),
        }
    }

    fn kind(&self, at: usize) -> Option<&TokenKind> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn last(&self) -> Option<&TokenKind> {
        self.out.last().map(|last| &last.kind)
    }

    fn begins_select_arm(&self) -> bool {
        let first =
            matches!(self.last(), Some(TokenKind::BraceOpen | TokenKind::Separator | TokenKind::Comma));
        first && self.brackets.in_select()
    }
}

impl TokenKind {
    /// The same as [`TokenKind::can_end_statement`], for the kinds that `contextual` returns.
    fn can_end_statement_laid_out(&self) -> bool {
        let alone = matches!(self, TokenKind::ReturnAlone | TokenKind::BreakAlone | TokenKind::YieldAlone);
        alone || self.can_end_statement()
    }
}

/// The place of a token.
pub(super) fn span_of(file: FileId, token: &Token) -> Span {
    Span { file, start: token.start, end: token.end }
}
