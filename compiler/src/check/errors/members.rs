//! Errors about methods, fields and elements: unknown, private or used in the wrong way.

use super::super::infer::{Term, Terms};
use super::{after, before, likely, listed, with_suggestion};
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::Type;

pub(in crate::check) fn not_callable(span: Span, found: &str) -> Diagnostic {
    let message = format!("a value of type `{found}` cannot be called");
    Diagnostic::error(Code("E0211"), message, span, format!("this is `{found}`, not a function"))
}

pub(in crate::check) fn builtin_not_called(name: &str, span: Span) -> Diagnostic {
    let message = format!("`{name}` is not a value");
    Diagnostic::error(Code("E0211"), message, span, "it can only be called")
        .with_note(format!("write a lambda that calls it: `|x| {name}(x)`"))
}

pub(in crate::check) fn unknown_method(
    name: &Name,
    receiver: Span,
    found: &str,
    suggestion: Option<&str>,
) -> Diagnostic {
    let message = format!("`{found}` has no method `{name}`");
    let error = Diagnostic::error(Code("E0205"), message, name.span, "no method of this name")
        .with_label(receiver, format!("this is `{found}`"));
    let changes = ["push", "pop", "insert", "remove", "clear", "extend", "swap", "truncate", "append"];
    match found.starts_with('[') && changes.contains(&name.as_str()) {
        true => error.with_note("an array never changes; `.to_vec()` gives a `Vec`, which can"),
        false => with_suggestion(error, name.span, suggestion),
    }
}

pub(in crate::check) fn unknown_associated(name: &Name, found: &str, suggestion: Option<&str>) -> Diagnostic {
    let message = format!("`{found}` has no `{name}`");
    let error = Diagnostic::error(Code("E0205"), message, name.span, "the type has no member of this name");
    with_suggestion(error, name.span, suggestion)
}

/// `p.origin()` where `origin` takes no `self`.
pub(in crate::check) fn no_receiver(name: &Name, found: &str, declared: Span) -> Diagnostic {
    let message = format!("`{name}` is a function of the type `{found}`, not of its values");
    Diagnostic::error(Code("E0205"), message, name.span, "takes no `self`")
        .with_label(declared, "declared here")
        .with_note(format!(
            "write the type before the dot: `{}.{name}(...)`",
            found.split('[').next().unwrap_or(found)
        ))
}

pub(in crate::check) fn ambiguous_method(name: &Name, traits: &[&str]) -> Diagnostic {
    let message = format!("`{name}` is a function of several traits that the type implements");
    let label = format!("of {}", listed(traits));
    Diagnostic::error(Code("E0213"), message, name.span, label).with_note(
        "add a method in an `impl` of the type itself, which takes precedence, and call one of them there",
    )
}

/// Weft's name for a method that has the name `name` in other languages.
pub(in crate::check) fn name_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "length" | "lenght" | "size" | "count" => "len",
        "append" | "push_back" => "push",
        "pop_back" => "pop",
        "put" | "set" | "add" => "insert",
        "has" | "includes" | "contains_key" | "has_key" => "contains",
        "delete" | "erase" => "remove",
        "inject" => "fold",
        "collect" => "to_array",
        "toString" | "str" | "string" => "to_string",
        "uppercase" | "to_uppercase" => "to_upper",
        "lowercase" | "to_lowercase" => "to_lower",
        "strip" => "trim",
        "substring" | "substr" => "slice",
        "index" => "index_of",
        "exists" => "any",
        "every" => "all",
        _ => return None,
    })
}

pub(in crate::check) fn unknown_field(
    name: &Name,
    span: Span,
    found: &str,
    suggestion: Option<&str>,
) -> Diagnostic {
    let message = format!("`{found}` has no field `{name}`");
    let error = Diagnostic::error(Code("E0206"), message, span, "no field of this name");
    with_suggestion(error, name.span, suggestion)
}

pub(in crate::check) fn unknown_tuple_field(
    at: usize,
    span: Span,
    found: &str,
    length: Option<usize>,
) -> Diagnostic {
    let message = format!("`{found}` has no field `{at}`");
    let error = Diagnostic::error(Code("E0206"), message, span, "no field of this number");
    match length {
        Some(length) => error
            .with_note(format!("the fields of a tuple are counted from `.0`; its last is `.{}`", length - 1)),
        None => error.with_note("only tuples have fields with numbers"),
    }
}

pub(in crate::check) fn method_not_called(name: &Name) -> Diagnostic {
    let call = Fix {
        message: "call it".into(),
        span: after(name.span),
        replacement: "()".into(),
        applicability: Applicability::Certain,
    };
    Diagnostic::error(Code("E0206"), format!("`{name}` is a method, not a field"), name.span, "not called")
        .with_fix(call)
}

pub(in crate::check) fn private_field(name: &Name, owner: &Name, used: Span, in_library: bool) -> Diagnostic {
    let message = format!("the field `{name}` of `{owner}` belongs to the module that declares it");
    let error = Diagnostic::error(Code("E0216"), message, used, "not visible in this module");
    match in_library {
        true => error.with_note("other modules can use its methods"),
        false => error.with_label(name.span, "declared here").with_fix(likely(
            "make it visible",
            before(name.span),
            "pub ",
        )),
    }
}

pub(in crate::check) fn not_indexable(
    span: Span,
    terms: &Terms<'_>,
    term: Term,
    ty: &Type<Term>,
) -> Diagnostic {
    let found = terms.text(term);
    let message = format!("a value of type `{found}` cannot be indexed");
    let error = Diagnostic::error(Code("E0207"), message, span, format!("this is `{found}`"));
    match ty {
        Type::String => error
            .with_note("the characters of a string differ in size")
            .with_note("write `s.chars()[i]`, `s.bytes()[i]`, or `s[a..b]` for the text between two bytes"),
        Type::Tuple(_) => error.with_note("the fields of a tuple are `.0`, `.1` and so on"),
        Type::Parameter(_) => error.with_note(format!("a bound such as `{found}: Index[Int, V]` allows it")),
        Type::Nominal(nominal, _) => {
            let declared = &terms.hir.nominals[*nominal];
            match terms.hir.modules[declared.module].library {
                true => error,
                false => error.with_note(format!("`impl Index[K, V] for {}` defines it", declared.name)),
            }
        }
        _ => error,
    }
}

/// `x[k] = v` for a type with `Index`.
pub(in crate::check) fn assigned_element(base: Span, found: &str, target: Span) -> Diagnostic {
    let message = format!("the elements of a `{found}` cannot be assigned");
    Diagnostic::error(Code("E0219"), message, target, "assigned here")
        .with_label(base, format!("this is `{found}`"))
        .with_note("`Index` defines only how `x[k]` is read: `impl IndexAssign[K, V]` defines `x[k] = v`")
}

pub(in crate::check) fn assigned_byte(base: Span, target: Span) -> Diagnostic {
    Diagnostic::error(Code("E0219"), "the bytes of a byte string cannot be assigned", target, "assigned here")
        .with_label(base, "a byte string never changes")
        .with_note("use a `Vec`: `b.to_array().to_vec()` makes one")
}

/// A range without an end as the key of a map.
pub(in crate::check) fn range_without_end(span: Span) -> Diagnostic {
    Diagnostic::error(Code("E0207"), "this range has no end", span, "ends nowhere")
        .with_note("only a slice of an array, vector or string gives it one, the length")
}

pub(in crate::check) fn assigned_array(base: Span, target: Span) -> Diagnostic {
    Diagnostic::error(Code("E0219"), "the elements of an array cannot be assigned", target, "assigned here")
        .with_label(base, "an array never changes")
        .with_note("use a `Vec`: `xs.to_vec()` makes one of an array, `Vec.filled(n, x)` makes a new one")
}

pub(in crate::check) fn assigned_tuple(target: Span) -> Diagnostic {
    Diagnostic::error(
        Code("E0219"),
        "the fields of a tuple cannot be assigned",
        target,
        "a tuple never changes",
    )
    .with_note("assign a new tuple to the variable, or use a struct whose fields are `var`")
}

pub(in crate::check) fn assigned_slice(target: Span) -> Diagnostic {
    Diagnostic::error(Code("E0219"), "a slice cannot be assigned", target, "this is a copy")
        .with_note("assign the elements one by one")
}

pub(in crate::check) fn assigned_field(name: &Name, target: Span, in_library: bool) -> Diagnostic {
    let message = format!("the field `{name}` cannot be assigned");
    let error = Diagnostic::error(Code("E0218"), message, target, "assigned here");
    match in_library {
        true => error,
        false => error
            .with_label(name.span, "declared without `var`")
            .with_fix(likely("declare it with `var`", before(name.span), "var "))
            .with_note("or build a changed copy: `T(field: value, ..old)`"),
    }
}

pub(in crate::check) fn format_misfit(span: Span, found: &str, what: &str, fits: &str) -> Diagnostic {
    let message = format!("this format does not fit `{found}`");
    Diagnostic::error(Code("E0209"), message, span, format!("{what} for {fits}"))
}
