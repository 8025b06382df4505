//! Items, and the rules about items that the grammar does not enforce.

use std::sync::Arc;

use super::{Builder, FieldEntry};
use crate::source::Span;
use crate::syntax::ast::{self, *};
use crate::syntax::errors;

/// A function as the grammar parses it: the receiver is still one of the parameters.
pub(in crate::syntax) struct Function {
    pub generator: bool,
    pub name: Name,
    pub generics: Vec<TypeParameter>,
    pub parameters: Vec<ParameterEntry>,
    pub result: Option<TypeNodeId>,
    pub body: Option<ExpressionId>,
}

pub(in crate::syntax) enum ParameterEntry {
    Receiver(Span),
    Parameter(Parameter),
}

/// The kind of block that declares a function. The rules for the function's receiver and body depend on it.
#[derive(Clone, Copy, PartialEq)]
enum Home {
    Impl,
    Trait,
    Extern(Abi),
}

impl Builder {
    pub(in crate::syntax) fn item(
        &mut self,
        doc: Option<Arc<str>>,
        public: bool,
        kind: ItemKind,
        start: u32,
        end: u32,
    ) -> ItemId {
        let span = self.span(start, end);
        let meaningless = match &kind {
            ItemKind::Import(_) => Some("`import`"),
            ItemKind::Impl(_) => Some("`impl`"),
            ItemKind::Extern(_) => Some("`extern`"),
            ItemKind::Test(_) => Some("`test`"),
            ItemKind::Constant(_)
            | ItemKind::Function(_)
            | ItemKind::Struct(_)
            | ItemKind::Enum(_)
            | ItemKind::Alias(_)
            | ItemKind::Trait(_)
            | ItemKind::Error => None,
        };
        if let Some(what) = meaningless
            && public
        {
            let word = Span { end: span.start + "pub".len() as u32, ..span };
            self.report(errors::misplaced_pub(word, what));
        }
        // A `break` cannot name the label of a loop in another function.
        self.open_breaks.clear();
        self.ast.items.push(Item { kind, span, doc, public })
    }

    pub(in crate::syntax) fn function(&mut self, parts: Function) -> ast::Function {
        let Function { generator, name, generics, parameters: entries, result, body } = parts;
        let (mut receiver, mut parameters) = (None, Vec::new());
        for (at, entry) in entries.into_iter().enumerate() {
            match entry {
                ParameterEntry::Receiver(span) if at == 0 => receiver = Some(span),
                ParameterEntry::Receiver(span) => self.report(errors::misplaced_receiver(span)),
                ParameterEntry::Parameter(parameter) => parameters.push(parameter),
            }
        }
        ast::Function { name, generator, generics, receiver, parameters, result, body }
    }

    pub(in crate::syntax) fn structure(
        &mut self,
        name: Name,
        generics: Vec<TypeParameter>,
        fields: Vec<FieldEntry<StructField>>,
    ) -> ItemKind {
        ItemKind::Struct(Struct { name, generics, fields: fields.into_iter().flatten().collect() })
    }

    pub(in crate::syntax) fn enumeration(
        &mut self,
        name: Name,
        generics: Vec<TypeParameter>,
        variants: Vec<FieldEntry<Variant>>,
    ) -> ItemKind {
        ItemKind::Enum(Enum { name, generics, variants: variants.into_iter().flatten().collect() })
    }

    pub(in crate::syntax) fn declare_trait(
        &mut self,
        name: Name,
        generics: Vec<TypeParameter>,
        supertraits: Vec<TypeNodeId>,
        members: Vec<ItemId>,
    ) -> ItemKind {
        self.check_members(&members, Home::Trait);
        ItemKind::Trait(Trait { name, generics, supertraits, members })
    }

    pub(in crate::syntax) fn foreign(
        &mut self,
        abi: &str,
        abi_span: Span,
        word: Option<Name>,
        members: Vec<ItemId>,
    ) -> ItemKind {
        let abi = match abi {
            "C" => Abi::C,
            "weft" => Abi::Weft,
            _ => {
                self.report(errors::unknown_abi(abi_span));
                Abi::C
            }
        };
        if let Some(word) = word.as_ref().filter(|word| word.as_str() != "blocking") {
            self.report(errors::unknown_extern_word(word.span));
        }
        self.check_members(&members, Home::Extern(abi));
        ItemKind::Extern(Extern { abi, blocking: word.is_some(), members })
    }

    pub(in crate::syntax) fn implement(
        &mut self,
        of: Option<TypeNodeId>,
        target: TypeNodeId,
        members: Vec<ItemId>,
    ) -> ItemKind {
        self.check_members(&members, Home::Impl);
        let bounded = std::mem::take(&mut self.bounded_parameters);
        let implemented = of.inspect(|&of| self.check_implemented(of, &bounded));
        let target_span = self.ast.types[target].span;
        let bounded = bounded.into_iter().filter(|generic| target_span.start <= generic.name.span.start);
        let mut generics: Vec<TypeParameter> = bounded.collect();
        self.names_in(target, &mut generics);
        generics.sort_by_key(|generic| generic.name.span.start);
        ItemKind::Impl(Impl { generics, implemented, target, members })
    }

    /// `T: Show` in the type after `impl` or `for`
    pub(in crate::syntax) fn bounded_parameter(&mut self, name: Name, bounds: Vec<TypeNodeId>) -> TypeNodeId {
        let span = name.span;
        self.bounded_parameters.push(TypeParameter { name: name.clone(), bounds });
        let path = Path { names: vec![name], span };
        self.type_node(TypeNodeKind::Named { path, arguments: Vec::new() }, span.start, span.end)
    }

    /// Reports a type before `for` that cannot be a trait, and bounds in it.
    fn check_implemented(&mut self, of: TypeNodeId, bounded: &[TypeParameter]) {
        let TypeNode { kind, span } = &self.ast.types[of];
        let span = *span;
        let is_named = matches!(kind, TypeNodeKind::Named { .. });
        let within = bounded.iter().filter(|generic| generic.name.span.start < span.end);
        let within: Vec<Span> = within.map(|generic| generic.name.span).collect();
        for bound in within {
            self.report(errors::bound_in_trait(bound));
        }
        if !is_named {
            self.report(errors::not_a_trait(span));
            self.ast.types[of].kind = TypeNodeKind::Error;
        }
    }

    /// Adds the names inside a target that may be type parameters, each once.
    fn names_in(&self, target: TypeNodeId, generics: &mut Vec<TypeParameter>) {
        let mut left = self.ast.types[target].kind.parts();
        while let Some(part) = left.pop() {
            let kind = &self.ast.types[part].kind;
            left.extend(kind.parts());
            if let TypeNodeKind::Named { path, arguments } = kind
                && let Some(name) =
                    path.single().filter(|name| arguments.is_empty() && name.as_str() != "Self")
                && !generics.iter().any(|generic| generic.name.text == name.text)
            {
                generics.push(TypeParameter { name: name.clone(), bounds: Vec::new() });
            }
        }
    }

    fn check_members(&mut self, members: &[ItemId], home: Home) {
        for &member in members {
            let item = &self.ast.items[member];
            let error = match &item.kind {
                ItemKind::Function(function) => function_fault(function, home, &self.ast),
                ItemKind::Error => None,
                ItemKind::Constant(_) if home == Home::Impl => None,
                _ => Some(errors::unexpected("a function", None, "another item", item.span)),
            };
            self.diagnostics.extend(error);
        }
    }

    /// A function in a block.
    pub(in crate::syntax) fn local_function(
        &mut self,
        doc: Option<Arc<str>>,
        function: Function,
        start: u32,
        end: u32,
    ) -> Statement {
        let kind = ItemKind::Function(self.function(function));
        let id = self.item(doc, false, kind, start, end);
        let _reported = self.check_top_level(id);
        Statement::Function(id)
    }

    /// Reports a top-level function that has no body or has a receiver. Returns whether the item is a function without
    /// a body.
    #[must_use]
    pub(in crate::syntax) fn check_top_level(&mut self, id: ItemId) -> bool {
        let ItemKind::Function(function) = &self.ast.items[id].kind else { return false };
        let lacks_body = function.body.is_none();
        let body = (lacks_body && !self.brackets_repaired).then(|| errors::missing_body(function.name.span));
        let receiver = function.receiver.map(errors::receiver_outside);
        self.diagnostics.extend(body.into_iter().chain(receiver));
        lacks_body
    }
}

fn function_fault(function: &ast::Function, home: Home, ast: &Ast) -> Option<crate::diagnostics::Diagnostic> {
    match home {
        Home::Trait => None,
        Home::Impl => function.body.is_none().then(|| errors::missing_body(function.name.span)),
        Home::Extern(abi) => match function.body {
            Some(body) => Some(errors::foreign_body(ast.expressions[body].span)),
            None => {
                let generics_fit = abi == Abi::Weft || function.generics.is_empty();
                let plain = !function.generator && generics_fit && function.receiver.is_none();
                (!plain).then(|| errors::foreign_form(function.name.span))
            }
        },
    }
}
