//! Ids of the tree's parts.

use crate::define_id;
use crate::types::TypeId;

define_id! {
    /// A function: of a module, an `impl`, a trait, in C, of the runtime, or the body of a test.
    FunctionId "fn";
    /// A `const`.
    ConstantId "const";
    /// A trait.
    TraitId "trait";
    /// An `impl` block.
    ImplId "impl";
}

define_id! {
    /// A variable of one body: of its function, of a lambda in it, or of a thread that it spawns.
    LocalId "$";
    /// An expression of one body.
    ExprId "e";
    /// A pattern of one body.
    PatternId "p";
    /// A loop of one body.
    LoopId "loop";
    /// A `spawn` of one body.
    SpawnId "spawn";
    /// A lambda of one body.
    LambdaId "lambda";
}

/// A type that the source names. `None` stands for one that was reported and must cause no other error.
pub type NamedType = Option<TypeId>;
