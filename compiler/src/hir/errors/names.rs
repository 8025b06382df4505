//! Errors about names that are unknown, declared twice, or of the wrong kind.

use super::with_suggestion;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;

/// Hints about an unknown name.
#[derive(Default)]
pub(in crate::hir) struct NameHints {
    /// The name to write instead.
    pub suggestion: Option<String>,
    /// Whether the library has a module of this name.
    pub library: bool,
    /// The method call to write instead, if other languages have a function of this name.
    pub method: Option<&'static str>,
}

pub(in crate::hir) fn unknown_name(name: &Name, hints: &NameHints) -> Diagnostic {
    let mut error = Diagnostic::error(
        Code("E0102"),
        format!("there is no `{name}` in scope"),
        name.span,
        "this name is not known here",
    );
    if hints.library {
        error = error.with_note(format!("the library has a module of this name: `import std.{name}`"));
    }
    if let Some(method) = hints.method {
        error = error.with_note(format!("use the method: `{method}`"));
    }
    with_suggestion(error, name.span, hints.suggestion.as_deref())
}

/// A local function uses a variable of the code around it.
pub(in crate::hir) fn variable_outside_function(name: &Name) -> Diagnostic {
    let message = format!("a function in a block does not see the variable `{name}` around it");
    Diagnostic::error(Code("E0102"), message, name.span, "not known in this function")
        .with_note("pass it as an argument, or write a lambda: `let f = |n| ...`")
}

pub(in crate::hir) fn duplicate_item(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(Code("E0104"), format!("`{name}` is declared twice"), name.span, "declared again here")
        .with_label(first, "first declared here")
        .with_note("the functions and types of a file need different names; there is no overloading")
}

pub(in crate::hir) fn duplicate_test(name: &str, span: Span, first: Span) -> Diagnostic {
    let message = format!("two tests are called {name:?}");
    Diagnostic::error(Code("E0104"), message, span, "named again here")
        .with_label(first, "first named here")
        .with_note("the tests of a file need different names: reports identify a test by its name")
}

/// `what`: "fields", "variants", "functions"
pub(in crate::hir) fn duplicate_member(what: &str, name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(Code("E0104"), format!("`{name}` is declared twice"), name.span, "declared again here")
        .with_label(first, "first declared here")
        .with_note(format!("the {what} of a type need different names"))
}

pub(in crate::hir) fn duplicate_parameter(name: &Name, first: Span) -> Diagnostic {
    let message = format!("two parameters are called `{name}`");
    Diagnostic::error(Code("E0105"), message, name.span, "named again here")
        .with_label(first, "first named here")
}

pub(in crate::hir) fn duplicate_type_parameter(name: &Name, first: Span) -> Diagnostic {
    let message = format!("two type parameters are called `{name}`");
    Diagnostic::error(Code("E0105"), message, name.span, "named again here")
        .with_label(first, "first named here")
}

pub(in crate::hir) fn integer_out_of_range(magnitude: u64, span: Span) -> Diagnostic {
    let message = format!("the integer {magnitude} does not fit into an `Int`");
    Diagnostic::error(Code("E0110"), message, span, "too large")
        .with_note("`Int` goes from -9223372036854775808 to 9223372036854775807")
}

/// `variants`: the variants of the called type if it is an enum, otherwise empty.
pub(in crate::hir) fn called_type(text: &str, what: &str, variants: &[&Name], span: Span) -> Diagnostic {
    let message = format!("`{text}` is {what}, not a function");
    let error = Diagnostic::error(Code("E0113"), message, span, "called here");
    match variants {
        [] => error,
        [first, ..] => error.with_note(format!("write one of its variants: `{text}.{first}`")),
    }
}

/// `built`: whether the type is a struct, whose values are built by a call.
pub(in crate::hir) fn type_as_value(text: &str, what: &str, built: bool, span: Span) -> Diagnostic {
    let message = format!("`{text}` is {what}, not a value");
    let error = Diagnostic::error(Code("E0113"), message, span, "a value is needed here");
    match built {
        true => error.with_note(format!("build a value with its fields: `{text}(field: value)`")),
        false => error,
    }
}

/// `Vec[Int].new()`
pub(in crate::hir) fn type_arguments_in_value(name: &Name, span: Span) -> Diagnostic {
    let brackets = Span { start: name.span.end, ..span };
    let message = format!("`{name}` takes no type arguments here");
    Diagnostic::error(Code("E0138"), message, brackets, "type arguments are inferred")
        .with_note("if they cannot be inferred, give the variable a type: `let v: Vec[Int] = Vec.new()`")
        .with_fix(Fix {
            message: "remove the brackets".to_string(),
            span: brackets,
            replacement: String::new(),
            applicability: Applicability::Likely,
        })
}

pub(in crate::hir) fn self_outside(span: Span, function: Option<Span>) -> Diagnostic {
    let error = Diagnostic::error(Code("E0129"), "there is no `self` here", span, "used here");
    match function {
        Some(function) => error
            .with_label(function, "this function has no parameter `self`")
            .with_note("a method's first parameter is `self`: `fn name(self)`"),
        None => error.with_note("`self` is the first parameter of a function in an `impl` or a trait"),
    }
}

pub(in crate::hir) fn unknown_variant(name: &Name, of: &Name, suggestion: Option<&str>) -> Diagnostic {
    let message = format!("`{of}` has no variant `{name}`");
    let error = Diagnostic::error(Code("E0125"), message, name.span, "no variant of this name");
    with_suggestion(error, name.span, suggestion)
}
