//! From the syntax tree to the tree with names.
//!
//! First the names of all items are collected, then each function is resolved by itself: items may be used before
//! they are declared. What the language has and this compiler does not is reported once, where it is declared or
//! written, and its uses are silent.

mod body;
mod call;
mod control;
mod expression;
mod items;
mod pattern;
mod scope;
mod types;

use self::items::Items;
use super::errors;
use super::lints;
use super::tree::{Function, FunctionId, Hir, NamedType};
use crate::arena::Arena;
use crate::diagnostics::{Diagnostic, Severity};
use crate::source::Span;
use crate::syntax::ast::{self, Ast, ItemKind};
use crate::types::{Type, TypeTable};

/// Resolves every name of a file; the diagnostics are in the order of the text. Even when there are errors among them
/// the tree is whole: `Error` nodes and unknown types stand for what was reported.
pub fn resolve(ast: &Ast) -> (Hir, Vec<Diagnostic>) {
    let mut context = Context::new(ast);
    let functions = std::mem::take(&mut context.items.functions);
    let functions: Arena<FunctionId, Function> =
        functions.iter().map(|declared| context.function(declared.item_span, declared.function)).collect();
    let main = context.items.function_named("main");
    context.diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    let unsupported_methods = context.items.unsupported_methods;
    (Hir { functions, main, types: context.types, unsupported_methods }, context.diagnostics)
}

/// What all functions of a file share while they are resolved.
struct Context<'a> {
    ast: &'a Ast,
    items: Items<'a>,
    types: TypeTable,
    diagnostics: Vec<Diagnostic>,
    /// How many of them are errors.
    error_count: usize,
}

impl<'a> Context<'a> {
    fn new(ast: &'a Ast) -> Context<'a> {
        let mut context = Context {
            ast,
            items: Items::default(),
            types: TypeTable::new(),
            diagnostics: Vec::new(),
            error_count: 0,
        };
        for &item in &ast.top_level {
            context.declare(item);
        }
        context
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.error_count += usize::from(diagnostic.severity == Severity::Error);
        self.diagnostics.push(diagnostic);
    }

    fn not_supported(&mut self, what: &str, span: Span) {
        self.report(errors::not_supported(what, span));
    }

    fn function(&mut self, span: Span, function: &'a ast::Function) -> Function {
        self.diagnostics.extend(lints::snake_case(&function.name));
        let result: NamedType = match function.result {
            Some(node) => self.named_type(node),
            None => Some(self.types.intern(Type::Unit)),
        };
        let result_span = function.result.map(|node| self.ast.types[node].span);
        let (parameters, body) = body::resolve(self, function);
        Function { name: function.name.clone(), span, parameters, result, result_span, body }
    }
}

/// The first `text.len()` bytes of `span`: the keyword that it begins with.
fn keyword(span: Span, text: &str) -> Span {
    Span { end: (span.start + text.len() as u32).min(span.end), ..span }
}

/// Whether this compiler compiles such a function; otherwise what to report, and where.
fn unsupported_function(function: &ast::Function) -> Option<(&'static str, Span)> {
    if function.generator {
        return Some(("a `gen fn`", function.name.span));
    }
    let first = function.generics.first()?;
    let last = function.generics.last()?;
    Some(("a generic function", first.name.span.to(last.name.span)))
}

/// What to call an item that is not a function.
fn describe(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Import(_) => "`import`",
        ItemKind::Constant(_) => "`const`",
        ItemKind::Function(_) => "`fn`",
        ItemKind::Struct(_) => "`struct`",
        ItemKind::Enum(_) => "`enum`",
        ItemKind::Alias(_) => "`type`",
        ItemKind::Trait(_) => "`trait`",
        ItemKind::Impl(_) => "`impl`",
        ItemKind::Extern(_) => "`extern`",
        ItemKind::Test(_) => "`test`",
        ItemKind::Error => "this",
    }
}
