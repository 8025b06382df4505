//! The runtime library of compiled Weft programs.
//!
//! Compiled code switches between green threads by itself, and the fast paths in `weft-hot` are inlined into compiled
//! code. This library contains the rest of the runtime, which runs on the worker's own stack. The life of a program,
//! with the module of each step:
//!
//! 1. `entry` reads the settings, makes the first worker and the main green thread, and switches to the thread.
//! 2. Compiled code runs. For a slow path, output or text it calls a function of `entry`.
//! 3. A check in a prologue or a loop fails, and the thread calls the safepoint code in `sched`. There `stack` grows
//!    its stack, or the worker serves a request of another OS thread: to stop, to hand over work, or to end the time
//!    slice.
//! 4. A thread waits, in a list or a multi-wait of `wait`. If no other thread is runnable, the worker resumes the run
//!    loop of `sched`.
//! 5. An allocation finds no room: `heap` adds memory. If a collection is due, `gc` collects first.
//! 6. The main thread returns, or `report` prints why the program ends: a panic, a deadlock, a fault.
//!
//! The modules are declared in reading order, and a module uses only modules above it.
#![cfg_attr(
    test,
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "most of it is reached from `entry` alone, which needs compiled code"
    )
)]

/// System calls, locks with ranks, the allocator of Rust code. No other module makes a system call.
mod os;
/// Stack pointers, registers, and the token of the running worker: code that Rust cannot express.
mod arch;
/// String objects, hashes, and the conversion of values to text.
mod text;
/// Standard streams, files, strings for C.
mod io;
/// Traces of schedules: recording, and the file.
mod timeline;
/// Stacks of green threads: the pool of blocks, and growth. Finds the thread to which a stack pointer belongs.
mod stack;
/// Memory for objects: allocation, marking, sweeping. This module does not depend on green threads.
mod heap;
/// Stack traces of green threads.
mod trace;
/// Workers: run queues, inboxes, requests, stop the world.
mod workers;
/// Waiting, waking, cancellation, and the end of a thread.
mod wait;
/// Panics, deadlocks, faults and thread dumps as text.
mod report;
/// Garbage collection: roots, and the trigger.
mod gc;
/// The scheduler: run loop, monitor, work hand-over, safepoints, panics.
mod sched;
/// The symbols that compiled code calls, and the start of the process. Only this module exports symbols.
#[cfg(not(test))]
mod entry;
