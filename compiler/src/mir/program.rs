//! The data structures of MIR. `verify` states the rules between them.

use std::collections::HashMap;

use weft_abi::{PanicKind, RuntimeFunction};

use crate::arena::Arena;
use crate::define_id;
use crate::source::Span;
use crate::types::{TypeId, TypeTable};

pub use crate::types::ForeignType;

define_id! {
    /// A function of the program.
    FunctionId "fn";
    /// A variable or temporary of one function.
    LocalId "_";
    /// A basic block of one function.
    BlockId "bb";
    /// A string literal of the program.
    StringId "str";
    /// A function in C.
    ForeignId "foreign";
}

/// A whole program, ready for code generation.
#[derive(Clone, Debug)]
pub struct Program {
    /// All functions that can be reached from `main`.
    pub functions: Arena<FunctionId, Function>,
    /// String literals, each once.
    pub strings: Arena<StringId, String>,
    /// The functions in C that it calls.
    pub foreigns: Arena<ForeignId, Foreign>,
    /// The types that locals name, none with a parameter in it.
    pub types: TypeTable,
    /// The structs and enums among the types, with their variants.
    pub nominals: HashMap<TypeId, Nominal>,
    /// The function that the main green thread runs. It has no parameters; its result is `()` or an `Int` status.
    pub main: FunctionId,
}

/// A struct or an enum with all its type arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Nominal {
    /// Its name without type arguments.
    pub name: String,
    /// The representation of its values.
    pub representation: Representation,
    /// Exactly one for a struct, at least one for an enum.
    pub variants: Vec<Variant>,
}

/// The representation of the values of a struct or an enum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Representation {
    /// The scalars of the fields, in registers. The value has no identity, and does not contain itself.
    Value,
    /// A reference to an object of the heap: the type has `var` fields, or contains itself, or is large.
    Object,
}

/// A variant of an enum; a struct has a single one.
#[derive(Clone, PartialEq, Debug)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// The fields, in the order of the declaration.
    pub fields: Vec<Field>,
}

/// A field.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// Its name; `None` in a variant of an enum.
    pub name: Option<String>,
    /// Its type; it may be `()`.
    pub ty: TypeId,
    /// Whether it is a number of elements: never less than 0, nor more than an array can have.
    pub is_length: bool,
}

/// A function in C.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Foreign {
    /// The linker's name.
    pub symbol: String,
    /// The types of its parameters, in order.
    pub parameters: Vec<ForeignType>,
    /// The type of its result.
    pub result: ForeignType,
    /// Whether it may take long. It then runs on an OS thread of the pool, and the call is a yield point.
    pub blocking: bool,
}

/// A function: a graph of basic blocks that starts at block 0.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name for traces and the linker, unique in the program: `fib`, `main.spawn1`.
    pub name: String,
    /// The place of its declaration.
    pub span: Span,
    /// The number of parameters, which are the first locals.
    pub parameter_count: usize,
    /// The result's type.
    pub result: TypeId,
    /// Parameters first, then variables and temporaries.
    pub locals: Arena<LocalId, Local>,
    /// The basic blocks; block 0 is the entry.
    pub blocks: Arena<BlockId, Block>,
    /// Whether the library declares it: the flag of its module.
    pub library: bool,
    /// Whether its source asks that it be inlined whole: `always_inline()`, which only the library may write.
    pub always_inline: bool,
}

/// A variable or temporary.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    /// Its type; never `Never`.
    pub ty: TypeId,
    /// Its name in the source, for dumps and debuggers; `None` for a temporary.
    pub name: Option<String>,
}

/// A basic block.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// Its statements, executed in order.
    pub statements: Vec<Statement>,
    /// Its terminator.
    pub terminator: Terminator,
}

/// `destination = value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// The local that gets the value; `None` if the value is not used.
    pub destination: Option<LocalId>,
    /// The computation.
    pub value: Rvalue,
    /// The place in the source, for panics and debuggers.
    pub span: Span,
}

/// A value without an effect.
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
    /// `'a'`
    Char(char),
    /// `b'a'`
    Byte(u8),
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
    /// `function(arguments)` where the function is a value
    CallValue(Operand, Vec<Operand>),
    /// A function in C, called
    Foreign(ForeignId, Vec<Operand>),
    /// A runtime function that may take long, run on an OS thread of the pool: a yield point
    Blocking(RuntimeFunction, Vec<Operand>),
    /// A function value of the type: called, `function` gets the captures, then the arguments
    Closure(TypeId, FunctionId, Vec<Operand>),
    /// A function value of type `fn()` for a deferred block, with room for a link and for the block's captures
    Deferred(FunctionId),
    /// `register deferred(captures)`: what was made for that function gets these captures and becomes the running
    /// thread's innermost cleanup
    Register(FunctionId, Operand, Vec<Operand>),
    /// An operation on the running thread's chain of cleanups, or on its shield; of type `()`
    Cleanup(CleanupOp, Vec<Operand>),
    /// A value of a tuple, of a struct (variant 0) or of an enum, from all fields of its variant in order; a new object
    /// if that is the type's representation
    Construct(TypeId, usize, Vec<Operand>),
    /// A field of a value that is known to be of that variant (0 for tuples and structs): `value.variant.index`
    Field(Operand, usize, usize),
    /// `object.index = value`: a field of a struct that is an object
    SetField(Operand, usize, Operand),
    /// The number of the variant of an enum's value, an `Int`
    Variant(Operand),
    /// Whether two references to objects of one type are equal, a `Bool`
    Same(Operand, Operand),
    /// A new cell with a value
    NewCell(Operand),
    /// The value in a cell
    ReadCell(Operand),
    /// `cell = value`
    WriteCell(Operand, Operand),
    /// An array of that type with those elements
    NewArray(TypeId, Vec<Operand>),
    /// An array of that type with that many elements of zero bits; panics if the number is negative or there is no
    /// memory for it
    AllocateArray(TypeId, Operand),
    /// `array.len()`, `string.len()`
    Length(Operand),
    /// Panics unless `0 <= index < length`
    CheckIndex(Operand, Operand),
    /// An element of an array, a byte of a string; the index is in bounds
    Element(Operand, Operand),
    /// `array[index] = value`; the index is in bounds
    SetElement(Operand, Operand, Operand),
    /// Copies elements between arrays of one type, all in bounds; the places may overlap
    CopyElements {
        /// The array that is written.
        to: Operand,
        /// The first element that is written.
        at: Operand,
        /// The array that is read.
        from: Operand,
        /// The first element that is read.
        start: Operand,
        /// The number of elements.
        count: Operand,
    },
    /// Fills elements with zero bits: array, first, number; all in bounds
    ClearElements(Operand, Operand, Operand),
    /// `spawn function(arguments)`: a new green thread, a `Task` of the function's result
    Spawn(FunctionId, Vec<Operand>),
    /// `task.join()`: a yield point unless the task is done
    Join(Operand),
    /// Waits until a task has ended: a yield point unless it is done; `()`
    Wait(Operand),
    /// Whether a task that has ended panicked, a `Bool`
    HasPanicked(Operand),
    /// The message of a task that has panicked, a `String`
    PanicMessage(Operand),
    /// `task.is_done()`
    IsDone(Operand),
    /// `task.id()`
    TaskId(Operand),
    /// An operation on wait lists; the type is that of the values that it hands over, otherwise `()`
    Waiting(WaitOp, TypeId, Vec<Operand>),
    /// An atomic operation on the `Int` that an array begins with
    Atomic(AtomicOp, Vec<Operand>),
    /// `yield`: a yield point, of type `()`
    Yield,
}

/// An operation on a *list* of waiting threads, or on a *waiter* in one. To the library a list is an `[Int]` and a
/// waiter a `Task[()]`. A *side* is an `Int`, 0 or 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitOp {
    /// `(list)`: no safepoint follows before `Unlock`
    Lock,
    /// `(list)`
    Unlock,
    /// `(list, side) -> Waiter?`: the longest waiting, out of the list; the list is locked
    TakeWaiter,
    /// `(waiter, outcome: Bool)`: makes a waiter ready that was taken
    Wake,
    /// `(list, side) -> Bool`: a yield point. The list is locked; waiting unlocks it. It gives the outcome
    Wait,
    /// `(list, side) -> (Bool, T)`: as `Wait`, for a value
    WaitTake,
    /// `(list, side, T) -> Bool`: as `Wait`, while a value is offered
    WaitGive,
    /// `(waiter, T)`: hands a value to one that waits for it
    Put,
    /// `(waiter) -> T`: the value that a waiter offers
    Get,
    /// `() -> Int`: a yield point. Waits until something is chosen that was registered before; it gives the arm
    Pause,
    /// `(list, word: Int, [T])`: that word of the list, behind its own, refers to the array
    Keep,
    /// `(list, word: Int) -> [T]`: the array that was kept there
    Kept,
    /// `()`: a yield point. Waits for the threads of the innermost scope
    LeaveScope,
    /// `(task)`: has a thread end, now or as soon as it can be stopped
    Cancel,
}

impl WaitOp {
    /// Whether it is a yield point: other threads may run before it ends.
    pub fn may_yield(self) -> bool {
        matches!(
            self,
            WaitOp::Wait | WaitOp::WaitTake | WaitOp::WaitGive | WaitOp::Pause | WaitOp::LeaveScope
        )
    }
}

/// An operation on the running thread's chain of cleanups, or on its shield against cancellation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CleanupOp {
    /// `(deferred)`: the innermost cleanup, is taken out
    Pop,
    /// `()`: until as many `Unshield`s no cancellation takes effect
    Shield,
    /// `()`
    Unshield,
}

/// An atomic operation on the first element of an `[Int]`. Each gives the old element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomicOp {
    /// `(array)`
    Get,
    /// `(array, value)`
    Swap,
    /// `(array, value)`: adds, wrapping
    Add,
    /// `(array, value)`: subtracts, wrapping
    Subtract,
    /// `(array, expected, new)`: becomes `new` if it is `expected`
    CompareExchange,
}

/// An operation on one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`: `Int` and `Byte`, panics on overflow, and `Float`
    Negate,
    /// `!`: `Bool`
    Not,
    /// `~`: `Int` and `Byte`
    Complement,
    /// `n.to_float()`: `Int` to `Float`
    IntToFloat,
    /// `x.to_int()`: `Float` to `Int`, truncates, panics on NaN and out of range
    FloatToInt,
    /// `Byte` to `Int`
    ByteToInt,
    /// `Int` to `Byte`: the low eight bits
    IntToByte,
    /// `Char` to `Int`
    CharToInt,
    /// `Int` to `Char`; it is a Unicode scalar value
    IntToChar,
    /// The bits of a `Float` as an `Int`
    FloatBits,
    /// The address of an object that [`Rvalue::Same`] takes: an `Int` that no other object has while this one is alive
    Address,
    /// The number of bits of an `Int` that are set
    CountOnes,
    /// The number of leading zero bits of an `Int`
    LeadingZeros,
    /// The square root of a `Float`
    SquareRoot,
    /// The absolute value of a `Float`
    Absolute,
}

/// A binary operator. On `Int` and `Byte` the plain forms panic as the language says; on `Float` they are IEEE's.
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
    /// `%` on `Int` and `Byte`
    Remainder,
    /// `+%`
    WrappingAdd,
    /// `-%`
    WrappingSubtract,
    /// `*%`
    WrappingMultiply,
    /// The upper half of the 128-bit product of two `Int`s, taken as unsigned
    MultiplyHigh,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`; the right operand is an `Int` or of the left's type, and less than the left has bits
    ShiftLeft,
    /// `>>`, arithmetic on `Int`; the right operand is as for `<<`
    ShiftRight,
    /// `==` on `Int`, `Float`, `Bool`, `Char`, `Byte`
    Equal,
    /// `!=` on `Int`, `Float`, `Bool`, `Char`, `Byte`
    NotEqual,
    /// `<` on `Int`, `Float`, `Bool`, `Char`, `Byte`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

/// The terminator of a block.
#[derive(Clone, PartialEq, Debug)]
pub struct Terminator {
    /// Its kind.
    pub kind: TerminatorKind,
    /// The place in the source, for panics and debuggers.
    pub span: Span,
}

/// The kinds of terminators.
#[derive(Clone, PartialEq, Debug)]
pub enum TerminatorKind {
    /// `goto bb`
    Goto(BlockId),
    /// `if condition goto bb else goto bb`
    Branch {
        /// A `Bool`.
        condition: Operand,
        /// The target if it is true.
        then_block: BlockId,
        /// The target if it is false.
        else_block: BlockId,
    },
    /// `switch value { number: goto bb, ... else goto bb }` on an `Int`, a `Char` as its number, or a `Byte`; all
    /// numbers differ
    Switch {
        /// The value that is compared.
        value: Operand,
        /// The target for each number.
        targets: Vec<(i64, BlockId)>,
        /// The target for all other numbers.
        otherwise: BlockId,
    },
    /// `return value`
    Return(Operand),
    /// `return function(arguments)` without growing the stack; the result types are the same
    TailCall(FunctionId, Vec<Operand>),
    /// `return function(arguments)` where the function is a value, without growing the stack
    TailCallValue(Operand, Vec<Operand>),
    /// `panic kind`
    Panic(PanicKind),
    /// A runtime function that does not return: `panic(message)`, `exit(status)`
    Diverge(RuntimeFunction, Vec<Operand>),
    /// Never reached: after a call that does not return.
    Unreachable,
}
