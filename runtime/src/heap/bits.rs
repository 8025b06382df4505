//! Bit maps: a bit for every granule of the heap. A granule has 8 bytes, the alignment of objects.
//!
//! There are two maps: one for the starts of objects, one for marked objects.

use weft_abi::object::GRANULE;

use super::geometry::BLOCK;

/// The number of bytes in a map for one block.
pub const PER_BLOCK: usize = BLOCK / GRANULE / 8;

/// Bits by granule, counted from the beginning of the heap.
#[derive(Clone, Copy)]
pub struct Bits(*mut u64);

impl Bits {
    /// A map at `memory`. The memory must read as zero; it may be committed later, block by block.
    pub fn new(memory: *mut u8) -> Bits {
        Bits(memory.cast())
    }

    /// The word with a granule's bit.
    ///
    /// # Safety
    /// The granule lies in a committed block.
    unsafe fn word(self, granule: usize) -> *mut u64 {
        // SAFETY: the part of the map for a committed block is committed, too.
        unsafe { self.0.add(granule / 64) }
    }

    /// Whether a granule's bit is set.
    ///
    /// # Safety
    /// The granule lies in a committed block.
    #[inline(always)]
    pub unsafe fn get(self, granule: usize) -> bool {
        // SAFETY: the part of the map for a committed block is committed, too.
        unsafe { self.word(granule).read() & 1 << (granule % 64) != 0 }
    }

    /// Sets a granule's bit; returns whether it was clear.
    ///
    /// # Safety
    /// The granule lies in a committed block.
    #[inline(always)]
    pub unsafe fn set(self, granule: usize) -> bool {
        // SAFETY: the part of the map for a committed block is committed, too.
        unsafe {
            let word = self.word(granule);
            let (before, bit) = (word.read(), 1 << (granule % 64));
            word.write(before | bit);
            before & bit == 0
        }
    }

    /// The last granule in `first..=granule` whose bit is set.
    ///
    /// # Safety
    /// Both granules lie in committed blocks; `first` is a multiple of 64 and at most `granule`.
    pub unsafe fn last_set(self, first: usize, granule: usize) -> Option<usize> {
        // SAFETY: the words between the two granules belong to committed blocks, since blocks are committed in order.
        unsafe {
            let mut index = granule / 64;
            let mut word = self.word(granule).read() & (u64::MAX >> (63 - granule % 64));
            while word == 0 {
                if index == first / 64 {
                    return None;
                }
                index -= 1;
                word = self.0.add(index).read();
            }
            Some(index * 64 + 63 - word.leading_zeros() as usize)
        }
    }

    /// The address of a block's bits.
    pub fn of_block(self, block: usize) -> *mut u8 {
        self.0.cast::<u8>().wrapping_add(block * PER_BLOCK)
    }

    /// Clears the bits of a block.
    ///
    /// # Safety
    /// The block is committed.
    pub unsafe fn clear_block(self, block: usize) {
        // SAFETY: the part of the map for a committed block is committed, too.
        unsafe { self.of_block(block).write_bytes(0, PER_BLOCK) }
    }
}
