//! The allocator of the runtime's own data: lists, texts, buffers. It allocates from the C library.
//!
//! When there is no memory left, Rust would end the process with a core dump. This allocator ends the process with a
//! message. It does not panic, because the calling code may hold locks. Code that can go on without the memory uses
//! [`try_reserve`] and [`try_push`] instead.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use crate::os;

/// The allocator of all Rust code in the process.
struct Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

thread_local! {
    /// Whether the running code itself handles a failure to allocate.
    static IS_TRYING: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: every call is forwarded to the system's allocator, which keeps the contract, and its result is returned
// unchanged.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of the same function of `System`.
        checked(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of the same function of `System`.
        checked(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of the same function of `System`.
        checked(unsafe { System.realloc(memory, layout, size) }, size)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of the same function of `System`.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[inline(always)]
fn checked(memory: *mut u8, size: usize) -> *mut u8 {
    if memory.is_null() {
        refused(size);
    }
    memory
}

#[cold]
fn refused(size: usize) {
    if !IS_TRYING.get() {
        os::die_without_memory(size);
    }
}

/// Runs `work`, which itself handles each failure to allocate.
pub fn trying<T>(work: impl FnOnce() -> T) -> T {
    let before = IS_TRYING.replace(true);
    let result = work();
    IS_TRYING.set(before);
    result
}

/// Makes room for `more` elements in a vector.
///
/// # Errors
/// Fails if there is no memory; the vector is unchanged.
#[inline(always)]
pub fn try_reserve<T>(vector: &mut Vec<T>, more: usize) -> Result<(), NoMemory> {
    if vector.capacity() - vector.len() >= more { Ok(()) } else { grow(vector, more) }
}

/// Adds an element to a vector.
///
/// # Errors
/// Fails if there is no memory; the vector is unchanged.
#[inline(always)]
pub fn try_push<T>(vector: &mut Vec<T>, element: T) -> Result<(), NoMemory> {
    try_reserve(vector, 1)?;
    vector.push(element);
    Ok(())
}

/// The system has no memory left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoMemory;

#[cold]
fn grow<T>(vector: &mut Vec<T>, more: usize) -> Result<(), NoMemory> {
    #[cfg(test)]
    if IS_REFUSING.get() {
        return Err(NoMemory);
    }
    trying(|| vector.try_reserve(more)).map_err(|_| NoMemory)
}

#[cfg(test)]
thread_local! {
    static IS_REFUSING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` as if vectors could not grow.
#[cfg(test)]
pub fn refusing<T>(work: impl FnOnce() -> T) -> T {
    IS_REFUSING.set(true);
    let result = work();
    IS_REFUSING.set(false);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_do_without_memory_is_told() {
        let mut bytes = vec![1u8];
        assert_eq!(try_reserve(&mut bytes, usize::MAX / 4), Err(NoMemory));
        assert_eq!(bytes, [1]);
        assert_eq!(try_push(&mut bytes, 2), Ok(()));
        assert_eq!(bytes, [1, 2]);
    }

    #[test]
    fn trying_may_be_nested() {
        trying(|| {
            trying(|| {});
            assert!(IS_TRYING.get());
        });
        assert!(!IS_TRYING.get());
    }
}
