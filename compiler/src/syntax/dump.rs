//! Tokens and trees as text, for `weft emit` and for tests. Each node has a line with its byte range, and its parts
//! indented below.

/// Expressions in a dump.
mod expression;

use std::fmt::Write as _;

use super::ast::*;
use super::token::{Token, TokenKind};
use crate::source::{FileId, SourceMap, Span};

/// Returns tokens as text, one per line: position, kind and text.
pub fn dump_tokens(sources: &SourceMap, file: FileId, tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens {
        let span = Span { file, start: token.start, end: token.end };
        let position = sources.position(span);
        let text = match &token.kind {
            TokenKind::StringText(text) | TokenKind::String(text) | TokenKind::Doc(text) => text,
            _ => sources.text(span),
        };
        writeln!(out, "{}:{} {} {text:?}", position.line, position.column, token.kind.name())
            .expect("BUG: writing to a string failed");
    }
    out
}

/// Returns the tree of a file as text.
pub fn dump_ast(ast: &Ast) -> String {
    let mut dump = Dump { ast, out: String::new(), depth: 0 };
    if let Some(doc) = &ast.doc {
        dump.line(&format!("doc {doc:?}"));
    }
    for &item in &ast.top_level {
        dump.item(item);
    }
    dump.out
}

struct Dump<'a> {
    ast: &'a Ast,
    out: String,
    depth: usize,
}

impl Dump<'_> {
    fn line(&mut self, text: &str) {
        // The indentation is bounded: in deep trees it would otherwise be longer than the text.
        let indentation = self.depth.min(40) * 2;
        writeln!(self.out, "{:indentation$}{text}", "").expect("BUG: writing to a string failed");
    }

    fn node(&mut self, head: &str, span: Span, parts: impl FnOnce(&mut Self)) {
        self.line(&format!("{head} @{}..{}", span.start, span.end));
        self.depth += 1;
        parts(self);
        self.depth -= 1;
    }

    /// Writes a part that is not a node, and so has no byte range.
    fn part(&mut self, head: &str, parts: impl FnOnce(&mut Self)) {
        self.line(head);
        self.depth += 1;
        parts(self);
        self.depth -= 1;
    }

    fn item(&mut self, id: ItemId) {
        let ast = self.ast;
        let item = &ast.items[id];
        if let Some(doc) = &item.doc {
            self.line(&format!("doc {doc:?}"));
        }
        let public = if item.public { "pub " } else { "" };
        let head = format!("{public}{}", item_head(&item.kind));
        self.node(&head, item.span, |dump| match &item.kind {
            ItemKind::Import(_) | ItemKind::Error => {}
            ItemKind::Constant(constant) => {
                dump.ty(constant.ty);
                dump.expression(constant.value);
            }
            ItemKind::Function(function) => dump.function(function),
            ItemKind::Struct(structure) => {
                dump.generics(&structure.generics);
                structure.fields.iter().for_each(|field| dump.field(field));
            }
            ItemKind::Enum(enumeration) => {
                dump.generics(&enumeration.generics);
                enumeration.variants.iter().for_each(|variant| dump.variant(variant));
            }
            ItemKind::Alias(alias) => {
                dump.generics(&alias.generics);
                dump.ty(alias.ty);
            }
            ItemKind::Trait(declared) => {
                dump.generics(&declared.generics);
                if !declared.supertraits.is_empty() {
                    dump.part("supertraits", |dump| declared.supertraits.iter().for_each(|&of| dump.ty(of)));
                }
                dump.items(&declared.members);
            }
            ItemKind::Impl(implementation) => {
                dump.generics(&implementation.generics);
                implementation.implemented.into_iter().for_each(|ty| dump.ty(ty));
                dump.ty(implementation.target);
                dump.items(&implementation.members);
            }
            ItemKind::Extern(foreign) => dump.items(&foreign.members),
            ItemKind::Test(test) => dump.expression(test.body),
        });
    }

    fn items(&mut self, items: &[ItemId]) {
        items.iter().for_each(|&item| self.item(item));
    }

    fn function(&mut self, function: &Function) {
        self.generics(&function.generics);
        if let Some(receiver) = function.receiver {
            self.node("self", receiver, |_| {});
        }
        self.parameters(&function.parameters);
        if let Some(result) = function.result {
            self.part("result", |dump| dump.ty(result));
        }
        function.body.into_iter().for_each(|body| self.expression(body));
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        for parameter in parameters {
            self.node("parameter", parameter.span, |dump| {
                dump.pattern(parameter.pattern);
                parameter.ty.into_iter().for_each(|ty| dump.ty(ty));
            });
        }
    }

    fn generics(&mut self, parameters: &[TypeParameter]) {
        for parameter in parameters {
            self.node(&format!("type parameter {}", parameter.name), parameter.name.span, |dump| {
                parameter.bounds.iter().for_each(|&bound| dump.ty(bound));
            });
        }
    }

    fn field(&mut self, field: &StructField) {
        let public = if field.public { "pub " } else { "" };
        let mutable = if field.mutable { "var " } else { "" };
        self.node(&format!("{public}{mutable}field {}", field.name), field.span, |dump| dump.ty(field.ty));
    }

    fn variant(&mut self, variant: &Variant) {
        let public = if variant.public { "pub " } else { "" };
        self.node(&format!("{public}variant {}", variant.name), variant.span, |dump| {
            variant.fields.iter().for_each(|field| dump.ty(field.ty));
        });
    }

    fn ty(&mut self, id: TypeNodeId) {
        let ast = self.ast;
        let node = &ast.types[id];
        let head = match &node.kind {
            TypeNodeKind::Named { path, .. } => format!("type {path}"),
            TypeNodeKind::Tuple(_) => "tuple type".to_string(),
            TypeNodeKind::Array(_) => "array type".to_string(),
            TypeNodeKind::Option(_) => "option type".to_string(),
            TypeNodeKind::Function { share: true, .. } => "share function type".to_string(),
            TypeNodeKind::Function { share: false, .. } => "function type".to_string(),
            TypeNodeKind::Error => "error type".to_string(),
        };
        self.node(&head, node.span, |dump| match &node.kind {
            TypeNodeKind::Named { arguments: types, .. } | TypeNodeKind::Tuple(types) => {
                types.iter().for_each(|&ty| dump.ty(ty));
            }
            TypeNodeKind::Array(inner) | TypeNodeKind::Option(inner) => dump.ty(*inner),
            TypeNodeKind::Function { parameters, result, .. } => {
                parameters.iter().for_each(|&ty| dump.ty(ty));
                result.iter().for_each(|ty| dump.part("result", |dump| dump.ty(*ty)));
            }
            TypeNodeKind::Error => {}
        });
    }

    fn pattern(&mut self, id: PatternId) {
        let ast = self.ast;
        let pattern = &ast.patterns[id];
        let head = match &pattern.kind {
            PatternKind::Wildcard => "_".to_string(),
            PatternKind::Name(name) => format!("binding {name}"),
            PatternKind::Literal(literal) => format!("literal {literal:?}"),
            PatternKind::Range { start, end, inclusive } => {
                format!("range {start:?} {} {end:?}", if *inclusive { "..=" } else { ".." })
            }
            PatternKind::Tuple(_) => "tuple pattern".to_string(),
            PatternKind::Constructor { path, .. } => format!("constructor {path}"),
            PatternKind::Array { .. } => "array pattern".to_string(),
            PatternKind::Or(_) => "alternatives".to_string(),
            PatternKind::As { name, .. } => format!("as {name}"),
            PatternKind::Error => "error pattern".to_string(),
        };
        self.node(&head, pattern.span, |dump| match &pattern.kind {
            PatternKind::Tuple(inner) | PatternKind::Or(inner) => {
                inner.iter().for_each(|&pattern| dump.pattern(pattern));
            }
            PatternKind::Constructor { fields, rest, .. } => {
                fields.iter().for_each(|field| dump.field_pattern(field));
                rest.iter().for_each(|rest| dump.node("..", *rest, |_| {}));
            }
            PatternKind::Array { before, rest, after } => {
                before.iter().for_each(|&pattern| dump.pattern(pattern));
                if let Some(rest) = rest {
                    let name = rest.name.as_ref().map_or("", |name| name.as_str());
                    dump.node(&format!("..{name}"), rest.span, |_| {});
                }
                after.iter().for_each(|&pattern| dump.pattern(pattern));
            }
            PatternKind::As { pattern, .. } => dump.pattern(*pattern),
            PatternKind::Wildcard
            | PatternKind::Name(_)
            | PatternKind::Literal(_)
            | PatternKind::Range { .. }
            | PatternKind::Error => {}
        });
    }

    fn field_pattern(&mut self, field: &FieldPattern) {
        match &field.label {
            Some(label) => self.node(&format!("{label}:"), label.span, |dump| dump.pattern(field.pattern)),
            None => self.pattern(field.pattern),
        }
    }
}

fn item_head(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Import(import) => match &import.what {
            Imported::Module => format!("import {}", import.path),
            Imported::As(name) => format!("import {} as {name}", import.path),
            Imported::Names(names) => format!("import {} {names:?}", import.path),
        },
        ItemKind::Constant(constant) => format!("const {}", constant.name),
        ItemKind::Function(function) => {
            format!("{}fn {}", if function.generator { "gen " } else { "" }, function.name)
        }
        ItemKind::Struct(structure) => format!("struct {}", structure.name),
        ItemKind::Enum(enumeration) => format!("enum {}", enumeration.name),
        ItemKind::Alias(alias) => format!("type {}", alias.name),
        ItemKind::Trait(declared) => format!("trait {}", declared.name),
        ItemKind::Impl(_) => "impl".to_string(),
        ItemKind::Extern(foreign) => {
            let abi = match foreign.abi {
                Abi::C => "",
                Abi::Weft => " weft",
            };
            format!("extern{abi}{}", if foreign.blocking { " blocking" } else { "" })
        }
        ItemKind::Test(test) => format!("test {:?}", test.name),
        ItemKind::Error => "error item".to_string(),
    }
}
