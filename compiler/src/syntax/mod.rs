//! From text to tokens to the syntax tree.
//!
//! After this the program is well formed: what is wrong has been reported, and an `Error` node stands in its place.
//! The way is `lexer` (tokens), `layout` (which newlines separate, which brackets belong together), `parse` (item by
//! item through the generated `grammar`, whose actions are in `builder`).

/// The syntax tree.
pub mod ast;
/// Tokens.
pub mod token;
/// Tokens and trees as text.
pub mod dump;
/// Lexical and syntax errors. One function per error.
mod errors;
/// From text to tokens. After this every literal is read.
mod lexer;
/// Newlines and brackets. After this brackets are balanced and separators are tokens.
mod layout;
/// The tokens that the parser expected, in words.
mod expected_tokens;
/// The grammar's actions.
mod builder;
/// The generated parser.
#[allow(missing_docs, clippy::all, clippy::undocumented_unsafe_blocks, unused, reason = "generated")]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/syntax/grammar.rs"));
}
/// The parser with its error recovery. After this the program is well formed.
mod parse;

#[cfg(test)]
mod tests;

use crate::diagnostics::Diagnostic;
use crate::source::{FileId, SourceMap};

use parse::BracketState;

pub use ast::Ast;
pub use token::{Token, TokenKind};

/// The deepest nesting of brackets, blocks, operators and the like. Each level costs every later stage some recursion;
/// no program that people write comes near it, and it keeps those stages within a few megabytes of stack.
pub const MAX_NESTING: usize = 400;

/// The most lexical and syntax errors of one file that are reported: more are of no use to anyone.
const MAX_REPORTED: usize = 100;

/// Reads a file. What is wrong with it is in the diagnostics, in the order of the text; if there are any errors the
/// tree has `Error` nodes, and names may be missing from it.
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

/// The tokens as the parser sees them, for `weft emit tokens`.
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
