//! Messages about unexpected tokens. They name the expected tokens in the user's words.

use super::errors;
use super::layout::span_of;
use super::token::{Nesting, Token, TokenKind};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, Span};

/// Returns the error for the unexpected token at `at`, or for the end of the item if `at` is past the last token.
/// `expected` contains the grammar's names of the expected tokens.
pub(super) fn explain(
    file: FileId,
    text: &str,
    tokens: &[Token],
    at: usize,
    expected: &[String],
) -> Diagnostic {
    let expected = Expected(expected);
    let previous = at.checked_sub(1).map(|before| &tokens[before]);
    let Some(found) = tokens.get(at) else {
        return unexpected(file, text, &expected, previous, None);
    };
    let span = span_of(file, found);
    // In a block a doc comment belongs to a function.
    let doc = previous.filter(|token| matches!(token.kind, TokenKind::Doc(_)));
    let doc = doc.filter(|_| expected.has("fn") && !expected.has("struct"));
    let error = match &found.kind {
        _ if doc.is_some() => errors::misplaced_doc(doc.map_or(span, |doc| span_of(file, doc))),
        TokenKind::Doc(_) => errors::misplaced_doc(span),
        kind if kind.begins_item() && expected.has("defer") => errors::item_in_block(item_name(kind), span),
        TokenKind::Equal if expected.has("+=") || expected.has("separator") => {
            errors::assignment_target(span)
        }
        TokenKind::Equal if expected.has("==") => errors::assignment_as_value(span),
        kind => {
            let error = unexpected(file, text, &expected, previous, Some(found));
            let brace_below = *kind == TokenKind::Separator
                && expected.has("{")
                && tokens.get(at + 1).is_some_and(|next| next.kind == TokenKind::BraceOpen);
            if brace_below {
                error.with_note("write the `{` on the same line: a newline ends the statement")
            } else if is_loose(kind) && expected.has("if") {
                error.with_note("in the middle of an expression put it in parentheses")
            } else if *kind == TokenKind::Defer && expected.has("integer") {
                error.with_note("`defer` is a statement: it stands by itself in a block")
            } else if *kind == TokenKind::Let && expected.has("integer") {
                error.with_note(
                    "a condition with `let` stands in an `if` or `while`, and `&&` joins it with others",
                )
            } else if is_open_range(kind, previous) && expected.has("integer") {
                error.with_note("a range without a start or an end stands only in brackets, as in `xs[1..]`")
            } else if *kind == TokenKind::Else && expected.has("separator") {
                error.with_note("in a `let` with `else`, put a value that ends with `}` in parentheses")
            } else if *kind == TokenKind::As {
                error.with_note("convert with a method, such as `n.to_float()` or `x.to_int()`")
            } else if *kind == TokenKind::BraceOpen && previous.is_some_and(names_type) {
                error.with_note("build a struct like a call: `Point(x: 1, y: 2)`")
            } else if kind.is_keyword() && expected.phrase() == "a name" {
                error.with_note(format!("`{}` is a keyword", kind.text()))
            } else {
                error
            }
        }
    };
    let closes = expected.has(")") || expected.has("]");
    let foreign = previous.and_then(foreign_word).or_else(|| foreign_word(found));
    let error = match foreign {
        Some(note) => error.with_note(note),
        None => error,
    };
    match open_bracket(&tokens[..at]).filter(|_| closes && found.first_on_line) {
        Some(open) => errors::with_opening(error, open.kind.text(), span_of(file, open)),
        None => error,
    }
}

/// Whether the token, at which an expression is missing, begins or ends a range.
fn is_open_range(kind: &TokenKind, previous: Option<&Token>) -> bool {
    let is_dots = |kind: &TokenKind| matches!(kind, TokenKind::DotDot | TokenKind::DotDotEqual);
    is_dots(kind) || previous.is_some_and(|token| is_dots(&token.kind))
}

/// Whether the token is a name that begins with a capital letter, as the names of types do.
fn names_type(token: &Token) -> bool {
    matches!(&token.kind, TokenKind::Identifier(name) if name.as_str().starts_with(|c: char| c.is_uppercase()))
}

/// The note to show for a keyword from another language.
pub(super) fn foreign_word(token: &Token) -> Option<&'static str> {
    let TokenKind::Identifier(word) = &token.kind else { return None };
    match word.as_str() {
        "and" => Some("\"and\" is written `&&`"),
        "or" => Some("\"or\" is written `||`"),
        "not" => Some("\"not\" is written `!`"),
        "elif" | "elseif" | "elsif" => Some("write `else if`"),
        "mut" => Some("declare a variable that can be assigned with `var`"),
        "func" | "def" | "function" | "fun" => Some("a function begins with `fn`"),
        "class" => Some("a type with fields begins with `struct`"),
        "go" | "async" => Some("`spawn f()` starts a green thread"),
        _ => None,
    }
}

/// The innermost bracket that is still open after the tokens.
fn open_bracket(tokens: &[Token]) -> Option<&Token> {
    let mut closed = 0usize;
    tokens.iter().rev().find(|token| match token.kind.nesting() {
        Nesting::Closes => {
            closed += 1;
            false
        }
        Nesting::Opens if closed > 0 => {
            closed -= 1;
            false
        }
        Nesting::Opens => true,
        Nesting::Neither => false,
    })
}

fn unexpected(
    file: FileId,
    text: &str,
    expected: &Expected<'_>,
    previous: Option<&Token>,
    found: Option<&Token>,
) -> Diagnostic {
    let end_of_previous = previous.map_or(0, |token| token.end);
    let after = previous.filter(|token| !token.silent && token.kind != TokenKind::Separator);
    let after = after.map(|token| describe(token, text));
    let (found, span) = match found {
        Some(token) if token.kind != TokenKind::Separator || is_semicolon(token, text) => {
            (describe(token, text), span_of(file, token))
        }
        _ => {
            let at_end = text[end_of_previous as usize..].trim().is_empty();
            let found = if at_end { "the end of the file" } else { "the end of the line" };
            (found.to_string(), Span { file, start: end_of_previous, end: end_of_previous })
        }
    };
    errors::unexpected(&expected.phrase(), after.as_deref(), &found, span)
}

/// The description of a token in messages.
pub(super) fn describe(token: &Token, text: &str) -> String {
    match &token.kind {
        TokenKind::String(_) | TokenKind::StringOpen | TokenKind::StringClose | TokenKind::StringText(_) => {
            "a string".to_string()
        }
        TokenKind::Bytes(_) => "a byte string".to_string(),
        TokenKind::Doc(_) => "a doc comment".to_string(),
        TokenKind::Separator if !is_semicolon(token, text) => "the end of the line".to_string(),
        _ => format!("`{}`", &text[token.start as usize..token.end as usize]),
    }
}

fn is_semicolon(token: &Token, text: &str) -> bool {
    text[token.start as usize..token.end as usize].starts_with(';')
}

/// Whether an expression that begins with this token needs parentheses to be an operand: `a && spawn b` is wrong,
/// `a && (spawn b)` is right.
fn is_loose(kind: &TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        Spawn | Return | ReturnAlone | Break | BreakAlone | Continue | Yield | YieldAlone | Bar | OrOr
    )
}

fn item_name(kind: &TokenKind) -> &'static str {
    match kind {
        TokenKind::Fn | TokenKind::Gen => "a function",
        TokenKind::Const => "a constant",
        TokenKind::Struct => "a struct",
        TokenKind::Enum => "an enum",
        TokenKind::Import => "an import",
        TokenKind::Type => "a type alias",
        TokenKind::Trait => "a trait",
        TokenKind::Impl => "an `impl`",
        TokenKind::Extern => "an `extern`",
        TokenKind::Test => "a test",
        _ => "an item",
    }
}

/// The grammar's names of the expected tokens, each in double quotes.
struct Expected<'a>(&'a [String]);

/// Tokens that can follow almost every operand. Messages do not list them among the expected tokens.
const CONTINUATIONS: &[&str] = &[
    "*", "/", "%", "*%", "+", "-", "+%", "-%", "<<", ">>", ">>>", "&", "^", "|", "..", "..=", "==", "!=",
    "<", "<=", ">", ">=", "&&", "||", "*=", "/=", "%=", "*%=", "+=", "-=", "+%=", "-%=", "<<=", ">>=",
    ">>>=", "&=", "^=", "|=", ".", "?", "(", "[", "error", "as", "doc",
];

impl Expected<'_> {
    fn has(&self, token: &str) -> bool {
        self.tokens().any(|expected| expected == token)
    }

    fn tokens(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|name| name.trim_matches('"'))
    }

    fn phrase(&self) -> String {
        if self.has("defer") {
            return "a statement".to_string();
        }
        if self.has("integer") && self.has("if") {
            return "an expression".to_string();
        }
        if self.has("integer") && self.has("_") {
            return "a pattern".to_string();
        }
        if self.has("share") {
            return "a type".to_string();
        }
        if self.has("struct") {
            return "an item".to_string();
        }
        let mut telling: Vec<&str> = self.tokens().filter(|token| !CONTINUATIONS.contains(token)).collect();
        if telling.contains(&"separator") {
            // A statement may end here. The user most likely meant to end it, so tokens that continue it are not
            // listed.
            telling.retain(|token| matches!(*token, "separator" | "=>"));
        }
        if telling.contains(&",") {
            telling.retain(|token| *token != ":");
            telling.sort_by_key(|token| *token != ",");
        }
        if telling.is_empty() {
            telling = self.tokens().filter(|token| *token != "error").collect();
        }
        telling.truncate(4);
        join(&telling)
    }
}

fn join(tokens: &[&str]) -> String {
    let mut phrases: Vec<String> = Vec::new();
    for token in tokens {
        let phrase = in_words(token);
        if !phrases.contains(&phrase) {
            phrases.push(phrase);
        }
    }
    match phrases.split_last() {
        None => "something else".to_string(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn in_words(token: &str) -> String {
    match token {
        "name" => "a name".to_string(),
        "integer" | "bits" | "float" => "a number".to_string(),
        "char" | "byte" => "a character".to_string(),
        "string" | "string open" => "a string".to_string(),
        "string text" | "string close" => "the rest of the string".to_string(),
        "format" => "`:`".to_string(),
        "else of let" => "`else`".to_string(),
        "separator" => "the end of the statement".to_string(),
        "interpolation open" => "`{`".to_string(),
        "interpolation close" => "`}`".to_string(),
        _ => format!("`{token}`"),
    }
}
