//! Causes of panics that a join passes on to the joining thread.
//!
//! The cause of a panic is a string, the message. If a thread panics because it joined a thread that had panicked, the
//! cause is an object that refers to the joined thread and to the first message. So a chain of joins leads back to the
//! first panic:
//!
//! ```text
//!   Task 2 ──result──▶ PassedOn ──▶ Task 3 ──result──▶ PassedOn ──▶ Task 4 ──result──▶ "the message"
//! ```

use std::iter::successors;
use std::ptr::with_exposed_provenance;

use weft_abi::{Header, StringObject, Task, well_known};

/// The cause of a panic that a join has passed on.
#[repr(C)]
struct PassedOn {
    /// The header, with the descriptor `WORDS`.
    header: Header,
    /// The number of the words that follow.
    length: u64,
    /// The message of the first panic.
    message: *const StringObject,
    /// The thread that was joined.
    joined: *const Task,
}

/// The size of a [`PassedOn`] in bytes.
pub const SIZE: usize = size_of::<PassedOn>();

/// Makes the cause of the panic of a thread that has joined `joined`. Returns the address of the object.
///
/// # Safety
/// `memory` is a new object of [`SIZE`] bytes with the descriptor `WORDS`; the joined thread has panicked.
pub unsafe fn create(memory: *mut u8, joined: *const Task) -> u64 {
    let cause = memory.cast::<PassedOn>();
    // SAFETY: the object is new and large enough, and the joined thread has a cause.
    unsafe {
        (*cause).length = 2;
        (*cause).message = message(joined);
        (*cause).joined = joined;
    }
    cause.expose_provenance() as u64
}

/// The message of a thread that has panicked or was cancelled.
///
/// # Safety
/// The thread has panicked or was cancelled, and its task is alive.
pub unsafe fn message(task: *const Task) -> *const StringObject {
    // SAFETY: the result of a thread that has panicked or was cancelled is its cause, a string or a `PassedOn`.
    unsafe {
        match passed_on(task) {
            Some(cause) => (*cause).message,
            None => with_exposed_provenance((*task).result as usize),
        }
    }
}

/// The threads through which a panic was passed on, beginning with `task`: each thread but the last has joined the next
/// thread. Empty for null.
///
/// # Safety
/// `task` has panicked, or is null.
pub unsafe fn chain(task: *const Task) -> impl Iterator<Item = *const Task> {
    // SAFETY: a thread that panicked because of a join has joined a thread that panicked.
    let next = |&task: &*const Task| unsafe { passed_on(task).map(|cause| (*cause).joined) };
    successors((!task.is_null()).then_some(task), next)
}

/// The cause of a thread's panic, if a join has passed the panic on; `None` if the cause is a message.
///
/// # Safety
/// As for [`message`].
unsafe fn passed_on(task: *const Task) -> Option<*const PassedOn> {
    // SAFETY: the result of a thread that panicked is the address of an object.
    unsafe {
        let cause: *const PassedOn = with_exposed_provenance((*task).result as usize);
        ((*cause).header.descriptor == well_known::WORDS).then_some(cause)
    }
}
