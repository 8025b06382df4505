//! Expressions and statements.

use std::fmt;
use std::sync::Arc;

use weft_abi::FormatSpec;

use super::{ExpressionId, ItemId, Name, Parameter, PatternId, TypeNodeId};
use crate::source::Span;

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The kind of expression.
    pub kind: ExpressionKind,
    /// The place of the whole expression, without parentheses around it.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `42`. Name resolution checks the range, because `9223372036854775808` fits an `Int` only after a minus.
    Integer(u64),
    /// `1.5`
    Float(f64),
    /// `'a'`
    Char(char),
    /// `b'a'`
    Byte(u8),
    /// `b"ab\x00"`
    Bytes(Arc<[u8]>),
    /// `true`
    Bool(bool),
    /// `"sum = {a + b}"`, `r"raw"`. No text part is empty, and no two text parts are adjacent.
    String(Vec<StringPart>),
    /// `x`, or the name of a type or module before a dot
    Name(Name),
    /// `self`
    Receiver,
    /// `(a, b)`; without elements the unit value `()`
    Tuple(Vec<ExpressionId>),
    /// `[a, b]`
    Array(Vec<ExpressionId>),
    /// `f(a, x: b)`; also a call of a method, whose callee is a `Field`, and the construction of a struct or variant
    Call {
        /// The expression before the parentheses.
        callee: ExpressionId,
        /// The arguments in source order.
        arguments: Vec<Argument>,
    },
    /// `a.name`, also `module.name` and `Type.Variant`
    Field {
        /// The expression before the dot.
        base: ExpressionId,
        /// The name after the dot.
        name: Name,
    },
    /// `a.0`
    TupleField {
        /// The expression before the dot.
        base: ExpressionId,
        /// The field's index, counted from 0.
        index: u32,
        /// The place of the index.
        index_span: Span,
    },
    /// `a[i]`; a slice if the index is a `Range`
    Index {
        /// The indexed value.
        base: ExpressionId,
        /// The index.
        index: ExpressionId,
    },
    /// `e?`
    Try(ExpressionId),
    /// `-e`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// The operand.
        operand: ExpressionId,
    },
    /// `a + b`, also `&&` and `||`. A chain of operators may be as long as the source: walk its left spine in a loop.
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// The place of the operator.
        operator_span: Span,
        /// The left operand.
        left: ExpressionId,
        /// The right operand.
        right: ExpressionId,
    },
    /// `a..b`, `a..=b`; in the brackets of a slice also `a..`, `..b`, `..=b` and `..`
    Range {
        /// The first value.
        start: Option<ExpressionId>,
        /// The last value if `inclusive`, otherwise the value after the last.
        end: Option<ExpressionId>,
        /// Whether the range is `..=`, which includes `end`.
        inclusive: bool,
    },
    /// `x = e`, `x += e`; the value is unit
    Assign {
        /// A name, a field (also of a tuple) or an index. The parser has reported any other target.
        target: ExpressionId,
        /// The operator before `=`, if any.
        operator: Option<BinaryOperator>,
        /// The place of the operator, `=` included.
        operator_span: Span,
        /// The value that is assigned.
        value: ExpressionId,
    },
    /// `{ ... }`
    Block(Block),
    /// `if c { } else if let P = e { } else { }`
    If {
        /// The branches in source order, at least one.
        branches: Vec<Branch>,
        /// The block after the last `else`, if any.
        otherwise: Option<ExpressionId>,
    },
    /// `match e { p if g => e, ... }`
    Match {
        /// The matched value.
        scrutinee: ExpressionId,
        /// The arms in source order.
        arms: Vec<Arm>,
    },
    /// `label: while c { }`
    While {
        /// The label, if any.
        label: Option<Name>,
        /// The conditions, which are tested before each iteration.
        conditions: Vec<Condition>,
        /// The body, a block.
        body: ExpressionId,
    },
    /// `label: loop { }`
    Loop {
        /// The label, if any.
        label: Option<Name>,
        /// The body, a block.
        body: ExpressionId,
    },
    /// `label: for p in e { }`
    For {
        /// The label, if any.
        label: Option<Name>,
        /// The pattern of an element, whose variables are new in each iteration.
        pattern: PatternId,
        /// The value that is iterated.
        iterable: ExpressionId,
        /// The body, a block.
        body: ExpressionId,
    },
    /// `|a: Int, b| e`
    Lambda {
        /// The parameters between the bars.
        parameters: Vec<Parameter>,
        /// The expression after the bars.
        body: ExpressionId,
    },
    /// `spawn e`
    Spawn(ExpressionId),
    /// `scope { ... }`; the expression is the block
    Scope(ExpressionId),
    /// `select { ... }`
    Select(Vec<SelectArm>),
    /// `return`, `return e`
    Return(Option<ExpressionId>),
    /// `break`, `break label`, `break e`. The parser has resolved `break name`: the name is a label if an enclosing
    /// loop of the function has that label, otherwise a value.
    Break {
        /// The label of the loop to leave, if given.
        label: Option<Name>,
        /// The value of the loop, if given.
        value: Option<ExpressionId>,
    },
    /// `continue`, `continue label`
    Continue(Option<Name>),
    /// `yield` without a value: lets another green thread run
    Yield,
    /// `yield e`: the next element of a generator
    YieldValue(ExpressionId),
    /// `yield from e`: all elements of another generator
    YieldFrom(ExpressionId),
    /// An erroneous expression; an error was reported.
    Error,
}

/// A piece of a string literal.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Text, with its escapes replaced.
    Text(Arc<str>),
    /// `{value:format}`
    Interpolation {
        /// The expression whose value is shown.
        value: ExpressionId,
        /// The format after the colon, if any.
        format: Option<Format>,
        /// The place of the interpolation, including the braces.
        span: Span,
    },
}

/// A format: `>8` in `{x:>8}`.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The parts that are written in the format.
    pub spec: FormatSpec,
    /// The computed width: `w` in `{x:>{w}}`.
    pub width: Option<ExpressionId>,
    /// The computed precision: `p` in `{x:.{p}}`.
    pub precision: Option<ExpressionId>,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `e`
    Positional(ExpressionId),
    /// `x: e`
    Labelled(Name, ExpressionId),
    /// `..e`: the other fields are copied from the struct `e`
    Rest(ExpressionId),
}

impl Argument {
    /// The argument's expression.
    pub fn value(&self) -> ExpressionId {
        match self {
            Argument::Positional(value) | Argument::Labelled(_, value) | Argument::Rest(value) => *value,
        }
    }
}

/// `{ statements; value }`
#[derive(Clone, Debug)]
pub struct Block {
    /// The statements in source order, except a last statement that is an expression.
    pub statements: Vec<Statement>,
    /// The last statement if it is an expression. Its value is the block's value.
    pub value: Option<ExpressionId>,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let p: T = e`, `var x = e`
    Let(Let),
    /// `defer e`, `defer { ... }`
    Defer(Defer),
    /// `fn f(n: Int) -> Int { ... }`, which sees no variables around it
    Function(ItemId),
    /// `e`, also `x = e`
    Expression(ExpressionId),
}

/// `let p: T = e`, `var x = e`, `let p = e else { return }`
#[derive(Clone, Debug)]
pub struct Let {
    /// Whether the statement is a `var`, whose variables may be assigned.
    pub mutable: bool,
    /// The pattern, usually a name.
    pub pattern: PatternId,
    /// The type after the colon, if any.
    pub ty: Option<TypeNodeId>,
    /// The initial value.
    pub value: ExpressionId,
    /// The block after `else`, if any. It runs if the pattern does not match, and leaves.
    pub otherwise: Option<ExpressionId>,
    /// The place of the whole statement.
    pub span: Span,
}

/// `defer e`, `defer { ... }`
#[derive(Clone, Debug)]
pub struct Defer {
    /// The expression that runs when control leaves the block around the statement.
    pub body: ExpressionId,
    /// The place of the whole statement.
    pub span: Span,
}

/// A branch of an `if`: conditions and a body.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The conditions, at least one, all of which must hold. Only conditions that contain a `let` are several:
    /// `let p = e && c`. A condition may use the variables of those before it.
    pub conditions: Vec<Condition>,
    /// The body, a block.
    pub body: ExpressionId,
}

/// A condition of `if` or `while`.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `e`, a `Bool`
    Expression(ExpressionId),
    /// `let p = e`
    Let {
        /// The pattern; the condition holds if it matches.
        pattern: PatternId,
        /// The matched value.
        value: ExpressionId,
    },
}

/// `pattern if guard => body`
#[derive(Clone, Debug)]
pub struct Arm {
    /// The pattern.
    pub pattern: PatternId,
    /// The condition after `if`, if any.
    pub guard: Option<ExpressionId>,
    /// The expression after the arrow.
    pub body: ExpressionId,
    /// The place of the whole arm.
    pub span: Span,
}

/// `v = a.recv() => body`
#[derive(Clone, Debug)]
pub struct SelectArm {
    /// The event that the arm waits for.
    pub event: SelectEvent,
    /// The expression after the arrow.
    pub body: ExpressionId,
    /// The place of the whole arm.
    pub span: Span,
}

/// An event that an arm of a `select` waits for.
#[derive(Clone, Debug)]
pub enum SelectEvent {
    /// `v = a.recv()`, `a.send(x)`
    Operation {
        /// The pattern `v`, a name or `_`, if any.
        binding: Option<PatternId>,
        /// The operation. The parser accepts any expression; name resolution reports all but `a.recv()` and
        /// `a.send(x)`.
        operation: ExpressionId,
    },
    /// `after 50`
    After(ExpressionId),
    /// `else`
    Else,
}

/// A prefix operator.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
    /// `~`
    Complement,
}

impl UnaryOperator {
    /// The operator's text in the source.
    pub const fn as_str(self) -> &'static str {
        match self {
            UnaryOperator::Negate => "-",
            UnaryOperator::Not => "!",
            UnaryOperator::Complement => "~",
        }
    }
}

impl fmt::Display for UnaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! binary_operators {
    ($($name:ident $text:literal;)*) => {
        /// An infix operator.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum BinaryOperator { $(#[doc = concat!("`", $text, "`")] $name),* }

        impl BinaryOperator {
            /// The operator's text in the source.
            pub const fn as_str(self) -> &'static str {
                match self { $(BinaryOperator::$name => $text),* }
            }
        }
    };
}

binary_operators! {
    Multiply "*"; Divide "/"; Remainder "%"; WrappingMultiply "*%";
    Add "+"; Subtract "-"; WrappingAdd "+%"; WrappingSubtract "-%";
    ShiftLeft "<<"; ShiftRight ">>"; ShiftRightLogical ">>>";
    BitAnd "&"; BitXor "^"; BitOr "|";
    Equal "=="; NotEqual "!="; Less "<"; LessEqual "<="; Greater ">"; GreaterEqual ">=";
    And "&&"; Or "||";
}

impl fmt::Display for BinaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
