//! The messages of panics that contain values. The fixed messages are in `PanicKind`, and the library's messages are in
//! `stdlib`.

use weft_abi::continuation::messages::Used;

use super::render::grouped;

/// The message for an array index that is not below the length.
pub fn index_out_of_bounds(index: i64, length: i64) -> String {
    format!("index {index} is out of bounds: the length is {length}")
}

/// The message for the second use of a continuation. `first` is the position of the first use, if it is known.
pub fn used_before(texts: &Used, first: Option<String>) -> String {
    let Used { again, first: at, .. } = texts;
    first.map_or_else(|| (*again).to_owned(), |first| format!("{again}{at}{first}"))
}

/// The message for the use of a continuation that was closed.
pub fn closed_before(texts: &Used) -> String {
    format!("{}{}", texts.again, texts.closed)
}

/// The message for a failed `assert_eq`, with the texts of the two values.
pub fn not_equal(left: &str, right: &str) -> String {
    format!("assertion failed: the values are not equal\n left: {left}\nright: {right}")
}

/// The message for a join of a green thread that was cancelled.
pub fn joined_cancelled(number: u64) -> String {
    format!("the joined green thread {number} was cancelled")
}

/// The message for a stack that would have to grow beyond `bound` bytes.
pub fn stack_exhausted(bound: u64) -> String {
    format!("the stack is exhausted: it may take {} bytes (WEFT_STACK_MAX)", grouped(bound))
}

/// The message for a C function that returned a null pointer although its result was declared as a string.
pub const NULL_C_STRING: &str =
    "the C function returned no string but a null pointer: declare its result as a CPtr";

/// The message for an argument for C that is a string with a zero byte at `place`.
pub fn zero_in_c_string(place: usize) -> String {
    format!("a string for C ends at its first zero byte, but this one has one inside, at byte {place}")
}

/// The message when a string is passed to C and there is no memory for its copy, of `size` bytes.
pub fn no_memory_for_c_string(size: usize) -> String {
    format!("no memory for a C string of {size} bytes")
}

/// The message for an argument that does not fit in an `int` of C.
pub fn no_c_int(value: i64) -> String {
    format!("{value} does not fit C's int: it is 32 bits wide")
}

/// The message for an argument that does not fit in a `size_t`.
pub fn no_c_size(value: i64) -> String {
    format!("{value} is no size for C: it is negative")
}

/// The message for a new array whose `length` is negative or too large for any memory.
pub fn array_length(length: i64) -> String {
    match length {
        ..0 => format!("an array cannot have {length} elements"),
        0.. => format!("no memory for an array of {length} elements"),
    }
}
