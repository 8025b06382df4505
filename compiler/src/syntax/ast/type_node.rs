//! Types in the source. Name resolution turns them into types of the module `types`.

use super::{Path, TypeNodeId};
use crate::source::Span;

/// A type with its place.
#[derive(Clone, Debug)]
pub struct TypeNode {
    /// The kind of type.
    pub kind: TypeNodeKind,
    /// The place of the whole type.
    pub span: Span,
}

/// The kinds of types.
#[derive(Clone, Debug)]
pub enum TypeNodeKind {
    /// `Int`, `Map[K, V]`, `geometry.Point`, `Self`
    Named {
        /// The name.
        path: Path,
        /// The type arguments in the brackets.
        arguments: Vec<TypeNodeId>,
    },
    /// `(A, B)`; without elements the unit type `()`
    Tuple(Vec<TypeNodeId>),
    /// `[T]`
    Array(TypeNodeId),
    /// `T?`
    Option(TypeNodeId),
    /// `fn(A, B) -> C`, `share fn(A)`
    Function {
        /// Whether the type is a `share fn`: a function that captures only shareable values.
        share: bool,
        /// The parameter types in the parentheses.
        parameters: Vec<TypeNodeId>,
        /// The result type after the arrow; without an arrow it is unit.
        result: Option<TypeNodeId>,
    },
    /// An erroneous type; an error was reported.
    Error,
}

impl TypeNodeKind {
    /// The types directly inside the type.
    pub fn parts(&self) -> Vec<TypeNodeId> {
        match self {
            TypeNodeKind::Named { arguments: types, .. } | TypeNodeKind::Tuple(types) => types.clone(),
            TypeNodeKind::Array(inner) | TypeNodeKind::Option(inner) => vec![*inner],
            TypeNodeKind::Function { parameters, result, .. } => {
                parameters.iter().chain(result).copied().collect()
            }
            TypeNodeKind::Error => Vec::new(),
        }
    }
}
