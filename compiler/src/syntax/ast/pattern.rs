//! Patterns.

use std::sync::Arc;

use super::{Name, Path, PatternId};
use crate::source::Span;

/// A pattern with its place.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The kind of pattern.
    pub kind: PatternKind,
    /// The place of the whole pattern.
    pub span: Span,
}

/// The kinds of patterns.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// `_`
    Wildcard,
    /// `x`: a variant or constant if that name is in scope, otherwise a variable that the pattern binds
    Name(Name),
    /// `42`, `'a'`, `"text"`
    Literal(Literal),
    /// `'a'..='z'`, `0..10`
    Range {
        /// The first value.
        start: Literal,
        /// The last value if `inclusive`, otherwise the value after the last.
        end: Literal,
        /// Whether the range is `..=`, which includes `end`.
        inclusive: bool,
    },
    /// `(a, b)`; without elements the unit value `()`
    Tuple(Vec<PatternId>),
    /// `Circle(r)`, `Point(x: 0.0, y, ..)`, `Shape.Empty`. A single name without parentheses is a
    /// [`Name`](PatternKind::Name) instead.
    Constructor {
        /// The variant or struct.
        path: Path,
        /// The patterns in the parentheses.
        fields: Vec<FieldPattern>,
        /// The place of the `..` that skips the fields not listed, if there is one.
        rest: Option<Span>,
    },
    /// `[a, b]`, `[first, ..rest]`, `[first, .., last]`
    Array {
        /// The elements before `..`, or all elements if there is no `..`.
        before: Vec<PatternId>,
        /// `..rest`. If `None`, the array must have exactly as many elements as `before`.
        rest: Option<ArrayRest>,
        /// The elements after `..`.
        after: Vec<PatternId>,
    },
    /// `A | B | C`: at least two alternatives
    Or(Vec<PatternId>),
    /// `pattern as name`
    As {
        /// The pattern that must match.
        pattern: PatternId,
        /// The variable that is bound to the matched value.
        name: Name,
    },
    /// An erroneous pattern; an error was reported.
    Error,
}

/// A literal in a pattern.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    /// `42`, `-42`
    Integer {
        /// Whether there is a `-` before the literal.
        negative: bool,
        /// The value without its sign.
        magnitude: u64,
    },
    /// `1.5`, `-1.5`
    Float(f64),
    /// `'a'`
    Char(char),
    /// `b'a'`
    Byte(u8),
    /// `true`
    Bool(bool),
    /// `"text"`, without interpolations
    String(Arc<str>),
}

/// The pattern of a field: `r`, `x: 0.0`, `y`
#[derive(Clone, Debug)]
pub struct FieldPattern {
    /// The label `x:`, if any. Without a label, a pattern in a variant matches the field at the same position; a
    /// pattern in a struct is a name, which is also the field's name.
    pub label: Option<Name>,
    /// The pattern of the field.
    pub pattern: PatternId,
}

/// `..rest`
#[derive(Clone, Debug)]
pub struct ArrayRest {
    /// The variable that is bound to the remaining elements, if any.
    pub name: Option<Name>,
    /// The place of `..rest`, including the dots.
    pub span: Span,
}
