//! `#[repr(C)]` structures that generated code and the runtime both touch.
//!
//! The fast paths represent a suspended green thread by its stack pointer alone ([`Sp`]). The resume address and the
//! stack limit are the words at that address, and the live set lies above them. A [`Worker`] does not refer to the
//! running thread's `Task`: code that needs the task finds it at the base of the running stack.

use core::mem::offset_of;
use core::ptr::{null, null_mut};
use core::sync::atomic::{AtomicU32, AtomicU64};

use crate::HAS_LAYOUTS;
use crate::object::Header;
use crate::trace::TraceCursor;

/// The stack pointer of a suspended green thread. It points to the resume address, the stack limit and, if the thread
/// waits, the mailbox; the live set lies above them.
pub type Sp = *mut u8;

/// The offset of the mailbox of a waiting thread from its [`Sp`], in bytes. The mailbox is one word for the outcome of
/// the wait, which the waker writes, followed by the words of the value that is sent or received.
pub const MAILBOX: usize = 16;

/// The number of words of a value that fit in a mailbox. A larger value is handed over as an object. A larger mailbox
/// would enlarge the stack of each waiting thread; a smaller mailbox would make more kinds of messages allocate.
pub const MAILBOX_WORDS: usize = 4;

/// The two addresses of a switch: the running thread stores its stack pointer at `save_at`, and loads the next thread's
/// stack pointer from `load_at`. The two addresses are equal when a thread yields while no other thread is runnable.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// The address at which the running thread stores its stack pointer.
    pub save_at: *mut Sp,
    /// The address of the next thread's stack pointer.
    pub load_at: *mut Sp,
}

/// The symbol of the main green thread's first function, which compiled programs define. The function takes the
/// thread's `Task` as its only argument and does not return.
pub const MAIN_SYMBOL: &str = "weft_main";

/// The suffix, in debug information, of a function that the compiler generates to start a thread with a function of the
/// program. No name in a program has this suffix. Stack traces omit these functions.
pub const ENTRY_SUFFIX: &str = " (entry)";

/// The suffix, in debug information, of the function that is the code of a function value. Stack traces omit these
/// functions.
pub const VALUE_SUFFIX: &str = " (value)";

/// The suffix, in debug information, of the outlined copy of a fast path: a function that several places of the program
/// call. Stack traces omit these functions.
pub const SHARED_SUFFIX: &str = " (shared)";

/// The prefix of all symbols of the program, so that no function shares a name with the runtime or with C.
pub const PROGRAM_PREFIX: &str = "weft.";

/// The suffix that LLVM adds to the symbol of a coroutine for the function that continues it. LLVM uses the symbol in
/// debug information, too.
pub const RESUME_SUFFIX: &str = ".resume";

/// The number of words in [`Worker::results`].
pub const RESULT_WORDS: usize = 16;

/// The state of one OS thread that runs green threads. Only that OS thread touches the struct, except for the fields
/// whose comments say otherwise.
#[repr(C)]
pub struct Worker {
    /// The stack pointer with which runtime and foreign code starts on the worker's own stack, 16-byte aligned.
    pub system_sp: *mut u8,
    /// The stack pointer of the green thread that called into the runtime. Valid during the call.
    pub green_sp: *mut u8,
    /// Runnable green threads, oldest first.
    pub run_queue: RunQueue,
    /// The pseudo-thread that is resumed when no green thread is runnable.
    pub idle: Sp,
    /// The number of threads that the running thread has spawned or woken in its time slice. These threads are the last
    /// entries of the run queue. When the running thread waits or ends, they run next, in their order; see
    /// `weft_hot::schedule`.
    pub woken_in_slice: u64,
    /// Bits of the module [`before_yield`]: the work that a `yield` does before its switch. Other workers set bits,
    /// too.
    pub before_yield: AtomicU64,
    /// The number of times that the worker has decided whether woken threads run before other runnable threads.
    pub next_preferences: u64,
    /// 1 if other workers run green threads of this process, so that locks have to be taken; otherwise 0.
    pub is_parallel: u64,
    /// Free stack blocks of class 0: the base of the first block. `StackBase::member_of` of each block links to
    /// the next.
    pub free_stacks: *mut u8,
    /// The next free byte of the run of memory for new objects, 8-byte aligned; the run is zero from there on.
    pub heap_next: *mut u8,
    /// The end of the run of memory for new objects.
    pub heap_end: *mut u8,
    /// The number of the last green thread that this worker has spawned; the main thread's is 1.
    pub last_task: u64,
    /// The last number that this worker has reserved for its threads.
    pub last_number: u64,
    /// The number of green threads that have ended on this worker.
    pub ended_tasks: u64,
    /// The number of unreachable threads among the ended threads: nothing could wake them, so a collection freed their
    /// stacks.
    pub unreachable_tasks: u64,
    /// The number of continuations that this worker has made, minus the number that ended on it. Only the sum over all
    /// workers has a meaning: the number of continuations with stacks.
    pub continuations: u64,
    /// The words of a function's result for which no register is left. They are valid only right after the function
    /// returns; the caller reads them at once.
    pub results: [u64; RESULT_WORDS],
    /// Requests of other OS threads, one bit each. Other OS threads write this field and the word at `limit_slot`.
    pub requests: AtomicU32,
    /// The address of the word in which this OS thread keeps the limit of the running stack. A request replaces the
    /// limit by [`REQUEST_LIMIT`](crate::stack::REQUEST_LIMIT).
    pub limit_slot: *const AtomicU64,
    /// The place in the ring buffer of trace events. Only programs that were compiled for tracing use it.
    pub trace: TraceCursor,
}

impl Worker {
    /// The largest number of workers of a process.
    pub const MOST: usize = 256;

    /// A worker without memory and without threads. Before it runs, it needs two addresses: `idle` and `limit_slot`.
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
            continuations: 0,
            results: [0; RESULT_WORDS],
            requests: AtomicU32::new(0),
            limit_slot: null(),
            trace: TraceCursor::NONE,
        }
    }
}

/// The bits of [`Worker::before_yield`]. While the word is zero, a `yield` only tests it.
pub mod before_yield {
    /// Set when the run queue first grows, since the cache then no longer holds the stacks of all runnable threads.
    /// From then on each switch prefetches the stack of a thread further back in the queue.
    pub const PREFETCH: u64 = 1;
    /// Set in a new worker, and when a running or runnable thread is cancelled; cleared by a yield once every cancelled
    /// thread has begun to end. While the bit is set, each yield checks whether the running thread was cancelled.
    pub const CANCELLATION: u64 = 2;
}

/// The ring of runnable green threads; `weft_hot::queue` has a drawing. The ring's address is a multiple of twice its
/// size. So the address behind the last slot and the address of the first slot differ in one bit, which `wrap` clears.
/// Invariant: at least two slots are free, so that a yield may claim a slot before it takes an entry, without making
/// the ring look empty.
#[repr(C)]
pub struct RunQueue {
    /// The slot of the next thread to run.
    pub head: *mut Sp,
    /// The slot behind the last thread.
    pub tail: *mut Sp,
    /// The mask that turns the address behind the ring into the ring's address. Only the bit whose value is the ring's
    /// size is clear.
    pub wrap: usize,
    /// The first slot of the ring; the number of slots is a power of two.
    pub ring: *mut Sp,
}

impl RunQueue {
    /// The queue of a new worker: a ring of one page, whose memory is not allocated yet.
    pub const SMALLEST: RunQueue =
        RunQueue { head: null_mut(), tail: null_mut(), wrap: !4096, ring: null_mut() };

    /// A queue without slots.
    pub const EMPTY: RunQueue = RunQueue { head: null_mut(), tail: null_mut(), wrap: !0, ring: null_mut() };

    /// The ring's size in bytes.
    pub const fn size(&self) -> usize {
        !self.wrap
    }

    /// The bits of an address in which the slots of the ring differ.
    pub const fn mask(&self) -> usize {
        self.size().wrapping_sub(1)
    }

    /// The number of slots.
    pub const fn capacity(&self) -> usize {
        self.size() / size_of::<Sp>()
    }
}

/// A source position for messages, a constant of the program.
#[repr(C)]
pub struct Site {
    /// The file's name as it was given to the compiler, UTF-8.
    pub file: *const StringObject,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

/// The prefix of the names of the standard library's files. The report of a panic in such a file shows the position of
/// the program's call of the library.
pub const LIBRARY_FOLDER: &str = "std/";

/// A `String`: immutable UTF-8. The bytes follow the struct, as in an array of bytes.
#[repr(C)]
pub struct StringObject {
    /// The header, with the descriptor `BYTES`.
    pub header: Header,
    /// The length in bytes.
    pub length: u64,
}

/// An array, which the language treats as immutable. The elements follow the struct. An element that is a single scalar
/// takes 1 byte for `Bool` and `Byte`, 4 bytes for `Char` and 8 bytes for all other scalars. An element of several
/// scalars takes 8 bytes for each scalar.
#[repr(C)]
pub struct ArrayObject {
    /// The header, with the descriptor of the element type.
    pub header: Header,
    /// The length in elements.
    pub length: u64,
}

/// Panics whose message is fixed.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PanicKind {
    /// Overflow of `+`.
    AddOverflow = 0,
    /// Overflow of binary `-`.
    SubtractOverflow = 1,
    /// Overflow of `*`.
    MultiplyOverflow = 2,
    /// Overflow of unary `-`.
    NegateOverflow = 3,
    /// Overflow of `/` and `%`: `Int.MIN` by -1.
    DivideOverflow = 4,
    /// A division by zero with `/`.
    DivideByZero = 5,
    /// A division by zero with `%`.
    RemainderByZero = 6,
    /// A shift with `<<` or `>>` by less than 0 or more than 63.
    ShiftRange = 7,
    /// `to_int` of NaN, or of a value that is out of the range of `Int`.
    FloatToInt = 8,
    /// An assertion that does not hold: `assert(false)`.
    Assert = 9,
    /// A resumption of a generator, by `next` or `close`, while its body runs.
    GeneratorRuns = 10,
}

impl PanicKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [PanicKind; 11] = [
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
        PanicKind::GeneratorRuns,
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
            PanicKind::GeneratorRuns => "this generator is already running",
        }
    }
}

// The runtime's assembly uses these offsets.
const _: () = if HAS_LAYOUTS {
    assert!(offset_of!(Worker, system_sp) == 0);
    assert!(offset_of!(Worker, green_sp) == 8);
    assert!(size_of::<RunQueue>() == 32);
    assert!(size_of::<Worker>() == 16 + 32 + 40 + 64 + 8 * RESULT_WORDS + 16 + 24);
    assert!(size_of::<StringObject>() == 16 && offset_of!(StringObject, length) == 8);
    assert!(size_of::<ArrayObject>() == 16 && offset_of!(ArrayObject, length) == 8);
    assert!(size_of::<Site>() == 16);
};
