//! Errors about types that do not implement a required trait.

use super::super::body_state::Cause;
use super::super::bounds::{Refusal, Step};
use super::super::infer::{Shape, Term, Terms};
use super::{after, likely};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::{ParameterId, Type};

/// `ty` does not implement the trait of `refusal`; `cause` is the reason why the trait is required.
pub(in crate::check) fn not_implemented(
    terms: &Terms<'_>,
    ty: Term,
    refusal: &Refusal,
    cause: Cause,
) -> Diagnostic {
    let hir = terms.hir;
    let (text, name) = (terms.text(ty), hir.traits[refusal.of].name.as_str());
    if refusal.of == hir.lang_items.share {
        return with_advice(not_shareable(&text, cause), terms, ty, refusal);
    }
    let error = |span| {
        let message = format!("`{text}` does not implement `{name}`");
        Diagnostic::error(Code("E0214"), message, span, format!("must implement `{name}`"))
    };
    let error = match cause {
        Cause::Operator { op, span } => {
            let message = format!("`{}` does not work on `{text}`", op.symbol());
            let label = format!("both sides are `{text}`, which does not implement `{name}`");
            Diagnostic::error(Code("E0204"), message, span, label)
        }
        Cause::Operand { op, who, span } => {
            let message = format!("`{op}` does not work on `{text}`");
            Diagnostic::error(Code("E0204"), message, span, format!("{who} `{text}`"))
        }
        Cause::Bound { span, bound } => error(span).with_label(bound, "because of this bound"),
        Cause::AssertEq(span) => error(span).with_note("`assert_eq` compares"),
        Cause::Method(span) | Cause::Returned(span) => error(span),
        Cause::Spawned { value, .. } => error(value),
        Cause::Captured { capture, .. } => error(capture),
    };
    with_path(error, terms, ty, refusal)
}

fn not_shareable(text: &str, cause: Cause) -> Diagnostic {
    let error = |message: String, span, label: &str| Diagnostic::error(Code("E0215"), message, span, label);
    match cause {
        Cause::Spawned { value, spawn, .. } => error(
            format!("a value of type `{text}` cannot go to another thread"),
            value,
            "used in the thread",
        )
        .with_label(spawn, "the thread begins here"),
        Cause::Returned(span) => error(
            format!("a thread cannot return a value of type `{text}`"),
            span,
            "returned to another thread",
        ),
        Cause::Captured { capture, lambda } => {
            error(format!("a `share fn` cannot capture a value of type `{text}`"), capture, "captured here")
                .with_label(lambda, "must be a `share fn`")
        }
        Cause::Bound { span, bound } => {
            error(format!("`{text}` is not shareable"), span, "must be shareable")
                .with_label(bound, "because of this bound")
        }
        Cause::Operator { span, .. }
        | Cause::Operand { span, .. }
        | Cause::AssertEq(span)
        | Cause::Method(span) => error(format!("`{text}` is not shareable"), span, "must be shareable"),
    }
}

/// Adds the path to the part of the type that does not implement the trait.
fn with_path(mut error: Diagnostic, terms: &Terms<'_>, ty: Term, refusal: &Refusal) -> Diagnostic {
    let (hir, blamed) = (terms.hir, terms.text(refusal.ty));
    let name = hir.traits[refusal.of].name.as_str();
    let mut place = None;
    let mut fields: Vec<String> = Vec::new();
    for step in &refusal.path {
        match step {
            Step::Field(nominal, field) => {
                fields.push(format!("`{}` of `{}`", field, hir.nominals[*nominal].name));
                place = Some((field.span, hir.nominals[*nominal].module));
            }
            Step::Variant(nominal, variant, span) => {
                fields.push(format!("`{}` of `{}`", variant, hir.nominals[*nominal].name));
                place = Some((*span, hir.nominals[*nominal].module));
            }
            Step::Part => {}
        }
    }
    if let Some((span, _)) = place.filter(|(_, module)| !hir.modules[*module].library) {
        error = error.with_label(span, format!("has a `{blamed}` in it"));
    }
    match fields.as_slice() {
        [] if refusal.of == hir.lang_items.share => {}
        [] if terms.find(refusal.ty) == terms.find(ty) => {}
        [] => error = error.with_note(format!("it contains `{blamed}`, which does not implement `{name}`")),
        [field] => error = error.with_note(format!("{field} contains `{blamed}`")),
        many => {
            let through = match many {
                [first, .., before, last] if many.len() > 4 => format!("{first}, ..., {before}, {last}"),
                _ => many.join(", "),
            };
            error = error.with_note(format!("reached through {through}, which contains `{blamed}`"));
        }
    }
    if let Shape::Type(Type::Parameter(parameter)) = terms.shape(refusal.ty) {
        error = with_bound(error, terms, parameter, name);
    }
    error
}

/// Adds the bound that a type parameter lacks.
pub(super) fn with_bound(
    error: Diagnostic,
    terms: &Terms<'_>,
    parameter: ParameterId,
    of: &str,
) -> Diagnostic {
    let declared = &terms.hir.parameters[parameter];
    let (place, text) = match declared.bounds.last() {
        Some(last) => (after(last.span), format!(" + {of}")),
        None => (after(declared.name.span), format!(": {of}")),
    };
    match declared.name.as_str() {
        "Self" => {
            let error = error.with_note(format!("the trait does not require `{of}`"));
            match terms.declarations.trait_of_self(parameter).map(|own| &terms.hir.traits[own].name) {
                Some(own) => error.with_note(format!("`trait {own}: {of}` requires it of each type")),
                None => error,
            }
        }
        name => error.with_fix(likely(format!("add the bound: `{name}: {of}`"), place, text)),
    }
}

/// Adds advice about a type that is not shareable.
fn with_advice(error: Diagnostic, terms: &Terms<'_>, ty: Term, refusal: &Refusal) -> Diagnostic {
    let items = &terms.hir.lang_items;
    let mut error = with_path(error, terms, ty, refusal);
    match terms.shape(refusal.ty) {
        Shape::Type(Type::Nominal(nominal, _)) if nominal == items.vec => error
            .with_note("a `Vec` can change: `.freeze()` makes an array of it, which cannot")
            .with_note("to change it from several threads put it in a `Mutex`, or let one thread own it"),
        Shape::Type(Type::Nominal(nominal, _)) => {
            let declared = &terms.hir.nominals[nominal];
            let in_library = terms.hir.modules[declared.module].library;
            if let Some(field) = refusal.variable_field.as_ref().filter(|_| !in_library) {
                error = error.with_label(field.span, "this `var` can change");
            }
            error.with_note(format!(
                "a `{}` can change: put it in a `Mutex`, or let one thread own it",
                declared.name
            ))
        }
        Shape::Type(Type::Function { .. }) => {
            error.with_note("write `share fn` for its type: a `share fn` captures only shareable values")
        }
        Shape::Type(_) | Shape::Variable | Shape::Error => error,
    }
}

/// A lambda that must be a `share fn` captures a `var`.
pub(in crate::check) fn shared_variable(name: &Name, capture: Span, lambda: Span) -> Diagnostic {
    let message = format!("a `share fn` cannot capture the variable `{name}`");
    Diagnostic::error(Code("E0215"), message, capture, "captured here")
        .with_label(name.span, "a `var`: it may change")
        .with_label(lambda, "must be a `share fn`")
        .with_note(format!("copy it into a `let` first and use the copy: `let copy = {name}`"))
}

/// `impl Share for T`
pub(in crate::check) fn implemented_share(span: Span) -> Diagnostic {
    let message = "`Share` cannot be implemented";
    Diagnostic::error(Code("E0215"), message, span, "shareable types have it without an `impl`")
        .with_note("a type is shareable if nothing that its values contain can change")
}

/// `impl Eq` for a type whose `Hash` is derived.
pub(in crate::check) fn eq_without_hash(target: &str, span: Span) -> Diagnostic {
    let message = format!("`{target}` has its own `Eq`, but its `Hash` is derived from all fields");
    Diagnostic::warning(Code("W0007"), message, span, "equal values may have different hashes")
        .with_note("a `Map` or a `Set` would keep two equal values with different hashes")
        .with_note(format!(
            "write `impl Hash for {target}` with a `hash` that uses only the fields that `eq` compares"
        ))
}
