//! The running worker, as a token.
//!
//! Nearly everything in the runtime works for one worker: the worker whose OS thread runs the code. [`Current`] is the
//! proof that a function was given that worker. A token cannot be sent to another OS thread, and few places make a
//! token: `entry` for each call from compiled code, and each new worker for itself. So a function that takes a token
//! needs no safety condition about the worker. It may touch the worker's private fields, since no other code touches
//! them at the same time.
//!
//! A token stays valid for the whole call: a runtime function returns on the worker on which it was called, since green
//! threads change workers only in a switch of compiled code.

use std::marker::PhantomData;

use weft_abi::{RunQueue, Sp, Worker};

use super::x86_64::current_worker;

/// The worker of this OS thread.
#[derive(Clone, Copy)]
pub struct Current {
    worker: *mut Worker,
    /// Makes the type neither `Send` nor `Sync`.
    _is_of_this_thread: PhantomData<*mut Worker>,
}

impl Current {
    /// The worker of the calling OS thread.
    ///
    /// # Safety
    /// The OS thread belongs to a worker: the caller is compiled code or the run loop.
    pub unsafe fn here() -> Current {
        // SAFETY: the caller guarantees that this OS thread has a worker, and `current_worker` returns it.
        unsafe { Current::of(current_worker()) }
    }

    /// The token of `worker`.
    ///
    /// # Safety
    /// `worker` is the worker of this OS thread, or belongs to no OS thread yet and no other code reaches it.
    pub unsafe fn of(worker: *mut Worker) -> Current {
        Current { worker, _is_of_this_thread: PhantomData }
    }

    /// The worker's address. It is valid as long as the process lives, but only code with the token may use the worker.
    pub fn worker(self) -> *mut Worker {
        self.worker
    }

    /// Whether other workers run green threads of this process. If not, wait lists and tasks are not locked.
    pub fn is_parallel(self) -> bool {
        // SAFETY: workers live as long as the process; only the worker itself writes this word.
        unsafe { (*self.worker).is_parallel != 0 }
    }

    /// The stack pointer of the green thread that called into the runtime; null if no green thread did.
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
        // SAFETY: the worker is alive, and the code takes an address without making a reference.
        unsafe { &raw mut (*self.worker).run_queue }
    }
}
