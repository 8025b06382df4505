//! Numbers of green threads, which reports name them by. The main thread is 1.
//!
//! While there is one worker it counts by itself. From then on each worker takes [`NUMBERS`] at a time from a shared
//! counter and hands them out alone:
//!
//! ```text
//!   one worker, after 700 threads:      last_task 700
//!   share_numbers:                      the shared counter is 700
//!   worker A runs out: 701 to 956       worker B runs out: 957 to 1212
//! ```

use std::sync::atomic::{AtomicU64, Ordering};

use weft_abi::Worker;

use crate::arch::{Current, valgrind};

/// The numbers that a worker gets at once. More would leave larger gaps in the numbers that reports show; fewer would
/// have spawning workers meet at the shared counter more often.
const NUMBERS: u64 = 256;

/// The last number that was given to a worker, once there are several.
static LAST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// Begins to share: from now on workers get their numbers from [`next`]. The current worker is still the only one.
pub fn share_numbers(current: Current) {
    // SAFETY: the token makes the worker ours.
    unsafe {
        (*current.worker()).last_number = (*current.worker()).last_task;
        LAST_NUMBER.store((*current.worker()).last_task, Ordering::Relaxed);
    }
}

/// The number of a new thread of the current worker, which has none left. It is the first of a range that is now the
/// worker's: of all numbers while it is alone. Under Valgrind the range is this number alone, so that every spawn comes
/// here.
pub fn next(current: Current) -> u64 {
    let worker = current.worker();
    // SAFETY: the token makes the worker ours.
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

/// The number of threads that were ever spawned.
///
/// # Safety
/// These are all workers, and the world is stopped.
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
