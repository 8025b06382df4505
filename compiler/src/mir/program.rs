//! The shapes of MIR. `verify` states what must hold between them.

use weft_abi::{PanicKind, RuntimeFunction};

use crate::arena::Arena;
use crate::define_id;
use crate::source::Span;
use crate::types::{TypeId, TypeTable};

define_id! {
    /// A function of the program.
    FunctionId "fn";
    /// A variable or temporary of one function.
    LocalId "_";
    /// A basic block of one function.
    BlockId "bb";
    /// A string literal of the program.
    StringId "str";
}

/// A whole program, ready for code generation.
#[derive(Clone, Debug)]
pub struct Program {
    /// All functions that can be reached from `main`.
    pub functions: Arena<FunctionId, Function>,
    /// String literals, each once.
    pub strings: Arena<StringId, String>,
    /// The types that locals name.
    pub types: TypeTable,
    /// The function that the main green thread runs. It has no parameters; its result is `()` or an `Int` status.
    pub main: FunctionId,
}

/// A function: its blocks are a graph that starts at block 0.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name for traces and the linker, unique in the program: `fib`, `main.spawn1`.
    pub name: String,
    /// The declaration.
    pub span: Span,
    /// How many of the first locals are parameters.
    pub parameter_count: usize,
    /// The result's type.
    pub result: TypeId,
    /// Parameters first, then variables and temporaries.
    pub locals: Arena<LocalId, Local>,
    /// Block 0 is the entry.
    pub blocks: Arena<BlockId, Block>,
}

/// A variable or temporary.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    /// Its type; never `Never`.
    pub ty: TypeId,
    /// Its name in the source, for dumps and debuggers; `None` for a temporary.
    pub name: Option<String>,
}

/// A straight run of statements and one way out.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// Executed in order.
    pub statements: Vec<Statement>,
    /// The way out.
    pub terminator: Terminator,
}

/// `destination = value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// Where the value goes; `None` when nobody wants it.
    pub destination: Option<LocalId>,
    /// What is computed.
    pub value: Rvalue,
    /// What a panic in it reports, and a debugger shows.
    pub span: Span,
}

/// A value without effect.
#[derive(Clone, PartialEq, Debug)]
pub enum Operand {
    /// The value of a local.
    Local(LocalId),
    /// `()`
    Unit,
    /// `true`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `1.5`
    Float(f64),
    /// `"text"`
    String(StringId),
}

/// A computation: one operation, its operands evaluated before.
#[derive(Clone, PartialEq, Debug)]
pub enum Rvalue {
    /// The operand itself.
    Use(Operand),
    /// `op operand`
    Unary(UnaryOp, Operand),
    /// `left op right`; both of one type, except for shifts
    Binary(BinaryOp, Operand, Operand),
    /// `function(arguments)`
    Call(FunctionId, Vec<Operand>),
    /// `runtime symbol(arguments)`; a `Site` parameter is not among the arguments, it is made of the statement's span
    Runtime(RuntimeFunction, Vec<Operand>),
    /// `array[index]`, which panics out of bounds
    Index(Operand, Operand),
    /// `array.len()`, `string.len()`
    Length(Operand),
    /// `spawn function(arguments)`: a new green thread, a `Task` of the function's result
    Spawn(FunctionId, Vec<Operand>),
    /// `task.join()`: a yield point unless the task is done
    Join(Operand),
    /// `task.is_done()`
    IsDone(Operand),
    /// `task.id()`
    TaskId(Operand),
    /// `yield`: a yield point, of type `()`
    Yield,
}

/// An operation on one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`: `Int`, panics on overflow, and `Float`
    Negate,
    /// `!`: `Bool`
    Not,
    /// `~`: `Int`
    Complement,
    /// `n.to_float()`: `Int` to `Float`
    IntToFloat,
    /// `x.to_int()`: `Float` to `Int`, truncates, panics on NaN and out of range
    FloatToInt,
}

/// An operation on two values. On `Int` the plain forms panic as the language says; on `Float` they are IEEE's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%` on `Int`
    Remainder,
    /// `+%`
    WrappingAdd,
    /// `-%`
    WrappingSubtract,
    /// `*%`
    WrappingMultiply,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`
    ShiftLeft,
    /// `>>`, arithmetic
    ShiftRight,
    /// `==` on `Int`, `Float`, `Bool`
    Equal,
    /// `!=` on `Int`, `Float`, `Bool`
    NotEqual,
    /// `<` on `Int`, `Float`, `Bool`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// The way out of a block.
#[derive(Clone, PartialEq, Debug)]
pub struct Terminator {
    /// Which way.
    pub kind: TerminatorKind,
    /// What a panic in it reports.
    pub span: Span,
}

/// The kinds of ways out.
#[derive(Clone, PartialEq, Debug)]
pub enum TerminatorKind {
    /// `goto bb`
    Goto(BlockId),
    /// `if condition goto bb else goto bb`
    Branch {
        /// A `Bool`.
        condition: Operand,
        /// Where to go when it holds.
        then_block: BlockId,
        /// Where to go when it does not.
        else_block: BlockId,
    },
    /// `return value`
    Return(Operand),
    /// `return function(arguments)` without growing the stack; the result types are the same
    TailCall(FunctionId, Vec<Operand>),
    /// `panic kind`
    Panic(PanicKind),
    /// A runtime function that does not return: `panic(message)`, `exit(status)`
    Diverge(RuntimeFunction, Vec<Operand>),
    /// Never reached: after a call that does not return.
    Unreachable,
}
