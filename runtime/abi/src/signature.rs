//! The types in the signatures of runtime functions, and the groups of the functions.

/// The machine type of a value in the C calling convention.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AbiType {
    /// No value.
    Unit,
    /// A byte, 0 or 1.
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// A double.
    Float,
    /// A Unicode scalar value in 32 bits.
    Char,
    /// An unsigned 8-bit integer.
    Byte,
    /// An address.
    Pointer,
    /// The function does not return.
    Never,
}

/// The type of a parameter or a result of a runtime function: a type of the language, if there is one for such values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuntimeType {
    /// `()`
    Unit,
    /// `Bool`
    Bool,
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Char`
    Char,
    /// `Byte`
    Byte,
    /// `String`
    String,
    /// `[Byte]`
    Bytes,
    /// `[String]`
    Strings,
    /// `[Int]`, or an object that the library handles as an `[Int]`: a wait list
    Ints,
    /// `Task[()]`, or an object that the library handles as a `Task[()]`: an arm of a `select`
    Waiter,
    /// The number of the outcome of a blocking function, an `Int`
    Outcome,
    /// The address of a [`Site`](crate::Site), which code generation makes from the statement's span.
    Site,
    /// An address, for which the language has no type.
    Pointer,
    /// The function does not return.
    Never,
}

impl RuntimeType {
    /// The machine type.
    pub const fn abi(self) -> AbiType {
        match self {
            RuntimeType::Unit => AbiType::Unit,
            RuntimeType::Bool => AbiType::Bool,
            RuntimeType::Int | RuntimeType::Outcome => AbiType::Int,
            RuntimeType::Float => AbiType::Float,
            RuntimeType::Char => AbiType::Char,
            RuntimeType::Byte => AbiType::Byte,
            RuntimeType::String
            | RuntimeType::Bytes
            | RuntimeType::Strings
            | RuntimeType::Ints
            | RuntimeType::Waiter
            | RuntimeType::Site
            | RuntimeType::Pointer => AbiType::Pointer,
            RuntimeType::Never => AbiType::Never,
        }
    }
}

/// The callers of a runtime function, and the stack on which the function runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuntimeGroup {
    /// MIR calls the function. It runs on the worker's own stack and may use the heap.
    Program,
    /// Code generation and the runtime's hot code call the function. It runs on the worker's own stack and may use the
    /// heap.
    Internal,
    /// MIR calls the function as `Rvalue::Blocking`. It runs on any OS thread with a stack of the usual size, and does
    /// not allocate on the heap.
    Blocking,
    /// Code generation calls the function. It runs on any OS thread with a stack of the usual size, and does not
    /// allocate on the heap.
    Anywhere,
}
