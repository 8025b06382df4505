//! Schedules by chance, for tests: `WEFT_SCHEDULE=random`.
//!
//! There is one worker. Behind the thread that is to run stands a pseudo-thread in the run queue; whenever the thread
//! stops it is the pseudo-thread's turn, and [`draw`] puts any of the ready threads before it. So programs that do not
//! ask for this pay nothing. Half of the turns end by chance, too, at one of the first safepoints: a thread finds
//! [`REQUEST_LIMIT`] in its limit and comes into the runtime at each of them, which [counts](ends_slice). Clocks have
//! no part in it, so everything repeats for the same `WEFT_SEED`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use weft_abi::Worker;
use weft_abi::scheduling::FAIRNESS_PERIOD;
use weft_abi::stack::REQUEST_LIMIT;
use weft_hot::queue;

use crate::arch;
use crate::stack::pool;
use crate::text::hash;
use crate::workers::run_queue;

/// How many safepoints a turn that ends by chance has at most. Few, since what goes wrong goes wrong where threads
/// meet.
const LONGEST: u64 = 16;

static IS_ON: OnceLock<bool> = OnceLock::new();
/// Whether the pseudo-thread is in the run queue.
static IS_QUEUED: AtomicBool = AtomicBool::new(false);
/// How many safepoints the turn has left; 0 when chance does not end it.
static LEFT: AtomicU64 = AtomicU64::new(0);

/// Sets whether chance decides, from the text of `WEFT_SCHEDULE`. Call once.
pub fn set(setting: Option<&str>, has_seed: bool) -> Result<(), String> {
    let is_on = match setting {
        None => false,
        Some("random") if has_seed => true,
        Some("random") => {
            return Err("WEFT_SCHEDULE is `random`, but there is no WEFT_SEED to repeat it".to_owned());
        }
        Some(text) => return Err(format!("WEFT_SCHEDULE is `{text}`, but it must be `random`")),
    };
    IS_ON.set(is_on).unwrap_or_else(|_| panic!("BUG: the schedule is set twice"));
    Ok(())
}

/// Whether chance decides.
pub fn is_on() -> bool {
    IS_ON.get() == Some(&true)
}

/// The pseudo-thread was taken out of the run queue.
pub fn begin() {
    IS_QUEUED.store(false, Ordering::Relaxed);
    LEFT.store(0, Ordering::Relaxed);
}

/// Has the pseudo-thread come after the main thread, if chance decides.
///
/// # Safety
/// `worker` is the running worker, the only one, and runs no green thread yet.
pub unsafe fn start(worker: *mut Worker) {
    if is_on() {
        IS_QUEUED.store(true, Ordering::Relaxed);
        // SAFETY: the pseudo-thread is in no queue.
        unsafe { run_queue::ready(worker, arch::DRAW.sp()) }
    }
}

/// Draws who comes next, if chance decides and the pseudo-thread does not come anyway.
///
/// # Safety
/// `worker` is the running worker, and its run queue is not empty.
pub unsafe fn draw(worker: *mut Worker) {
    if !is_on() || IS_QUEUED.swap(true, Ordering::Relaxed) {
        return;
    }
    // SAFETY: places between head and tail hold what is ready; there is room for two before the head, as `ready_first`
    // sees to.
    unsafe {
        let queue = &mut (*worker).run_queue;
        let drawn = hash::random_below(queue::length(queue) as u64) as usize;
        queue.head.swap(queue::behind(queue, queue.head, drawn));
        let sp = queue::take(queue).read();
        // What this thread spawns or wakes is not preferred when it stops.
        (*worker).next_preferences = FAIRNESS_PERIOD - 1;
        run_queue::ready_first(worker, arch::DRAW.sp());
        run_queue::ready_first(worker, sp);
        let is_thread = pool::lock().block_of(sp).is_some();
        if is_thread && hash::random_below(2) == 0 {
            LEFT.store(1 + hash::random_below(LONGEST), Ordering::Relaxed);
            // The thread's limit lies behind its resume address.
            sp.cast::<u64>().add(1).write(REQUEST_LIMIT);
        }
    }
}

/// Whether the running thread's turn ends at this safepoint.
pub fn ends_slice() -> bool {
    let left = LEFT.load(Ordering::Relaxed);
    if left > 0 {
        LEFT.store(left - 1, Ordering::Relaxed);
    }
    left == 1
}

/// The running thread goes on after a safepoint, and comes to the next one if chance ends its turn.
pub fn go_on() {
    if LEFT.load(Ordering::Relaxed) > 0 {
        arch::set_stack_limit(std::ptr::without_provenance_mut(REQUEST_LIMIT as usize));
    }
}
