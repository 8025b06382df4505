//! Requests to Valgrind's tools about the stacks of green threads.
//!
//! Valgrind watches the stack pointer. It regards a small change as a push or a pop, which makes memory undefined or
//! inaccessible, and only a large change as a change of stacks. Green stacks are neighbours in memory, so Valgrind
//! would mistake a switch for a push or a pop. Therefore each block is registered as a stack. The other requests are
//! about memory that the runtime uses while no stack pointer is near: the runtime lays out stacks, copies stacks, and
//! scans words that were never written.
//!
//! A request is a sequence of instructions that has no effect outside of Valgrind, see `x86_64::valgrind`. Fast paths
//! make no requests: where a request is needed, they call a slow path under Valgrind.

use std::sync::atomic::{AtomicBool, Ordering};

use super::x86_64::{ask_valgrind, pseudo_threads};
use crate::os;

/// The largest reservation of address space under Valgrind, in bytes: 4 GiB. Valgrind's tools keep a record for each 64
/// KiB, so a larger reservation would cost the tools much memory.
const LARGEST_RESERVATION: usize = 1 << 32;

static IS_ON: AtomicBool = AtomicBool::new(false);

// The numbers of requests to Valgrind's core and to memcheck; memcheck's numbers begin with the letters `MC`.

const RUNNING_ON_VALGRIND: usize = 0x1001;
const STACK_REGISTER: usize = 0x1501;
const MAKE_MEM_UNDEFINED: usize = MEMCHECK + 1;
const MAKE_MEM_DEFINED: usize = MEMCHECK + 2;
const MEMCHECK: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;

/// Checks whether the process runs under Valgrind, and if so registers the pseudo-threads as stacks. Called once, at
/// the start of the process.
pub fn look() {
    IS_ON.store(request(RUNNING_ON_VALGRIND, [0; 2]) != 0, Ordering::Relaxed);
    if is_on() {
        pseudo_threads().for_each(|(start, size)| register_stack(start, size));
    }
}

/// Whether the process runs under Valgrind.
#[inline(always)]
pub fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

/// The largest size in bytes that callers pass to [`os::reserve_share`].
pub fn largest_reservation() -> usize {
    if is_on() { LARGEST_RESERVATION } else { os::LARGEST_RESERVATION }
}

/// Registers `size` bytes of memory at `start` as a stack. A stack is never unregistered.
pub fn register_stack(start: *const u8, size: usize) {
    if is_on() {
        request(STACK_REGISTER, [start.addr(), start.addr() + size - 1]);
    }
}

/// Declares memory accessible, with undefined contents.
pub fn make_undefined(start: *const u8, size: usize) {
    if is_on() {
        request(MAKE_MEM_UNDEFINED, [start.addr(), size]);
    }
}

/// Declares the contents of memory defined, so that the collector may scan words that were never written.
#[inline(always)]
pub fn make_defined(start: *const u8, size: usize) {
    if is_on() {
        request(MAKE_MEM_DEFINED, [start.addr(), size]);
    }
}

fn request(number: usize, [first, second]: [usize; 2]) -> usize {
    ask_valgrind(&[number, first, second, 0, 0, 0])
}
