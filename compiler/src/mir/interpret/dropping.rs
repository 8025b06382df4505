//! The dropping of values, without recursion, so that long chains of objects do not overflow the host's stack.

use std::rc::Rc;

use super::value::{Continuation, Generator, List, Object, Task, TaskState, Value, Waiter};

impl Drop for Object {
    fn drop(&mut self) {
        drop_all(std::mem::take(self.parts.get_mut()));
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let TaskState::Done(value) = self.state.replace(TaskState::Alive) {
            drop_all(vec![value]);
        }
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        drop_all(self.take_locals());
    }
}

impl Drop for List {
    fn drop(&mut self) {
        drop_all(std::mem::take(self.words.get_mut()));
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        drop_all(self.value.take().into_iter().collect());
    }
}

impl Drop for Continuation {
    fn drop(&mut self) {
        drop_all(self.state.get_mut().take_values());
    }
}

/// Drops values, and the values to which only these values refer, in a loop. If each value dropped the next, a list of
/// a million elements would overflow the host's stack. Objects in a cycle are never dropped.
pub(super) fn drop_all(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::Data(object) | Value::Array(object) | Value::Cell(object) | Value::Function(object) => {
                if let Some(mut last) = Rc::into_inner(object) {
                    values.append(last.parts.get_mut());
                }
            }
            Value::Task(task) => {
                if let Some(TaskState::Done(value)) =
                    Rc::into_inner(task).map(|last| last.state.replace(TaskState::Alive))
                {
                    values.push(value);
                }
            }
            Value::Generator(generator) => {
                values.extend(Rc::into_inner(generator).into_iter().flat_map(|last| last.take_locals()));
            }
            Value::List(list) => {
                if let Some(mut last) = Rc::into_inner(list) {
                    values.append(last.words.get_mut());
                }
            }
            Value::Continuation(continuation) => {
                if let Some(mut last) = Rc::into_inner(continuation) {
                    values.append(&mut last.state.get_mut().take_values());
                }
            }
            Value::Waiter(waiter) => {
                values.extend(Rc::into_inner(waiter).and_then(|last| last.value.take()));
            }
            Value::Unit
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Char(_)
            | Value::Byte(_)
            | Value::String(_)
            | Value::Null => {}
        }
    }
}
