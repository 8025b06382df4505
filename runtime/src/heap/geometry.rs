//! Blocks and lines: sizes, and sets of lines as bits of one number.
//!
//! A block has 128 lines of 256 bytes. An object may lie in several lines, but never in two blocks unless it has blocks
//! to itself. Memory is given out and taken back by the line: a line that holds no part of a marked object is free
//! again. The sizes come from Immix (Blackburn and McKinley, PLDI 2008), but lines are twice as large. An object of 600
//! bytes at offset 400 of its block:
//!
//! ```text
//!   bytes 400 to 1000  =  lines 1, 2 and 3  =  0b1110
//! ```

/// The size of a block in bytes. Larger blocks are less often completely free; smaller blocks waste more memory at
/// their ends.
pub const BLOCK: usize = 32 << 10;
/// The size of a line in bytes. With larger lines, one small object keeps more memory from being freed; with smaller
/// lines, free runs are shorter, and each run costs a slow path.
pub const LINE: usize = 256;
/// The number of lines of a block.
pub const LINES: usize = BLOCK / LINE;

/// A set of lines of a block. The lowest bit is the first line.
pub type Lines = u128;

/// The lines that contain the bytes `[start, end)` of a block; `start` is less than `end`.
#[inline(always)]
pub fn lines_of(start: usize, end: usize) -> Lines {
    let (first, last) = (start / LINE, (end - 1) / LINE);
    (Lines::MAX >> (LINES - 1 - (last - first))) << first
}

/// The lines from `line` on; none if `line` is [`LINES`].
pub fn lines_from(line: usize) -> Lines {
    if line == LINES { 0 } else { Lines::MAX << line }
}

/// The first run of lines at or behind `from` that are not in `taken`: the run's first line, and the line behind its
/// last line.
pub fn next_run(taken: Lines, from: usize) -> Option<(usize, usize)> {
    let free = !taken & lines_from(from);
    if free == 0 {
        return None;
    }
    let first = free.trailing_zeros() as usize;
    let end = first + (taken >> first).trailing_zeros() as usize;
    Some((first, end.min(LINES)))
}

const _: () = assert!(LINES == Lines::BITS as usize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_touched() {
        assert_eq!(lines_of(0, 1), 1);
        assert_eq!(lines_of(255, 257), 0b11);
        assert_eq!(lines_of(256, 512), 0b10);
        assert_eq!(lines_of(0, BLOCK), Lines::MAX);
        assert_eq!(lines_of(BLOCK - 8, BLOCK), 1 << 127);
    }

    #[test]
    fn runs() {
        assert_eq!(next_run(0, 0), Some((0, LINES)));
        assert_eq!(next_run(0b1011, 0), Some((2, 3)));
        assert_eq!(next_run(0b1011, 3), Some((4, LINES)));
        assert_eq!(next_run(1 << 127, 5), Some((5, 127)));
        assert_eq!(next_run(Lines::MAX, 0), None);
        assert_eq!(next_run(0, LINES), None);
    }
}
