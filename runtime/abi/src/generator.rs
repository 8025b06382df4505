//! Generators: the objects behind the values of type `Gen[T]`.
//!
//! ```text
//!   header │ code │ state │ resumer │ slots: the values that are live across a `yield`
//! ```
//!
//! `next` and `close` call `code` with the generator. While the body runs, `resumer` is not null, so that a second
//! resumption panics.

use crate::HAS_LAYOUTS;
use crate::home::StackHome;
use crate::layout::ArrayObject;
use crate::object::Header;

/// The words of a generator before its slots.
#[repr(C)]
pub struct Generator {
    /// The header. Each `gen fn` has a descriptor of its own.
    pub header: Header,
    /// The function that continues the body.
    pub code: *const u8,
    /// The number of the place where the body continues: 0 if the body has ended, negative if the generator is being
    /// closed.
    pub state: i64,
    /// The home of the stack on which the body runs, or null. If the thread panics in the body, the field is not
    /// cleared.
    pub resumer: *mut StackHome,
}

/// A generator of a `gen fn` that calls itself in a `yield from`. The frames of all active calls are records on one
/// stack of words, the innermost call last:
///
/// ```text
///   frames ──▶ header │ length │ record of walk │ record of walk │ ...
///                                └ state and offset of the record below │ slots
/// ```
#[repr(C)]
pub struct NestedGenerator {
    /// The words that every generator has; `code` and `state` belong to the innermost record.
    pub generator: Generator,
    /// The stack of records, whose words may be references; null once the generator has ended.
    pub frames: *mut ArrayObject,
    /// The offset of the innermost record from the start of the stack's object, in bytes.
    pub record: usize,
}

/// The words of a record before its slots.
#[repr(C)]
pub struct Record {
    /// The state in which the body of the record below continues; 0 in the outermost record.
    pub state: i64,
    /// The offset of the record below.
    pub below: usize,
}

/// A generator whose body is a coroutine of LLVM. The last element that the body gave follows the struct.
#[repr(C)]
pub struct CoroutineGenerator {
    /// The words that every generator has; `code` is a function that resumes the coroutine.
    pub generator: Generator,
    /// The object that contains the coroutine's frame. LLVM chooses the layout of the frame, so each of its words may
    /// be a reference.
    pub frame: *mut ArrayObject,
    /// The address of the frame, which LLVM calls the coroutine's handle.
    pub handle: *mut u8,
}

const _: () = if HAS_LAYOUTS {
    assert!(size_of::<CoroutineGenerator>() == 48);
    assert!(size_of::<Generator>() == 32 && size_of::<NestedGenerator>() == 48);
};
