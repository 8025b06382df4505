//! Errors in imports. One function per error.

use std::path::Path;

use super::LIBRARY;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::syntax::ast;

pub(super) fn missing_module(path: &ast::Path, file: &Path, suggestion: Option<&str>) -> Diagnostic {
    let file = file.display();
    let error = Diagnostic::error(
        Code("E0116"),
        format!("there is no module `{path}`"),
        path.span,
        format!("there is no file `{file}`"),
    )
    .with_note(format!(
        "`import {path}` reads `{}.weft` beside the importing file or in the program's root",
        slashes(path)
    ));
    with_suggestion(error, path, suggestion)
}

pub(super) fn unknown_library_module(path: &ast::Path, suggestion: Option<&str>) -> Diagnostic {
    let message = match path.single() {
        Some(_) => format!("`{LIBRARY}` is the whole library, not a module"),
        None => format!("the library has no module `{path}`"),
    };
    let error = Diagnostic::error(Code("E0116"), message, path.span, "no module of this name")
        .with_note(format!("import a module of the library like this: `import {LIBRARY}.vec`"));
    let suggestion = suggestion.map(|name| format!("{LIBRARY}.{name}"));
    with_suggestion(error, path, suggestion.as_deref())
}

pub(super) fn unreadable_module(path: &ast::Path, file: &Path, reason: &str) -> Diagnostic {
    Diagnostic::error(
        Code("E0117"),
        format!("the module `{path}` cannot be read"),
        path.span,
        format!("`{}`: {reason}", file.display()),
    )
}

fn slashes(path: &ast::Path) -> String {
    path.to_string().replace('.', "/")
}

fn with_suggestion(error: Diagnostic, path: &ast::Path, suggestion: Option<&str>) -> Diagnostic {
    match suggestion {
        Some(name) => error.with_fix(Fix {
            message: format!("did you mean `{name}`?"),
            span: path.span,
            replacement: name.to_string(),
            applicability: Applicability::Likely,
        }),
        None => error,
    }
}
