//! Where LLVM must not make a loop of a recursion.
//!
//! LLVM's pass `tailcallelim` also makes loops of `n + f(n - 1)`, and of calls of `f` whose result `f` ignores. It
//! then changes what every other `ret` of `f` gives, with an instruction in front of it; also where that `ret` belongs
//! to a tail call of another function, which is no tail call any more, and LLVM stops at the next look (LLVM 22). So
//! the pass leaves alone those functions that have a tail call of another and may also call themselves in another way,
//! if need be after inlining.

use crate::arena::Arena;
use crate::mir::{FunctionId, Program, Rvalue, TerminatorKind};

/// The functions of which `tailcallelim` might break a tail call, in order. Linear in the size of the program.
pub(super) fn not_to_be_loops(program: &Program) -> Vec<FunctionId> {
    let calls = Calls::of(program);
    let ring = calls.rings();
    let mut recursive: Arena<FunctionId, bool> = program.functions.iter().map(|_| false).collect();
    for (caller, callees) in calls.plain.iter_enumerated() {
        if callees.iter().any(|callee| ring[*callee] == ring[caller]) {
            recursive[ring[caller]] = true;
        }
    }
    let has_tail_call = |caller: &FunctionId| calls.tail[*caller].iter().any(|callee| callee != caller);
    program.functions.ids().filter(|id| recursive[ring[*id]]).filter(has_tail_call).collect()
}

/// Who calls whom.
struct Calls {
    plain: Arena<FunctionId, Vec<FunctionId>>,
    tail: Arena<FunctionId, Vec<FunctionId>>,
    callers: Arena<FunctionId, Vec<FunctionId>>,
}

impl Calls {
    fn of(program: &Program) -> Calls {
        let none = || program.functions.iter().map(|_| Vec::new()).collect();
        let mut calls = Calls { plain: none(), tail: none(), callers: none() };
        for (caller, function) in program.functions.iter_enumerated() {
            for block in function.blocks.iter() {
                for statement in &block.statements {
                    if let Rvalue::Call(callee, _) = &statement.value {
                        calls.plain[caller].push(*callee);
                        calls.callers[*callee].push(caller);
                    }
                }
                if let TerminatorKind::TailCall(callee, _) = &block.terminator.kind {
                    calls.tail[caller].push(*callee);
                    calls.callers[*callee].push(caller);
                }
            }
        }
        calls
    }

    fn callee(&self, caller: FunctionId, index: usize) -> Option<FunctionId> {
        let plain = &self.plain[caller];
        plain.get(index).or_else(|| self.tail[caller].get(index - plain.len())).copied()
    }

    /// For each function one that stands for all those that call each other, itself included: the strongly connected
    /// components, by the algorithm of Kosaraju and Sharir.
    fn rings(&self) -> Arena<FunctionId, FunctionId> {
        let mut seen: Arena<FunctionId, bool> = self.plain.iter().map(|_| false).collect();
        let mut finished = Vec::new();
        for root in self.plain.ids() {
            let mut path = Vec::new();
            if !std::mem::replace(&mut seen[root], true) {
                path.push((root, 0));
            }
            while let Some((caller, next)) = path.last_mut() {
                match self.callee(*caller, *next) {
                    Some(callee) => {
                        *next += 1;
                        if !std::mem::replace(&mut seen[callee], true) {
                            path.push((callee, 0));
                        }
                    }
                    None => {
                        finished.push(*caller);
                        path.pop();
                    }
                }
            }
        }
        let mut ring: Arena<FunctionId, Option<FunctionId>> = self.plain.iter().map(|_| None).collect();
        for &root in finished.iter().rev() {
            let mut ahead = vec![root];
            while let Some(function) = ahead.pop() {
                if ring[function].is_none() {
                    ring[function] = Some(root);
                    ahead.extend(&self.callers[function]);
                }
            }
        }
        ring.iter().map(|root| root.expect("BUG: a function in no ring")).collect()
    }
}
