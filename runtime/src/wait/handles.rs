//! I/O handles: open files for which green threads can wait, such as sockets.
//!
//! The poller reports changes of open files to whichever worker asks, and the worker wakes the threads that wait for
//! the file. A thread that finds nothing to read, and the worker that wakes it:
//!
//! ```text
//!   thread                                     a worker that polls
//!   read: EAGAIN; drained = events = 7
//!   locks the list; events is still 7
//!   waits on side 0, which unlocks the list
//!                                              a change of key 3: the file is readable
//!                                              table: key 3 is this handle
//!                                              locks the list; events = 8; takes the thread out; unlocks
//!                                              the thread is runnable
//!   read: 64 bytes
//! ```
//!
//! The table does not keep handles alive: a collection closes the files of handles that nothing refers to, see
//! `io::descriptors`. But a handle for which a thread waits is a root, since a change outside can wake the thread.

use std::cell::RefCell;
use std::io;
use std::mem::replace;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use weft_abi::library::RECEIVERS;
use weft_abi::trace::{TRACE_BYTES, TraceIo};
use weft_abi::{IoHandle, IoKind, TraceKind, WaitList, WaitListObject};

use super::list::LockedList;
use super::select;
use crate::arch::Current;
use crate::io::descriptors::Descriptor;
use crate::os::locks::{Held, Lock, Rank};
use crate::os::{self, Change};
use crate::timeline;
use crate::workers::{inbox, worker};

/// While threads are runnable, a worker asks for changes at most this often. A shorter interval costs a program that
/// computes more system calls; with a longer one, threads that wait for files start later.
const INTERVAL: Duration = Duration::from_micros(50);

/// The handles of open files.
struct Table {
    entries: Vec<Entry>,
    free: Vec<u32>,
    /// The entry where the last search for an awaited handle ended. The next search begins there.
    hint: usize,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The handle; null in a free entry.
    handle: *mut IoHandle,
    /// The number of handles that have used the entry. Reports for the key of an earlier handle are ignored.
    generation: u32,
}

// SAFETY: handles are on the heap of the process, and the lock orders accesses to the table.
unsafe impl Send for Table {}

static TABLE: Lock<Table> =
    Lock::new(Rank::Handles, Table { entries: Vec::new(), free: Vec::new(), hint: 0 });

/// The number of handles in the table.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The time at which a worker last asked for changes.
static LAST_POLL: AtomicI64 = AtomicI64::new(0);

thread_local! {
    /// The changes that were reported while the worker slept, when it may not touch the heap. Only the runtime's own
    /// code reads this variable, and that code never moves to another worker.
    static CHANGES: RefCell<Vec<Change>> = const { RefCell::new(Vec::new()) };
}

fn table() -> Held<'static, Table> {
    TABLE.lock()
}

impl Entry {
    fn key(self, index: usize) -> usize {
        (self.generation as usize) << 32 | index
    }
}

impl Table {
    /// The handle with a key; `None` if the handle was closed.
    fn find(&self, key: usize) -> Option<*mut IoHandle> {
        let index = key & u32::MAX as usize;
        let entry = self.entries.get(index)?;
        (entry.key(index) == key && !entry.handle.is_null()).then_some(entry.handle)
    }

    fn add(&mut self, handle: *mut IoHandle) -> usize {
        let index = self.free.pop().map_or(self.entries.len(), |index| index as usize);
        if index == self.entries.len() {
            self.entries.push(Entry { handle, generation: 0 });
        }
        self.entries[index].handle = handle;
        COUNT.fetch_add(1, Ordering::SeqCst);
        index
    }

    fn remove(&mut self, index: usize) {
        let entry = &mut self.entries[index];
        entry.handle = ptr::null_mut();
        entry.generation = entry.generation.wrapping_add(1);
        self.free.push(index as u32);
        COUNT.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether a handle has a waiter.
///
/// # Safety
/// The handle is alive.
unsafe fn has_waiter(handle: *const IoHandle) -> bool {
    // SAFETY: another worker may change the list at the same time, but each read is atomic.
    unsafe {
        let sides = &raw const (*handle).object.list.sides;
        (0..2).any(|side| !(&raw const (*sides)[side].first).read_volatile().is_null())
    }
}

/// Whether a change outside can wake a thread that waits for a handle or for what a waiting thread passes on: a
/// subscription to signals counts only while a thread waits for its channel.
///
/// # Safety
/// The handle is alive.
unsafe fn is_awaited(handle: *const IoHandle) -> bool {
    // SAFETY: the handle is alive, and so is the channel as long as the thread waits that passes signals on to it.
    unsafe {
        has_waiter(handle)
            && match kind(handle) {
                IoKind::Socket | IoKind::Pipe | IoKind::Process => true,
                IoKind::Signals => {
                    let channel: *const WaitListObject =
                        ptr::with_exposed_provenance((*handle).detail as usize);
                    !(&raw const (*channel).list.sides[RECEIVERS].first).read_volatile().is_null()
                }
            }
    }
}

/// The kind of a handle's file.
///
/// # Safety
/// The handle is alive.
pub unsafe fn kind(handle: *const IoHandle) -> IoKind {
    // SAFETY: the handle is alive. Its kind does not change once other threads know it.
    IoKind::of_number(unsafe { (*handle).kind })
}

/// The descriptor of a handle.
///
/// # Safety
/// The handle is alive.
pub unsafe fn descriptor(handle: *mut IoHandle) -> *mut Descriptor {
    // SAFETY: the handle is alive, and has room for the descriptor.
    unsafe { (&raw mut (*handle).descriptor).cast() }
}

/// Gives a new handle its file, and watches the file. On an error the file is closed.
///
/// # Safety
/// The handle is alive and has no file, and only the caller's thread uses it.
pub unsafe fn open(handle: *mut IoHandle, file: OwnedFd) -> io::Result<()> {
    let mut table = table();
    let index = table.add(handle);
    let key = table.entries[index].key(index);
    os::watch(file.as_raw_fd(), key).inspect_err(|_| table.remove(index))?;
    drop(table);
    // SAFETY: the caller has the same obligation.
    unsafe {
        (*handle).number = index as u64;
        Descriptor::adopt(handle.cast_const().cast(), descriptor(handle), file);
    }
    Ok(())
}

/// Closes the file of a handle, and wakes the threads that wait for it; their outcome is false. Does nothing if the
/// file is closed or was never opened.
///
/// # Safety
/// The handle is alive, and the caller holds no lock.
pub unsafe fn close(current: Current, handle: *mut IoHandle) {
    // SAFETY: the handle is alive. Only the call that closes the file removes the handle from the table.
    unsafe {
        let forget = |file| {
            table().remove((*handle).number as usize);
            os::forget(file);
        };
        if Descriptor::close(descriptor(handle), forget) {
            (0..2).for_each(|side| wake(current, handle, side, false));
        }
    }
}

/// Whether there is an open handle.
pub fn is_any_open() -> bool {
    COUNT.load(Ordering::SeqCst) > 0
}

/// Whether a thread waits for an open file.
pub fn is_any_awaited() -> bool {
    if !is_any_open() {
        return false;
    }
    let mut table = table();
    let count = table.entries.len();
    let hint = table.hint;
    let awaited = (hint..count).chain(0..hint.min(count)).find(|&index| {
        let handle = table.entries[index].handle;
        // SAFETY: a handle in the table is alive: a collection locks the table to remove those that are not.
        !handle.is_null() && unsafe { is_awaited(handle) }
    });
    table.hint = awaited.unwrap_or(0);
    awaited.is_some()
}

/// Sleeps like [`inbox::Inbox::wait`], and until an open file changes at the longest. [`deliver`] then wakes the
/// threads that wait for these files.
pub fn wait(time: Option<Duration>) {
    let inbox = inbox::own();
    let report = |change| CHANGES.with_borrow_mut(|changes| changes.push(change));
    if is_any_open() && inbox.poll(time, report) {
        LAST_POLL.store(os::now(), Ordering::Relaxed);
    } else {
        inbox.wait(time);
    }
}

/// Asks for changes without sleeping, unless a worker has just asked. [`deliver`] then wakes the threads.
pub fn ask() {
    let now = os::now();
    if now - LAST_POLL.load(Ordering::Relaxed) < INTERVAL.as_nanos() as i64 {
        return;
    }
    LAST_POLL.store(now, Ordering::Relaxed);
    inbox::own().poll(Some(Duration::ZERO), |change| CHANGES.with_borrow_mut(|changes| changes.push(change)));
}

/// Wakes the threads that wait for files that have changed.
///
/// # Safety
/// The current worker runs, and holds no lock.
pub unsafe fn deliver(current: Current) {
    let changes = CHANGES.take();
    for change in &changes {
        let Some(handle) = table().find(change.key) else { continue };
        // SAFETY: the handle was in the table. A collection may come while a lock is awaited; it finds the handle on
        // this stack.
        unsafe {
            if change.stops_short {
                (&raw mut (*handle).stops_short).write_volatile(1);
            }
            for (side, is_ready) in [change.is_readable, change.is_writable].into_iter().enumerate() {
                if is_ready {
                    let what = if side == 0 { TraceIo::Read } else { TraceIo::Write };
                    record(current, TraceKind::Change, handle, what, 0);
                    wake(current, handle, side, true);
                }
            }
        }
    }
    // Keeps the memory for the next changes.
    CHANGES.with_borrow_mut(|own| {
        *own = changes;
        own.clear();
    });
}

/// Records that the running thread has transferred bytes.
///
/// # Safety
/// The handle is alive, and a green thread runs.
pub unsafe fn record_transfer(current: Current, handle: *const IoHandle, what: TraceIo, bytes: usize) {
    // SAFETY: the caller has the same obligation.
    unsafe { record(current, TraceKind::Transfer, handle, what, bytes) }
}

/// Records an event of a handle: of the running thread if it is a transfer, and otherwise of the worker.
///
/// # Safety
/// The handle is alive.
unsafe fn record(current: Current, kind: TraceKind, handle: *const IoHandle, what: TraceIo, bytes: usize) {
    if !timeline::has_ring(current) {
        return;
    }
    // SAFETY: the handle is alive, and so is the task of the running thread.
    unsafe {
        let thread = match kind {
            TraceKind::Transfer => (*worker::current_task(current)).waiter.number,
            _ => 0,
        };
        let descriptor = Descriptor::number(descriptor(handle.cast_mut())).max(0) as u64;
        let small = what as u8 | ((*handle).kind as u8) << 4;
        timeline::record(current, kind, small, thread, descriptor << 40 | bytes as u64 & TRACE_BYTES);
    }
}

/// Counts a change of one side of a handle, and wakes the threads that wait for it.
///
/// # Safety
/// The handle is alive, and the caller holds no lock.
unsafe fn wake(current: Current, handle: *mut IoHandle, side: usize, outcome: bool) {
    // SAFETY: the list is alive as its handle, and the words of `events` change only under its lock. Whoever takes a
    // waiter out of the list wakes the waiter. A collection may come while a lock is awaited; it finds the one waiter
    // that is in no list on this stack.
    unsafe {
        let list: *mut WaitList = &raw mut (*handle).object.list;
        let mut is_counted = false;
        loop {
            let locked = LockedList::lock(current, list);
            if !replace(&mut is_counted, true) {
                (*handle).events[side] += 1;
            }
            let waiter = select::take(&locked, side);
            drop(locked);
            if waiter.is_null() {
                return;
            }
            select::wake(current, waiter, outcome);
        }
    }
}

/// Calls `mark` with each handle for which a thread waits.
///
/// # Safety
/// The world is stopped.
pub unsafe fn awaited(mut mark: impl FnMut(*mut IoHandle)) {
    for entry in &table().entries {
        // SAFETY: a handle in the table is alive, and no thread runs.
        if !entry.handle.is_null() && unsafe { has_waiter(entry.handle) } {
            mark(entry.handle);
        }
    }
}

/// Removes the handles that are not marked, whose files the collector closes.
///
/// # Safety
/// The world is stopped, and the other handles are reachable.
pub unsafe fn forget_others(is_marked: impl Fn(*const u8) -> bool) {
    let mut table = table();
    for index in 0..table.entries.len() {
        let handle = table.entries[index].handle;
        if !handle.is_null() && !is_marked(handle.cast_const().cast()) {
            table.remove(index);
            // SAFETY: the sweep has not freed the handle yet.
            os::forget(unsafe { Descriptor::number(descriptor(handle)) });
        }
    }
}
