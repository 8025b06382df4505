//! The syntax tree: arenas of nodes that name each other by index, each node with its span.
//!
//! Promises to consumers:
//! - Nesting is bounded: recursion over items, blocks, patterns, types and operands is at most
//!   [`MAX_NESTING`](super::MAX_NESTING) deep, with one exception: a chain of binary operators (`a + b + c`) grows to
//!   the left as long as the user wrote it, thousands of terms. Walk its left spine in a loop ([`Ast::left_spine`]).
//! - `else if` chains are one node with a list of branches.
//! - Where the source was wrong there is an `Error` node, and a diagnostic was reported for it: stay silent about it.

/// Types as they are written.
mod type_node;
/// Patterns.
mod pattern;
/// Expressions and statements.
mod expression;
/// Items.
mod item;

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::arena::Arena;
use crate::define_id;
use crate::source::{FileId, Span};

pub use expression::*;
pub use item::*;
pub use pattern::*;
pub use type_node::*;

define_id! {
    /// An item: a function (methods too), a struct, an import ...
    ItemId "item";
    /// An expression.
    ExpressionId "e";
    /// A pattern.
    PatternId "p";
    /// A type as written.
    TypeNodeId "t";
}

/// The tree of a file.
#[derive(Clone, Debug)]
pub struct Ast {
    /// The file.
    pub file: FileId,
    /// The text of the `//!` lines, without the slashes.
    pub doc: Option<Arc<str>>,
    /// The items at the top of the file, in source order. Methods are reached through their `impl` or trait.
    pub top_level: Vec<ItemId>,
    /// Every item.
    pub items: Arena<ItemId, Item>,
    /// Every expression.
    pub expressions: Arena<ExpressionId, Expression>,
    /// Every pattern.
    pub patterns: Arena<PatternId, Pattern>,
    /// Every type.
    pub types: Arena<TypeNodeId, TypeNode>,
}

impl Ast {
    /// A tree without items.
    pub fn new(file: FileId) -> Ast {
        Ast {
            file,
            doc: None,
            top_level: Vec::new(),
            items: Arena::new(),
            expressions: Arena::new(),
            patterns: Arena::new(),
            types: Arena::new(),
        }
    }

    /// The expression of that index.
    pub fn expression(&self, id: ExpressionId) -> &ExpressionKind {
        &self.expressions[id].kind
    }

    /// `id`, and as long as that is a binary operator its left operand, outermost first: what to loop over instead of
    /// recursing. The last one is not a binary operator; it and all right operands nest at most `MAX_NESTING` deep.
    pub fn left_spine(&self, id: ExpressionId) -> impl Iterator<Item = ExpressionId> + '_ {
        std::iter::successors(Some(id), |&id| {
            if let ExpressionKind::Binary { left, .. } = self.expression(id) { Some(*left) } else { None }
        })
    }
}

/// An identifier's text, shared between its uses. Equal texts are equal symbols.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// The symbol of that text.
    pub fn new(text: &str) -> Symbol {
        Symbol(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Symbol {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Symbol {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An identifier with its place.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Name {
    /// The text.
    pub text: Symbol,
    /// The place of the name.
    pub span: Span,
}

impl Name {
    /// The text as a `&str`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Names with dots between them, at least one: `shapes.circle`.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// The names, at least one.
    pub names: Vec<Name>,
    /// From the first to the last.
    pub span: Span,
}

impl Path {
    /// The name, if it is only one.
    pub fn single(&self) -> Option<&Name> {
        match self.names.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names.iter().enumerate() {
            if at > 0 {
                f.write_str(".")?;
            }
            write!(f, "{name}")?;
        }
        Ok(())
    }
}
