//! Memory for objects, and its collection: a mark-region heap whose objects stay where they are.
//!
//! Memory is managed by lines of 256 bytes, 128 to a block. A collection of a block in which object B is dead:
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
//! The part of B in line 0 stays unused until A is dead, too. `gc` passes the roots to the [`Marker`].
//!
//! The design is Immix without its copying (Blackburn and McKinley, PLDI 2008), with conservative roots as in "Fast
//! conservative garbage collection" (Shahriyar, Blackburn and McKinley, OOPSLA 2014). This module deals with objects
//! and their descriptors, and `gc` with stacks and threads.

use std::io;

use weft_abi::{Header, TypeDescriptor, Worker};

/// Blocks and lines: sizes, and sets of lines.
mod geometry;
/// Bit maps: a bit for every granule of 8 bytes.
mod bits;
/// Sizes and references of objects, according to their descriptors.
mod objects;
/// The address space: blocks, and a description of each.
mod space;
/// Zeroed memory for new objects.
mod allocate;
/// Marking. Afterwards every reachable object is marked, and every line that contains a part of a reachable object.
mod mark;
/// Sweeping. Afterwards lines without a mark are free, and no mark is left.
mod sweep;

#[cfg(test)]
mod tests;

pub use mark::Marker;

use allocate::{Allocator, LARGEST_SMALL, LONGEST_RUN, Run, Supply};
use geometry::{BLOCK, LINE};
use mark::Lists;
use objects::Descriptors;
use space::Space;

use crate::arch::Current;
use crate::os::locks::{Lock, Rank};

/// The minimum number of bytes that are allocated between two collections. A larger budget makes collections rarer and
/// takes more memory; with a smaller budget, a program with a few megabytes would collect all the time.
const LEAST_BUDGET: usize = 32 << 20;

/// All objects of the process.
pub struct Heap {
    space: Space,
    supply: Supply,
    /// The source of the runs of all workers.
    allocator: Allocator,
    descriptors: Descriptors,
    /// The marker's lists, kept from one collection to the next. They have some capacity from the start, so that a
    /// collection can go on when there is no memory for longer lists.
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

// SAFETY: the pointers are addresses of memory that belongs to the process, and the lock orders accesses.
unsafe impl Send for Heap {}

static HEAP: Lock<Option<Heap>> = Lock::new(Rank::Heap, None);

/// Makes the heap. Call once. If `stress` is `Some(n)`, a collection is due at every `n`-th slow path, and allocation
/// takes a slow path at the end of every line.
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

/// Calls `run` with the heap, which is locked: calls must not be nested.
pub fn with<T>(run: impl FnOnce(&mut Heap) -> T) -> T {
    let mut heap = HEAP.lock();
    run(heap.as_mut().expect("BUG: the heap is used before it is made"))
}

/// Allocates an object like [`Heap::allocate`], but without the lock of the heap, if the worker's run has room: as
/// compiled code does.
///
/// # Safety
/// As for [`Heap::allocate`].
pub unsafe fn allocate_at_once(current: Current, header: Header, size: usize) -> Option<*mut u8> {
    let object = take_from_run(current, size.checked_next_multiple_of(8)?)?;
    // SAFETY: the memory is new, aligned to 8 bytes and at least a word long.
    unsafe { object.cast::<Header>().write(header) };
    Some(object)
}

/// Takes memory from the worker's run of lines; `None` if there is no room.
fn take_from_run(current: Current, size: usize) -> Option<*mut u8> {
    let worker = current.worker();
    // SAFETY: `current` is the token of the running worker, so no other code changes its run of lines.
    unsafe {
        let mut run = Run { next: (*worker).heap_next, end: (*worker).heap_end };
        let start = run.take(size)?;
        (*worker).heap_next = run.next;
        Some(start)
    }
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
            allocator: Allocator::new(if stress.is_some() { 1 } else { LONGEST_RUN }),
            // SAFETY: the caller guarantees that the table lives as long as the process.
            descriptors: unsafe { Descriptors::new(table) },
            lists: Lists::new(),
            allocated: 0,
            budget: LEAST_BUDGET,
            live: 0,
            stress,
            slow_paths: 0,
        })
    }

    /// Counts memory outside of the heap that a collection can free, so that a collection is due earlier.
    pub fn count_outside(&mut self, size: usize) {
        self.allocated = self.allocated.saturating_add(size);
    }

    /// Takes back a call of [`Heap::count_outside`], for memory that was freed without a collection.
    pub fn discount_outside(&mut self, size: usize) {
        self.allocated = self.allocated.saturating_sub(size);
    }

    /// Whether a collection is due before an object of `size` bytes is allocated.
    pub fn is_due(&mut self, size: usize) -> bool {
        self.slow_paths += 1;
        let stressed = self.stress.is_some_and(|every| self.slow_paths.is_multiple_of(every));
        stressed || self.allocated.saturating_add(size) > self.budget
    }

    /// Allocates an object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned. If the
    /// object is an array, the caller sets its length before the next allocation. Does not collect.
    ///
    /// # Errors
    /// The system has no more memory.
    ///
    /// # Safety
    /// `size` is the object's size according to the header's descriptor.
    pub unsafe fn allocate(&mut self, current: Current, header: Header, size: usize) -> io::Result<*mut u8> {
        let size =
            size.checked_next_multiple_of(8).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        let object = self.memory(current, size)?;
        // SAFETY: the memory is new, aligned to 8 bytes and at least a word long.
        unsafe { object.cast::<Header>().write(header) };
        Ok(object)
    }

    /// Returns memory of `size` bytes from the worker's run if the run has room. Otherwise returns memory from a new
    /// run or, if `size` is larger than a line, from blocks that were free.
    fn memory(&mut self, current: Current, size: usize) -> io::Result<*mut u8> {
        let worker = current.worker();
        let (space, supply) = (&mut self.space, &mut self.supply);
        if let Some(start) = take_from_run(current, size) {
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
        // SAFETY: `current` is the token of the running worker, so no other code changes its run of lines.
        unsafe { ((*worker).heap_next, (*worker).heap_end) = (run.next, run.end) };
        Ok(start)
    }

    /// Begins a collection: takes the runs of all workers away, and returns the marker. The marker regards the stack of
    /// a thread or a continuation as scanned if its `StackHome::scanned` is `epoch`.
    ///
    /// # Safety
    /// `workers` are all workers, and the world is stopped. The lengths of all arrays are set.
    pub unsafe fn begin(&mut self, workers: &[*mut Worker], epoch: u8) -> Marker<'_> {
        for &worker in workers {
            // SAFETY: workers live as long as the process, and do not allocate while the world is stopped.
            unsafe { ((*worker).heap_next, (*worker).heap_end) = (Run::EMPTY.next, Run::EMPTY.end) };
        }
        if let Some((block, lines)) = self.allocator.retire() {
            // The lines that were not given out contain old data and no objects, so marking must not walk through them.
            self.space.block(block).taken |= lines;
        }
        Marker::new(&mut self.space, self.descriptors, &mut self.lists, epoch)
    }

    /// Ends a collection: frees the memory of all objects without a mark.
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
    /// The number of bytes in use before the collection.
    pub before: usize,
    /// The number of bytes in use after the collection, counted in whole lines and blocks.
    pub live: usize,
    /// The size of all blocks that were ever committed.
    pub committed: usize,
}
