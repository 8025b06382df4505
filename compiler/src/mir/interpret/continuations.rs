//! Operations on continuations: a continuation is a stack of frames of its own.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use weft_abi::continuation::PLACES;
use weft_abi::continuation::messages::{CLOSED, DEFERRED, FIRST, HELD_MUTEX, NOT_RUNNING, OPEN_SCOPE, USED};

use super::dropping::drop_all;
use super::interpreter::Interpreter;
use super::report;
use super::thread::{Cleanup, Stop, Thread};
use super::value::{Continuation, Stack, State, Value};
use crate::arena::Id;
use crate::mir::{ContinuationOp, FunctionId};

/// The variants of a `Step`, in order.
const SUSPENDED: usize = 0;
const DONE: usize = 1;

impl Interpreter<'_> {
    /// Executes an operation on continuations. Returns the value with which a statement finishes: after a resumption
    /// the `Suspend` at which the continuation waited, after a suspension the `Resume` of the resumer, otherwise the
    /// operation itself. Returns `None` if a resumption begins the continuation, because then no statement finishes.
    pub(super) fn continuation(
        &mut self,
        thread: &mut Thread,
        op: ContinuationOp,
        operands: &[Value],
    ) -> Result<Option<Value>, Stop> {
        match op {
            ContinuationOp::New => Ok(Some(Value::Continuation(Rc::new(Continuation {
                revision: Cell::new(0),
                places: RefCell::new(VecDeque::new()),
                shield: Cell::new(0),
                unwinds: Cell::new(false),
                state: RefCell::new(State::New(operands[0].clone())),
            })))),
            ContinuationOp::Resume => self.resume(thread, &operands[0], operands[1].clone()),
            ContinuationOp::Suspend => {
                suspend(thread, operands[0].as_continuation(), operands[1].clone()).map(Some)
            }
            ContinuationOp::Close => Ok(Some(Value::Int(close(thread, &operands[0])))),
            ContinuationOp::TakeDeferred => Ok(Some(thread.take_deferred())),
        }
    }

    fn resume(&mut self, thread: &mut Thread, cont: &Value, value: Value) -> Result<Option<Value>, Stop> {
        let continuation = Rc::clone(cont.as_data().part(0).as_continuation());
        let revision = cont.as_data().part(1).as_int() as u64;
        if continuation.revision.get() != revision {
            return Err(Stop::Panics(self.used(&continuation, revision)));
        }
        continuation.revision.set(revision + 1);
        continuation.places.borrow_mut().push_front(report::blamed(self, thread));
        continuation.places.borrow_mut().truncate(PLACES);
        match continuation.state.replace(State::Taken) {
            State::New(body) => {
                let suspender = Value::data(0, vec![Value::Continuation(Rc::clone(&continuation))]);
                let body = body.as_function();
                let arguments = body.parts.borrow().iter().cloned().chain([suspender, value]).collect();
                continuation.shield.set(thread.shield);
                thread.push_level(continuation, Stack::default());
                thread.begin(self.program, FunctionId::new(body.number as usize), arguments);
                Ok(None)
            }
            State::Suspended(stacks) => {
                for (inner, stack) in stacks {
                    inner.shield.set(thread.shield);
                    thread.push_level(inner, stack);
                }
                Ok(Some(value))
            }
            State::Taken | State::Closed => panic!("BUG: a continuation of this revision runs"),
        }
    }

    /// The panic message for the resumption of a continuation that was already resumed or closed.
    fn used(&self, continuation: &Continuation, revision: u64) -> String {
        let later = continuation.revision.get() - revision;
        if later == 1 && matches!(*continuation.state.borrow(), State::Closed) {
            return format!("{USED}{CLOSED}");
        }
        let first = continuation.places.borrow().get(later as usize - 1).copied().flatten();
        let first = first.and_then(|span| report::place(self, span));
        first.map_or_else(|| USED.to_owned(), |first| format!("{USED}{FIRST}{first}"))
    }
}

/// Suspends a continuation; returns the `Step` with which the resumption finishes.
fn suspend(thread: &mut Thread, continuation: &Rc<Continuation>, out: Value) -> Result<Value, Stop> {
    let refused = |message: &str| Err(Stop::Panics(message.to_owned()));
    if continuation.unwinds.get() {
        return refused(DEFERRED);
    }
    let level = thread.levels.iter().position(|level| Rc::ptr_eq(&level.continuation, continuation));
    let Some(level) = level else { return refused(NOT_RUNNING) };
    if let Some(message) = obligation(thread, level) {
        return refused(message);
    }
    if thread.shield != continuation.shield.get() {
        return refused(DEFERRED);
    }
    let mut stacks: Vec<(Rc<Continuation>, Stack)> = Vec::new();
    while thread.levels.len() > level {
        stacks.push(thread.pop_level());
    }
    stacks.reverse();
    continuation.state.replace(State::Suspended(stacks));
    let revision = Value::Int(continuation.revision.get() as i64);
    let cont = Value::data(0, vec![Value::Continuation(Rc::clone(continuation)), revision]);
    Ok(Value::data(SUSPENDED, vec![cont, out]))
}

/// Ends a suspended continuation: its deferred blocks become the innermost cleanups of the thread. Returns their
/// number; 0 if the continuation was resumed or closed before.
fn close(thread: &mut Thread, cont: &Value) -> i64 {
    let continuation = Rc::clone(cont.as_data().part(0).as_continuation());
    let revision = cont.as_data().part(1).as_int() as u64;
    if continuation.revision.get() != revision {
        return 0;
    }
    continuation.revision.set(revision + 1);
    continuation.places.borrow_mut().push_front(None);
    continuation.places.borrow_mut().truncate(PLACES);
    let mut state = continuation.state.replace(State::Closed);
    let mut deferred = Vec::new();
    if let State::Suspended(stacks) = &mut state {
        for (_, stack) in stacks {
            stack.end_generators();
            deferred.append(&mut stack.deferred);
        }
    }
    drop_all(state.take_values());
    let count = deferred.len();
    thread.cleanups.extend(deferred.into_iter().map(Cleanup::Deferred));
    count as i64
}

/// The panic message if the thread may not leave the stack of the continuation at index `level`, because it opened a
/// scope or locked a mutex on that stack or on a stack further in. The innermost such cleanup decides.
fn obligation(thread: &Thread, level: usize) -> Option<&'static str> {
    thread.cleanups[thread.levels[level].cleanups..].iter().rev().find_map(|cleanup| match cleanup {
        Cleanup::Scope(_) => Some(OPEN_SCOPE),
        Cleanup::Mutex(_) => Some(HELD_MUTEX),
        Cleanup::Deferred(_) => None,
    })
}

/// Ends the innermost continuation of a thread, whose body has returned; returns the `Step` with which the resumption
/// finishes.
pub(super) fn end(thread: &mut Thread, result: Value) -> Result<Value, Stop> {
    if let Some(message) = obligation(thread, thread.levels.len() - 1) {
        return Err(Stop::Panics(message.to_owned()));
    }
    thread.pop_level();
    Ok(Value::data(DONE, vec![result]))
}
