//! Errors of name resolution by subject, one function each.

/// Names from other languages, and the names to write in Weft.
pub(super) mod elsewhere;
/// Assignments, loops and threads.
mod control;
/// Fields of structs, variants and calls.
mod fields;
/// Imports and private items.
mod modules;
/// Names that are unknown, declared twice, or of the wrong kind.
mod names;
/// Patterns.
mod patterns;
/// Types, traits and their arguments.
mod types;

pub(super) use control::*;
pub(super) use fields::*;
pub(super) use modules::*;
pub(super) use names::*;
pub(super) use patterns::*;
pub(super) use types::*;

use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;

/// A variant whose name several enums have, where the type that is expected does not decide between them.
pub fn ambiguous_variant(name: &Name, enums: &[&Name]) -> Diagnostic {
    let message = format!("`{name}` may be a variant of {}", list(enums));
    let mut error = Diagnostic::error(Code("E0126"), message, name.span, "this is ambiguous");
    for of in enums {
        error = error.with_fix(Fix {
            message: format!("write `{of}.{name}`"),
            span: name.span,
            replacement: format!("{of}.{name}"),
            applicability: Applicability::Likely,
        });
    }
    error
}

/// The error for a program without `main`; `file` is the place at the end of the file.
pub fn missing_main(file: Span) -> Diagnostic {
    Diagnostic::error(Code("E0101"), "the program has no `main` function", file, "add `fn main() { }`")
        .with_note("a program starts with `main`")
}

fn with_suggestion(error: Diagnostic, span: Span, suggestion: Option<&str>) -> Diagnostic {
    match suggestion {
        Some(name) => error.with_fix(Fix {
            message: format!("did you mean `{name}`?"),
            span,
            replacement: name.to_string(),
            applicability: Applicability::Likely,
        }),
        None => error,
    }
}

fn with_declaration(error: Diagnostic, declared: Option<Span>, what: &str) -> Diagnostic {
    match declared {
        Some(span) => error.with_label(span, what),
        None => error,
    }
}

/// Names as an English list: `a`, `b` and `c`.
fn list(names: &[&Name]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
