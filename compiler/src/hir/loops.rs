//! Loops, which `break` and `continue` name.

use crate::source::Span;
use crate::syntax::ast::Name;

/// The kind of loop in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopKind {
    /// `loop`, the only kind whose `break` may carry a value.
    Loop,
    /// `while` and `while let`, lowered to a `loop` around an `if`.
    While,
    /// `for`
    For,
}

/// A loop, the target of `break` and `continue`.
#[derive(Clone, PartialEq, Debug)]
pub struct Loop {
    /// The kind of loop in the source.
    pub kind: LoopKind,
    /// The label, if any.
    pub label: Option<Name>,
    /// The place of the label, or of the keyword if there is no label.
    pub span: Span,
}
