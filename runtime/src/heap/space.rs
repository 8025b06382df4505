//! The heap's address space: blocks, and a description of each.
//!
//! One reservation contains all objects, so one comparison tells whether an address belongs to the heap. The
//! descriptions of blocks and the bits of granules lie behind the objects in the same reservation, indexed by the
//! number of the block or granule, and are committed together with the blocks:
//!
//! ```text
//!   base │ block 0 │ block 1 │ ...    │ descriptions │ starts │ marks │
//!         ◀───────── size ──────────▶
//! ```

use std::io;

use super::bits::{self, Bits};
use super::geometry::{BLOCK, Lines};
use crate::arch::valgrind;
use crate::os;

/// The number of bytes that are committed at once: the size of a large page.
const CHUNK: usize = 2 << 20;
/// The number of blocks in a chunk.
const CHUNK_BLOCKS: usize = CHUNK / BLOCK;

/// The first `SMALL_PAGED` blocks use small pages: a program with few objects should not pay for a large page.
const SMALL_PAGED: usize = 2 * CHUNK_BLOCKS;

/// The use of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// The block is free.
    Free,
    /// Several objects share the block.
    Small,
    /// The first block of an object that has this number of blocks to itself.
    Large(u32),
    /// A block of a large object behind its first block; this number of the object's blocks lie before it.
    LargeRest(u32),
}

/// The description of a block. One cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Block {
    /// The block's use.
    pub used: Use,
    /// Whether the block's memory is all zero.
    pub is_zero: bool,
    /// Whether the block has objects, allocated since the last collection, whose starts are not in [`Space::starts`]
    /// yet.
    pub is_fresh: bool,
    /// The lines that must not be given out: they contain objects that survived the last collection. During a
    /// collection, also the lines of the allocator's block that were not given out yet.
    pub taken: Lines,
    /// The lines of objects that this collection has marked.
    pub marked: Lines,
}

/// The heap's reserved address range, with the descriptions of its blocks.
pub struct Space {
    base: *mut u8,
    /// The number of blocks of the reservation.
    capacity: usize,
    /// The number of blocks that are committed.
    committed: usize,
    blocks: *mut Block,
    /// The granules at which objects begin: the objects that survived the last collection, and the objects in fresh
    /// blocks that have been walked.
    pub starts: Bits,
    /// The granules of the objects that this collection has marked. All bits are clear between collections.
    pub marks: Bits,
}

impl Block {
    /// The description of a block that was never used.
    const NEW: Block = Block { used: Use::Free, is_zero: true, is_fresh: false, taken: 0, marked: 0 };
}

// The descriptions and bits of a chunk's blocks fill whole pages.
const _: () = {
    assert!((CHUNK_BLOCKS * bits::PER_BLOCK).is_multiple_of(os::PAGE));
    assert!((CHUNK_BLOCKS * size_of::<Block>()).is_multiple_of(os::PAGE));
};

impl Space {
    /// Reserves the address space, see [`os::reserve_share`].
    pub fn reserve() -> io::Result<Space> {
        // One chunk more than the blocks need, to align the first block.
        let bytes = |size: usize| CHUNK + size + Space::tables(size).iter().sum::<usize>();
        let (start, size) = os::reserve_share(valgrind::largest_reservation(), bytes)?;
        let [blocks, starts, _] = Space::tables(size);
        let base = start.as_ptr().map_addr(|address| address.next_multiple_of(CHUNK));
        let at = |offset: usize| base.wrapping_add(offset);
        Ok(Space {
            base,
            capacity: size / BLOCK,
            committed: 0,
            blocks: at(size).cast(),
            starts: Bits::new(at(size + blocks)),
            marks: Bits::new(at(size + blocks + starts)),
        })
    }

    /// The sizes in bytes of the three tables behind `size` bytes of blocks: descriptions, starts and marks.
    fn tables(size: usize) -> [usize; 3] {
        let capacity = size / BLOCK;
        [capacity * size_of::<Block>(), capacity * bits::PER_BLOCK, capacity * bits::PER_BLOCK]
    }

    /// The number of blocks.
    pub fn blocks(&self) -> usize {
        self.committed
    }

    /// The description of a block.
    #[inline(always)]
    pub fn block(&mut self, block: usize) -> &mut Block {
        debug_assert!(block < self.committed);
        // SAFETY: the description of a committed block is committed, too; with `&mut self` no other reference to it
        // exists.
        unsafe { &mut *self.blocks.add(block) }
    }

    /// The address of a block.
    pub fn address(&self, block: usize) -> *mut u8 {
        self.base.wrapping_add(block * BLOCK)
    }

    /// The offset of an address from the heap's start; `None` if the address is not in the heap.
    #[inline(always)]
    pub fn offset(&self, address: usize) -> Option<usize> {
        let offset = address.wrapping_sub(self.base.addr());
        (offset < self.committed * BLOCK).then_some(offset)
    }

    /// The address at an offset from the heap's start.
    #[inline(always)]
    pub fn at(&self, offset: usize) -> *mut u8 {
        self.base.wrapping_add(offset)
    }

    /// Commits at least `count` more blocks, which are contiguous; returns their numbers.
    pub fn grow(&mut self, count: usize) -> io::Result<std::ops::Range<usize>> {
        let (first, count) = (self.committed, count.next_multiple_of(CHUNK_BLOCKS));
        if first + count > self.capacity {
            return Err(io::Error::from(io::ErrorKind::OutOfMemory));
        }
        let start = self.address(first);
        // SAFETY: the blocks, their descriptions and their bits lie in the reservation and are not in use.
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

    /// Returns the memory of blocks to the system.
    ///
    /// # Safety
    /// The blocks are free.
    pub unsafe fn discard(&mut self, blocks: std::ops::Range<usize>) {
        // SAFETY: a free block has no contents that are needed.
        unsafe { os::discard(self.address(blocks.start), blocks.len() * BLOCK) };
        for block in blocks {
            self.block(block).is_zero = true;
        }
    }
}
