//! The data structures of MIR. `verify` states their invariants.

use std::collections::HashMap;
use std::sync::Arc;

use weft_abi::{PanicKind, RuntimeFunction};

use crate::arena::Arena;
use crate::mir::generator::{Element, Frame, GeneratorOp, MachineOp};
use crate::mir::ids::{BlockId, BytesId, ForeignId, FrameId, FunctionId, InlinedId, LocalId, StringId};
use crate::mir::operations::{AtomicOp, CleanupOp, ContinuationOp, WaitOp};
use crate::source::Span;
use crate::types::{TypeId, TypeTable};

pub use crate::types::ForeignType;

/// A whole program, ready for code generation.
#[derive(Clone, Debug)]
pub struct Program {
    /// All functions that can be reached from `main`.
    pub functions: Arena<FunctionId, Function>,
    /// The string literals, each stored once.
    pub strings: Arena<StringId, String>,
    /// The arrays of the byte strings, each stored once.
    pub bytes: Arena<BytesId, Arc<[u8]>>,
    /// The C functions that the program calls.
    pub foreigns: Arena<ForeignId, Foreign>,
    /// The table of types. The types of locals, results and values contain no type parameters.
    pub types: TypeTable,
    /// The structs and enums among the types, with their variants.
    pub nominals: HashMap<TypeId, Nominal>,
    /// The frames of generators, which the pass `generators` adds.
    pub frames: Arena<FrameId, Frame>,
    /// The function that the main green thread runs. It takes no parameters, and returns `()`, an `Int` status or `!`.
    pub main: FunctionId,
}

/// A struct or an enum, with all its type arguments.
#[derive(Clone, PartialEq, Debug)]
pub struct Nominal {
    /// The name without type arguments.
    pub name: String,
    /// Whether the type is declared in the library.
    pub library: bool,
    /// The representation of the type's values.
    pub representation: Representation,
    /// The variants: exactly one for a struct, any number for an enum.
    pub variants: Vec<Variant>,
}

/// The representation of the values of a struct or an enum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Representation {
    /// The value is a list of scalars, in registers. It has no identity and cannot contain itself.
    Value,
    /// The value is a reference to a heap object: the type has `var` fields, contains itself, or is large.
    Object,
}

/// A variant of an enum, or the only variant of a struct.
#[derive(Clone, PartialEq, Debug)]
pub struct Variant {
    /// The variant's name.
    pub name: String,
    /// The fields, in the order of the declaration.
    pub fields: Vec<Field>,
}

/// A field of a variant.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// The field's name; `None` in a variant of an enum.
    pub name: Option<String>,
    /// The field's type, which may be `()`.
    pub ty: TypeId,
    /// Whether the field is the length of an array: not negative, and at most the greatest length an array can have.
    pub is_length: bool,
}

/// A C function.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Foreign {
    /// The symbol that the linker resolves.
    pub symbol: String,
    /// The parameter types, in order.
    pub parameters: Vec<ForeignType>,
    /// The result type.
    pub result: ForeignType,
    /// Whether the call may take long. A blocking call runs on an OS thread of the pool and is a yield point.
    pub blocking: bool,
}

/// A function: a graph of basic blocks that starts at block 0.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name for traces and the linker, unique in the program: `fib`, `main.spawn1`.
    pub name: String,
    /// The position of the declaration in the source.
    pub span: Span,
    /// The number of parameters, which come first in `locals`.
    pub parameter_count: usize,
    /// The result type.
    pub result: TypeId,
    /// The parameters, then variables and temporaries.
    pub locals: Arena<LocalId, Local>,
    /// The basic blocks; block 0 is the entry.
    pub blocks: Arena<BlockId, Block>,
    /// For the body of a `gen fn`: the elements. The result of the body is `()` until the pass `generators` rewrites
    /// the body.
    pub element: Option<Element>,
    /// For the body of a `gen fn` that the pass `generators` has rewritten: the frame. A state machine takes only the
    /// generator, and returns the result of `next`. A body that runs on a stack of its own takes the generator as its
    /// last parameter, and returns whether the generator is closed. A coroutine keeps its parameters, and returns the
    /// generator.
    pub frame: Option<FrameId>,
    /// The bodies of other functions that were inlined into this function.
    pub inlined: Arena<InlinedId, Inlined>,
    /// Whether the function is declared in a module of the library.
    pub library: bool,
    /// The requirement on inlining.
    pub inlining: Inlining,
}

/// A requirement on the inlining of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inlining {
    /// None: the optimiser decides.
    Free,
    /// The function is always inlined. Only functions of the library may request this, with `always_inline()`.
    Always,
    /// The function is never inlined.
    Never,
}

/// An inlined body of another function, for debuggers and traces.
#[derive(Clone, PartialEq, Debug)]
pub struct Inlined {
    /// The name of the function.
    pub name: String,
    /// The position of the function's declaration.
    pub declared: Span,
    /// The position of the inlined call.
    pub call: Span,
    /// The inlined body that contains the call; `None` if the call is in the function itself.
    pub caller: Option<InlinedId>,
}

/// A variable or temporary.
#[derive(Clone, PartialEq, Debug)]
pub struct Local {
    /// The local's type, which is not `Never`.
    pub ty: TypeId,
    /// The name in the source, for dumps and debuggers; `None` for a temporary.
    pub name: Option<String>,
}

/// A basic block.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// The statements, in execution order.
    pub statements: Vec<Statement>,
    /// The terminator, which chooses the next block.
    pub terminator: Terminator,
    /// The inlined body that the block belongs to, if any.
    pub inlined: Option<InlinedId>,
}

/// `destination = value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Statement {
    /// The local that receives the value; `None` if the value is discarded.
    pub destination: Option<LocalId>,
    /// The computation.
    pub value: Rvalue,
    /// The position in the source, for panics and debuggers.
    pub span: Span,
}

/// A constant or the value of a local; evaluating an operand has no effect.
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
    /// The array of `b"text"`, a `[Byte]`
    Bytes(BytesId),
}

impl Operand {
    /// The local that the operand reads, if it reads one.
    pub fn local(&self) -> Option<LocalId> {
        match self {
            Operand::Local(local) => Some(*local),
            Operand::Unit
            | Operand::Bool(_)
            | Operand::Int(_)
            | Operand::Float(_)
            | Operand::Char(_)
            | Operand::Byte(_)
            | Operand::String(_)
            | Operand::Bytes(_) => None,
        }
    }
}

/// A computation: one operation on operands that are already evaluated.
#[derive(Clone, PartialEq, Debug)]
pub enum Rvalue {
    /// The operand itself.
    Use(Operand),
    /// `op operand`
    Unary(UnaryOp, Operand),
    /// `left op right`; both operands have the same type, except for shifts
    Binary(BinaryOp, Operand, Operand),
    /// `function(arguments)`
    Call(FunctionId, Vec<Operand>),
    /// `runtime symbol(arguments)`; if the function takes a `Site`, code generation appends this argument, which it
    /// derives from the statement's span
    Runtime(RuntimeFunction, Vec<Operand>),
    /// `function(arguments)` where the function is a value
    CallValue(Operand, Vec<Operand>),
    /// A call of a C function
    Foreign(ForeignId, Vec<Operand>),
    /// A call of a runtime function that may take long: it runs on an OS thread of the pool and is a yield point
    Blocking(RuntimeFunction, Vec<Operand>),
    /// A function value of the given type. A call passes the captures to the function, then the arguments
    Closure(TypeId, FunctionId, Vec<Operand>),
    /// A function value of type `fn()` for a deferred block, with room for a link and for the block's captures
    Deferred(FunctionId),
    /// `register deferred(captures)`: stores the captures in `deferred`, which [`Rvalue::Deferred`] made for the same
    /// function, and makes `deferred` the running thread's innermost cleanup
    Register(FunctionId, Operand, Vec<Operand>),
    /// An operation on the running thread's chain of cleanups, or on its shield; of type `()`
    Cleanup(CleanupOp, Vec<Operand>),
    /// A value of a tuple, of a struct (variant 0) or of an enum, built from all fields of its variant in order; a new
    /// object if the type is represented as an object
    Construct(TypeId, usize, Vec<Operand>),
    /// `value.variant.index`: a field of a value that is known to be of that variant (0 for tuples and structs)
    Field(Operand, usize, usize),
    /// `object.index = value`: a field of a struct that is an object
    SetField(Operand, usize, Operand),
    /// The number of the variant of an enum value, an `Int`
    Variant(Operand),
    /// Whether two references to objects of the same type are equal, a `Bool`
    Same(Operand, Operand),
    /// A new cell that contains the value
    NewCell(Operand),
    /// The value in a cell
    ReadCell(Operand),
    /// `cell = value`
    WriteCell(Operand, Operand),
    /// An array of the given type with the given elements
    NewArray(TypeId, Vec<Operand>),
    /// An array of the given type and length whose elements are zero bits; panics if the length is negative or memory
    /// runs out
    AllocateArray(TypeId, Operand),
    /// `array.len()`, `string.len()`
    Length(Operand),
    /// Panics unless `0 <= index < length`
    CheckIndex(Operand, Operand),
    /// An element of an array or a byte of a string; the index is in bounds
    Element(Operand, Operand),
    /// `array[index] = value`; the index is in bounds
    SetElement(Operand, Operand, Operand),
    /// Copies elements between arrays of the same type, all in bounds; the two ranges may overlap
    CopyElements {
        /// The destination array.
        to: Operand,
        /// The index of the first element written.
        at: Operand,
        /// The source array.
        from: Operand,
        /// The index of the first element read.
        start: Operand,
        /// The number of elements.
        count: Operand,
    },
    /// Fills elements with zero bits. The operands are the array, the first index and the number of elements; all in
    /// bounds
    ClearElements(Operand, Operand, Operand),
    /// `spawn function(arguments)`: starts a green thread; the value is a `Task` of the function's result
    Spawn(FunctionId, Vec<Operand>),
    /// `task.join()`: a yield point unless the task is done
    Join(Operand),
    /// Waits until a task has ended, of type `()`: a yield point unless the task is done
    Wait(Operand),
    /// Whether a task panicked, a `Bool`; the task has ended
    HasPanicked(Operand),
    /// The message of a task, a `String`; the task has panicked
    PanicMessage(Operand),
    /// `task.is_done()`
    IsDone(Operand),
    /// `task.id()`
    TaskId(Operand),
    /// An operation on wait lists; the type is the type of the value that the operation hands over, or `()` if the
    /// operation hands over no value
    Waiting(WaitOp, TypeId, Vec<Operand>),
    /// An operation on continuations; the type is that of the result
    Continuation(ContinuationOp, TypeId, Vec<Operand>),
    /// An atomic operation on the first element of an `[Int]`
    Atomic(AtomicOp, Vec<Operand>),
    /// `yield`: a yield point, of type `()`
    Yield,
    /// An operation on a generator
    Generator(GeneratorOp, Vec<Operand>),
    /// An operation on the object behind a generator; only the pass `generators` adds such operations
    Machine(MachineOp, Vec<Operand>),
    /// An arbitrary value of the type, which is never read
    Undefined(TypeId),
}

/// An operation on one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`: `Int`, `Byte` and `Float`; panics if an `Int` or a `Byte` overflows
    Negate,
    /// `!`: `Bool`
    Not,
    /// `~`: `Int` and `Byte`
    Complement,
    /// `n.to_float()`: `Int` to `Float`
    IntToFloat,
    /// `x.to_int()`: `Float` to `Int`; truncates; panics on NaN and on values out of range
    FloatToInt,
    /// `Byte` to `Int`
    ByteToInt,
    /// `Int` to `Byte`: the low eight bits
    IntToByte,
    /// `Char` to `Int`
    CharToInt,
    /// `Int` to `Char`; the operand is a Unicode scalar value
    IntToChar,
    /// The bits of a `Float` as an `Int`
    FloatBits,
    /// The address of an object as an `Int`, unique among live objects; takes the types that [`Rvalue::Same`] takes
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

/// A binary operator. On `Int` and `Byte` the plain forms panic as the language defines; on `Float` they follow IEEE
/// 754.
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
    /// The upper half of the 128-bit product of two `Int`s, which are read as unsigned
    MultiplyHigh,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `<<`; the right operand is an `Int` or has the left operand's type. Panics unless the right operand is 0 to 63,
    /// also if the left operand is a `Byte`
    ShiftLeft,
    /// `>>`, arithmetic on `Int`; the right operand as for `<<`
    ShiftRight,
    /// `>>>`, which shifts in zeros; the right operand as for `<<`
    ShiftRightLogical,
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
    /// The kind, with its operands and targets.
    pub kind: TerminatorKind,
    /// The position in the source, for panics and debuggers.
    pub span: Span,
}

/// The kinds of terminators.
#[derive(Clone, PartialEq, Debug)]
pub enum TerminatorKind {
    /// `goto bb`
    Goto(BlockId),
    /// `if condition goto bb else goto bb`
    Branch {
        /// The condition, a `Bool`.
        condition: Operand,
        /// The target if the condition is true.
        then_block: BlockId,
        /// The target if the condition is false.
        else_block: BlockId,
    },
    /// `switch value { number: goto bb, ... else goto bb }` on an `Int`, a `Byte`, or the number of a `Char`; the
    /// numbers of the targets all differ
    Switch {
        /// The value that is compared with the numbers.
        value: Operand,
        /// The numbers and their targets.
        targets: Vec<(i64, BlockId)>,
        /// The target for all other numbers.
        otherwise: BlockId,
    },
    /// `return value`
    Return(Operand),
    /// `return function(arguments)` without growing the stack; the callee has the same result type
    TailCall(FunctionId, Vec<Operand>),
    /// `return function(arguments)` where the function is a value, without growing the stack
    TailCallValue(Operand, Vec<Operand>),
    /// `panic kind`
    Panic(PanicKind),
    /// A runtime function that does not return: `panic(message)`, `exit(status)`
    Diverge(RuntimeFunction, Vec<Operand>),
    /// Unreachable code, such as the code after a call that does not return.
    Unreachable,
}
