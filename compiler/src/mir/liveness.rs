//! Live-variable analysis: the locals that may be read later, before they are written.
//!
//! ```text
//!     _3 = _1 * _2      live after it: _3
//!     yield             live over it:  _3
//!     _4 = _3 + 1
//!     return _4
//! ```

use std::collections::BTreeSet;

use crate::arena::Arena;
use crate::mir::{Block, BlockId, Function, LocalId, Operand, Statement};

/// The locals that are live at the end of each block of a function.
pub struct Liveness {
    at_end: Arena<BlockId, BTreeSet<LocalId>>,
}

impl Liveness {
    /// Computes the sets backwards, until none grows.
    pub fn of(function: &Function) -> Liveness {
        let empty = || function.blocks.iter().map(|_| BTreeSet::new()).collect::<Arena<BlockId, _>>();
        let (mut at_start, mut at_end) = (empty(), empty());
        let mut changed = true;
        while changed {
            changed = false;
            for (id, block) in function.blocks.iter_enumerated().rev() {
                let successors = block.terminator.kind.successors();
                let end: BTreeSet<LocalId> =
                    successors.flat_map(|successor| at_start[successor].iter().copied()).collect();
                let start = before(block, 0, end.clone());
                changed |= start.len() > at_start[id].len();
                at_start[id] = start;
                at_end[id] = end;
            }
        }
        Liveness { at_end }
    }

    /// The locals that are live before a statement; before the terminator, if the index is that of no statement.
    pub fn before(&self, function: &Function, block: BlockId, statement: usize) -> BTreeSet<LocalId> {
        let code = &function.blocks[block];
        before(code, statement.min(code.statements.len()), self.at_end[block].clone())
    }

    /// The live set of a statement: the locals that are live both before and after it.
    pub fn over(&self, function: &Function, block: BlockId, statement: usize) -> BTreeSet<LocalId> {
        let code = &function.blocks[block];
        let mut live = before(code, statement + 1, self.at_end[block].clone());
        if let Some(destination) = code.statements[statement].destination {
            live.remove(&destination);
        }
        live
    }
}

/// The locals that are live before the statement with the index `first`, or before the terminator.
fn before(block: &Block, first: usize, mut live: BTreeSet<LocalId>) -> BTreeSet<LocalId> {
    live.extend(block.terminator.kind.operands().filter_map(Operand::local));
    go_back(&block.statements[first..], &mut live);
    live
}

/// Turns the locals that are live after `statements` into those that are live before.
pub fn go_back(statements: &[Statement], live: &mut BTreeSet<LocalId>) {
    for statement in statements.iter().rev() {
        if let Some(destination) = statement.destination {
            live.remove(&destination);
        }
        live.extend(statement.value.operands().filter_map(Operand::local));
    }
}
