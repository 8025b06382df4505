//! The operations on values, none of which switches stacks: arithmetic, objects, arrays, and the calling convention.

/// Loads and stores of scalars in objects.
pub(super) mod memory;
/// References that LLVM may assume to be non-null.
pub(super) mod references;
/// Objects on the heap, and all allocations of compiled code.
pub(super) mod objects;
/// The calling convention: whether a value is passed in registers, on the stack, or in an object.
pub(super) mod calling_convention;
/// Copying and clearing of memory without C's functions.
pub(super) mod mem_copy;
/// Operators, with the checks that panic.
pub(super) mod arithmetic;
/// Tuples, structs, enums and cells.
pub(super) mod aggregates;
/// Arrays and strings.
pub(super) mod arrays;
