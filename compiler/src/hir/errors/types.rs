//! Errors about types, traits, their arguments, and declarations in `extern` and `impl` blocks.

use super::{with_declaration, with_suggestion};
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;

pub(in crate::hir) fn unknown_type(name: &Name, suggestion: Option<&str>) -> Diagnostic {
    let error = Diagnostic::error(
        Code("E0103"),
        format!("there is no type `{name}`"),
        name.span,
        "no type of this name",
    );
    match name.as_str().as_bytes() {
        [letter] if letter.is_ascii_uppercase() => error.with_note(format!(
            "declare a type parameter in brackets: \
             `struct Box[{name}]`, `impl Box[{name}]`, `fn f[{name}](x: {name})`"
        )),
        _ => with_suggestion(error, name.span, suggestion),
    }
}

pub(in crate::hir) fn value_as_type(name: &Name, what: &str, declared: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` is {what}, not a type");
    let error = Diagnostic::error(Code("E0103"), message, name.span, "a type is needed here");
    with_declaration(error, declared, "declared here")
}

pub(in crate::hir) fn trait_as_type(name: &Name) -> Diagnostic {
    let message = format!("`{name}` is a trait, not a type");
    Diagnostic::error(Code("E0103"), message, name.span, "a type is needed here").with_note(format!(
        "to accept any type that implements it write a type parameter: `fn f[T: {name}](x: T)`"
    ))
}

pub(in crate::hir) fn type_argument_count(name: &Name, takes: usize, given: usize, span: Span) -> Diagnostic {
    let takes = match takes {
        0 => "takes no type arguments".to_string(),
        1 => "takes one type argument".to_string(),
        more => format!("takes {more} type arguments"),
    };
    let label = match given {
        0 => "none given".to_string(),
        given => format!("{given} given"),
    };
    Diagnostic::error(Code("E0112"), format!("`{name}` {takes}"), span, label)
}

pub(in crate::hir) fn self_type_outside(name: &Name) -> Diagnostic {
    Diagnostic::error(
        Code("E0130"),
        "there is no `Self` here",
        name.span,
        "there is no `impl` or trait around this",
    )
    .with_note("`Self` is the type of the surrounding `impl`; in a trait it is the implementing type")
}

pub(in crate::hir) fn alias_cycle(names: &[&Name]) -> Diagnostic {
    let (first, others) = names.split_first().expect("BUG: a cycle of nothing");
    let label = if others.is_empty() { "it refers to itself" } else { "refers to the next alias" };
    let message = format!("the type alias `{first}` refers to itself");
    let error = Diagnostic::error(Code("E0133"), message, first.span, label);
    let error = others.iter().enumerate().fold(error, |error, (at, name)| {
        let last = at + 1 == others.len();
        error.with_label(name.span, if last { "and this to the first" } else { "and this to the next" })
    });
    error.with_note("for a type that contains itself declare a `struct` or an `enum`")
}

pub(in crate::hir) fn type_too_large(name: &Name) -> Diagnostic {
    Diagnostic::error(Code("E0134"), format!("the type `{name}` is too large"), name.span, "too many parts")
        .with_note("written out it has more than a thousand parts")
        .with_note("declare a `struct` for a part of it")
}

pub(in crate::hir) fn unknown_trait(name: &Name, suggestion: Option<&str>) -> Diagnostic {
    let message = format!("there is no trait `{name}`");
    let error = Diagnostic::error(Code("E0135"), message, name.span, "no trait of this name");
    with_suggestion(error, name.span, suggestion)
}

pub(in crate::hir) fn not_a_trait(name: &Name, what: &str, declared: Option<Span>) -> Diagnostic {
    let message = format!("`{name}` is {what}, not a trait");
    let error = Diagnostic::error(Code("E0135"), message, name.span, "a trait is needed here");
    with_declaration(error, declared, "declared here")
}

/// `impl Stack[Int: Show]`: `Int` is a type, and only a type parameter has bounds.
pub(in crate::hir) fn bounds_of_type(name: &Name, what: &str) -> Diagnostic {
    let message = format!("`{name}` is {what}, so it cannot have bounds here");
    Diagnostic::error(Code("E0136"), message, name.span, "not a new name").with_note(format!(
        "for the type `{name}` alone leave the bounds out, for all types choose another name"
    ))
}

/// A trait that is its own supertrait, through the traits in `cycle`; `closing` is the place of a supertrait.
pub(in crate::hir) fn cyclic_supertraits(cycle: &[&Name], closing: Span) -> Diagnostic {
    let message = format!("the trait `{}` is its own supertrait", cycle[0]);
    let error = Diagnostic::error(Code("E0150"), message, closing, "requires the trait itself");
    match cycle {
        [_] => error,
        [first, rest @ ..] => {
            let through: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
            error.with_label(first.span, format!("requires itself through {}", through.join(", ")))
        }
        [] => error,
    }
}

pub(in crate::hir) fn not_foreign(ty: &str, span: Span, is_string: bool) -> Diagnostic {
    let message = format!("C has no type for `{ty}`");
    let error = Diagnostic::error(Code("E0137"), message, span, "cannot be passed to C or returned from it");
    match is_string {
        true => error.with_fix(Fix {
            message: "use `CString`, the string of C".to_string(),
            span,
            replacement: "CString".to_string(),
            applicability: Applicability::Likely,
        }),
        false => error.with_note(
            "the types of C are `CInt`, `CLong`, `CSize`, `CString`, `CPtr`, `Int`, `Float`, `Bool` and `Byte`",
        ),
    }
}

/// `extern "C" { fn main() }`
pub(in crate::hir) fn reserved_symbol(name: &Name) -> Diagnostic {
    let message = format!("`{name}` cannot be declared: every program has its own");
    let error = Diagnostic::error(Code("E0142"), message, name.span, "cannot be called from Weft");
    match name.as_str() {
        "main" => error.with_note("the program's own `main` is written in Weft: `fn main() { ... }`"),
        "signal" | "sigaction" | "__sysv_signal" => {
            error.with_note("call it from C: a handler that C installs gets its own stack")
        }
        _ => error.with_note("give your function in C another name"),
    }
}

/// Two declarations of a C function with different types.
pub(in crate::hir) fn symbol_of_two_types(name: &Name, first: Span) -> Diagnostic {
    let message = format!("the C function `{name}` is declared with two different types");
    Diagnostic::error(Code("E0143"), message, name.span, "differs from the first declaration")
        .with_label(first, "first declared here")
        .with_note("declare it once as `pub` and import it where it is called")
}

pub(in crate::hir) fn intrinsics_outside_library(span: Span) -> Diagnostic {
    let message = "`extern \"weft\"` is only for the standard library";
    Diagnostic::error(Code("E0131"), message, span, "not allowed in a program")
        .with_note("declare functions of other languages with `extern \"C\"`")
}

pub(in crate::hir) fn constant_in_impl(name: &Name) -> Diagnostic {
    let message = "a constant cannot be declared in an `impl`";
    Diagnostic::error(Code("E0132"), message, name.span, "only the standard library may do this")
        .with_note("declare it at the top of the file")
}
