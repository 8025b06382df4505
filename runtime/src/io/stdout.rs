//! Standard output: one buffer for the process.
//!
//! A printed line is written at once, as by a C program on a terminal: the user sees it, and an error is reported for
//! that line. Bytes that `std.io` writes are kept until the buffer is full. Printed lines and these bytes go through
//! the same buffer, so they are written in the program's order. The buffer is also written before any output to
//! standard error, before a blocking call, when no thread is runnable, and at the end of the process.

use std::io;

use crate::os;
use crate::os::locks::{Held, Lock, Rank};

#[cfg(test)]
mod tests;

/// The file descriptor of standard output.
pub const STDOUT: i32 = 1;
/// The file descriptor of standard error.
pub const STDERR: i32 = 2;

/// The size in bytes at which the buffer is written: the capacity of a pipe. With a larger buffer the writer would wait
/// just as often, since a pipe takes no more bytes at once.
const FULL: usize = 64 << 10;

static BUFFER: Lock<Buffer> = Lock::new(Rank::OutputBuffer, Buffer { bytes: Vec::new(), descriptor: STDOUT });

/// Bytes that wait to be written to a file descriptor.
struct Buffer {
    bytes: Vec<u8>,
    descriptor: i32,
}

impl Buffer {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.bytes.len() + bytes.len() > FULL {
            self.flush()?;
        }
        if bytes.len() >= FULL {
            return write_all(self.descriptor, bytes);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes the buffer. Bytes that cannot be written are dropped, since all later writes would fail on them again.
    fn flush(&mut self) -> io::Result<()> {
        let written = write_all(self.descriptor, &self.bytes);
        self.bytes.clear();
        written
    }
}

fn lock() -> Held<'static, Buffer> {
    BUFFER.lock()
}

/// Prints the parts in order. If the parts contain a newline, the buffer is written at once.
pub fn print(parts: [&[u8]; 2]) -> io::Result<()> {
    let mut buffer = lock();
    for part in parts {
        buffer.push(part)?;
    }
    if parts.iter().any(|part| part.contains(&b'\n')) { buffer.flush() } else { Ok(()) }
}

/// Writes the buffer of standard output, then prints the parts to standard error.
pub fn print_error(parts: [&[u8]; 2]) -> io::Result<()> {
    // An error of standard output is ignored here.
    let _ = flush();
    write_all(STDERR, &parts.concat())
}

/// Writes bytes to a file descriptor; bytes for standard output are buffered.
pub fn write(descriptor: i32, bytes: &[u8]) -> io::Result<()> {
    match descriptor {
        STDOUT => lock().push(bytes),
        STDERR => print_error([bytes, b""]),
        _ => write_all(descriptor, bytes),
    }
}

/// Writes the buffer.
pub fn flush() -> io::Result<()> {
    lock().flush()
}

/// Writes the buffer unless it is locked: another worker is just writing it, perhaps to a reader that lets it wait; or
/// the caller has interrupted the lock's holder.
pub fn flush_if_free() {
    if let Some(mut buffer) = BUFFER.try_lock() {
        let _ = buffer.flush();
    }
}

fn write_all(descriptor: i32, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match os::write(descriptor, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A closed standard stream is no error: the bytes are dropped, as if the stream were `/dev/null`.
            Err(error) if descriptor <= STDERR && os::is_closed(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
