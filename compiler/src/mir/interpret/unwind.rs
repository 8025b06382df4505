//! The end of threads: cancellation, unwinding, and the threads that wait for the end.
//!
//! A thread that panics or is cancelled runs its cleanups, the innermost first: it releases the mutexes that it holds,
//! runs its deferred blocks, and cancels the threads of its scopes and waits for their end. Then it ends. While a
//! thread unwinds, a cancellation has no effect on it, and a panic in a deferred block ends only that block.

use std::rc::Rc;

use super::interpreter::Interpreter;
use super::thread::{Cleanup, Ending, Stop, Thread, Waits};
use super::value::{List, Task, TaskState, WaitState, Waiter};
use super::waiting::Scope;
use super::{End, PANIC_STATUS};

/// The message that the result of a cancelled thread contains.
const CANCELLED: &str = "cancelled";

impl Interpreter<'_> {
    /// Cancels a thread. The thread ends now if it waits, otherwise when it next waits or yields; a shield delays the
    /// end.
    pub(super) fn cancel(&mut self, task: &Task) {
        if !task.is_alive() || task.is_cancelled.replace(true) {
            return;
        }
        let ends = self.parked(task).is_some_and(|thread| thread.is_to_end() && thread.stop_waiting());
        if !ends {
            return;
        }
        let mut thread = self.unpark(task).expect("BUG: a thread that waits is somewhere else");
        thread.ending = Some(cancellation());
        thread.end_generators();
        thread.drop_levels();
        if thread.cleanups.iter().all(|cleanup| matches!(cleanup, Cleanup::Mutex(_))) {
            self.give_back(&mut thread);
            return self.end_for(thread, cancellation());
        }
        thread.unwinds = true;
        thread.resume = None;
        self.ready(thread);
    }

    /// Ends the running thread, which was cancelled and yields or is about to wait.
    pub(super) fn cancelled(&mut self, thread: Thread) -> Option<End> {
        self.unwind_for(thread, cancellation())
    }

    /// Ends the running thread, which was cancelled and is about to park in a multi-wait.
    pub(super) fn cancelled_waiting(&mut self, mut thread: Thread) -> Option<End> {
        thread.stop_waiting();
        self.cancelled(thread)
    }

    /// Unwinds the running thread because of `ending`. If it is already unwinding, keeps the first reason.
    pub(super) fn unwind_for(&mut self, mut thread: Thread, ending: Ending) -> Option<End> {
        thread.ending.get_or_insert(ending);
        thread.drop_levels();
        self.unwind(thread)
    }

    /// Runs the next cleanups of the running thread, up to a cleanup that runs code or waits.
    pub(super) fn unwind(&mut self, mut thread: Thread) -> Option<End> {
        thread.unwinds = true;
        thread.end_generators();
        let is_main = thread.task.spawned_at.is_none();
        loop {
            // The process ends with the main thread, so mutexes and scopes of this thread no longer matter.
            if is_main && !thread.has_deferred() {
                return Some(End::Status(PANIC_STATUS));
            }
            match thread.cleanups.last() {
                Some(Cleanup::Mutex(_)) => self.give_back(&mut thread),
                Some(Cleanup::Scope(scope)) => {
                    let scope = Rc::clone(scope);
                    self.cancel_members(&scope);
                    if !scope.is_over() {
                        thread.waits = Waits::InList(Waiter::enlist(&thread.task, scope.wait()));
                        self.park(thread);
                        return None;
                    }
                    thread.cleanups.pop();
                }
                Some(Cleanup::Deferred(deferred)) => {
                    let deferred = deferred.clone();
                    thread.cleanups.pop();
                    thread.unwinds = false;
                    thread.call_deferred(self.program, &deferred);
                    // The thread continues at once.
                    self.run_queue.push_front(thread);
                    return None;
                }
                None => break,
            }
        }
        let ending = thread.ending.clone().expect("BUG: a thread unwinds for no reason");
        self.end_for(thread, ending);
        self.prefer_woken();
        None
    }

    /// Releases the mutexes that are the innermost cleanups of a thread.
    fn give_back(&mut self, thread: &mut Thread) {
        while let Some(Cleanup::Mutex(mutex)) =
            thread.cleanups.pop_if(|last| matches!(last, Cleanup::Mutex(_)))
        {
            mutex.poison();
            self.hand_over(&mutex);
        }
    }

    /// Hands a mutex over to the thread that has waited longest for it, or releases the mutex.
    pub(super) fn hand_over(&mut self, mutex: &Rc<List>) {
        let Some(waiter) = mutex.take(0) else { return mutex.holder.set(None) };
        mutex.holder.set(Some(waiter.task.number));
        let next = self.parked(&waiter.task).expect("BUG: a thread waits for a mutex and is not parked");
        next.cleanups.push(Cleanup::Mutex(Rc::clone(mutex)));
        self.wake(&waiter, true);
    }

    fn end_for(&mut self, thread: Thread, ending: Ending) {
        let scope = thread.member_of.clone();
        let task = Rc::clone(&thread.task);
        task.was_cancelled.set(!ending.is_panic);
        if let Some(scope) = scope.filter(|scope| ending.is_panic && scope.failed.borrow().is_none()) {
            // `failed` is set before this thread ends, so that members that end later find it set.
            scope.failed.replace(Some(task));
            self.end(thread, TaskState::Panicked(ending.message));
            return self.cancel_members(&scope);
        }
        self.end(thread, TaskState::Panicked(ending.message));
    }

    /// Ends a thread: wakes the threads that wait for its end, in the order in which they began to wait.
    pub(super) fn end(&mut self, thread: Thread, state: TaskState) {
        let task = Rc::clone(&thread.task);
        if let Some(history) = &mut self.history {
            let how = match state {
                TaskState::Panicked(_) if task.was_cancelled.get() => "was cancelled",
                TaskState::Panicked(_) => "has panicked",
                TaskState::Done(_) | TaskState::Alive => "has returned",
            };
            history.end(&task, how);
        }
        task.state.replace(state);
        while let Some(waiter) = task.joiners.take(0) {
            self.wake(&waiter, true);
        }
        if let Some(scope) = &thread.member_of {
            scope.members.borrow_mut().remove(&task.number);
            if scope.is_over()
                && let Some(owner) = scope.list.take(0)
            {
                self.wake(&owner, true);
            }
        }
    }

    fn cancel_members(&mut self, scope: &Scope) {
        scope.alive().iter().for_each(|member| self.cancel(member));
    }
}

fn cancellation() -> Ending {
    Ending { message: Rc::new(CANCELLED.to_owned()), is_panic: false }
}

/// The panic of a thread that joins `task` after `task` panicked or was cancelled, or of a thread that leaves a scope
/// in which `task` panicked. `cause` is the message of `task`.
pub(super) fn joined(task: &Task, cause: &str) -> Stop {
    Stop::Panics(match task.was_cancelled.get() {
        true => format!("the joined green thread {} was cancelled", task.number),
        false => cause.to_owned(),
    })
}

/// Takes the chosen arm of a thread's multi-wait and ends the wait; returns `None` if no arm is chosen yet.
pub(super) fn chosen(task: &Task) -> Option<i64> {
    match task.wait_state.get() {
        WaitState::Made(arm) => {
            task.wait_state.set(WaitState::None);
            Some(arm)
        }
        WaitState::Open | WaitState::Taken => None,
        WaitState::None => panic!("BUG: a thread pauses that did not begin to"),
    }
}
