//! The pieces of interpolated strings.

use std::sync::Arc;

use weft_abi::FormatSpec;

use super::ids::ExprId;
use crate::source::Span;

/// A piece of an interpolated string.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// Literal text.
    Text(Arc<str>),
    /// `{value:format}`
    Value {
        /// The interpolated expression.
        value: ExprId,
        /// The format after the colon, if any.
        format: Option<Format>,
    },
}

/// The format after the colon of an interpolation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Format {
    /// The parts that are written in the format.
    pub spec: FormatSpec,
    /// The computed width: `w` in `{x:>{w}}`. It is evaluated after the value, and before the precision.
    pub width: Option<ExprId>,
    /// The computed precision: `p` in `{x:.{p}}`.
    pub precision: Option<ExprId>,
    /// The place of the format.
    pub span: Span,
}
