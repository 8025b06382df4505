//! Generators: the objects behind the values of type `Gen[T]`.
//!
//! ```text
//!   header │ code │ state │ resumer │ slots: what lives across a `yield` of an element
//! ```
//!
//! `next` and `close` call `code` with the generator. While the body runs, `resumer` refuses a second resumption.

use crate::home::StackHome;
use crate::layout::ArrayObject;
use crate::object::Header;

/// The words of a generator before its slots.
#[repr(C)]
pub struct Generator {
    /// The header. The descriptor of each `gen fn` is its own.
    pub header: Header,
    /// The function that continues the body.
    pub code: *const u8,
    /// The number of the place where the body continues: 0 if it has ended, negative if it is to end there.
    pub state: i64,
    /// The home of the stack on which the body runs, or null. It stays if the thread panics in the body.
    pub resumer: *mut StackHome,
}

/// A generator whose `gen fn` hands on elements of generators of itself. The frames of all of them are records on a
/// stack of words, the innermost last:
///
/// ```text
///   frames ──▶ header │ length │ record of walk │ record of walk │ ...
///                                └ state and offset of the record below │ slots
/// ```
#[repr(C)]
pub struct NestedGenerator {
    /// The words of every generator; the code and the state are those of the innermost record.
    pub generator: Generator,
    /// The stack of records, whose words may be references; null once the generator has ended.
    pub frames: *mut ArrayObject,
    /// The offset of the innermost record from the start of the stack's object, in bytes.
    pub record: usize,
}

/// The words of a record before its slots.
#[repr(C)]
pub struct Record {
    /// The state in which the record below continues; 0 in the outermost record.
    pub state: i64,
    /// The offset of the record below.
    pub below: usize,
}

/// A generator whose body is a coroutine of LLVM. The last element follows.
#[repr(C)]
pub struct CoroutineGenerator {
    /// The words of every generator. The code is a function that resumes the coroutine.
    pub generator: Generator,
    /// The object that contains the coroutine's frame. LLVM chooses its layout, so each of its words may be a
    /// reference.
    pub frame: *mut ArrayObject,
    /// The address of the frame, which LLVM calls the coroutine's handle.
    pub handle: *mut u8,
}

const _: () = assert!(size_of::<CoroutineGenerator>() == 48);
const _: () = assert!(size_of::<Generator>() == 32 && size_of::<NestedGenerator>() == 48);
