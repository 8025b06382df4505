//! Numbers of green threads.

use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::Worker;

use crate::arch::valgrind;

/// How many numbers a worker gets at once: so that spawning needs no word that all workers write.
const NUMBERS: u64 = 256;

/// The last number that was given to a worker, once there are several.
static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// From now on workers get their numbers from [`next`].
///
/// # Safety
/// `worker` is the running worker, so far the only one.
pub unsafe fn share_numbers(worker: *mut Worker) {
    // SAFETY: as the caller promises.
    unsafe {
        (*worker).last_number = (*worker).last_task;
        LAST_NUMBER.store((*worker).last_task, Ordering::Relaxed);
    }
}

/// The number of a new thread, the first of some that are this worker's: all of them while it is the only one. Under
/// Valgrind it is one number, so that every spawn asks.
///
/// # Safety
/// `worker` is the running worker, and has no number left.
pub unsafe fn next(worker: *mut Worker) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        if (*worker).is_parallel == 0 {
            let number = (*worker).last_task + 1;
            (*worker).last_number = if valgrind::is_on() { number } else { u64::MAX };
            return number;
        }
        let count = if valgrind::is_on() { 1 } else { NUMBERS };
        let before = LAST_NUMBER.fetch_add(count, Ordering::Relaxed);
        (*worker).last_number = before + count;
        before + 1
    }
}

/// How many threads were ever made.
///
/// # Safety
/// These are all workers, and none of them spawns meanwhile.
pub unsafe fn spawned(workers: &[*mut Worker]) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        match workers {
            [only] if (**only).is_parallel == 0 => (**only).last_task,
            several => {
                let left = several.iter().map(|&worker| (*worker).last_number - (*worker).last_task);
                LAST_NUMBER.load(Ordering::Relaxed) - left.sum::<u64>()
            }
        }
    }
}
