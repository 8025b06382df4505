//! `String` objects: reading, comparing and building them. The callers provide memory from the heap, and this module
//! writes the strings into the memory.

use core::cmp::Ordering;
use core::mem::size_of;
use core::slice;
use core::str;

use weft_abi::{Header, StringObject, well_known};

#[cfg(test)]
mod tests;

/// The header of every string.
pub const HEADER: Header = Header::new(well_known::BYTES);

/// The size in bytes of the object for a string of `length` bytes, a multiple of 8.
pub const fn size(length: usize) -> usize {
    size_of::<StringObject>() + length.next_multiple_of(8)
}

/// The bytes of a string.
///
/// # Safety
/// `object` is the address of a completely written string object that stays alive and unchanged during `'a`.
pub unsafe fn bytes<'a>(object: *const StringObject) -> &'a [u8] {
    // SAFETY: the caller promises a completely written object, and its bytes follow the struct.
    unsafe { slice::from_raw_parts(object.add(1).cast(), (*object).length as usize) }
}

/// The text of a string.
///
/// # Safety
/// As for [`bytes`].
pub unsafe fn as_str<'a>(object: *const StringObject) -> &'a str {
    // SAFETY: as for `bytes`; the bytes of every string object are UTF-8.
    unsafe { str::from_utf8_unchecked(bytes(object)) }
}

/// Whether two strings have the same text.
///
/// # Safety
/// Both are addresses of completely written string objects.
pub unsafe fn equal(left: *const StringObject, right: *const StringObject) -> bool {
    // SAFETY: the caller promises two completely written objects.
    left == right || unsafe { bytes(left) == bytes(right) }
}

/// The order of two strings by bytes, which is also the order by code points.
///
/// # Safety
/// Both are addresses of completely written string objects.
pub unsafe fn compare(left: *const StringObject, right: *const StringObject) -> Ordering {
    // SAFETY: the caller promises two completely written objects.
    unsafe { bytes(left).cmp(bytes(right)) }
}

/// The byte offset of the first `needle` in `text` at or after `from`.
pub fn find(text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(text.get(from..)?, needle).map(|place| from + place)
}

/// Makes a string of `text` in memory that `allocate` returns for [`size`] bytes.
///
/// # Safety
/// The text is UTF-8. `allocate(n)` returns `n` bytes, aligned to 8, that nothing else uses.
pub unsafe fn create(text: &[u8], allocate: impl FnOnce(usize) -> *mut u8) -> *mut StringObject {
    // SAFETY: the text is UTF-8, and `allocate` returns new memory.
    unsafe { join([text, b""], allocate) }
}

/// Concatenates two strings. If one string is empty, returns the other string without an allocation.
///
/// # Safety
/// Both are addresses of completely written string objects. `allocate` is as for [`create`]; if it collects garbage,
/// the collection keeps both objects alive and in place.
pub unsafe fn concat(
    left: *const StringObject,
    right: *const StringObject,
    allocate: impl FnOnce(usize) -> *mut u8,
) -> *const StringObject {
    // SAFETY: the caller promises two completely written objects.
    let (first, second) = unsafe { (bytes(left), bytes(right)) };
    if first.is_empty() {
        right
    } else if second.is_empty() {
        left
    } else {
        // SAFETY: `allocate` returns new memory and moves no object; the concatenation of two UTF-8 texts is UTF-8.
        unsafe { join([first, second], allocate) }
    }
}

/// Makes a string of two parts, one after another.
///
/// # Safety
/// The concatenation of the parts is UTF-8; `allocate` is as for [`create`].
unsafe fn join(parts: [&[u8]; 2], allocate: impl FnOnce(usize) -> *mut u8) -> *mut StringObject {
    let length = parts[0].len() + parts[1].len();
    let object = allocate(size(length)).cast::<StringObject>();
    // SAFETY: the memory is new and aligned, and has room for the struct and `length` bytes after the struct.
    unsafe {
        object.write(StringObject { header: HEADER, length: length as u64 });
        let first = object.add(1).cast::<u8>();
        first.copy_from_nonoverlapping(parts[0].as_ptr(), parts[0].len());
        let second = first.add(parts[0].len());
        second.copy_from_nonoverlapping(parts[1].as_ptr(), parts[1].len());
    }
    object
}
