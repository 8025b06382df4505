//! Wait lists: the threads that wait for one thing.

use std::sync::atomic::{AtomicU32, Ordering};

use weft_abi::well_known;
use weft_abi::{Header, WaitKind, WaitList, WaitListObject, Worker};
use weft_hot::wait;

use crate::workers::{run_queue, stop_the_world};

/// The header of the objects here.
pub const HEADER: Header = Header::new(well_known::WORDS);

/// How many words follow the length of an object of the descriptor `WORDS`.
pub(super) const fn words_behind_length(size: usize) -> u64 {
    (size / size_of::<u64>() - 2) as u64
}

/// Makes a list of memory that is zero, an object of so many bytes.
///
/// # Safety
/// `memory` is a new object.
pub unsafe fn make_list(memory: *mut WaitListObject, size: usize, kind: WaitKind) {
    // SAFETY: as the caller promises.
    unsafe {
        (*memory).length = words_behind_length(size);
        (*memory).list.kind = kind as u32;
    }
}

/// Has a list for this worker alone.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn lock(worker: *mut Worker, list: *mut WaitList) {
    // SAFETY: as the caller promises.
    unsafe {
        if (*worker).is_parallel != 0 {
            spin(&raw mut (*list).lock);
        }
    }
}

/// Waits for a lock, which nobody holds for long. Where all workers are to stop this one does, too: who holds the lock
/// may have stopped with it.
///
/// # Safety
/// The lock is alive; this is a worker, and has no lock of the runtime.
pub unsafe fn spin(lock: *mut u32) {
    // SAFETY: as the caller promises.
    unsafe {
        while !wait::try_lock(lock) {
            while AtomicU32::from_ptr(lock).load(Ordering::Relaxed) != 0 {
                stop_the_world::stop_if_asked();
                std::hint::spin_loop();
            }
        }
    }
}

/// Gives a list back.
///
/// # Safety
/// The worker has it.
pub unsafe fn unlock(list: *mut WaitList) {
    // SAFETY: as the caller promises.
    unsafe { wait::weft_unlock_list(list) }
}

/// Makes ready all threads that wait for the end of another.
///
/// # Safety
/// `worker` is the running worker, and has the list.
pub unsafe fn wake_all(worker: *mut Worker, joiners: *mut WaitList) {
    // SAFETY: only tasks join.
    unsafe {
        while !(*joiners).sides[0].first.is_null() {
            let waiter = (*joiners).sides[0].first;
            wait::unlink(waiter);
            run_queue::ready(worker, wait::detach(waiter.cast(), 1));
        }
    }
}

/// The number of threads that have arrived at a barrier, a word behind those of its list.
///
/// # Safety
/// The list is that of a barrier.
pub unsafe fn arrived(list: *mut WaitList) -> *mut u64 {
    // SAFETY: as the caller promises.
    unsafe { list.add(1).cast() }
}
