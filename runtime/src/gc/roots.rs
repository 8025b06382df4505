//! Roots of a collection: the threads that can run again, and what they hold.
//!
//! Roots are the running thread (its stack, the worker's own stack, registers, results on their way) and what can
//! become the running thread:
//!
//! ```text
//!   run queue, timers,
//!   blocking calls ──▶ stacks of threads ──▶ objects ──▶ Task in a list ──▶ its thread's stack ──▶ ...
//! ```
//!
//! So a thread lives as long as something alive could wake it: the list that it waits in, or whoever could cancel it.
//! One that waits where nothing alive can look can never run again: its stack is given back. An exception keeps
//! reports of deadlocks whole: as many of these as a report would show stay. The rest is only counted.

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

/// Marks what threads hold.
pub(super) struct Tracer<'a, 'h> {
    pub(super) stacks: &'a Stacks,
    pub(super) marker: Marker<'h>,
    /// The value of `Task::scanned` for threads that this collection has seen. Each sees every thread or gives it up.
    pub(super) epoch: u8,
    /// How many threads it has seen.
    pub(super) visited: u64,
}

impl Tracer<'_, '_> {
    /// What a worker and its running thread hold.
    ///
    /// # Safety
    /// It has stopped, or is this one; what its thread has in registers lies on its own stack from `from` on.
    pub(super) unsafe fn running(&mut self, worker: *const Worker, from: *const usize) {
        // SAFETY: as the caller promises.
        unsafe {
            let end = (*worker).system_sp.cast_const();
            valgrind::make_defined(from.cast(), end.addr() - from.addr());
            self.marker.words(from, end.cast());
            let results = (&raw const (*worker).results).cast::<usize>();
            self.marker.words(results, results.add(RESULT_WORDS));
            self.suspended((*worker).green_sp);
        }
    }

    /// # Safety
    /// `worker` is a worker that does not change its run queue meanwhile.
    pub(super) unsafe fn ready(&mut self, worker: *const Worker) {
        // SAFETY: places between head and tail hold suspended threads.
        unsafe { run_queue::with_ready(worker, |sp| self.suspended(sp)) }
    }

    /// Those whose calls threads of the pool make, and what they have handed over.
    ///
    /// # Safety
    /// This is the running worker.
    pub(super) unsafe fn blocked(&mut self) {
        for (task, arguments) in blocking::waiting() {
            // SAFETY: a call lives as long as it is out.
            unsafe {
                self.marker.reference(task.addr());
                self.marker.words(arguments.cast(), arguments.cast::<usize>().add(arguments.len()));
            }
        }
    }

    /// Those that wait for a time.
    ///
    /// # Safety
    /// Nothing runs.
    pub(super) unsafe fn timed(&mut self) {
        // SAFETY: every collection sees the tasks of all timers.
        unsafe { timers::lock().tasks().for_each(|task| self.marker.reference(task.addr())) }
    }

    /// A thread that does not run, by its stack pointer. One that points to no stack is a pseudo-thread, which has a
    /// place in the run queue but is no thread.
    ///
    /// # Safety
    /// Its stack pointer is final.
    pub(super) unsafe fn suspended(&mut self, sp: Sp) {
        if let Some(block) = self.stacks.block_of(sp) {
            // SAFETY: as the caller promises.
            unsafe { self.stack(block, sp) }
        }
    }

    /// A thread, whose stack holds something from `from` on.
    ///
    /// # Safety
    /// The block is in use.
    pub(super) unsafe fn stack(&mut self, block: Block, from: *mut u8) {
        let task = block.owner();
        // SAFETY: the owner of a block in use is a task.
        unsafe {
            if std::mem::replace(&mut (*task).scanned, self.epoch) == self.epoch {
                return;
            }
            self.visited += 1;
            self.marker.reference(task.addr());
            // The arms of a `select` are in lists or on the stack.
            let StackBase { owner: _, member_of, scope, cleanups, arms: _, unwinds_at: _ } =
                block.words().read();
            [member_of.addr(), scope.addr(), cleanups.addr()]
                .into_iter()
                .for_each(|object| self.marker.reference(object));
            valgrind::make_defined(from, block.top().addr() - from.addr());
            self.marker.words(from.cast(), block.top().cast());
        }
    }

    /// Follows everything, into the stacks of those who wait for what is alive.
    ///
    /// # Safety
    /// Nothing runs.
    pub(super) unsafe fn trace(&mut self) {
        loop {
            self.marker.trace();
            let Some(task) = self.marker.next_waiting() else { return };
            // SAFETY: a thread that waits has a stack, and its stack pointer there.
            unsafe { self.waiting(task) }
        }
    }

    /// # Safety
    /// The thread waits.
    pub(super) unsafe fn waiting(&mut self, task: *mut Task) {
        // SAFETY: as the caller promises.
        unsafe {
            self.stack(Block::of(task), (*task).sp);
        }
    }

    /// The threads that nothing can wake any more and that no report will show. Marks what all others hold.
    ///
    /// # Safety
    /// Nothing runs, and all that is known to be able to run again has been traced.
    pub(super) unsafe fn lost(&mut self) -> Vec<Block> {
        // SAFETY: the owner of a block in use is a task.
        let number = |block: &Block| unsafe { (*block.owner()).waiter.number };
        let unseen = |tracer: &Self, block: &Block| !tracer.is_scanned(block);
        let mut lost: Vec<Block> = Vec::new();
        let stacks = self.stacks;
        let mut in_use = stacks.in_use().filter(|block| unseen(self, block));
        // Without memory for a list they stay, and a later collection finds them.
        if in_use.any(|block| allocator::try_push(&mut lost, block).is_err()) {
            lost.clear();
            // SAFETY: what does not run and is not ready waits.
            stacks.in_use().for_each(|block| unsafe { self.waiting(block.owner()) });
        }
        lost.sort_unstable_by_key(number);
        for block in lost.iter().take(THREADS_SHOWN) {
            // SAFETY: what does not run and is not ready waits.
            unsafe { self.waiting(block.owner()) }
        }
        // SAFETY: as the caller promises.
        unsafe { self.trace() };
        lost.retain(|block| unseen(self, block));
        lost
    }

    fn is_scanned(&self, block: &Block) -> bool {
        // SAFETY: the owner of a block in use is a task.
        unsafe { (*block.owner()).scanned == self.epoch }
    }
}
