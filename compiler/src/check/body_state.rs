//! The state of a body that is being checked: expectations, obligations, loops, and the callees found so far.

use super::infer::{Shape, Substitution, Term};
use crate::hir::{BinaryOp, Format, FunctionId, LocalId, Shared, TraitId, UnaryOp};
use crate::source::Span;
use crate::types::Type;

/// The type that is expected of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// Any type.
    Anything,
    /// The value is discarded: branches may differ in type, and the whole expression has the type `()`.
    Discarded,
    /// A value of this type, for this reason.
    Type(Term, Reason),
}

/// The reason why a type is expected.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Reason {
    /// `let x: T`
    Annotation(Span),
    /// The function's result. There is no span if the result is `()` because the signature has no arrow.
    Result(Option<Span>),
    /// The body of a `gen fn`, which ends without a value.
    Generator,
    /// The element type of a `gen fn`, which the value of a `yield` must have. There is no span if an error in the type
    /// was reported.
    Yielded(Option<Span>),
    /// The element type of a `gen fn`, which the elements of the generator in a `yield from` must have.
    HandedOn(Option<Span>),
    /// A parameter of a function.
    Parameter(Span),
    /// A parameter of a builtin function, which has no declaration in the source.
    BuiltinParameter(&'static str),
    /// A parameter of the function value that is called; the span is the place of the function value.
    Called(Span),
    /// A field of a struct or a variant.
    Field(Span),
    /// The type of the struct that is constructed, which the value after `..` must have, too.
    Rest(Span),
    /// The variable, field or element that is assigned to.
    Variable(Span),
    /// The condition of an `if` or `while`.
    Condition,
    /// An operand of `&&` or `||`.
    Operand(&'static str),
    /// An index.
    Index,
    /// The bounds of a range.
    RangeBound,
    /// The width or the precision of a format.
    Format,
    /// The first branch of the `if` or `match`.
    Branch(Span),
    /// The first element of the array.
    Element(Span),
    /// An earlier `break` of the `loop`.
    Break(Span),
    /// The last value of the spawned thread. Each `return` in the thread must have the same type.
    Thread(Span),
    /// The last value of the lambda. Each `return` in the lambda must have the same type.
    Lambda(Span),
    /// The function type that the lambda must have.
    LambdaResult,
    /// The left value with which `assert_eq` or `same` compares the right value.
    Compared(Span),
    /// The value that a pattern matches.
    Matched(Span),
    /// The channel on which the value is sent.
    Sent(Span),
    /// The number of milliseconds after `after` in a `select`.
    After,
}

/// An obligation: a check that has to wait until inference knows a type.
#[derive(Clone, Debug)]
pub(super) enum Obligation {
    /// A type must implement a trait.
    Bound { ty: Term, of: TraitId, arguments: Vec<Term>, cause: Cause },
    /// A binary operator must accept `ty`, the type of both operands.
    Binary { op: BinaryOp, ty: Term, span: Span },
    /// A unary operator must accept the type of its operand.
    Unary { op: UnaryOp, ty: Term, span: Span, operand: Span },
    /// Values of a type must have an identity, which `same` compares.
    Identity { ty: Term, span: Span },
    /// A format must fit a type.
    Format { format: Format, ty: Term },
}

/// The reason why a type must implement a trait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause {
    /// The type argument at `span` must satisfy the bound at `bound` of the type parameter.
    Bound { span: Span, bound: Span },
    /// A comparison, such as `==` or `<`.
    Operator { op: BinaryOp, span: Span },
    /// An operator whose trait the type implements only if its parts do. The label at the operands is `who` followed
    /// by the type.
    Operand { op: &'static str, who: &'static str, span: Span },
    /// A comparison by `assert_eq`.
    AssertEq(Span),
    /// A spawned thread captures the value or takes it as an argument.
    Spawned { local: LocalId, value: Span, spawn: Span },
    /// A spawned thread returns the value.
    Returned(Span),
    /// A lambda that must be a `share fn` captures the value.
    Captured { capture: Span, lambda: Span },
    /// A use of a function of the trait.
    Method(Span),
}

impl<Id: Copy> Shared<Id> {
    /// The candidate that is meant where a value of the shape `wanted` is expected.
    pub(super) fn chosen(&self, wanted: &Shape) -> Option<Id> {
        let of_wanted = match wanted {
            Shape::Type(Type::Nominal(wanted, _)) => {
                self.candidates.iter().find(|(nominal, _)| nominal == wanted)
            }
            Shape::Type(_) | Shape::Variable | Shape::Error => None,
        };
        of_wanted.or_else(|| self.candidates.get(self.default?)).map(|&(_, candidate)| candidate)
    }
}

/// A lambda for which the checker has not chosen between `fn` and `share fn` yet.
#[derive(Clone, Debug)]
pub(super) struct Closure {
    pub ty: Term,
    pub captures: Vec<(LocalId, Span)>,
    pub lambda: Span,
}

/// A loop that encloses the expression being checked.
pub(super) struct LoopState {
    /// The expectation for the value of a `break`.
    pub expected: Expected,
    /// Whether a `break` of this loop was found.
    pub broken: bool,
}

/// A function with its type arguments.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub function: FunctionId,
    pub substitution: Substitution,
}

/// The kind of value that a `for` iterates over, with terms for its types.
#[derive(Clone, Debug)]
pub(super) enum Iterated {
    Range,
    Array,
    Vec,
    Next(Instance),
    Iter(Instance, Instance),
}

/// The meaning of `x[i]`, with terms for its types.
#[derive(Clone, Debug)]
pub(super) enum Indexed {
    Array,
    Vec,
    Method(Instance),
    Rest(Instance, Instance),
    Update(Instance, Instance),
}
