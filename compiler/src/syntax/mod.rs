//! Lexing and parsing: from the text of a file to its syntax tree.
//!
//! The tree is well formed: each error has been reported, and an `Error` node stands in place of the erroneous text.
//! The stages are `lexer` (text to tokens), `layout` (separators and balanced brackets) and `parse` (item by item
//! through the generated `grammar`, whose actions are in `builder`).

/// The syntax tree.
pub mod ast;
/// The format of an interpolation, the text after the colon.
pub mod format;
/// Tokens.
pub mod token;
/// Tokens and trees as text.
pub mod dump;
/// Lexical and syntax errors, one function each.
mod errors;
/// The lexer: from text to tokens, with all literals evaluated.
mod lexer;
/// Layout: decides which newlines are separators, and balances the brackets.
mod layout;
/// Messages about unexpected tokens.
mod expected_tokens;
/// The grammar's actions.
mod builder;
/// The generated parser.
#[allow(missing_docs, clippy::all, clippy::undocumented_unsafe_blocks, unused, reason = "generated")]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/syntax/grammar.rs"));
}
/// The parser, with error recovery: it returns a well-formed tree even for an erroneous file.
mod parse;

#[cfg(test)]
mod tests;

use crate::diagnostics::Diagnostic;
use crate::source::{FileId, SourceMap};

use parse::BracketState;

pub use ast::Ast;
pub use token::{Token, TokenKind};

/// The deepest nesting of brackets, blocks, operators and the like. The later stages recurse once or more per level:
/// the limit keeps them within a few megabytes of stack. Programs that people write do not come near the limit.
pub const MAX_NESTING: usize = 400;

/// The maximum number of lexical and syntax errors that are reported per file: a longer report would not be read.
const MAX_REPORTED: usize = 100;

/// Parses a file. The diagnostics are in source order; if there are errors, the tree has `Error` nodes and may lack
/// declarations of the file.
pub fn parse(sources: &SourceMap, file: FileId) -> (Ast, Vec<Diagnostic>) {
    let text = &sources.file(file).text;
    let (tokens, mut diagnostics, prepared) = prepare(file, text);
    let (mut ast, syntax_errors) = parse::parse_items(file, text, &tokens, prepared.brackets);
    ast.doc = prepared.doc.map(Into::into);
    let clear = prepared.unterminated.unwrap_or(u32::MAX);
    diagnostics.extend(syntax_errors.into_iter().filter(|error| error.primary.span.start < clear));
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    if diagnostics.len() > MAX_REPORTED {
        diagnostics.truncate(MAX_REPORTED);
        let last = diagnostics.pop().map(errors::and_more);
        diagnostics.extend(last);
    }
    (ast, diagnostics)
}

/// The tokens that the parser reads, for `weft emit tokens`.
pub fn tokens(sources: &SourceMap, file: FileId) -> (Vec<Token>, Vec<Diagnostic>) {
    let (tokens, diagnostics, _) = prepare(file, &sources.file(file).text);
    (tokens, diagnostics)
}

/// The results of the stages before the parser.
struct Prepared {
    doc: Option<String>,
    unterminated: Option<u32>,
    brackets: BracketState,
}

fn prepare(file: FileId, text: &str) -> (Vec<Token>, Vec<Diagnostic>, Prepared) {
    let lexed = lexer::lex(file, text);
    let laid_out = layout::lay_out(file, text, lexed.tokens);
    let brackets = BracketState { balanced: laid_out.diagnostics.is_empty(), too_deep: laid_out.too_deep };
    let prepared = Prepared { doc: lexed.doc, unterminated: lexed.unterminated, brackets };
    let mut diagnostics = lexed.diagnostics;
    if lexed.unterminated.is_none() {
        diagnostics.extend(laid_out.diagnostics);
    }
    (laid_out.tokens, diagnostics, prepared)
}
