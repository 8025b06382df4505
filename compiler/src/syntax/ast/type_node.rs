//! Types as they are written; `types` has those that are meant.

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
        /// In the brackets.
        arguments: Vec<TypeNodeId>,
    },
    /// `(A, B)`; without elements it is unit, `()`
    Tuple(Vec<TypeNodeId>),
    /// `[T]`
    Array(TypeNodeId),
    /// `T?`
    Option(TypeNodeId),
    /// `fn(A, B) -> C`, `share fn(A)`
    Function {
        /// `share`: it captures only shareable values.
        share: bool,
        /// In the parentheses.
        parameters: Vec<TypeNodeId>,
        /// After the arrow; without one it is unit.
        result: Option<TypeNodeId>,
    },
    /// Something that is not a type; reported.
    Error,
}
