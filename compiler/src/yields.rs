//! Which functions may switch stacks while they run: the `nocalleesave` analysis of Dolan, Muralidharan and Gregg,
//! "Compiler support for lightweight context switching" (TACO 9, 2013).
//!
//! A switch keeps no register, so a caller of a function that may switch finds every register changed. Such a
//! function gains nothing from saving registers in its prologue: it would only spill, at every depth of the call,
//! what its callers could have spilled once if it was live at all. So `codegen` gives it LLVM's
//! `no_callee_saved_registers`, and all its callers know.
//!
//! A function may yield if it holds a yield point, or calls or tail-calls one that may. Spawning is neither: the new
//! thread runs on its own stack, later.

use crate::arena::Arena;
use crate::mir::{Block, FunctionId, Program, Rvalue};

/// The result of [`analyse`].
#[derive(Clone, Debug)]
pub struct Yields {
    may_yield: Arena<FunctionId, bool>,
}

impl Yields {
    /// Whether a call of the function may switch stacks before it returns.
    pub fn may_yield(&self, function: FunctionId) -> bool {
        self.may_yield[function]
    }
}

/// Finds the functions that may yield: those with a yield point, then their callers, then theirs. Linear in the size
/// of the program.
pub fn analyse(program: &Program) -> Yields {
    let mut callers: Arena<FunctionId, Vec<FunctionId>> =
        program.functions.iter().map(|_| Vec::new()).collect();
    let mut may_yield: Arena<FunctionId, bool> = program.functions.iter().map(|_| false).collect();
    let mut found = Vec::new();
    for (caller, function) in program.functions.iter_enumerated() {
        for block in function.blocks.iter() {
            for callee in callees(block) {
                callers[callee].push(caller);
            }
        }
        if function.blocks.iter().any(has_yield_point) {
            may_yield[caller] = true;
            found.push(caller);
        }
    }
    while let Some(callee) = found.pop() {
        for &caller in &callers[callee] {
            if !std::mem::replace(&mut may_yield[caller], true) {
                found.push(caller);
            }
        }
    }
    Yields { may_yield }
}

fn has_yield_point(block: &Block) -> bool {
    block.statements.iter().any(|statement| match &statement.value {
        Rvalue::Yield | Rvalue::Join(_) => true,
        Rvalue::Use(_)
        | Rvalue::Unary(..)
        | Rvalue::Binary(..)
        | Rvalue::Call(..)
        | Rvalue::Runtime(..)
        | Rvalue::Index(..)
        | Rvalue::Length(_)
        | Rvalue::Spawn(..)
        | Rvalue::IsDone(_)
        | Rvalue::TaskId(_) => false,
    })
}

/// The functions that run on the caller's stack before the block is left, or instead of it.
fn callees(block: &Block) -> impl Iterator<Item = FunctionId> {
    let called = block.statements.iter().filter_map(|statement| match &statement.value {
        Rvalue::Call(callee, _) => Some(*callee),
        Rvalue::Use(_)
        | Rvalue::Unary(..)
        | Rvalue::Binary(..)
        | Rvalue::Runtime(..)
        | Rvalue::Index(..)
        | Rvalue::Length(_)
        | Rvalue::Spawn(..)
        | Rvalue::Join(_)
        | Rvalue::IsDone(_)
        | Rvalue::TaskId(_)
        | Rvalue::Yield => None,
    });
    called.chain(block.terminator.kind.function())
}

#[cfg(test)]
mod tests;
