//! Reports to Valgrind's tools about green threads.
//!
//! They watch the stack pointer: a small change is a push or a pop, after which memory is new or gone, and only a large
//! one is taken for a change of stacks. Green stacks lie side by side, so each block is registered as a stack. The rest
//! is about what the runtime does with memory that no stack pointer has passed: it lays out stacks, copies them, and
//! looks for references in words that were never written.
//!
//! A request is a sequence of instructions that does nothing on a processor, see `arch`. None is on a hot path: under
//! Valgrind hot paths take slow ones, as far as that is needed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::x86_64::{ask_valgrind, pseudo_threads};
use crate::os;

/// The most address space that is reserved at once under Valgrind: its tools keep a note for each 64 KiB of it.
const LARGEST_RESERVATION: usize = 1 << 32;

static IS_ON: AtomicBool = AtomicBool::new(false);

// Requests of Valgrind's core, and of memcheck, whose numbers begin with its letters.

const RUNNING_ON_VALGRIND: usize = 0x1001;
const STACK_REGISTER: usize = 0x1501;
const MAKE_MEM_UNDEFINED: usize = MEMCHECK + 1;
const MAKE_MEM_DEFINED: usize = MEMCHECK + 2;
const MEMCHECK: usize = (b'M' as usize) << 24 | (b'C' as usize) << 16;

/// Finds out whether the process runs under Valgrind. Call once, at the start.
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

/// The size to ask [`os::reserve_share`] for.
pub fn largest_reservation() -> usize {
    if is_on() { LARGEST_RESERVATION } else { os::LARGEST_RESERVATION }
}

/// Registers the memory from `start` on as a stack, for good.
pub fn register_stack(start: *const u8, size: usize) {
    if is_on() {
        request(STACK_REGISTER, [start.addr(), start.addr() + size - 1]);
    }
}

/// Declares that memory is used anew: it may be written, and its contents mean nothing.
pub fn make_undefined(start: *const u8, size: usize) {
    if is_on() {
        request(MAKE_MEM_UNDEFINED, [start.addr(), size]);
    }
}

/// Declares that any word of this memory may be read: the collector looks through it.
#[inline(always)]
pub fn make_defined(start: *const u8, size: usize) {
    if is_on() {
        request(MAKE_MEM_DEFINED, [start.addr(), size]);
    }
}

fn request(number: usize, [first, second]: [usize; 2]) -> usize {
    ask_valgrind(&[number, first, second, 0, 0, 0])
}
