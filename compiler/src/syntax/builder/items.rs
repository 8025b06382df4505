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

/// The type after `impl` or `for`: `Stack[T: Show]`, `Iter[T]`, `[T]`.
pub(in crate::syntax) struct ImplType {
    /// `None` for an array.
    pub path: Option<Path>,
    pub arguments: Vec<ImplArgument>,
    pub span: Span,
}

pub(in crate::syntax) enum ImplArgument {
    Type(TypeNodeId),
    Bounded(TypeParameter),
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
        members: Vec<ItemId>,
    ) -> ItemKind {
        self.check_members(&members, Home::Trait);
        ItemKind::Trait(Trait { name, generics, members })
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
        of: Option<ImplType>,
        target: ImplType,
        members: Vec<ItemId>,
    ) -> ItemKind {
        self.check_members(&members, Home::Impl);
        let implemented = of.map(|of| self.implemented_trait(of));
        let mut generics = Vec::new();
        let arguments = target.arguments.into_iter().map(|argument| {
            let parameter = self.impl_parameter(argument)?;
            let span = parameter.name.span;
            let path = Path { names: vec![parameter.name.clone()], span };
            generics.push(parameter);
            Some(self.type_node(TypeNodeKind::Named { path, arguments: Vec::new() }, span.start, span.end))
        });
        let arguments: Vec<TypeNodeId> = arguments.flatten().collect();
        let kind = match (target.path, arguments.first()) {
            (Some(path), _) => TypeNodeKind::Named { path, arguments },
            (None, Some(&element)) => TypeNodeKind::Array(element),
            (None, None) => TypeNodeKind::Error,
        };
        let target = self.type_node(kind, target.span.start, target.span.end);
        ItemKind::Impl(Impl { generics, implemented, target, members })
    }

    fn implemented_trait(&mut self, of: ImplType) -> TypeNodeId {
        let mut arguments = Vec::new();
        for argument in of.arguments {
            match argument {
                ImplArgument::Type(ty) => arguments.push(ty),
                ImplArgument::Bounded(parameter) => self.report(errors::bound_in_trait(parameter.name.span)),
            }
        }
        let kind = match of.path {
            Some(path) => TypeNodeKind::Named { path, arguments },
            None => {
                self.report(errors::impl_of_array(of.span));
                TypeNodeKind::Error
            }
        };
        self.type_node(kind, of.span.start, of.span.end)
    }

    fn impl_parameter(&mut self, argument: ImplArgument) -> Option<TypeParameter> {
        let ty = match argument {
            ImplArgument::Bounded(parameter) => return Some(parameter),
            ImplArgument::Type(ty) => &self.ast.types[ty],
        };
        match &ty.kind {
            TypeNodeKind::Named { path, arguments } if arguments.is_empty() => {
                if let Some(name) = path.single() {
                    return Some(TypeParameter { name: name.clone(), bounds: Vec::new() });
                }
            }
            TypeNodeKind::Error => return None,
            _ => {}
        }
        let span = ty.span;
        self.report(errors::impl_parameter(span));
        None
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
