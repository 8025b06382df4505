//! System calls: memory, files, sockets, clocks, signals, futexes. No other module makes system calls.

/// Memory mappings: reserve, commit, move, discard.
mod memory;
/// File descriptors and error numbers.
mod files;
/// Clocks, and random numbers.
mod clock;
/// The poller, which reports changes of open files.
mod poller;
/// Events, for which a worker sleeps.
mod event;
/// Sockets and their addresses.
pub mod sockets;
/// Warnings of the runtime, and fatal errors.
mod process;
/// Mutexes with ranks; the ranks define the order of locking.
pub mod locks;
/// The allocator of all Rust code in the process. It ends the process with a message when there is no memory left.
pub mod allocator;
/// Subscriptions to signals.
pub mod subscriptions;
/// Signal masks, signal stacks, signal handlers of C code.
mod signals;
/// Child processes, and pipes.
pub mod children;
/// The handler of memory faults.
mod faults;
/// The handler of `SIGQUIT`, and the timer that repeats the signal.
mod quit_signal;

pub use clock::{now, random, wall_clock};
pub use event::Event;
pub use faults::{Fault, report_faults};
pub use files::{
    error_number, is_closed, name_of_file, not_ready, open_standard_streams, read, uninterrupted, write,
};
pub use memory::{
    LARGEST_RESERVATION, PAGE, allocate_aligned, allocate_for_c, commit, discard, free_for_c, move_pages,
    prefer_large_pages, release, reserve_share,
};
pub use poller::{Change, forget, is_neglected, watch};
pub use process::{at_exit, die, die_without_memory, warn_of_no_thread};
pub use quit_signal::{on_quit, quit_again_after};
pub use signals::{
    Action, EndSignals, set_handler, set_simple_handler, use_signal_stack, without_signals,
    without_signals_but_faults,
};
