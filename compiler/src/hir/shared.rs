//! Variants of the same name: the type that is expected decides which enum's variant is meant.

use crate::syntax::ast::Name;
use crate::types::NominalId;

/// A variant whose name several enums have, in an expression or a pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Shared<Id> {
    /// The name.
    pub name: Name,
    /// The enums with such a variant, each with the node that means this variant. The nodes share their parts.
    pub candidates: Vec<(NominalId, Id)>,
    /// The index of the candidate that is meant if the expected type does not decide: the only variant of this name in
    /// the innermost scope that has one.
    pub default: Option<usize>,
}
