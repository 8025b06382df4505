//! The names that a file declares.

use std::collections::{HashMap, HashSet};

use super::{Context, describe, keyword, unsupported_function};
use crate::arena::Arena;
use crate::hir::errors;
use crate::hir::tree::FunctionId;
use crate::source::Span;
use crate::syntax::ast::{self, Imported, ItemId, ItemKind, Name, Symbol};

/// What an item's name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Definition {
    /// A function of the program.
    Function(FunctionId),
    /// Something that was reported where it is declared; its uses are silent.
    Unsupported,
}

/// A function that will be resolved.
pub(super) struct Declared<'a> {
    /// All of the item.
    pub item_span: Span,
    /// What was written.
    pub function: &'a ast::Function,
}

/// All items of a file.
#[derive(Default)]
pub(super) struct Items<'a> {
    /// In the order of the source.
    pub functions: Arena<FunctionId, Declared<'a>>,
    /// Declared in a trait or an `impl`.
    pub unsupported_methods: HashSet<Symbol>,
    definitions: HashMap<Symbol, (Definition, Span)>,
}

impl Items<'_> {
    /// What the name stands for, and where it was declared.
    pub fn get(&self, name: &str) -> Option<(Definition, Span)> {
        self.definitions.get(name).copied()
    }

    /// The function of that name.
    pub fn function_named(&self, name: &str) -> Option<FunctionId> {
        match self.get(name)?.0 {
            Definition::Function(function) => Some(function),
            Definition::Unsupported => None,
        }
    }

    /// All names, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.definitions.keys().map(Symbol::as_str)
    }
}

impl<'a> Context<'a> {
    /// Enters an item's names, and reports it when it is of a kind that is not supported.
    pub(super) fn declare(&mut self, id: ItemId) {
        let item = &self.ast.items[id];
        let word = describe(&item.kind);
        match &item.kind {
            ItemKind::Function(function) => self.declare_function(item.span, function),
            ItemKind::Import(import) => {
                self.not_supported(word, import.path.span);
                match &import.what {
                    Imported::Module => {
                        let last = import.path.names.last().expect("BUG: a path without names");
                        self.define_silently(last);
                    }
                    Imported::As(name) => self.define_silently(name),
                    Imported::Names(names) => names.iter().for_each(|name| self.define_silently(name)),
                }
            }
            ItemKind::Constant(constant) => self.declare_unsupported(word, &constant.name),
            ItemKind::Struct(declared) => self.declare_unsupported(word, &declared.name),
            ItemKind::Enum(declared) => {
                self.declare_unsupported(word, &declared.name);
                declared.variants.iter().for_each(|variant| self.define_silently(&variant.name));
            }
            ItemKind::Alias(alias) => self.declare_unsupported(word, &alias.name),
            ItemKind::Trait(declared) => {
                self.declare_unsupported(word, &declared.name);
                self.declare_methods(&declared.members);
            }
            ItemKind::Impl(implementation) => {
                let target = self.ast.types[implementation.target].span;
                self.not_supported(word, target);
                self.declare_methods(&implementation.members);
            }
            ItemKind::Extern(declared) => {
                self.not_supported(
                    word,
                    keyword(item.span, if item.public { "pub extern" } else { "extern" }),
                );
                for &member in &declared.members {
                    if let ItemKind::Function(function) = &self.ast.items[member].kind {
                        self.define_silently(&function.name);
                    }
                }
            }
            ItemKind::Test(test) => self.not_supported(word, test.name_span),
            ItemKind::Error => {}
        }
    }

    fn declare_function(&mut self, item_span: Span, function: &'a ast::Function) {
        if let Some((what, span)) = unsupported_function(function) {
            self.not_supported(what, span);
            return self.define_silently(&function.name);
        }
        let id = self.items.functions.push(Declared { item_span, function });
        self.define(&function.name, Definition::Function(id));
    }

    fn declare_methods(&mut self, members: &[ItemId]) {
        for &member in members {
            if let ItemKind::Function(method) = &self.ast.items[member].kind {
                self.items.unsupported_methods.insert(method.name.text.clone());
            }
        }
    }

    fn declare_unsupported(&mut self, what: &str, name: &Name) {
        self.not_supported(what, name.span);
        self.define(name, Definition::Unsupported);
    }

    fn define(&mut self, name: &Name, definition: Definition) {
        match self.items.get(&name.text) {
            Some((_, first)) => self.report(errors::duplicate_item(name, first)),
            None => {
                self.items.definitions.insert(name.text.clone(), (definition, name.span));
            }
        }
    }

    /// A name of something that has been reported.
    fn define_silently(&mut self, name: &Name) {
        let entry = (Definition::Unsupported, name.span);
        self.items.definitions.entry(name.text.clone()).or_insert(entry);
    }
}
