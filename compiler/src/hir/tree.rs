//! The shapes of the tree with names. Each function has arenas of its own; nodes name each other by index.

use std::collections::HashSet;
use std::sync::Arc;

use weft_abi::FormatSpec;

use super::operators::{BinaryOp, LogicalOp, UnaryOp};
use super::prelude::Builtin;
use crate::arena::Arena;
use crate::define_id;
use crate::source::Span;
use crate::syntax::ast::{Name, Symbol};
use crate::types::{TypeId, TypeTable};

define_id! {
    /// A function of the program.
    FunctionId "fn";
    /// A variable of one function, in it or in a thread that it spawns.
    LocalId "$";
    /// An expression of one function.
    ExprId "e";
    /// A loop of one function.
    LoopId "loop";
    /// A `spawn` of one function.
    SpawnId "spawn";
}

/// A program: all its functions, with names resolved.
#[derive(Clone, Debug)]
pub struct Hir {
    /// In the order of the source.
    pub functions: Arena<FunctionId, Function>,
    /// `fn main`, if there is one.
    pub main: Option<FunctionId>,
    /// The types that signatures and annotations name.
    pub types: TypeTable,
    /// The names of methods in traits and `impl`s that were reported as not supported: their uses are silent.
    pub unsupported_methods: HashSet<Symbol>,
}

/// A type that the source names. `None` stands for one that was reported and must cause no other error.
pub type NamedType = Option<TypeId>;

/// A function declaration.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// From `fn` to the end of the body.
    pub span: Span,
    /// Its parameters, variables of the body.
    pub parameters: Vec<Parameter>,
    /// What stands after the arrow; `()` when nothing does.
    pub result: NamedType,
    /// Where the result's type stands.
    pub result_span: Option<Span>,
    /// What it does.
    pub body: Body,
}

/// A parameter of a function.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameter {
    /// The variable.
    pub local: LocalId,
    /// Its type.
    pub ty: NamedType,
    /// Where the type stands.
    pub ty_span: Span,
}

/// What a function does.
#[derive(Clone, Debug)]
pub struct Body {
    /// Parameters, variables, and what spawned threads get.
    pub locals: Arena<LocalId, Local>,
    /// All expressions; those inside one come before it.
    pub exprs: Arena<ExprId, Expr>,
    /// All loops.
    pub loops: Arena<LoopId, Loop>,
    /// All spawned threads.
    pub spawns: Arena<SpawnId, Spawn>,
    /// The whole body.
    pub root: ExprId,
}

/// A variable.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    /// Its name and where it is bound.
    pub name: Name,
    /// Whether it may be assigned: a `var`.
    pub mutable: bool,
}

/// Which loop it was in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LoopKind {
    /// `loop`, the only one whose `break` may carry a value.
    Loop,
    /// `while`, turned into a `loop` around an `if`.
    While,
    /// `for`
    For,
}

/// A loop, as `break` and `continue` name it.
#[derive(Clone, PartialEq, Debug)]
pub struct Loop {
    /// What stood in the source.
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
    /// What it runs.
    pub body: ExprId,
    /// The `spawn` keyword.
    pub span: Span,
}

/// An expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
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
    /// `"text"`
    String(Arc<str>),
    /// `"a = {a:>8}"`
    Interpolation(Vec<Part>),
    /// `x`
    Local(LocalId),
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
    /// `x.len()`
    CallMethod {
        /// What stands before the dot.
        receiver: ExprId,
        /// The method's name; which it is depends on the receiver's type.
        method: Name,
        /// Without the receiver.
        arguments: Vec<ExprId>,
    },
    /// `x.name` that is not called
    Field(ExprId, Name),
    /// `xs[i]`
    Index(ExprId, ExprId),
    /// `{ ... }`
    Block(Block),
    /// `if a { } else if b { } else { }`: a list, for such chains may be as long as the source
    If {
        /// Tried in order, at least one.
        branches: Vec<Branch>,
        /// When none holds.
        otherwise: Option<ExprId>,
    },
    /// `loop { }`, and `while`
    Loop(LoopId, ExprId),
    /// `for x in xs { }`
    For {
        /// For `break` and `continue`.
        id: LoopId,
        /// A fresh variable in each turn.
        variable: LocalId,
        /// What it goes through.
        iterable: Iterable,
        /// What it does.
        body: ExprId,
    },
    /// `break`, `break v`; `v` only out of a `loop`
    Break(LoopId, Option<ExprId>),
    /// `continue`
    Continue(LoopId),
    /// `return`, `return v`
    Return(Option<ExprId>),
    /// `x = v`; `x += v` is `x = x + v`
    Assign(LocalId, ExprId),
    /// `spawn f(x)`, `spawn { }`
    Spawn(SpawnId),
    /// `yield`
    Yield,
}

/// A condition and what it guards.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Branch {
    /// A `Bool`.
    pub condition: ExprId,
    /// When it holds.
    pub body: ExprId,
}

/// A piece of an interpolated string.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// Text as it stands.
    Text(Arc<str>),
    /// `{value:format}`
    Value {
        /// The value.
        value: ExprId,
        /// How it is written.
        format: Option<Format>,
    },
}

/// A format after a colon.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Format {
    /// What it asks for.
    pub spec: FormatSpec,
    /// Where it stands.
    pub span: Span,
}

/// What a `for` goes through.
#[derive(Clone, PartialEq, Debug)]
pub enum Iterable {
    /// `start..end`, `start..=end`, written in the `for` itself: no range is ever built
    Range {
        /// The first.
        start: ExprId,
        /// The last, or the one after it.
        end: ExprId,
        /// Whether `end` is the last.
        inclusive: bool,
    },
    /// The elements of a value
    Value(ExprId),
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
    /// `let x: T = e`, `var x = e`
    Let {
        /// What is bound.
        local: LocalId,
        /// The type that was given: outer `None` when none was.
        ty: Option<(NamedType, Span)>,
        /// Its value.
        value: ExprId,
    },
    /// `e`, its value is not wanted
    Expr(ExprId),
}

impl Body {
    /// The chain of operators from `expr` down its left side, `expr` itself first. A chain may be as long as the
    /// source, so a pass walks down it in a loop; all other nesting is bounded by the parser.
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
