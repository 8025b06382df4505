//! The home of a stack: the object that a stack belongs to.

use crate::object::Header;

/// The words that a [`Task`](crate::Task) and a [`Continuation`](crate::Continuation) have at the same offsets.
/// `StackBase::home` of a stack refers to these words. A stack may move, but its home stays the same.
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
