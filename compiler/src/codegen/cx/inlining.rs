//! Hot paths: the places where they are inlined, and those where they are called.
//!
//! The runtime's hot paths make real programs fast because a switch is a part of the function that switches. But each
//! copy is large (a `recv` is 500 instructions in 60 blocks) and LLVM takes about 20 µs for an instruction, so 400
//! copies are eight seconds. So there is a budget: for a function, since LLVM's passes take more than linear time in
//! it, and for the program. The places beyond the budget call one copy that all share.
//!
//! ```text
//! fn once(c: Chan[Int]) { c.send(1) }              // heat 0: called where the budget of the program is used up
//! fn often(c: Chan[Int]) {
//!   for i in 0..9 { c.send(i) }                    // heat 1: inlined before what has heat 0
//! }
//! ```
//!
//! The budget is spent where code probably runs most often: a place has as much *heat* as loops around it, here and in
//! the callers of its function; see [`heat`]. Among places of the same heat the first ones get it. A function that
//! holds copies takes them along when LLVM inlines it, so calls of such functions are paid for as well.

use std::collections::HashSet;

use weft_abi::layout::LIBRARY_FOLDER;

use crate::arena::{Arena, Id};
use crate::codegen::cx::input::{Input, Level};
use crate::mir::block_frequency::{HOTTEST, Heat};
use crate::mir::{Block, BlockId, Function, FunctionId, Program, Rvalue, Statement, TerminatorKind, WaitOp};

/// The most that one function may hold, and the program in all, in about instructions of LLVM's. The limit of a
/// function is eight `recv`, twice of what the hot loops of known programs have. The limit of the program is what LLVM
/// compiles in 0.3 s.
const OF_FUNCTION: usize = 4_000;
const OF_PROGRAM: usize = 12_000;

/// The number of calls of a function that may be inlined at all. LLVM inlines whatever is called in one place, so that
/// a `main` of 5,000 calls of different functions would become one function of all their code.
const CALLS: usize = 300;

/// About how many instructions the operations are where they are inlined. A switch counts 60 more than it has: LLVM
/// takes its time over the list of registers that it destroys.
const YIELD: usize = 90;
const WAIT: usize = 250;
const WAKE: usize = 60;
const TAKE: usize = 30;
const LOCK: usize = 15;
const SPAWN: usize = 150;
/// The end of a thread's first function.
const END: usize = 130;

/// A function of the library with one block of so many statements is a wrapper of what they do.
const WRAPPER_STATEMENTS: usize = 2;
/// So many blocks a function may have that is inlined because it parks: sending and receiving.
const MEETING_BLOCKS: usize = 24;

/// A statement, or the way out of a block behind all its statements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::codegen) struct Place {
    pub(in crate::codegen) function: FunctionId,
    pub(in crate::codegen) block: BlockId,
    pub(in crate::codegen) index: usize,
}

/// The places that call what other places inline.
#[derive(Debug, Default)]
pub(in crate::codegen) struct Inlining {
    called: HashSet<Place>,
    /// The functions that threads begin with and whose end is inlined.
    ends: HashSet<FunctionId>,
}

impl Inlining {
    /// Spends the budget on a program. Linear in its size.
    pub(in crate::codegen) fn plan(input: &Input<'_>, level: Level) -> Inlining {
        let heat = Heat::of(input.program);
        let sites = input.program.functions.ids().map(|id| sites(input, level, &heat, id)).collect();
        let planner = Planner { input, order: heat.callees_first(), sites };
        // The least heat that all places of more of it can be inlined for, and then as many of less as there is room.
        let fits = |least: &u8| planner.spend(*least, 0).used <= OF_PROGRAM;
        let least = (0..=HOTTEST).find(fits).unwrap_or(HOTTEST + 1);
        let rest = OF_PROGRAM - planner.spend(least, 0).used.min(OF_PROGRAM);
        planner.spend(least, rest).inlining
    }

    /// Whether the operation at a place calls a shared copy.
    pub(in crate::codegen) fn is_called(&self, place: Place) -> bool {
        self.called.contains(&place)
    }

    /// Whether the end of threads that begin with this function is inlined into it.
    pub(in crate::codegen) fn has_end(&self, function: FunctionId) -> bool {
        self.ends.contains(&function)
    }
}

/// A place that holds a hot path, or calls what may.
struct Site {
    place: Place,
    heat: u8,
    holds: Holds,
}

enum Holds {
    Operation(usize),
    /// And the end of a thread, once for each function.
    Spawn(FunctionId),
    Call(FunctionId),
}

impl Holds {
    /// Whether it calls more than an operation.
    fn is_counted(&self, input: &Input<'_>) -> bool {
        match self {
            Holds::Call(callee) => !is_wrapper(input, &input.program.functions[*callee]),
            Holds::Operation(_) | Holds::Spawn(_) => false,
        }
    }
}

/// The sites of a function, the hottest first.
fn sites(input: &Input<'_>, level: Level, heat: &Heat, id: FunctionId) -> Vec<Site> {
    let function = &input.program.functions[id];
    let is_inlined = |callee: FunctionId| {
        // Without optimisation nothing else is.
        level != Level::O0 || is_wrapper(input, &input.program.functions[callee])
    };
    let mut sites = Vec::new();
    for (block, code) in function.blocks.iter_enumerated() {
        let mut add = |index: usize, holds: Holds| {
            let place = Place { function: id, block, index };
            sites.push(Site { place, heat: heat.of_block(id, block), holds });
        };
        for (index, Statement { value, .. }) in code.statements.iter().enumerate() {
            match value {
                Rvalue::Call(callee, _) if is_inlined(*callee) => add(index, Holds::Call(*callee)),
                Rvalue::Spawn(callee, _) => add(index, Holds::Spawn(*callee)),
                value => match size(input.program, value) {
                    0 => {}
                    size => add(index, Holds::Operation(size)),
                },
            }
        }
        if let Some(callee) = code.terminator.kind.function().filter(|&callee| is_inlined(callee)) {
            add(code.statements.len(), Holds::Call(callee));
        }
    }
    sites.sort_by_key(|site| std::cmp::Reverse(site.heat));
    sites
}

/// About how many instructions of hot paths a computation brings along.
fn size(program: &Program, value: &Rvalue) -> usize {
    match value {
        Rvalue::Yield => YIELD,
        Rvalue::Join(_) | Rvalue::Wait(_) | Rvalue::Blocking(..) => WAIT,
        Rvalue::Foreign(foreign, _) if program.foreigns[*foreign].blocking => WAIT,
        Rvalue::Waiting(op, ..) => match op {
            WaitOp::Wait | WaitOp::WaitTake | WaitOp::WaitGive | WaitOp::Pause | WaitOp::LeaveScope => WAIT,
            WaitOp::Wake => WAKE,
            WaitOp::TakeWaiter => TAKE,
            WaitOp::Lock => LOCK,
            WaitOp::Unlock | WaitOp::Put | WaitOp::Get | WaitOp::Keep | WaitOp::Kept | WaitOp::Cancel => 0,
        },
        Rvalue::Use(_)
        | Rvalue::Unary(..)
        | Rvalue::Binary(..)
        | Rvalue::Call(..)
        | Rvalue::Runtime(..)
        | Rvalue::CallValue(..)
        | Rvalue::Foreign(..)
        | Rvalue::Closure(..)
        | Rvalue::Deferred(_)
        | Rvalue::Register(..)
        | Rvalue::Cleanup(..)
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
        | Rvalue::TaskId(_)
        | Rvalue::Atomic(..) => 0,
    }
}

/// Spends budgets.
struct Planner<'a> {
    input: &'a Input<'a>,
    /// Callees before their callers, as far as there is such an order.
    order: Vec<FunctionId>,
    sites: Arena<FunctionId, Vec<Site>>,
}

/// The outcome of spending one.
struct Spent {
    inlining: Inlining,
    used: usize,
}

impl Planner<'_> {
    /// Inlines all that has at least that heat and is within the budget of its function, and of what is cooler up to
    /// `rest`.
    fn spend(&self, least: u8, mut rest: usize) -> Spent {
        let mut spent = Spent { inlining: Inlining::default(), used: 0 };
        let mut held: Arena<FunctionId, usize> = self.sites.iter().map(|_| 0).collect();
        for &id in &self.order {
            // The library holds the copies that are shared.
            let is_library = is_of_library(self.input, &self.input.program.functions[id]);
            let mut calls = 0;
            for site in &self.sites[id] {
                calls += usize::from(!is_library && site.holds.is_counted(self.input));
                if calls > CALLS && site.holds.is_counted(self.input) {
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
                let is_paid = is_library || site.heat >= least || size <= rest;
                if !is_paid || !(is_library || held[id] + size <= OF_FUNCTION) {
                    spent.inlining.called.insert(site.place);
                    continue;
                }
                held[id] += size;
                if !is_library {
                    spent.used += size;
                    rest -= if site.heat < least { size } else { 0 };
                }
                if let Holds::Spawn(function) = site.holds {
                    spent.inlining.ends.insert(function);
                }
            }
        }
        spent
    }
}

/// Whether a function of the library does little more than an operation of its own. Inlined at every level, it leaves
/// a panic in it to who called it, even by a tail call.
pub(in crate::codegen) fn is_wrapper(input: &Input<'_>, function: &Function) -> bool {
    let statements = function.blocks[BlockId::new(0)].statements.len();
    is_of_library(input, function) && function.blocks.len() == 1 && statements <= WRAPPER_STATEMENTS
}

/// Whether a short function of the library parks with a value. If it parked and then returned, the processor would take
/// the return to go where the other thread's last call was: an inlined one does not return.
pub(in crate::codegen) fn is_meeting(input: &Input<'_>, function: &Function) -> bool {
    let parks = |statement: &Statement| {
        matches!(statement.value, Rvalue::Waiting(WaitOp::WaitTake | WaitOp::WaitGive, ..))
    };
    is_of_library(input, function)
        && function.blocks.len() <= MEETING_BLOCKS
        && function.blocks.iter().any(|block| block.statements.iter().any(parks))
}

/// Whether a function of the library is an operation that is inlined, and calls no function of the program.
pub(in crate::codegen) fn is_operation(input: &Input<'_>, function: &Function) -> bool {
    let calls_value = |block: &Block| {
        matches!(block.terminator.kind, TerminatorKind::TailCallValue(..))
            || block.statements.iter().any(|statement| matches!(statement.value, Rvalue::CallValue(..)))
    };
    (is_wrapper(input, function) || is_meeting(input, function)) && !function.blocks.iter().any(calls_value)
}

/// Whether a function is the library's.
pub(in crate::codegen) fn is_of_library(input: &Input<'_>, function: &Function) -> bool {
    let sources = input.sources;
    sources.contains(function.span.file) && sources.file(function.span.file).name.starts_with(LIBRARY_FOLDER)
}
