//! Tasks: green threads as seen from outside, and the lists in which they wait.
//!
//! ```text
//!   WaitList ──first──▶ Waiter ──next──▶ Waiter ──▶ ...     a `Waiter` is the beginning of
//!      │                                    ▲                  a `Task`, whose thread waits for this alone, or
//!      └────────────last────────────────────┘                  a `SelectArm`, one arm of a `select`
//! ```
//!
//! While a thread waits, `Task::sp` is its stack pointer, and values are handed over in its mailbox there. Words that
//! matter only until the thread ends are in the [`StackBase`] of its stack block, which names the `Task`: a program may
//! keep a million tasks for their results.

use core::mem::offset_of;
use core::ptr::null_mut;

use crate::layout::{MAILBOX_WORDS, Site, Sp};
use crate::object::Header;
use crate::stack::BLOCK_WORDS;
use crate::wait_state::{WaitState, WaitTicket};

/// An entry of a [`WaitList`].
#[repr(C)]
pub struct Waiter {
    /// The header, of the descriptor `TASK` or, for a [`SelectArm`], `WORDS`.
    pub header: Header,
    /// The number of a `Task`: 1 is the main thread. The length of a `SelectArm`, in words.
    pub number: u64,
    /// The waiter that began to wait next.
    pub next: *mut Waiter,
    /// The waiter that began to wait before.
    pub previous: *mut Waiter,
    /// The list that it is in, or null.
    pub list: *mut WaitList,
    /// The side of the list.
    pub side: u32,
    /// Of a [`SelectArm`]: the arm of the `select`. Of a [`Task`]: how many deferred blocks it is inside of, and
    /// [`Task::UNWINDING`]; while it is not 0, cancellation does not take effect.
    pub arm: u32,
}

/// A green thread as seen from outside; the target of a value of type `Task[T]`. Lives as long as it is reachable. Two
/// cache lines: a waker needs the first.
#[repr(C)]
pub struct Task {
    /// Its place in the list that it waits in.
    pub waiter: Waiter,
    /// The result's bits when `state` is `Done`; a `StringObject` with the cause when it is `Panicked`.
    pub result: u64,
    /// While it waits: its stack pointer. Otherwise null.
    pub sp: Sp,
    /// The end of its stack block; null when it has ended.
    pub stack_top: *mut u8,
    /// The place where it was spawned; null for the main thread.
    pub site: *const Site,
    /// A [`TaskState`].
    pub state: u32,
    /// The size class of its stack block.
    pub stack_class: u8,
    /// The collector's: 0 in a new task.
    pub scanned: u8,
    /// A [`Cancellation`]. It changes from `No` to `Requested` only while the list of joiners is locked.
    pub cancellation: u8,
    /// A [`ParkReason`]: what its multi-wait is for.
    pub park_reason: u8,
    /// The threads that wait for its end.
    pub joiners: Joiners,
    /// Decides which waker of a multi-wait may wake it.
    pub wait_state: WaitState,
    /// A spin lock: held by a waker that looks whether the thread has parked, and by the thread while it parks.
    pub lock: u32,
    /// The number of the chosen arm. The waker that decides writes it, even if the thread has ended meanwhile.
    pub chosen: u32,
}

/// The words at the base of a stack block that is in use, below all that code may touch.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StackBase {
    /// The task of the thread whose stack it is; null when the block is free.
    pub owner: *mut Task,
    /// The scope that waits for its end, or null. Of a free block: the next free one.
    pub member_of: *mut Scope,
    /// The innermost scope that it has opened, or null.
    pub scope: *mut Scope,
    /// The innermost of its cleanups, or null.
    pub cleanups: *mut Cleanup,
    /// The arms of the `select` that it waits in, linked by [`SelectArm::sibling`], the last one first. Valid only
    /// while it waits in one.
    pub arms: *mut SelectArm,
    /// Of a thread that unwinds: the distance in bytes from the end of the stack block to the place where it began to.
    /// It goes on from there after a panic in a deferred block.
    pub unwinds_at: usize,
}

impl StackBase {
    /// The words of a new thread.
    pub const fn of(owner: *mut Task) -> StackBase {
        StackBase {
            owner,
            member_of: null_mut(),
            scope: null_mut(),
            cleanups: null_mut(),
            arms: null_mut(),
            unwinds_at: 0,
        }
    }
}

/// A duty that remains when its thread does not go on: the beginning of a [`Mutex`] that it holds, of a [`Scope`] that
/// it has opened, or of a [`Deferred`] block that it has reached. Each names the next one further out:
///
/// ```text
///   StackBase ──cleanups──▶ Deferred ──outer──▶ Mutex ──outer──▶ Deferred ──outer──▶ null
/// ```
#[repr(C)]
pub struct Cleanup {
    /// The header: of the descriptor `WORDS` for a mutex or a scope, which begin with a [`WaitListObject`] that tells
    /// the two apart; of another one for a deferred block.
    pub header: Header,
}

/// A deferred block: a function value, of a descriptor of the program's own. Its captured values follow.
#[repr(C)]
pub struct Deferred {
    /// The header, of a descriptor of the kind `Fixed`; `outer` is one of its references.
    pub header: Header,
    /// The address of the code, which takes the object as its only argument.
    pub code: *const u8,
    /// While it is in a chain: the next cleanup further out, or null.
    pub outer: *mut Cleanup,
}

/// The state of a green thread.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TaskState {
    /// Ready, running or waiting.
    Alive = 0,
    /// It returned; `Task::result` is its result.
    Done = 1,
    /// It panicked; `Task::result` is the message.
    Panicked = 2,
}

impl Task {
    /// Added to [`Waiter::arm`] of a thread that unwinds, for good.
    pub const UNWINDING: u32 = 1 << 31;
}

/// The state of a green thread's cancellation.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cancellation {
    /// It was not cancelled.
    No = 0,
    /// It ends when it next waits or yields.
    Requested = 1,
    /// It ends now: only its deferred blocks still run.
    Delivered = 2,
}

/// The purpose of a multi-wait, for reports.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParkReason {
    /// A `select`.
    Select = 0,
    /// A time.
    Sleep = 1,
    /// A blocking call.
    Call = 2,
}

impl ParkReason {
    /// Every one, in the order of its number.
    pub const ALL: [ParkReason; 3] = [ParkReason::Select, ParkReason::Sleep, ParkReason::Call];
}

/// Green threads that wait, the longest waiting first, on two sides: for a channel, receivers and senders.
#[repr(C)]
pub struct WaitList {
    /// A spin lock: 1 while it is held. Taken only where there are several workers.
    pub lock: u32,
    /// A [`WaitKind`].
    pub kind: u32,
    /// The sides. A list of [`Joiners`] has only the first.
    pub sides: [Side; 2],
}

/// The ends of one side of a list; both null when it is empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Side {
    /// The waiter that has waited longest.
    pub first: *mut Waiter,
    /// The waiter that came last.
    pub last: *mut Waiter,
}

/// The beginning of a [`WaitList`] with one side.
#[repr(C)]
pub struct Joiners {
    /// As in [`WaitList`].
    pub lock: u32,
    /// [`WaitKind::Join`].
    pub kind: u32,
    /// The one side.
    pub side: Side,
}

/// The kind of a list: the thing that its threads wait for.
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
    /// The other threads of a barrier. The list has one word more: the number of threads that have arrived.
    Barrier = 7,
    /// The lock of a `Once`.
    Once = 8,
    /// A lock of a reader-writer lock.
    RwLock = 9,
}

impl WaitKind {
    /// Every one, in the order of its number.
    pub const ALL: [WaitKind; 10] = [
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
    ];

    /// The number by which the library names the kind: it makes no list of joiners, which is the first.
    pub const fn library_number(self) -> i64 {
        self as i64 - 1
    }

    /// The kind that the library names by a number.
    pub fn of_library(number: i64) -> Option<WaitKind> {
        WaitKind::ALL.into_iter().find(|kind| kind.library_number() == number)
    }
}

/// A [`WaitList`] as an object of the heap, of the descriptor `WORDS`. To the library it is an array of numbers, and
/// the words behind those of the list are the library's.
#[repr(C)]
pub struct WaitListObject {
    /// The header, of the descriptor `WORDS`.
    pub header: Header,
    /// The number of words that follow.
    pub length: u64,
    /// The list.
    pub list: WaitList,
}

/// The list of a mutex.
#[repr(C)]
pub struct Mutex {
    /// The threads that wait for it.
    pub object: WaitListObject,
    /// While it is held: the next cleanup of its holder further out, or null.
    pub outer: *mut Cleanup,
    /// The thread that holds it, or null.
    pub holder: *mut Task,
    /// Whether a thread panicked or was cancelled while it held it.
    pub is_poisoned: u64,
}

/// An arm of a `select`, of the descriptor `WORDS`.
#[repr(C)]
pub struct SelectArm {
    /// Its place in the list of a channel.
    pub waiter: Waiter,
    /// The task of the thread whose `select` it is.
    pub task: *mut Task,
    /// The multi-wait that it belongs to.
    pub ticket: WaitTicket,
    /// The outcome that its waker tells.
    pub outcome: u64,
    /// The words of the value that it offers or is handed.
    pub words: [u64; MAILBOX_WORDS],
    /// The arm that began to wait before, or null.
    pub sibling: *mut SelectArm,
}

/// A `scope` whose block runs or which waits, of the descriptor `WORDS`.
#[repr(C)]
pub struct Scope {
    /// Its owner waits here.
    pub object: WaitListObject,
    /// The next cleanup of its owner further out, or null.
    pub outer: *mut Cleanup,
    /// The scope around it, or null.
    pub around: *mut Scope,
    /// The task of the thread that has opened it. So its members keep that thread reachable.
    pub owner: *mut Task,
    /// The number of its threads that have not ended.
    pub members: u64,
    /// The first of its threads that panicked, or null.
    pub failed: *mut Task,
}

// The hot paths read these through the first word.
const _: () = {
    assert!(offset_of!(Waiter, header) == 0 && size_of::<Waiter>() == 48);
    assert!(offset_of!(Task, waiter) == 0 && size_of::<Task>() == 128);
    assert!(offset_of!(SelectArm, waiter) == 0);
    assert!(offset_of!(Cleanup, header) == 0 && offset_of!(Deferred, header) == 0);
    // The code of every function value is its second word.
    assert!(offset_of!(Deferred, code) == 8 && size_of::<Deferred>() == 24);
    // One place for both, see `weft_hot::cleanup`.
    assert!(offset_of!(Mutex, outer) == offset_of!(Scope, outer));
    assert!(size_of::<StackBase>() == BLOCK_WORDS);
    assert!(offset_of!(Joiners, side) == offset_of!(WaitList, sides));
    // `std.chan` and `std.lock` have their own words behind these.
    assert!(size_of::<WaitList>() == 5 * size_of::<u64>());
};
