//! Wait lists: the threads that wait for one thing, in the order of their arrival.
//!
//! A list has two sides, such as the receivers and the senders of a channel. Its lock is a spin lock of one word, since
//! a holder only does a few stores. With one worker no lock is taken: a green thread loses its worker only at yield
//! points and safepoints, and neither occurs between lock and unlock.
//!
//! [`LockedList`] is the proof that a list is locked, and unlocks the list when it is dropped. Compiled code locks
//! lists, too (`weft_lock_list`), and calls the runtime before it unlocks them; for such a list `entry` calls
//! [`held`](LockedList::held), whose result does not unlock the list.
//!
//! ```text
//!   receiver A waits on side 0, then a select of thread B:
//!
//!   WaitList ──sides[0].first──▶ A: Task ──next──▶ B's arm: SelectArm ──next──▶ null
//!       └──────sides[0].last───────────────────────▲
//! ```
//!
//! A waiter in a list is alive: the threads that would wake the waiter reach the list, and the collector keeps the
//! waiters of a reachable list.

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU32, Ordering};

use weft_abi::{Header, TraceKind, WaitKind, WaitList, WaitListObject, Waiter, well_known};
use weft_hot::wait;

use crate::arch::Current;
use crate::timeline;
use crate::workers::{run_queue, stop_the_world};

/// The header of lists, mutexes, scopes and select arms.
pub const HEADER: Header = Header::new(well_known::WORDS);

/// The number of words behind the length in an object with the descriptor `WORDS`, of `size` bytes.
pub(super) const fn words_behind_length(size: usize) -> u64 {
    (size / size_of::<u64>() - 2) as u64
}

/// Makes a list in an object of `size` bytes.
///
/// # Safety
/// `memory` is a new object, which is zero except for its header.
pub unsafe fn make_list(memory: *mut WaitListObject, size: usize, kind: WaitKind) {
    // SAFETY: only the caller knows the object yet, and the fields of an empty list are zeros.
    unsafe {
        (*memory).length = words_behind_length(size);
        (*memory).list.kind = kind as u32;
    }
}

/// Takes a lock of one word, which is held for a few instructions only. Obeys a request to stop the world while it
/// spins: the holder may be stopped.
///
/// # Safety
/// The word is a lock and remains alive, and the caller holds none of `os::locks`.
pub unsafe fn spin(current: Current, lock: *mut u32) {
    // SAFETY: the word is alive and only used as an atomic. The caller holds no mutex, so the collector does not wait
    // for a mutex of this worker while the worker is stopped.
    unsafe {
        while !wait::try_lock(lock) {
            while AtomicU32::from_ptr(lock).load(Ordering::Relaxed) != 0 {
                stop_the_world::stop_if_asked(current);
                std::hint::spin_loop();
            }
        }
    }
}

/// A locked wait list; dropping the value unlocks the list.
pub struct LockedList(*mut WaitList);

impl LockedList {
    /// Locks a list.
    ///
    /// # Safety
    /// The list is alive as long as it is locked; the caller holds none of `os::locks`.
    pub unsafe fn lock(current: Current, list: *mut WaitList) -> LockedList {
        // SAFETY: the lock is alive as long as its list.
        unsafe {
            if current.is_parallel() {
                spin(current, &raw mut (*list).lock);
            }
        }
        LockedList(list)
    }

    /// The proof for a list that compiled code has locked and will unlock.
    ///
    /// # Safety
    /// The list is alive and locked, and is not unlocked before the result's last use.
    pub unsafe fn held(list: *mut WaitList) -> ManuallyDrop<LockedList> {
        ManuallyDrop::new(LockedList(list))
    }

    /// Leaves the list locked. Compiled code unlocks the list.
    pub fn keep_locked(self) -> *mut WaitList {
        ManuallyDrop::new(self).0
    }

    /// The first waiter of a side; null if the side is empty.
    pub fn first(&self, side: usize) -> *mut Waiter {
        // SAFETY: a locked list is alive.
        unsafe { (*self.0).sides[side].first }
    }

    /// The waiter behind `waiter` in the list; null if `waiter` is the last.
    ///
    /// # Safety
    /// The waiter is in this list.
    pub unsafe fn next(&self, waiter: *mut Waiter) -> *mut Waiter {
        // SAFETY: waiters in a list are alive, and the lock protects their links.
        unsafe { (*waiter).next }
    }

    /// Adds a waiter at the end of a side.
    ///
    /// # Safety
    /// The waiter is alive, and in no list.
    pub unsafe fn push(&self, waiter: *mut Waiter, side: u32) {
        // SAFETY: the list is locked, and its waiters are alive.
        unsafe { wait::link(waiter, self.0, side) }
    }

    /// Moves a waiter right before another waiter.
    ///
    /// # Safety
    /// Both waiters are in this list, on the same side.
    pub unsafe fn move_before(&self, waiter: *mut Waiter, other: *mut Waiter) {
        // SAFETY: the list is locked, and its waiters are alive.
        unsafe {
            wait::unlink(waiter);
            (*waiter).list = self.0;
            (*waiter).next = other;
            (*waiter).previous = (*other).previous;
            if (*other).previous.is_null() {
                (*self.0).sides[(*other).side as usize].first = waiter;
            } else {
                (*(*other).previous).next = waiter;
            }
            (*other).previous = waiter;
        }
    }

    /// Takes a waiter out of the list.
    ///
    /// # Safety
    /// The waiter is in this list.
    pub unsafe fn remove(&self, waiter: *mut Waiter) {
        // SAFETY: the list is locked, and its waiters are alive.
        unsafe { wait::unlink(waiter) }
    }

    /// Removes and returns the first waiter of side 0; null if the side is empty. For lists in which only tasks wait.
    pub fn take_first(&self) -> *mut Waiter {
        let first = self.first(0);
        if !first.is_null() {
            // SAFETY: the waiter was just found in the list.
            unsafe { self.remove(first) };
        }
        first
    }

    /// Wakes all threads that wait on side 0. For lists in which only tasks wait.
    pub fn wake_all(&self, current: Current) {
        loop {
            let waiter = self.take_first();
            if waiter.is_null() {
                return;
            }
            // SAFETY: the thread of a task in a list has parked, and only the code that takes the task out of the list
            // wakes it.
            unsafe {
                timeline::record(current, TraceKind::Wake, 1, (*waiter).number, 0);
                run_queue::ready(current, wait::detach(waiter.cast(), 1));
            }
        }
    }

    /// Subtracts a cancelled thread from a barrier's count of arrived threads. Does nothing for other lists.
    pub fn uncount(&self) {
        // SAFETY: a locked list is alive. In a barrier the thread count follows the list.
        unsafe {
            if (*self.0).kind == WaitKind::Barrier as u32 {
                *self.0.add(1).cast::<u64>() -= 1;
            }
        }
    }
}

impl Drop for LockedList {
    fn drop(&mut self) {
        // SAFETY: the list is alive as long as it is locked, and this is its only unlock.
        unsafe { wait::weft_unlock_list(self.0) }
    }
}

/// Takes a waiter out of its list, if the waiter is in a list and `may_leave` returns true under the lock; returns
/// whether the waiter was taken out. Another worker may take the waiter out at the same time: then that worker wakes
/// the thread.
///
/// # Safety
/// The waiter is alive, and during the call only its own thread enters it into a list. The caller holds no lock.
pub unsafe fn withdraw(
    current: Current,
    waiter: *mut Waiter,
    may_leave: impl FnOnce(&LockedList) -> bool,
) -> bool {
    // SAFETY: a list is alive as long as it contains a waiter, and no collection comes between this read and the lock.
    // Under the lock only this code changes the waiter's list.
    unsafe {
        let list = (&raw const (*waiter).list).read_volatile();
        if list.is_null() {
            return false;
        }
        let locked = LockedList::lock(current, list);
        let leaves = (*waiter).list == list && may_leave(&locked);
        if leaves {
            locked.remove(waiter);
        }
        leaves
    }
}
