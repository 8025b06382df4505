//! Wait lists, their waiters, and scopes.
//!
//! ```text
//!   List ──sides[0]──▶ Waiter, Waiter, ...     a thread that waits for this alone, or an arm of its `select`
//!        ──sides[1]──▶ Waiter, ...             the longest waiting first
//! ```
//!
//! A waiter that was taken out of its list is decided: it is woken with its outcome, and nothing else happens to it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use weft_abi::WaitKind;
use weft_abi::library::{BARRIER_ARRIVED, LIST_WORDS, MUTEX_POISONED};

use super::value::{Form, List, Task, Value, Waiter};

/// A request of a thread to wait in a list.
pub(super) struct Wait {
    pub(super) list: Rc<List>,
    pub(super) side: usize,
    pub(super) form: Form,
    /// The value that it offers.
    pub(super) value: Option<Value>,
}

/// A `scope` that is open.
pub(super) struct Scope {
    /// The owner waits here for the members.
    pub(super) list: Rc<List>,
    /// The members that have not ended, by their numbers.
    pub(super) members: RefCell<BTreeMap<u64, Rc<Task>>>,
    /// The first member that panicked.
    pub(super) failed: RefCell<Option<Rc<Task>>>,
}

impl List {
    /// No thread stops between `lock` and `unlock`, so the list is free.
    pub(super) fn lock(&self) {
        assert!(!self.is_locked.replace(true), "BUG: a list is locked twice");
    }

    pub(super) fn unlock(&self) {
        assert!(self.is_locked.replace(false), "BUG: a list is unlocked that nobody locked");
    }

    /// The operation that follows is for a list that is locked.
    pub(super) fn must_be_locked(&self) {
        assert!(self.is_locked.get(), "BUG: a list is used without its lock");
    }

    /// The operation that follows locks the list itself.
    pub(super) fn must_be_free(&self) {
        assert!(!self.is_locked.get(), "BUG: a list is locked twice");
    }

    /// A word, by its index in the object.
    pub(super) fn word(&self, index: usize) -> Value {
        self.words.borrow()[index - LIST_WORDS].clone()
    }

    /// `word = value`. The former value is dropped when nothing is borrowed.
    pub(super) fn set_word(&self, index: usize, value: Value) {
        let old = std::mem::replace(&mut self.words.borrow_mut()[index - LIST_WORDS], value);
        drop(old);
    }

    /// A thread panicked or was cancelled that holds this mutex.
    pub(super) fn poison(&self) {
        self.set_word(MUTEX_POISONED, Value::Int(1));
    }

    /// A thread that the list counts, or was about to count, waits here no more.
    pub(super) fn uncount(&self) {
        if self.kind == WaitKind::Barrier {
            self.set_word(BARRIER_ARRIVED, Value::Int(self.word(BARRIER_ARRIVED).as_int() - 1));
        }
    }

    /// Whether another thread than that of `task` is on a side.
    pub(super) fn has_other(&self, side: usize, task: &Rc<Task>) -> bool {
        self.sides[side].borrow().iter().any(|waiter| !Rc::ptr_eq(&waiter.task, task))
    }

    /// Takes the longest waiter that can still be woken out of the list. If it is an arm, its wait state is decided.
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
    /// The thread of `task` at the end of one side of a list.
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

    /// The list and the side that it is in.
    pub(super) fn place(&self) -> Option<(Rc<List>, usize)> {
        self.place.borrow().clone()
    }

    /// Takes it out of its list; returns the list if it was in one.
    pub(super) fn withdraw(&self) -> Option<Rc<List>> {
        let (list, side) = self.place.take()?;
        list.sides[side].borrow_mut().retain(|waiter| !std::ptr::eq(Rc::as_ptr(waiter), self));
        Some(list)
    }

    /// The value that its thread goes on with when it is woken with that outcome; none if it looks again.
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

    /// The owner waits in the list until a member that ends finds no other.
    pub(super) fn wait(&self) -> Wait {
        Wait { list: Rc::clone(&self.list), side: 0, form: Form::Again, value: None }
    }
}
