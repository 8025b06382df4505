//! The descriptors that are the same in every program, by number.

use core::mem::offset_of;

use crate::HAS_LAYOUTS;
use crate::continuation::Continuation;
use crate::layout::{ArrayObject, StringObject};
use crate::object::Kind;
use crate::task::Task;

/// The number that no object has: if the word at the place of a header is zero, the memory from there on is free.
pub const NONE: u32 = 0;
/// An array of bytes: `String`, `[Byte]`, `[Bool]`.
pub const BYTES: u32 = 1;
/// A [`Task`].
pub const TASK: u32 = 2;
/// Words that may be references, such as the arguments of a spawned function if they do not fit on the new stack.
pub const WORDS: u32 = 3;
/// An array of words without references: `[Int]`, `[Float]`.
pub const INTS: u32 = 4;
/// An array of references: `[String]`.
pub const REFERENCES: u32 = 5;
/// A [`Continuation`].
pub const CONTINUATION: u32 = 6;
/// A host, see [`Continuation`]. The collector does not follow its references: the value of a host is used only while
/// its stack is in use.
pub const HOST: u32 = 7;

/// The rows of these descriptors: kind, size and offsets of the references, as in [`crate::TypeDescriptor`]. The
/// descriptors of the program's own types follow.
pub const ROWS: [(Kind, usize, &[u32]); 8] = [
    (Kind::Fixed, 0, &[]),
    (Kind::Array, 1, &[]),
    (Kind::Task, size_of::<Task>(), &[]),
    (Kind::Words, size_of::<u64>(), &[]),
    (Kind::Array, size_of::<u64>(), &[]),
    (Kind::Array, size_of::<u64>(), &[0]),
    (Kind::Continuation, size_of::<Continuation>(), &[]),
    (Kind::Fixed, size_of::<Continuation>(), &[]),
];

impl Continuation {
    /// Whether the object is a host.
    ///
    /// # Safety
    /// `object` is a continuation or a host.
    #[inline(always)]
    pub unsafe fn is_host(object: *const Continuation) -> bool {
        // SAFETY: both kinds of objects begin with a header.
        unsafe { (*object).header.descriptor == HOST }
    }
}

// Every object begins with its header. In every object that looks like an array, the length is the second word.
const _: () = if HAS_LAYOUTS {
    assert!(offset_of!(Task, waiter) == 0 && offset_of!(Continuation, header) == 0);
    assert!(offset_of!(ArrayObject, header) == 0 && offset_of!(ArrayObject, length) == 8);
    assert!(offset_of!(StringObject, header) == 0 && offset_of!(StringObject, length) == 8);
};
