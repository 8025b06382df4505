//! What operations on files bring, made on threads that know no heap. An outcome is memory of its own until the green
//! thread that asked has taken what it wants of it; it travels as a number.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::{fs, ptr};

use crate::os::{self, allocator};

#[cfg(test)]
mod tests;

/// The error of a file that is no UTF-8; the system's are positive.
pub const NOT_UTF8: i64 = -1;

/// What an operation brought.
#[derive(PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// 0, the system's error number, or [`NOT_UTF8`].
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

    /// The number by which the program knows it, until [`Outcome::free`].
    pub fn into_number(self) -> i64 {
        Box::into_raw(Box::new(self)).expose_provenance() as i64
    }

    /// The outcome of a number.
    ///
    /// # Safety
    /// It is one of [`Outcome::into_number`], and not freed during `'a`.
    pub unsafe fn of_number<'a>(number: i64) -> &'a Outcome {
        // SAFETY: as the caller promises.
        unsafe { &*ptr::with_exposed_provenance(number as usize) }
    }

    /// Gives the memory back.
    ///
    /// # Safety
    /// The number is one of [`Outcome::into_number`], and means nothing from now on.
    pub unsafe fn free(number: i64) {
        // SAFETY: as the caller promises.
        drop(unsafe { Box::<Outcome>::from_raw(ptr::with_exposed_provenance_mut(number as usize)) });
    }
}

/// The whole of a file of text.
pub fn read_path(path: &[u8]) -> Outcome {
    match allocator::trying(|| fs::read(path_of(path))) {
        Ok(bytes) if str::from_utf8(&bytes).is_err() => Outcome { error: NOT_UTF8, ..Outcome::default() },
        Ok(bytes) => Outcome { bytes, ..Outcome::default() },
        Err(error) => Outcome::failure(&error),
    }
}

/// Makes a file of those contents, in the place of one that there is.
pub fn write_path(path: &[u8], contents: &[u8]) -> Outcome {
    Outcome::of(fs::write(path_of(path), contents))
}

/// Removes a file, or a directory that is empty.
pub fn remove_path(path: &[u8]) -> Outcome {
    let path = path_of(path);
    let is_directory = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    Outcome::of(if is_directory { fs::remove_dir(path) } else { fs::remove_file(path) })
}

/// Whether there is something: an error if not.
pub fn exists_path(path: &[u8]) -> Outcome {
    Outcome::of(fs::metadata(path_of(path)).map(drop))
}

/// The names in a directory, sorted; what is not UTF-8 in one is replaced.
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

/// What the system says of an error number.
pub fn error_text(number: i64) -> String {
    if number == NOT_UTF8 {
        return "it is not UTF-8".to_owned();
    }
    let text = io::Error::from_raw_os_error(i32::try_from(number).unwrap_or(i32::MAX)).to_string();
    // Rust adds the number.
    text.find(" (os error").map_or(text.clone(), |end| text[..end].to_owned())
}

fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
