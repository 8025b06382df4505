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
    /// `x`: binds a variable, or is a variant or constant if one of that name is in scope
    Name(Name),
    /// `42`, `'a'`, `"text"`
    Literal(Literal),
    /// `'a'..='z'`, `0..10`
    Range {
        /// The first.
        start: Literal,
        /// The end.
        end: Literal,
        /// `..=`: the end belongs to it.
        inclusive: bool,
    },
    /// `(a, b)`; without elements it is unit, `()`
    Tuple(Vec<PatternId>),
    /// `Circle(r)`, `Point(x: 0.0, y, ..)`, `Shape.Empty`. With one name there are always parentheses.
    Constructor {
        /// The variant or struct.
        path: Path,
        /// In the parentheses.
        fields: Vec<FieldPattern>,
        /// The place of `..`, if there is one: fields that are not named are skipped.
        rest: Option<Span>,
    },
    /// `[a, b]`, `[first, ..rest]`, `[first, .., last]`
    Array {
        /// The elements before `..`, or all of them.
        before: Vec<PatternId>,
        /// `..rest`; without it the length must be exact.
        rest: Option<ArrayRest>,
        /// The elements after `..`.
        after: Vec<PatternId>,
    },
    /// `A | B | C`: at least two
    Or(Vec<PatternId>),
    /// `pattern as name`
    As {
        /// The pattern that must match.
        pattern: PatternId,
        /// The name of the value.
        name: Name,
    },
    /// Something that is not a pattern; reported.
    Error,
}

/// A literal in a pattern.
#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    /// `42`, `-42`
    Integer {
        /// Whether a `-` stands before it.
        negative: bool,
        /// Without the sign.
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

/// `r`, `x: 0.0`, `y`
#[derive(Clone, Debug)]
pub struct FieldPattern {
    /// `x:`. Without it the pattern stands for the field at its place in a variant; in a struct it is a name, which
    /// is the field's too.
    pub label: Option<Name>,
    /// The pattern of the field.
    pub pattern: PatternId,
}

/// `..rest`
#[derive(Clone, Debug)]
pub struct ArrayRest {
    /// The name of the other elements.
    pub name: Option<Name>,
    /// With the dots.
    pub span: Span,
}
