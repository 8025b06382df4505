//! Wait lists, their waiters, and scopes.
//!
//! ```text
//!   List ──sides[0]──▶ Waiter, Waiter, ...     a thread that waits in this list only, or an arm of its `select`
//!        ──sides[1]──▶ Waiter, ...             the longest waiting first
//! ```
//!
//! The waker that takes a waiter out of its list wakes the waiter's thread with an outcome. No other waker can wake the
//! thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use weft_abi::WaitKind;
use weft_abi::library::{BARRIER_ARRIVED, LIST_WORDS, MUTEX_POISONED};

use super::value::{Form, List, Task, Value, Waiter};

/// A thread's request to wait in a list.
pub(super) struct Wait {
    pub(super) list: Rc<List>,
    pub(super) side: usize,
    pub(super) form: Form,
    /// The value that the thread offers.
    pub(super) value: Option<Value>,
}

/// An open `scope`.
pub(super) struct Scope {
    /// The list in which the owner waits for the members.
    pub(super) list: Rc<List>,
    /// The members that have not ended, by number.
    pub(super) members: RefCell<BTreeMap<u64, Rc<Task>>>,
    /// The first member that panicked.
    pub(super) failed: RefCell<Option<Rc<Task>>>,
}

impl List {
    /// Locks the list. No other thread can have locked it, because no thread is preempted between `lock` and `unlock`.
    pub(super) fn lock(&self) {
        assert!(!self.is_locked.replace(true), "BUG: a list is locked twice");
    }

    pub(super) fn unlock(&self) {
        assert!(self.is_locked.replace(false), "BUG: a list is unlocked that nobody locked");
    }

    /// Asserts that the list is locked, as the caller's operation requires.
    pub(super) fn must_be_locked(&self) {
        assert!(self.is_locked.get(), "BUG: a list is used without its lock");
    }

    /// Asserts that the list is not locked. In the runtime, the caller's operation locks the list itself.
    pub(super) fn must_be_free(&self) {
        assert!(!self.is_locked.get(), "BUG: a list is locked twice");
    }

    /// A word, by its index in the object.
    pub(super) fn word(&self, index: usize) -> Value {
        self.words.borrow()[index - LIST_WORDS].clone()
    }

    /// Sets a word. The old value is dropped only after the borrow ends.
    pub(super) fn set_word(&self, index: usize, value: Value) {
        let old = std::mem::replace(&mut self.words.borrow_mut()[index - LIST_WORDS], value);
        drop(old);
    }

    /// Marks this mutex as poisoned: the thread that held it panicked or was cancelled.
    pub(super) fn poison(&self) {
        self.set_word(MUTEX_POISONED, Value::Int(1));
    }

    /// If the list is a barrier's, subtracts one from the barrier's count of arrived threads. The thread to subtract
    /// was withdrawn from the list, or was cancelled before it was added.
    pub(super) fn uncount(&self) {
        if self.kind == WaitKind::Barrier {
            self.set_word(BARRIER_ARRIVED, Value::Int(self.word(BARRIER_ARRIVED).as_int() - 1));
        }
    }

    /// Whether a thread other than `task`'s waits on a side.
    pub(super) fn has_other(&self, side: usize, task: &Rc<Task>) -> bool {
        self.sides[side].borrow().iter().any(|waiter| !Rc::ptr_eq(&waiter.task, task))
    }

    /// Takes out of the list the waiter that has waited longest and can still be woken. If the waiter is an arm, also
    /// takes its thread's multi-wait.
    pub(super) fn take(&self, side: usize) -> Option<Rc<Waiter>> {
        loop {
            let waiter = self.sides[side].borrow_mut().pop_front()?;
            waiter.place.take();
            match waiter.form {
                Form::Again | Form::Outcome | Form::Value => return Some(waiter),
                Form::Arm { pause, .. } if waiter.task.choose(pause) => return Some(waiter),
                Form::Arm { .. } => {}
            }
        }
    }
}

impl Waiter {
    /// Adds the thread of `task` to the end of one side of a list.
    pub(super) fn enlist(task: &Rc<Task>, wait: Wait) -> Rc<Waiter> {
        let Wait { list, side, form, value } = wait;
        let waiter = Rc::new(Waiter {
            task: Rc::clone(task),
            form,
            value: RefCell::new(value),
            outcome: Cell::new(false),
            place: RefCell::new(Some((Rc::clone(&list), side))),
        });
        list.sides[side].borrow_mut().push_back(Rc::clone(&waiter));
        waiter
    }

    /// The list that contains the waiter, and the side.
    pub(super) fn place(&self) -> Option<(Rc<List>, usize)> {
        self.place.borrow().clone()
    }

    /// Takes the waiter out of its list; returns the list, or `None` if the waiter was in none.
    pub(super) fn withdraw(&self) -> Option<Rc<List>> {
        let (list, side) = self.place.take()?;
        list.sides[side].borrow_mut().retain(|waiter| !std::ptr::eq(Rc::as_ptr(waiter), self));
        Some(list)
    }

    /// The value with which the thread continues when it is woken with `outcome`; `None` if the thread checks its
    /// condition again.
    pub(super) fn resumes_with(&self, outcome: bool) -> Option<Value> {
        match self.form {
            Form::Again => None,
            Form::Outcome => Some(Value::Bool(outcome)),
            Form::Value => {
                let value = self.value.take().filter(|_| outcome).unwrap_or(Value::Null);
                Some(Value::data(0, vec![Value::Bool(outcome), value]))
            }
            Form::Arm { .. } => panic!("BUG: an arm is woken as if its thread waited for it alone"),
        }
    }
}

impl Scope {
    pub(super) fn new() -> Rc<Scope> {
        Rc::new(Scope {
            list: Rc::new(List::new(WaitKind::Scope, 0)),
            members: RefCell::default(),
            failed: RefCell::default(),
        })
    }

    /// The members that have not ended.
    pub(super) fn alive(&self) -> Vec<Rc<Task>> {
        self.members.borrow().values().map(Rc::clone).collect()
    }

    pub(super) fn is_over(&self) -> bool {
        self.members.borrow().is_empty()
    }

    /// A request of the owner to wait until the last member ends.
    pub(super) fn wait(&self) -> Wait {
        Wait { list: Rc::clone(&self.list), side: 0, form: Form::Again, value: None }
    }
}
