//! Resolves types: from type nodes of the source to interned types.

use std::collections::HashMap;

use super::Context;
use super::declare::Definition;
use crate::hir::errors;
use crate::hir::ids::NamedType;
use crate::hir::prelude::Primitive;
use crate::hir::tree::TraitReference;
use crate::source::Span;
use crate::syntax::ast::{self, Name, Path, TypeNodeId, TypeNodeKind};
use crate::types::{NominalId, ParameterId, Type, TypeId};

/// The maximum number of type constructors in the type of an alias; `[Int]` has two. The limit bounds the work of later
/// stages: with `type B = (A, A)`, `type C = (B, B)` and so on, each alias would double the size of the type.
const MAX_SIZE: u32 = 1000;

impl<'a> Context<'a> {
    /// Resolves a type; `None` if an error was reported.
    pub fn named_type(&mut self, node: TypeNodeId) -> NamedType {
        let ast = self.ast;
        let span = ast.types[node].span;
        match &ast.types[node].kind {
            TypeNodeKind::Named { path, arguments } => self.named(path, arguments, span),
            TypeNodeKind::Tuple(elements) if elements.is_empty() => self.intern(Type::Unit),
            TypeNodeKind::Tuple(elements) => {
                let elements = self.named_types(elements)?;
                self.intern(Type::Tuple(elements))
            }
            TypeNodeKind::Array(element) => {
                let element = self.named_type(*element)?;
                self.intern(Type::Array(element))
            }
            TypeNodeKind::Option(value) => {
                let value = self.named_type(*value)?;
                self.intern(Type::Nominal(self.lang_items.option, vec![value]))
            }
            TypeNodeKind::Function { share, parameters, result } => {
                let parameters = self.named_types(parameters);
                let result = match result {
                    Some(result) => self.named_type(*result),
                    None => self.intern(Type::Unit),
                };
                self.intern(Type::Function { share: *share, parameters: parameters?, result: result? })
            }
            TypeNodeKind::Error => None,
        }
    }

    fn intern(&mut self, ty: Type) -> NamedType {
        Some(self.types.intern(ty))
    }

    /// Resolves several types; `None` if an error was reported for any of them.
    fn named_types(&mut self, nodes: &[TypeNodeId]) -> Option<Vec<TypeId>> {
        let types: Vec<NamedType> = nodes.iter().map(|&node| self.named_type(node)).collect();
        types.into_iter().collect()
    }

    fn named(&mut self, path: &Path, arguments: &'a [TypeNodeId], span: Span) -> NamedType {
        let found = self.path_of_type(path, |context, name| {
            let suggestion = context.suggest_type(name);
            if context.unknown_types.insert((context.module, name.text.clone())) {
                context.report(errors::unknown_type(name, suggestion));
            }
        });
        let given = self.named_types(arguments);
        let last = path.names.last().expect("BUG: a path without names");
        let count = |takes| Arity { name: last, takes, given: arguments.len(), span };
        match found {
            Definition::Failed => None,
            Definition::Primitive(primitive) => self.primitive(primitive, given, count),
            Definition::Nominal(nominal) => {
                let takes = self.items.nominals[nominal].source.generics().len();
                self.has_arity(count(takes))?;
                self.intern(Type::Nominal(nominal, given?))
            }
            Definition::Alias(alias) => {
                let takes = self.items.aliases[alias].source.generics.len();
                self.has_arity(count(takes))?;
                let (parameters, ty) = (self.aliases[alias].parameters.clone(), self.aliases[alias].ty?);
                let arguments: HashMap<ParameterId, TypeId> = parameters.into_iter().zip(given?).collect();
                let ty = self.types.substitute(ty, &arguments);
                self.within_size(last, ty)
            }
            Definition::Parameter(parameter) => {
                self.has_arity(count(0))?;
                if self.unbounded.contains(&parameter) {
                    None
                } else {
                    self.intern(Type::Parameter(parameter))
                }
            }
            Definition::SelfType => {
                self.has_arity(count(0))?;
                self.self_type.unwrap_or_else(|| {
                    self.report(errors::self_type_outside(last));
                    None
                })
            }
            Definition::Trait(_) => {
                self.report(errors::trait_as_type(last));
                None
            }
            Definition::Module(_)
            | Definition::Function(_)
            | Definition::Constant(_)
            | Definition::Variant(..)
            | Definition::Shared(_)
            | Definition::Builtin(_) => {
                // The name may be a misspelt type that is also the name of another item, such as the library's module
                // `int` for `Int`.
                let is_meant = |suggestion: &&str| {
                    let elsewhere = errors::elsewhere::type_of(last.as_str());
                    elsewhere == Some(suggestion) || suggestion.eq_ignore_ascii_case(last.as_str())
                };
                let suggestion = self.suggest_type(last).filter(is_meant);
                let error = match suggestion {
                    Some(_) => errors::unknown_type(last, suggestion),
                    None => errors::value_as_type(last, self.describe(found), self.declared(found)),
                };
                self.report(error);
                None
            }
        }
    }

    fn primitive<'n>(
        &mut self,
        primitive: Primitive,
        given: Option<Vec<TypeId>>,
        count: impl Fn(usize) -> Arity<'n>,
    ) -> NamedType {
        let ty = match primitive {
            Primitive::Int | Primitive::CInt | Primitive::CLong | Primitive::CSize => Type::Int,
            Primitive::Float => Type::Float,
            Primitive::Bool => Type::Bool,
            Primitive::Char => Type::Char,
            Primitive::Byte => Type::Byte,
            Primitive::String | Primitive::CString => Type::String,
            Primitive::Array | Primitive::Task | Primitive::Gen => {
                self.has_arity(count(1))?;
                let part = given?[0];
                return self.intern(match primitive {
                    Primitive::Task => Type::Task(part),
                    Primitive::Gen => Type::Generator(part),
                    _ => Type::Array(part),
                });
            }
        };
        self.has_arity(count(0))?;
        self.intern(ty)
    }

    /// Returns `None` and reports an error if the number of type arguments is wrong.
    fn has_arity(&mut self, arity: Arity<'_>) -> Option<()> {
        if arity.takes == arity.given {
            return Some(());
        }
        self.report(errors::type_argument_count(arity.name, arity.takes, arity.given, arity.span));
        None
    }

    /// Returns `ty`. If `ty` is too large, reports an error and returns `None`.
    pub fn within_size(&mut self, name: &Name, ty: TypeId) -> NamedType {
        if self.size(ty) <= MAX_SIZE {
            return Some(ty);
        }
        self.report(errors::type_too_large(name));
        None
    }

    /// The number of type constructors in a type: 2 for `[Int]`.
    fn size(&mut self, ty: TypeId) -> u32 {
        if let Some(&size) = self.sizes.get(&ty) {
            return size;
        }
        let parts = self.types.get(ty).parts();
        let size = parts.into_iter().fold(1u32, |size, part| size.saturating_add(self.size(part)));
        self.sizes.insert(ty, size);
        size
    }

    /// Resolves the reference to a trait, such as `Iter[T]`; `None` if an error was reported.
    pub fn trait_reference(&mut self, node: TypeNodeId) -> Option<TraitReference> {
        let ast = self.ast;
        let span = ast.types[node].span;
        let TypeNodeKind::Named { path, arguments } = &ast.types[node].kind else { return None };
        let found = self.path_of_type(path, |context, name| {
            let items = context.items;
            let scopes = [context.module, items.modules.prelude()].map(|module| &items.scopes[module]);
            let traits = scopes.into_iter().flat_map(|scope| {
                let traits = scope.names.iter();
                let traits = traits.filter(|(_, entry)| matches!(entry.definition, Definition::Trait(_)));
                traits.map(|(name, _)| name.as_str())
            });
            let suggestion = items.suggest(&name.text, traits);
            context.report(errors::unknown_trait(name, suggestion));
        });
        let given = self.named_types(arguments);
        let last = path.names.last().expect("BUG: a path without names");
        match found {
            Definition::Trait(id) => {
                let takes = self.items.traits[id].source.generics.len();
                self.has_arity(Arity { name: last, takes, given: arguments.len(), span })?;
                Some(TraitReference { id, arguments: given?, span })
            }
            Definition::Failed => None,
            _ => {
                let declared = self.declared(found);
                self.report(errors::not_a_trait(last, self.describe(found), declared));
                None
            }
        }
    }

    /// The struct or enum that a definition names: directly, through an alias, or as `Self`.
    pub fn nominal_of(&self, found: Definition) -> Option<NominalId> {
        let ty = match found {
            Definition::Nominal(nominal) => return Some(nominal),
            Definition::Alias(alias) => self.aliases[alias].ty?,
            Definition::SelfType => self.self_type??,
            _ => return None,
        };
        match self.types.get(ty) {
            Type::Nominal(nominal, _) => Some(*nominal),
            _ => None,
        }
    }

    fn suggest_type(&self, name: &ast::Name) -> Option<&'a str> {
        let elsewhere = errors::elsewhere::type_of(&name.text);
        elsewhere.or_else(|| self.items.suggest(&name.text, self.known_types()))
    }
}

/// The number of type arguments that a type or trait takes, and the number that is given.
struct Arity<'n> {
    name: &'n Name,
    takes: usize,
    given: usize,
    span: Span,
}
