//! Blocking calls, and the protocol of the OS threads that take part in one.
//!
//! ```text
//! green thread                 worker                              pool thread
//!   BlockingNew                  memory for the call
//!   stores the arguments
//!   BlockingSubmit               into the pool's queue ──────────▶ function(call)
//!   parks: sp into its Task      runs other green threads            arguments ──▶ result
//!                                polls the inbox  ◀─────────────  into the worker's inbox
//!   goes on, loads the result    makes the green thread runnable
//!   BlockingFree
//! ```
//!
//! The pool thread does not allocate on the heap. Objects among the arguments stay alive and at their addresses,
//! because the collector scans the arguments of calls that have not returned, and never moves an object.

use crate::HAS_LAYOUTS;
use crate::task::Task;
use crate::wait_state::WaitTicket;

/// A blocking call. Its arguments follow the struct, one word each.
#[repr(C)]
pub struct BlockingCall {
    /// The green thread that waits.
    pub task: *mut Task,
    /// The multi-wait that ends when the call returns.
    pub ticket: WaitTicket,
    /// The function that the pool runs: `extern "C" fn(*mut BlockingCall)`. It reads the arguments behind the struct
    /// and stores the result in the struct.
    pub function: *const u8,
    /// The result's bits.
    pub result: u64,
    /// The number of arguments, one word each.
    pub words: u64,
    /// The kind of the result, which tells the runtime how to free it.
    pub kind: BlockingResult,
}

/// The kind of a result. The runtime frees the result accordingly if the waiting thread was cancelled.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockingResult {
    /// A number, a pointer that C owns, or nothing.
    Plain = 0,
    /// A copy made by `CStringKeep`, or null.
    String = 1,
    /// The number of an outcome (the result of a file operation), which `OutcomeFree` frees.
    Outcome = 2,
}

impl BlockingResult {
    /// The kind with this number; `None` if there is no such kind.
    pub const fn of_number(number: i64) -> Option<BlockingResult> {
        match number {
            0 => Some(BlockingResult::Plain),
            1 => Some(BlockingResult::String),
            2 => Some(BlockingResult::Outcome),
            _ => None,
        }
    }
}

const _: () = if HAS_LAYOUTS {
    assert!(size_of::<BlockingCall>() == 48);
};
