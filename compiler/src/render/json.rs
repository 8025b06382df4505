//! Diagnostics for tools: one JSON object per line. A later version may add fields, but not remove or rename them.

use serde::Serialize;

use crate::diagnostics::{Applicability, Diagnostic};
use crate::source::{SourceMap, Span};

#[derive(Serialize)]
struct Message<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    primary: Label<'a>,
    secondary: Vec<Label<'a>>,
    notes: &'a [String],
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
    replacement: &'a str,
    applicability: &'a str,
}

/// A place in a file. Lines and columns count from 1; columns count characters. The end is the place after the last
/// character.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start_byte: u32,
    end_byte: u32,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// The diagnostic as one line of JSON.
pub fn line(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let label = |label: &'_ crate::diagnostics::Label| place(label.span, sources);
    let secondary = diagnostic.secondary.iter();
    let message = Message {
        code: diagnostic.code.0,
        severity: super::severity(diagnostic.severity),
        message: &diagnostic.message,
        primary: Label { place: label(&diagnostic.primary), message: &diagnostic.primary.message },
        secondary: secondary.map(|other| Label { place: label(other), message: &other.message }).collect(),
        notes: &diagnostic.notes,
        fixes: diagnostic.fixes.iter().map(|one| fix(one, sources)).collect(),
    };
    serde_json::to_string(&message).expect("BUG: a message is plain data") + "\n"
}

fn fix<'a>(fix: &'a crate::diagnostics::Fix, sources: &'a SourceMap) -> Fix<'a> {
    let applicability = match fix.applicability {
        Applicability::Certain => "certain",
        Applicability::Likely => "likely",
    };
    Fix {
        place: place(fix.span, sources),
        message: &fix.message,
        replacement: &fix.replacement,
        applicability,
    }
}

fn place(span: Span, sources: &SourceMap) -> Place<'_> {
    let file = sources.file(span.file);
    let (start, end) = (file.position(span.start), file.position(span.end));
    Place {
        file: &file.name,
        start_byte: span.start,
        end_byte: span.end,
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
