//! Tasks: green threads as other threads see them, and the lists in which threads wait.
//!
//! ```text
//!   WaitList ──first──▶ Waiter ──next──▶ Waiter ──▶ ...     every `Waiter` begins
//!      │                                    ▲                  a `Task`, whose thread waits in this list only, or
//!      └────────────last────────────────────┘                  a `SelectArm`, one arm of a `select`
//! ```
//!
//! While a thread waits, `Task::sp` is its stack pointer, and values are handed over in the mailbox at that address. A
//! program may keep a million tasks of ended threads for their results. So a `Task` has only the words that other
//! threads use, or that matter after the thread's end; the other words of a thread are in the [`StackBase`] of its
//! stack block.

use core::mem::offset_of;
use core::ptr::null_mut;

use crate::HAS_LAYOUTS;
use crate::home::StackHome;
use crate::layout::{MAILBOX_WORDS, Site, Sp};
use crate::object::Header;
use crate::stack::{BLOCK_WORDS, RESERVE};
use crate::wait_state::{WaitState, WaitTicket};

/// An entry of a [`WaitList`]: the beginning of a [`Task`] or a [`SelectArm`].
#[repr(C)]
pub struct Waiter {
    /// The header, with the descriptor `TASK` or, in a [`SelectArm`], `WORDS`.
    pub header: Header,
    /// In a [`Task`]: the thread's number, 1 for the main thread. In a [`SelectArm`]: the number of words that follow.
    pub number: u64,
    /// The next waiter on the same side of the list, or null.
    pub next: *mut Waiter,
    /// The previous waiter on the same side of the list, or null.
    pub previous: *mut Waiter,
    /// The list that contains this waiter, or null.
    pub list: *mut WaitList,
    /// The index of the list's side on which this waiter waits.
    pub side: u32,
    /// In a [`SelectArm`]: the arm's number in its `select`. In a [`Task`]: the number of nested deferred blocks that
    /// the thread runs, plus the bit [`Task::UNWINDING`]; while the field is not 0, cancellation does not take effect.
    pub arm: u32,
}

/// A green thread as other threads see it: the object to which a value of type `Task[T]` refers. A task has the size of
/// two cache lines. To wake a thread that waits in a list, a waker needs only the first cache line.
#[repr(C)]
pub struct Task {
    /// The links of the list in which the thread waits.
    pub waiter: Waiter,
    /// The result's bits when `state` is `Done`. When `state` is `Panicked`, the address of the cause: a
    /// `StringObject`, or an object that refers to a `StringObject`.
    pub result: u64,
    /// The thread's stack pointer while it waits; otherwise null.
    pub sp: Sp,
    /// The limit of the thread's own stack; null when the thread has ended.
    pub stack_limit: *mut u8,
    /// The source position of the `spawn`; null for the main thread.
    pub site: *const Site,
    /// The number of a [`TaskState`].
    pub state: u32,
    /// The size class of the block of the thread's own stack.
    pub stack_class: u8,
    /// The epoch of the last collection that has scanned the thread's stacks; 0 in a new task.
    pub scanned: u8,
    /// The number of a [`Cancellation`], which changes from `No` to `Requested` only while the list of joiners is
    /// locked.
    pub cancellation: u8,
    /// The number of a [`ParkReason`]: the purpose of the thread's multi-wait.
    pub park_reason: u8,
    /// The threads that wait for the end of this thread.
    pub joiners: Joiners,
    /// The word that decides which waker of a multi-wait wakes the thread.
    pub wait_state: WaitState,
    /// A spin lock. A waker holds the lock while it checks whether the thread has parked; the thread holds the lock
    /// while it parks.
    pub lock: u32,
    /// The number of the chosen arm. The waker that decides the multi-wait stores the number, even if the thread has
    /// panicked and ended meanwhile.
    pub chosen: u32,
}

/// The words at the base of a stack block in use, below the part that code may use.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StackBase {
    /// The task of the thread that runs on this stack, or that last ran on it; null when the block is free.
    pub owner: *mut Task,
    /// The object to which the stack belongs: the task, or a [`Continuation`](crate::Continuation).
    pub home: *mut StackHome,
    /// On a thread's own stack: the scope that waits for the thread's end, or null. On the stack of a continuation: see
    /// [`StackBase::host`]. In a free block: the next free block.
    pub member_of: *mut Scope,
    /// The innermost scope that the thread has opened on this stack or further out, or null.
    pub scope: *mut Scope,
    /// The innermost cleanup that the thread has registered on this stack, or null.
    pub cleanups: *mut Cleanup,
    /// The arms of the `select` in which the thread waits, linked by [`SelectArm::sibling`], the last arm first. Valid
    /// only during the `select`, and only on the thread's own stack.
    pub arms: *mut SelectArm,
    /// The context of the stack, which changes with its owner, its scope, and held mutexes and shields; see
    /// [`context`](crate::continuation::context).
    pub context: u64,
    /// In a thread that unwinds: the distance in bytes from the end of the stack block to the stack pointer with which
    /// unwinding began. After a panic in a deferred block, unwinding goes on with that stack pointer. While the
    /// collector's list `FreedBlocks` contains the block: the block's size class. Otherwise 0.
    pub unwinds_at: usize,
}

impl StackHome {
    /// The base of the stack.
    ///
    /// # Safety
    /// The thread or the continuation has not ended.
    #[inline(always)]
    pub unsafe fn base(home: *const StackHome) -> *mut StackBase {
        // SAFETY: the home has a stack, whose limit lies `RESERVE` above its base.
        unsafe { (*home).stack_limit.wrapping_sub(RESERVE).cast() }
    }
}

impl StackBase {
    /// The base of the stack of a new thread, whose task is `owner` and whose context is `context`.
    pub const fn of(owner: *mut Task, context: u64) -> StackBase {
        StackBase {
            owner,
            home: owner.cast(),
            member_of: null_mut(),
            scope: null_mut(),
            cleanups: null_mut(),
            arms: null_mut(),
            context,
            unwinds_at: 0,
        }
    }
}

/// An obligation of a thread that has to be met even if the thread panics or is cancelled: the beginning of a [`Mutex`]
/// that the thread holds, of a [`Scope`] that it has opened, or of a [`Deferred`] block that it has reached. Each
/// cleanup links to the next cleanup further out:
///
/// ```text
///   StackBase ──cleanups──▶ Deferred ──outer──▶ Mutex ──outer──▶ Deferred ──outer──▶ null
/// ```
///
/// A thread that runs in a continuation has such a chain on each of its stacks.
#[repr(C)]
pub struct Cleanup {
    /// The header. The descriptor of a mutex and of a scope is `WORDS`, and the [`WaitKind`] of the wait list tells the
    /// two apart. A deferred block has a different descriptor.
    pub header: Header,
}

/// A deferred block: a function value whose descriptor the program defines. Its captured values follow.
#[repr(C)]
pub struct Deferred {
    /// The header, with a descriptor of the kind `Fixed`; `outer` is one of the object's references.
    pub header: Header,
    /// The address of the code, which takes the object as its only argument.
    pub code: *const u8,
    /// The next cleanup further out while the block is in a chain, or null.
    pub outer: *mut Cleanup,
}

/// The state of a green thread.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskState {
    /// Runnable, running or waiting.
    Alive = 0,
    /// Has returned; `Task::result` is the result.
    Done = 1,
    /// Has panicked or was cancelled; `Task::result` is the cause.
    Panicked = 2,
}

impl Task {
    /// The bit of [`Waiter::arm`] that is set, for good, when a thread begins to unwind.
    pub const UNWINDING: u32 = 1 << 31;
}

/// The state of a green thread's cancellation.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cancellation {
    /// Not cancelled.
    No = 0,
    /// Cancelled: the thread ends when it next waits or yields.
    Requested = 1,
    /// The thread ends: only its deferred blocks still run.
    Delivered = 2,
}

/// The purpose of a multi-wait, for reports.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParkReason {
    /// A `select`.
    Select = 0,
    /// A wait for a time.
    Sleep = 1,
    /// A blocking call.
    Call = 2,
}

impl ParkReason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [ParkReason; 3] = [ParkReason::Select, ParkReason::Sleep, ParkReason::Call];
}

/// A list of waiting green threads, in the order of their arrival, with two sides: for a channel, receivers and
/// senders.
#[repr(C)]
pub struct WaitList {
    /// A spin lock: 1 while it is held. Taken only when there are several workers.
    pub lock: u32,
    /// The number of a [`WaitKind`].
    pub kind: u32,
    /// The sides. A list of [`Joiners`] has only the first.
    pub sides: [Side; 2],
}

/// The ends of one side of a list; both null when the side is empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Side {
    /// The waiter that has waited longest.
    pub first: *mut Waiter,
    /// The waiter that came last.
    pub last: *mut Waiter,
}

/// The wait list of a task's joiners: the beginning of a [`WaitList`], with only one side.
#[repr(C)]
pub struct Joiners {
    /// As in [`WaitList`].
    pub lock: u32,
    /// The number of [`WaitKind::Join`].
    pub kind: u32,
    /// The only side.
    pub side: Side,
}

/// The kind of a list: the thing for which its threads wait.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitKind {
    /// The end of a thread.
    Join = 0,
    /// A channel: receivers, senders.
    Channel = 1,
    /// A mutex.
    Mutex = 2,
    /// The signal of a condition.
    Condition = 3,
    /// The end of the threads of a scope.
    Scope = 4,
    /// A permit of a semaphore.
    Semaphore = 5,
    /// The completion of a wait group.
    WaitGroup = 6,
    /// The other threads of a barrier. One word follows the list: the number of threads that have arrived.
    Barrier = 7,
    /// The lock of a `Once`.
    Once = 8,
    /// A lock of a reader-writer lock.
    RwLock = 9,
    /// The readiness of an open file: the list is an [`IoHandle`], with the threads that read and those that write.
    Io = 10,
}

impl WaitKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [WaitKind; 11] = [
        WaitKind::Join,
        WaitKind::Channel,
        WaitKind::Mutex,
        WaitKind::Condition,
        WaitKind::Scope,
        WaitKind::Semaphore,
        WaitKind::WaitGroup,
        WaitKind::Barrier,
        WaitKind::Once,
        WaitKind::RwLock,
        WaitKind::Io,
    ];

    /// The number that the library uses for the kind: 0 for a channel. The library makes no list of joiners, so it
    /// never uses the number -1 of `Join`.
    pub const fn library_number(self) -> i64 {
        self as i64 - 1
    }

    /// The kind for which the library uses `number`.
    pub fn of_library(number: i64) -> Option<WaitKind> {
        WaitKind::ALL.into_iter().find(|kind| kind.library_number() == number)
    }
}

/// A [`WaitList`] as an object on the heap, with the descriptor `WORDS`. To the library it is an array of integers; the
/// words behind the list belong to the library.
#[repr(C)]
pub struct WaitListObject {
    /// The header, with the descriptor `WORDS`.
    pub header: Header,
    /// The number of words that follow.
    pub length: u64,
    /// The wait list.
    pub list: WaitList,
}

/// A mutex, with the descriptor `WORDS`: its wait list, followed by the words that the runtime uses.
#[repr(C)]
pub struct Mutex {
    /// The threads that wait for the mutex.
    pub object: WaitListObject,
    /// The holder's next cleanup further out while the mutex is held, or null.
    pub outer: *mut Cleanup,
    /// The thread that holds the mutex, or null.
    pub holder: *mut Task,
    /// Whether a thread panicked or was cancelled while it held the mutex.
    pub is_poisoned: u64,
}

/// An open file of the system for which threads can wait, such as a socket; with the descriptor `WORDS`. Threads that
/// wait until the file may be readable are on side 0 of the list, those that wait until it may be writable on side 1.
///
/// The system reports only changes, so a thread that finds nothing to read has to know whether a change came since it
/// tried. Each side has a count of reported changes, `events`; a thread that tries in vain writes the count that it has
/// seen before to `drained`. While the two are equal, there is nothing to try.
#[repr(C)]
pub struct IoHandle {
    /// The threads that wait.
    pub object: WaitListObject,
    /// The file descriptor: words of the runtime's module `io::descriptors`.
    pub descriptor: [u64; IoHandle::DESCRIPTOR_WORDS],
    /// For each side: the number of changes that the system has reported.
    pub events: [u64; 2],
    /// For each side: the value of `events` before a call that has left nothing to do.
    pub drained: [u64; 2],
    /// Not 0 if a read may return fewer bytes than there are, or if nothing more will change: in a pipe and in a
    /// Unix-domain socket, and after urgent data, the end or an error.
    pub stops_short: u32,
    /// The kind of the file, an [`IoKind`].
    pub kind: u32,
    /// For a process: its number in the lower half, and in the upper half its outcome plus 1, or 0 while it is not
    /// known. For signals: the address of the list of the channel to which a thread passes them on, a
    /// [`WaitListObject`].
    pub detail: u64,
    /// The handle's index in the runtime's table of handles, while the file is open.
    pub number: u64,
    /// For each side: the time of the monotonic clock at which the last thread began to wait, in nanoseconds.
    pub since: [i64; 2],
}

/// The kinds of files of I/O handles. The numbers are those of [`IoHandle::kind`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u32)]
pub enum IoKind {
    /// A socket.
    Socket,
    /// An end of a pipe.
    Pipe,
    /// A child process, which becomes readable when it ends.
    Process,
    /// The signals to which a part of the program has subscribed, a byte each.
    Signals,
}

impl IoKind {
    /// The kind with a number.
    ///
    /// # Panics
    /// If there is no such kind.
    pub const fn of_number(number: u32) -> IoKind {
        match number {
            0 => IoKind::Socket,
            1 => IoKind::Pipe,
            2 => IoKind::Process,
            3 => IoKind::Signals,
            _ => panic!("BUG: a kind of file that does not exist"),
        }
    }
}

impl IoHandle {
    /// The number of words of [`IoHandle::descriptor`].
    pub const DESCRIPTOR_WORDS: usize = 3;
}

/// An arm of a `select`, with the descriptor `WORDS`.
#[repr(C)]
pub struct SelectArm {
    /// The links of the wait list of the channel.
    pub waiter: Waiter,
    /// The task of the thread that waits in the `select`.
    pub task: *mut Task,
    /// The multi-wait to which the arm belongs.
    pub ticket: WaitTicket,
    /// The outcome of the wait, which the waker writes.
    pub outcome: u64,
    /// The words of the value that is sent or received.
    pub words: [u64; MAILBOX_WORDS],
    /// The previous arm of the same `select`, or null.
    pub sibling: *mut SelectArm,
}

/// A `scope` that has not been closed, with the descriptor `WORDS`.
#[repr(C)]
pub struct Scope {
    /// The list in which the owner waits for the members.
    pub object: WaitListObject,
    /// The owner's next cleanup further out, or null.
    pub outer: *mut Cleanup,
    /// The enclosing scope, or null.
    pub around: *mut Scope,
    /// The task of the thread that has opened the scope. Members refer to the scope, so they keep that thread
    /// reachable.
    pub owner: *mut Task,
    /// The number of members that have not ended.
    pub members: u64,
    /// The first member that panicked, or null.
    pub failed: *mut Task,
}

// The hot paths use the address of a struct as the address of its first field.
const _: () = if HAS_LAYOUTS {
    assert!(offset_of!(Waiter, header) == 0 && size_of::<Waiter>() == 48);
    assert!(offset_of!(Task, waiter) == 0 && size_of::<Task>() == 128);
    assert!(offset_of!(SelectArm, waiter) == 0);
    assert!(offset_of!(Cleanup, header) == 0 && offset_of!(Deferred, header) == 0);
    // In every function value, the address of the code is the second word.
    assert!(offset_of!(Deferred, code) == 8 && size_of::<Deferred>() == 24);
    // `weft_hot::cleanup` reads `outer` of a mutex and of a scope at the same offset.
    assert!(offset_of!(Mutex, outer) == offset_of!(Scope, outer));
    assert!(size_of::<StackBase>() == BLOCK_WORDS);
    assert!(offset_of!(Joiners, side) == offset_of!(WaitList, sides));
    // `std.chan` and `std.lock` keep their own words behind the list.
    assert!(size_of::<WaitList>() == 5 * size_of::<u64>());
};
