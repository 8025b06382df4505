//! A check that every local is written before it is read: only parameters may be live at the entry.
//!
//! ```text
//!   bb0: if _1 goto bb1 else goto bb2      bb3 reads `_2`, so `_2` is live at the start of bb3 and at the end of bb1
//!   bb1: _2 = 1; goto bb3                  and bb2. Only bb1 writes `_2`, so `_2` is also live at the start of bb2,
//!   bb2: goto bb3                          and of bb0. But bb0 is the entry, where only parameters may be live:
//!   bb3: return _2                         this is a fault.
//! ```
//!
//! Liveness is computed for one local at a time, backwards from each block that reads the local before writing it, to
//! the blocks that write it. Most locals are temporaries of one block and cost nothing. So time and memory are about
//! linear in the size of the program. Bit sets would take a bit for each pair of block and local.

use super::{Faults, Step, steps};
use crate::arena::{Arena, Id};
use crate::mir::{BlockId, Function, FunctionId, LocalId, Operand};

pub(super) fn check(faults: &mut Faults<'_>, id: FunctionId) {
    let function = &faults.program.functions[id];
    let accesses = Accesses::of(function);
    let predecessors = predecessors(function);
    // The last local for which each block was visited. So the marks of one local need not be cleared for the next.
    let mut visited: Arena<BlockId, Option<LocalId>> = function.blocks.iter().map(|_| None).collect();
    for local in function.locals.ids().skip(function.parameter_count) {
        let mut live: Vec<BlockId> = accesses.read_first[local].clone();
        let mut live_at_entry = false;
        while let Some(block) = live.pop() {
            if visited[block].replace(local) == Some(local) {
                continue;
            }
            live_at_entry |= block.raw() == 0;
            let written = |block: &&BlockId| accesses.written[local].binary_search(block).is_ok();
            live.extend(predecessors[block].iter().filter(|block| !written(block)));
        }
        if live_at_entry {
            let readers: Vec<_> = accesses.read_first[local].iter().map(BlockId::to_string).collect();
            faults.in_function(
                id,
                format!("{local}, read in {}, may not be written before", readers.join(", ")),
            );
        }
    }
}

/// The blocks that access each local, in ascending order.
struct Accesses {
    /// The blocks that read the local before they write it, if they write it at all.
    read_first: Arena<LocalId, Vec<BlockId>>,
    /// The blocks that write the local.
    written: Arena<LocalId, Vec<BlockId>>,
}

impl Accesses {
    fn of(function: &Function) -> Accesses {
        let none = || function.locals.iter().map(|_| Vec::new()).collect();
        let mut accesses = Accesses { read_first: none(), written: none() };
        for (block, step) in steps(function) {
            for local in locals_read(step) {
                if accesses.written[local].last() != Some(&block) {
                    push_once(&mut accesses.read_first[local], block);
                }
            }
            if let Some(local) = written(step) {
                push_once(&mut accesses.written[local], block);
            }
        }
        accesses
    }
}

fn push_once(blocks: &mut Vec<BlockId>, block: BlockId) {
    if blocks.last() != Some(&block) {
        blocks.push(block);
    }
}

fn locals_read(step: Step<'_>) -> impl Iterator<Item = LocalId> {
    step.operands().filter_map(Operand::local)
}

fn written(step: Step<'_>) -> Option<LocalId> {
    match step {
        Step::Statement(statement) => statement.destination,
        Step::Terminator(_) => None,
    }
}

fn predecessors(function: &Function) -> Arena<BlockId, Vec<BlockId>> {
    let mut predecessors: Arena<BlockId, Vec<BlockId>> = function.blocks.iter().map(|_| Vec::new()).collect();
    for (id, block) in function.blocks.iter_enumerated() {
        for successor in block.terminator.kind.successors() {
            push_once(&mut predecessors[successor], id);
        }
    }
    predecessors
}
