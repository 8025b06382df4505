//! C functions: their types and symbols.

use super::Context;
use super::declare::Definition;
use crate::hir::errors;
use crate::hir::prelude::Primitive;
use crate::hir::tree::Foreign;
use crate::syntax::ast::{self, Name, TypeNodeId, TypeNodeKind};
use crate::types::{ForeignType, Type};

/// Whether the symbol is reserved: a program that called it as a C function would start itself again, or bypass the
/// runtime's control of signals and stacks. The other symbols that the runtime and compiled code define are not listed,
/// because no program is likely to use their names.
fn is_reserved(symbol: &str) -> bool {
    const DEFINED: [&str; 8] =
        ["main", "signal", "sigaction", "__sysv_signal", "__morestack", "_start", "_init", "_fini"];
    DEFINED.contains(&symbol) || symbol.starts_with("weft_")
}

impl<'a> Context<'a> {
    pub fn foreign(&mut self, function: &'a ast::Function, blocking: bool) -> Foreign {
        let errors = self.error_count;
        let foreign = self.foreign_signature(function, blocking);
        if !self.items.modules.arena[self.module].library && self.error_count == errors {
            self.check_symbol(&function.name, &foreign);
        }
        foreign
    }

    /// Checks that the program may declare a symbol, and that all declarations of the symbol have the same types.
    fn check_symbol(&mut self, name: &Name, foreign: &Foreign) {
        if is_reserved(name.as_str()) {
            self.report(errors::reserved_symbol(name));
            return;
        }
        match self.symbols.get(&name.text) {
            Some((first, _)) if first.parameters == foreign.parameters && first.result == foreign.result => {}
            Some(&(_, first)) => self.report(errors::symbol_of_two_types(name, first)),
            None => drop(self.symbols.insert(name.text.clone(), (foreign.clone(), name.span))),
        }
    }

    fn foreign_signature(&mut self, function: &'a ast::Function, blocking: bool) -> Foreign {
        let parameters = function.parameters.iter().filter_map(|parameter| parameter.ty);
        let parameters: Vec<ForeignType> = parameters.map(|node| self.foreign_type(node, false)).collect();
        let result = function.result.map_or(ForeignType::Unit, |node| self.foreign_type(node, true));
        Foreign { parameters, result, blocking }
    }

    /// The C type for a type node. Reports an error and returns the C type `void` if the type has no C type.
    fn foreign_type(&mut self, node: TypeNodeId, is_result: bool) -> ForeignType {
        let ast = self.ast;
        let errors_before = self.error_count;
        let diagnostics_before = self.diagnostics.len();
        let unknown_before = self.unknown_types.clone();
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
                | Primitive::Task
                | Primitive::Gen => {}
            }
        }
        let ty = self.named_type(node);
        // Errors in the type are dropped here: they are reported when the types of the function's Weft signature are
        // resolved.
        self.diagnostics.truncate(diagnostics_before);
        self.error_count = errors_before;
        self.unknown_types = unknown_before;
        let Some(ty) = ty else { return ForeignType::Unit };
        match self.types.get(ty) {
            Type::Unit if is_result => ForeignType::Unit,
            Type::Bool => ForeignType::Bool,
            Type::Byte => ForeignType::Byte,
            Type::Int => ForeignType::Int,
            Type::Float => ForeignType::Float,
            Type::Nominal(nominal, _) if *nominal == self.lang_items.c_ptr => ForeignType::CPtr,
            other => {
                let is_string = *other == Type::String;
                let shown = self.types.display(ty).to_string();
                self.report(errors::not_foreign(&shown, ast.types[node].span, is_string));
                ForeignType::Unit
            }
        }
    }
}
