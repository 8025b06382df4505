//! Swaps of symmetric continuations. At most one level of a thread is symmetric: a swap from any level further in
//! leaves the symmetric level together with those above it.

use std::rc::Rc;

use weft_abi::continuation::messages::{DEFERRED, FOREIGN_HOST, RETURNED_USED, STACK_USED, SWAP};

use super::continuations::{leave, may_leave, standing_for};
use super::interpreter::Interpreter;
use super::report;
use super::thread::{Stop, Thread};
use super::value::{Continuation, State, Value};

/// The code that a swap has left: the value that stands for it, and the host, which becomes that of the target.
struct Left {
    from: Value,
    host: Rc<Continuation>,
}

impl Interpreter<'_> {
    /// Leaves the running symmetric continuation, or the host, and enters `target`. Returns the value of the `Swap` at
    /// which the thread continues; `None` if the target begins, because then no statement has finished.
    pub(super) fn swap(
        &mut self,
        thread: &mut Thread,
        target: &Value,
        value: Value,
    ) -> Result<Option<Value>, Stop> {
        let next = self.fresh(target, &STACK_USED)?;
        let level = thread.levels.iter().rposition(|level| level.continuation.is_symmetric);
        match level {
            Some(level) => may_leave(thread, level)?,
            None if thread.has_unwound_swaps => return Err(Stop::Panics(format!("{SWAP}{DEFERRED}"))),
            None => {}
        }
        let host = level.and_then(|level| thread.levels[level].continuation.host.borrow().clone());
        check_host(&next, host.as_ref())?;
        next.count_use(report::blamed(self, thread));
        let left = match (level, host) {
            (Some(level), Some(host)) => {
                let continuation = Rc::clone(&thread.levels[level].continuation);
                leave(thread, level);
                Left { from: standing_for(&continuation, continuation.revision.get()), host }
            }
            _ => {
                let host = Continuation::new(true, State::Host);
                Left { from: standing_for(&host, host.revision.get()), host }
            }
        };
        Ok(self.enter_by_swap(thread, &next, left, value))
    }

    /// Ends the symmetric continuation of a thread, whose body has returned a target and a value, and enters the
    /// target. Returns the value of the `Swap` at which the thread continues, or `None`, as for a swap.
    pub(super) fn end_with_swap(
        &mut self,
        thread: &mut Thread,
        result: &Value,
    ) -> Result<Option<Value>, Stop> {
        let next = self.fresh(&result.as_data().part(0), &RETURNED_USED)?;
        may_leave(thread, thread.levels.len() - 1)?;
        let host = thread.levels.last().and_then(|level| level.continuation.host.borrow().clone());
        check_host(&next, host.as_ref())?;
        next.count_use(None);
        let (ended, _) = thread.pop_level();
        let from = standing_for(&ended, weft_abi::Continuation::ENDED);
        let host = host.expect("BUG: a symmetric continuation runs without a host");
        Ok(self.enter_by_swap(thread, &next, Left { from, host }, result.as_data().part(1)))
    }

    fn enter_by_swap(
        &mut self,
        thread: &mut Thread,
        next: &Rc<Continuation>,
        Left { from, host }: Left,
        value: Value,
    ) -> Option<Value> {
        let pair = Value::data(0, vec![from.clone(), value.clone()]);
        if is_host(next) {
            return Some(pair);
        }
        next.host.replace(Some(host));
        let is_new = self.enter(thread, next, vec![from, value]);
        (!is_new).then_some(pair)
    }
}

fn is_host(continuation: &Continuation) -> bool {
    matches!(*continuation.state.borrow(), State::Host)
}

/// Checks that the target of a swap is no host, except the given one, which is below the running stack.
fn check_host(next: &Rc<Continuation>, host: Option<&Rc<Continuation>>) -> Result<(), Stop> {
    match is_host(next) && !host.is_some_and(|host| Rc::ptr_eq(host, next)) {
        true => Err(Stop::Panics(FOREIGN_HOST.to_owned())),
        false => Ok(()),
    }
}
