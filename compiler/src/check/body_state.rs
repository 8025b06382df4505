//! The state of a body that is being checked: expectations, obligations, loops, and what its calls mean so far.

use super::infer::{Substitution, Term};
use crate::hir::{BinaryOp, Format, FunctionId, LocalId, TraitId, UnaryOp};
use crate::source::Span;

/// The expectation for an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// Any type.
    Anything,
    /// Nobody wants the value: branches may differ in type, and the type is `()`.
    Discarded,
    /// This type.
    Type(Term, Reason),
}

/// Why a type is expected.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Reason {
    /// `let x: T`
    Annotation(Span),
    /// The function's result. The span is missing when it is `()` for want of an arrow.
    Result(Option<Span>),
    /// A parameter of a function.
    Parameter(Span),
    /// A parameter of a function that has no declaration in the source.
    BuiltinParameter(&'static str),
    /// A parameter of a value that is called.
    Called(Span),
    /// A field of a struct or a variant.
    Field(Span),
    /// The other fields of a struct.
    Rest(Span),
    /// The variable, field or element that is assigned.
    Variable(Span),
    /// The condition of an `if` or `while`.
    Condition,
    /// Both sides of `&&` or `||`.
    Operand(&'static str),
    /// An index.
    Index,
    /// The bounds of a range.
    RangeBound,
    /// The first branch of the `if` or `match`.
    Branch(Span),
    /// The first element of the array.
    Element(Span),
    /// The first `break` of the `loop`.
    Break(Span),
    /// Another return of the spawned thread.
    Thread(Span),
    /// Another return of the lambda.
    Lambda(Span),
    /// The function type that the lambda must have.
    LambdaResult,
    /// The other value that is compared.
    Compared(Span),
    /// The value that a pattern takes apart.
    Matched(Span),
    /// The channel that it is sent on.
    Sent(Span),
    /// The time after `after`.
    After,
}

/// An obligation: a decision that needs a type.
#[derive(Clone, Debug)]
pub(super) enum Obligation {
    /// A type must implement a trait.
    Bound { ty: Term, of: TraitId, arguments: Vec<Term>, cause: Cause },
    /// An operator must know a type, which both sides have.
    Binary { op: BinaryOp, ty: Term, span: Span },
    /// An operator must know a type.
    Unary { op: UnaryOp, ty: Term, span: Span, operand: Span },
    /// Values of a type must have an identity, which `same` compares.
    Identity { ty: Term, span: Span },
    /// A format must fit a type.
    Format { format: Format, ty: Term },
}

/// Why a type must implement a trait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    /// A bound of a type parameter; the name at `span` has type arguments for it.
    Bound { span: Span, bound: Span },
    /// `==`, `<` and the like.
    Operator { op: BinaryOp, span: Span },
    /// `assert_eq` compares.
    AssertEq(Span),
    /// A thread captures it or gets it.
    Spawned { local: LocalId, value: Span, spawn: Span },
    /// A thread returns it.
    Returned(Span),
    /// A lambda captures it that must be a `share fn`.
    Captured { capture: Span, lambda: Span },
    /// The call of a method, whose trait requires it.
    Method(Span),
}

/// A lambda whose type is not decided.
#[derive(Clone, Debug)]
pub(super) struct Closure {
    pub ty: Term,
    pub captures: Vec<(LocalId, Span)>,
    pub lambda: Span,
}

/// A loop around the place that is being checked.
pub(super) struct LoopState {
    /// The expectation for the value of a `break`.
    pub expected: Expected,
    /// Whether there was one.
    pub broken: bool,
}

/// A function that is named, with what its type parameters stand for.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub function: FunctionId,
    pub substitution: Substitution,
}

/// The kind of value that a `for` goes through, while types are inferred.
#[derive(Clone, Debug)]
pub(super) enum Iterated {
    Range,
    Array,
    Vec,
    Next(Instance),
    Iter(Instance, Instance),
}

/// The meaning of `x[i]`, while types are inferred.
#[derive(Clone, Debug)]
pub(super) enum Indexed {
    Array,
    Vec,
    Method(Instance),
    Update(Instance, Instance),
}
