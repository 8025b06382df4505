use std::ptr::null_mut;

use weft_abi::layout::RESULT_WORDS;
use weft_abi::{Kind, RunQueue, Site, Task, TaskState, well_known};

use super::*;
use crate::heap::Heap;

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

/// Green threads that look as if they had been suspended.
struct Threads {
    heap: Heap,
    stacks: Stacks,
    worker: Box<Worker>,
    collections: u64,
}

/// One of them.
#[derive(Clone, Copy)]
struct Thread {
    task: *mut Task,
    sp: Sp,
}

impl Threads {
    fn new() -> Threads {
        let worker = Worker {
            system_sp: null_mut(),
            green_sp: null_mut(),
            run_queue: RunQueue { ring: null_mut(), mask: 0, head: 0, tail: 0 },
            free_stacks: null_mut(),
            heap_next: null_mut(),
            heap_end: null_mut(),
            last_task: 0,
            ended_tasks: 0,
            lost_tasks: 0,
            results: [0; RESULT_WORDS],
        };
        // SAFETY: the table describes all objects of these tests.
        let heap = unsafe { Heap::new(DESCRIPTORS.as_ptr(), None).unwrap() };
        Threads { heap, stacks: Stacks::reserve().unwrap(), worker: Box::new(worker), collections: 0 }
    }

    fn object(&mut self, descriptor: u32, size: usize) -> *mut u8 {
        // SAFETY: the size is the descriptor's, for an array without elements too.
        unsafe { self.heap.allocate(&mut *self.worker, Header::new(descriptor), size).unwrap() }
    }

    /// A thread whose stack holds these words.
    fn thread(&mut self, held: &[usize]) -> Thread {
        let block = self.stacks.allocate(0).unwrap();
        let task = self.object(well_known::TASK, size_of::<Task>()).cast::<Task>();
        self.worker.last_task += 1;
        // SAFETY: the task is new, and the block is large enough for the words.
        unsafe {
            task.write(Task {
                header: Header::new(well_known::TASK),
                result: 0,
                waiter: null_mut(),
                stack_top: block.top(),
                site: std::ptr::null::<Site>(),
                number: self.worker.last_task,
                state: TaskState::Alive as u32,
                stack_class: 0,
                scanned: 0,
            });
            let top = block.top().cast::<usize>();
            top.sub(1).write(task.expose_provenance());
            // Resume address, limit and mailbox first.
            let sp = top.sub(1 + held.len() + 3);
            [&[0, 0, 0], held]
                .concat()
                .iter()
                .enumerate()
                .for_each(|(index, &word)| sp.add(index).write(word));
            Thread { task, sp: sp.cast() }
        }
    }

    /// `who` waits for `whom`.
    fn wait(&self, who: Thread, whom: Thread) {
        // SAFETY: both are threads.
        unsafe {
            behind(who.sp).write((*whom.task).waiter);
            (*whom.task).waiter = who.sp;
        }
    }

    /// Collects with these threads as the ready ones. Returns how many were seen and the numbers of those lost.
    fn collect(&mut self, ready: &[Thread]) -> (u64, Vec<u64>) {
        self.collections += 1;
        // SAFETY: nothing runs.
        unsafe {
            let marker = self.heap.begin(&mut *self.worker);
            let mut tracer = Tracer::new(&self.stacks, marker, self.collections);
            ready.iter().for_each(|thread| tracer.suspended(thread.sp));
            tracer.trace();
            let lost = if tracer.visited < self.worker.last_task { tracer.lost() } else { Vec::new() };
            let numbers = lost.iter().map(|block| (*block.owner()).number).collect();
            let visited = tracer.visited;
            self.heap.finish();
            (visited, numbers)
        }
    }

    /// So many pairs of threads that wait for each other; nobody else knows them.
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
    // Each waits for the next, and the next does not know it.
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
    // The lowest numbers stay.
    assert_eq!(lost, (2 + THREADS_SHOWN as u64..2 + 400).collect::<Vec<_>>());
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
    let kept = unsafe { [(*one.task).number, (*other.task).number] };
    assert!(kept.iter().all(|number| !lost.contains(number)));
}

#[test]
fn who_waits_for_something_outside_stays() {
    let mut threads = Threads::new();
    let main = threads.thread(&[]);
    threads.pairs(THREADS_SHOWN);
    let string = threads.object(well_known::BYTES, 16);
    let sleeper = threads.thread(&[string.addr()]);
    let waiter = threads.thread(&[]);
    threads.wait(waiter, sleeper);
    let (visited, lost) = threads.collect(&[main]);
    assert_eq!(visited, 3 + THREADS_SHOWN as u64);
    assert_eq!(lost.len(), THREADS_SHOWN);
}

#[test]
fn settings() {
    assert_eq!(Settings::parse(None, None), Ok(Settings::default()));
    assert_eq!(Settings::parse(Some("0"), Some("7")), Ok(Settings { log: false, stress: Some(7) }));
    assert_eq!(Settings::parse(Some("1"), None), Ok(Settings { log: true, stress: None }));
    for wrong in ["", "0", "-1", "x", "1.5"] {
        assert!(Settings::parse(None, Some(wrong)).is_err(), "{wrong}");
    }
}
