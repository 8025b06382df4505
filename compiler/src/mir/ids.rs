//! Typed indices that identify the parts of a program.

use crate::define_id;

define_id! {
    /// A function of the program.
    FunctionId "fn";
    /// A variable or temporary of one function.
    LocalId "_";
    /// A basic block of one function.
    BlockId "bb";
    /// A string literal of the program.
    StringId "str";
    /// The array of a byte string of the program.
    BytesId "bytes";
    /// A C function.
    ForeignId "foreign";
    /// The layout of a generator's frame.
    FrameId "frame";
    /// An inlined body of another function.
    InlinedId "inlined";
}
