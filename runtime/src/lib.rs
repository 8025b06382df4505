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

/// Memory, signals, file descriptors and clocks. Only this module makes system calls.
mod os;
/// Memory for what the runtime itself keeps.
mod memory;
/// How values are shown and formatted.
mod text;
/// The seed, and hashes that depend on it.
mod hash;
/// Standard output's buffer.
mod output;
/// Standard input's buffer.
mod input;
/// What operations on files bring.
mod outcome;
/// Strings for C and from C.
mod foreign;
/// String objects: read, compared and built in memory that the heap gives.
mod strings;
/// Stack traces of green threads, with names and positions from the executable's debug information.
mod trace;
/// The texts of panics, deadlocks and faults.
mod report;
/// Stack pointers and registers: what Rust cannot say.
mod arch;
/// Reports to Valgrind's tools about green threads.
mod valgrind;
/// Blocks of memory for stacks, by size class.
mod stacks;
/// Memory for objects, and which of it is free.
mod heap;
/// The state of an OS thread that runs green threads.
mod worker;
/// How one thread of the system gets the attention of another.
mod attention;
/// Schedules by chance, for tests.
mod chance;
/// What asks for an overview of all green threads.
mod quit;
/// What other threads of the system bring a worker.
mod inbox;
/// All workers: how they become more, stop together, and find work.
mod crew;
/// The chain of mutexes, scopes and deferred blocks of a thread.
mod cleanups;
/// Threads that wait by choice, and what follows when a thread ends.
mod waiting;
/// Times at which threads are woken.
mod timers;
/// A thread of the system that ends turns.
mod ticker;
/// Calls that threads of a pool make.
mod blocking;
/// Stacks that grow by moving.
mod growth;
/// Garbage collection: when, and from which roots.
mod collect;
/// The causes of panics that pass from a thread to the one that joins it.
mod passed_on;
/// Green threads as reports show them.
mod inspect;
/// The report that nothing can run any more.
mod deadlock;
/// The overview of all green threads that a signal asks for.
mod overview;
/// Cancellation, and the end of threads that panic or were cancelled.
mod cancel;
/// What a worker does between green threads.
mod idle;
/// How a worker hands over green threads.
mod share;
/// What happens where a green thread can be stopped.
mod safepoint;
/// How green threads and the process end when something is wrong.
mod failure;
/// The symbols that compiled code calls, and the start of the process. Only this module exports any.
#[cfg(not(test))]
mod entry;
