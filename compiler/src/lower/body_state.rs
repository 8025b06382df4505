//! The state of a function that is being lowered: places, loops, exits, and what its matches know.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::decision::Step;
use crate::arena::Arena;
use crate::define_id;
use crate::hir::{ExprId, LoopId};
use crate::mir::{BlockId, FunctionId, LocalId, Operand, Rvalue};
use crate::source::Span;
use crate::types::TypeId;

/// The place of an expression's value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Place {
    /// Nowhere; the expression is evaluated for its effect.
    Discard,
    /// Into a local of its type.
    Local(LocalId),
    /// Out of the function. If the function's result is `()`, any value may come here and is discarded.
    Return,
}

/// The result of lowering an expression: a value that is there, or one that is still to be computed.
#[derive(Debug)]
pub(super) enum Computed {
    Operand(Operand),
    Rvalue(Rvalue),
}

/// The result of an expression that does not end, or that has the value `()`.
pub(super) const UNIT: Computed = Computed::Operand(Operand::Unit);

/// A loop around the place that is being lowered.
#[derive(Clone, Copy)]
pub(super) struct LoopBlocks {
    /// The place of the value of a `break`.
    pub place: Place,
    /// The block after the loop; the first `break` makes it.
    pub exit: Option<BlockId>,
    /// The block that a `continue` jumps to.
    pub next: BlockId,
    /// The number of scopes and deferred blocks that are open around it.
    pub open: usize,
}

/// The blocks around a place that leave something to do.
#[derive(Default)]
pub(super) struct Exits {
    /// The innermost last.
    pub open: Vec<Open>,
    /// The number of the next.
    pub next: usize,
    /// The ways from a block on, by its number, for each place that it is left for.
    pub shared: HashMap<(usize, Exit), BlockId>,
    /// The function's result while blocks are left.
    pub leaving: Option<LocalId>,
    /// In a loop: a block in front of the outermost one.
    pub before_loops: Option<BlockId>,
}

pub(super) struct Open {
    /// No other of the function has it.
    pub number: usize,
    pub duty: Duty,
    pub span: Span,
}

/// The work to do when a block is left.
#[derive(Clone)]
pub(super) enum Duty {
    /// Waits for the threads of a `scope`.
    Scope,
    /// Runs a deferred block, which is registered as `value`.
    Deferred { value: Operand, function: FunctionId, captures: Vec<Operand> },
}

/// The place where the program goes on when blocks have been left.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Exit {
    Return,
    Break(LoopId),
    Continue(LoopId),
}

impl Exits {
    /// The number of scopes and deferred blocks around this place.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    pub fn push(&mut self, duty: Duty, span: Span) {
        self.open.push(Open { number: self.next, duty, span });
        self.next += 1;
    }
}

/// The blocks of the `match` that is being drawn that only give a constant, and where it goes.
#[derive(Clone, Default)]
pub(super) struct Given(pub Option<Rc<Giving>>);

pub(super) struct Giving {
    pub of: HashMap<BlockId, Operand>,
    /// The `match`.
    pub expr: ExprId,
    pub place: Place,
    /// The block where its arms meet.
    pub meeting: BlockId,
}

impl Given {
    /// The constant that a block gives, if it does nothing else.
    pub fn get(&self, block: BlockId) -> Option<Operand> {
        self.0.as_ref().and_then(|giving| giving.of.get(&block).cloned())
    }
}

define_id! {
    /// A part of a matched value that is read early, or on the way to one.
    PartId "seen";
}

/// The parts of all matches of a function that are read early.
#[derive(Default)]
pub(super) struct Snapshots {
    pub parts: Arena<PartId, Part>,
    /// The parts that locals hold.
    pub of: HashMap<LocalId, PartId>,
}

pub(super) struct Part {
    pub ty: TypeId,
    pub below: BTreeMap<Step, PartId>,
    /// Whether it, or a part below it, is in a `var` field.
    pub can_change: bool,
    pub kept: Kept,
}

/// The place of a part that was read.
#[derive(Clone)]
pub(super) enum Kept {
    /// Nowhere: it was not read early.
    Nowhere,
    At(Operand),
    /// In an `Option` of that type.
    Perhaps(LocalId, TypeId),
}
