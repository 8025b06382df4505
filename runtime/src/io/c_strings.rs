//! Strings for C and from C: bytes up to a zero, in memory of the C library.
//!
//! A worker owns the strings that it made for the next C call of its green thread: no other thread runs on the worker
//! until the call is made or submitted to the thread pool. The strings are freed after the call, or when the evaluation
//! of a later argument panics.

use std::cell::RefCell;
use std::ffi::CStr;
use std::mem::ManuallyDrop;
use std::os::raw::c_char;
use std::ptr::NonNull;

use crate::os;

#[cfg(test)]
mod tests;

/// The reason why a text could not become a C string.
#[derive(PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The text has a zero at this byte.
    Zero(usize),
    /// There is no memory for a copy of this many bytes.
    Memory(usize),
}

/// Bytes with a zero at their end, in memory of the C library. Dropping the value frees the memory.
pub struct CString(NonNull<u8>);

impl CString {
    /// A copy of `text` with a zero at its end.
    pub fn new(text: &[u8]) -> Result<CString, Refusal> {
        if let Some(place) = memchr::memchr(0, text) {
            return Err(Refusal::Zero(place));
        }
        let size = text.len() + 1;
        let copy = NonNull::new(os::allocate_for_c(size)).ok_or(Refusal::Memory(size))?;
        // SAFETY: the memory is new and has room for the text and a zero.
        unsafe {
            copy.as_ptr().copy_from_nonoverlapping(text.as_ptr(), text.len());
            copy.as_ptr().add(text.len()).write(0);
        }
        Ok(CString(copy))
    }

    /// A copy of the C string at an address; `None` for null, and if there is no memory.
    ///
    /// # Safety
    /// `string` is null, or the address of bytes that end with a zero.
    pub unsafe fn copy_of(string: *const u8) -> Option<CString> {
        if string.is_null() {
            return None;
        }
        // SAFETY: the address is not null, so bytes that end with a zero lie there.
        CString::new(unsafe { bytes_at(string) }).ok()
    }

    /// Returns the address of the string. The string is not freed before [`CString::from_raw`].
    pub fn into_raw(self) -> *mut u8 {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// The string at an address; `None` for null.
    ///
    /// # Safety
    /// `string` is null or from [`CString::into_raw`], and not used for another `CString`.
    pub unsafe fn from_raw(string: *mut u8) -> Option<CString> {
        NonNull::new(string).map(CString)
    }
}

impl Drop for CString {
    fn drop(&mut self) {
        // SAFETY: the memory is from `allocate_for_c`, and only this value owns it.
        unsafe { os::free_for_c(self.0.as_ptr()) }
    }
}

thread_local! {
    /// The strings that this worker owns.
    static OWNED: RefCell<Vec<CString>> = const { RefCell::new(Vec::new()) };
}

/// Makes this worker the owner of `string`, and returns its address.
pub fn own(string: CString) -> *const u8 {
    let address = string.0.as_ptr().cast_const();
    OWNED.with_borrow_mut(|owned| owned.push(string));
    address
}

/// Takes the strings that this worker owns; dropping the result frees them.
pub fn take_owned() -> Vec<CString> {
    OWNED.take()
}

/// The bytes of a C string before the zero.
///
/// # Safety
/// `string` is the address of bytes that end with a zero, and do not change during `'a`.
pub unsafe fn bytes_at<'a>(string: *const u8) -> &'a [u8] {
    // SAFETY: the bytes end with a zero, and do not change during `'a`.
    unsafe { CStr::from_ptr(string.cast::<c_char>()) }.to_bytes()
}
