//! Standard output: one buffer for everything that goes there, and when it is written.
//!
//! A line that is printed is written at once, as from a program in C on a terminal: whoever reads sees it, and an error
//! is that of the line. What `std.io` writes is kept until there is much of it. Both go through the one buffer, so
//! their order is that of the program. It is also written before anything goes to standard error, before a green
//! thread waits for the system, when nothing can run, and at the end of the process.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::os;

#[cfg(test)]
mod tests;

/// The file descriptor of standard output.
pub const STDOUT: i32 = 1;
/// The file descriptor of standard error.
pub const STDERR: i32 = 2;

/// The size at which what is buffered is written: as much as a pipe holds.
const FULL: usize = 64 << 10;

static BUFFER: Mutex<Buffer> = Mutex::new(Buffer { bytes: Vec::new(), descriptor: STDOUT });

/// Bytes on their way to a file.
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

    /// What cannot be written is dropped: it would be in the way of what follows.
    fn flush(&mut self) -> io::Result<()> {
        let written = write_all(self.descriptor, &self.bytes);
        self.bytes.clear();
        written
    }
}

fn lock() -> MutexGuard<'static, Buffer> {
    BUFFER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints the parts, one after another. If there is a newline in them they are written at once.
pub fn print(parts: [&[u8]; 2]) -> io::Result<()> {
    let mut buffer = lock();
    for part in parts {
        buffer.push(part)?;
    }
    if parts.iter().any(|part| part.contains(&b'\n')) { buffer.flush() } else { Ok(()) }
}

/// Prints the parts to standard error, after what was printed before.
pub fn print_error(parts: [&[u8]; 2]) -> io::Result<()> {
    // Standard output's trouble is for those who print there.
    let _ = flush();
    write_all(STDERR, &parts.concat())
}

/// Writes bytes to a file descriptor: standard output's are buffered.
pub fn write(descriptor: i32, bytes: &[u8]) -> io::Result<()> {
    match descriptor {
        STDOUT => lock().push(bytes),
        STDERR => print_error([bytes, b""]),
        _ => write_all(descriptor, bytes),
    }
}

/// Writes what is buffered.
pub fn flush() -> io::Result<()> {
    lock().flush()
}

/// Writes what is buffered, unless whoever was interrupted is at it.
pub fn flush_if_free() {
    if let Ok(mut buffer) = BUFFER.try_lock() {
        let _ = buffer.flush();
    }
}

fn write_all(descriptor: i32, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match os::write(descriptor, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Nobody can be told by a process that was started without its standard streams.
            Err(error) if descriptor <= STDERR && os::is_closed(&error) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
