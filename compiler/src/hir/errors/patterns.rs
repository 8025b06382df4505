//! Errors in patterns: in their names, ranges and constructors.

use super::with_suggestion;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Name;

pub(in crate::hir) fn duplicate_binding(name: &Name, first: Span) -> Diagnostic {
    let message = format!("the pattern binds `{name}` twice");
    Diagnostic::error(Code("E0115"), message, name.span, "bound again here")
        .with_label(first, "first bound here")
        .with_note("to test whether two parts are equal, bind two names and compare them in a guard (`if`)")
}

/// `alternative`: the place of the alternative that does not bind `name`.
pub(in crate::hir) fn missing_binding(name: &Name, alternative: Span) -> Diagnostic {
    let message = format!("`{name}` is not bound in each alternative");
    Diagnostic::error(Code("E0127"), message, alternative, format!("does not bind `{name}`"))
        .with_label(name.span, "bound here")
        .with_note("all alternatives must bind the same names")
}

pub(in crate::hir) fn range_of_literals(span: Span) -> Diagnostic {
    let message = "a range in a pattern needs two integers, two chars or two bytes";
    Diagnostic::error(Code("E0128"), message, span, "the two ends are of different kinds")
}

pub(in crate::hir) fn empty_range(span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0128"), "this range is empty", span, "it ends before its first value")
        .with_note("`a..b` excludes `b`, `a..=b` includes it")
}

pub(in crate::hir) fn unknown_constructor(name: &Name, suggestion: Option<&str>) -> Diagnostic {
    let message = format!("there is no variant or constant `{name}`");
    let error = Diagnostic::error(Code("E0125"), message, name.span, "this name is not known here")
        .with_note("a name with a capital letter is a variant or a constant; write variables in snake case");
    with_suggestion(error, name.span, suggestion)
}

/// `is_struct`: whether `name` is a struct, whose pattern has parentheses.
pub(in crate::hir) fn type_as_pattern(name: &Name, what: &str, is_struct: bool) -> Diagnostic {
    let message = format!("`{name}` is {what}, not a pattern");
    let error = Diagnostic::error(Code("E0113"), message, name.span, "a pattern is needed here");
    match is_struct {
        true => error.with_note(format!("write the fields in parentheses: `{name}(field, ..)`")),
        false => error,
    }
}
