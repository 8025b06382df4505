//! Numbers that the compiler, the runtime and the library share.
//!
//! The library is written in Weft and cannot import this crate. So at build time [`CONSTANTS`] becomes the module
//! `std.abi`, from which the library's other modules import the constants by name. The library's declarations define
//! the order of variants and fields. The lists of names here state the order on which the compiler and the runtime
//! rely, and name resolution checks that the declarations agree with these lists.

use core::mem::{offset_of, size_of};

use crate::HAS_LAYOUTS;
use crate::files;
use crate::object::Header;
use crate::processes;
use crate::task::{IoHandle, Mutex, ParkReason, WaitKind, WaitList, WaitListObject};

/// The number of words of a wait list that belong to the runtime; the library's words follow.
pub const LIST_WORDS: usize = 5;
/// The number of words of a mutex behind its wait list.
pub const MUTEX_WORDS: usize = 3;
/// The index of the word of a mutex that is not 0 once a thread has panicked or was cancelled while it held the mutex.
/// The library handles the mutex as an array of words.
pub const MUTEX_POISONED: usize = 7;
/// The index of the word of a barrier that counts the threads that have arrived. The library handles the barrier as an
/// array of words.
pub const BARRIER_ARRIVED: usize = LIST_WORDS;
/// The number of words of an I/O handle behind its wait list.
pub const IO_WORDS: usize = 12;
/// The index of the first of the two words that count changes of an open file; see [`IoHandle::events`].
pub const IO_EVENTS: usize = LIST_WORDS + 3;
/// The index of the first of the two words with the count before a call in vain; see [`IoHandle::drained`].
pub const IO_DRAINED: usize = LIST_WORDS + 5;
/// The index of the first of the two words with the time since which a thread waits; see [`IoHandle::since`].
pub const IO_SINCE: usize = LIST_WORDS + 10;

const _: () = if HAS_LAYOUTS {
    /// The offset in bytes of an array's first element; the header and the length lie before it.
    const WORDS_START: usize = offset_of!(WaitListObject, list);
    const WORD: usize = size_of::<u64>();
    assert!(WORDS_START == size_of::<Header>() + WORD);
    assert!(LIST_WORDS == size_of::<WaitList>() / WORD);
    assert!(MUTEX_WORDS == (size_of::<Mutex>() - size_of::<WaitListObject>()) / WORD);
    assert!(IO_WORDS == (size_of::<IoHandle>() - size_of::<WaitListObject>()) / WORD);
    assert!(IO_EVENTS == (offset_of!(IoHandle, events) - WORDS_START) / WORD);
    assert!(IO_DRAINED == (offset_of!(IoHandle, drained) - WORDS_START) / WORD);
    assert!(IO_SINCE == (offset_of!(IoHandle, since) - WORDS_START) / WORD);
    assert!(MUTEX_POISONED == (offset_of!(Mutex, is_poisoned) - WORDS_START) / WORD);
};

/// The constants of `std.abi`: name, value and documentation.
pub const CONSTANTS: [(&str, i64, &str); 43] = [
    ("CHANNEL", WaitKind::Channel.library_number(), "The wait list of a channel: receivers, senders."),
    ("MUTEX", WaitKind::Mutex.library_number(), "The wait list of a mutex."),
    ("CONDITION", WaitKind::Condition.library_number(), "The wait list of a condition."),
    ("SEMAPHORE", WaitKind::Semaphore.library_number(), "The wait list of a semaphore."),
    ("WAIT_GROUP", WaitKind::WaitGroup.library_number(), "The wait list of a wait group."),
    ("BARRIER", WaitKind::Barrier.library_number(), "The wait list of a barrier."),
    ("ONCE", WaitKind::Once.library_number(), "The lock of a `Once`."),
    ("RW_LOCK", WaitKind::RwLock.library_number(), "A lock of an `RwLock`."),
    ("IO", WaitKind::Io.library_number(), "The wait list of an open file: readers, writers."),
    ("IO_WORDS", IO_WORDS as i64, "The number of words of an I/O handle behind its wait list."),
    ("IO_EVENTS", IO_EVENTS as i64, "The first of two words that count the changes of an open file."),
    ("IO_DRAINED", IO_DRAINED as i64, "The first of two words with the count before a call in vain."),
    ("IO_SINCE", IO_SINCE as i64, "The first of two words with the time since which a thread waits."),
    ("REASON_SELECT", ParkReason::Select as i64, "The purpose of a wait: the first of several events."),
    ("REASON_SLEEP", ParkReason::Sleep as i64, "The purpose of a wait: that time passes."),
    ("RECEIVERS", RECEIVERS as i64, "The side of a channel's list where receivers wait."),
    ("SENDERS", SENDERS as i64, "The side of a channel's list where senders wait."),
    ("LIST_WORDS", LIST_WORDS as i64, "The first word of a wait list that is the library's."),
    ("BARRIER_ARRIVED", BARRIER_ARRIVED as i64, "The word that counts the threads at a barrier."),
    ("MUTEX_WORDS", MUTEX_WORDS as i64, "The number of words of a mutex behind those of its list."),
    (
        "MUTEX_POISONED",
        MUTEX_POISONED as i64,
        "The word that is not 0 if a holder panicked or was cancelled.",
    ),
    ("OPEN_READ", files::OPEN_READ, "Opens a file for reading."),
    ("OPEN_WRITE", files::OPEN_WRITE, "Opens a file for writing."),
    ("OPEN_APPEND", files::OPEN_APPEND, "Opens a file for writing at its end."),
    ("OPEN_TRUNCATE", files::OPEN_TRUNCATE, "Removes the contents of the file."),
    ("OPEN_CREATE", files::OPEN_CREATE, "Creates the file if it does not exist."),
    ("OPEN_CREATE_NEW", files::OPEN_CREATE_NEW, "Creates the file; fails if it exists."),
    ("WRITE_REPLACE", files::WRITE_REPLACE, "Writes a file in place, and replaces its contents."),
    ("WRITE_APPEND", files::WRITE_APPEND, "Writes at the end of a file."),
    ("WRITE_ATOMIC", files::WRITE_ATOMIC, "Writes a new file, which replaces the old file."),
    ("SEEK_START", files::SEEK_START, "Positions count from the start of the file."),
    ("SEEK_CURRENT", files::SEEK_CURRENT, "Positions count from the current position."),
    ("SEEK_END", files::SEEK_END, "Positions count from the end of the file."),
    ("KIND_FILE", files::KIND_FILE, "The kind of a regular file."),
    ("KIND_DIRECTORY", files::KIND_DIRECTORY, "The kind of a directory."),
    ("KIND_LINK", files::KIND_LINK, "The kind of a symbolic link."),
    ("STREAM_INHERIT", processes::STREAM_INHERIT, "A stream of a child process is that of this process."),
    ("STREAM_NULL", processes::STREAM_NULL, "A stream of a child process is `/dev/null`."),
    ("STREAM_PIPE", processes::STREAM_PIPE, "A stream of a child process is a pipe."),
    ("STREAM_FILE", processes::STREAM_FILE, "A stream of a child process is an open file of this process."),
    ("STREAM_BITS", processes::STREAM_BITS as i64, "The number of bits of each of the three streams."),
    (
        "CLEAR_ENVIRONMENT",
        processes::CLEAR_ENVIRONMENT,
        "The child process inherits no environment variables.",
    ),
    (
        "ENDED_BY_SIGNAL",
        processes::ENDED_BY_SIGNAL,
        "Added to the number of the signal that ended a process.",
    ),
];

/// The side of a channel's list where receivers wait.
pub const RECEIVERS: usize = 0;
/// The side of a channel's list where senders wait.
pub const SENDERS: usize = 1;

/// The variants of `Option`, in the order of their declaration.
pub const OPTION: [&str; 2] = ["Some", "None"];
/// The index of `Some` in [`OPTION`].
pub const SOME: usize = 0;
/// The index of `None` in [`OPTION`].
pub const NONE: usize = 1;

/// The variants of `Result`, in the order of their declaration.
pub const RESULT: [&str; 2] = ["Ok", "Err"];
/// The index of `Ok` in [`RESULT`].
pub const OK: usize = 0;
/// The index of `Err` in [`RESULT`].
pub const ERR: usize = 1;

/// The variants of `Ordering`, in the order of their declaration.
pub const ORDERING: [&str; 3] = ["Less", "Equal", "Greater"];
/// The index of `Less` in [`ORDERING`].
pub const LESS: usize = 0;
/// The index of `Equal` in [`ORDERING`].
pub const EQUAL: usize = 1;
/// The index of `Greater` in [`ORDERING`].
pub const GREATER: usize = 2;

/// The fields of `Vec`, in the order of their declaration.
pub const VEC: [&str; 2] = ["items", "length"];
/// The index of `items` in [`VEC`].
pub const VEC_ITEMS: usize = 0;
/// The index of `length` in [`VEC`].
pub const VEC_LENGTH: usize = 1;
