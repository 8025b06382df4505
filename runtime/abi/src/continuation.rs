//! Continuations: suspended computations with stacks of their own.
//!
//! A continuation that a thread has resumed runs on top of the thread: the thread's stacks form a chain, in which each
//! continuation refers to the stack that has resumed it. A suspended continuation owns the part of such a chain that
//! its suspension has cut off: its own stack and, if it was suspended past other continuations, their stacks, too.
//!
//! ```text
//!   runs        Task ◀──parent── A ◀──parent── B          B's stack is the running one
//!   B suspends A, past itself:
//!   suspended   A ◀──parent── B                           `A.innermost` is B, `A.sp` is in B's stack
//! ```
//!
//! The stacks of `std.switch` are *symmetric* continuations: such a continuation does not return to its resumer, but
//! swaps with another symmetric continuation, which takes its place in the chain. The code below the chain's symmetric
//! continuation is the *host*. A swap can also go back to the host, which a small object stands for:
//!
//! ```text
//!   the host swaps with A   Task ◀──parent── A             a value for the host passes to A
//!   A swaps with B          Task ◀──parent── B             a value for A passes to B; A is suspended
//!   B swaps with the host   Task                           a value for B passes to the host; B is suspended
//! ```
//!
//! The running stack can move, because no memory contains an address in it: `sp` is valid only while the continuation
//! is suspended, and `resumer` points into a stack that runs again only after the continuation is suspended or ends.

use core::mem::offset_of;
use core::ptr::null_mut;

use crate::HAS_LAYOUTS;
use crate::home::StackHome;
use crate::layout::Sp;
use crate::object::Header;
use crate::task::{StackBase, Task};

/// The number of resumptions whose places a continuation remembers, a power of two. If a `Cont` is resumed a second
/// time after `PLACES` or more later resumptions, the message cannot name the place of the first resumption. A larger
/// number makes such messages rarer, and objects larger.
pub const PLACES: usize = 4;

/// Contexts. Each stack has a word, its context, that identifies the situation in which code runs on the stack. Two
/// stacks have the same context only if they have the same owner, the same scope, and as many mutexes and shields. So
/// one comparison tells whether a continuation can be resumed without a change to its stacks, and another comparison
/// tells whether the continuation can be suspended.
///
/// ```text
///   63                          24 23     12 11         0
///   number of a thread or change  │ shields │  mutexes
/// ```
///
/// A change, marked by bit 63, opens or closes a scope, or begins to unwind the thread.
///
/// The counts may overflow into each other without harm, since a subtraction of the same number undoes each addition.
pub mod context {
    /// The number that is added to a stack's context when a mutex is added to the stack's chain of cleanups.
    pub const MUTEX: u64 = 1;
    /// The number that is added to a stack's context when a deferred block begins.
    pub const SHIELD: u64 = 1 << 12;
    /// The context that no stack has while it runs.
    pub const NONE: u64 = 0;

    /// The context of a new thread.
    pub const fn of_thread(number: u64) -> u64 {
        number << 24
    }

    /// The context of a stack after a change. Each change has a different `number`.
    pub const fn of_change(number: u64) -> u64 {
        1 << 63 | number << 24
    }
}

/// A continuation. The library's type for it is a struct with the single field `revision`.
///
/// A host is an object of the same layout, with the descriptor `HOST`. It uses only the fields `revision`, to which
/// each swap from the host and each swap to it adds 1, `parent`, the home of the host's stack, and `places`.
#[repr(C)]
pub struct Continuation {
    /// The header, with the descriptor `CONTINUATION`.
    pub header: Header,
    /// The number of resumptions, plus 1 if the continuation was closed. A value of the type `Cont` is an object and a
    /// revision, and is used up once the object has another revision.
    pub revision: u64,
    /// The stack pointer while the continuation is suspended; null while it runs and when it has ended.
    pub sp: Sp,
    /// The stack pointer of the code that has resumed the continuation, valid while the continuation runs.
    pub resumer: Sp,
    /// The home of the stack that has resumed the continuation, valid while the continuation runs.
    pub parent: *mut StackHome,
    /// The continuation whose stack contains `sp`: this one, unless it was suspended past other continuations.
    pub innermost: *mut Continuation,
    /// The places of the last resumptions: the low halves of the addresses at which the resumers go on. The resumption
    /// that increased the revision to `r` is at index `r % PLACES`; 0 there means that the continuation was closed
    /// instead.
    pub places: [u32; PLACES],
    /// The stack limit; null when the continuation has ended.
    pub stack_limit: *mut u8,
    /// The context of the stack that resumed the continuation, which a suspension must find unchanged.
    pub context: u64,
    /// The number of nested deferred blocks in which the continuation was resumed, which a suspension must find
    /// unchanged: the value of [`Waiter::arm`](crate::task::Waiter::arm) in the resumer's task.
    pub shields: u32,
    /// The size class of the stack block.
    pub stack_class: u8,
    /// The epoch of the last collection that has scanned the stack; 0 in a new continuation.
    pub scanned: u8,
    /// Whether the continuation is left by swaps, not by suspensions.
    pub is_symmetric: bool,
}

impl Continuation {
    /// The revision of a value that stands for a symmetric continuation that has ended. No continuation has it.
    pub const ENDED: u64 = u64::MAX;
}

impl StackBase {
    /// The base of the stack of a continuation that code on this stack creates: it has the same owner, scope and
    /// context.
    pub fn of_continuation(&self, continuation: *mut Continuation) -> StackBase {
        let words = StackBase::of(self.owner, self.context);
        StackBase { home: continuation.cast(), scope: self.scope, ..words }
    }

    /// The host of the symmetric continuation to which the stack belongs: the host below the continuation while it
    /// runs, otherwise the last one; null before the first swap.
    ///
    /// The word is `member_of`, which only the stacks of threads need otherwise.
    #[inline(always)]
    pub fn host(&self) -> *mut Continuation {
        self.member_of.cast()
    }

    /// Sets the host of the symmetric continuation to which the stack belongs.
    #[inline(always)]
    pub fn set_host(&mut self, host: *mut Continuation) {
        self.member_of = host.cast();
    }

    /// The continuation to which the stack belongs; null if the stack is a thread's own.
    pub fn continuation(&self) -> *mut Continuation {
        if self.home.cast() == self.owner { null_mut() } else { self.home.cast() }
    }
}

// Compiled code and assembly use these offsets.
const _: () = if HAS_LAYOUTS {
    assert!(PLACES.is_power_of_two() && size_of::<Continuation>() == 88);
    assert!(offset_of!(Continuation, revision) == size_of::<Header>());
    assert!(offset_of!(Continuation, stack_limit) == offset_of!(StackHome, stack_limit));
    assert!(offset_of!(Continuation, stack_class) == offset_of!(StackHome, stack_class));
    assert!(offset_of!(Continuation, scanned) == offset_of!(StackHome, scanned));
    assert!(offset_of!(Task, stack_limit) == offset_of!(StackHome, stack_limit));
    assert!(offset_of!(Task, stack_class) == offset_of!(StackHome, stack_class));
    assert!(offset_of!(Task, scanned) == offset_of!(StackHome, scanned));
};

/// The messages of panics in operations on continuations.
pub mod messages {
    /// The continuation was not resumed by the running thread, or it was suspended or has ended since.
    pub const NOT_RUNNING: &str = "`suspend` for a continuation that does not run in this green thread";
    /// The function that leaves a continuation by a suspension, with which the next messages begin.
    pub const SUSPEND: &str = "`suspend`";
    /// The function that leaves a symmetric continuation.
    pub const SWAP: &str = "`swapstack`";
    /// The end of the message for a suspension or a swap inside of an open scope.
    pub const OPEN_SCOPE: &str = " inside a `scope`: leave the block first, which waits for its threads";
    /// The end of the message for a suspension or a swap inside of a deferred block.
    pub const DEFERRED: &str = " inside a deferred block, which must run to its end";
    /// A suspension, a swap or the end of the continuation while it holds a mutex.
    pub const HELD_MUTEX: &str =
        "a continuation is left while it holds a mutex or another lock: release it first";
    /// The messages for a value that was used before.
    pub struct Used {
        /// The beginning, and the whole message if nothing is known about the first use.
        pub again: &'static str,
        /// The text between `again` and the position of the first use.
        pub first: &'static str,
        /// The text behind `again` if the continuation was closed.
        pub closed: &'static str,
    }
    /// A continuation was resumed or closed before.
    pub const CONTINUATION_USED: Used = Used {
        again: "a continuation is resumed a second time",
        first: ": it was resumed first at ",
        closed: ": it was closed before",
    };
    /// A stack of `std.switch` was entered or closed before.
    pub const STACK_USED: Used = Used {
        again: "a `Stack` is used a second time",
        first: ": it was used first at ",
        closed: ": it was closed before",
    };
    /// A swap with a stack whose function has returned.
    pub const STACK_ENDED: &str = "`swapstack` with a stack that has ended: its function has returned";
    /// The function of a stack returns a stack that was entered or closed before.
    pub const RETURNED_USED: Used = Used {
        again: "the function of a stack returns a `Stack` that was used before",
        first: ": it was used first at ",
        closed: ": it was closed",
    };
    /// A swap with a host from a stack above another host.
    pub const FOREIGN_HOST: &str = "`swapstack` with code that did not enter the running stack: only a stack that this \
         code has entered, or one that took its place, can go back to it";
    /// An attempt to close a host.
    pub const HOST_CLOSED: &str =
        "`close` of a `Stack` that `newstack` has not made: it stands for running code";
}
