//! Memory for new objects.
//!
//! Compiled code bumps a pointer through a run of free lines. At the end of a run the worker asks this module for the
//! next run: from the same block, then from other partly free blocks, then from free blocks:
//!
//! ```text
//!   block 5, taken lines 0-3 and 9:      run 4-8, then run 10-127, then the next block
//! ```
//!
//! An object that is larger than a line goes into the current run if it fits there; otherwise it goes into a block for
//! such objects. An object that is larger than half a block gets blocks of its own. All memory is zero when it is given
//! out.

use std::io;
use std::ptr::null_mut;

use super::geometry::{BLOCK, LINE, LINES, Lines, lines_from, next_run};
use super::space::{Space, Use};

/// The largest object, in bytes, that shares a block. A larger limit would leave more of a block unused at its end;
/// with a smaller limit, smaller objects get whole blocks.
pub const LARGEST_SMALL: usize = BLOCK / 2;

/// The minimum number of free lines for which a block is used again. With a lower number, runs are short, and each run
/// costs a slow path; a higher number would leave more memory unused.
pub const FEWEST_FREE: u32 = LINES as u32 / 4;

/// The maximum number of lines in a run. A run is cleared when it is given out. With longer runs, much of the run has
/// left the innermost cache again before objects are made there; with shorter runs, slow paths are more frequent.
pub const LONGEST_RUN: usize = 16;

/// A run of memory, which is filled from its beginning.
#[derive(Clone, Copy)]
pub struct Run {
    /// The first free byte.
    pub next: *mut u8,
    /// The address behind the last byte.
    pub end: *mut u8,
}

impl Run {
    /// No memory.
    pub const EMPTY: Run = Run { next: null_mut(), end: null_mut() };

    /// Takes memory from the beginning.
    pub fn take(&mut self, size: usize) -> Option<*mut u8> {
        if size > self.end.addr() - self.next.addr() {
            return None;
        }
        let start = self.next;
        self.next = start.wrapping_add(size);
        Some(start)
    }
}

/// The source of runs, and of memory for larger objects.
pub struct Allocator {
    /// The block whose runs compiled code fills, and the block's first line that was not given out yet; [`LINES`] if
    /// there is no block. Not an `Option`: LLVM would read the line before it checks that there is a block, and
    /// Valgrind's memcheck would report the read.
    at: (usize, usize),
    /// The maximum number of lines in a run.
    longest_run: usize,
    /// The free rest of the block that is filled with objects larger than a line.
    medium: Run,
}

/// Blocks that are free or partly free.
#[derive(Default)]
pub struct Supply {
    /// The numbers of partly free blocks in descending order, so that `pop` takes the lowest block.
    pub partly_free: Vec<u32>,
    /// A bit for each block, set if the block is free.
    free: Vec<u64>,
    /// A lower bound for the number of the lowest free block.
    first_free: usize,
    /// The number of free blocks.
    pub free_count: usize,
}

impl Supply {
    /// Adds a free block.
    pub fn add(&mut self, block: usize) {
        if self.free.len() <= block / 64 {
            self.free.resize(block / 64 + 1, 0);
        }
        self.free[block / 64] |= 1 << (block % 64);
        self.free_count += 1;
        self.first_free = self.first_free.min(block);
    }

    /// Whether a block is free.
    pub fn is_free(&self, block: usize) -> bool {
        self.free.get(block / 64).is_some_and(|word| word & 1 << (block % 64) != 0)
    }

    fn remove(&mut self, block: usize) {
        self.free[block / 64] &= !(1 << (block % 64));
        self.free_count -= 1;
    }

    /// Takes the lowest free block.
    fn take(&mut self) -> Option<usize> {
        let word = (self.first_free / 64..self.free.len()).find(|&word| self.free[word] != 0)?;
        let block = word * 64 + self.free[word].trailing_zeros() as usize;
        self.remove(block);
        self.first_free = block + 1;
        Some(block)
    }

    /// Takes the lowest `count` contiguous free blocks: first fit.
    fn take_row(&mut self, count: usize) -> Option<usize> {
        let mut length = 0;
        for word in self.first_free / 64..self.free.len() {
            if self.free[word] == 0 {
                length = 0;
                continue;
            }
            for block in word * 64..(word + 1) * 64 {
                length = if self.is_free(block) { length + 1 } else { 0 };
                if length == count {
                    let first = block + 1 - count;
                    (first..=block).for_each(|block| self.remove(block));
                    return Some(first);
                }
            }
        }
        None
    }
}

impl Allocator {
    /// An allocator without memory. Tests set `longest_run` to one line, so that the end of every line takes a slow
    /// path.
    pub const fn new(longest_run: usize) -> Allocator {
        Allocator { at: (0, LINES), longest_run, medium: Run::EMPTY }
    }

    /// Gives up all memory. Returns the block in use, and the block's lines that were not given out.
    pub fn retire(&mut self) -> Option<(usize, Lines)> {
        self.medium = Run::EMPTY;
        let (block, line) = std::mem::replace(&mut self.at, (0, LINES));
        if line == LINES {
            return None;
        }
        Some((block, lines_from(line)))
    }

    /// Returns the next run, whose memory is zero.
    pub fn next_run(&mut self, space: &mut Space, supply: &mut Supply) -> io::Result<Run> {
        loop {
            let (block, from) = match self.at {
                (_, LINES) => (next_block(space, supply)?, 0),
                at => at,
            };
            let known = space.block(block);
            let Some((first, end)) = next_run(known.taken, from) else {
                self.at = (0, LINES);
                continue;
            };
            let end = end.min(first + self.longest_run);
            self.at = (block, end);
            known.is_fresh = true;
            let is_zero = known.is_zero;
            let start = space.address(block).wrapping_add(first * LINE);
            let size = (end - first) * LINE;
            if !is_zero {
                // SAFETY: the lines are free, and this run is their only use from now on.
                unsafe { start.write_bytes(0, size) };
            }
            return Ok(Run { next: start, end: start.wrapping_add(size) });
        }
    }

    /// Returns memory for an object that is larger than a line and not larger than [`LARGEST_SMALL`], and the number of
    /// bytes that were taken from the supply.
    pub fn medium(
        &mut self,
        size: usize,
        space: &mut Space,
        supply: &mut Supply,
    ) -> io::Result<(*mut u8, usize)> {
        if let Some(start) = self.medium.take(size) {
            return Ok((start, 0));
        }
        let block = free_block(space, supply)?;
        let start = space.address(block);
        let known = space.block(block);
        (known.used, known.is_fresh) = (Use::Small, true);
        if !known.is_zero {
            // SAFETY: the block was free, and this is its only use from now on.
            unsafe { start.write_bytes(0, BLOCK) };
        }
        self.medium = Run { next: start.wrapping_add(size), end: start.wrapping_add(BLOCK) };
        Ok((start, BLOCK))
    }
}

/// A block with free lines, for small objects.
fn next_block(space: &mut Space, supply: &mut Supply) -> io::Result<usize> {
    if let Some(block) = supply.partly_free.pop() {
        return Ok(block as usize);
    }
    let block = free_block(space, supply)?;
    space.block(block).used = Use::Small;
    Ok(block)
}

/// Takes a free block; grows the heap if there is none.
fn free_block(space: &mut Space, supply: &mut Supply) -> io::Result<usize> {
    if let Some(block) = supply.take() {
        return Ok(block);
    }
    space.grow(1)?.for_each(|block| supply.add(block));
    Ok(supply.take().expect("BUG: the heap grew and has no free block"))
}

/// Returns memory for an object that is larger than [`LARGEST_SMALL`], and the number of bytes that were taken from the
/// supply.
pub fn large(size: usize, space: &mut Space, supply: &mut Supply) -> io::Result<(*mut u8, usize)> {
    let count = size.div_ceil(BLOCK);
    let first = match supply.take_row(count) {
        Some(first) => first,
        None => {
            space.grow(count)?.for_each(|block| supply.add(block));
            supply.take_row(count).expect("BUG: the heap grew and has too few free blocks")
        }
    };
    for block in first..first + count {
        let start = space.address(block);
        let known = space.block(block);
        known.used = match block - first {
            0 => Use::Large(count as u32),
            before => Use::LargeRest(before as u32),
        };
        if !std::mem::replace(&mut known.is_zero, false) {
            // Nothing uses the rest of the last block.
            let used = (size - (block - first) * BLOCK).min(BLOCK);
            // SAFETY: the block was free, and this object is its only use from now on.
            unsafe { start.write_bytes(0, used) };
        }
    }
    // SAFETY: the object begins at the block's first granule.
    unsafe { space.starts.set(first * (BLOCK / weft_abi::object::GRANULE)) };
    Ok((space.address(first), count * BLOCK))
}
