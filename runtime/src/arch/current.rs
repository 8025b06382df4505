//! The running worker, as a token.
//!
//! Nearly everything in the runtime works for one worker: the one whose OS thread runs the code. [`Current`] is the
//! proof that a function was given that worker. It cannot go to another OS thread, and it is made in few places:
//! `entry` makes one for each call of compiled code, assembly passes one on, and a new worker makes its own. So a
//! function that takes a token needs no promise about it, and may touch the fields of the worker that are the worker's
//! alone: no other code does at the same time.
//!
//! A token never gets old. A runtime function returns on the worker that it was called on, since green threads change
//! workers only in the switch of compiled code.

use std::marker::PhantomData;

use weft_abi::{RunQueue, Sp, Worker};

use super::x86_64::current_worker;

/// The worker of this OS thread.
#[derive(Clone, Copy)]
pub struct Current {
    worker: *mut Worker,
    /// Pointers make a type that is neither `Send` nor `Sync`.
    _is_of_this_thread: PhantomData<*mut Worker>,
}

impl Current {
    /// The worker of the OS thread that calls.
    ///
    /// # Safety
    /// The OS thread is a worker: compiled code or the run loop called.
    pub unsafe fn here() -> Current {
        // SAFETY: the caller says that there is a worker, and this is the word that it is found by.
        unsafe { Current::of(current_worker()) }
    }

    /// The token of `worker`.
    ///
    /// # Safety
    /// It is the worker of this OS thread, or belongs to no OS thread yet and is reached by no other code.
    pub unsafe fn of(worker: *mut Worker) -> Current {
        Current { worker, _is_of_this_thread: PhantomData }
    }

    /// The worker's address. It stays valid as long as the process; only a token allows to use what lies there.
    pub fn worker(self) -> *mut Worker {
        self.worker
    }

    /// Whether other workers run green threads of this process. While there is none, no lock is taken.
    pub fn is_parallel(self) -> bool {
        // SAFETY: workers live as long as the process; only the worker itself writes this word.
        unsafe { (*self.worker).is_parallel != 0 }
    }

    /// The stack pointer of the green thread that called into the runtime; null when none did.
    pub fn green_sp(self) -> Sp {
        // SAFETY: as for `is_parallel`.
        unsafe { (*self.worker).green_sp }
    }

    /// Sets the stack pointer with which the green thread goes on after this call into the runtime.
    pub fn set_green_sp(self, sp: Sp) {
        // SAFETY: as for `is_parallel`; the return path of every call into the runtime reads the word.
        unsafe { (*self.worker).green_sp = sp }
    }

    /// The worker's run queue.
    pub fn run_queue(self) -> *mut RunQueue {
        // SAFETY: the worker is alive, and no reference is made.
        unsafe { &raw mut (*self.worker).run_queue }
    }
}
