//! `String` objects: reading, comparing and building them. The callers provide memory from the heap, and this module
//! writes the strings into the memory.

use core::cmp::Ordering;
use core::mem::{self, size_of};
use core::slice;
use core::str;

use memchr::memmem;
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
    let rest = text.get(from..)?;
    let place = match needle {
        // The search for a string of several bytes begins with a preparation, which takes longer than a short search.
        [byte] => memchr::memchr(*byte, rest),
        _ => memmem::find(rest, needle),
    };
    place.map(|place| from + place)
}

/// The number of occurrences of `needle`, which is not empty, from left to right without overlaps.
pub fn count(text: &[u8], needle: &[u8]) -> usize {
    match needle {
        [byte] => memchr::memchr_iter(*byte, text).count(),
        _ => memmem::find_iter(text, needle).count(),
    }
}

/// Calls `each` with the parts of `text` between the occurrences that [`count`] counts.
pub fn each_part<'t>(text: &'t [u8], needle: &[u8], mut each: impl FnMut(&'t [u8])) {
    let mut start = 0;
    let mut found = |place: usize| {
        each(&text[start..place]);
        start = place + needle.len();
    };
    match needle {
        [byte] => memchr::memchr_iter(*byte, text).for_each(&mut found),
        _ => memmem::find_iter(text, needle).for_each(&mut found),
    }
    each(&text[start..]);
}

/// Makes a string of `text` in memory that `allocate` returns for [`size`] bytes.
///
/// # Safety
/// The text is UTF-8. `allocate(n)` returns `n` bytes, aligned to 8, that nothing else uses.
pub unsafe fn create(text: &[u8], allocate: impl FnOnce(usize) -> *mut u8) -> *mut StringObject {
    // SAFETY: the text is UTF-8, and `allocate` returns new memory.
    unsafe { build(text.len(), allocate, |rest| put(rest, text)) }
}

/// Makes a string of `text` with each occurrence of `needle` that [`count`] counts replaced by `by`. Returns `text` if
/// there is none.
///
/// # Safety
/// `text`, `needle` and `by` are addresses of completely written string objects, and `needle` is not empty. `allocate`
/// is as for [`concat`].
pub unsafe fn replace(
    text: *const StringObject,
    [needle, by]: [*const StringObject; 2],
    allocate: impl FnOnce(usize) -> *mut u8,
) -> *const StringObject {
    // SAFETY: the caller promises completely written objects.
    let (all, needle, by) = unsafe { (bytes(text), bytes(needle), bytes(by)) };
    let count = count(all, needle);
    if count == 0 {
        return text;
    }
    // A string too long for 64 bits becomes one for which there is no memory.
    let added = count.saturating_mul(by.len()).min(isize::MAX as usize);
    let length = all.len() - count * needle.len() + added;
    let write = |rest: &mut &mut [u8]| {
        let mut is_first = true;
        each_part(all, needle, |part| {
            if !is_first {
                put(rest, by);
            }
            is_first = false;
            put(rest, part);
        });
    };
    // SAFETY: `allocate` returns new memory and moves no object; whole characters of UTF-8 are replaced by others.
    unsafe { build(length, allocate, write) }
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
    // SAFETY: the caller promises UTF-8 and new memory.
    unsafe { build(length, allocate, |rest| parts.into_iter().for_each(|part| put(rest, part))) }
}

/// Makes a string of `length` bytes, which `write` puts one after another.
///
/// # Safety
/// The bytes are UTF-8; `allocate` is as for [`create`].
unsafe fn build(
    length: usize,
    allocate: impl FnOnce(usize) -> *mut u8,
    write: impl FnOnce(&mut &mut [u8]),
) -> *mut StringObject {
    let object = allocate(size(length)).cast::<StringObject>();
    // SAFETY: the memory is new and aligned, and has room for the struct and `length` bytes after the struct.
    let mut rest = unsafe {
        object.write(StringObject { header: HEADER, length: length as u64 });
        slice::from_raw_parts_mut(object.add(1).cast(), length)
    };
    write(&mut rest);
    debug_assert!(rest.is_empty());
    object
}

/// Writes bytes to the beginning of `rest`, which then begins behind them.
fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    let (place, after) = mem::take(rest).split_at_mut(bytes.len());
    place.copy_from_slice(bytes);
    *rest = after;
}
