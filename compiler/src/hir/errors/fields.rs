//! Errors about the fields of structs and variants, and about the arguments of calls.

use super::{list, with_declaration, with_suggestion};
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;

pub(in crate::hir) fn labelled_argument(label: &Name, value: Span) -> Diagnostic {
    let message = "a function's arguments have no labels";
    let remove = Span { end: value.start, ..label.span };
    Diagnostic::error(Code("E0114"), message, label.span, "labels are for the fields of a struct").with_fix(
        Fix {
            message: format!("remove `{label}:`"),
            span: remove,
            replacement: String::new(),
            applicability: Applicability::Likely,
        },
    )
}

pub(in crate::hir) fn rest_argument(span: Span) -> Diagnostic {
    let message = "`..` is allowed only where a struct is built";
    Diagnostic::error(Code("E0114"), message, span, "give each argument of the function")
}

pub(in crate::hir) fn rest_not_last(span: Span) -> Diagnostic {
    let message = "`..` must come after all other fields";
    Diagnostic::error(Code("E0114"), message, span, "write it last")
}

pub(in crate::hir) fn label_in_variant(label: &Name, variant: &Name) -> Diagnostic {
    let message = format!("the fields of `{variant}` have no names");
    Diagnostic::error(Code("E0114"), message, label.span, "labels are for fields that have names")
        .with_note("give the fields of this variant in order, without names")
}

/// `declared`: the place of the struct's declaration, unless the library declares it.
pub(in crate::hir) fn unknown_field(
    label: &Name,
    of: &Name,
    fields: &[&Name],
    suggestion: Option<&str>,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("`{of}` has no field `{label}`");
    let error = Diagnostic::error(Code("E0120"), message, label.span, "no field of this name");
    let error = with_declaration(error, declared, "declared here");
    let error = match fields.len() {
        0 => error.with_note(format!("`{of}` has no fields")),
        1..=8 if suggestion.is_none() => error.with_note(format!("it has {}", list(fields))),
        _ => error,
    };
    with_suggestion(error, label.span, suggestion)
}

pub(in crate::hir) fn duplicate_label(label: &Name, first: Span) -> Diagnostic {
    let message = format!("field `{label}` is given twice");
    Diagnostic::error(Code("E0121"), message, label.span, "again here").with_label(first, "first here")
}

/// `values`: the values without a label, at least one, each with the field for which it is probably meant.
pub(in crate::hir) fn positional_fields(of: &Name, values: &[(Option<&Name>, Span)]) -> Diagnostic {
    let message = format!("the fields of `{of}` must be given by name");
    let (_, first) = values[0];
    let error = Diagnostic::error(Code("E0122"), message, first, "which field is this?");
    values.iter().fold(error, |error, &(label, value)| match label {
        Some(label) => error.with_fix(Fix {
            message: format!("write `{label}:` before it"),
            span: Span { end: value.start, ..value },
            replacement: format!("{label}: "),
            applicability: Applicability::Likely,
        }),
        None => error,
    })
}

pub(in crate::hir) fn field_pattern_without_label(pattern: Span) -> Diagnostic {
    let message = "the fields of a struct must be matched by name";
    Diagnostic::error(Code("E0122"), message, pattern, "which field is this?")
        .with_note("write `name: pattern`, or only the field's name to bind it")
}

pub(in crate::hir) fn missing_fields(
    of: &Name,
    lacking: &[&Name],
    place: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let message = format!("{} of `{of}` {} missing", fields(lacking), is_or_are(lacking));
    let error = Diagnostic::error(Code("E0123"), message, place, format!("lacks {}", list(lacking)));
    let error = with_declaration(error, declared, "declared here");
    error.with_note("write `..value` to copy the other fields from another value")
}

/// Fields of a variant that are neither given by label nor by position.
pub(in crate::hir) fn missing_variant_fields(of: &Name, lacking: &[&Name], place: Span) -> Diagnostic {
    let message = format!("{} of `{of}` {} missing", fields(lacking), is_or_are(lacking));
    Diagnostic::error(Code("E0123"), message, place, format!("lacks {}", list(lacking)))
}

/// A variant some of whose fields have a label; `label` is the first of these.
pub(in crate::hir) fn partly_labelled(variant: &Name, label: &Name) -> Diagnostic {
    let message = format!("only some fields of `{variant}` have a name");
    Diagnostic::error(Code("E0151"), message, label.span, "this field has one")
        .with_label(variant.span, "all fields of a variant have a name, or none")
}

pub(in crate::hir) fn missing_field_patterns(of: &Name, lacking: &[&Name], pattern: Span) -> Diagnostic {
    let message = format!("{} of `{of}` {} missing in the pattern", fields(lacking), is_or_are(lacking));
    let end = Span { start: pattern.end - 1, end: pattern.end - 1, ..pattern };
    Diagnostic::error(Code("E0123"), message, pattern, format!("lacks {}", list(lacking))).with_fix(Fix {
        message: "write `..` for all other fields".to_string(),
        span: end,
        replacement: ", ..".to_string(),
        applicability: Applicability::Likely,
    })
}

fn is_or_are(names: &[&Name]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

fn fields(names: &[&Name]) -> String {
    match names {
        [one] => format!("the field `{one}`"),
        several => format!("the fields {}", list(several)),
    }
}

/// `variant`: the variant's name; `span`: the place of the whole expression or pattern.
pub(in crate::hir) fn variant_field_count(
    variant: &Name,
    takes: usize,
    given: usize,
    span: Span,
    declared: Option<Span>,
) -> Diagnostic {
    let count = |count: usize| match count {
        0 => "no fields".to_string(),
        1 => "one field".to_string(),
        more => format!("{more} fields"),
    };
    let message = format!("`{variant}` has {}", count(takes));
    let label = match given {
        0 => "none given".to_string(),
        given => format!("{given} given"),
    };
    let error = Diagnostic::error(Code("E0124"), message, span, label);
    with_declaration(error, declared, "declared here")
}
