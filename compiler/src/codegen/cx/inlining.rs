//! The inlining plan: which call sites inline a fast path of the runtime, and which call an outlined copy.
//!
//! ```text
//!   fn once(c: Chan[Int]) { c.send(1) }              frequency 0: inlined only if the program's budget lasts
//!   fn often(c: Chan[Int]) {
//!     for i in 0..9 { c.send(i) }                    frequency 1: inlined first
//!   }
//! ```
//!
//! Inlined fast paths make programs fast, because a switch is then part of the function that switches. But each copy is
//! large (a `recv` is 500 instructions in 60 blocks), and LLVM takes 20 µs or more per instruction, so 400 copies take
//! seconds. So each function has a budget, and so has the whole program. Call sites beyond the budgets call an outlined
//! copy of the fast path.
//!
//! The program's budget goes to the call sites that probably run most often, by [`crate::mir::block_frequency`]; among
//! equally frequent sites, to the first. When LLVM inlines a function, it also copies the fast paths inlined into that
//! function. So the call of such a function is charged as well: callees are planned before callers, and a call costs as
//! much as the callee contains.

use std::collections::HashSet;

use crate::arena::{Arena, Id};
use crate::codegen::cx::input::{Input, Level};
use crate::mir;
use crate::mir::block_frequency::{BlockFrequencies, HIGHEST};
use crate::mir::{
    Block, BlockId, Effect, Function, FunctionId, Program, Rvalue, Statement, TerminatorKind, WaitOp,
};

/// The budget of one function, in LLVM instructions: eight `recv`, twice as many as the hot loops of known programs
/// contain. LLVM's passes take more than linear time in the size of a function.
const OF_FUNCTION: usize = 4_000;

/// The budget of the program, in LLVM instructions: as many as LLVM compiles in 0.3 s. The budget trades the time to
/// compile a large program against outlined calls at the program's less frequent sites.
const OF_PROGRAM: usize = 12_000;

/// The maximum number of calls of inlinable functions in one function; further calls are never inlined. LLVM inlines
/// every function that has a single call site, so a `main` of 5,000 calls of different functions would become one
/// function with all their code.
const CALLS: usize = 300;

// The sizes of the inlined operations, in LLVM instructions. An operation with a switch counts 60 instructions more
// than it has, since LLVM also takes time for the switch's list of clobbered registers.

const YIELD: usize = 90;
const WAIT: usize = 250;
const WAKE: usize = 60;
const TAKE: usize = 30;
const LOCK: usize = 15;
const SPAWN: usize = 150;
/// The size of the end of a thread, inlined into the thread's first function.
const END: usize = 130;

/// The maximum number of statements in a wrapper, a library function of one operation and one statement that prepares
/// an operand. A larger library function needs the attribute `always_inline` instead.
const WRAPPER_STATEMENTS: usize = 2;

/// A call site: a statement, or the terminator of a block, which is numbered after all statements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::codegen) struct Place {
    pub(in crate::codegen) function: FunctionId,
    pub(in crate::codegen) block: BlockId,
    pub(in crate::codegen) index: usize,
}

/// The plan: the sites that call an outlined copy or must not inline the callee. All other sites inline.
#[derive(Debug, Default)]
pub(in crate::codegen) struct Inlining {
    called: HashSet<Place>,
    /// The spawned functions for which the thread's first function inlines the end of the thread.
    ends: HashSet<FunctionId>,
}

impl Inlining {
    /// Spends the budgets on a program, in linear time.
    pub(in crate::codegen) fn plan(input: &Input<'_>, level: Level) -> Inlining {
        let frequencies = BlockFrequencies::of(input.program);
        let sites =
            input.program.functions.ids().map(|id| sites(input.program, level, &frequencies, id)).collect();
        let planner = Planner { program: input.program, order: frequencies.callees_first(), sites };
        // `least` is the lowest frequency such that the budget suffices for all sites with at least this frequency.
        // These sites are inlined, and as many less frequent sites as still fit.
        let fits = |least: &u8| planner.spend(*least, 0).used <= OF_PROGRAM;
        let least = (0..=HIGHEST).find(fits).unwrap_or(HIGHEST + 1);
        let rest = OF_PROGRAM - planner.spend(least, 0).used.min(OF_PROGRAM);
        planner.spend(least, rest).inlining
    }

    /// Whether the operation at a site calls its outlined copy.
    pub(in crate::codegen) fn is_called(&self, place: Place) -> bool {
        self.called.contains(&place)
    }

    /// Whether the first function of the threads that run this function inlines the end of the thread.
    pub(in crate::codegen) fn has_end(&self, function: FunctionId) -> bool {
        self.ends.contains(&function)
    }
}

/// A call site that may cost some of the budget.
struct Site {
    place: Place,
    frequency: u8,
    holds: Holds,
}

/// The code at a site.
enum Holds {
    /// A fast path, with its size in LLVM instructions.
    Operation(usize),
    /// A spawn; the first spawn of each function also pays for the end of its threads.
    Spawn(FunctionId),
    /// A call of a function that may be inlined, together with the fast paths that are inlined into that function.
    Call(FunctionId),
}

impl Holds {
    /// Whether the site calls a function that is not a wrapper.
    fn is_counted(&self, program: &Program) -> bool {
        match self {
            Holds::Call(callee) => !is_wrapper(&program.functions[*callee]),
            Holds::Operation(_) | Holds::Spawn(_) => false,
        }
    }
}

/// The sites of a function, the most frequent ones first.
fn sites(program: &Program, level: Level, frequencies: &BlockFrequencies, id: FunctionId) -> Vec<Site> {
    // Without optimisation only wrappers are inlined.
    let is_inlined = |callee: FunctionId| level != Level::O0 || is_wrapper(&program.functions[callee]);
    let mut sites = Vec::new();
    for (block, code) in program.functions[id].blocks.iter_enumerated() {
        let mut add = |index: usize, holds: Holds| {
            let place = Place { function: id, block, index };
            sites.push(Site { place, frequency: frequencies.of_block(id, block), holds });
        };
        for (index, Statement { value, .. }) in code.statements.iter().enumerate() {
            match value.effect(program) {
                Effect::Calls(callee) if is_inlined(callee) => add(index, Holds::Call(callee)),
                Effect::Spawns(callee) => add(index, Holds::Spawn(callee)),
                Effect::Yields => add(index, Holds::Operation(YIELD)),
                Effect::Waits => add(index, Holds::Operation(WAIT)),
                Effect::WaitList(op) => {
                    if let Some(size) = size(op) {
                        add(index, Holds::Operation(size));
                    }
                }
                Effect::Calls(_) | Effect::CallsValue | Effect::Names(_) | Effect::None => {}
            }
        }
        if let Some(callee) = code.terminator.kind.function().filter(|&callee| is_inlined(callee)) {
            add(code.statements.len(), Holds::Call(callee));
        }
    }
    sites.sort_by_key(|site| std::cmp::Reverse(site.frequency));
    sites
}

/// The size of an operation on a wait list; `None` if it takes only a few instructions.
fn size(op: WaitOp) -> Option<usize> {
    match op {
        WaitOp::Wait | WaitOp::WaitTake | WaitOp::WaitGive | WaitOp::Pause | WaitOp::LeaveScope => Some(WAIT),
        WaitOp::Wake => Some(WAKE),
        WaitOp::TakeWaiter => Some(TAKE),
        WaitOp::Lock => Some(LOCK),
        WaitOp::Unlock | WaitOp::Put | WaitOp::Get | WaitOp::Keep | WaitOp::Kept | WaitOp::Cancel => None,
        WaitOp::BufferPut | WaitOp::BufferGet | WaitOp::BufferMove => None,
    }
}

/// Spends the inlining budgets on the call sites of a program.
struct Planner<'a> {
    program: &'a Program,
    /// All functions, callees before callers except in a cycle of calls.
    order: Vec<FunctionId>,
    sites: Arena<FunctionId, Vec<Site>>,
}

/// A plan, and how much of the program's budget it uses.
struct Spent {
    inlining: Inlining,
    used: usize,
}

impl Planner<'_> {
    /// Plans to inline, within the budget of each function, all sites with a frequency of at least `least`, and as many
    /// less frequent sites as fit into `rest`.
    fn spend(&self, least: u8, mut rest: usize) -> Spent {
        let mut spent = Spent { inlining: Inlining::default(), used: 0 };
        let mut held: Arena<FunctionId, usize> = self.sites.iter().map(|_| 0).collect();
        for &id in &self.order {
            // A library function spends no budget itself: its callers in the program pay for the copies that it
            // contains.
            let is_library = self.program.functions[id].library;
            let mut calls = 0;
            for site in &self.sites[id] {
                calls += usize::from(!is_library && site.holds.is_counted(self.program));
                if calls > CALLS && site.holds.is_counted(self.program) {
                    spent.inlining.called.insert(site.place);
                    continue;
                }
                let size = match site.holds {
                    Holds::Operation(size) => size,
                    Holds::Spawn(function) if spent.inlining.has_end(function) => SPAWN,
                    Holds::Spawn(_) => SPAWN + END,
                    Holds::Call(callee) => held[callee],
                };
                if size == 0 {
                    continue;
                }
                let is_paid = is_library || site.frequency >= least || size <= rest;
                if !is_paid || !(is_library || held[id] + size <= OF_FUNCTION) {
                    spent.inlining.called.insert(site.place);
                    continue;
                }
                held[id] += size;
                if !is_library {
                    spent.used += size;
                    rest -= if site.frequency < least { size } else { 0 };
                }
                if let Holds::Spawn(function) = site.holds {
                    spent.inlining.ends.insert(function);
                }
            }
        }
        spent
    }
}

/// Whether a function is a wrapper: a library function that does little more than one operation. A wrapper is inlined
/// at every level. A panic in a wrapper is reported at the caller, even if the caller ends in a tail call of the
/// wrapper.
pub(in crate::codegen) fn is_wrapper(function: &Function) -> bool {
    let statements = function.blocks[BlockId::new(0)].statements.len();
    function.library && function.blocks.len() == 1 && statements <= WRAPPER_STATEMENTS
}

/// Whether a library function is inlined like an operation, and calls no function of the program.
pub(in crate::codegen) fn is_operation(function: &Function) -> bool {
    let calls_value = |block: &Block| {
        matches!(block.terminator.kind, TerminatorKind::TailCallValue(..))
            || block.statements.iter().any(|statement| matches!(statement.value, Rvalue::CallValue(..)))
    };
    (is_wrapper(function) || function.inlining == mir::Inlining::Always)
        && !function.blocks.iter().any(calls_value)
}
