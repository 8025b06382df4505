//! Values at the boundary: the running worker, strings, arrays and new objects, and panics.

use std::borrow::Cow;
use std::ptr::null;
use std::slice;

use weft_abi::{ArrayObject, Header, Site, Task, well_known};

use crate::arch::Current;
use crate::gc;
use crate::sched::panics;
use crate::text::strings;
use crate::workers::worker;

/// The running worker.
pub(super) fn current() -> Current {
    // SAFETY: only compiled code calls the functions of `entry` that use this function, and compiled code runs only on
    // workers.
    unsafe { Current::here() }
}

/// The task of the running green thread.
pub(super) fn current_task() -> *mut Task {
    worker::current_task(current())
}

/// Panics in the running green thread. Does not return, so the callers' values are never dropped. The message is passed
/// by value, so that the runtime can drop it.
pub(super) fn panic<'a>(message: impl Into<Cow<'a, str>>, site: *const u8) -> ! {
    // SAFETY: a green thread called into the runtime, and a site is a constant of the program.
    unsafe { panics::panic(current(), message.into(), site.cast::<Site>()) }
}

/// Allocates an object; panics if there is no memory. May collect.
pub(super) fn allocate(header: Header, size: usize) -> *mut u8 {
    try_allocate(header, size).unwrap_or_else(|| no_memory(size))
}

/// Allocates an object; `None` if there is no memory. May collect.
pub(super) fn try_allocate(header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: a green thread called into the runtime. The callers here and in compiled code compute the size from the
    // header's descriptor.
    unsafe { gc::allocate(current(), header, size) }
}

/// Allocates an object without a collection; `None` if there is no memory.
pub(super) fn try_allocate_now(header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: as in `try_allocate`.
    unsafe { gc::allocate_now(current(), header, size) }
}

/// Panics because there is no memory for an object.
pub(super) fn no_memory(size: usize) -> ! {
    panic(format!("no memory for an object of {size} bytes"), null())
}

/// Allocates memory for a string object of `size` bytes.
pub(super) fn new_string_memory(size: usize) -> *mut u8 {
    allocate(strings::HEADER, size)
}

/// Makes a string object of UTF-8 bytes.
pub(super) fn new_string(text: &[u8]) -> *const u8 {
    // SAFETY: the callers pass UTF-8, and the heap returns memory that nothing uses.
    unsafe { strings::create(text, new_string_memory).cast_const().cast() }
}

/// Makes a string object of a text. Frees the text before a panic.
pub(super) fn new_text(text: String) -> *const u8 {
    let size = strings::size(text.len());
    let Some(memory) = try_allocate(strings::HEADER, size) else {
        drop(text);
        no_memory(size)
    };
    // SAFETY: the memory is new and has room for the text.
    unsafe { strings::create(text.as_bytes(), |_| memory).cast_const().cast() }
}

/// Makes an array of bytes.
pub(super) fn new_bytes(bytes: &[u8]) -> *const u8 {
    let header = Header::new(well_known::BYTES);
    let array = allocate(header, size_of::<ArrayObject>() + bytes.len());
    // SAFETY: the memory is new and has room for the length and the bytes.
    unsafe {
        array.cast::<ArrayObject>().write(ArrayObject { header, length: bytes.len() as u64 });
        memory_of_array(array).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
    }
    array
}

/// Makes an array of strings.
pub(super) fn new_strings(texts: &[String]) -> *const u8 {
    let array = new_references(texts.len());
    for (index, text) in texts.iter().enumerate() {
        set_reference(array, index, new_string(text.as_bytes()));
    }
    array
}

/// Makes an array of `count` references, which are null.
pub(super) fn new_references(count: usize) -> *const u8 {
    let header = Header::new(well_known::REFERENCES);
    let array = allocate(header, size_of::<ArrayObject>() + count * size_of::<*const u8>());
    // SAFETY: the memory is new, zero, and has room for the length and one word for each element.
    unsafe { array.cast::<ArrayObject>().write(ArrayObject { header, length: count as u64 }) };
    array
}

/// Writes an element of an array from [`new_references`], whose index is in bounds.
pub(super) fn set_reference(array: *const u8, index: usize, reference: *const u8) {
    // SAFETY: the callers pass an index in bounds, and no other thread has a reference to the array yet.
    unsafe { memory_of_array(array).cast::<*const u8>().add(index).write(reference) }
}

/// Makes an array of `count` words that are zero, with no references among them.
pub(super) fn new_words(count: usize) -> *mut u8 {
    let header = Header::new(well_known::INTS);
    let array = allocate(header, size_of::<ArrayObject>() + count * size_of::<u64>());
    // SAFETY: the memory is new, zero, and has room for the length and the words.
    unsafe { array.cast::<ArrayObject>().write(ArrayObject { header, length: count as u64 }) };
    array
}

/// The `char` of a `Char`, whose number is always a Unicode scalar value.
pub(super) fn char_of(value: u32) -> char {
    char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The address of the elements of an array.
pub(super) fn memory_of_array(array: *const u8) -> *mut u8 {
    array.wrapping_add(size_of::<ArrayObject>()).cast_mut()
}

/// A part of an array of bytes.
pub(super) fn part_of_array<'a>(array: *const u8, from: i64, count: i64) -> &'a [u8] {
    // SAFETY: the library passes a range of the array, and no thread writes to it during the call.
    unsafe { slice::from_raw_parts(memory_of_array(array).add(from as usize), count as usize) }
}

/// The bytes of a string.
pub(super) fn bytes<'a>(string: *const u8) -> &'a [u8] {
    // SAFETY: compiled code passes references to strings that are completely written; strings never change.
    unsafe { strings::bytes(string.cast()) }
}

/// The text of a string.
pub(super) fn string<'a>(string: *const u8) -> &'a str {
    // SAFETY: compiled code passes references to strings that are completely written; strings are UTF-8 and never
    // change.
    unsafe { strings::as_str(string.cast()) }
}
