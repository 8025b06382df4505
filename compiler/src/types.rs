//! The types of values, interned: equal types have equal ids.

use std::collections::HashMap;
use std::fmt;

use crate::arena::Arena;
use crate::define_id;

define_id! {
    /// An interned type.
    TypeId "type";
}

/// A type without variables.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// `()`
    Unit,
    /// `Bool`
    Bool,
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `String`
    String,
    /// `Task[T]`
    Task(TypeId),
    /// `[T]`
    Array(TypeId),
    /// The type of an expression that never has a value: `return`, `panic(...)`.
    Never,
}

/// All types of a program.
#[derive(Clone, Debug)]
pub struct TypeTable {
    types: Arena<TypeId, Type>,
    ids: HashMap<Type, TypeId>,
}

impl TypeTable {
    /// No types yet.
    pub fn new() -> TypeTable {
        TypeTable { types: Arena::new(), ids: HashMap::new() }
    }

    /// The id of a type.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = self.types.push(ty.clone());
        self.ids.insert(ty, id);
        id
    }

    /// The type itself.
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id]
    }

    /// The type as a reader would write it.
    pub fn display(&self, id: TypeId) -> impl fmt::Display + '_ {
        DisplayType { table: self, id }
    }
}

impl Default for TypeTable {
    fn default() -> Self {
        TypeTable::new()
    }
}

struct DisplayType<'a> {
    table: &'a TypeTable,
    id: TypeId,
}

impl fmt::Display for DisplayType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.table.get(self.id) {
            Type::Unit => f.write_str("()"),
            Type::Bool => f.write_str("Bool"),
            Type::Int => f.write_str("Int"),
            Type::Float => f.write_str("Float"),
            Type::String => f.write_str("String"),
            Type::Task(result) => write!(f, "Task[{}]", self.table.display(*result)),
            Type::Array(element) => write!(f, "[{}]", self.table.display(*element)),
            Type::Never => f.write_str("!"),
        }
    }
}
