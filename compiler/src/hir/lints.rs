//! Warnings about the spelling of names, and about unused imports and variables.

use super::body::Local;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;

/// Returns a warning if the name of a value or function is not in `snake_case`.
pub(super) fn snake_case(name: &Name) -> Option<Diagnostic> {
    let label = "values and functions are in snake case";
    wrong_case(name, "snake case", to_snake_case(&name.text), label)
}

/// Returns a warning if the name of a type, trait or variant is not in `CamelCase`.
pub(super) fn camel_case(name: &Name) -> Option<Diagnostic> {
    wrong_case(name, "camel case", to_camel_case(&name.text), "types and variants are in camel case")
}

/// Returns a warning if the name of a constant is not in `UPPER_CASE`.
pub(super) fn upper_case(name: &Name) -> Option<Diagnostic> {
    wrong_case(name, "upper case", to_snake_case(&name.text).to_uppercase(), "constants are in upper case")
}

fn wrong_case(name: &Name, case: &str, wanted: String, label: &str) -> Option<Diagnostic> {
    if wanted == *name.text {
        return None;
    }
    let message = format!("`{name}` should be in {case}: `{wanted}`");
    Some(Diagnostic::warning(Code("W0001"), message, name.span, label))
}

/// The warning for an imported name that nothing uses.
pub(super) fn unused_import(span: Span, name: &str) -> Diagnostic {
    let message = format!("the import `{name}` is never used");
    Diagnostic::warning(Code("W0005"), message, span, "not used in this file")
}

/// The warning for a variable that nothing reads.
pub(super) fn unused_variable(local: &Local, assigned: bool) -> Diagnostic {
    let name = &local.name;
    let (message, label) = match assigned {
        true => (format!("`{name}` is assigned but never read"), "its values are never used"),
        false => (format!("`{name}` is never used"), "not used"),
    };
    Diagnostic::warning(Code("W0002"), message, name.span, label).with_fix(Fix {
        message: format!("write `_{name}` if this is intended"),
        span: name.span,
        replacement: format!("_{name}"),
        applicability: Applicability::Likely,
    })
}

/// Converts a name to snake case: `parseHTTPHeader` becomes `parse_http_header`.
fn to_snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let after_small = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(char::is_uppercase) && chars.get(at + 1).is_some_and(|c| c.is_lowercase());
        if c.is_uppercase() && (after_small || ends_capitals) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Converts a name to camel case: `shape_kind` becomes `ShapeKind`, and `shape` becomes `Shape`. A name that begins
/// with a capital and has no underscores stays the same.
fn to_camel_case(name: &str) -> String {
    let starts_well = |name: &str| name.trim_start_matches('_').starts_with(|c: char| !c.is_lowercase());
    if starts_well(name) && !name.trim_matches('_').contains('_') {
        return name.to_string();
    }
    let words = name.split('_').filter(|word| !word.is_empty());
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        let shouted = rest.chars().all(|c| !c.is_lowercase());
        first.to_uppercase() + &if shouted { rest.to_lowercase() } else { rest.to_string() }
    };
    words.map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::{to_camel_case, to_snake_case};

    #[test]
    fn camel_case_names_stay_and_others_are_joined() {
        for (name, wanted) in [
            ("Shape", "Shape"),
            ("HTTPHeader", "HTTPHeader"),
            ("T", "T"),
            ("Point2", "Point2"),
            ("shape", "Shape"),
            ("shape_kind", "ShapeKind"),
            ("SHAPE_KIND", "ShapeKind"),
            ("Shape_Kind", "ShapeKind"),
        ] {
            assert_eq!(to_camel_case(name), wanted);
        }
    }

    #[test]
    fn snake_case_names_stay_and_others_are_split_at_words() {
        for (name, wanted) in [
            ("total", "total"),
            ("_x1_", "_x1_"),
            ("parseHTTPHeader", "parse_http_header"),
            ("Total", "total"),
            ("MAX_LEN", "max_len"),
            ("x2Y", "x2_y"),
        ] {
            assert_eq!(to_snake_case(name), wanted);
        }
    }
}
