//! Code for stack pointers and registers, which Rust cannot express: one folder for each architecture.

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!("Weft runs on x86-64 Linux so far");

/// x86-64, System V, Linux with glibc.
mod x86_64;
/// The running worker, as a token.
mod current;
/// Requests to Valgrind's tools about the stacks of green threads.
pub mod valgrind;

pub use current::Current;
pub use x86_64::*;
