//! The messages of panics that name values. Those without a value are `PanicKind`'s, and the library's are in `stdlib`.

use super::render::grouped;

/// An array index that is not below the length.
pub fn index_out_of_bounds(index: i64, length: i64) -> String {
    format!("index {index} is out of bounds: the length is {length}")
}

/// A failed `assert_eq`, with the two values as they are shown.
pub fn not_equal(left: &str, right: &str) -> String {
    format!("assertion failed: the values are not equal\n left: {left}\nright: {right}")
}

/// A join of a green thread that was cancelled.
pub fn joined_cancelled(number: u64) -> String {
    format!("the joined green thread {number} was cancelled")
}

/// A green thread's stack that would have to grow beyond its bound, in bytes.
pub fn stack_exhausted(bound: u64) -> String {
    format!("the stack is exhausted: it may take {} bytes (WEFT_STACK_MAX)", grouped(bound))
}

/// A C function returned a null pointer where a string was declared.
pub const NULL_C_STRING: &str =
    "the C function returned no string but a null pointer: declare its result as a CPtr";

/// A string with a zero byte, at `place`, as an argument for C.
pub fn zero_in_c_string(place: usize) -> String {
    format!("a string for C ends at its first zero byte, but this one has one inside, at byte {place}")
}

/// No memory for the copy of a string that C needs, in bytes.
pub fn no_memory_for_c_string(size: usize) -> String {
    format!("no memory for a C string of {size} bytes")
}

/// An argument that is no `int`.
pub fn no_c_int(value: i64) -> String {
    format!("{value} does not fit C's int: it is 32 bits wide")
}

/// An argument that is no `size_t`.
pub fn no_c_size(value: i64) -> String {
    format!("{value} is no size for C: it is negative")
}

/// An array that is to have `length` elements, which is negative or more than any memory holds.
pub fn array_length(length: i64) -> String {
    match length {
        ..0 => format!("an array cannot have {length} elements"),
        0.. => format!("no memory for an array of {length} elements"),
    }
}
