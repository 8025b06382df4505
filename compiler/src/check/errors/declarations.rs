//! Errors about `impl`s that do not fit their traits or each other, and about infinite types.

use super::{listed, with_suggestion};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Name;

pub(in crate::check) fn missing_functions(
    of: &Name,
    missing: &[&Name],
    span: Span,
    in_library: bool,
) -> Diagnostic {
    let names: Vec<&str> = missing.iter().map(|name| name.as_str()).collect();
    let message = format!("this `impl` of `{of}` lacks {}", listed(&names));
    let mut error =
        Diagnostic::error(Code("E0221"), message, span, "some functions of the trait are missing");
    if !in_library {
        for name in missing {
            error = error.with_label(name.span, "declared without a body here");
        }
    }
    error
}

pub(in crate::check) fn extra_function(name: &Name, of: &Name, suggestion: Option<&str>) -> Diagnostic {
    let message = format!("the trait `{of}` has no function `{name}`");
    let error = Diagnostic::error(Code("E0222"), message, name.span, "not a function of the trait")
        .with_note("write other functions in an `impl` without the trait");
    with_suggestion(error, name.span, suggestion)
}

/// A function of an `impl` whose signature differs from the trait's: `label` is the label at `span`, `wanted` a note
/// about the trait.
pub(in crate::check) fn different_signature(
    name: &Name,
    of: &Name,
    span: Span,
    (label, wanted): (&str, &str),
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("`{name}` is declared differently in the trait `{of}`");
    let error =
        Diagnostic::error(Code("E0223"), message, span, label.to_string()).with_note(wanted.to_string());
    match declared {
        Some(declared) => error.with_label(declared, "declared here in the trait"),
        None => error,
    }
}

/// `first`: the place of the other `impl`; `None` if it is in the library.
pub(in crate::check) fn overlapping_impls(
    of: &Name,
    target: &str,
    span: Span,
    first: Option<Span>,
) -> Diagnostic {
    let message = format!("`{of}` is implemented twice for `{target}`");
    let error = Diagnostic::error(Code("E0224"), message, span, "implemented again here");
    match first {
        Some(first) => error.with_label(first, "first implemented here"),
        None => error.with_note("the library implements it"),
    }
}

pub(in crate::check) fn duplicate_member(
    name: &Name,
    target: &str,
    first: &Name,
    in_library: bool,
) -> Diagnostic {
    let message = format!("`{target}` has two members called `{name}`");
    let error = Diagnostic::error(Code("E0225"), message, name.span, "declared again here");
    match in_library {
        true => error.with_note("the library declares the other"),
        false => error.with_label(first.span, "first declared here"),
    }
}

/// A cycle of types of which no value can be built: a value of each type must contain a value of the next type, and a
/// value of the last type must contain a value of the first.
pub(in crate::check) fn endless_type(names: &[&Name]) -> Diagnostic {
    let (first, others) = names.split_first().expect("BUG: a circle without a type");
    let message = format!("no value of `{first}` can be built: each would contain another one");
    let mut error = Diagnostic::error(Code("E0226"), message, first.span, "declared here");
    for (at, name) in others.iter().enumerate() {
        let next = others.get(at + 1).unwrap_or(first);
        error = error.with_label(name.span, format!("which contains a `{next}`"));
    }
    error.with_note("make the field optional with `T?`, or use an array or a `Vec`, which may be empty")
}

/// `impl Ord for T` where `T` does not implement `Eq`.
pub(in crate::check) fn impl_without_eq(of: &Name, target: &str, span: Span) -> Diagnostic {
    let message = format!("`{of}` needs `Eq`, which `{target}` does not implement");
    Diagnostic::error(Code("E0214"), message, span, "must implement `Eq`")
}
