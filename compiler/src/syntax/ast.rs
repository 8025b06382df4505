//! The syntax tree: arenas of nodes that refer to each other by index, each node with its span.
//!
//! Guarantees:
//! - Nesting is bounded: recursion over items, blocks, patterns, types and operands is at most
//!   [`MAX_NESTING`](super::MAX_NESTING) deep, with one exception: a chain of binary operators (`a + b + c`) nests to
//!   the left and may have thousands of operands. Walk its left spine in a loop ([`Ast::left_spine`]).
//! - A chain of `else if` is one node with a list of branches.
//! - Erroneous source becomes an `Error` node, for which an error was reported. Later stages report nothing about
//!   `Error` nodes.

/// Types in the source.
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
    /// An item: a function or method, a struct, an import, and so on.
    ItemId "item";
    /// An expression.
    ExpressionId "e";
    /// A pattern.
    PatternId "p";
    /// A type in the source.
    TypeNodeId "t";
}

/// The tree of a file.
#[derive(Clone, Debug)]
pub struct Ast {
    /// The file.
    pub file: FileId,
    /// The text of the `//!` lines, without the slashes.
    pub doc: Option<Arc<str>>,
    /// The items at the top level of the file, in source order. Methods are members of their `impl` or trait.
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

    /// The kind of the expression `id`.
    pub fn expression(&self, id: ExpressionId) -> &ExpressionKind {
        &self.expressions[id].kind
    }

    /// Iterates over the left spine of an expression: `id` and, while the expression is a binary operator, its left
    /// operand. The spine of `a + b + c` is `a + b + c`, `a + b`, `a`. Loop over the spine instead of recursing: the
    /// last expression of the spine and all right operands nest at most `MAX_NESTING` deep.
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
    /// Creates the symbol for `text`.
    pub fn new(text: &str) -> Symbol {
        Symbol(text.into())
    }

    /// The symbol's text.
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

/// An identifier with its place in the source.
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
    /// The place from the first name to the last.
    pub span: Span,
}

impl Path {
    /// The name, if the path has only one.
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
