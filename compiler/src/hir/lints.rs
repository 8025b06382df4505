//! Warnings about names: how they are written, and whether they are used.

use super::tree::Local;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::syntax::ast::Name;

/// A value's or function's name that is not in `snake_case`.
pub(super) fn snake_case(name: &Name) -> Option<Diagnostic> {
    let wanted = to_snake_case(&name.text);
    if wanted == *name.text {
        return None;
    }
    let message = format!("`{name}` should be in snake case: `{wanted}`");
    Some(Diagnostic::warning(Code("W0001"), message, name.span, "values and functions are in snake case"))
}

/// A variable that nothing reads.
pub(super) fn unused_variable(local: &Local, assigned: bool) -> Diagnostic {
    let name = &local.name;
    let (message, label) = match assigned {
        true => (format!("`{name}` is assigned but never read"), "its values go nowhere"),
        false => (format!("`{name}` is never used"), "not used"),
    };
    Diagnostic::warning(Code("W0002"), message, name.span, label).with_fix(Fix {
        message: format!("write `_{name}` if that is on purpose"),
        span: name.span,
        replacement: format!("_{name}"),
        applicability: Applicability::Likely,
    })
}

/// `parseHTTPHeader` as `parse_http_header`. What is in snake case already stays as it is.
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

#[cfg(test)]
mod tests {
    use super::to_snake_case;

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
