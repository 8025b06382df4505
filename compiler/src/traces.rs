//! Removal of the statements that only record events of a trace. The library has such statements where a channel's
//! buffer changes; no other part of the program knows of them.

use crate::mir::{Program, Rvalue};

/// Removes the statements, in a program that is not compiled for tracing: its code is as if the library did not have
/// them.
pub fn remove(program: &mut Program) {
    for function in program.functions.iter_mut() {
        for block in function.blocks.iter_mut() {
            block
                .statements
                .retain(|statement| !matches!(statement.value, Rvalue::Waiting(op, ..) if op.is_traced()));
        }
    }
}
