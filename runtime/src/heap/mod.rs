//! Memory for objects, and its collection: a mark-region heap whose objects stay where they are.
//!
//! Memory is managed by lines of 256 bytes, 128 to a block. One line that holds objects, of which B is dead, through a
//! collection:
//!
//! ```text
//!   line      0          1          2          3          4
//!   objects   A A A B    B B        C          D D D D    D
//!
//!   mark      A, C and D are reached: lines 0, 2, 3 and 4 are marked
//!   sweep     lines without a mark are free: line 1. No dead object is touched
//!   allocate  compiled code bumps a pointer through the run of line 1, then through the next free run
//! ```
//!
//! The rest of B in line 0 stays unused until A is dead, too. The roots are named to the [`Marker`] by `gc`.
//!
//! The design is Immix without its copying (Blackburn and McKinley, PLDI 2008), with conservative roots as in
//! "Fast conservative garbage collection" (Shahriyar, Blackburn and McKinley, OOPSLA 2014). This module knows objects
//! and what descriptors say of them; stacks and threads are the business of `gc`.

use std::io;

use weft_abi::{Header, TypeDescriptor, Worker};

/// Blocks and lines: sizes, and sets of lines.
mod geometry;
/// Bit maps: a bit for every granule.
mod bits;
/// Sizes and references of objects, as descriptors tell them.
mod objects;
/// The address space: blocks, and a description of each.
mod space;
/// Memory for new objects. All of it is zero when it is given out.
mod allocate;
/// Marking. After it every reachable object has a mark, and so has each line that it lies in.
mod mark;
/// Sweeping. After it lines without a mark are free, and no mark is left.
mod sweep;

#[cfg(test)]
mod tests;

pub use mark::Marker;

use allocate::{Allocator, LARGEST_SMALL, Run, Supply};
use geometry::{BLOCK, LINE, LINES};
use mark::Lists;
use objects::Descriptors;
use space::Space;

use crate::arch::Current;
use crate::os::locks::{Lock, Rank};

/// The bytes that are allocated between two collections at least. More makes collections rarer and takes that much more
/// memory; with less a program of a few megabytes would collect all the time for little.
const LEAST_BUDGET: usize = 32 << 20;

/// All objects of the process.
pub struct Heap {
    space: Space,
    supply: Supply,
    /// The source of the runs of all workers.
    allocator: Allocator,
    descriptors: Descriptors,
    /// The marker's lists, kept from one collection to the next. They have room from the start, so that a collection
    /// that finds no memory for more goes on with that.
    lists: Lists,
    /// The bytes that were allocated since the last collection.
    allocated: usize,
    /// The number of bytes after which a collection is due.
    budget: usize,
    /// The bytes that survived the last collection.
    live: usize,
    /// For tests: the number of slow paths after which a collection is due.
    stress: Option<u64>,
    slow_paths: u64,
}

// SAFETY: the pointers are addresses of memory that belongs to the process, and the lock orders their uses.
unsafe impl Send for Heap {}

static HEAP: Lock<Option<Heap>> = Lock::new(Rank::Heap, None);

/// Makes the heap. Call once. With `stress` a collection is due after that many slow paths, and each line's end is one.
///
/// # Safety
/// `table` describes all objects of the program, and lives as long as the process.
pub unsafe fn start(table: *const TypeDescriptor, stress: Option<u64>) -> io::Result<()> {
    // SAFETY: the caller has the same obligation.
    let heap = unsafe { Heap::new(table, stress)? };
    let before = HEAP.lock().replace(heap);
    assert!(before.is_none(), "BUG: the heap is made twice");
    Ok(())
}

/// Calls `run` with the heap. Not to be nested.
pub fn with<T>(run: impl FnOnce(&mut Heap) -> T) -> T {
    let mut heap = HEAP.lock();
    run(heap.as_mut().expect("BUG: the heap is used before it is made"))
}

impl Heap {
    /// A new heap.
    ///
    /// # Safety
    /// As for [`start`].
    pub unsafe fn new(table: *const TypeDescriptor, stress: Option<u64>) -> io::Result<Heap> {
        Ok(Heap {
            space: Space::reserve()?,
            supply: Supply::default(),
            allocator: Allocator::new(if stress.is_some() { 1 } else { LINES }),
            // SAFETY: the table lives as long as the process, says the caller.
            descriptors: unsafe { Descriptors::new(table) },
            lists: Lists::new(),
            allocated: 0,
            budget: LEAST_BUDGET,
            live: 0,
            stress,
            slow_paths: 0,
        })
    }

    /// Whether a collection is due before an object of `size` bytes is allocated.
    pub fn is_due(&mut self, size: usize) -> bool {
        self.slow_paths += 1;
        let stressed = self.stress.is_some_and(|every| self.slow_paths.is_multiple_of(every));
        stressed || self.allocated.saturating_add(size) > self.budget
    }

    /// Allocates an object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned. If it is an
    /// array, its length must be there before the next allocation. Does not collect.
    ///
    /// # Errors
    /// The system has no more memory.
    ///
    /// # Safety
    /// `size` is the size that the header's descriptor says.
    pub unsafe fn allocate(&mut self, current: Current, header: Header, size: usize) -> io::Result<*mut u8> {
        let size =
            size.checked_next_multiple_of(8).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let object = self.memory(current, size)?;
        // SAFETY: the memory is new, aligned to 8 bytes and at least a word long.
        unsafe { object.cast::<Header>().write(header) };
        Ok(object)
    }

    /// Memory of `size` bytes: from the worker's run, from a new run, or beside the runs if it is larger than a line.
    fn memory(&mut self, current: Current, size: usize) -> io::Result<*mut u8> {
        let worker = current.worker();
        // SAFETY: the token makes the worker's run ours.
        let mut run = unsafe { Run { next: (*worker).heap_next, end: (*worker).heap_end } };
        let (space, supply) = (&mut self.space, &mut self.supply);
        if let Some(start) = run.take(size) {
            // SAFETY: the token makes the worker's run ours.
            unsafe { (*worker).heap_next = run.next };
            return Ok(start);
        }
        if size > LINE {
            let (start, taken) = if size > LARGEST_SMALL {
                allocate::large(size, space, supply)?
            } else {
                self.allocator.medium(size, space, supply)?
            };
            self.allocated += taken;
            return Ok(start);
        }
        let mut run = self.allocator.next_run(space, supply)?;
        self.allocated += run.end.addr() - run.next.addr();
        let start = run.take(size).expect("BUG: a run is shorter than a line");
        // SAFETY: the token makes the worker's run ours.
        unsafe { ((*worker).heap_next, (*worker).heap_end) = (run.next, run.end) };
        Ok(start)
    }

    /// Begins a collection: all workers lose their runs, and the result marks. Tasks whose `scanned` is `epoch` count
    /// as tasks whose stacks are marked.
    ///
    /// # Safety
    /// These are all workers, and the world is stopped. All arrays have their lengths.
    pub unsafe fn begin(&mut self, workers: &[*mut Worker], epoch: u8) -> Marker<'_> {
        for &worker in workers {
            // SAFETY: workers live as long as the process, and do not allocate while the world is stopped.
            unsafe { ((*worker).heap_next, (*worker).heap_end) = (Run::EMPTY.next, Run::EMPTY.end) };
        }
        if let Some((block, lines)) = self.allocator.retire() {
            // The lines that were not given out hold old contents, and no objects.
            self.space.block(block).taken |= lines;
        }
        Marker::new(&mut self.space, self.descriptors, &mut self.lists, epoch)
    }

    /// Ends a collection: the memory of all objects without a mark is free.
    pub fn finish(&mut self) -> Collected {
        let before = self.live + self.allocated;
        self.live = sweep::sweep(&mut self.space, &mut self.supply);
        self.allocated = 0;
        self.budget = self.live.max(LEAST_BUDGET);
        sweep::give_back(&mut self.space, &self.supply, self.budget);
        Collected { before, live: self.live, committed: self.space.blocks() * BLOCK }
    }
}

/// The result of a collection, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Collected {
    /// The bytes in use before.
    pub before: usize,
    /// The bytes in use afterwards, by whole lines and blocks.
    pub live: usize,
    /// The largest size that the heap ever had.
    pub committed: usize,
}
