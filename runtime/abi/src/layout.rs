//! `#[repr(C)]` structures that generated code and the runtime both touch.
//!
//! A suspended green thread *is* its stack pointer ([`Sp`]): resume address and stack limit lie there, above them
//! what the compiler found live. No hot structure names the running thread; cold paths find its `Task` from the
//! stack pointer, through the block it points into.

use core::mem::offset_of;
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicU32, AtomicU64};

use crate::object::Header;

/// The stack pointer of a suspended green thread. There lie its resume address, its stack limit and, if it waits for
/// something, its mailbox word; above them what the compiler found live.
pub type Sp = *mut u8;

/// Where the mailbox of a waiting thread lies above its [`Sp`], in bytes: one word for what its waker tells it, and
/// behind it the words of a value that it offers or is handed.
pub const MAILBOX: usize = 16;

/// How many words of a value lie in a mailbox. Of a larger one an object is handed over.
pub const MAILBOX_WORDS: usize = 4;

/// What a green thread does to stop running: it stores its stack pointer at one place and takes another's from the
/// other. The two may be one: a thread that is alone yields to itself.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// Where the stack pointer of the running thread goes.
    pub save_at: *mut Sp,
    /// Where the stack pointer of the next thread is.
    pub load_at: *mut Sp,
}

/// The linker's name of the function that the main green thread starts in. Compiled programs define it, with the
/// calling convention of every thread's first function: its one argument is its `Task`; it does not return.
pub const MAIN_SYMBOL: &str = "weft_main";

/// What follows the name of a function of the program in the debug information of one that the compiler adds around
/// it: the first function of a thread. No name of a program ends so. Traces leave such functions out.
pub const ENTRY_SUFFIX: &str = " (entry)";

/// The same for the code of function values.
pub const VALUE_SUFFIX: &str = " (value)";

/// The same for an operation that several places share.
pub const SHARED_SUFFIX: &str = " (shared)";

/// How many words of a function's result travel through [`Worker::results`].
pub const RESULT_WORDS: usize = 16;

/// The state of one OS thread that runs green threads. Only its own thread touches it, but for the last fields.
#[repr(C)]
pub struct Worker {
    /// Where runtime and foreign code continues on the worker's own stack, 16-byte aligned.
    pub system_sp: *mut u8,
    /// The stack pointer of the green thread that called into the runtime; valid during that call.
    pub green_sp: *mut u8,
    /// Ready green threads, oldest first.
    pub run_queue: RunQueue,
    /// What is resumed when no green thread is ready, as if it were one.
    pub idle: Sp,
    /// How many threads the running one has spawned or woken: they stand last in the run queue. When it begins to wait
    /// or ends they are next, in their order: what it waits for is likely theirs, what they need is in the cache, and
    /// the fewest threads are alive if each has its own done first.
    pub woken_in_slice: u64,
    /// Bits of [`before_yield`]: what a `yield` does before it switches. Other workers set bits of it, too.
    pub before_yield: AtomicU64,
    /// How often they were preferred to others that were ready.
    pub next_preferences: u64,
    /// Whether other workers run green threads of this process: then locks are taken.
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
    /// How many green threads have ended.
    pub ended_tasks: u64,
    /// How many of those waited for what could never happen, and were given up.
    pub unreachable_tasks: u64,
    /// What a function returns and no register holds: there from its return to the next instructions of its caller.
    pub results: [u64; RESULT_WORDS],
    /// What other OS threads want of this one, a bit each. This field and the next are theirs, too.
    pub requests: AtomicU32,
    /// Where this OS thread keeps the limit of the running stack, which others replace by
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
    /// More threads are ready than have their stacks in the cache: the stack of a later one is prefetched.
    pub const PREFETCH: u64 = 1;
    /// A thread was cancelled and has not ended: a yield looks whether it is the running one.
    pub const CANCELLATION: u64 = 2;
}

/// A ring of ready green threads. It lies at a multiple of twice its size: in the address of the place behind the last
/// one there is one bit more, and without it that is the address of the first. Invariant: two places at least are free,
/// so that a yield may claim one before it takes one, and is not empty then.
#[repr(C)]
pub struct RunQueue {
    /// The next thread to run.
    pub head: *mut Sp,
    /// The place behind the last one.
    pub tail: *mut Sp,
    /// What is left of an address behind the ring: all bits but that of the ring's size.
    pub wrap: usize,
    /// The ring itself, a power of two of places.
    pub ring: *mut Sp,
}

impl RunQueue {
    /// What every worker begins with, but for its memory: a page.
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

    /// How many places there are.
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

/// What the names of the standard library's files begin with. A panic in one of them is reported where the program
/// called the library.
pub const LIBRARY_FOLDER: &str = "std/";

/// A `String`: immutable UTF-8. The bytes follow the struct, as in an array of bytes.
#[repr(C)]
pub struct StringObject {
    /// Of the descriptor `BYTES`.
    pub header: Header,
    /// In bytes.
    pub length: u64,
}

/// An array: immutable. The elements follow the struct. One of a single scalar has that scalar's size (`Bool` and
/// `Byte` 1, `Char` 4, all others 8); one of several has 8 bytes for each.
#[repr(C)]
pub struct ArrayObject {
    /// Of the descriptor that the element type asks for.
    pub header: Header,
    /// In elements.
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
