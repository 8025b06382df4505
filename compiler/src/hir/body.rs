//! The HIR of function bodies. Each body has its own arenas; nodes refer to each other by index.

use std::sync::Arc;

use super::ids::{ConstantId, ExprId, FunctionId, LambdaId, LocalId, LoopId, NamedType, PatternId, SpawnId};
use super::interpolation::Part;
use super::loops::Loop;
use super::operators::{BinaryOp, LogicalOp, UnaryOp};
use super::prelude::Builtin;
use super::shared::Shared;
use crate::arena::Arena;
use crate::diagnostics::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::{NominalId, ParameterId, TypeId};

/// The body of a function, a constant or a test.
#[derive(Clone, Debug)]
pub struct Body {
    /// The patterns of the parameters, `self` included; they are irrefutable.
    pub parameters: Vec<PatternId>,
    /// All variables: parameters, local variables, and the variables that spawned threads start with.
    pub locals: Arena<LocalId, Local>,
    /// All expressions, in an order in which the operands of an expression come before the expression.
    pub exprs: Arena<ExprId, Expr>,
    /// All patterns, in an order in which the parts of a pattern come before the pattern.
    pub patterns: Arena<PatternId, Pattern>,
    /// All loops.
    pub loops: Arena<LoopId, Loop>,
    /// All spawned threads.
    pub spawns: Arena<SpawnId, Spawn>,
    /// All lambdas.
    pub lambdas: Arena<LambdaId, Lambda>,
    /// The whole body.
    pub root: ExprId,
    /// Whether the body uses `self` although the function has no parameter `self`; an error was reported.
    pub lacks_self: bool,
}

/// A variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    /// The variable's name, with the place of its binding.
    pub name: Name,
    /// Whether the variable is a `var`, which may be assigned.
    pub mutable: bool,
    /// Whether the variable is a `var` that a lambda captures. Such a variable is in a heap cell, which the lambda and
    /// the code around the lambda share.
    pub in_cell: bool,
}

/// A `spawn`: like a call, with arguments that are evaluated at the `spawn` and a body that runs in a new thread.
#[derive(Clone, PartialEq, Debug)]
pub struct Spawn {
    /// The variables that the thread starts with, each with the expression of the spawning code that initialises it.
    pub arguments: Vec<(LocalId, ExprId)>,
    /// The expression that the thread runs.
    pub body: ExprId,
    /// The place of the `spawn` keyword.
    pub span: Span,
}

/// `|a: Int, b| e`
#[derive(Clone, PartialEq, Debug)]
pub struct Lambda {
    /// The parameters between the bars: patterns, each with its type if one was given.
    pub parameters: Vec<(PatternId, Option<(NamedType, Span)>)>,
    /// The captured variables: variables of the code around the lambda that the lambda uses, each once, with the place
    /// of the first use. A captured `var` is in a cell. If an inner lambda captures a variable from outside the outer
    /// lambda, the outer lambda captures the variable, too.
    pub captures: Vec<(LocalId, Span)>,
    /// In the body, the variable with the name of the lambda in `let f: fn(Int) -> Int = |n| ...`. Its value is the
    /// lambda itself; it is never bound.
    pub itself: Option<LocalId>,
    /// The body.
    pub body: ExprId,
    /// The place of the whole lambda.
    pub span: Span,
    /// Whether the lambda is the block of a `defer`: such a lambda has no parameters, and its value is discarded.
    pub deferred: bool,
}

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// The kind of expression.
    pub kind: ExprKind,
    /// The place of the expression.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// An erroneous expression, whose error was reported; later stages report nothing about it.
    Error,
    /// `()`
    Unit,
    /// `true`
    Bool(bool),
    /// `42`, `-42`: a minus before a literal is part of the literal
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `'a'`
    Char(char),
    /// `b'a'`
    Byte(u8),
    /// `b"ab\x00"`, a `Bytes`
    Bytes(Arc<[u8]>),
    /// `"text"`
    String(Arc<str>),
    /// `"a = {a:>8}"`
    Interpolation(Vec<Part>),
    /// `x`, also `self`
    Local(LocalId),
    /// `LIMIT`
    Constant(ConstantId),
    /// `f`, not called
    Function(FunctionId),
    /// `Circle`: a variant with fields, used as a function and not called
    VariantFunction(NominalId, usize),
    /// A variant whose name several enums have: the checker chooses a candidate by the expected type.
    Shared(Shared<ExprId>),
    /// A candidate of a `Shared` whose fields do not fit; reported if the checker chooses the candidate.
    Misfit(Box<Diagnostic>),
    /// `println` and the like, not called: the checker reports an error
    BuiltinFunction(Builtin),
    /// `(a, b)`: at least two elements
    Tuple(Vec<ExprId>),
    /// `[a, b]`
    Array(Vec<ExprId>),
    /// `a..b`, `a..=b`
    Range {
        /// The first value.
        start: ExprId,
        /// The last value if `inclusive`, otherwise the value after the last.
        end: ExprId,
        /// Whether `end` belongs to the range.
        inclusive: bool,
    },
    /// `a..`, only as the index of an [`ExprKind::Index`]: the end is the length of the sequence
    RangeFrom(ExprId),
    /// `-x`
    Unary(UnaryOp, ExprId),
    /// `x + y`
    Binary(BinaryOp, ExprId, ExprId),
    /// `x && y`
    Logical(LogicalOp, ExprId, ExprId),
    /// `f(x)`
    Call(FunctionId, Vec<ExprId>),
    /// `println(x)`
    CallBuiltin(Builtin, Vec<ExprId>),
    /// `f(x)` where `f` is a value
    CallValue(ExprId, Vec<ExprId>),
    /// `x.len()`; also `x.step()` where `step` is a field that holds a function
    CallMethod {
        /// The expression before the dot.
        receiver: ExprId,
        /// The method's name. The checker finds the method by the receiver's type.
        method: Name,
        /// The arguments without the receiver.
        arguments: Vec<ExprId>,
    },
    /// `Vec.new()`, `Point.origin()`, `T.zero()`
    CallAssociated {
        /// The type before the dot.
        of: TypeBase,
        /// The function's name. The checker finds the function by the type.
        name: Name,
        /// All arguments, including a receiver: `Point.norm(p)` is possible, too.
        arguments: Vec<ExprId>,
    },
    /// `Int.MAX`, and `Point.origin` without a call
    Associated {
        /// The type before the dot.
        of: TypeBase,
        /// The constant's or function's name.
        name: Name,
    },
    /// `Point(x: 1.0, ..p)`: name resolution has checked that each label exists, that no label is given twice, and,
    /// without `..p`, that no field is missing
    Struct {
        /// The struct.
        nominal: NominalId,
        /// Field numbers and values, in source order.
        fields: Vec<(usize, ExprId)>,
        /// The value `p` after `..` from which the other fields are copied, evaluated last.
        rest: Option<ExprId>,
    },
    /// `Circle(1.0)`, `Empty`: name resolution has checked the number of arguments
    Variant {
        /// The enum.
        nominal: NominalId,
        /// The variant.
        variant: usize,
        /// The values of all fields, each with the number of its field, in the order of evaluation.
        arguments: Vec<(usize, ExprId)>,
    },
    /// `x.name`, not called
    Field(ExprId, Name),
    /// `x.0`: the tuple, the index, and the place of the index
    TupleField(ExprId, usize, Span),
    /// `xs[i]`, `xs[i..j]`, `m[k]`
    Index(ExprId, ExprId),
    /// `e?`
    Try(ExprId),
    /// `{ ... }`
    Block(Block),
    /// `if a { } else if let p = b { } else { }`: a flat list, because a chain may be as long as the source
    If {
        /// The branches in source order, at least one.
        branches: Vec<Branch>,
        /// The `else` block, which runs when no condition holds.
        otherwise: Option<ExprId>,
    },
    /// `match e { ... }`
    Match {
        /// The matched value.
        scrutinee: ExprId,
        /// The arms in source order; none for a type without values.
        arms: Vec<Arm>,
    },
    /// `select { }`: at least one arm, at most one of them `else`
    Select(Vec<SelectArm>),
    /// `scope { }`
    Scope(ExprId),
    /// `loop { }`, and `while`
    Loop(LoopId, ExprId),
    /// `for p in xs { }`
    For {
        /// The loop's id, for `break` and `continue`.
        id: LoopId,
        /// The pattern of an element: irrefutable, and its variables are new in each iteration.
        pattern: PatternId,
        /// The value that is iterated. An [`ExprKind::Range`] written here is never built as a value.
        iterable: ExprId,
        /// The body.
        body: ExprId,
    },
    /// `break`, `break v`; only a `loop` takes a value `v`
    Break(LoopId, Option<ExprId>),
    /// `continue`
    Continue(LoopId),
    /// `return`, `return v`: returns from the innermost enclosing lambda, spawned thread or function
    Return(Option<ExprId>),
    /// `x = v`, `p.x += v`, `xs[i] = v`
    Assign {
        /// An [`ExprKind::Local`], [`ExprKind::Field`], [`ExprKind::Index`] or [`ExprKind::Error`]. Also an
        /// [`ExprKind::TupleField`], which the checker reports.
        target: ExprId,
        /// The operator before `=`, if any.
        operator: Option<BinaryOp>,
        /// The value that is assigned.
        value: ExprId,
    },
    /// `|x| x + 1`
    Lambda(LambdaId),
    /// `spawn f(x)`, `spawn { }`
    Spawn(SpawnId),
    /// `yield`
    Yield,
    /// `yield e` in a `gen fn`: the next element of the generator
    YieldValue(ExprId),
    /// `yield from e` in a `gen fn`: the remaining elements of another generator
    YieldFrom(ExprId),
}

/// The type before a dot.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum TypeBase {
    /// `Pair`: the checker infers the type arguments
    Nominal(NominalId),
    /// `Array`: the checker infers the type of the elements
    Array,
    /// `Task`: the checker infers the type of the result
    Task,
    /// `Gen`: the checker infers the type of the elements
    Generator,
    /// `T`
    Parameter(ParameterId),
    /// A complete type: `Int`, `Self`, an alias
    Type(TypeId),
}

/// A branch of an `if`: conditions and a body.
#[derive(Clone, PartialEq, Debug)]
pub struct Branch {
    /// The conditions, at least one, tested in order. A condition may use the variables of those before it.
    pub conditions: Vec<Condition>,
    /// The body, which runs when all conditions hold.
    pub body: ExprId,
}

/// A condition of `if` or `while`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Condition {
    /// An expression of type `Bool`.
    Expr(ExprId),
    /// `let p = e`
    Let(PatternId, ExprId),
}

/// `pattern if guard => body`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Arm {
    /// The pattern.
    pub pattern: PatternId,
    /// The condition after `if`, if any.
    pub guard: Option<ExprId>,
    /// The arm's body, whose value is the value of the `match`.
    pub body: ExprId,
    /// The place of the whole arm.
    pub span: Span,
}

/// `v = a.recv() => body`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SelectArm {
    /// The event that the arm waits for.
    pub event: SelectEvent,
    /// The arm's body, whose value is the value of the `select`.
    pub body: ExprId,
    /// The place of the whole arm.
    pub span: Span,
}

/// An event that an arm of a `select` waits for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum SelectEvent {
    /// `v = a.recv()`: the channel, and the pattern that binds the received value, a `T?`
    Receive(ExprId, Option<PatternId>),
    /// `a.send(x)`: the channel and the value
    Send(ExprId, ExprId),
    /// `after 50`
    After(ExprId),
    /// `else`
    Else,
}

/// A pattern.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// The kind of pattern.
    pub kind: PatternKind,
    /// The place of the pattern.
    pub span: Span,
}

/// The kinds of patterns. The alternatives of an `Or` bind the same variables: the same [`LocalId`]s.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// An erroneous pattern: an error was reported, and the pattern matches every value.
    Error,
    /// `_`
    Wildcard,
    /// `x`
    Bind(LocalId),
    /// `p as x`
    As(PatternId, LocalId),
    /// `42`, `'a'`, `"text"`
    Literal(Literal),
    /// `LIMIT`
    Constant(ConstantId),
    /// `'a'..='z'`, `0..10`: two literals of one kind, `Int`, `Char` or `Byte`
    Range {
        /// The first value.
        start: Literal,
        /// The last value if `inclusive`, otherwise the value after the last.
        end: Literal,
        /// Whether `end` belongs to the range.
        inclusive: bool,
    },
    /// `()`
    Unit,
    /// `(a, b)`
    Tuple(Vec<PatternId>),
    /// `Point(x: 0.0, y, ..)`: the named fields, each with its pattern
    Struct(NominalId, Vec<(usize, PatternId)>),
    /// `Circle(r)`: one pattern for each field of the variant
    Variant(NominalId, usize, Vec<PatternId>),
    /// `[a, ..rest, b]`
    Array {
        /// The elements before `..`, or all elements if there is no `..`.
        before: Vec<PatternId>,
        /// `..rest`, where the name is optional. If `None`, the array must have exactly as many elements as `before`.
        rest: Option<Option<LocalId>>,
        /// The elements after `..`.
        after: Vec<PatternId>,
    },
    /// `A | B`
    Or(Vec<PatternId>),
    /// A variant whose name several enums have: the checker chooses a candidate by the type of the matched value.
    Shared(Shared<PatternId>),
    /// A candidate of a `Shared` whose fields do not fit; reported if the checker chooses the candidate.
    Misfit(Box<Diagnostic>),
}

/// A literal in a pattern.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "each is a literal of that type")]
pub enum Literal {
    Bool(bool),
    Int(i64),
    Float(f64),
    Char(char),
    Byte(u8),
    String(Arc<str>),
}

/// A block: statements and an optional value.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// The statements in source order.
    pub statements: Vec<Statement>,
    /// The last statement if it is an expression. Its value is the block's value.
    pub value: Option<ExprId>,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub enum Statement {
    /// `let p: T = e`, `var x = e`, `let p = e else { return }`
    Let {
        /// The pattern, irrefutable unless there is an `otherwise`.
        pattern: PatternId,
        /// The type annotation with its place, if there is one.
        ty: Option<(NamedType, Span)>,
        /// The initial value.
        value: ExprId,
        /// The block that runs, and leaves, if the pattern does not match.
        otherwise: Option<ExprId>,
    },
    /// `defer e`: a lambda that is called when control leaves the block around the statement
    Defer(LambdaId),
    /// `e`, whose value is discarded
    Expr(ExprId),
}

impl Body {
    /// The body to use in place of an erroneous body.
    pub(super) fn reported(span: Span) -> Body {
        let mut exprs = Arena::new();
        let root = exprs.push(Expr { kind: ExprKind::Error, span });
        Body {
            parameters: Vec::new(),
            exprs,
            locals: Arena::new(),
            patterns: Arena::new(),
            loops: Arena::new(),
            spawns: Arena::new(),
            lambdas: Arena::new(),
            root,
            lacks_self: false,
        }
    }

    /// The left spine of `expr`: `expr` and, while the expression is a binary operator, its left operand. The spine of
    /// `a + b + c` is `a + b + c`, `a + b`, `a`. Passes loop over the spine instead of recursing, because a chain of
    /// operators may be as long as the source.
    pub fn left_spine(&self, expr: ExprId) -> Vec<ExprId> {
        let mut spine = vec![expr];
        let mut at = expr;
        while let ExprKind::Binary(_, left, _) | ExprKind::Logical(_, left, _) = self.exprs[at].kind {
            spine.push(left);
            at = left;
        }
        spine
    }
}
