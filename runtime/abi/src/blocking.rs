//! The record of a blocking call, and the protocol of the OS threads that use it.
//!
//! ```text
//! green thread                 worker                              pool thread
//!   BlockingNew                  memory for the call
//!   stores the arguments
//!   BlockingSubmit               into the pool's queue ──────────▶ function(call)
//!   parks: sp into its Task      runs other green threads            arguments ──▶ result
//!                                polls the inbox  ◀─────────────  into the worker's inbox
//!   goes on, loads the result    makes the green thread ready
//!   BlockingFree
//! ```
//!
//! The pool thread does not know the heap. Objects among the arguments stay alive, because the collector takes the
//! arguments of calls that have not returned for references, and they stay where they are.

use crate::task::Task;
use crate::wait_state::WaitTicket;

/// A call. Its arguments follow the struct, one word each.
#[repr(C)]
pub struct BlockingCall {
    /// The green thread that waits.
    pub task: *mut Task,
    /// The multi-wait that its result ends.
    pub ticket: WaitTicket,
    /// The function that the pool runs: `extern "C" fn(*mut BlockingCall)`. It takes the arguments from behind the
    /// struct and leaves the result in it.
    pub function: *const u8,
    /// The result's bits.
    pub result: u64,
    /// The number of words of arguments.
    pub words: u64,
    /// The way in which the result is freed.
    pub kind: BlockingResult,
}

/// The meaning of the result's bits. It tells how the result of a call is freed whose thread was cancelled.
#[repr(u64)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockingResult {
    /// A number, a pointer that C owns, or nothing.
    Plain = 0,
    /// A copy by `CStringKeep`, or null.
    String = 1,
    /// The number of an outcome, which `OutcomeFree` frees.
    Outcome = 2,
}

impl BlockingResult {
    /// The kind of that number; `None` if there is none.
    pub const fn of_number(number: i64) -> Option<BlockingResult> {
        match number {
            0 => Some(BlockingResult::Plain),
            1 => Some(BlockingResult::String),
            2 => Some(BlockingResult::Outcome),
            _ => None,
        }
    }
}

const _: () = assert!(size_of::<BlockingCall>() == 48);
