//! The runtime library of compiled Weft programs.
//!
//! Compiled code switches between green threads by itself, with the hot paths of `weft-hot` inlined. What it calls
//! here are the slow paths, output, strings and reports; all of it runs on the worker's own stack. The modules stand
//! in reading order, and a module uses only those above it.
#![cfg_attr(
    test,
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "most of it is reached from `entry` alone, which needs compiled code"
    )
)]

/// System calls, and the allocator of Rust code. After this no other module makes a system call.
mod os;
/// Stack pointers and registers: what Rust cannot say.
mod arch;
/// Values as text, string objects, hashes.
mod text;
/// Standard streams, files, strings for C.
mod io;
/// Stacks of green threads, and their growth.
mod stack;
/// Memory for objects: allocation, marking, sweeping. It knows no threads.
mod heap;
/// Stack traces of green threads.
mod trace;
/// Workers: run queues, requests, stop the world.
mod workers;
/// Everything that a green thread can wait for, and its end.
mod wait;
/// Panics, deadlocks, faults and thread dumps as text.
mod report;
/// Garbage collection.
mod gc;
/// The scheduler.
mod sched;
/// The symbols that compiled code calls, and the start of the process. Only this module exports any.
#[cfg(not(test))]
mod entry;
