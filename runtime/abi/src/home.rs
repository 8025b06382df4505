//! The home of a stack: the object that a stack belongs to.

use crate::object::Header;

/// The words that a [`Task`](crate::Task) and a [`Continuation`](crate::Continuation) have at the same offsets: the
/// home of a stack, as the stack itself refers to it. The home stays the same while the stack moves.
#[repr(C)]
pub struct StackHome {
    /// The header: `TASK` or `CONTINUATION`.
    pub header: Header,
    before: [u64; 7],
    /// The stack limit; null when the thread or the continuation has ended.
    pub stack_limit: *mut u8,
    between: [u32; 3],
    /// The size class of the stack block.
    pub stack_class: u8,
    /// The epoch of the last collection that has scanned the stack.
    pub scanned: u8,
}
