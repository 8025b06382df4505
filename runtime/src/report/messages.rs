//! The messages of panics that name values; those that do not are `PanicKind`'s.

use super::grouped;

/// An array index that is not below the length.
pub fn index_out_of_bounds(index: i64, length: i64) -> String {
    format!("index {index} is out of bounds: the length is {length}")
}

/// A failed `assert_eq`, with the two values as they are shown.
pub fn not_equal(left: &str, right: &str) -> String {
    format!("assertion failed: the values are not equal\n left: {left}\nright: {right}")
}

/// A join of a green thread that panicked.
pub fn joined_panicked(number: u64, cause: &str) -> String {
    format!("the joined green thread {number} panicked: {cause}")
}

/// A green thread's stack that would have to grow beyond its bound, in bytes.
pub fn stack_exhausted(bound: u64) -> String {
    format!("the stack is exhausted: it may take {} bytes (WEFT_STACK_MAX)", grouped(bound))
}
