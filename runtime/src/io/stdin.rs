//! Standard input: one buffer for the whole process, which threads of the pool fill and workers take from.

use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::os;

#[cfg(test)]
mod tests;

/// The file descriptor of standard input.
const STDIN: i32 = 0;

/// The most bytes that are read at once: as many as a pipe holds.
const PIECE: usize = 64 << 10;

static INPUT: Input = Input::new(STDIN);

/// A file that is read in pieces.
struct Input {
    descriptor: i32,
    buffer: Mutex<Buffer>,
    /// Held by who reads: what two read at once would be in the buffer in any order.
    reading: Mutex<()>,
}

struct Buffer {
    bytes: Vec<u8>,
    /// Where what has not been taken begins.
    start: usize,
    /// Up to where there is no newline.
    searched: usize,
    /// How often the file was read.
    reads: u64,
    /// What the last of them brought, see [`fill`].
    last: i64,
}

/// Reads once: how many bytes came, 0 at the end, or minus the system's error number. Waits while nothing comes; if
/// others read meanwhile, what they got is the result.
pub fn fill() -> i64 {
    INPUT.fill()
}

/// Takes the next line out of the buffer, with its newline; after the end what is left. No bytes when the buffer holds
/// no whole line.
pub fn take_line() -> Vec<u8> {
    INPUT.lock().take_line()
}

/// Takes all that the buffer holds.
pub fn take() -> Vec<u8> {
    INPUT.lock().take(usize::MAX)
}

impl Input {
    const fn new(descriptor: i32) -> Input {
        let buffer = Buffer { bytes: Vec::new(), start: 0, searched: 0, reads: 0, last: 1 };
        Input { descriptor, buffer: Mutex::new(buffer), reading: Mutex::new(()) }
    }

    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self) -> i64 {
        let before = self.lock().reads;
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.lock();
        if now.reads != before {
            return now.last;
        }
        drop(now);
        let mut piece = vec![0; PIECE];
        let last = loop {
            match os::read(self.descriptor, &mut piece) {
                Ok(count) => break count as i64,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break -i64::from(os::error_number(&error)),
            }
        };
        let mut buffer = self.lock();
        buffer.bytes.extend_from_slice(&piece[..usize::try_from(last).unwrap_or(0)]);
        buffer.reads += 1;
        buffer.last = last;
        last
    }
}

impl Buffer {
    fn take_line(&mut self) -> Vec<u8> {
        match memchr::memchr(b'\n', &self.bytes[self.searched..]) {
            Some(place) => self.take(self.searched + place + 1),
            None if self.last == 0 => self.take(usize::MAX),
            None => {
                self.searched = self.bytes.len();
                Vec::new()
            }
        }
    }

    /// Takes what lies before `end`.
    fn take(&mut self, end: usize) -> Vec<u8> {
        let end = end.min(self.bytes.len());
        let taken = self.bytes[self.start..end].to_vec();
        (self.start, self.searched) = (end, end);
        // What was taken is given up when it is more than what is left, so that each byte moves once at most.
        if self.start > self.bytes.len() - self.start {
            self.bytes.drain(..self.start);
            (self.start, self.searched) = (0, 0);
        }
        taken
    }
}
