//! The wait state: the word that decides which waker wakes a thread in a `select` or another multi-wait. The first
//! waker that changes the word wakes the thread.
//!
//! A multi-wait has several possible wakers: the partners of the arms of a `select`, a timer, a blocking call that
//! returns, a cancellation. Each waker holds the [`WaitTicket`] of the multi-wait. The first waker that [decides] the
//! wait with its ticket wakes the thread; all other wakers are too late. A thread that sleeps for 5 ms while another
//! thread cancels it:
//!
//! ```text
//!   word   sleeping thread             timer                            canceller
//!   0      open() ──▶ ticket 1
//!   1      parks                       has the ticket 1                 reads the ticket 1
//!   2                                  decide(1): Won
//!   2                                  writes which arm was chosen      decide(1): Late, does nothing
//!   4                                  publish(), makes it runnable
//!   4      runs; the ticket 1 decides
//!          nothing any more
//!   5      the next multi-wait: open() ──▶ ticket 5
//! ```
//!
//! The low two bits of the word are the phase: 0 outside of a multi-wait, 1 while the multi-wait is open, 2 between the
//! decision and its publication. The bits above the phase count the multi-waits, so that a late ticket never fits a
//! later wait.
//!
//! The decision is one compare-and-exchange. Only its winner calls [`WaitState::publish`], so a plain store is enough
//! for the publication.
//!
//! [decides]: WaitState::decide

use core::sync::atomic::{AtomicU64, Ordering};

/// The bits of the phase.
const PHASE: u64 = 3;
/// The phase of a multi-wait that is not decided yet.
const OPEN: u64 = 1;

/// The wait state of one thread; zero in a new thread.
#[repr(transparent)]
pub struct WaitState(AtomicU64);

/// The identity of one multi-wait of one thread: the wait state's word at the time when the ticket was drawn.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WaitTicket(u64);

/// The outcome of an attempt to decide a multi-wait.
#[must_use = "the winner of a decision has to wake the thread"]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The caller has decided the wait, and has to publish the decision and wake the thread.
    Won,
    /// Another waker has decided the wait, or no wait was open when the ticket was drawn.
    Late,
}

impl WaitTicket {
    /// The ticket of no multi-wait.
    pub const NONE: WaitTicket = WaitTicket(0);

    /// Whether the multi-wait was open when the ticket was drawn.
    #[inline(always)]
    pub const fn is_open(self) -> bool {
        self.0 & PHASE == OPEN
    }
}

impl WaitState {
    /// Begins a multi-wait of the running thread, whose previous multi-wait is over.
    #[inline(always)]
    pub fn open(&self) -> WaitTicket {
        WaitTicket(self.0.fetch_add(1, Ordering::Release) + 1)
    }

    /// The ticket of the current multi-wait. A ticket that is drawn after the decision decides nothing.
    #[inline(always)]
    pub fn ticket(&self) -> WaitTicket {
        // SAFETY: the word is alive as long as `self`, and the read of an aligned word is atomic.
        WaitTicket(unsafe { self.0.as_ptr().read_volatile() })
    }

    /// Decides the multi-wait of a ticket, unless that multi-wait is already decided.
    #[inline(always)]
    pub fn decide(&self, ticket: WaitTicket) -> Decision {
        let is_first = ticket.is_open()
            && self.0.compare_exchange(ticket.0, ticket.0 + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if is_first { Decision::Won } else { Decision::Late }
    }

    /// Ends the multi-wait that the caller has decided. The caller has already stored the number of the chosen arm.
    /// After this call the thread may go on.
    #[inline(always)]
    pub fn publish(&self) {
        // SAFETY: the word is alive as long as `self`. Between a decision and its publication only the winner writes
        // the word.
        unsafe { self.0.as_ptr().write_volatile(*self.0.as_ptr() + 2) }
    }

    /// Whether the thread has to park: its multi-wait is open, or the decision is not published yet.
    #[inline(always)]
    pub fn is_pending(&self) -> bool {
        self.ticket().0 & PHASE != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_decides_and_late_tickets_never_fit() {
        let state = WaitState(AtomicU64::new(0));
        assert_eq!(state.decide(state.ticket()), Decision::Late);
        let first = state.open();
        assert!(first.is_open() && state.is_pending());
        assert_eq!(state.decide(first), Decision::Won);
        assert_eq!(state.decide(first), Decision::Late);
        assert_eq!(state.decide(state.ticket()), Decision::Late);
        assert!(state.is_pending());
        state.publish();
        assert!(!state.is_pending());
        let second = state.open();
        assert_eq!(state.decide(first), Decision::Late);
        assert_eq!(state.decide(second), Decision::Won);
    }
}
