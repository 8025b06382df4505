//! The poller: one for the process. It reports when open files change: have become readable or writable.
//!
//! The poller is Linux's epoll, through the crate `mio`. It reports each change once, to one OS thread.

use std::io;
use std::os::fd::AsRawFd;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token, Waker};

use super::files;

/// The maximum number of changes that one call reports. The system keeps further changes for the next call.
const MOST_CHANGES: usize = 256;

/// The token of the waker. It differs from all keys, which are smaller.
const WAKER: Token = Token(usize::MAX);

static POLLER: OnceLock<Poller> = OnceLock::new();

struct Poller {
    /// Held by the OS thread that polls. Taken only with `try_lock`, so no rank is needed.
    poll: Mutex<(Poll, Events)>,
    registry: Registry,
    waker: Waker,
}

/// A change of an open file that [`watch`] watches.
#[derive(Clone, Copy)]
pub struct Change {
    /// The key of the file.
    pub key: usize,
    /// The file may be readable: there is data, a connection, the end or an error.
    pub is_readable: bool,
    /// The file may be writable, or has an error.
    pub is_writable: bool,
    /// The other end has shut down, the file has an error, or there are urgent data: a read may return fewer bytes than
    /// there are, or nothing more will change.
    pub stops_short: bool,
}

impl Poller {
    fn new() -> io::Result<Poller> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(&registry, WAKER)?;
        Ok(Poller { poll: Mutex::new((poll, Events::with_capacity(MOST_CHANGES))), registry, waker })
    }

    /// The process's poller, which the first call makes.
    fn start() -> io::Result<&'static Poller> {
        if let Some(poller) = POLLER.get() {
            return Ok(poller);
        }
        files::allow_most_descriptors();
        let poller = Poller::new()?;
        // If another OS thread was faster, its poller stays, and this poller is dropped.
        Ok(POLLER.get_or_init(|| poller))
    }
}

/// Makes the poller, if there is none yet, so that [`watch`] needs no more descriptors.
pub fn prepare() -> io::Result<()> {
    Poller::start().map(|_| ())
}

/// Reports the changes of a file under `key` from now on; if the file is ready now, that counts as a change.
pub fn watch(file: i32, key: usize) -> io::Result<()> {
    let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
    Poller::start()?.registry.register(&mut SourceFd(&file), Token(key), interest)
}

/// Ends the reports about a file, which [`watch`] watches. Reports that were made before may still be on their way.
pub fn forget(file: i32) {
    if let Some(poller) = POLLER.get() {
        // An error means that the system has already forgotten the file.
        let _ = poller.registry.deregister(&mut SourceFd(&file));
    }
}

/// Ends the present call of [`Polling::wait`], or the next call if there is none. Safe in signal handlers: the call
/// writes to a file of the waker.
pub(super) fn wake() {
    if let Some(poller) = POLLER.get() {
        // An error means that the waker's count is full, so a wake-up is pending.
        let _ = poller.waker.wake();
    }
}

/// The right to poll, which one OS thread has at a time.
pub(super) struct Polling(MutexGuard<'static, (Poll, Events)>);

/// Takes the right to poll; `None` if another OS thread has it, or if no file was ever watched.
pub(super) fn lock() -> Option<Polling> {
    POLLER.get()?.poll.try_lock().ok().map(Polling)
}

/// Whether files are watched, and no OS thread polls.
pub fn is_neglected() -> bool {
    lock().is_some()
}

impl Polling {
    /// Waits until a file changes, [`wake`] is called, or the time has passed, and passes the changes to `report`. May
    /// return early.
    pub(super) fn wait(&mut self, time: Option<Duration>, mut report: impl FnMut(Change)) {
        let (poll, events) = &mut *self.0;
        // The poller counts whole milliseconds and rounds up, so it would wake the sleepers of timers late.
        let time = match time {
            Some(time) if time < Duration::from_millis(1) => {
                sleep_precisely(poll, time);
                Some(Duration::ZERO)
            }
            _ => time.map(|time| Duration::from_millis(time.as_millis() as u64)),
        };
        // An error is an interruption by a signal handler.
        if poll.poll(events, time).is_err() {
            return;
        }
        for event in events.iter().filter(|event| event.token() != WAKER) {
            let has_ended = event.is_read_closed() || event.is_write_closed() || event.is_error();
            report(Change {
                key: event.token().0,
                is_readable: event.is_readable() || has_ended,
                is_writable: event.is_writable() || has_ended,
                stops_short: has_ended || event.is_priority(),
            });
        }
    }
}

/// Waits until a file has changed or the time, which may be a fraction of a millisecond, has passed.
fn sleep_precisely(poll: &Poll, time: Duration) {
    if time.is_zero() {
        return;
    }
    let mut file = libc::pollfd { fd: poll.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    let time = super::clock::timespec(time);
    // SAFETY: both structs are alive during the call.
    unsafe { libc::ppoll(&raw mut file, 1, &raw const time, std::ptr::null()) };
}
