//! Yields at which a close has nothing to do. Afterwards a generator that is closed there just ends.
//!
//! ```text
//!   gen fn squares(n: Int) -> Int { for i in upto(n) { yield i * i } }
//!
//!   _c = yield _v                           yield _v
//!   if _c goto leave else goto next         _c = false
//!   leave: _s = 0; return                   if _c goto leave else goto next
//! ```
//!
//! Here `upto` is inlined, and closing it has become an assignment to its state `_s`. Without plain yields, `squares`
//! itself could not be inlined.

use std::collections::HashMap;

use crate::arena::Id;
use crate::mir::{
    BlockId, Function, GeneratorOp, LocalId, Operand, Rvalue, Statement, Terminator, TerminatorKind,
};

/// The maximum number of blocks that are followed from a yield. A close of inlined generators passes few.
const MOST_BLOCKS: usize = 20;

/// Simplifies the yields of a body.
pub(super) fn simplify(body: &mut Function) {
    for block in (0..body.blocks.len()).map(BlockId::new) {
        let mut at = 0;
        while at < body.blocks[block].statements.len() {
            if let Some(closes) = closes_of(&body.blocks[block].statements[at])
                && only_returns(body, block, at + 1, closes)
            {
                let statements = &mut body.blocks[block].statements;
                statements[at].destination = None;
                let (value, span) = (Rvalue::Use(Operand::Bool(false)), statements[at].span);
                statements.insert(at + 1, Statement { destination: Some(closes), value, span });
            }
            at += 1;
        }
    }
}

/// The local that a `yield` sets to whether the generator is being closed; `None` for every other statement, and for a
/// `yield` without such a local.
fn closes_of(statement: &Statement) -> Option<LocalId> {
    let is_yield = matches!(statement.value, Rvalue::Generator(GeneratorOp::Yield, _));
    statement.destination.filter(|_| is_yield)
}

/// Whether the body, continued at statement `at` of a block with a true `closes`, returns and until then only assigns
/// values that exist already to locals.
fn only_returns(body: &Function, mut block: BlockId, mut at: usize, closes: LocalId) -> bool {
    let mut known = HashMap::from([(closes, true)]);
    for _ in 0..MOST_BLOCKS {
        for Statement { destination, value, .. } in &body.blocks[block].statements[at..] {
            let (Some(destination), Rvalue::Use(operand)) = (destination, value) else { return false };
            match truth(operand, &known) {
                Some(truth) => known.insert(*destination, truth),
                None => known.remove(destination),
            };
        }
        let Terminator { kind, .. } = &body.blocks[block].terminator;
        block = if let TerminatorKind::Goto(next) = kind {
            *next
        } else if let TerminatorKind::Branch { condition, then_block, else_block } = kind
            && let Some(truth) = truth(condition, &known)
        {
            if truth { *then_block } else { *else_block }
        } else {
            return matches!(kind, TerminatorKind::Return(_));
        };
        at = 0;
    }
    false
}

/// The value of a condition, if it is known.
fn truth(operand: &Operand, known: &HashMap<LocalId, bool>) -> Option<bool> {
    if let Operand::Local(local) = operand {
        return known.get(local).copied();
    }
    if let Operand::Bool(value) = operand { Some(*value) } else { None }
}
