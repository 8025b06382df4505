//! Expressions and statements.

use std::fmt;
use std::sync::Arc;

use weft_abi::FormatSpec;

use super::{ExpressionId, Name, Parameter, PatternId, TypeNodeId};
use crate::source::Span;

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct Expression {
    /// The kind of expression.
    pub kind: ExpressionKind,
    /// All of it; parentheses around it are not part of it.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExpressionKind {
    /// `42`. Whether it fits its type is decided later, for `-9223372036854775808` is a negation.
    Integer(u64),
    /// `1.5`
    Float(f64),
    /// `'a'`
    Char(char),
    /// `b'a'`
    Byte(u8),
    /// `true`
    Bool(bool),
    /// `"sum = {a + b}"`, `r"raw"`: no two texts stand side by side, and none is empty.
    String(Vec<StringPart>),
    /// `x`, and a type's or module's name before a dot
    Name(Name),
    /// `self`
    Receiver,
    /// `(a, b)`; without elements it is unit, `()`
    Tuple(Vec<ExpressionId>),
    /// `[a, b]`
    Array(Vec<ExpressionId>),
    /// `f(a, x: b)`, also of methods (the callee is a `Field`), of structs and of variants
    Call {
        /// The function that is called.
        callee: ExpressionId,
        /// In source order.
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
        /// Counted from 0.
        index: u32,
        /// The place of the index.
        index_span: Span,
    },
    /// `a[i]`; it is slicing when the index is a `Range`
    Index {
        /// The value that is indexed.
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
    /// `a + b`, also `&&` and `||`. Chains are as long as the user wrote them: walk the left spine in a loop.
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// The place.
        operator_span: Span,
        /// The left operand.
        left: ExpressionId,
        /// The right operand.
        right: ExpressionId,
    },
    /// `a..b`, `a..=b`
    Range {
        /// The first.
        start: ExpressionId,
        /// The end.
        end: ExpressionId,
        /// `..=`: the end belongs to it.
        inclusive: bool,
    },
    /// `x = e`, `x += e`; its value is unit
    Assign {
        /// A name, a field or an index; everything else was reported.
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
        /// The tests in order, at least one.
        branches: Vec<Branch>,
        /// The block after the last `else`.
        otherwise: Option<ExpressionId>,
    },
    /// `match e { p if g => e, ... }`
    Match {
        /// The value that is matched.
        scrutinee: ExpressionId,
        /// In order.
        arms: Vec<Arm>,
    },
    /// `label: while c { }`
    While {
        /// `label:`
        label: Option<Name>,
        /// Tested before each iteration.
        condition: Condition,
        /// A block.
        body: ExpressionId,
    },
    /// `label: loop { }`
    Loop {
        /// `label:`
        label: Option<Name>,
        /// A block.
        body: ExpressionId,
    },
    /// `label: for p in e { }`
    For {
        /// `label:`
        label: Option<Name>,
        /// Bound anew in each iteration.
        pattern: PatternId,
        /// The value that gives the elements.
        iterable: ExpressionId,
        /// A block.
        body: ExpressionId,
    },
    /// `|a: Int, b| e`
    Lambda {
        /// Between the bars.
        parameters: Vec<Parameter>,
        /// The rest of the string.
        body: ExpressionId,
    },
    /// `spawn e`
    Spawn(ExpressionId),
    /// `scope { ... }`: the block
    Scope(ExpressionId),
    /// `select { ... }`
    Select(Vec<SelectArm>),
    /// `return`, `return e`
    Return(Option<ExpressionId>),
    /// `break`, `break label`, `break e`. A lone name is the label if an enclosing loop of the function has it,
    /// else a value: the parser has decided that.
    Break {
        /// The label of the loop.
        label: Option<Name>,
        /// The loop's value.
        value: Option<ExpressionId>,
    },
    /// `continue`, `continue label`
    Continue(Option<Name>),
    /// `yield` alone: let another green thread run
    Yield,
    /// `yield e`: the next element of a generator
    YieldValue(ExpressionId),
    /// `yield from e`: all elements of another generator
    YieldFrom(ExpressionId),
    /// Something that is not an expression; reported.
    Error,
}

/// A piece of a string literal.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Text, its escapes replaced.
    Text(Arc<str>),
    /// `{value:format}`
    Interpolation {
        /// The expression that is shown.
        value: ExpressionId,
        /// After the colon.
        format: Option<FormatSpec>,
        /// With the braces.
        span: Span,
    },
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub enum Argument {
    /// `e`
    Positional(ExpressionId),
    /// `x: e`
    Labelled(Name, ExpressionId),
    /// `..e`: the other fields come from that struct
    Rest(ExpressionId),
}

impl Argument {
    /// The expression in it.
    pub fn value(&self) -> ExpressionId {
        match self {
            Argument::Positional(value) | Argument::Labelled(_, value) | Argument::Rest(value) => *value,
        }
    }
}

/// `{ statements; value }`
#[derive(Clone, Debug)]
pub struct Block {
    /// In order, without the last one if that is an expression.
    pub statements: Vec<Statement>,
    /// The last statement if it is an expression.
    pub value: Option<ExpressionId>,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `let p: T = e`, `var x = e`
    Let(Let),
    /// `defer e`, `defer { ... }`
    Defer(Defer),
    /// `e`, also `x = e`
    Expression(ExpressionId),
}

/// `let p: T = e`, `var x = e`
#[derive(Clone, Debug)]
pub struct Let {
    /// `var`: its variables may be assigned.
    pub mutable: bool,
    /// Most often a name.
    pub pattern: PatternId,
    /// After the colon.
    pub ty: Option<TypeNodeId>,
    /// The value.
    pub value: ExpressionId,
    /// The place of the whole statement.
    pub span: Span,
}

/// `defer e`, `defer { ... }`
#[derive(Clone, Debug)]
pub struct Defer {
    /// The expression that runs when the block around it is left.
    pub body: ExpressionId,
    /// The place of the whole statement.
    pub span: Span,
}

/// An `if` of a chain.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The test.
    pub condition: Condition,
    /// A block.
    pub body: ExpressionId,
}

/// A condition of `if` or `while`.
#[derive(Clone, Debug)]
pub enum Condition {
    /// `e`, a `Bool`
    Expression(ExpressionId),
    /// `let p = e`
    Let {
        /// Must match.
        pattern: PatternId,
        /// The value that is matched.
        value: ExpressionId,
    },
}

/// `pattern if guard => body`
#[derive(Clone, Debug)]
pub struct Arm {
    /// The pattern.
    pub pattern: PatternId,
    /// After `if`.
    pub guard: Option<ExpressionId>,
    /// After the arrow.
    pub body: ExpressionId,
    /// The place of the whole arm.
    pub span: Span,
}

/// `v = a.recv() => body`
#[derive(Clone, Debug)]
pub struct SelectArm {
    /// The event that it waits for.
    pub event: SelectEvent,
    /// After the arrow.
    pub body: ExpressionId,
    /// The place of the whole arm.
    pub span: Span,
}

/// An event that an arm of a `select` waits for.
#[derive(Clone, Debug)]
pub enum SelectEvent {
    /// `v = a.recv()`, `a.send(x)`
    Operation {
        /// `v`, a name or `_`.
        binding: Option<PatternId>,
        /// The operation, usually a call; which ones are possible is decided later.
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
    /// As written.
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
            /// As written.
            pub const fn as_str(self) -> &'static str {
                match self { $(BinaryOperator::$name => $text),* }
            }
        }
    };
}

binary_operators! {
    Multiply "*"; Divide "/"; Remainder "%"; WrappingMultiply "*%";
    Add "+"; Subtract "-"; WrappingAdd "+%"; WrappingSubtract "-%";
    ShiftLeft "<<"; ShiftRight ">>";
    BitAnd "&"; BitXor "^"; BitOr "|";
    Equal "=="; NotEqual "!="; Less "<"; LessEqual "<="; Greater ">"; GreaterEqual ">=";
    And "&&"; Or "||";
}

impl fmt::Display for BinaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
