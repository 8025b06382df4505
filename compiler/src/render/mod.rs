//! Diagnostics as text: `render` chooses the format (human, short, json).
//!
//! | format | for |
//! |---|---|
//! | human | people: the source with marks in it |
//! | short | people and editors: `file:line:column: error[E0001]: message`, one line each |
//! | json | tools: one object per line |
//!
//! The human and short formats limit the length of messages, and replace or escape control characters that come from
//! the program's text, so that a program cannot control the terminal.

/// The lines of a diagnostic, escaped and shortened.
mod excerpt;
/// Reports that show the source with marks, for people.
mod human;
/// JSON, one object per line, for tools.
mod json;

use std::fmt::Write as _;

use crate::diagnostics::{Diagnostic, Severity};
use crate::source::SourceMap;

/// The format of diagnostics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageFormat {
    /// With the source, for people.
    Human,
    /// JSON, one object per line, for tools.
    Json,
    /// A line per diagnostic.
    Short,
}

/// The maximum number of diagnostics that are written for people. A user with more errors corrects the first ones and
/// compiles again.
const MOST: usize = 100;

/// The longest text of a message, in characters. It is limited because the names in a message can have any length.
const LONGEST: usize = 1000;

/// The diagnostics as text, in their order.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, format: MessageFormat, color: bool) -> String {
    match format {
        MessageFormat::Json => diagnostics.iter().map(|diagnostic| json::line(diagnostic, sources)).collect(),
        MessageFormat::Short => limited(diagnostics, |diagnostic| short(diagnostic, sources)),
        MessageFormat::Human => limited(diagnostics, |diagnostic| human::report(diagnostic, sources, color)),
    }
}

fn limited(diagnostics: &[Diagnostic], mut one: impl FnMut(&Diagnostic) -> String) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST) {
        text += &one(diagnostic);
    }
    if diagnostics.len() > MOST {
        writeln!(text, "and {} more", diagnostics.len() - MOST).expect("BUG: a String takes any text");
    }
    text
}

fn short(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let place = place(diagnostic, sources);
    format!("{place}: {}: {}\n", head(diagnostic), clipped(&diagnostic.message))
}

/// `file:line:column`.
fn place(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let span = diagnostic.primary.span;
    let position = sources.position(span);
    format!("{}:{}:{}", clipped(&sources.file(span.file).name), position.line, position.column)
}

/// `error[E0001]`.
fn head(diagnostic: &Diagnostic) -> String {
    format!("{}[{}]", severity(diagnostic.severity), diagnostic.code.0)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// The text with control characters other than newlines replaced by U+FFFD, and cut off after [`LONGEST`] characters.
fn clipped(text: &str) -> String {
    let is_harmless = |char: char| char == '\n' || !(char.is_control() || is_bidirectional(char));
    let mut clipped: String = text
        .chars()
        .take(LONGEST)
        .map(|char| if is_harmless(char) { char } else { char::REPLACEMENT_CHARACTER })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        clipped.push('…');
    }
    clipped
}

/// Whether a character changes the order in which a terminal shows other characters.
fn is_bidirectional(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
