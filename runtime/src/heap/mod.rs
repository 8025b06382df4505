//! Memory for objects, and its collection: a mark-region heap whose objects stay where they are.
//!
//! ```text
//!   allocate   from runs of free lines; compiled code bumps a pointer through a run
//!   mark       what roots reach; those who know roots name them to the [`Marker`]
//!   sweep      lines without a mark are free: no dead object is ever touched
//! ```
//!
//! The design is Immix without its copying (Blackburn and McKinley, PLDI 2008), with conservative roots as in
//! "Fast conservative garbage collection" (Shahriyar, Blackburn and McKinley, OOPSLA 2014). This module knows objects
//! and what descriptors say of them; stacks and threads are the business of `collect`.

use std::io;
use std::sync::{Mutex, MutexGuard};

use weft_abi::{Header, TypeDescriptor, Worker};

/// A bit for every granule.
mod bits;
/// Blocks and lines.
mod geometry;
/// Sizes and references of objects.
mod objects;
/// Blocks, and what is known of each.
mod space;
/// Memory for new objects.
mod allocate;
/// What is alive.
mod mark;
/// What is not.
mod sweep;

#[cfg(test)]
mod tests;

pub use mark::Marker;

use allocate::{Allocator, LARGEST_SMALL, Run, Supply};
use geometry::{BLOCK, LINE, LINES};
use mark::Lists;
use objects::Descriptors;
use space::Space;

/// So much is allocated between two collections at least.
const LEAST_BUDGET: usize = 32 << 20;

/// All objects of the process.
pub struct Heap {
    space: Space,
    supply: Supply,
    /// Where the runs of all workers come from.
    allocator: Allocator,
    descriptors: Descriptors,
    /// The marker's lists, to be used again. They have some room from the start, so that a collection that finds no
    /// memory for more goes on with that.
    lists: Lists,
    /// Bytes of memory given out since the last collection.
    allocated: usize,
    /// How many may be.
    budget: usize,
    /// Bytes that survived the last collection.
    live: usize,
    /// Collect at every so many slow paths instead.
    stress: Option<u64>,
    slow_paths: u64,
}

// SAFETY: the pointers are addresses of memory that belongs to the process, not to a thread.
unsafe impl Send for Heap {}

static HEAP: Mutex<Option<Heap>> = Mutex::new(None);

/// Makes the heap. Call once. With `stress` a collection is due at every so many slow paths, and each line's end is
/// one.
///
/// # Safety
/// `table` describes all objects that there will be, and lives as long as the process.
pub unsafe fn start(table: *const TypeDescriptor, stress: Option<u64>) -> io::Result<()> {
    // SAFETY: as the caller promises.
    let heap = unsafe { Heap::new(table, stress)? };
    let before = HEAP.lock().expect("BUG: a panic while the heap was locked").replace(heap);
    assert!(before.is_none(), "BUG: the heap is made twice");
    Ok(())
}

/// Runs with the heap. Not to be nested.
pub fn with<T>(run: impl FnOnce(&mut Heap) -> T) -> T {
    let mut heap: MutexGuard<Option<Heap>> = HEAP.lock().expect("BUG: a panic while the heap was locked");
    run(heap.as_mut().expect("BUG: the heap is used before it is made"))
}

impl Heap {
    /// A heap of its own.
    ///
    /// # Safety
    /// As for [`start`].
    pub unsafe fn new(table: *const TypeDescriptor, stress: Option<u64>) -> io::Result<Heap> {
        Ok(Heap {
            space: Space::reserve()?,
            supply: Supply::default(),
            allocator: Allocator::new(if stress.is_some() { 1 } else { LINES }),
            // SAFETY: as the caller promises.
            descriptors: unsafe { Descriptors::new(table) },
            lists: Lists::new(),
            allocated: 0,
            budget: LEAST_BUDGET,
            live: 0,
            stress,
            slow_paths: 0,
        })
    }

    /// Whether there should be a collection before an object of `size` bytes is made here.
    pub fn is_due(&mut self, size: usize) -> bool {
        self.slow_paths += 1;
        let stressed = self.stress.is_some_and(|every| self.slow_paths.is_multiple_of(every));
        stressed || self.allocated.saturating_add(size) > self.budget
    }

    /// An object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned. If it is an array,
    /// its length must be there before anything else is allocated. Does not collect.
    ///
    /// # Errors
    /// The system has no more memory.
    ///
    /// # Safety
    /// `worker` is the running worker; `size` is what the header's descriptor says.
    pub unsafe fn allocate(
        &mut self,
        worker: *mut Worker,
        header: Header,
        size: usize,
    ) -> io::Result<*mut u8> {
        let size =
            size.checked_next_multiple_of(8).ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        // SAFETY: the worker is ours alone; the memory is nobody else's.
        unsafe {
            let object = self.memory(worker, size)?;
            object.cast::<Header>().write(header);
            Ok(object)
        }
    }

    /// # Safety
    /// `worker` is the running worker.
    unsafe fn memory(&mut self, worker: *mut Worker, size: usize) -> io::Result<*mut u8> {
        // SAFETY: the worker is ours alone.
        let mut run = unsafe { Run { next: (*worker).heap_next, end: (*worker).heap_end } };
        let (space, supply) = (&mut self.space, &mut self.supply);
        if let Some(start) = run.take(size) {
            // SAFETY: as above.
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
        // SAFETY: as above.
        unsafe { ((*worker).heap_next, (*worker).heap_end) = (run.next, run.end) };
        Ok(start)
    }

    /// Begins a collection. Those tasks whose `scanned` is `epoch` have had their stacks marked.
    ///
    /// # Safety
    /// These are all workers, and none of them allocates meanwhile. What was allocated has its lengths.
    pub unsafe fn begin(&mut self, workers: &[*mut Worker], epoch: u8) -> Marker<'_> {
        for &worker in workers {
            // SAFETY: as the caller promises.
            unsafe { ((*worker).heap_next, (*worker).heap_end) = (Run::EMPTY.next, Run::EMPTY.end) };
        }
        if let Some((block, lines)) = self.allocator.retire() {
            // What was not given out holds what it held before, and no objects.
            self.space.block(block).taken |= lines;
        }
        Marker::new(&mut self.space, self.descriptors, &mut self.lists, epoch)
    }

    /// Ends a collection: all that is not marked is gone.
    pub fn finish(&mut self) -> Collected {
        let before = self.live + self.allocated;
        self.live = sweep::sweep(&mut self.space, &mut self.supply);
        self.allocated = 0;
        self.budget = self.live.max(LEAST_BUDGET);
        sweep::give_back(&mut self.space, &self.supply, self.budget);
        Collected { before, live: self.live, committed: self.space.blocks() * BLOCK }
    }
}

/// What a collection did, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Collected {
    /// In use before.
    pub before: usize,
    /// In use afterwards, by whole lines and blocks.
    pub live: usize,
    /// How far the heap has ever grown.
    pub committed: usize,
}
