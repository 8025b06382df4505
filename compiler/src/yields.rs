//! The functions that may switch stacks: the `nocalleesave` analysis of Dolan, Muralidharan and Gregg, "Compiler
//! support for lightweight context switching" (TACO 9, 2013).
//!
//! ```text
//!   fn main() { work(); println(1) }      may yield: it calls `work`
//!   fn work() { yield }                   may yield: it has a yield point
//!   fn twice(f: fn()) { f(); f() }        may yield: it calls a function value
//!   fn half(n: Int) -> Int { n / 2 }      never yields: its prologue saves registers as in C
//!   spawn work()                          no yield point: the new thread runs later, on its own stack
//! ```
//!
//! A switch preserves no register. If yielding functions had to preserve registers for their callers, each function in
//! a chain of calls would spill all callee-saved registers. It is cheaper if each caller spills only the values that
//! are live across its call. So `codegen` adds LLVM's attribute `no_callee_saved_registers` to the functions that may
//! switch, and compiles their callers accordingly.
//!
//! A function may yield if it has a yield point, or if it calls or tail-calls a function that may yield. The callee of
//! a function value is unknown at compile time, so a call of a function value may yield. All calls of function values
//! are compiled alike, so every function that is used as a value counts as a function that may yield.

#![warn(clippy::wildcard_enum_match_arm)]

use crate::arena::Arena;
use crate::mir::{Effect, FunctionId, Program};

/// The result of [`analyse`]: for each function, whether it may yield.
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

/// Finds the functions that may yield. First come the functions that have a yield point, call a function value, or are
/// used as values; then, with a worklist, their callers. Takes time linear in the size of the program.
pub fn analyse(program: &Program) -> Yields {
    let mut callers: Arena<FunctionId, Vec<FunctionId>> =
        program.functions.iter().map(|_| Vec::new()).collect();
    let mut may_yield: Arena<FunctionId, bool> = program.functions.iter().map(|_| false).collect();
    let mut worklist = Vec::new();
    let mut find = |function: FunctionId, worklist: &mut Vec<FunctionId>| {
        if !std::mem::replace(&mut may_yield[function], true) {
            worklist.push(function);
        }
    };
    for (caller, function) in program.functions.iter_enumerated() {
        for block in function.blocks.iter() {
            let statements = block.statements.iter().map(|statement| statement.value.effect(program));
            for effect in statements.chain([block.terminator.kind.effect()]) {
                match effect {
                    Effect::Calls(callee) => callers[callee].push(caller),
                    Effect::Names(callee) => find(callee, &mut worklist),
                    Effect::CallsValue | Effect::Yields | Effect::Waits => find(caller, &mut worklist),
                    Effect::Spawns(_) | Effect::WaitList(_) | Effect::None => {}
                }
            }
        }
    }
    while let Some(callee) = worklist.pop() {
        for &caller in &callers[callee] {
            find(caller, &mut worklist);
        }
    }
    Yields { may_yield }
}

#[cfg(test)]
mod tests;
