//! File descriptors that belong to objects of the heap.
//!
//! A program holds an object, an array of words for the library, and the object owns a descriptor until the program
//! closes it or the collector finds the object unreachable. While operations use the descriptor it stays open, so the
//! system cannot give its number to another file in the middle of an operation (as in `fdMutex` of Go's
//! `internal/poll`):
//!
//! ```text
//!   thread 1    acquire: 1 use     read ...............    release: 0 uses, closed ──▶ close(2)
//!   thread 2               close: closed, 1 use
//!   thread 3                          acquire: refused
//! ```
//!
//! The table of descriptors refers to the objects weakly. After marking, the collector passes the set of marks to
//! [`take_lost`]; when the world runs again, [`close_lost`] closes the descriptors of unreachable objects.

use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};

use super::leaks;
use crate::os::locks::{Lock, Rank};

#[cfg(test)]
mod tests;

/// The words of an object that owns a descriptor. All 0 before it owns one; it counts as closed then.
#[repr(C)]
pub struct Descriptor {
    /// [`CLOSED`], plus [`USE`] for each operation that uses the descriptor.
    state: AtomicU64,
    /// The number of the descriptor, plus 1.
    number: u64,
    /// The index in the table of open descriptors, which its lock guards.
    place: u64,
}

/// The number of words of a [`Descriptor`].
pub const WORDS: usize = size_of::<Descriptor>() / size_of::<u64>();

const _: () = assert!(WORDS == weft_abi::IoHandle::DESCRIPTOR_WORDS);

/// An object on the heap and the descriptor in it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Owner {
    object: *const u8,
    descriptor: *mut Descriptor,
}

const CLOSED: u64 = 1;
const USE: u64 = 2;

/// The open descriptors.
struct Table {
    open: Vec<Owner>,
    /// Descriptors of unreachable objects. The capacity is at least the length of `open`: a collection allocates
    /// nothing.
    lost: Vec<OwnedFd>,
}

// SAFETY: the lock orders accesses to the table, and the objects are alive while they are in it.
unsafe impl Send for Table {}

static TABLE: Lock<Table> = Lock::new(Rank::Descriptors, Table { open: Vec::new(), lost: Vec::new() });

/// The use of a descriptor by an operation. The descriptor stays open until the value is dropped.
pub struct Use(*const Descriptor);

impl Descriptor {
    /// Makes an object the owner of a descriptor.
    ///
    /// # Safety
    /// `descriptor` lies in `object`, which is alive. Its words are 0, and no other thread uses them.
    pub unsafe fn adopt(object: *const u8, descriptor: *mut Descriptor, file: OwnedFd) {
        let mut table = TABLE.lock();
        // SAFETY: the caller passes memory of the right size, which no other thread uses.
        unsafe {
            (*descriptor).number = file.into_raw_fd() as u64 + 1;
            (*descriptor).place = table.open.len() as u64;
        }
        table.open.push(Owner { object, descriptor });
        let open = table.open.len();
        table.lost.reserve(open);
    }

    /// Uses the descriptor; `None` if it was closed.
    ///
    /// # Safety
    /// The object of the descriptor is alive until the `Use` is dropped.
    pub unsafe fn acquire(descriptor: *const Descriptor) -> Option<Use> {
        // SAFETY: the caller passes a descriptor that is alive. Its number is written before others know the object.
        let (state, number) = unsafe { (&(*descriptor).state, (*descriptor).number) };
        if number == 0 {
            return None;
        }
        let more = |state: u64| (state & CLOSED == 0).then_some(state + USE);
        state.fetch_update(Ordering::Acquire, Ordering::Relaxed, more).ok().map(|_| Use(descriptor))
    }

    /// Closes the descriptor, at once or when the operations that use it have ended. Calls `before` first. Returns
    /// false, and does nothing, if it is closed.
    ///
    /// # Safety
    /// As for [`Descriptor::acquire`].
    pub unsafe fn close(descriptor: *const Descriptor, before: impl FnOnce(RawFd)) -> bool {
        // SAFETY: the caller passes a descriptor that is alive. The first call that sets the bit is one more user, so
        // the descriptor is open while it runs.
        unsafe {
            if (*descriptor).number == 0 {
                return false;
            }
            let close = |state: u64| (state & CLOSED == 0).then_some((state + USE) | CLOSED);
            let state = &(*descriptor).state;
            if state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, close).is_err() {
                return false;
            }
            let last = Use(descriptor);
            before(last.as_raw_fd());
            drop(last);
        }
        true
    }

    /// The number of a descriptor, for reports: it may be closed.
    ///
    /// # Safety
    /// As for [`Descriptor::acquire`].
    pub unsafe fn number(descriptor: *const Descriptor) -> RawFd {
        // SAFETY: the caller passes a descriptor that is alive.
        unsafe { (*descriptor).number as RawFd - 1 }
    }

    /// Closes the descriptor, and removes the object from the table.
    ///
    /// # Safety
    /// The object is closed, and no operation uses its descriptor. The call is the only one for this object.
    unsafe fn finish(descriptor: *const Descriptor) {
        let mut table = TABLE.lock();
        // SAFETY: an object is in the table until this call or until it is unreachable, and the lock guards `place`.
        let file = unsafe {
            let place = (*descriptor).place as usize;
            table.open.swap_remove(place);
            if let Some(&moved) = table.open.get(place) {
                (*moved.descriptor).place = place as u64;
            }
            OwnedFd::from_raw_fd(Descriptor::number(descriptor))
        };
        drop(table);
        leaks::closed(file.as_raw_fd());
        drop(file);
    }
}

impl AsRawFd for Use {
    fn as_raw_fd(&self) -> RawFd {
        // SAFETY: the object is alive while it is used, and its number does not change.
        unsafe { Descriptor::number(self.0) }
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        // SAFETY: the object is alive while it is used. If it is closed and this was the last use, no other call
        // finishes it: later calls of `acquire` are refused, and `close` has seen this use.
        unsafe {
            if (*self.0).state.fetch_sub(USE, Ordering::AcqRel) == USE | CLOSED {
                Descriptor::finish(self.0);
            }
        }
    }
}

/// Takes the descriptors of objects without a mark out of the table.
///
/// # Safety
/// The world is stopped. An object without a mark is unreachable, and its memory is not freed yet.
pub unsafe fn take_lost(is_marked: impl Fn(*const u8) -> bool) {
    let mut table = TABLE.lock();
    let Table { open, lost } = &mut *table;
    let mut place = 0;
    while let Some(&Owner { object, descriptor }) = open.get(place) {
        // SAFETY: objects in the table are alive, or unreachable but not freed. The table owns the descriptor of an
        // unreachable object: no operation uses it, since a call keeps its arguments reachable.
        unsafe {
            if is_marked(object) {
                (*descriptor).place = place as u64;
                place += 1;
            } else {
                lost.push(OwnedFd::from_raw_fd(Descriptor::number(descriptor)));
                open.swap_remove(place);
            }
        }
    }
}

/// Closes the descriptors of unreachable objects.
pub fn close_lost() {
    let mut table = TABLE.lock();
    if table.lost.is_empty() {
        return;
    }
    let room = Vec::with_capacity(table.open.len());
    let lost = std::mem::replace(&mut table.lost, room);
    drop(table);
    lost.iter().for_each(|file| leaks::lost(file.as_raw_fd()));
    drop(lost);
}
