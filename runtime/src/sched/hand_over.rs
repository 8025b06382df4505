//! How a worker hands over green threads, to one that is idle or to a new one.

use std::sync::mpsc;
use std::thread;

use weft_abi::{Sp, Worker};
use weft_hot::queue;

use crate::sched::monitor;
use crate::stack::pool;
use crate::workers::inbox::{self, Inbox};
use crate::workers::{registry, run_queue, thread_ids, worker};
use crate::{arch, os};

/// What C may expect of a thread's stack: as much as the first thread of a program usually has.
const STACK: usize = 8 << 20;

/// Hands over half of the ready threads, those that have waited longest, if somebody can run them.
///
/// # Safety
/// `worker` is the running worker, at a safepoint.
pub unsafe fn share(worker: *mut Worker) {
    // SAFETY: what is in the run queue is suspended, and whoever takes it out may resume it.
    unsafe {
        // What is handed over may be among them.
        (*worker).woken_in_slice = 0;
        let run_queue = &raw mut (*worker).run_queue;
        let ready = queue::length(&*run_queue);
        if ready == 0 {
            return;
        }
        let Some(inbox) = registry::idle_inbox().or_else(|| start(worker)) else { return };
        let (mut threads, mut pseudo_threads): (Vec<Sp>, Vec<Sp>) = (Vec::new(), Vec::new());
        while threads.len() < ready.div_ceil(2) && !queue::is_empty(&*run_queue) {
            let sp = queue::take(&mut *run_queue).read();
            let is_thread = pool::lock().block_of(sp).is_some();
            (if is_thread { &mut threads } else { &mut pseudo_threads }).push(sp);
        }
        // A pseudo-thread is this worker's own, and keeps its place: the monitor would see a turn in a queue that has
        // moved, and never end that of a thread behind which only pseudo-threads wait.
        pseudo_threads.into_iter().rev().for_each(|sp| run_queue::ready_first(worker, sp));
        if !threads.is_empty() {
            inbox.put(|contents| contents.threads.extend(threads));
        }
    }
}

/// Starts another worker if one is wanted.
///
/// # Safety
/// As for [`share`].
unsafe fn start(worker: *mut Worker) -> Option<&'static Inbox> {
    if !registry::may_grow() {
        return None;
    }
    // SAFETY: the worker is ours alone, and holds no lock that it did not have to take.
    unsafe {
        if (*worker).is_parallel == 0 {
            thread_ids::share_numbers(worker);
            (*worker).is_parallel = 1;
        }
    }
    let (sender, started) = mpsc::channel();
    let builder = thread::Builder::new().name("weft-worker".to_owned()).stack_size(STACK);
    let spawned = builder.spawn(move || {
        let made = os::use_signal_stack().and_then(|()| worker::create());
        let made = made.map(|worker| {
            // SAFETY: the worker is new, and this is its thread.
            unsafe { (*worker).is_parallel = 1 };
            registry::add(worker, inbox::own());
            (worker, inbox::own())
        });
        let worker = made.as_ref().ok().map(|(worker, _)| *worker);
        let _ = sender.send(made.map(|(_, inbox)| inbox));
        if let Some(worker) = worker {
            // SAFETY: the worker is this thread's.
            unsafe {
                monitor::watch(worker);
                arch::enter(worker, (*worker).idle)
            }
        }
    });
    let inbox =
        spawned.and_then(|_| started.recv().unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into())));
    if let Err(error) = &inbox
        && registry::stop_growing()
    {
        os::warn_of_no_thread("for another worker", error);
    }
    inbox.ok()
}
