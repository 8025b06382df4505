//! Operations on threads and on memory that threads share: wait lists, continuations, cleanups and atomic numbers.

/// An operation on a wait list or on a *waiter*, an entry of a wait list. To the library a list is an `[Int]` and a
/// waiter is a `Task[()]`. A *side*, 0 or 1, selects one of the two queues of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitOp {
    /// `(list)`: locks the list; there is no safepoint between `Lock` and `Unlock`
    Lock,
    /// `(list)`: unlocks the list
    Unlock,
    /// `(list, side) -> Waiter?`: removes the waiter that has waited longest from the list, which is locked
    TakeWaiter,
    /// `(waiter, outcome: Bool)`: makes runnable the thread of a waiter that was taken out of its list
    Wake,
    /// `(list, side) -> Bool`: a yield point. The list is locked; waiting unlocks it. Returns the outcome that the
    /// waker passed to `Wake`
    Wait,
    /// `(list, side) -> (Bool, T)`: like `Wait`; also returns the value that the waker hands over
    WaitTake,
    /// `(list, side, T) -> Bool`: like `Wait`; also offers a value
    WaitGive,
    /// `(waiter, T)`: hands a value to a waiter of `WaitTake`
    Put,
    /// `(waiter) -> T`: the value that a waiter of `WaitGive` offers
    Get,
    /// `() -> Int`: a yield point. Waits until an arm of the running thread's multi-wait is chosen; returns that arm
    Pause,
    /// `(list, word: Int, [T])`: stores a reference to the array in a word of the list that is reserved for the library
    Keep,
    /// `(list, word: Int) -> [T]`: the array that `Keep` stored in the word
    Kept,
    /// `(list)`: records, in a program that is compiled for tracing, that a value was sent into the buffer of the
    /// channel; other programs have no such statement
    BufferPut,
    /// `(list)`: like `BufferPut`, for a value that was received from the buffer
    BufferGet,
    /// `(list)`: like `BufferPut`, for the value of the waiting sender that is woken next
    BufferMove,
    /// `()`: a yield point. Waits for the end of the innermost scope's threads, and closes the scope
    LeaveScope,
    /// `(task)`: ends the task's thread, now or as soon as it can be stopped
    Cancel,
}

impl WaitOp {
    /// Whether the operation only records an event of a trace.
    pub fn is_traced(self) -> bool {
        matches!(self, WaitOp::BufferPut | WaitOp::BufferGet | WaitOp::BufferMove)
    }

    /// Whether the operation is a yield point: other threads may run before it ends.
    pub fn may_yield(self) -> bool {
        matches!(
            self,
            WaitOp::Wait | WaitOp::WaitTake | WaitOp::WaitGive | WaitOp::Pause | WaitOp::LeaveScope
        )
    }
}

/// An operation on continuations. To the library a continuation is a *stack*, a struct with the `var` field `revision`;
/// a `Cont` is a struct of a stack and a revision, a `Suspender` a struct of a stack. `A` is the type of the values
/// that resumptions pass in, `B` is the type of the values that suspensions pass out, and `R` is the type of the
/// result. A `Step` is an enum of the variants `Suspended(Cont, B)` and `Done(R)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContinuationOp {
    /// `(body: fn(Suspender, A) -> R) -> Stack`: a new continuation, of revision 0, which is suspended before its body
    New,
    /// `(cont: Cont, A) -> Step`: panics unless the stack has the revision of `cont`, adds 1 to the revision of the
    /// stack, and runs the continuation until it is suspended or ends
    Resume,
    /// `(stack: Stack, B) -> A`: suspends a running continuation, and all continuations that it has resumed and that
    /// still run; panics if it may not be suspended
    Suspend,
    /// `(cont: Cont) -> Int`: if `cont` has the revision of its stack, ends the suspended continuation and adds 1 to
    /// the revision; its deferred blocks become the innermost cleanups of the running thread; returns their number, or
    /// 0 if the revisions differ
    Close,
    /// `() -> fn()`: removes the innermost deferred block from the running thread's chain of cleanups, and returns it
    TakeDeferred,
    /// `(body: fn(Symmetric, T) -> (Symmetric, T)) -> Stack`: a new symmetric continuation, of revision 0, which is
    /// suspended before its body. A `Symmetric` is a struct of a stack and a revision. When the body returns, the
    /// continuation ends, and a `Swap` with the result of the body continues in its place
    NewSymmetric,
    /// `(target: Symmetric, T) -> (Symmetric, T)`: panics unless the stack of `target` has its revision; suspends the
    /// running symmetric continuation, or the host of such continuations, and runs the stack of `target`, passing the
    /// `T`. Returns when another `Swap` runs this code again: a `Symmetric` for the code which that `Swap` has
    /// suspended, and the `T` that it has passed
    Swap,
}

/// An operation on the running thread's chain of cleanups, or on its shield against cancellation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CleanupOp {
    /// `(deferred)`: removes `deferred`, the innermost cleanup, from the chain
    Pop,
    /// `()`: no cancellation takes effect until the matching `Unshield`
    Shield,
    /// `()`: ends the effect of the last `Shield`
    Unshield,
}

/// An atomic operation on the first element of an `[Int]`. Each returns the old value of the element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomicOp {
    /// `(array)`: reads the element
    Get,
    /// `(array, value)`: replaces the element by `value`
    Swap,
    /// `(array, value)`: adds, wrapping
    Add,
    /// `(array, value)`: subtracts, wrapping
    Subtract,
    /// `(array, expected, new)`: replaces the element by `new` if it equals `expected`
    CompareExchange,
}
