use weft_abi::{Header, Kind, RunQueue, Task, TypeDescriptor, WaitList, well_known};
use weft_hot::wait;

use super::*;
use crate::arch::Current;
use crate::heap::Heap;
use crate::os::allocator;

const ROWS: usize = well_known::ROWS.len();

static DESCRIPTORS: [TypeDescriptor; ROWS] = {
    let mut table = [TypeDescriptor::new(Kind::Fixed, 0, &[]); ROWS];
    let mut row = 0;
    while row < ROWS {
        let (kind, size, references) = well_known::ROWS[row];
        table[row] = TypeDescriptor::new(kind, size, references);
        row += 1;
    }
    table
};

/// Artificial green threads that look suspended.
struct Threads {
    heap: Heap,
    stacks: Stacks,
    worker: Box<Worker>,
    collections: u64,
}

/// An artificial green thread.
#[derive(Clone, Copy)]
struct Thread {
    task: *mut Task,
    sp: Sp,
}

impl Threads {
    fn new() -> Threads {
        let worker = Worker::empty(RunQueue::EMPTY);
        // SAFETY: the table describes all objects of these tests.
        let heap = unsafe { Heap::new(DESCRIPTORS.as_ptr(), None).unwrap() };
        Threads { heap, stacks: Stacks::reserve().unwrap(), worker: Box::new(worker), collections: 0 }
    }

    fn object(&mut self, descriptor: u32, size: usize) -> *mut u8 {
        // SAFETY: callers pass the size that the descriptor gives, also for an array without elements.
        unsafe { self.heap.allocate(Current::of(&mut *self.worker), Header::new(descriptor), size).unwrap() }
    }

    /// Makes a thread with the words `held` on its stack.
    fn thread(&mut self, held: &[usize]) -> Thread {
        let block = self.stacks.allocate(0).unwrap();
        let task = self.object(well_known::TASK, size_of::<Task>()).cast::<Task>();
        self.worker.last_task += 1;
        // SAFETY: the task is new, and the block is large enough for the words.
        unsafe {
            (*task).stack_limit = block.limit();
            (*task).waiter.number = self.worker.last_task;
            block.words().write(StackBase::of(task, 0));
            let top = block.top().cast::<usize>();
            // The resume address, the limit and the mailbox come first.
            let sp = top.sub(held.len() + 3);
            [&[0, 0, 0], held]
                .concat()
                .iter()
                .enumerate()
                .for_each(|(index, &word)| sp.add(index).write(word));
            Thread { task, sp: sp.cast() }
        }
    }

    /// Makes the thread `who` wait for the end of `whom`.
    fn wait(&self, who: Thread, whom: Thread) {
        // SAFETY: both threads are alive, and a `Joiners` begins like a list.
        unsafe {
            let joiners = (&raw mut (*whom.task).joiners).cast::<WaitList>();
            wait::link(who.task.cast(), joiners, 0);
            (*who.task).sp = who.sp;
        }
    }

    /// Collects while the threads `ready` are runnable. Returns the number of threads that were scanned, and the
    /// numbers of the unreachable threads.
    fn collect(&mut self, ready: &[Thread]) -> (u64, Vec<u64>) {
        self.collections += 1;
        // SAFETY: no worker runs.
        unsafe {
            let epoch = 1 + (self.collections % 2) as u8;
            let marker = self.heap.begin(&[&raw mut *self.worker], epoch);
            let mut tracer = Tracer {
                stacks: &self.stacks,
                marker,
                epoch,
                visited: 0,
                continuations: 0,
                freed: FreedBlocks::EMPTY,
            };
            ready.iter().for_each(|thread| tracer.suspended(thread.sp));
            tracer.trace();
            let lost = if tracer.visited < self.worker.last_task { tracer.unreachable() } else { Vec::new() };
            let numbers = lost.iter().map(|block| (*block.owner()).waiter.number).collect();
            let visited = tracer.visited;
            self.heap.finish();
            (visited, numbers)
        }
    }

    /// Makes `count` pairs of threads that wait for each other; no other object refers to them.
    fn pairs(&mut self, count: usize) {
        for _ in 0..count {
            let (one, other) = (self.thread(&[]), self.thread(&[]));
            self.wait(one, other);
            self.wait(other, one);
        }
    }
}

#[test]
fn who_waits_for_what_is_alive_is_alive() {
    let mut threads = Threads::new();
    let string = threads.object(well_known::BYTES, 16);
    let main = threads.thread(&[]);
    let last = threads.thread(&[string.addr()]);
    let mut before = last;
    // Each thread waits for the next thread, whose stack does not refer to the waiting thread.
    for _ in 0..1000 {
        let next = threads.thread(&[]);
        threads.wait(before, next);
        before = next;
    }
    threads.wait(before, main);
    for _ in 0..3 {
        assert_eq!(threads.collect(&[main]), (1002, vec![]));
    }
}

#[test]
fn what_nothing_can_wake_is_lost_but_for_what_a_report_shows() {
    let mut threads = Threads::new();
    let main = threads.thread(&[]);
    threads.pairs(200);
    let (visited, lost) = threads.collect(&[main]);
    assert_eq!(visited, 1 + THREADS_SHOWN as u64);
    // The threads with the lowest numbers stay.
    assert_eq!(lost, (2 + THREADS_SHOWN as u64..2 + 400).collect::<Vec<_>>());
}

#[test]
fn without_memory_for_lists_all_waiting_threads_are_found_and_none_is_lost() {
    let mut threads = Threads::new();
    let main = threads.thread(&[]);
    for _ in 0..3000 {
        let waiting = threads.thread(&[]);
        threads.wait(waiting, main);
    }
    threads.pairs(600);
    assert_eq!(allocator::refusing(|| threads.collect(&[main])), (1 + 3000 + 1200, vec![]));
    let (visited, lost) = threads.collect(&[main]);
    assert_eq!((visited, lost.len()), (3001 + THREADS_SHOWN as u64, 1200 - THREADS_SHOWN));
}

#[test]
fn a_thread_whose_task_is_known_stays() {
    let mut threads = Threads::new();
    let first = threads.thread(&[]);
    threads.pairs(THREADS_SHOWN);
    let (one, other) = (threads.thread(&[]), threads.thread(&[]));
    threads.wait(one, other);
    threads.wait(other, one);
    let main = threads.thread(&[one.task.addr()]);
    let (_, lost) = threads.collect(&[main, first]);
    assert_eq!(lost.len(), THREADS_SHOWN, "of the pairs that nobody knows one half is shown");
    // SAFETY: both tasks are alive.
    let kept = unsafe { [(*one.task).waiter.number, (*other.task).waiter.number] };
    assert!(kept.iter().all(|number| !lost.contains(number)));
}
