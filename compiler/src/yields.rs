//! Which functions may switch stacks while they run: the `nocalleesave` analysis of Dolan, Muralidharan and Gregg,
//! "Compiler support for lightweight context switching" (TACO 9, 2013).
//!
//! A switch keeps no register, so a caller of a function that may switch finds every register changed. Such a
//! function gains nothing from saving registers in its prologue: it would only spill, at every depth of the call,
//! what its callers could have spilled once if it was live at all. So `codegen` gives it LLVM's
//! `no_callee_saved_registers`, and all its callers know.
//!
//! A function may yield if it holds a yield point, or calls or tail-calls one that may. Spawning is neither: the new
//! thread runs on its own stack, later. Who calls a function value does not know which function runs, so that call
//! may yield; and since all such calls are compiled alike, every function that a value is made of may yield too.

use crate::arena::Arena;
use crate::mir::{FunctionId, Program, Rvalue, TerminatorKind};

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

/// Finds the functions that may yield: those with a yield point and those that values are made of, then their callers,
/// then theirs. Linear in the size of the program.
pub fn analyse(program: &Program) -> Yields {
    let mut callers: Arena<FunctionId, Vec<FunctionId>> =
        program.functions.iter().map(|_| Vec::new()).collect();
    let mut may_yield: Arena<FunctionId, bool> = program.functions.iter().map(|_| false).collect();
    let mut found = Vec::new();
    let mut find = |function: FunctionId, found: &mut Vec<FunctionId>| {
        if !std::mem::replace(&mut may_yield[function], true) {
            found.push(function);
        }
    };
    for (caller, function) in program.functions.iter_enumerated() {
        for block in function.blocks.iter() {
            for statement in &block.statements {
                match effect(program, &statement.value) {
                    Effect::Calls(callee) => callers[callee].push(caller),
                    Effect::Names(callee) => find(callee, &mut found),
                    Effect::Yields => find(caller, &mut found),
                    Effect::None => {}
                }
            }
            match &block.terminator.kind {
                TerminatorKind::TailCall(callee, _) => callers[*callee].push(caller),
                TerminatorKind::TailCallValue(..) => find(caller, &mut found),
                TerminatorKind::Goto(_)
                | TerminatorKind::Branch { .. }
                | TerminatorKind::Switch { .. }
                | TerminatorKind::Return(_)
                | TerminatorKind::Panic(_)
                | TerminatorKind::Diverge(..)
                | TerminatorKind::Unreachable => {}
            }
        }
    }
    while let Some(callee) = found.pop() {
        for &caller in &callers[callee] {
            find(caller, &mut found);
        }
    }
    Yields { may_yield }
}

/// What a computation means here.
enum Effect {
    /// It runs that function on the caller's stack.
    Calls(FunctionId),
    /// It makes a value of that function.
    Names(FunctionId),
    /// It is a yield point, or may run one.
    Yields,
    None,
}

fn effect(program: &Program, value: &Rvalue) -> Effect {
    match value {
        Rvalue::Call(callee, _) => Effect::Calls(*callee),
        Rvalue::Closure(_, callee, _) => Effect::Names(*callee),
        Rvalue::CallValue(..) | Rvalue::Yield | Rvalue::Join(_) | Rvalue::Wait(_) | Rvalue::Blocking(..) => {
            Effect::Yields
        }
        Rvalue::Waiting(op, ..) if op.may_yield() => Effect::Yields,
        Rvalue::Foreign(foreign, _) if program.foreigns[*foreign].blocking => Effect::Yields,
        // A deferred block is called where the block around it ends, and otherwise only when no caller goes on.
        Rvalue::Deferred(_) | Rvalue::Register(..) | Rvalue::Cleanup(..) => Effect::None,
        Rvalue::Foreign(..)
        | Rvalue::Waiting(..)
        | Rvalue::Atomic(..)
        | Rvalue::Use(_)
        | Rvalue::Unary(..)
        | Rvalue::Binary(..)
        | Rvalue::Runtime(..)
        | Rvalue::Construct(..)
        | Rvalue::Field(..)
        | Rvalue::SetField(..)
        | Rvalue::Variant(_)
        | Rvalue::Same(..)
        | Rvalue::NewCell(_)
        | Rvalue::ReadCell(_)
        | Rvalue::WriteCell(..)
        | Rvalue::NewArray(..)
        | Rvalue::AllocateArray(..)
        | Rvalue::Length(_)
        | Rvalue::CheckIndex(..)
        | Rvalue::Element(..)
        | Rvalue::SetElement(..)
        | Rvalue::CopyElements { .. }
        | Rvalue::ClearElements(..)
        | Rvalue::Spawn(..)
        | Rvalue::HasPanicked(_)
        | Rvalue::PanicMessage(_)
        | Rvalue::IsDone(_)
        | Rvalue::TaskId(_) => Effect::None,
    }
}

#[cfg(test)]
mod tests;
