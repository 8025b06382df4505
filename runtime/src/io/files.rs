//! File operations, which pool threads run, and their outcomes.
//!
//! A pool thread does not use the heap. So an outcome lies in separate memory. The green thread that called the
//! operation gets the outcome's address as a number, and frees the outcome when it has taken the outcome's parts.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::{fs, ptr};

use crate::os::{self, allocator, sockets};

#[cfg(test)]
mod tests;

/// The error number for a file that is not UTF-8. Error numbers of the system are positive.
pub const NOT_UTF8: i64 = -1;

/// The error number for a name without an address.
pub const NO_ADDRESS: i64 = -2;

/// The outcome of a file operation.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// 0, the system's error number, [`NOT_UTF8`], or [`NO_ADDRESS`].
    pub error: i64,
    /// The bytes that were read.
    pub bytes: Vec<u8>,
    /// The names that were listed.
    pub strings: Vec<String>,
}

impl Outcome {
    fn failure(error: &io::Error) -> Outcome {
        Outcome { error: os::error_number(error).into(), ..Outcome::default() }
    }

    fn of(done: io::Result<()>) -> Outcome {
        done.err().map_or_else(Outcome::default, |error| Outcome::failure(&error))
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
        // SAFETY: such a number is the address of a box, which the caller gives up.
        drop(unsafe { Box::<Outcome>::from_raw(ptr::with_exposed_provenance_mut(number as usize)) });
    }
}

/// Reads a file, whose contents must be UTF-8.
pub fn read_path(path: &[u8]) -> Outcome {
    match allocator::trying(|| fs::read(path_of(path))) {
        Ok(bytes) if str::from_utf8(&bytes).is_err() => Outcome { error: NOT_UTF8, ..Outcome::default() },
        Ok(bytes) => Outcome { bytes, ..Outcome::default() },
        Err(error) => Outcome::failure(&error),
    }
}

/// Writes a file; replaces an existing file.
pub fn write_path(path: &[u8], contents: &[u8]) -> Outcome {
    Outcome::of(fs::write(path_of(path), contents))
}

/// Removes a file or an empty directory.
pub fn remove_path(path: &[u8]) -> Outcome {
    let path = path_of(path);
    let is_directory = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    Outcome::of(if is_directory { fs::remove_dir(path) } else { fs::remove_file(path) })
}

/// Checks whether a path exists; the outcome is an error if not.
pub fn exists_path(path: &[u8]) -> Outcome {
    Outcome::of(fs::metadata(path_of(path)).map(drop))
}

/// Lists the names in a directory, sorted. Bytes that are not UTF-8 are replaced.
pub fn list_path(path: &[u8]) -> Outcome {
    let name = |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    match fs::read_dir(path_of(path))
        .and_then(|entries| entries.map(name).collect::<io::Result<Vec<String>>>())
    {
        Ok(mut strings) => {
            strings.sort();
            Outcome { strings, ..Outcome::default() }
        }
        Err(error) => Outcome::failure(&error),
    }
}

/// Finds the addresses of a host and a port. A name that has no address is an error with the number [`NO_ADDRESS`].
pub fn resolve(address: &str) -> Outcome {
    match sockets::resolve(address) {
        Ok(strings) if strings.is_empty() => Outcome { error: NO_ADDRESS, ..Outcome::default() },
        Ok(strings) => Outcome { strings, ..Outcome::default() },
        Err(error) => {
            Outcome { error: error.raw_os_error().map_or(NO_ADDRESS, i64::from), ..Outcome::default() }
        }
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
    let text = io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(i32::MAX)).to_string();
    // Rust appends the number to the system's text.
    text.find(" (os error").map_or(text.clone(), |end| text[..end].to_owned())
}

fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
