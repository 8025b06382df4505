//! Lists of waiting threads, what waits in them, and scopes.
//!
//! ```text
//!   List ──sides[0]──▶ Waiter, Waiter, ...     a thread that waits for this alone, or an arm of its `select`
//!        ──sides[1]──▶ Waiter, ...             the longest waiting first
//! ```
//!
//! A waiter that was taken out of its list is decided: it is woken with its outcome and nothing else happens to it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::mem::offset_of;
use std::rc::Rc;

use weft_abi::{ArrayObject, Mutex, WaitKind, WaitList};

use super::value::{Task, Value, drop_all};

/// The words of a list's object that are its own; those of the library follow.
const OWN_WORDS: usize = size_of::<WaitList>() / size_of::<u64>();
/// The word of a mutex that says whether a thread panicked or was cancelled while it held it.
const POISONED: usize = (offset_of!(Mutex, is_poisoned) - size_of::<ArrayObject>()) / size_of::<u64>();
/// The word of a barrier that counts the threads that have arrived.
const ARRIVED: usize = OWN_WORDS;

/// A list of waiting threads. To the library it is an array of numbers.
pub(super) struct List {
    /// The kind of thing that is waited for.
    pub(super) kind: WaitKind,
    /// Of a list of joiners: the number of the thread whose end they wait for.
    pub(super) joined: u64,
    /// Of a mutex: the number of the thread that holds it.
    pub(super) holder: Cell<Option<u64>>,
    is_locked: Cell<bool>,
    sides: [RefCell<VecDeque<Rc<Waiter>>>; 2],
    /// The words behind its own, which the library uses.
    pub(super) words: RefCell<Vec<Value>>,
}

/// An entry of a list.
pub(super) struct Waiter {
    /// The thread that waits.
    pub(super) task: Rc<Task>,
    pub(super) form: Form,
    /// The value that it offers or was handed.
    pub(super) value: RefCell<Option<Value>>,
    /// Of an arm: the outcome that its waker gave.
    pub(super) outcome: Cell<bool>,
    /// The list and the side that it is in.
    place: RefCell<Option<(Rc<List>, usize)>>,
}

/// The kinds of waiters, by what their threads do when they are woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// It looks again at what it waited for.
    Again,
    /// It goes on with the outcome.
    Outcome,
    /// It goes on with the outcome and the value that it was handed.
    Value,
    /// An arm of the multi-wait of that number.
    Arm { pause: u64, arm: i64 },
}

/// A thread's wish to wait in a list.
pub(super) struct Wait {
    pub(super) list: Rc<List>,
    pub(super) side: usize,
    pub(super) form: Form,
    /// The value that it offers.
    pub(super) value: Option<Value>,
}

/// The state of a thread's multi-wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Choice {
    /// It waits for nothing, or knows what was chosen.
    None,
    /// Nothing was chosen.
    Open,
    /// A waker has chosen an arm, and tells which one next.
    Taken,
    /// This arm was chosen.
    Made(i64),
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
    /// An empty list with so many words for the library.
    pub(super) fn new(kind: WaitKind, words: usize) -> List {
        List {
            kind,
            joined: 0,
            holder: Cell::new(None),
            is_locked: Cell::new(false),
            sides: Default::default(),
            words: RefCell::new(vec![Value::Int(0); words]),
        }
    }

    /// The list of those that wait for the end of the thread of that number.
    pub(super) fn of_joiners(number: u64) -> List {
        let mut list = List::new(WaitKind::Join, 0);
        list.joined = number;
        list
    }

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
        self.words.borrow()[index - OWN_WORDS].clone()
    }

    /// `word = value`. The former value is dropped when nothing is borrowed.
    pub(super) fn set_word(&self, index: usize, value: Value) {
        let old = std::mem::replace(&mut self.words.borrow_mut()[index - OWN_WORDS], value);
        drop(old);
    }

    /// A thread panicked or was cancelled that holds this mutex.
    pub(super) fn poison(&self) {
        self.set_word(POISONED, Value::Int(1));
    }

    /// A thread that the list counts, or was about to count, waits here no more.
    pub(super) fn uncount(&self) {
        if self.kind == WaitKind::Barrier {
            self.set_word(ARRIVED, Value::Int(self.word(ARRIVED).as_int() - 1));
        }
    }

    /// Whether another thread than that of `task` is on a side.
    pub(super) fn has_other(&self, side: usize, task: &Rc<Task>) -> bool {
        self.sides[side].borrow().iter().any(|waiter| !Rc::ptr_eq(&waiter.task, task))
    }

    /// The longest waiting that can still be woken, out of the list. If it is an arm, its choice is taken.
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

impl Drop for List {
    fn drop(&mut self) {
        drop_all(std::mem::take(self.words.get_mut()));
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

    /// Takes it out of its list; gives the list if it was in one.
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

impl Drop for Waiter {
    fn drop(&mut self) {
        drop_all(self.value.take().into_iter().collect());
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
