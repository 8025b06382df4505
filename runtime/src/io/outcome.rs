//! Outcomes of operations on files and processes, which pool threads run.
//!
//! A pool thread does not use the heap. So an outcome lies in separate memory. The green thread that called the
//! operation gets the outcome's address as a number, and frees the outcome when it has taken the outcome's parts.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::ptr;

use crate::os;
use crate::os::children::Process;

/// The error number for a file that is not UTF-8. Error numbers of the system are positive.
pub const NOT_UTF8: i64 = -1;

/// The error number for the name of a host that has no address.
pub const NO_ADDRESS: i64 = -2;

/// The error number for a file that this program has closed. The system has no error number this large.
pub const CLOSED: i32 = 100_000;

/// The error for the use of a file that this program has closed.
pub fn closed() -> io::Error {
    io::Error::from_raw_os_error(CLOSED)
}

/// The outcome of an operation.
#[derive(Default)]
pub struct Outcome {
    /// 0, the system's error number, [`NOT_UTF8`] or [`NO_ADDRESS`].
    pub error: i64,
    /// The bytes that were read, or for each name the number of the entry's kind.
    pub bytes: Vec<u8>,
    /// Names and paths.
    pub strings: Vec<String>,
    /// The numbers of metadata.
    pub numbers: Vec<i64>,
    /// The descriptors of files that were opened. Dropping the outcome closes those that were not taken.
    pub files: RefCell<VecDeque<OwnedFd>>,
    /// Whether the first string is the path of a temporary file or directory that was made.
    pub is_temporary: bool,
    /// A process that was started. Dropping the outcome ends it, unless it was taken.
    pub process: Cell<Option<Process>>,
}

impl Outcome {
    /// An operation that failed.
    pub fn failure(error: &io::Error) -> Outcome {
        Outcome { error: os::error_number(error).into(), ..Outcome::default() }
    }

    /// The outcome of an operation that made an outcome or failed.
    pub fn from(done: io::Result<Outcome>) -> Outcome {
        done.unwrap_or_else(|error| Outcome::failure(&error))
    }

    /// Takes the first of the files that are left.
    ///
    /// # Panics
    /// If none is left.
    pub fn take_file(&self) -> OwnedFd {
        self.files.borrow_mut().pop_front().expect("BUG: an outcome without a file")
    }

    /// The address of the outcome as a number, which is valid until [`Outcome::free`].
    pub fn into_number(self) -> i64 {
        Box::into_raw(Box::new(self)).expose_provenance() as i64
    }

    /// The outcome at the address `number`.
    ///
    /// # Safety
    /// The number is from [`Outcome::into_number`], and not freed during `'a`.
    pub unsafe fn of_number<'a>(number: i64) -> &'a Outcome {
        // SAFETY: such a number is the address of an outcome, which is alive until it is freed.
        unsafe { &*ptr::with_exposed_provenance(number as usize) }
    }

    /// Frees an outcome.
    ///
    /// # Safety
    /// The number is from [`Outcome::into_number`], and not used any more.
    pub unsafe fn free(number: i64) {
        // SAFETY: the caller has the same obligation.
        drop(unsafe { Outcome::owned(number) });
    }

    /// Frees an outcome that no code has got, because its green thread was cancelled. Removes a temporary file or
    /// directory, whose name nobody knows.
    ///
    /// # Safety
    /// As for [`Outcome::free`].
    pub unsafe fn discard(number: i64) {
        // SAFETY: the caller has the same obligation.
        let outcome = unsafe { Outcome::owned(number) };
        if outcome.is_temporary
            && let Some(path) = outcome.strings.first()
        {
            // A file that cannot be removed stays, as temporary files do.
            let _ = fs::remove_file(path).or_else(|_| fs::remove_dir(path));
        }
    }

    /// # Safety
    /// As for [`Outcome::free`].
    unsafe fn owned(number: i64) -> Box<Outcome> {
        // SAFETY: such a number is the address of a box, which the caller gives up.
        unsafe { Box::from_raw(ptr::with_exposed_provenance_mut(number as usize)) }
    }
}

/// The text of an error number.
pub fn error_text(number: i64) -> String {
    if number == NOT_UTF8 {
        return "it is not UTF-8".to_owned();
    }
    if number == NO_ADDRESS {
        return "the name has no address".to_owned();
    }
    if number == CLOSED.into() {
        return "it is closed".to_owned();
    }
    let text = io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(i32::MAX)).to_string();
    // Rust appends the number to the system's text.
    text.find(" (os error").map_or(text.clone(), |end| text[..end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_a_number_until_it_is_freed() {
        let number = Outcome { error: 7, bytes: b"x".to_vec(), ..Outcome::default() }.into_number();
        // SAFETY: the number was just made by `into_number`.
        unsafe {
            assert_eq!(Outcome::of_number(number).error, 7);
            Outcome::free(number);
        }
    }

    #[test]
    fn errors_have_texts() {
        assert_eq!(error_text(libc::ENOENT.into()), "No such file or directory");
        assert_eq!(error_text(NOT_UTF8), "it is not UTF-8");
        assert_eq!(error_text(CLOSED.into()), "it is closed");
        assert!(error_text(i64::MAX).starts_with("Unknown error"));
    }
}
