//! The control-flow graph of a function, and its natural loops.
//!
//! ```text
//!   0: entry -> 1
//!   1: header -> 2, 4        the edge 3 -> 1 leads back to a block on the way to 3: 1 is a header and 3 its latch.
//!   2: body -> 3             The loop consists of 1 and the blocks that reach 3 without passing 1: 2 and 3.
//!   3: latch -> 1, 4
//!   4: exit
//! ```

use std::collections::HashMap;

use inkwell::basic_block::BasicBlock;
use inkwell::values::FunctionValue;

/// The graph of a function's basic blocks. A block is named by its index in `blocks`.
pub(super) struct Graph<'ctx> {
    pub(super) blocks: Vec<BasicBlock<'ctx>>,
    numbers: HashMap<BasicBlock<'ctx>, usize>,
    pub(super) predecessors: Vec<Vec<usize>>,
    successors: Vec<Vec<usize>>,
}

/// A natural loop.
pub(super) struct Loop {
    /// The target of the back edges.
    pub(super) header: usize,
    /// The sources of the back edges.
    latches: Vec<usize>,
    /// The blocks of the loop, including header and latches, in no particular order.
    pub(super) body: Vec<usize>,
    is_member: Vec<bool>,
}

impl Loop {
    pub(super) fn contains(&self, block: usize) -> bool {
        self.is_member[block]
    }

    /// The latch, if there is only one.
    pub(super) fn only_latch(&self) -> Option<usize> {
        match self.latches[..] {
            [latch] => Some(latch),
            _ => None,
        }
    }
}

impl<'ctx> Graph<'ctx> {
    pub(super) fn of(function: FunctionValue<'ctx>) -> Graph<'ctx> {
        let blocks = function.get_basic_blocks();
        let numbers: HashMap<_, _> =
            blocks.iter().enumerate().map(|(number, &block)| (block, number)).collect();
        let successors: Vec<Vec<usize>> =
            blocks.iter().map(|&block| successors(block).map(|next| numbers[&next]).collect()).collect();
        let mut predecessors = vec![Vec::new(); blocks.len()];
        for (block, next) in successors.iter().enumerate() {
            next.iter().for_each(|&next| predecessors[next].push(block));
        }
        Graph { blocks, numbers, predecessors, successors }
    }

    pub(super) fn number(&self, block: BasicBlock<'ctx>) -> usize {
        self.numbers[&block]
    }

    /// All loops, one for each header, from small to large, so inner loops come before outer loops.
    pub(super) fn loops(&self) -> Vec<Loop> {
        let mut by_header: Vec<Vec<usize>> = vec![Vec::new(); self.blocks.len()];
        for (latch, header) in self.jumps_back() {
            if !by_header[header].contains(&latch) {
                by_header[header].push(latch);
            }
        }
        let with_latches = by_header.into_iter().enumerate().filter(|(_, latches)| !latches.is_empty());
        let mut loops: Vec<Loop> =
            with_latches.map(|(header, latches)| self.loop_between(header, latches)).collect();
        loops.sort_by_key(|found| found.body.len());
        loops
    }

    /// The back edges as pairs of latch and header: the edges to a block on the current path of a depth-first search.
    fn jumps_back(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut seen = vec![false; self.blocks.len()];
        let mut on_path = vec![false; self.blocks.len()];
        let mut path = vec![(0, 0)];
        (seen[0], on_path[0]) = (true, true);
        while let Some((block, next)) = path.last_mut() {
            let block = *block;
            match self.successors[block].get(*next) {
                Some(&successor) => {
                    *next += 1;
                    if on_path[successor] {
                        found.push((block, successor));
                    } else if !std::mem::replace(&mut seen[successor], true) {
                        on_path[successor] = true;
                        path.push((successor, 0));
                    }
                }
                None => {
                    on_path[block] = false;
                    path.pop();
                }
            }
        }
        found
    }

    /// The loop of a header: all blocks from which a latch is reached without passing the header. If the loop has
    /// another entry, which only state machines of generators have, the result is larger than the loop. The larger
    /// result does no harm: such a loop gets polls.
    fn loop_between(&self, header: usize, latches: Vec<usize>) -> Loop {
        let mut is_member = vec![false; self.blocks.len()];
        is_member[header] = true;
        let mut body = vec![header];
        let mut ahead = latches.clone();
        while let Some(block) = ahead.pop() {
            if !std::mem::replace(&mut is_member[block], true) {
                body.push(block);
                ahead.extend(&self.predecessors[block]);
            }
        }
        Loop { header, latches, body, is_member }
    }

    /// The targets of the edges that leave the loop.
    pub(super) fn exits(&self, found: &Loop) -> impl Iterator<Item = BasicBlock<'ctx>> {
        let next = found.body.iter().flat_map(|&block| &self.successors[block]);
        next.filter(|&&next| !found.contains(next)).map(|&next| self.blocks[next])
    }

    /// The latches that an iteration may reach without passing a block in `safe`; all latches if the loop has another
    /// entry.
    pub(super) fn latches_without(&self, found: &Loop, safe: &[bool]) -> Vec<usize> {
        if found.contains(0) && found.header != 0 {
            return found.latches.clone();
        }
        let mut reached = vec![false; self.blocks.len()];
        let mut ahead = vec![found.header];
        while let Some(block) = ahead.pop() {
            let is_new = found.contains(block) && !safe[block] && !reached[block];
            if is_new {
                reached[block] = true;
                ahead.extend(self.successors[block].iter().filter(|&&next| next != found.header));
            }
        }
        found.latches.iter().copied().filter(|&latch| reached[latch]).collect()
    }
}

fn successors<'ctx>(block: BasicBlock<'ctx>) -> impl Iterator<Item = BasicBlock<'ctx>> {
    let end = block.get_terminator().expect("BUG: a block without a way out");
    end.get_operands().filter_map(|operand| operand.and_then(|operand| operand.block()))
}
