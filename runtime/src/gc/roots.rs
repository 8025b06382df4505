//! Roots of a collection: the threads that can run again, and the objects to which they refer.
//!
//! Roots are the running threads and the threads that can run again. The roots of a running thread are its stack, its
//! registers, its worker's own stack, and the results of a call that has just returned. The threads that can run again
//! lead to waiting threads:
//!
//! ```text
//!   run queue, timers,
//!   open files,
//!   blocking calls ──▶ stacks of threads ──▶ objects ──▶ Task in a list ──▶ its thread's stack ──▶ ...
//! ```
//!
//! So a waiting thread lives as long as a live object refers to the list in which the thread waits, or to its task,
//! through which the thread could be cancelled. All other waiting threads can never run again: the collector frees
//! their stacks. In the same way, a suspended continuation lives as long as a live object refers to it, and its stack
//! is scanned then. For threads there is one exception: of the waiting threads that can never run again, the
//! [`THREADS_SHOWN`] threads with the lowest numbers stay, so that the report of a deadlock can show them. The other
//! such threads are only counted.

use std::ptr::null_mut;

use weft_abi::layout::RESULT_WORDS;
use weft_abi::{Continuation, Sp, StackBase, Task, Worker, well_known};

use crate::arch::{Current, valgrind};
use crate::heap::Marker;
use crate::os::allocator;
use crate::report::THREADS_SHOWN;
use crate::stack::pool::{Block, Stacks};
use crate::wait::{blocking, continuation, handles, timers};
use crate::workers::run_queue;

#[cfg(test)]
mod tests;

/// Marks the objects to which threads refer.
pub(super) struct Tracer<'a, 'h> {
    pub(super) stacks: &'a Stacks,
    pub(super) marker: Marker<'h>,
    /// The value of `Task::scanned` for threads that this collection has scanned. A collection scans the stack of each
    /// thread or frees it.
    pub(super) epoch: u8,
    /// The number of threads that this collection has scanned.
    pub(super) visited: u64,
    /// The number of continuations that this collection has scanned.
    pub(super) continuations: u64,
    /// The blocks of unreachable continuations.
    pub(super) freed: FreedBlocks,
}

/// A list of blocks without owners, linked through the words at their bases, so that it needs no memory.
pub(super) struct FreedBlocks(*mut StackBase);

impl FreedBlocks {
    /// An empty list.
    pub(super) const EMPTY: FreedBlocks = FreedBlocks(null_mut());

    /// Adds a block.
    ///
    /// # Safety
    /// Nothing uses the block any more.
    unsafe fn add(&mut self, block: Block) {
        // SAFETY: the words at the base of a block that is not used are free. The owner is removed last, as it marks
        // the block as used.
        unsafe {
            let words = block.words();
            (*words).member_of = std::mem::replace(&mut self.0, words).cast();
            (*words).unwinds_at = block.class;
            (*words).owner = null_mut();
        }
    }
}

impl Iterator for FreedBlocks {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        // SAFETY: the words of a block in the list contain the link and the class until the block is used again.
        let words = unsafe { self.0.as_ref()? };
        let block = Block { base: self.0.cast(), class: words.unwinds_at };
        self.0 = words.member_of.cast();
        Some(block)
    }
}

impl Tracer<'_, '_> {
    /// Marks the objects to which a worker and its running thread refer.
    ///
    /// # Safety
    /// The worker has stopped, or is the current worker. The registers of its running thread lie on the worker's own
    /// stack, at or above `from`.
    pub(super) unsafe fn running(&mut self, worker: *const Worker, from: *const usize) {
        // SAFETY: the worker does not run during the collection, so its stack and its results do not change.
        unsafe {
            let end = (*worker).system_sp.cast_const();
            valgrind::make_defined(from.cast(), end.addr() - from.addr());
            self.marker.words(from, end.cast());
            let results = (&raw const (*worker).results).cast::<usize>();
            self.marker.words(results, results.add(RESULT_WORDS));
            self.suspended((*worker).green_sp);
        }
    }

    /// Marks the objects to which the threads in a run queue refer.
    ///
    /// # Safety
    /// `worker` is a worker, and the world is stopped.
    pub(super) unsafe fn ready(&mut self, worker: *const Worker) {
        // SAFETY: no queue changes while the world is stopped. The entries of a queue are suspended threads and
        // pseudo-threads.
        unsafe { run_queue::for_each(&raw const (*worker).run_queue, |sp| self.suspended(sp)) }
    }

    /// Marks the threads whose blocking calls have not returned, and the arguments of the calls.
    ///
    /// # Safety
    /// The world is stopped.
    pub(super) unsafe fn blocked(&mut self) {
        for (task, arguments) in blocking::waiting() {
            // SAFETY: a call lives until its thread has its result, and no thread runs.
            unsafe {
                self.marker.reference(task.addr());
                self.marker.words(arguments.cast(), arguments.cast::<usize>().add(arguments.len()));
            }
        }
    }

    /// Marks the threads that wait for a time.
    ///
    /// # Safety
    /// The world is stopped.
    pub(super) unsafe fn timed(&mut self) {
        // SAFETY: every collection calls this function, so the task of a timer that is still in the heap of timers is
        // never freed.
        unsafe { timers::lock().tasks().for_each(|task| self.marker.reference(task.addr())) }
    }

    /// Marks the handles of open files for which threads wait.
    ///
    /// # Safety
    /// The world is stopped.
    pub(super) unsafe fn polled(&mut self) {
        // SAFETY: no thread runs.
        unsafe { handles::awaited(|handle| self.marker.reference(handle.addr())) }
    }

    /// Marks the objects to which the thread with the stack pointer `sp` refers. Skips an `sp` that is in no stack: it
    /// belongs to a pseudo-thread, or no green thread runs.
    ///
    /// # Safety
    /// `sp` is the thread's present stack pointer.
    pub(super) unsafe fn suspended(&mut self, sp: Sp) {
        if let Some(block) = self.stacks.block_of(sp) {
            // SAFETY: a thread's stack pointer lies in its innermost stack's block, which is in use.
            unsafe { self.thread(block, sp) }
        }
    }

    /// Marks the objects to which a thread refers, through its own stack and the stacks of the continuations in which
    /// it runs. `block` is the block of the innermost stack, and `from` the stack pointer in it. Does nothing if this
    /// collection has scanned the thread before.
    ///
    /// # Safety
    /// The block is in use.
    pub(super) unsafe fn thread(&mut self, block: Block, from: *mut u8) {
        let task = block.owner();
        // SAFETY: the owner of a block in use is a task, and nothing writes to the stack of a thread that does not run.
        unsafe {
            if std::mem::replace(&mut (*task).scanned, self.epoch) == self.epoch {
                return;
            }
            self.visited += 1;
            self.marker.reference(task.addr());
            let (mut block, mut from) = (block, from);
            while let Some(continuation) = block.continuation().as_mut() {
                self.of_continuation(continuation, block, from);
                (block, from) = (Block::of(continuation.parent), continuation.resumer);
            }
            let StackBase { member_of, scope, .. } = block.words().read();
            [member_of.addr(), scope.addr()].into_iter().for_each(|object| self.marker.reference(object));
            self.stack(block, from);
        }
    }

    /// Marks the objects to which a suspended continuation refers.
    ///
    /// # Safety
    /// The continuation is suspended.
    unsafe fn continuation(&mut self, continuation: *mut Continuation) {
        // SAFETY: the stack pointer of a suspended continuation lies in its innermost stack; each other stack has
        // resumed the next one further in.
        unsafe {
            let mut from = (*continuation).sp;
            for inner in continuation::stacks(continuation) {
                self.of_continuation(inner, Block::of(inner.cast()), from);
                from = (*inner).resumer;
            }
        }
    }

    /// Marks the objects to which the stack of a continuation refers, and counts the continuation.
    ///
    /// # Safety
    /// `block` is the block of the continuation's stack, and `from` the stack pointer in it.
    unsafe fn of_continuation(&mut self, continuation: *mut Continuation, block: Block, from: *mut u8) {
        // SAFETY: the caller guarantees that the stack is in use.
        unsafe {
            if std::mem::replace(&mut (*continuation).scanned, self.epoch) != self.epoch {
                self.continuations += 1;
                self.marker.reference(continuation.addr());
                self.marker.reference((*block.words()).host().addr());
                self.stack(block, from);
            }
        }
    }

    /// Marks the objects to which a stack refers: its cleanups, and the words from the stack pointer `from` up to the
    /// top of its block.
    ///
    /// # Safety
    /// The block is in use, and the stack does not change.
    unsafe fn stack(&mut self, block: Block, from: *mut u8) {
        // The arms of a `select` need no marking here: each arm is reachable from its channel's wait list, or from a
        // word of this stack.
        // SAFETY: the caller guarantees that the block is in use and that the stack does not change.
        unsafe {
            self.marker.reference((*block.words()).cleanups.addr());
            valgrind::make_defined(from, block.top().addr() - from.addr());
            self.marker.words(from.cast(), block.top().cast());
        }
    }

    /// Follows all references, including those in the stacks of the waiting threads and continuations that it reaches.
    ///
    /// # Safety
    /// The world is stopped.
    pub(super) unsafe fn trace(&mut self) {
        loop {
            self.marker.trace();
            let Some(home) = self.marker.next_waiting() else { return };
            // SAFETY: a thread that waits has a stack, and its stack pointer is in its task. A continuation in the list
            // is suspended.
            unsafe {
                match (*home).header.descriptor {
                    well_known::TASK => self.waiting(home.cast()),
                    _ => self.continuation(home.cast()),
                }
            }
        }
    }

    /// Marks the objects to which a waiting thread refers.
    ///
    /// # Safety
    /// The thread waits.
    pub(super) unsafe fn waiting(&mut self, task: *mut Task) {
        // SAFETY: a thread that waits has a stack, and its stack pointer is in its task.
        unsafe { self.suspended((*task).sp) }
    }

    /// Returns the stacks of unreachable threads, which nothing alive can wake and no report will show. Marks the
    /// objects to which all other threads refer.
    ///
    /// # Safety
    /// The world is stopped, and all threads that can run again have been traced.
    pub(super) unsafe fn unreachable(&mut self) -> Vec<Block> {
        // SAFETY: the owner of a block in use is a task.
        let number = |block: &Block| unsafe { (*block.owner()).waiter.number };
        let unseen = |tracer: &Self, block: &Block| !tracer.is_scanned(block);
        let mut unreachable: Vec<Block> = Vec::new();
        let stacks = self.stacks;
        let mut in_use = stacks.of_threads().filter(|block| unseen(self, block));
        // If there is no memory for the list, the unreachable threads stay, and a later collection finds them.
        if in_use.any(|block| allocator::try_push(&mut unreachable, block).is_err()) {
            unreachable.clear();
            // SAFETY: a thread that neither runs nor is runnable waits.
            stacks.of_threads().for_each(|block| unsafe { self.waiting(block.owner()) });
        }
        unreachable.sort_unstable_by_key(number);
        for block in unreachable.iter().take(THREADS_SHOWN) {
            // SAFETY: a thread that neither runs nor is runnable waits.
            unsafe { self.waiting(block.owner()) }
        }
        // SAFETY: the world is stopped.
        unsafe { self.trace() };
        unreachable.retain(|block| unseen(self, block));
        unreachable
    }

    /// Gives up the stacks of the continuations that were not scanned: no live object refers to them, so nothing can
    /// resume them. Adds their blocks to `freed`.
    ///
    /// # Safety
    /// The world is stopped, all that is alive has been traced, and dead objects are not freed yet.
    pub(super) unsafe fn free_continuations(&mut self, current: Current) {
        let stacks = self.stacks;
        let epoch = self.epoch;
        // SAFETY: the home of a block in use is an object that is not freed yet.
        let is_lost = |block: &Block| unsafe { (*block.continuation()).scanned != epoch };
        for block in stacks.of_continuations().filter(is_lost) {
            // SAFETY: nothing can resume the continuation or run on its stack.
            unsafe {
                let continuation = block.continuation();
                (*continuation).stack_limit = null_mut();
                continuation::forget(current, continuation);
                self.freed.add(block);
            }
        }
    }

    fn is_scanned(&self, block: &Block) -> bool {
        // SAFETY: the owner of a block in use is a task.
        unsafe { (*block.owner()).scanned == self.epoch }
    }
}
