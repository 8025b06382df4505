//! `#[repr(C)]` structures that generated code and the runtime both touch.
//!
//! A suspended green thread *is* its stack pointer ([`Sp`]): its resume address and stack limit lie there, and above
//! them its live set. No hot structure names the running thread; cold paths find its `Task` from the stack pointer,
//! through the block it points into.

use core::mem::offset_of;
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicU32, AtomicU64};

use crate::object::Header;

/// The stack pointer of a suspended green thread. Its resume address, its stack limit and, if it waits, its mailbox lie
/// there, and above them its live set.
pub type Sp = *mut u8;

/// The offset of the mailbox of a waiting thread from its [`Sp`], in bytes: one word for the outcome that its waker
/// tells, and behind it the words of a value that it offers or is handed.
pub const MAILBOX: usize = 16;

/// The words of a value that fit in a mailbox. For a larger value an object is handed over. More would make the stack
/// of each waiting thread larger; fewer would allocate for more kinds of messages.
pub const MAILBOX_WORDS: usize = 4;

/// The two places of a switch: the running thread stores its stack pointer at one and takes that of the next thread
/// from the other. The two may be one place: a thread that is alone yields to itself.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// The place for the stack pointer of the running thread.
    pub save_at: *mut Sp,
    /// The place with the stack pointer of the next thread.
    pub load_at: *mut Sp,
}

/// The linker's name of the function that the main green thread starts in. Compiled programs define it, with the
/// calling convention of every thread's first function: its one argument is its `Task`; it does not return.
pub const MAIN_SYMBOL: &str = "weft_main";

/// The suffix in debug information for a function that the compiler adds around one of the program: the first function
/// of a thread. No name of a program ends like this. Traces leave these functions out.
pub const ENTRY_SUFFIX: &str = " (entry)";

/// The suffix for the code of function values.
pub const VALUE_SUFFIX: &str = " (value)";

/// The suffix for an operation that several places share.
pub const SHARED_SUFFIX: &str = " (shared)";

/// The words of a function's result that travel through [`Worker::results`].
pub const RESULT_WORDS: usize = 16;

/// The state of one OS thread that runs green threads. Only its own thread touches it, but for the last fields.
#[repr(C)]
pub struct Worker {
    /// The stack pointer with which runtime and foreign code begins on the worker's own stack, 16-byte aligned.
    pub system_sp: *mut u8,
    /// The stack pointer of the green thread that called into the runtime; valid during that call.
    pub green_sp: *mut u8,
    /// Ready green threads, oldest first.
    pub run_queue: RunQueue,
    /// The pseudo-thread that is resumed when no green thread is ready.
    pub idle: Sp,
    /// The number of threads that the running one has spawned or woken in its time slice: they stand last in the run
    /// queue. When it begins to wait or ends they are next, in their order, see `weft_hot::schedule`.
    pub woken_in_slice: u64,
    /// Bits of [`before_yield`]: what a `yield` does before it switches. Other workers set bits of it, too.
    pub before_yield: AtomicU64,
    /// The number of times that woken threads were preferred to others that were ready.
    pub next_preferences: u64,
    /// Whether other workers run green threads of this process, as 0 or 1: then locks are taken.
    pub is_parallel: u64,
    /// Free stack blocks of class 0, by their base, as a list through their second word.
    pub free_stacks: *mut u8,
    /// The next free byte of the run of memory that new objects are put into, 8-byte aligned; zeros from there on.
    pub heap_next: *mut u8,
    /// The end of that run.
    pub heap_end: *mut u8,
    /// The number of the last green thread that was spawned here; the main one is 1.
    pub last_task: u64,
    /// The last number that this worker may give: it asks for more then.
    pub last_number: u64,
    /// The number of green threads that have ended here.
    pub ended_tasks: u64,
    /// The number of unreachable threads among those: nothing could wake them, and a collection gave them up.
    pub unreachable_tasks: u64,
    /// The words of a result that no register holds: valid from the return to the next instructions of the caller.
    pub results: [u64; RESULT_WORDS],
    /// Requests of other OS threads, a bit each. Those touch this field and the next, too.
    pub requests: AtomicU32,
    /// The address of the word in which this OS thread keeps the limit of the running stack. Requests replace that by
    /// [`REQUEST_LIMIT`](crate::stack::REQUEST_LIMIT).
    pub limit_slot: *const AtomicU64,
}

impl Worker {
    /// A worker without memory and without threads. It runs once it has its last two addresses: `idle` and
    /// `limit_slot`.
    pub const fn empty(run_queue: RunQueue) -> Worker {
        Worker {
            system_sp: null_mut(),
            green_sp: null_mut(),
            run_queue,
            idle: null_mut(),
            woken_in_slice: 0,
            before_yield: AtomicU64::new(0),
            next_preferences: 0,
            is_parallel: 0,
            free_stacks: null_mut(),
            heap_next: null_mut(),
            heap_end: null_mut(),
            last_task: 0,
            last_number: 0,
            ended_tasks: 0,
            unreachable_tasks: 0,
            results: [0; RESULT_WORDS],
            requests: AtomicU32::new(0),
            limit_slot: null(),
        }
    }
}

/// The bits of [`Worker::before_yield`]. A `yield` compares the word with zero and does nothing else while it is.
pub mod before_yield {
    /// More threads are ready than the cache has stacks of: the stack of a later one is prefetched.
    pub const PREFETCH: u64 = 1;
    /// A thread was cancelled and has not ended: a yield looks whether it is the running one.
    pub const CANCELLATION: u64 = 2;
}

/// The ring of ready green threads; `weft_hot::queue` draws it. It lies at a multiple of twice its size: the address of
/// the place behind the last one has one bit more, and without that bit it is the address of the first. Invariant: at
/// least two places are free, so that a yield may claim one before it takes one, and the ring does not look empty then.
#[repr(C)]
pub struct RunQueue {
    /// The next thread to run.
    pub head: *mut Sp,
    /// The place behind the last thread.
    pub tail: *mut Sp,
    /// The mask of an address behind the ring: all bits but that of the ring's size.
    pub wrap: usize,
    /// The ring itself, a power of two of places.
    pub ring: *mut Sp,
}

impl RunQueue {
    /// The queue that every worker begins with, but for its memory: a page.
    pub const SMALLEST: RunQueue =
        RunQueue { head: null_mut(), tail: null_mut(), wrap: !4096, ring: null_mut() };

    /// A queue without room.
    pub const EMPTY: RunQueue = RunQueue { head: null_mut(), tail: null_mut(), wrap: !0, ring: null_mut() };

    /// The ring's size in bytes.
    pub const fn size(&self) -> usize {
        !self.wrap
    }

    /// The bits of an address that tell places of the ring apart.
    pub const fn mask(&self) -> usize {
        self.size().wrapping_sub(1)
    }

    /// The number of places.
    pub const fn capacity(&self) -> usize {
        self.size() / size_of::<Sp>()
    }
}

/// A source position for messages, a constant of the program.
#[repr(C)]
pub struct Site {
    /// The file's name as it was given, UTF-8.
    pub file: *const StringObject,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

/// The prefix of the names of the standard library's files. A panic in one of them is reported where the program called
/// the library.
pub const LIBRARY_FOLDER: &str = "std/";

/// A `String`: immutable UTF-8. The bytes follow the struct, as in an array of bytes.
#[repr(C)]
pub struct StringObject {
    /// The header, of the descriptor `BYTES`.
    pub header: Header,
    /// The length in bytes.
    pub length: u64,
}

/// An array: immutable. The elements follow the struct. One of a single scalar has that scalar's size (`Bool` and
/// `Byte` 1, `Char` 4, all others 8); one of several has 8 bytes for each.
#[repr(C)]
pub struct ArrayObject {
    /// The header, of the descriptor for the element type.
    pub header: Header,
    /// The length in elements.
    pub length: u64,
}

/// Panics whose message is fixed.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PanicKind {
    /// `+`
    AddOverflow = 0,
    /// `-`, binary
    SubtractOverflow = 1,
    /// `*`
    MultiplyOverflow = 2,
    /// `-`, unary
    NegateOverflow = 3,
    /// `/` and `%` of `Int.MIN` by -1
    DivideOverflow = 4,
    /// `/` by zero
    DivideByZero = 5,
    /// `%` by zero
    RemainderByZero = 6,
    /// `<<` and `>>` by less than 0 or more than 63
    ShiftRange = 7,
    /// `to_int` of NaN or of a value out of range
    FloatToInt = 8,
    /// `assert(false)`
    Assert = 9,
}

impl PanicKind {
    /// Every kind, in the order of its number.
    pub const ALL: [PanicKind; 10] = [
        PanicKind::AddOverflow,
        PanicKind::SubtractOverflow,
        PanicKind::MultiplyOverflow,
        PanicKind::NegateOverflow,
        PanicKind::DivideOverflow,
        PanicKind::DivideByZero,
        PanicKind::RemainderByZero,
        PanicKind::ShiftRange,
        PanicKind::FloatToInt,
        PanicKind::Assert,
    ];

    /// The text after `panic: `.
    pub const fn message(self) -> &'static str {
        match self {
            PanicKind::AddOverflow => "integer overflow in addition",
            PanicKind::SubtractOverflow => "integer overflow in subtraction",
            PanicKind::MultiplyOverflow => "integer overflow in multiplication",
            PanicKind::NegateOverflow => "integer overflow in negation",
            PanicKind::DivideOverflow => "integer overflow in division",
            PanicKind::DivideByZero => "division by zero",
            PanicKind::RemainderByZero => "remainder by zero",
            PanicKind::ShiftRange => "shift by a negative number or by 64 or more",
            PanicKind::FloatToInt => "this number has no Int: it is NaN or out of range",
            PanicKind::Assert => "assertion failed",
        }
    }
}

// The assembly of the runtime names these offsets.
const _: () = {
    assert!(offset_of!(Worker, system_sp) == 0);
    assert!(offset_of!(Worker, green_sp) == 8);
    assert!(size_of::<RunQueue>() == 32);
    assert!(size_of::<Worker>() == 16 + 32 + 40 + 56 + 8 * RESULT_WORDS + 16);
    assert!(size_of::<StringObject>() == 16 && offset_of!(StringObject, length) == 8);
    assert!(size_of::<ArrayObject>() == 16 && offset_of!(ArrayObject, length) == 8);
    assert!(size_of::<Site>() == 16);
};
