//! Sweeping: frees the memory that marking did not reach.
//!
//! Dead objects are not touched. The free lines of a block are the lines without a mark, so sweeping reads only the
//! descriptions of blocks:
//!
//! ```text
//!   block   marked lines   afterwards
//!   0       0-40           partly free: lines 41-127
//!   1       none           free
//!   2       0-120          in use: 7 free lines are too few
//! ```

use super::allocate::{FEWEST_FREE, Supply};
use super::geometry::{BLOCK, LINE, LINES};
use super::space::{Space, Use};
use crate::os::allocator;

/// Frees all lines and blocks without a mark. Returns the number of bytes that survived, counted in whole lines and
/// blocks.
pub fn sweep(space: &mut Space, supply: &mut Supply) -> usize {
    supply.partly_free.clear();
    let mut live = 0;
    let mut block = 0;
    while block < space.blocks() {
        let known = space.block(block);
        match known.used {
            Use::Small => {
                (known.is_zero, known.is_fresh) = (false, false);
                (known.taken, known.marked) = (known.marked, 0);
                let taken = known.taken.count_ones();
                live += taken as usize * LINE;
                if taken == 0 {
                    known.used = Use::Free;
                    supply.add(block);
                } else if LINES as u32 - taken >= FEWEST_FREE {
                    // If there is no memory for the list, the block's free lines stay unused until another collection.
                    let _ = allocator::try_push(&mut supply.partly_free, block as u32);
                }
                block += 1;
            }
            Use::Large(count) => {
                let is_alive = std::mem::replace(&mut known.marked, 0) != 0;
                let blocks = block..block + count as usize;
                block = blocks.end;
                if is_alive {
                    live += count as usize * BLOCK;
                } else {
                    for block in blocks {
                        space.block(block).used = Use::Free;
                        supply.add(block);
                    }
                }
            }
            Use::LargeRest(_) => panic!("BUG: the rest of a large object without its beginning"),
            Use::Free => block += 1,
        }
    }
    supply.partly_free.reverse();
    turn_maps(space);
    live
}

/// Makes the map of marks the new map of starts, since exactly the marked objects survive. Clears the old map of starts
/// for the marks of the next collection.
fn turn_maps(space: &mut Space) {
    std::mem::swap(&mut space.starts, &mut space.marks);
    for block in 0..space.blocks() {
        // SAFETY: the block is committed.
        unsafe { space.marks.clear_block(block) };
    }
}

/// Returns the memory of free blocks to the system, the highest blocks first, until the memory of free blocks is at
/// most `kept` bytes.
pub fn give_back(space: &mut Space, supply: &Supply, kept: usize) {
    let holds = |space: &mut Space, block: usize| supply.is_free(block) && !space.block(block).is_zero;
    let holding = (0..space.blocks()).filter(|&block| holds(space, block)).count();
    let mut excess = holding.saturating_sub(kept / BLOCK);
    let mut end = space.blocks();
    while excess > 0 {
        while !holds(space, end - 1) {
            end -= 1;
        }
        let mut first = end - 1;
        while first > 0 && end - first < excess && holds(space, first - 1) {
            first -= 1;
        }
        excess -= end - first;
        // SAFETY: these blocks are free.
        unsafe { space.discard(first..end) };
        end = first;
    }
}
