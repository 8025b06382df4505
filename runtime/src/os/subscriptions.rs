//! Subscriptions to signals. Each subscription is a pair of sockets: signal handlers write the numbers of signals to
//! the one, and a green thread reads them from the other.
//!
//! While a signal has no subscription, its default action takes place.

use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::SigId;
use signal_hook::{flag, low_level};

use super::locks::{Lock, Rank};

/// The signals of a subscription.
struct Subscription {
    /// The descriptor from which the signals are read.
    reader: RawFd,
    writer: Arc<UnixStream>,
    signals: Vec<(i32, SigId)>,
}

struct State {
    subscriptions: Vec<Subscription>,
    /// The signals that had a subscription at some time, each with the flag that its default action takes place.
    known: Vec<(i32, Arc<AtomicBool>)>,
}

static STATE: Lock<State> = Lock::new(Rank::Signals, State { subscriptions: Vec::new(), known: Vec::new() });

impl State {
    fn is_subscribed(&self, signal: i32) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.has(signal))
    }

    /// Sets for all known signals whether the default action takes place.
    fn update(&self) {
        for (signal, is_default) in &self.known {
            is_default.store(!self.is_subscribed(*signal), Ordering::SeqCst);
        }
    }
}

impl Subscription {
    fn has(&self, signal: i32) -> bool {
        self.signals.iter().any(|(known, _)| *known == signal)
    }
}

/// Subscribes to signals; returns the descriptor that becomes readable when one arrives, and never blocks. A signal is
/// a byte. If nobody reads, signals get lost when the system's buffer is full.
pub fn subscribe(signals: impl Iterator<Item = i32>) -> io::Result<OwnedFd> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    writer.set_nonblocking(true)?;
    let mut subscription =
        Subscription { reader: reader.as_raw_fd(), writer: Arc::new(writer), signals: Vec::new() };
    let mut state = STATE.lock();
    for signal in signals {
        match add(&mut state, signal, &subscription.writer) {
            Ok(id) => subscription.signals.push((signal, id)),
            Err(error) => {
                remove(&subscription);
                return Err(error);
            }
        }
    }
    state.subscriptions.push(subscription);
    state.update();
    Ok(reader.into())
}

fn add(state: &mut State, signal: i32, writer: &Arc<UnixStream>) -> io::Result<SigId> {
    if signal_hook::consts::FORBIDDEN.contains(&signal) {
        return Err(ErrorKind::InvalidInput.into());
    }
    if !state.known.iter().any(|(known, _)| *known == signal) {
        // Handlers run in the order in which they were registered. So no subscription sees a signal before the flag is
        // checked, and the flag is off until `update`.
        let is_default = Arc::new(AtomicBool::new(false));
        if !is_ignored(signal) {
            flag::register_conditional_default(signal, Arc::clone(&is_default))?;
        }
        state.known.push((signal, is_default));
    }
    let writer = Arc::clone(writer);
    // SAFETY: the handler only sends a byte, which is allowed in signal handlers, and restores `errno`.
    unsafe { low_level::register(signal, move || report(&writer, signal)) }
}

/// Whether the process ignores a signal, as below `nohup`.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: zeros are a valid value, and the struct is alive during the call.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

fn remove(subscription: &Subscription) {
    for (_, id) in &subscription.signals {
        low_level::unregister(*id);
    }
}

/// Ends the subscription with a descriptor, which is still open.
pub fn unsubscribe(reader: RawFd) {
    let mut state = STATE.lock();
    let Some(index) = state.subscriptions.iter().position(|subscription| subscription.reader == reader)
    else {
        return;
    };
    let subscription = state.subscriptions.swap_remove(index);
    state.update();
    remove(&subscription);
}

/// Whether there is a subscription to a signal.
pub fn is_subscribed(signal: i32) -> bool {
    STATE.lock().is_subscribed(signal)
}

/// Passes a signal, which the caller received from the system, to the subscriptions; returns whether there is one.
pub fn pass_on(signal: i32) -> bool {
    let state = STATE.lock();
    let interested = state.subscriptions.iter().filter(|subscription| subscription.has(signal));
    interested.inspect(|subscription| report(&subscription.writer, signal)).count() > 0
}

/// Writes the number of a signal. Safe in signal handlers.
fn report(writer: &UnixStream, signal: i32) {
    let byte = signal as u8;
    // SAFETY: the C library returns the address of this OS thread's `errno`, which the interrupted code may read next;
    // the byte is readable. An error means that the buffer is full, or that the other end was just closed.
    unsafe {
        let errno = libc::__errno_location();
        let before = errno.read();
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        libc::send(writer.as_raw_fd(), (&raw const byte).cast(), 1, flags);
        errno.write(before);
    }
}

/// Sends a signal to this process.
pub fn raise(signal: i32) -> io::Result<()> {
    // SAFETY: the calls read only their arguments.
    let status = unsafe { libc::kill(libc::getpid(), signal) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
