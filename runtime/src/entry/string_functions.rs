//! Functions of strings. Offsets and lengths are in bytes, and the library has checked them.

use super::values::{
    bytes, char_of, memory_of_array, new_references, new_string, new_string_memory, new_text, part_of_array,
    set_reference, string,
};
use crate::text::{hash, literals, strings};

pub(super) extern "C" fn weft_string_slice(text: *const u8, from: i64, to: i64) -> *const u8 {
    let all = bytes(text);
    if (from, to) == (0, all.len() as i64) { text } else { new_string(&all[from as usize..to as usize]) }
}

pub(super) extern "C" fn weft_string_of_bytes(array: *const u8, from: i64, count: i64) -> *const u8 {
    new_string(part_of_array(array, from, count))
}

pub(super) extern "C" fn weft_is_utf8(array: *const u8, from: i64, count: i64) -> bool {
    str::from_utf8(part_of_array(array, from, count)).is_ok()
}

pub(super) extern "C" fn weft_string_copy(array: *const u8, at: i64, text: *const u8) {
    let text = bytes(text);
    let to = memory_of_array(array).wrapping_add(at as usize);
    // SAFETY: the library has made room in the array, to which no other thread has a reference yet.
    unsafe { to.copy_from_nonoverlapping(text.as_ptr(), text.len()) }
}

pub(super) extern "C" fn weft_string_find(text: *const u8, needle: *const u8, from: i64) -> i64 {
    strings::find(bytes(text), bytes(needle), from as usize).map_or(-1, |place| place as i64)
}

pub(super) extern "C" fn weft_string_count(text: *const u8, needle: *const u8) -> i64 {
    strings::count(bytes(text), bytes(needle)) as i64
}

pub(super) extern "C" fn weft_string_split(text: *const u8, separator: *const u8) -> *const u8 {
    let (all, needle) = (bytes(text), bytes(separator));
    let count = strings::count(all, needle);
    let mut index = 0;
    let parts = new_references(count + 1);
    strings::each_part(all, needle, |part| {
        let part = if count == 0 { text } else { new_string(part) };
        set_reference(parts, index, part);
        index += 1;
    });
    parts
}

pub(super) extern "C" fn weft_string_replace(text: *const u8, part: *const u8, by: *const u8) -> *const u8 {
    // SAFETY: compiled code passes references to strings that are completely written; the library has checked that
    // `part` is not empty.
    unsafe { strings::replace(text.cast(), [part.cast(), by.cast()], new_string_memory).cast() }
}

pub(super) extern "C" fn weft_string_hash(text: *const u8) -> i64 {
    hash::of_bytes(bytes(text)) as i64
}

pub(super) extern "C" fn weft_string_upper(text: *const u8) -> *const u8 {
    new_text(string(text).to_uppercase())
}

pub(super) extern "C" fn weft_string_lower(text: *const u8) -> *const u8 {
    new_text(string(text).to_lowercase())
}

pub(super) extern "C" fn weft_is_float(text: *const u8) -> bool {
    literals::float(string(text)).is_some()
}

pub(super) extern "C" fn weft_string_float(text: *const u8) -> f64 {
    literals::float(string(text)).unwrap_or(f64::NAN)
}

pub(super) extern "C" fn weft_char_is_whitespace(character: u32) -> bool {
    char_of(character).is_whitespace()
}

pub(super) extern "C" fn weft_char_is_alphabetic(character: u32) -> bool {
    char_of(character).is_alphabetic()
}

pub(super) extern "C" fn weft_char_is_numeric(character: u32) -> bool {
    char_of(character).is_numeric()
}

pub(super) extern "C" fn weft_string_concat(left: *const u8, right: *const u8) -> *const u8 {
    // SAFETY: compiled code passes references to strings that are completely written.
    unsafe { strings::concat(left.cast(), right.cast(), new_string_memory).cast() }
}

pub(super) extern "C" fn weft_string_equal(left: *const u8, right: *const u8) -> bool {
    // SAFETY: compiled code passes references to strings that are completely written.
    unsafe { strings::equal(left.cast(), right.cast()) }
}

pub(super) extern "C" fn weft_string_compare(left: *const u8, right: *const u8) -> i64 {
    // SAFETY: compiled code passes references to strings that are completely written.
    unsafe { strings::compare(left.cast(), right.cast()) as i64 }
}
