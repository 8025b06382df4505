//! Numbers of green threads, by which reports name them. The main thread is 1.
//!
//! A single worker counts by itself. If there are several workers, each worker reserves [`NUMBERS`] numbers at a time
//! from a shared counter, and then uses these numbers without access to the counter:
//!
//! ```text
//!   one worker, after 700 threads:      last_task 700
//!   share_numbers:                      the shared counter is 700
//!   worker A runs out: 701 to 956       worker B runs out: 957 to 1212
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::Worker;

use crate::arch::{Current, valgrind};

/// The number of thread numbers that a worker reserves at once. A larger range leaves larger gaps in the numbers that
/// reports show; a smaller range makes spawning workers contend for the shared counter.
const NUMBERS: u64 = 256;

/// The last number that any worker has reserved, once there are several workers.
static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// Prepares for several workers: from now on workers get their numbers from the shared counter in [`next`]. The current
/// worker is still the only worker.
pub fn share_numbers(current: Current) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its private fields.
    unsafe {
        (*current.worker()).last_number = (*current.worker()).last_task;
        LAST_NUMBER.store((*current.worker()).last_task, Ordering::Relaxed);
    }
}

/// Reserves a range of numbers for the current worker, which has used up its numbers, and returns the first number of
/// the range. A single worker reserves all numbers. Under Valgrind a range is one number, so that every spawn takes the
/// slow path, which prepares the new stack for Valgrind.
pub fn next(current: Current) -> u64 {
    let worker = current.worker();
    // SAFETY: `current` is the token of the running worker, so no other code changes its private fields.
    unsafe {
        if !current.is_parallel() {
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

/// The number of green threads that were ever created, the main thread included.
///
/// # Safety
/// `workers` are all workers, and the world is stopped.
pub unsafe fn spawned(workers: &[*mut Worker]) -> u64 {
    // SAFETY: workers live as long as the process, and none of them writes while the world is stopped.
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
