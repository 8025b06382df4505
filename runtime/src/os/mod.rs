//! System calls: memory, files, clocks, signals, futexes. Only this folder makes any; other modules ask it in bytes and
//! addresses.

/// Mappings: reserved, committed, moved, discarded.
mod memory;
/// File descriptors and error numbers.
mod files;
/// The monotonic clock, and random numbers.
mod clock;
/// Event words, on which a worker sleeps.
mod futex;
/// Warnings, and ends of the process that the runtime decides on.
mod process;
/// Mutexes with ranks, and the order in which they are taken.
pub mod locks;
/// The allocator of all Rust code in the process: after this no allocation fails in silence.
pub mod allocator;
/// Signal masks, signal stacks, handlers of C code.
mod signals;
/// The handler of memory faults.
mod faults;
/// The handler of `SIGQUIT`, and the timer that repeats it.
mod quit_signal;

pub use clock::{now, random};
pub use faults::{Fault, report_faults};
pub use files::{error_number, is_closed, open_standard_streams, read, write};
pub use futex::{signal_event, wait_for_event};
pub use memory::{
    LARGEST_RESERVATION, PAGE, allocate_aligned, allocate_for_c, commit, discard, free_for_c, move_pages,
    prefer_large_pages, release, reserve_share,
};
pub use process::{die, die_without_memory, warn_of_no_thread};
pub use quit_signal::{on_quit, quit_again_after};
pub use signals::{
    Action, set_handler, set_simple_handler, use_signal_stack, without_signals, without_signals_but_faults,
};
