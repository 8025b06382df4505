//! Strings for C and from C: bytes up to a zero, in memory of the C library.

use std::ffi::CStr;
use std::os::raw::c_char;
use std::ptr::null_mut;

use crate::os;

#[cfg(test)]
mod tests;

/// Why a text is no string of C.
#[derive(PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is a zero in it, at this byte.
    Zero(usize),
    /// There is no memory for so many bytes.
    Memory(usize),
}

/// A copy of `text` with a zero at its end.
pub fn new_c_string(text: &[u8]) -> Result<*mut u8, Refusal> {
    if let Some(place) = memchr::memchr(0, text) {
        return Err(Refusal::Zero(place));
    }
    let size = text.len() + 1;
    let copy = os::allocate_for_c(size);
    if copy.is_null() {
        return Err(Refusal::Memory(size));
    }
    // SAFETY: the memory is new and has room for the text and a zero.
    unsafe {
        copy.copy_from_nonoverlapping(text.as_ptr(), text.len());
        copy.add(text.len()).write(0);
    }
    Ok(copy)
}

/// A copy of the string at an address; null for null, and when there is no memory.
///
/// # Safety
/// The address is null or that of bytes that a zero ends.
pub unsafe fn copy_c_string(string: *const u8) -> *mut u8 {
    if string.is_null() {
        return null_mut();
    }
    // SAFETY: as the caller promises.
    new_c_string(unsafe { bytes_at(string) }).unwrap_or(null_mut())
}

/// The bytes before the zero.
///
/// # Safety
/// The address is that of bytes that a zero ends, which do not change during `'a`.
pub unsafe fn bytes_at<'a>(string: *const u8) -> &'a [u8] {
    // SAFETY: as the caller promises.
    unsafe { CStr::from_ptr(string.cast::<c_char>()) }.to_bytes()
}
