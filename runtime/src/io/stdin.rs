//! Standard input: one buffer for the process, which pool threads fill and workers empty.
//!
//! ```text
//!   a green thread wants a line     take_line: no line in the buffer, so it makes the blocking call `fill`
//!   a pool thread                   fill: reads, appends
//!   the green thread                take_line: a line
//! ```
//!
//! If several pool threads call `fill` at once, only the first pool thread reads, and the others return its result: two
//! reads at the same time could add their bytes to the buffer in the wrong order.

use std::io::ErrorKind;

use crate::os;
use crate::os::locks::{Held, Lock, Rank};

#[cfg(test)]
mod tests;

/// The file descriptor of standard input.
const STDIN: i32 = 0;

/// The largest number of bytes of one read: the capacity of a pipe.
const PIECE: usize = 64 << 10;

static INPUT: Input = Input::new(STDIN);

/// A file that is read in pieces.
struct Input {
    descriptor: i32,
    buffer: Lock<Buffer>,
    /// Held during a read.
    reading: Lock<()>,
}

struct Buffer {
    bytes: Vec<u8>,
    /// The index of the first byte that was not taken yet.
    start: usize,
    /// The bytes from `start` up to this index contain no newline.
    searched: usize,
    /// The number of reads.
    reads: u64,
    /// The result of the last read, see [`fill`].
    last: i64,
}

/// Reads once into the buffer. Returns the number of bytes, 0 at the end, or minus the system's error number. Blocks
/// until there is input. If another pool thread already reads, waits for that read and returns its result.
pub fn fill() -> i64 {
    INPUT.fill()
}

/// Takes the next line out of the buffer, with its newline. If the buffer has no whole line, takes all its bytes if the
/// input has ended, and none otherwise.
pub fn take_line() -> Vec<u8> {
    INPUT.lock().take_line()
}

/// Takes at most `count` bytes out of the buffer.
pub fn take(count: usize) -> Vec<u8> {
    let mut buffer = INPUT.lock();
    let end = buffer.start.saturating_add(count);
    buffer.take(end)
}

impl Input {
    const fn new(descriptor: i32) -> Input {
        let buffer = Buffer { bytes: Vec::new(), start: 0, searched: 0, reads: 0, last: 1 };
        let reading = Lock::new(Rank::InputReader, ());
        Input { descriptor, buffer: Lock::new(Rank::InputBuffer, buffer), reading }
    }

    fn lock(&self) -> Held<'_, Buffer> {
        self.buffer.lock()
    }

    fn fill(&self) -> i64 {
        let before = self.lock().reads;
        let _reading = self.reading.lock();
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

    /// Takes the bytes before `end`.
    fn take(&mut self, end: usize) -> Vec<u8> {
        let end = end.min(self.bytes.len());
        let taken = self.bytes[self.start..end].to_vec();
        (self.start, self.searched) = (end, self.searched.max(end));
        // The taken bytes are dropped when they are more than half of the buffer. So, on average, each byte moves at
        // most once.
        if self.start > self.bytes.len() - self.start {
            self.bytes.drain(..self.start);
            (self.start, self.searched) = (0, 0);
        }
        taken
    }
}
