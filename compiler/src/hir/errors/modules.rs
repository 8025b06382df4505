//! Errors about members of modules, imports, and private items.

use super::with_suggestion;
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Name, Path};

/// `declared`: the place of the name in its declaration; `None` for an item of the library, which users cannot change.
pub(in crate::hir) fn private_item(name: &Name, module: &str, declared: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` is private to the module `{module}`");
    let error = Diagnostic::error(Code("E0118"), message, name.span, "cannot be used here");
    match declared {
        Some(declared) => error
            .with_label(declared, "declared here without `pub`")
            .with_note("`pub` before an item makes it visible to other modules"),
        None => error.with_note("only the standard library itself may use it"),
    }
}

pub(in crate::hir) fn private_module(path: &Path) -> Diagnostic {
    let message = format!("`{path}` is private to the standard library");
    Diagnostic::error(Code("E0118"), message, path.span, "cannot be imported here")
        .with_note("use the public modules of the library instead")
}

pub(in crate::hir) fn unknown_member_of_module(
    name: &Name,
    module: &str,
    suggestion: Option<&str>,
) -> Diagnostic {
    let message = format!("the module `{module}` has no `{name}`");
    let error =
        Diagnostic::error(Code("E0119"), message, name.span, "the module declares nothing of this name");
    with_suggestion(error, name.span, suggestion)
}

/// `Int.Name` in a type or a pattern
pub(in crate::hir) fn no_such_path(base: &Name, name: &Name) -> Diagnostic {
    let message = format!("there is no `{base}.{name}`");
    let label = format!("`{base}` is neither a module nor an enum");
    Diagnostic::error(Code("E0119"), message, name.span, "nothing of this name").with_label(base.span, label)
}
