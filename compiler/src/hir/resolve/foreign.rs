//! Functions in C: how their values travel.

use super::Context;
use super::declare::Definition;
use crate::hir::errors;
use crate::hir::prelude::Primitive;
use crate::hir::tree::Foreign;
use crate::syntax::ast::{self, TypeNodeId, TypeNodeKind};
use crate::types::{ForeignType, Type};

impl<'a> Context<'a> {
    pub fn foreign(&mut self, function: &'a ast::Function, blocking: bool) -> Foreign {
        let parameters = function.parameters.iter().filter_map(|parameter| parameter.ty);
        let parameters: Vec<ForeignType> = parameters.map(|node| self.foreign_type(node, false)).collect();
        let result = function.result.map_or(ForeignType::Unit, |node| self.foreign_type(node, true));
        Foreign { parameters, result, blocking }
    }

    /// The type of C that a node names. What has none is reported, and stands for a `void`.
    fn foreign_type(&mut self, node: TypeNodeId, is_result: bool) -> ForeignType {
        let ast = self.ast;
        let errors_before = self.error_count;
        let diagnostics_before = self.diagnostics.len();
        if let TypeNodeKind::Named { path, arguments } = &ast.types[node].kind
            && let (Some(name), []) = (path.single(), arguments.as_slice())
            && let Some(Definition::Primitive(primitive)) = self.lookup(name)
        {
            match primitive {
                Primitive::CInt => return ForeignType::CInt,
                Primitive::CLong => return ForeignType::Int,
                Primitive::CSize => return ForeignType::CSize,
                Primitive::CString => return ForeignType::CString,
                Primitive::Int
                | Primitive::Float
                | Primitive::Bool
                | Primitive::Char
                | Primitive::Byte
                | Primitive::String
                | Primitive::Array
                | Primitive::Task => {}
            }
        }
        let ty = self.named_type(node);
        // What is wrong with the name is reported once, where the function's types are resolved.
        self.diagnostics.truncate(diagnostics_before);
        self.error_count = errors_before;
        let Some(ty) = ty else { return ForeignType::Unit };
        match self.types.get(ty) {
            Type::Unit if is_result => ForeignType::Unit,
            Type::Bool => ForeignType::Bool,
            Type::Byte => ForeignType::Byte,
            Type::Int => ForeignType::Int,
            Type::Float => ForeignType::Float,
            Type::Nominal(nominal, _) if *nominal == self.known.c_ptr => ForeignType::CPtr,
            other => {
                let is_string = *other == Type::String;
                let shown = self.types.display(ty).to_string();
                self.report(errors::not_foreign(&shown, ast.types[node].span, is_string));
                ForeignType::Unit
            }
        }
    }
}
