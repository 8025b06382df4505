//! Roots of a collection: the threads that can run again, and the objects to which they refer.
//!
//! Roots are the running threads and the threads that can run again. The roots of a running thread are its stack, its
//! registers, its worker's own stack, and the results of a call that has just returned. The threads that can run again
//! lead to waiting threads:
//!
//! ```text
//!   run queue, timers,
//!   blocking calls ──▶ stacks of threads ──▶ objects ──▶ Task in a list ──▶ its thread's stack ──▶ ...
//! ```
//!
//! So a waiting thread lives as long as a live object refers to the list in which the thread waits, or to its task,
//! through which the thread could be cancelled. All other waiting threads can never run again: the collector frees
//! their stacks. There is one exception, for reports of deadlocks: of these threads, the [`THREADS_SHOWN`] with the
//! lowest numbers stay, so that a report can show them. All other threads of this kind are only counted.

use weft_abi::layout::RESULT_WORDS;
use weft_abi::{Sp, StackBase, Task, Worker};

use crate::arch::valgrind;
use crate::heap::Marker;
use crate::os::allocator;
use crate::report::THREADS_SHOWN;
use crate::stack::pool::{Block, Stacks};
use crate::wait::{blocking, timers};
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
}

impl Tracer<'_, '_> {
    /// Marks the objects to which a worker and its running thread refer.
    ///
    /// # Safety
    /// The worker has stopped, or is the current worker. The registers of the worker's thread lie on the worker's own
    /// stack from `from` on.
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
        // SAFETY: every collection calls this function, so no task of a timer is ever freed.
        unsafe { timers::lock().tasks().for_each(|task| self.marker.reference(task.addr())) }
    }

    /// Marks the objects to which a suspended thread refers, by its stack pointer. A stack pointer that is in no stack
    /// belongs to a pseudo-thread, and is skipped.
    ///
    /// # Safety
    /// `sp` is the thread's present stack pointer.
    pub(super) unsafe fn suspended(&mut self, sp: Sp) {
        if let Some(block) = self.stacks.block_of(sp) {
            // SAFETY: a thread's stack pointer lies in its stack block, which is in use.
            unsafe { self.stack(block, sp) }
        }
    }

    /// Marks the objects to which a thread refers. The thread's stack is in use from `from` on. Does nothing if this
    /// collection has scanned the thread before.
    ///
    /// # Safety
    /// The block is in use.
    pub(super) unsafe fn stack(&mut self, block: Block, from: *mut u8) {
        let task = block.owner();
        // SAFETY: the owner of a block in use is a task, and nothing writes to the stack of a thread that does not run.
        unsafe {
            if std::mem::replace(&mut (*task).scanned, self.epoch) == self.epoch {
                return;
            }
            self.visited += 1;
            self.marker.reference(task.addr());
            // The arms of a `select` are found through their lists, or on the stack.
            let StackBase { owner: _, member_of, scope, cleanups, arms: _, unwinds_at: _ } =
                block.words().read();
            [member_of.addr(), scope.addr(), cleanups.addr()]
                .into_iter()
                .for_each(|object| self.marker.reference(object));
            valgrind::make_defined(from, block.top().addr() - from.addr());
            self.marker.words(from.cast(), block.top().cast());
        }
    }

    /// Follows all references, also through the stacks of the waiting threads that are reached.
    ///
    /// # Safety
    /// The world is stopped.
    pub(super) unsafe fn trace(&mut self) {
        loop {
            self.marker.trace();
            let Some(task) = self.marker.next_waiting() else { return };
            // SAFETY: a thread that waits has a stack, and its stack pointer is in its task.
            unsafe { self.waiting(task) }
        }
    }

    /// Marks the objects to which a waiting thread refers.
    ///
    /// # Safety
    /// The thread waits.
    pub(super) unsafe fn waiting(&mut self, task: *mut Task) {
        // SAFETY: a thread that waits has a stack, and its stack pointer is in its task.
        unsafe { self.stack(Block::of(task), (*task).sp) }
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
        let mut in_use = stacks.in_use().filter(|block| unseen(self, block));
        // If there is no memory for the list, the unreachable threads stay, and a later collection finds them.
        if in_use.any(|block| allocator::try_push(&mut unreachable, block).is_err()) {
            unreachable.clear();
            // SAFETY: a thread that neither runs nor is ready waits.
            stacks.in_use().for_each(|block| unsafe { self.waiting(block.owner()) });
        }
        unreachable.sort_unstable_by_key(number);
        for block in unreachable.iter().take(THREADS_SHOWN) {
            // SAFETY: a thread that neither runs nor is ready waits.
            unsafe { self.waiting(block.owner()) }
        }
        // SAFETY: the world is stopped.
        unsafe { self.trace() };
        unreachable.retain(|block| unseen(self, block));
        unreachable
    }

    fn is_scanned(&self, block: &Block) -> bool {
        // SAFETY: the owner of a block in use is a task.
        unsafe { (*block.owner()).scanned == self.epoch }
    }
}
