//! Work hand-over: a worker gives half of its runnable threads to an idle worker or to a new worker.
//!
//! ```text
//!   asked worker    head  A B C D POLL E  tail       6 entries: takes 3 threads from the head
//!                   head  D POLL E  tail             A, B and C go to the idle worker's inbox
//! ```
//!
//! The threads that have waited longest are handed over. A pseudo-thread belongs to its worker and stays in the queue.

use std::sync::mpsc;
use std::thread;

use weft_abi::Sp;
use weft_hot::queue;

use super::monitor;
use crate::arch::{self, Current};
use crate::os;
use crate::stack::pool;
use crate::workers::inbox::{self, Inbox};
use crate::workers::{registry, run_queue, thread_ids, worker};

/// The size of a worker's own stack in bytes: the usual size of the stack of a process's first OS thread, which C code
/// expects. Only touched pages take memory.
const STACK: usize = 8 << 20;

/// Hands over the half of the runnable threads that has waited longest, if another worker can run them. The current
/// worker is at a safepoint.
pub fn hand_over(current: Current) {
    // `reorder` resets the number of threads that the running thread has woken, since such threads may be handed over.
    let ready = run_queue::reorder(current, |queue| queue::length(queue));
    if ready == 0 {
        return;
    }
    let Some(inbox) = registry::idle_inbox().or_else(|| start_worker(current)) else { return };
    let (threads, pseudo_threads) = run_queue::reorder(current, |queue| {
        let (mut threads, mut pseudo_threads): (Vec<Sp>, Vec<Sp>) = (Vec::new(), Vec::new());
        while threads.len() < ready.div_ceil(2) && !queue::is_empty(queue) {
            // SAFETY: the queue is not empty, so it has an entry to take.
            let sp = unsafe { queue::take(queue).read() };
            if pool::lock().block_of(sp).is_some() {
                threads.push(sp);
            } else {
                pseudo_threads.push(sp);
            }
        }
        (threads, pseudo_threads)
    });
    // Pseudo-threads go back to the head. If they went to the tail, the monitor would see that the head has moved, and
    // would never end the slice of a running thread behind which only pseudo-threads wait.
    for sp in pseudo_threads.into_iter().rev() {
        // SAFETY: the entry was just taken out of the queue.
        unsafe { run_queue::ready_first(current, sp) };
    }
    if !threads.is_empty() {
        inbox.put(|contents| contents.threads.extend(threads));
    }
}

/// Starts another worker if more workers may be started; returns its inbox.
fn start_worker(current: Current) -> Option<&'static Inbox> {
    if !registry::may_grow() {
        return None;
    }
    if !current.is_parallel() {
        thread_ids::share_numbers(current);
        // SAFETY: `current` is the token of the running worker, so no other code changes its private fields. At a
        // safepoint the worker changes no list, so no change that began without the list's lock is under way.
        unsafe { (*current.worker()).is_parallel = 1 };
    }
    let (sender, started) = mpsc::channel();
    let builder = thread::Builder::new().name("weft-worker".to_owned()).stack_size(STACK);
    let spawned = builder.spawn(move || {
        let made = os::use_signal_stack().and_then(|()| worker::create());
        match made {
            Ok(current) => {
                // SAFETY: `current` is the token of the running worker, which is new: no other code knows it yet.
                unsafe { (*current.worker()).is_parallel = 1 };
                registry::add(current, inbox::own());
                let _ = sender.send(Ok(inbox::own()));
                monitor::watch(current);
                // SAFETY: the pseudo-thread `IDLE` looks like a suspended thread, and is in no queue.
                unsafe { arch::enter(current.worker(), (*current.worker()).idle) }
            }
            Err(error) => {
                let _ = sender.send(Err(error));
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
