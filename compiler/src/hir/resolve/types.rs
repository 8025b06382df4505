//! Types as they are written, to types as they are meant.

use super::Context;
use crate::hir::errors;
use crate::hir::prelude::{Builtin, PLANNED_TYPES, TYPES};
use crate::hir::tree::NamedType;
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::{Name, TypeNodeId, TypeNodeKind};
use crate::types::Type;

use super::items::Definition;

impl Context<'_> {
    /// The type that a node names; `None` when it was reported.
    pub(super) fn named_type(&mut self, node: TypeNodeId) -> NamedType {
        let ast = self.ast;
        let span = ast.types[node].span;
        match &ast.types[node].kind {
            TypeNodeKind::Named { path, arguments } => match path.single() {
                Some(name) => self.type_by_name(name, arguments, span),
                None => self.module_type(&path.names[0], span),
            },
            TypeNodeKind::Tuple(elements) if elements.is_empty() => Some(self.types.intern(Type::Unit)),
            TypeNodeKind::Tuple(_) => self.unsupported_type("a tuple type", span),
            TypeNodeKind::Array(element) => {
                let element = self.named_type(*element)?;
                Some(self.types.intern(Type::Array(element)))
            }
            TypeNodeKind::Option(_) => self.unsupported_type("an option type", span),
            TypeNodeKind::Function { .. } => self.unsupported_type("a function type", span),
            TypeNodeKind::Error => None,
        }
    }

    fn type_by_name(&mut self, name: &Name, arguments: &[TypeNodeId], span: Span) -> NamedType {
        if let Some((definition, declared)) = self.items.get(&name.text) {
            match definition {
                Definition::Unsupported => {}
                Definition::Function(_) => self.report(errors::value_as_type(name, Some(declared))),
            }
            return None;
        }
        if PLANNED_TYPES.contains(&name.as_str()) {
            return self.unsupported_type(&format!("the type `{name}`"), span);
        }
        let simple = match name.as_str() {
            "Int" => Type::Int,
            "Float" => Type::Float,
            "Bool" => Type::Bool,
            "String" => Type::String,
            "Task" => return self.task_type(name, arguments, span),
            unknown => {
                if Builtin::named(unknown).is_some() {
                    self.report(errors::value_as_type(name, None));
                } else {
                    self.report(errors::unknown_type(name, closest(unknown, TYPES.iter().copied())));
                }
                return None;
            }
        };
        if !arguments.is_empty() {
            self.report(errors::type_argument_count(name, 0, arguments.len(), span));
            return None;
        }
        Some(self.types.intern(simple))
    }

    fn task_type(&mut self, name: &Name, arguments: &[TypeNodeId], span: Span) -> NamedType {
        match arguments {
            &[result] => {
                let result = self.named_type(result)?;
                Some(self.types.intern(Type::Task(result)))
            }
            other => {
                self.report(errors::type_argument_count(name, 1, other.len(), span));
                None
            }
        }
    }

    /// `geometry.Point`: the import has been reported, if there is one.
    fn module_type(&mut self, module: &Name, span: Span) -> NamedType {
        if self.items.get(&module.text).is_none() {
            return self.unsupported_type("a type of another module", span);
        }
        None
    }

    fn unsupported_type(&mut self, what: &str, span: Span) -> NamedType {
        self.not_supported(what, span);
        None
    }
}
