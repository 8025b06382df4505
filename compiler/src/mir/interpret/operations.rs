//! The operations on lists, waiters, mutexes and scopes that the library is built on.

use std::rc::Rc;

use weft_abi::library::{NONE, SOME};
use weft_abi::{ParkReason, RuntimeFunction, WaitKind};

use super::clock::Alarm;
use super::interpreter::Interpreter;
use super::thread::{Cleanup, Stop, Thread};
use super::unwind::{chosen, joined};
use super::value::{Form, List, TaskState, Value, Waiter};
use super::waiting::{Scope, Wait};
use crate::mir::WaitOp;

impl Interpreter<'_> {
    /// An operation on a list, a waiter or the running thread.
    pub(super) fn waiting(
        &mut self,
        thread: &mut Thread,
        op: WaitOp,
        operands: Vec<Value>,
    ) -> Result<Value, Stop> {
        match op {
            WaitOp::Lock => {
                operands[0].as_list().lock();
                thread.locks += 1;
            }
            WaitOp::Unlock => {
                operands[0].as_list().unlock();
                thread.locks -= 1;
            }
            WaitOp::TakeWaiter => {
                let list = operands[0].as_list();
                list.must_be_locked();
                return Ok(match list.take(operands[1].as_index()) {
                    Some(waiter) => Value::data(SOME, vec![Value::Waiter(waiter)]),
                    None => Value::data(NONE, Vec::new()),
                });
            }
            WaitOp::Wake => {
                let (waiter, outcome) = (operands[0].as_waiter(), operands[1].as_bool());
                match waiter.form {
                    Form::Again | Form::Outcome | Form::Value => self.wake(waiter, outcome),
                    Form::Arm { arm, .. } => {
                        waiter.outcome.set(outcome);
                        self.wake_chosen(&waiter.task, arm);
                    }
                }
            }
            WaitOp::Wait => return Err(begins_to_wait(operands, Form::Outcome)),
            WaitOp::WaitTake => return Err(begins_to_wait(operands, Form::Value)),
            WaitOp::WaitGive => return Err(begins_to_wait(operands, Form::Outcome)),
            WaitOp::Put => drop(operands[0].as_waiter().value.replace(Some(operands[1].clone()))),
            WaitOp::Get => {
                let value = operands[0].as_waiter().value.borrow().clone();
                return Ok(value.expect("BUG: a waiter has no value"));
            }
            WaitOp::Pause => return chosen(&thread.task).map(Value::Int).ok_or(Stop::Pauses),
            WaitOp::Keep => operands[0].as_list().set_word(operands[1].as_index(), operands[2].clone()),
            WaitOp::Kept => return Ok(operands[0].as_list().word(operands[1].as_index())),
            WaitOp::BufferPut | WaitOp::BufferGet | WaitOp::BufferMove => {}
            WaitOp::LeaveScope => return leave_scope(thread),
            WaitOp::Cancel => self.cancel(operands[0].as_task()),
        }
        Ok(Value::Unit)
    }

    /// Calls a runtime function for threads or lists; returns `None` for any other function.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`runtime_call` knows the others")]
    pub(super) fn thread_call(
        &mut self,
        thread: &mut Thread,
        function: RuntimeFunction,
        arguments: &[Value],
    ) -> Option<Value> {
        use RuntimeFunction as F;
        Some(match function {
            F::WaitListNew => {
                let kind = WaitKind::of_library(arguments[0].as_int());
                let kind = kind.expect("BUG: a wait list of an unknown kind");
                self.last_list += 1;
                let mut list = List::new(kind, arguments[1].as_index());
                list.number = self.last_list;
                Value::List(Rc::new(list))
            }
            F::MultiWaitBegin => {
                thread.begin_pause(ParkReason::ALL[arguments[0].as_index()]);
                Value::Unit
            }
            F::SelectEnlist => enlist(thread, arguments),
            F::SelectTimer => {
                let (task, pause) = (Rc::clone(&thread.task), thread.task.pauses.get());
                let alarm = Alarm { task, pause, arm: arguments[1].as_int() };
                self.clock.set(arguments[0].as_int(), alarm);
                Value::Unit
            }
            F::SelectWithdraw => {
                arguments[0].as_waiter().withdraw();
                Value::Unit
            }
            F::WaiterOutcome => Value::Bool(arguments[0].as_waiter().outcome.get()),
            F::HasWaiter => {
                let list = arguments[0].as_list();
                list.must_be_locked();
                Value::Bool(list.has_other(arguments[1].as_index(), &thread.task))
            }
            F::RandomBelow => Value::Int(self.chance.below(arguments[0].as_int().max(1) as u64) as i64),
            F::Now => Value::Int(self.clock.tick()),
            F::ScopeOpen => {
                thread.cleanups.push(Cleanup::Scope(Scope::new()));
                Value::Unit
            }
            F::TaskWasCancelled => Value::Bool(arguments[0].as_task().was_cancelled.get()),
            F::WakeAll => {
                let list = arguments[0].as_list();
                list.must_be_locked();
                while let Some(waiter) = list.take(0) {
                    self.wake(&waiter, true);
                }
                Value::Unit
            }
            _ => return self.mutex_call(thread, function, arguments),
        })
    }

    /// Calls a runtime function for mutexes.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`runtime_call` knows the others")]
    fn mutex_call(
        &mut self,
        thread: &mut Thread,
        function: RuntimeFunction,
        arguments: &[Value],
    ) -> Option<Value> {
        use RuntimeFunction as F;
        Some(match function {
            F::IsHeld => {
                let mutex = arguments[0].as_list();
                mutex.must_be_locked();
                Value::Bool(mutex.holder.get().is_some())
            }
            F::Hold => {
                let mutex = arguments[0].as_list();
                mutex.must_be_locked();
                let before = mutex.holder.replace(Some(thread.task.number));
                assert!(before.is_none(), "BUG: a mutex is taken that a thread holds");
                thread.cleanups.push(Cleanup::Mutex(Rc::clone(mutex)));
                Value::Unit
            }
            F::Release => {
                let mutex = arguments[0].as_list();
                mutex.must_be_free();
                let is_held = thread.lets_go(mutex);
                if is_held {
                    self.hand_over(mutex);
                }
                Value::Bool(is_held)
            }
            F::CleanupPlace => Value::Int(thread.cleanup_place(arguments[0].as_list())),
            F::CleanupPut => {
                thread.put_cleanup(arguments[0].as_list(), arguments[1].as_int());
                Value::Unit
            }
            _ => return None,
        })
    }
}

/// The [`Stop`] with which the running thread begins to wait in a list, which it has locked. The operands are the list,
/// the side and, for `WaitGive`, the offered value.
fn begins_to_wait(operands: Vec<Value>, form: Form) -> Stop {
    let mut operands = operands.into_iter();
    let mut next = || operands.next();
    let list = Rc::clone(next().expect("BUG: a wait without a list").as_list());
    list.must_be_locked();
    let side = next().expect("BUG: a wait without a side").as_index();
    Stop::Waits(Wait { list, side, form, value: next() })
}

/// Adds an arm of the running thread's `select` to a list.
fn enlist(thread: &mut Thread, arguments: &[Value]) -> Value {
    let [list, side, arm] = arguments else { panic!("BUG: an arm needs a list, a side and a number") };
    let list = list.as_list();
    list.must_be_locked();
    let form = Form::Arm { pause: thread.task.pauses.get(), arm: arm.as_int() };
    let wait = Wait { list: Rc::clone(list), side: side.as_index(), form, value: None };
    let waiter = Waiter::enlist(&thread.task, wait);
    thread.arms.push(Rc::clone(&waiter));
    Value::Waiter(waiter)
}

/// Closes the innermost scope once its members have ended; panics if a member panicked.
fn leave_scope(thread: &mut Thread) -> Result<Value, Stop> {
    let scope = thread.scope().expect("BUG: no scope is open");
    if !scope.is_over() {
        return Err(Stop::Waits(scope.wait()));
    }
    thread.close_scope();
    let Some(failed) = scope.failed.take() else { return Ok(Value::Unit) };
    match &*failed.state.borrow() {
        TaskState::Panicked(cause) => Err(joined(&failed, cause)),
        TaskState::Alive | TaskState::Done(_) => panic!("BUG: a scope failed by a thread that did not panic"),
    }
}
