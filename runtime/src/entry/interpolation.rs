//! String interpolation: each call appends a string and the value that follows it to a buffer of the worker. The last
//! call makes a string of the buffer.

use std::cell::RefCell;

use weft_abi::FormatSpec;

use super::values::{bytes, char_of, no_memory, string, try_allocate};
use crate::os::allocator;
use crate::text::{format, literals, strings};

thread_local! {
    /// The parts of the string that is being built.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// An upper bound for the number of bytes of a formatted number or character without padding: the longest float has
/// about 330 bytes.
const SHORT: usize = 400;

/// Adds the string at `before` and a value of at most `most` bytes to the text.
fn add(before: *const u8, most: usize, value: impl FnOnce(&mut Vec<u8>)) {
    let before = bytes(before);
    let most = before.len() + most;
    let reserved = TEXT.with_borrow_mut(|out| allocator::try_reserve(out, most));
    if reserved.is_err() {
        // The panic does not return, so the buffer is emptied here: the next text must begin without these parts.
        let length = TEXT.take().len() + most;
        no_memory(strings::size(length));
    }
    TEXT.with_borrow_mut(|out| {
        out.extend_from_slice(before);
        value(out);
    });
}

/// Adds the string at `before` and a value that is formatted by `spec`. Without padding and without the digits of a
/// precision, the value has at most `most` bytes.
fn add_as(before: *const u8, most: usize, spec: i64, value: impl FnOnce(&mut Vec<u8>, FormatSpec)) {
    let spec = FormatSpec::unpack(spec);
    let filled = spec.width * spec.fill.len_utf8() as u32 + spec.precision.unwrap_or(0);
    add(before, most + filled as usize, |out| value(out, spec));
}

pub(super) extern "C" fn weft_text_string(before: *const u8, value: *const u8) {
    let value = bytes(value);
    add(before, value.len(), |out| out.extend_from_slice(value));
}

pub(super) extern "C" fn weft_text_string_quoted(before: *const u8, value: *const u8) {
    let value = string(value);
    add(before, literals::quoted_size(value, '"'), |out| literals::push_quoted(out, value, '"'));
}

pub(super) extern "C" fn weft_text_int(before: *const u8, value: i64) {
    add(before, SHORT, |out| format::push_int(out, value));
}

pub(super) extern "C" fn weft_text_float(before: *const u8, value: f64) {
    add(before, SHORT, |out| format::push_float(out, value));
}

pub(super) extern "C" fn weft_text_bool(before: *const u8, value: bool) {
    add(before, SHORT, |out| format::push_bool(out, value));
}

pub(super) extern "C" fn weft_text_char(before: *const u8, value: u32) {
    add(before, SHORT, |out| format::push_char(out, char_of(value)));
}

pub(super) extern "C" fn weft_text_char_quoted(before: *const u8, value: u32) {
    let value = char_of(value);
    add(before, SHORT, |out| literals::push_quoted(out, value.encode_utf8(&mut [0; 4]), '\''));
}

pub(super) extern "C" fn weft_text_byte(before: *const u8, value: u8) {
    add(before, SHORT, |out| format::push_int(out, value.into()));
}

pub(super) extern "C" fn weft_text_string_as(before: *const u8, value: *const u8, spec: i64) {
    let value = string(value);
    add_as(before, value.len(), spec, |out, spec| format::push_string_as(out, value, spec));
}

pub(super) extern "C" fn weft_text_int_as(before: *const u8, value: i64, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_int_as(out, value, spec));
}

pub(super) extern "C" fn weft_text_float_as(before: *const u8, value: f64, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_float_as(out, value, spec));
}

pub(super) extern "C" fn weft_text_char_as(before: *const u8, value: u32, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_char_as(out, char_of(value), spec));
}

pub(super) extern "C" fn weft_text_byte_as(before: *const u8, value: u8, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_byte_as(out, value, spec));
}

pub(super) extern "C" fn weft_text_finish(after: *const u8) -> *const u8 {
    add(after, 0, |_| {});
    let mut text = TEXT.take();
    let size = strings::size(text.len());
    let Some(memory) = try_allocate(strings::HEADER, size) else {
        drop(text); // the panic does not return
        no_memory(size)
    };
    // SAFETY: all parts are UTF-8, and the memory is new.
    let string = unsafe { strings::create(&text, |_| memory) };
    text.clear();
    TEXT.set(text);
    string.cast_const().cast()
}
