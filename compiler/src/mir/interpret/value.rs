//! Values of the language. They are 16 bytes, so that deep recursion takes little more memory than compiled code's.

use std::cell::RefCell;
use std::rc::Rc;

use super::schedule::ThreadId;
use crate::source::Span;

/// A value of any type. Nothing reachable from one changes but the state of tasks.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Rc<String>),
    Array(Rc<Vec<Value>>),
    Task(Rc<Task>),
}

/// A green thread as seen from outside. It does not own the thread, so dropping one never drops a chain of others.
#[derive(Debug)]
pub(super) struct Task {
    /// 1 is the main thread.
    pub(super) number: u64,
    /// Where it was spawned; `None` for the main thread.
    pub(super) spawned_at: Option<Span>,
    /// What became of it.
    pub(super) state: RefCell<TaskState>,
    /// The threads that wait for it, in the order they began to.
    pub(super) waiters: RefCell<Vec<ThreadId>>,
}

/// What became of a green thread.
#[derive(Clone, Debug)]
pub(super) enum TaskState {
    /// Ready, running or waiting.
    Alive,
    /// It returned this.
    Done(Value),
    /// It panicked with this message.
    Panicked(Rc<String>),
}

impl Value {
    pub(super) fn string(text: impl Into<String>) -> Value {
        Value::String(Rc::new(text.into()))
    }

    pub(super) fn as_bool(&self) -> bool {
        let Value::Bool(value) = self else { self.is_not("Bool") };
        *value
    }

    pub(super) fn as_int(&self) -> i64 {
        let Value::Int(value) = self else { self.is_not("Int") };
        *value
    }

    pub(super) fn as_float(&self) -> f64 {
        let Value::Float(value) = self else { self.is_not("Float") };
        *value
    }

    pub(super) fn as_str(&self) -> &str {
        let Value::String(value) = self else { self.is_not("String") };
        value
    }

    pub(super) fn as_array(&self) -> &[Value] {
        let Value::Array(elements) = self else { self.is_not("array") };
        elements
    }

    pub(super) fn as_task(&self) -> &Rc<Task> {
        let Value::Task(task) = self else { self.is_not("Task") };
        task
    }

    fn is_not(&self, wanted: &str) -> ! {
        panic!("BUG: {self:?} where the verifier found that only {wanted} can be")
    }
}

const _: () = assert!(size_of::<Value>() == 16);
