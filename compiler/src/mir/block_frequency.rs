//! A static estimate of block frequencies: the number of loops around a block, in its function and around the calls of
//! that function. Like Ball and Larus, "Branch prediction for free" (PLDI 1993), it assumes that loops run often.
//!
//! ```text
//!   main ──loop──▶ serve ──▶ reply        blocks of `reply`: 1, and 1 more for each loop in `reply` around them
//!     └────▶ report                       blocks of `report`: 0
//! ```
//!
//! A call that closes a cycle of calls counts as a call in a loop. So does a statement that creates a function value,
//! because most function values are called more than once.

use crate::arena::Arena;
use crate::mir::{BlockId, Function, FunctionId, Program, Rvalue};

/// The highest frequency. A larger number would cost more rounds of propagation. The inliner, which spends its budget
/// on the most frequent blocks first, needs no finer distinction.
pub const HIGHEST: u8 = 3;

/// The estimated frequencies of all blocks of a program: the number of loops around each block, up to [`HIGHEST`].
pub struct BlockFrequencies {
    /// The frequency of the most frequent call of each function.
    functions: Arena<FunctionId, u8>,
    /// The number of loops around each block in its own function.
    loops: Arena<FunctionId, Arena<BlockId, u8>>,
    callees_first: Vec<FunctionId>,
}

/// A statement or terminator that calls or spawns a function, or creates a function value from it.
struct Edge {
    callee: FunctionId,
    /// The number of loops around the statement, and 1 more if the statement creates a function value or closes a cycle
    /// of calls.
    loops: u8,
}

impl BlockFrequencies {
    /// Estimates a program's frequencies. Takes time linear in the size of the program, times the depth of its loops.
    pub fn of(program: &Program) -> BlockFrequencies {
        let loops: Arena<FunctionId, Arena<BlockId, u8>> =
            program.functions.iter().map(loop_depths).collect();
        let mut edges: Arena<FunctionId, Vec<Edge>> =
            program.functions.iter_enumerated().map(|(id, function)| edges(function, &loops[id])).collect();
        let callees_first = postorder(&mut edges);
        let mut functions: Arena<FunctionId, u8> = program.functions.iter().map(|_| 0).collect();
        // The loop ends soon, as the frequency of a function rises at most `HIGHEST` times.
        let mut worklist: Vec<FunctionId> = callees_first.clone();
        while let Some(caller) = worklist.pop() {
            for edge in &edges[caller] {
                let frequency = HIGHEST.min(functions[caller] + edge.loops);
                if frequency > functions[edge.callee] {
                    functions[edge.callee] = frequency;
                    worklist.push(edge.callee);
                }
            }
        }
        BlockFrequencies { functions, loops, callees_first }
    }

    /// The frequency of a block.
    pub fn of_block(&self, function: FunctionId, block: BlockId) -> u8 {
        HIGHEST.min(self.functions[function] + self.loops[function][block])
    }

    /// All functions, callees before callers except in a cycle of calls.
    pub fn callees_first(&self) -> Vec<FunctionId> {
        self.callees_first.clone()
    }
}

fn edges(function: &Function, loops: &Arena<BlockId, u8>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (id, block) in function.blocks.iter_enumerated() {
        for statement in &block.statements {
            let is_value = matches!(statement.value, Rvalue::Closure(..) | Rvalue::Deferred(_));
            let loops = loops[id] + u8::from(is_value);
            edges.extend(statement.value.function().map(|callee| Edge { callee, loops }));
        }
        edges.extend(block.terminator.kind.function().map(|callee| Edge { callee, loops: loops[id] }));
    }
    edges
}

/// The functions in the postorder of a depth-first search. Adds 1 to the loops of each edge that closes a cycle of
/// calls.
fn postorder(edges: &mut Arena<FunctionId, Vec<Edge>>) -> Vec<FunctionId> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Entered,
        Left,
    }
    let mut states: Arena<FunctionId, State> = edges.iter().map(|_| State::New).collect();
    let mut order = Vec::with_capacity(edges.len());
    for root in edges.ids() {
        let mut path = Vec::new();
        if states[root] == State::New {
            states[root] = State::Entered;
            path.push((root, 0));
        }
        while let Some((caller, next)) = path.last_mut() {
            let Some(edge) = edges[*caller].get_mut(*next) else {
                states[*caller] = State::Left;
                order.push(*caller);
                path.pop();
                continue;
            };
            *next += 1;
            match states[edge.callee] {
                State::New => {
                    states[edge.callee] = State::Entered;
                    path.push((edge.callee, 0));
                }
                State::Entered => edge.loops += 1,
                State::Left => {}
            }
        }
    }
    order
}

/// The number of loops around each block, up to [`HIGHEST`]. The natural loop of a header consists of the blocks from
/// which one of its latches is reached without passing the header.
fn loop_depths(function: &Function) -> Arena<BlockId, u8> {
    let mut depths: Arena<BlockId, u8> = function.blocks.iter().map(|_| 0).collect();
    let latches = latches(function);
    if latches.iter().all(Vec::is_empty) {
        return depths;
    }
    let mut predecessors: Arena<BlockId, Vec<BlockId>> = function.blocks.iter().map(|_| Vec::new()).collect();
    for (id, block) in function.blocks.iter_enumerated() {
        block.terminator.kind.successors().for_each(|next| predecessors[next].push(id));
    }
    // The header of the last loop in which a block was found.
    let mut last: Arena<BlockId, Option<BlockId>> = function.blocks.iter().map(|_| None).collect();
    for (header, latches) in latches.iter_enumerated() {
        let mut ahead = latches.clone();
        if !ahead.is_empty() {
            ahead.push(header);
        }
        while let Some(block) = ahead.pop() {
            if last[block] == Some(header) {
                continue;
            }
            last[block] = Some(header);
            depths[block] = HIGHEST.min(depths[block] + 1);
            if block != header {
                ahead.extend(&predecessors[block]);
            }
        }
    }
    depths
}

/// The latches of each block: the sources of the back edges to it, found by a depth-first search from the entry.
fn latches(function: &Function) -> Arena<BlockId, Vec<BlockId>> {
    let mut latches: Arena<BlockId, Vec<BlockId>> = function.blocks.iter().map(|_| Vec::new()).collect();
    let mut is_entered: Arena<BlockId, bool> = function.blocks.iter().map(|_| false).collect();
    let mut is_on_path: Arena<BlockId, bool> = function.blocks.iter().map(|_| false).collect();
    let successors = |block: BlockId| function.blocks[block].terminator.kind.successors().collect::<Vec<_>>();
    let Some(entry) = function.blocks.ids().next() else { return latches };
    let mut path = vec![(entry, successors(entry))];
    (is_entered[entry], is_on_path[entry]) = (true, true);
    while let Some((block, ahead)) = path.last_mut() {
        let block = *block;
        match ahead.pop() {
            None => {
                is_on_path[block] = false;
                path.pop();
            }
            Some(next) if is_on_path[next] => latches[next].push(block),
            Some(next) if !is_entered[next] => {
                (is_entered[next], is_on_path[next]) = (true, true);
                path.push((next, successors(next)));
            }
            Some(_) => {}
        }
    }
    latches
}
