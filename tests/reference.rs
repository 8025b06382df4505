//! Checks the pages that follow from the sources: the grammar and the keywords from the parser and the lexer, and the
//! reference of the library from the comments of its modules.
//!
//! `BLESS=1 cargo test --release --test reference` writes the pages anew.

#[path = "reference/grammar.rs"]
mod grammar;
#[path = "reference/library.rs"]
mod library;

use std::fs;
use std::path::Path;

/// The line before the part of a page that is written by these tests; the part goes to the page's end.
const MARK: &str = "<!-- `BLESS=1 cargo test --release --test reference` writes the lines from here -->\n";

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Checks that a page ends in `part`, or makes it do so.
fn check(page: &str, part: &str) {
    let text = read(page);
    let (before, present) = text.split_once(MARK).unwrap_or_else(|| panic!("{page} has no mark"));
    if std::env::var_os("BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
        fs::write(path, format!("{before}{MARK}{part}")).unwrap_or_else(|error| panic!("{page}: {error}"));
    } else {
        assert!(present == part, "{page} is not up to date: BLESS=1 writes it anew");
    }
}

/// The keywords, from the table of the tokens.
fn keywords() -> Vec<String> {
    let tokens = read("compiler/src/syntax/token.rs");
    let table = tokens.rsplit_once("    keywords {").expect("the tokens have a table of keywords").1;
    let table = table.split_once('}').expect("the table ends").0;
    let words = table.split('"').skip(1).step_by(2).filter(|word| *word != "_");
    words.map(|word| format!("`{word}`")).collect()
}

#[test]
fn the_page_of_the_grammar_follows_the_parser() {
    let rules = grammar::rules(&read("compiler/src/syntax/grammar.lalrpop"));
    let mut part = format!("\n## Keywords\n\n{}.\n\n## Tokens\n\n", keywords().join(" "));
    for (name, about) in grammar::KINDS {
        part += &format!("- `{}`: {about}\n", grammar::kind(name));
    }
    part += &format!("\n## Rules\n\n```text\n{rules}```\n");
    check("docs/grammar.md", &part);
}

#[test]
fn the_reference_follows_the_comments_of_the_library() {
    let part = library::reference(weft::library::FILES, &weft::modules::PUBLIC);
    check("docs/library.md", &part);
}
