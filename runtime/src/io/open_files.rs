//! Operations on open files, which pool threads run. A result is a number: for a failure, minus an error number.

use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd};

use weft_abi::files::{SEEK_CURRENT, SEEK_END};

use super::descriptors::{Descriptor, Use};
use super::files;
use super::outcome::{Outcome, closed};
use crate::os;

/// Reads once; returns the number of bytes, 0 at the end.
///
/// # Safety
/// The object of the descriptor is alive during the call.
pub unsafe fn read(descriptor: *const Descriptor, into: &mut [u8]) -> i64 {
    // SAFETY: the caller has the same obligation.
    let used = unsafe { Descriptor::acquire(descriptor) };
    number(used, |used| os::uninterrupted(|| os::read(used.as_raw_fd(), into)).map(|count| count as i64))
}

/// Writes once; returns the number of bytes.
///
/// # Safety
/// As for [`read`].
pub unsafe fn write(descriptor: *const Descriptor, bytes: &[u8]) -> i64 {
    // SAFETY: the caller has the same obligation.
    let used = unsafe { Descriptor::acquire(descriptor) };
    number(used, |used| os::uninterrupted(|| os::write(used.as_raw_fd(), bytes)).map(|count| count as i64))
}

/// Changes the position; returns the new position. `whence` is a number of [`weft_abi::files`].
///
/// # Safety
/// As for [`read`].
pub unsafe fn seek(descriptor: *const Descriptor, offset: i64, whence: i64) -> i64 {
    // SAFETY: the caller has the same obligation.
    let used = unsafe { Descriptor::acquire(descriptor) };
    number(used, |used| {
        let to = match whence {
            SEEK_CURRENT => SeekFrom::Current(offset),
            SEEK_END => SeekFrom::End(offset),
            _ => SeekFrom::Start(u64::try_from(offset).map_err(|_| ErrorKind::InvalidInput)?),
        };
        file(used).seek(to).map(|position| position as i64)
    })
}

/// Waits until the contents and the metadata are on the disk.
///
/// # Safety
/// As for [`read`].
pub unsafe fn sync(descriptor: *const Descriptor) -> i64 {
    // SAFETY: the caller has the same obligation.
    let used = unsafe { Descriptor::acquire(descriptor) };
    number(used, |used| file(used).sync_all().map(|()| 0))
}

/// Changes the size.
///
/// # Safety
/// As for [`read`].
pub unsafe fn resize(descriptor: *const Descriptor, size: i64) -> i64 {
    // SAFETY: the caller has the same obligation.
    let used = unsafe { Descriptor::acquire(descriptor) };
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    number(used, |used| file(used).set_len(size).map(|()| 0))
}

/// The metadata, as [`files::metadata`] returns it.
///
/// # Safety
/// As for [`read`].
pub unsafe fn metadata(descriptor: *const Descriptor) -> Outcome {
    // SAFETY: the caller has the same obligation.
    match unsafe { Descriptor::acquire(descriptor) } {
        Some(used) => files::metadata(file(&used).metadata()),
        None => Outcome::failure(&closed()),
    }
}

fn number(used: Option<Use>, operation: impl FnOnce(&Use) -> io::Result<i64>) -> i64 {
    let done = used.as_ref().ok_or_else(closed).and_then(operation);
    done.unwrap_or_else(|error| -i64::from(os::error_number(&error)))
}

/// The file of a descriptor, which the value does not close.
fn file(used: &Use) -> ManuallyDrop<File> {
    // SAFETY: the descriptor is open during its use.
    ManuallyDrop::new(unsafe { File::from_raw_fd(used.as_raw_fd()) })
}
