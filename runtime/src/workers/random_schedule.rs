//! Random schedules, for tests: `WEFT_SCHEDULE=random`.
//!
//! There is one worker. In the run queue the pseudo-thread `DRAW` follows the next thread to run. Whenever that thread
//! stops, `DRAW` runs, and [`draw`] puts a random runnable thread and then `DRAW` at the head:
//!
//! ```text
//!   head  B  DRAW  A  C  tail     B runs, and yields
//!   head  DRAW  A  C  B  tail     DRAW runs, and draws C
//!   head  C  DRAW  B  A  tail     C runs
//! ```
//!
//! A switch needs no check for random schedules, so programs without them pay nothing. Half of the time slices also end
//! at random: the thread's limit is [`REQUEST_LIMIT`], so the thread calls the runtime at each safepoint, where
//! [`ends_slice`] counts the safepoints. No clock is used, so the schedule is the same for the same `WEFT_SEED`.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use weft_abi::scheduling::FAIRNESS_PERIOD;
use weft_abi::stack::REQUEST_LIMIT;
use weft_hot::queue;

use super::run_queue;
use crate::arch::{self, Current};
use crate::stack::pool;
use crate::text::hash;

/// The largest number of safepoints in a time slice that ends at random. The number is small, because errors occur
/// where threads interact, and during a long slice a thread runs past such places without an interruption.
const LONGEST: u64 = 16;

static IS_ON: OnceLock<bool> = OnceLock::new();
/// Whether `DRAW` is in the run queue.
static IS_QUEUED: AtomicBool = AtomicBool::new(false);
/// The number of safepoints until the time slice ends; 0 if the slice does not end at random.
static LEFT: AtomicU64 = AtomicU64::new(0);

/// Sets whether schedules are random, from the text of `WEFT_SCHEDULE`. Call once.
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

/// Whether schedules are random.
pub fn is_on() -> bool {
    IS_ON.get() == Some(&true)
}

/// Records that `DRAW` was taken out of the run queue, and that the time slice of the thread before `DRAW` is over.
pub fn begin() {
    IS_QUEUED.store(false, Ordering::Relaxed);
    LEFT.store(0, Ordering::Relaxed);
}

/// If schedules are random, puts `DRAW` into the run queue, so that `DRAW` runs when the main thread stops for the
/// first time. There is only one worker, which runs no thread yet.
pub fn start(current: Current) {
    if is_on() {
        IS_QUEUED.store(true, Ordering::Relaxed);
        // SAFETY: a pseudo-thread looks like a suspended thread, and `DRAW` is in no queue yet.
        unsafe { run_queue::ready(current, arch::DRAW.sp()) }
    }
}

/// Draws the next thread if schedules are random and `DRAW` is not in the queue already.
///
/// # Safety
/// The run queue is not empty.
pub unsafe fn draw(current: Current) {
    if !is_on() || IS_QUEUED.swap(true, Ordering::Relaxed) {
        return;
    }
    // SAFETY: `current` is the token of the running worker, so no other code changes its queue. The queue is not empty,
    // so the drawn slot has an entry; `ready_first` makes room. The limit of a suspended thread lies behind its resume
    // address.
    unsafe {
        let queue = &mut *current.run_queue();
        let drawn = hash::random_below(queue::length(queue) as u64) as usize;
        queue.head.swap(queue::behind(queue, queue.head, drawn));
        let sp = queue::take(queue).read();
        // With this value the next result of `is_preferred` is false: when the drawn thread stops, the threads that it
        // has spawned or woken are not moved to the head, before `DRAW`.
        (*current.worker()).next_preferences = FAIRNESS_PERIOD - 1;
        run_queue::ready_first(current, arch::DRAW.sp());
        run_queue::ready_first(current, sp);
        let is_thread = pool::lock().block_of(sp).is_some();
        if is_thread && hash::random_below(2) == 0 {
            LEFT.store(1 + hash::random_below(LONGEST), Ordering::Relaxed);
            sp.cast::<u64>().add(1).write(REQUEST_LIMIT);
        }
    }
}

/// Counts a safepoint of the running thread; returns whether the thread's time slice ends now.
pub fn ends_slice() -> bool {
    let left = LEFT.load(Ordering::Relaxed);
    if left > 0 {
        LEFT.store(left - 1, Ordering::Relaxed);
    }
    left == 1
}

/// Makes the running thread, which goes on after a safepoint, call the runtime at its next safepoint, too, if the
/// thread's slice ends at random.
pub fn go_on() {
    if LEFT.load(Ordering::Relaxed) > 0 {
        arch::set_stack_limit(std::ptr::without_provenance_mut(REQUEST_LIMIT as usize));
    }
}
