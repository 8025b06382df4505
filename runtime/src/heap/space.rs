//! The heap's address space: blocks, and what is known of each.
//!
//! One reservation holds all objects, so whether an address is the heap's at all is one comparison. What is known of
//! blocks and granules lies in reservations beside it, at the block's or granule's number, and is committed along.

use std::io;

use super::bits::{self, Bits};
use super::geometry::{BLOCK, Lines};
use crate::arch::valgrind;
use crate::os;

/// What is committed at once: the size of a large page.
const CHUNK: usize = 2 << 20;
/// Blocks in a chunk.
const CHUNK_BLOCKS: usize = CHUNK / BLOCK;

/// The first chunks stay in small pages: a program with few objects should not pay for a large one.
const SMALL_PAGED: usize = 2 * CHUNK_BLOCKS;

/// A tebibyte.
const LARGEST_RESERVATION: usize = 1 << 40;
/// Below this a program could not do much.
const SMALLEST_RESERVATION: usize = 1 << 25;

/// What a block is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// Nothing.
    Free,
    /// Objects that are smaller than a block.
    Small,
    /// The beginning of one object that has whole blocks to itself; how many.
    Large(u32),
    /// A further block of such an object; how many lie before it.
    LargeRest(u32),
}

/// What is known of a block. One cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Block {
    /// What it is used for.
    pub used: Use,
    /// Its memory reads as zero.
    pub is_zero: bool,
    /// Objects were put there since the last collection, and their beginnings are not in [`Space::starts`] yet.
    pub is_fresh: bool,
    /// The lines that may not be given out: what survived the last collection.
    pub taken: Lines,
    /// The lines of objects that this collection has marked.
    pub marked: Lines,
}

/// All of it.
pub struct Space {
    base: *mut u8,
    /// How many blocks the reservation has.
    capacity: usize,
    /// How many of them are committed.
    committed: usize,
    blocks: *mut Block,
    /// Where objects begin: those that survived the last collection, and those of blocks that were fresh and have been
    /// walked.
    pub starts: Bits,
    /// The objects that this collection has marked. All clear between collections.
    pub marks: Bits,
}

impl Block {
    /// Of memory that was never used.
    const NEW: Block = Block { used: Use::Free, is_zero: true, is_fresh: false, taken: 0, marked: 0 };
}

// What is known of a chunk's blocks is whole pages.
const _: () = {
    assert!((CHUNK_BLOCKS * bits::PER_BLOCK).is_multiple_of(os::PAGE));
    assert!((CHUNK_BLOCKS * size_of::<Block>()).is_multiple_of(os::PAGE));
};

impl Space {
    /// As much address space as the system grants. Some run us under a limit on it: then half of what fits, since
    /// others need some too.
    pub fn reserve() -> io::Result<Space> {
        let largest = if valgrind::is_on() { valgrind::LARGEST_RESERVATION } else { LARGEST_RESERVATION };
        let mut size = largest;
        loop {
            match Space::of_size(size) {
                Ok((space, _)) if size == largest => return Ok(space),
                // SAFETY: nobody has used it yet.
                Ok((_, mapping)) => unsafe {
                    os::release(mapping.0, mapping.1);
                    return Ok(Space::of_size(size / 2)?.0);
                },
                Err(error) if size == SMALLEST_RESERVATION => return Err(error),
                Err(_) => size /= 2,
            }
        }
    }

    /// Also gives the mapping, its start and size.
    fn of_size(size: usize) -> io::Result<(Space, (*mut u8, usize))> {
        let capacity = size / BLOCK;
        let (blocks, bits) = (capacity * size_of::<Block>(), capacity * bits::PER_BLOCK);
        // With room to align it.
        let total = CHUNK + size + blocks + 2 * bits;
        let start = os::reserve(total)?.as_ptr();
        let base = start.map_addr(|address| address.next_multiple_of(CHUNK));
        let at = |offset: usize| base.wrapping_add(offset);
        let space = Space {
            base,
            capacity,
            committed: 0,
            blocks: at(size).cast(),
            starts: Bits::new(at(size + blocks)),
            marks: Bits::new(at(size + blocks + bits)),
        };
        Ok((space, (start, total)))
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> usize {
        self.committed
    }

    /// What is known of a block.
    #[inline(always)]
    pub fn block(&mut self, block: usize) -> &mut Block {
        debug_assert!(block < self.committed);
        // SAFETY: the block is committed, and so is what is known of it; `&mut self` makes it ours alone.
        unsafe { &mut *self.blocks.add(block) }
    }

    /// Where a block begins.
    pub fn address(&self, block: usize) -> *mut u8 {
        self.base.wrapping_add(block * BLOCK)
    }

    /// How far into the heap an address is; `None` for those that are not in it.
    #[inline(always)]
    pub fn offset(&self, address: usize) -> Option<usize> {
        let offset = address.wrapping_sub(self.base.addr());
        (offset < self.committed * BLOCK).then_some(offset)
    }

    /// What lies so far into the heap.
    #[inline(always)]
    pub fn at(&self, offset: usize) -> *mut u8 {
        self.base.wrapping_add(offset)
    }

    /// Commits at least `count` blocks more, contiguous; returns their numbers.
    pub fn grow(&mut self, count: usize) -> io::Result<std::ops::Range<usize>> {
        let (first, count) = (self.committed, count.next_multiple_of(CHUNK_BLOCKS));
        if first + count > self.capacity {
            return Err(io::Error::from(io::ErrorKind::OutOfMemory));
        }
        let start = self.address(first);
        // SAFETY: everything lies in the reservation and is not in use.
        unsafe {
            os::commit(start, count * BLOCK)?;
            os::commit(self.blocks.add(first).cast(), count * size_of::<Block>())?;
            for bits in [self.starts, self.marks] {
                os::commit(bits.of_block(first), count * bits::PER_BLOCK)?;
            }
            if first >= SMALL_PAGED {
                os::prefer_large_pages(start, count * BLOCK);
            }
            for block in first..first + count {
                self.blocks.add(block).write(Block::NEW);
            }
        }
        self.committed += count;
        Ok(first..self.committed)
    }

    /// Gives the memory of blocks back to the system.
    ///
    /// # Safety
    /// They are free.
    pub unsafe fn discard(&mut self, blocks: std::ops::Range<usize>) {
        // SAFETY: nobody needs what is in them.
        unsafe { os::discard(self.address(blocks.start), blocks.len() * BLOCK) };
        for block in blocks {
            self.block(block).is_zero = true;
        }
    }
}
