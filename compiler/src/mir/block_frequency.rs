//! An estimate of how often a place runs: how many loops are around it, in its function and around the calls of that.
//!
//! ```text
//! main ──loop──▶ serve ──▶ reply        heat of a block of `reply`: 1, and 1 more for each loop in `reply`
//!   └────▶ report                       of `report`: 0
//! ```
//!
//! A call that closes a ring of calls counts as one in a loop, and so does a function that becomes a value: most run
//! more than once. It is a guess as in Ball and Larus, "Branch prediction for free" (PLDI 1993): loops run often.

use crate::arena::Arena;
use crate::mir::{BlockId, Function, FunctionId, Program, Rvalue};

/// More loops than this make no difference.
pub const HOTTEST: u8 = 3;

/// The heat of all blocks of a program.
pub struct Heat {
    functions: Arena<FunctionId, u8>,
    loops: Arena<FunctionId, Arena<BlockId, u8>>,
    callees_first: Vec<FunctionId>,
}

/// A function that is called or spawned, or made a value of, and how much hotter it is than its caller.
struct Edge {
    callee: FunctionId,
    more: u8,
}

impl Heat {
    /// Linear in the size of the program, but for loops in loops.
    pub fn of(program: &Program) -> Heat {
        let loops: Arena<FunctionId, Arena<BlockId, u8>> =
            program.functions.iter().map(loop_depths).collect();
        let mut edges: Arena<FunctionId, Vec<Edge>> =
            program.functions.iter_enumerated().map(|(id, function)| edges(function, &loops[id])).collect();
        let callees_first = order(&mut edges);
        let mut functions: Arena<FunctionId, u8> = program.functions.iter().map(|_| 0).collect();
        // Each function is hotter at most `HOTTEST` times.
        let mut changed: Vec<FunctionId> = callees_first.clone();
        while let Some(caller) = changed.pop() {
            for edge in &edges[caller] {
                let heat = HOTTEST.min(functions[caller] + edge.more);
                if heat > functions[edge.callee] {
                    functions[edge.callee] = heat;
                    changed.push(edge.callee);
                }
            }
        }
        Heat { functions, loops, callees_first }
    }

    /// The heat of a block.
    pub fn of_block(&self, function: FunctionId, block: BlockId) -> u8 {
        HOTTEST.min(self.functions[function] + self.loops[function][block])
    }

    /// All functions, each behind those that it calls, as far as they do not call each other.
    pub fn callees_first(&self) -> Vec<FunctionId> {
        self.callees_first.clone()
    }
}

fn edges(function: &Function, loops: &Arena<BlockId, u8>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (id, block) in function.blocks.iter_enumerated() {
        for statement in &block.statements {
            let is_value = matches!(statement.value, Rvalue::Closure(..) | Rvalue::Deferred(_));
            let more = loops[id] + u8::from(is_value);
            edges.extend(statement.value.function().map(|callee| Edge { callee, more }));
        }
        edges.extend(block.terminator.kind.function().map(|callee| Edge { callee, more: loops[id] }));
    }
    edges
}

/// The functions in the order in which a depth-first search leaves them. Edges back to where it still is close rings,
/// and count as loops from now on.
fn order(edges: &mut Arena<FunctionId, Vec<Edge>>) -> Vec<FunctionId> {
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
                State::Entered => edge.more += 1,
                State::Left => {}
            }
        }
    }
    order
}

/// The number of loops each block is in, up to [`HOTTEST`]. A loop is what reaches the source of an edge back to a
/// block without that block.
fn loop_depths(function: &Function) -> Arena<BlockId, u8> {
    let mut depths: Arena<BlockId, u8> = function.blocks.iter().map(|_| 0).collect();
    let sources = edges_back(function);
    if sources.iter().all(Vec::is_empty) {
        return depths;
    }
    let mut before: Arena<BlockId, Vec<BlockId>> = function.blocks.iter().map(|_| Vec::new()).collect();
    for (id, block) in function.blocks.iter_enumerated() {
        block.terminator.kind.successors().for_each(|next| before[next].push(id));
    }
    // In which loop a block was met last.
    let mut met: Arena<BlockId, Option<BlockId>> = function.blocks.iter().map(|_| None).collect();
    for (head, sources) in sources.iter_enumerated() {
        let mut ahead = sources.clone();
        if !ahead.is_empty() {
            ahead.push(head);
        }
        while let Some(block) = ahead.pop() {
            if met[block] == Some(head) {
                continue;
            }
            met[block] = Some(head);
            depths[block] = HOTTEST.min(depths[block] + 1);
            if block != head {
                ahead.extend(&before[block]);
            }
        }
    }
    depths
}

/// For each block the sources of edges back to it, found by a depth-first search from the entry.
fn edges_back(function: &Function) -> Arena<BlockId, Vec<BlockId>> {
    let mut sources: Arena<BlockId, Vec<BlockId>> = function.blocks.iter().map(|_| Vec::new()).collect();
    let mut is_entered: Arena<BlockId, bool> = function.blocks.iter().map(|_| false).collect();
    let mut is_on_path: Arena<BlockId, bool> = function.blocks.iter().map(|_| false).collect();
    let successors = |block: BlockId| function.blocks[block].terminator.kind.successors().collect::<Vec<_>>();
    let Some(entry) = function.blocks.ids().next() else { return sources };
    let mut path = vec![(entry, successors(entry))];
    (is_entered[entry], is_on_path[entry]) = (true, true);
    while let Some((block, ahead)) = path.last_mut() {
        let block = *block;
        match ahead.pop() {
            None => {
                is_on_path[block] = false;
                path.pop();
            }
            Some(next) if is_on_path[next] => sources[next].push(block),
            Some(next) if !is_entered[next] => {
                (is_entered[next], is_on_path[next]) = (true, true);
                path.push((next, successors(next)));
            }
            Some(_) => {}
        }
    }
    sources
}
