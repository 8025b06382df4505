//! The types of values, interned: equal types have equal ids.
//!
//! [`Type`] is one layer: a constructor and its parts. What a part is depends on who speaks: here it is a
//! [`TypeId`]; during inference it is a term that may hold a variable, and both share [`Type`]'s shape.

use std::collections::HashMap;
use std::fmt;

use crate::arena::Arena;
use crate::define_id;

define_id! {
    /// An interned type.
    TypeId "type";
}

/// A type whose parts are `Part`s.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type<Part = TypeId> {
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
    Task(Part),
    /// `[T]`
    Array(Part),
    /// The type of an expression that never has a value: `return`, `panic(...)`.
    Never,
}

impl<Part: Copy> Type<Part> {
    /// The same constructor with each part replaced.
    pub fn map<Other>(&self, mut part: impl FnMut(Part) -> Other) -> Type<Other> {
        match self {
            Type::Unit => Type::Unit,
            Type::Bool => Type::Bool,
            Type::Int => Type::Int,
            Type::Float => Type::Float,
            Type::String => Type::String,
            Type::Task(result) => Type::Task(part(*result)),
            Type::Array(element) => Type::Array(part(*element)),
            Type::Never => Type::Never,
        }
    }

    /// The parts in order.
    pub fn parts(&self) -> Vec<Part> {
        match self {
            Type::Unit | Type::Bool | Type::Int | Type::Float | Type::String | Type::Never => Vec::new(),
            Type::Task(part) | Type::Array(part) => vec![*part],
        }
    }

    /// Writes the type as a reader would, its parts by `part`.
    pub fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        part: impl Fn(&mut fmt::Formatter<'_>, Part) -> fmt::Result,
    ) -> fmt::Result {
        match self {
            Type::Unit => f.write_str("()"),
            Type::Bool => f.write_str("Bool"),
            Type::Int => f.write_str("Int"),
            Type::Float => f.write_str("Float"),
            Type::String => f.write_str("String"),
            Type::Task(result) => {
                f.write_str("Task[")?;
                part(f, *result)?;
                f.write_str("]")
            }
            Type::Array(element) => {
                f.write_str("[")?;
                part(f, *element)?;
                f.write_str("]")
            }
            Type::Never => f.write_str("!"),
        }
    }
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
        self.table.get(self.id).write(f, |f, part| write!(f, "{}", self.table.display(part)))
    }
}
