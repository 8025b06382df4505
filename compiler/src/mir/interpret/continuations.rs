//! Operations on continuations: a continuation is a stack of frames of its own.

use std::rc::Rc;

use weft_abi::continuation::messages::{
    CONTINUATION_USED, DEFERRED, HELD_MUTEX, HOST_CLOSED, NOT_RUNNING, OPEN_SCOPE, STACK_ENDED, SUSPEND,
    SWAP, Used,
};

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
            ContinuationOp::New | ContinuationOp::NewSymmetric => {
                let is_symmetric = op == ContinuationOp::NewSymmetric;
                let continuation = Continuation::new(is_symmetric, State::New(operands[0].clone()));
                Ok(Some(Value::Continuation(continuation)))
            }
            ContinuationOp::Swap => self.swap(thread, &operands[0], operands[1].clone()),
            ContinuationOp::Resume => self.resume(thread, &operands[0], operands[1].clone()),
            ContinuationOp::Suspend => {
                suspend(thread, operands[0].as_continuation(), operands[1].clone()).map(Some)
            }
            ContinuationOp::Close => close(thread, &operands[0]).map(|count| Some(Value::Int(count))),
            ContinuationOp::TakeDeferred => Ok(Some(thread.take_deferred())),
        }
    }

    fn resume(&mut self, thread: &mut Thread, cont: &Value, value: Value) -> Result<Option<Value>, Stop> {
        let continuation = self.fresh(cont, &CONTINUATION_USED)?;
        continuation.count_use(report::blamed(self, thread));
        let suspender = Value::data(0, vec![Value::Continuation(Rc::clone(&continuation))]);
        let is_new = self.enter(thread, &continuation, vec![suspender, value.clone()]);
        Ok((!is_new).then_some(value))
    }

    /// The continuation for which a value stands. The error is a panic because the value was used before, with a
    /// message from `texts`.
    pub(super) fn fresh(&self, value: &Value, texts: &Used) -> Result<Rc<Continuation>, Stop> {
        let (continuation, revision) = parts(value);
        match continuation.revision.get() == revision {
            true => Ok(continuation),
            false => Err(Stop::Panics(self.used(&continuation, revision, texts))),
        }
    }

    /// Enters the stacks of a suspended continuation. Returns whether the continuation is new; if so, its body begins
    /// with `arguments`.
    pub(super) fn enter(
        &mut self,
        thread: &mut Thread,
        continuation: &Rc<Continuation>,
        arguments: Vec<Value>,
    ) -> bool {
        match continuation.state.replace(State::Taken) {
            State::New(body) => {
                let body = body.as_function();
                let arguments = body.parts.borrow().iter().cloned().chain(arguments).collect();
                continuation.shield.set(thread.shield);
                thread.push_level(Rc::clone(continuation), Stack::default());
                thread.begin(self.program, FunctionId::new(body.number as usize), arguments);
                true
            }
            State::Suspended(stacks) => {
                for (inner, stack) in stacks {
                    inner.shield.set(thread.shield);
                    thread.push_level(inner, stack);
                }
                false
            }
            State::Host | State::Taken | State::Closed => {
                panic!("BUG: a continuation of this revision runs")
            }
        }
    }

    /// The panic message for the use of a continuation that was used or closed before.
    fn used(&self, continuation: &Continuation, revision: u64, texts: &Used) -> String {
        if revision == weft_abi::Continuation::ENDED {
            return STACK_ENDED.to_owned();
        }
        let later = continuation.revision.get() - revision;
        if later == 1 && matches!(*continuation.state.borrow(), State::Closed) {
            return format!("{}{}", texts.again, texts.closed);
        }
        let first = continuation.places.borrow().get(later as usize - 1).copied().flatten();
        let first = first.and_then(|span| report::place(self, span));
        let first = first.map(|first| format!("{}{first}", texts.first)).unwrap_or_default();
        format!("{}{first}", texts.again)
    }
}

/// The continuation and the revision of a value that stands for it.
fn parts(value: &Value) -> (Rc<Continuation>, u64) {
    let revision = value.as_data().part(1).as_int() as u64;
    (Rc::clone(value.as_data().part(0).as_continuation()), revision)
}

/// A value that stands for a continuation.
pub(super) fn standing_for(continuation: &Rc<Continuation>, revision: u64) -> Value {
    Value::data(0, vec![Value::Continuation(Rc::clone(continuation)), Value::Int(revision as i64)])
}

/// Suspends a continuation; returns the `Step` with which the resumption finishes.
fn suspend(thread: &mut Thread, continuation: &Rc<Continuation>, out: Value) -> Result<Value, Stop> {
    let level = thread.levels.iter().position(|level| Rc::ptr_eq(&level.continuation, continuation));
    match level {
        _ if continuation.unwinds.get() => Err(Stop::Panics(format!("{SUSPEND}{DEFERRED}"))),
        None => Err(Stop::Panics(NOT_RUNNING.to_owned())),
        Some(level) => {
            may_leave(thread, level)?;
            leave(thread, level);
            let cont = standing_for(continuation, continuation.revision.get());
            Ok(Value::data(SUSPENDED, vec![cont, out]))
        }
    }
}

/// Checks that a thread may leave the continuation with number `level` and those further in; the error is a panic.
pub(super) fn may_leave(thread: &Thread, level: usize) -> Result<(), Stop> {
    let continuation = &thread.levels[level].continuation;
    let function = if continuation.is_symmetric { SWAP } else { SUSPEND };
    let obligation =
        thread.cleanups[thread.levels[level].cleanups..].iter().rev().find_map(|cleanup| match cleanup {
            Cleanup::Scope(_) => Some(format!("{function}{OPEN_SCOPE}")),
            Cleanup::Mutex(_) => Some(HELD_MUTEX.to_owned()),
            Cleanup::Deferred(_) => None,
        });
    match obligation {
        Some(message) => Err(Stop::Panics(message)),
        None if thread.shield != continuation.shield.get() => {
            Err(Stop::Panics(format!("{function}{DEFERRED}")))
        }
        None => Ok(()),
    }
}

/// Suspends the continuation with number `level`, together with those further in.
pub(super) fn leave(thread: &mut Thread, level: usize) {
    let continuation = Rc::clone(&thread.levels[level].continuation);
    let mut stacks: Vec<(Rc<Continuation>, Stack)> = Vec::new();
    while thread.levels.len() > level {
        stacks.push(thread.pop_level());
    }
    stacks.reverse();
    continuation.state.replace(State::Suspended(stacks));
}

/// Ends a suspended continuation: its deferred blocks become the innermost cleanups of the thread. Returns their
/// number; 0 if the continuation was used or closed before.
fn close(thread: &mut Thread, cont: &Value) -> Result<i64, Stop> {
    let (continuation, revision) = parts(cont);
    if continuation.revision.get() != revision {
        return Ok(0);
    }
    if matches!(*continuation.state.borrow(), State::Host) {
        return Err(Stop::Panics(HOST_CLOSED.to_owned()));
    }
    continuation.count_use(None);
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
    Ok(count as i64)
}

/// Ends the innermost continuation of a thread, whose body has returned; returns the `Step` with which the resumption
/// finishes.
pub(super) fn end(thread: &mut Thread, result: Value) -> Result<Value, Stop> {
    may_leave(thread, thread.levels.len() - 1)?;
    thread.pop_level();
    Ok(Value::data(DONE, vec![result]))
}
