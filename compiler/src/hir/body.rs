//! The shapes of what functions do. Each body has arenas of its own; nodes name each other by index.

use std::sync::Arc;

use weft_abi::FormatSpec;

use super::ids::{ConstantId, ExprId, FunctionId, LambdaId, LocalId, LoopId, NamedType, PatternId, SpawnId};
use super::operators::{BinaryOp, LogicalOp, UnaryOp};
use super::prelude::Builtin;
use crate::arena::Arena;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::types::{NominalId, ParameterId, TypeId};

/// The body of a function, a constant or a test.
#[derive(Clone, Debug)]
pub struct Body {
    /// The patterns of the parameters, `self` included; they are irrefutable.
    pub parameters: Vec<PatternId>,
    /// Parameters, variables, and what spawned threads get.
    pub locals: Arena<LocalId, Local>,
    /// All expressions; the parts of an expression come before it.
    pub exprs: Arena<ExprId, Expr>,
    /// All patterns; the parts of a pattern come before it.
    pub patterns: Arena<PatternId, Pattern>,
    /// All loops.
    pub loops: Arena<LoopId, Loop>,
    /// All spawned threads.
    pub spawns: Arena<SpawnId, Spawn>,
    /// All lambdas.
    pub lambdas: Arena<LambdaId, Lambda>,
    /// The whole body.
    pub root: ExprId,
    /// Whether it names a `self` that it has not, which was reported.
    pub lacks_self: bool,
}

/// A variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    /// Its name and where it is bound.
    pub name: Name,
    /// Whether it may be assigned: a `var`.
    pub mutable: bool,
    /// Whether it is a `var` that a lambda captures: it then lives in a cell, which both share.
    pub in_cell: bool,
}

/// The kind of loop in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopKind {
    /// `loop`, the only one whose `break` may carry a value.
    Loop,
    /// `while` and `while let`, turned into a `loop` around an `if`.
    While,
    /// `for`
    For,
}

/// A loop, as `break` and `continue` name it.
#[derive(Clone, PartialEq, Debug)]
pub struct Loop {
    /// The kind of loop in the source.
    pub kind: LoopKind,
    /// The label, if any.
    pub label: Option<Name>,
    /// The keyword.
    pub span: Span,
}

/// A spawned thread: a function in all but name, whose parameters are evaluated at the `spawn`.
#[derive(Clone, PartialEq, Debug)]
pub struct Spawn {
    /// Each variable that the thread begins with, and the expression outside that gives it its value.
    pub arguments: Vec<(LocalId, ExprId)>,
    /// The expression that the thread runs.
    pub body: ExprId,
    /// The `spawn` keyword.
    pub span: Span,
}

/// `|a: Int, b| e`
#[derive(Clone, PartialEq, Debug)]
pub struct Lambda {
    /// Between the bars: patterns, and types where they were given.
    pub parameters: Vec<(PatternId, Option<(NamedType, Span)>)>,
    /// The variables around it that it uses, each once, with the place of the first use. A `var` among them is in a
    /// cell. What a lambda inside it captures from further out it captures too.
    pub captures: Vec<(LocalId, Span)>,
    /// The body.
    pub body: ExprId,
    /// All of it.
    pub span: Span,
    /// Whether it is the block of a `defer`: it has no parameters, and its value is not wanted.
    pub deferred: bool,
}

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// Its kind.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, PartialEq, Debug)]
pub enum ExprKind {
    /// Something that was reported; it must cause no other error.
    Error,
    /// `()`
    Unit,
    /// `true`
    Bool(bool),
    /// `42`; a minus before a literal is part of it
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `'a'`
    Char(char),
    /// `b'a'`
    Byte(u8),
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
    /// `Circle`, a variant with fields that is not called
    VariantFunction(NominalId, usize),
    /// `println` and the like, not called: reported by the checker
    BuiltinFunction(Builtin),
    /// `(a, b)`, at least two
    Tuple(Vec<ExprId>),
    /// `[a, b]`
    Array(Vec<ExprId>),
    /// `a..b`, `a..=b`
    Range {
        /// The first.
        start: ExprId,
        /// The last, or the one after it.
        end: ExprId,
        /// Whether `end` is the last.
        inclusive: bool,
    },
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
        /// The method's name; which it is depends on the receiver's type.
        method: Name,
        /// Without the receiver.
        arguments: Vec<ExprId>,
    },
    /// `Vec.new()`, `Point.origin()`, `T.zero()`
    CallAssociated {
        /// The type before the dot.
        of: TypeBase,
        /// The function's name; which it is depends on the type.
        name: Name,
        /// All of them: `Point.norm(p)` is possible too.
        arguments: Vec<ExprId>,
    },
    /// `Int.MAX`, and `Point.origin` that is not called
    Associated {
        /// The type before the dot.
        of: TypeBase,
        /// The constant's or function's name.
        name: Name,
    },
    /// `Point(x: 1.0, ..p)`: name resolution has checked that each label exists and is given once, and that none is
    /// missing
    Struct {
        /// The number of the field.
        nominal: NominalId,
        /// Field numbers and values in the order they stand.
        fields: Vec<(usize, ExprId)>,
        /// The value that gives the other fields, evaluated last.
        rest: Option<ExprId>,
    },
    /// `Circle(1.0)`, `Empty`; that the number of arguments is right has been checked
    Variant {
        /// The enum.
        nominal: NominalId,
        /// The variant.
        variant: usize,
        /// Its fields.
        arguments: Vec<ExprId>,
    },
    /// `x.name` that is not called
    Field(ExprId, Name),
    /// `x.0`
    TupleField(ExprId, usize, Span),
    /// `xs[i]`, `xs[i..j]`, `m[k]`
    Index(ExprId, ExprId),
    /// `e?`
    Try(ExprId),
    /// `{ ... }`
    Block(Block),
    /// `if a { } else if let p = b { } else { }`: a list, since a chain may be as long as the source
    If {
        /// Tried in order, at least one.
        branches: Vec<Branch>,
        /// When none holds.
        otherwise: Option<ExprId>,
    },
    /// `match e { ... }`
    Match {
        /// The value that is matched.
        scrutinee: ExprId,
        /// In order; there may be none, for a type without values.
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
        /// For `break` and `continue`.
        id: LoopId,
        /// Fresh variables in each iteration; irrefutable.
        pattern: PatternId,
        /// The value that it goes through; a [`ExprKind::Range`] that is written here is never built.
        iterable: ExprId,
        /// The body.
        body: ExprId,
    },
    /// `break`, `break v`; `v` only out of a `loop`
    Break(LoopId, Option<ExprId>),
    /// `continue`
    Continue(LoopId),
    /// `return`, `return v`: of the innermost lambda, spawned thread or function around it
    Return(Option<ExprId>),
    /// `x = v`, `p.x += v`, `xs[i] = v`
    Assign {
        /// A [`ExprKind::Local`], a [`ExprKind::Field`], a [`ExprKind::Index`], or an error.
        target: ExprId,
        /// The operator before `=`.
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
}

/// The type before a dot.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum TypeBase {
    /// `Pair`: its type arguments are to be found
    Nominal(NominalId),
    /// `Array`: the type of the elements is to be found
    Array,
    /// `Task`: the type of the result is to be found
    Task,
    /// `T`
    Parameter(ParameterId),
    /// A type that is known wholly: `Int`, `Self`, an alias
    Type(TypeId),
}

/// A condition and what it guards.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Branch {
    /// The condition.
    pub condition: Condition,
    /// When it holds.
    pub body: ExprId,
}

/// A condition of `if` or `while`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Condition {
    /// A `Bool`
    Expr(ExprId),
    /// `let p = e`
    Let(PatternId, ExprId),
}

/// `pattern if guard => body`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Arm {
    /// The pattern.
    pub pattern: PatternId,
    /// The guard.
    pub guard: Option<ExprId>,
    /// Its value.
    pub body: ExprId,
    /// All of it.
    pub span: Span,
}

/// `v = a.recv() => body`
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SelectArm {
    /// The event that it waits for.
    pub event: SelectEvent,
    /// Its value.
    pub body: ExprId,
    /// All of it.
    pub span: Span,
}

/// An event that an arm of a `select` waits for.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum SelectEvent {
    /// `a.recv()`, and the name for what comes: a `T?`
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
    /// Its kind.
    pub kind: PatternKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of patterns. The alternatives of an `Or` bind the same variables: the same [`LocalId`]s.
#[derive(Clone, PartialEq, Debug)]
pub enum PatternKind {
    /// Something that was reported: it matches everything.
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
        /// The first.
        start: Literal,
        /// The end.
        end: Literal,
        /// Whether the end belongs to it.
        inclusive: bool,
    },
    /// `()`
    Unit,
    /// `(a, b)`
    Tuple(Vec<PatternId>),
    /// `Point(x: 0.0, y, ..)`: the fields that are named
    Struct(NominalId, Vec<(usize, PatternId)>),
    /// `Circle(r)`: one pattern for each field of the variant
    Variant(NominalId, usize, Vec<PatternId>),
    /// `[a, ..rest, b]`
    Array {
        /// The elements before `..`, or all.
        before: Vec<PatternId>,
        /// `..rest`: without it the length must be exact.
        rest: Option<Option<LocalId>>,
        /// The elements after `..`.
        after: Vec<PatternId>,
    },
    /// `A | B`
    Or(Vec<PatternId>),
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

/// A piece of an interpolated string.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// Text, literally.
    Text(Arc<str>),
    /// `{value:format}`
    Value {
        /// The value.
        value: ExprId,
        /// The format.
        format: Option<Format>,
    },
}

/// A format after a colon.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Format {
    /// The format.
    pub spec: FormatSpec,
    /// Its place.
    pub span: Span,
}

/// Statements and the value after them.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// In order.
    pub statements: Vec<Statement>,
    /// The last expression, the block's value.
    pub value: Option<ExprId>,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub enum Statement {
    /// `let p: T = e`, `var x = e`
    Let {
        /// The pattern; irrefutable.
        pattern: PatternId,
        /// The type that was given: outer `None` when none was.
        ty: Option<(NamedType, Span)>,
        /// Its value.
        value: ExprId,
    },
    /// `defer e`: a lambda that is called when the block around it is left
    Defer(LambdaId),
    /// `e`, its value is not wanted
    Expr(ExprId),
}

impl Body {
    /// The body of something that was reported.
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

    /// The operators from `expr` down its left side. A chain may be as long as the source: passes walk it in a loop.
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
