//! Garbage collection: when it happens, and from where.
//!
//! The worker collects by itself when an allocation finds that enough was allocated since the last time; compiled code
//! is then in the middle of a call of the runtime. Objects stay where they are, so nobody notices but the clock.
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

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use weft_abi::layout::RESULT_WORDS;
use weft_abi::{Header, Sp, StackBase, Task, TypeDescriptor, Worker};

use crate::heap::{self, Collected, Marker};
use crate::report::THREADS_SHOWN;
use crate::stacks::{self, Block, Stacks};
use crate::{arch, blocking, crew, growth, memory, timers, valgrind, worker};

#[cfg(test)]
mod tests;

/// The environment's wishes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Tell of each collection on standard error.
    pub log: bool,
    /// Collect at every so many slow paths of allocation, which then occur at every line's end.
    pub stress: Option<u64>,
}

static LOG: OnceLock<bool> = OnceLock::new();

/// How many collections there were.
static COLLECTIONS: AtomicU64 = AtomicU64::new(0);

impl Settings {
    /// From the texts of `WEFT_GC_LOG`, which is on if it is there and not `0`, and `WEFT_GC_STRESS`, a number.
    pub fn parse(log: Option<&str>, stress: Option<&str>) -> Result<Settings, String> {
        let log = log.is_some_and(|text| text != "0");
        let every = |text: &str| {
            text.parse().ok().filter(|&every| every > 0).ok_or_else(|| {
                format!("WEFT_GC_STRESS is `{text}`, but it must be a number from 1 on, such as 1 or 100")
            })
        };
        Ok(Settings { log, stress: stress.map(every).transpose()? })
    }
}

/// Makes the heap. Call once.
///
/// # Safety
/// `table` describes all objects that there will be, and lives as long as the process.
pub unsafe fn start(table: *const TypeDescriptor, settings: Settings) -> std::io::Result<()> {
    LOG.set(settings.log).unwrap_or_else(|_| panic!("BUG: the collector is set up twice"));
    // SAFETY: as the caller promises.
    unsafe { heap::start(table, settings.stress) }
}

/// An object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned; `None` when the system
/// has no more memory. If it is an array, its length must be there before anything else is allocated. May collect.
///
/// # Safety
/// `worker` is the running worker, and its green thread called into the runtime; `size` is what the header's descriptor
/// says.
pub unsafe fn allocate(worker: *mut Worker, header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: as the caller promises.
    unsafe {
        let at_once =
            heap::with(
                |heap| {
                    if heap.is_due(size) { None } else { heap.allocate(worker, header, size).ok() }
                },
            );
        at_once.or_else(|| {
            arch::with_registers(|registers| {
                // Otherwise another worker has just collected.
                if crew::stop_others(worker, registers) {
                    collect(worker, registers);
                    crew::resume_others();
                }
            });
            heap::with(|heap| heap.allocate(worker, header, size).ok())
        })
    }
}

/// As [`allocate`], but never collects.
///
/// # Safety
/// As for [`allocate`].
pub unsafe fn allocate_now(worker: *mut Worker, header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: as the caller promises.
    heap::with(|heap| unsafe { heap.allocate(worker, header, size).ok() })
}

/// Collects. What lies on the worker's own stack from `from` on is taken for references, the caller's registers among
/// it.
///
/// # Safety
/// As for [`allocate`]; no other worker runs.
unsafe fn collect(worker: *mut Worker, from: *const usize) {
    let started = Instant::now();
    let number = COLLECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
    let workers = crew::workers();
    // SAFETY: one worker runs, and it is here. All that is suspended has its final stack pointer.
    let (collected, threads, lost) = unsafe {
        let stacks = stacks::lock();
        heap::with(|heap| {
            // Not what it was in the last collection, and not what it is in a new task.
            let epoch = 1 + (number % 2) as u8;
            let mut tracer =
                Tracer { stacks: &stacks, marker: heap.begin(&workers, epoch), epoch, visited: 0 };
            tracer.running(worker, from);
            crew::with_stopped(|member| tracer.running(member.worker, member.roots));
            workers.iter().for_each(|&worker| tracer.ready(worker));
            crew::with_threads_on_their_way(|sp| tracer.suspended(sp));
            crew::with_cancelled(|task| tracer.marker.reference(task.addr()));
            tracer.blocked();
            tracer.timed();
            tracer.trace();
            let ended: u64 = workers.iter().map(|&worker| (*worker).ended_tasks).sum();
            let alive = crew::spawned(&workers) - ended;
            let lost = if tracer.visited < alive { tracer.lost() } else { Vec::new() };
            let threads = tracer.visited;
            (heap.finish(), threads, lost)
        })
    };
    for &block in &lost {
        // SAFETY: nothing can resume the thread.
        unsafe {
            growth::give_back(worker, block);
            (*worker).ended_tasks += 1;
            (*worker).lost_tasks += 1;
        }
    }
    if *LOG.get().expect("BUG: a collection before the collector is set up") {
        log(number, collected, threads, lost.len(), started);
    }
}

/// One line on standard error.
fn log(number: u64, collected: Collected, threads: u64, lost: usize, started: Instant) {
    let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    eprintln!(
        "gc {number}: {:.1} MiB -> {:.1} MiB of {:.1} MiB, {threads} threads, {lost} lost, {:.3} ms",
        mebibytes(collected.before),
        mebibytes(collected.live),
        mebibytes(collected.committed),
        started.elapsed().as_secs_f64() * 1e3,
    );
}

/// Marks what threads hold.
struct Tracer<'a, 'h> {
    stacks: &'a Stacks,
    marker: Marker<'h>,
    /// The value of `Task::scanned` for threads that this collection has seen. Each sees every thread or gives it up.
    epoch: u8,
    /// How many threads it has seen.
    visited: u64,
}

impl Tracer<'_, '_> {
    /// What a worker and its running thread hold.
    ///
    /// # Safety
    /// It has stopped, or is this one; what its thread has in registers lies on its own stack from `from` on.
    unsafe fn running(&mut self, worker: *const Worker, from: *const usize) {
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
    unsafe fn ready(&mut self, worker: *const Worker) {
        // SAFETY: places between head and tail hold suspended threads.
        unsafe { worker::with_ready(worker, |sp| self.suspended(sp)) }
    }

    /// Those whose calls threads of the pool make, and what they have handed over.
    ///
    /// # Safety
    /// This is the running worker.
    unsafe fn blocked(&mut self) {
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
    unsafe fn timed(&mut self) {
        // SAFETY: every collection sees the tasks of all timers.
        unsafe { timers::lock().tasks().for_each(|task| self.marker.reference(task.addr())) }
    }

    /// A thread that does not run, by its stack pointer. One that points to no stack is an errand, which has a place in
    /// the run queue but is no thread.
    ///
    /// # Safety
    /// Its stack pointer is final.
    unsafe fn suspended(&mut self, sp: Sp) {
        if let Some(block) = self.stacks.block_of(sp) {
            // SAFETY: as the caller promises.
            unsafe { self.stack(block, sp) }
        }
    }

    /// A thread, whose stack holds something from `from` on.
    ///
    /// # Safety
    /// The block is in use.
    unsafe fn stack(&mut self, block: Block, from: *mut u8) {
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
    unsafe fn trace(&mut self) {
        loop {
            self.marker.trace();
            let Some(task) = self.marker.next_waiting() else { return };
            // SAFETY: a thread that waits has a stack, and its stack pointer there.
            unsafe { self.waiting(task) }
        }
    }

    /// # Safety
    /// The thread waits.
    unsafe fn waiting(&mut self, task: *mut Task) {
        // SAFETY: as the caller promises.
        unsafe {
            self.stack(Block::of(task), (*task).sp);
        }
    }

    /// The threads that nothing can wake any more and that no report will show. Marks what all others hold.
    ///
    /// # Safety
    /// Nothing runs, and all that is known to be able to run again has been traced.
    unsafe fn lost(&mut self) -> Vec<Block> {
        // SAFETY: the owner of a block in use is a task.
        let number = |block: &Block| unsafe { (*block.owner()).waiter.number };
        let unseen = |tracer: &Self, block: &Block| !tracer.is_scanned(block);
        let mut lost: Vec<Block> = Vec::new();
        let stacks = self.stacks;
        let mut in_use = stacks.in_use().filter(|block| unseen(self, block));
        // Without memory for a list they stay, and a later collection finds them.
        if in_use.any(|block| memory::try_push(&mut lost, block).is_err()) {
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
