//! The state of a function that is being lowered: places, loops, exits, constant arms, and snapshots.

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
    /// No place: the expression is evaluated for its effect.
    Discard,
    /// A local that has the type of the value.
    Local(LocalId),
    /// The function's result. If its type is `()`, a value of any type may go here and is discarded.
    Return,
}

/// The result of lowering an expression: a value that is already computed, or the operation that computes the value.
#[derive(Debug)]
pub(super) enum Computed {
    Operand(Operand),
    Rvalue(Rvalue),
}

/// The result of an expression that never completes, or that has the value `()`.
pub(super) const UNIT: Computed = Computed::Operand(Operand::Unit);

/// A loop around the code that is being lowered.
#[derive(Clone, Copy)]
pub(super) struct LoopBlocks {
    /// The place for the value of a `break`.
    pub place: Place,
    /// The block after the loop, made by the first `break`.
    pub exit: Option<BlockId>,
    /// The block that a `continue` jumps to.
    pub next: BlockId,
    /// The number of scopes and deferred blocks that are open around the loop.
    pub open: usize,
}

/// The open duties (see [`Duty`]) around the current code, and the basic blocks that fulfil them on the way to an exit.
#[derive(Default)]
pub(super) struct Exits {
    /// The open duties, the innermost last.
    pub open: Vec<Open>,
    /// The number of the next duty.
    pub next: usize,
    /// The basic block that fulfils a duty before the jump to an exit, by the duty's number and the exit. All jumps to
    /// this exit from inside the duty's block share this basic block.
    pub shared: HashMap<(usize, Exit), BlockId>,
    /// The local that keeps the function's result while duties are fulfilled.
    pub leaving: Option<LocalId>,
    /// In a loop: the block in front of the outermost loop; `None` outside of loops.
    pub before_loops: Option<BlockId>,
}

pub(super) struct Open {
    /// The number of the duty, unique in the function.
    pub number: usize,
    pub duty: Duty,
    pub span: Span,
}

/// The work to do whenever control leaves a block.
#[derive(Clone)]
pub(super) enum Duty {
    /// Waits for the threads of a `scope`.
    Scope,
    /// Runs a deferred block, which is registered as `value`.
    Deferred { value: Operand, function: FunctionId, captures: Vec<Operand> },
}

/// The target of a jump out of one or more blocks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Exit {
    Return,
    Break(LoopId),
    Continue(LoopId),
}

impl Exits {
    /// The number of open scopes and deferred blocks.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    pub fn push(&mut self, duty: Duty, span: Span) {
        self.open.push(Open { number: self.next, duty, span });
        self.next += 1;
    }
}

/// The blocks of the current `match` that do nothing but store a constant, and the place that receives the constant.
#[derive(Clone, Default)]
pub(super) struct Given(pub Option<Rc<Giving>>);

pub(super) struct Giving {
    pub of: HashMap<BlockId, Operand>,
    /// The `match` expression.
    pub expr: ExprId,
    pub place: Place,
    /// The block after the `match`, to which its arms jump.
    pub meeting: BlockId,
}

impl Given {
    /// The constant that a block stores, if the block does nothing else.
    pub fn get(&self, block: BlockId) -> Option<Operand> {
        self.0.as_ref().and_then(|giving| giving.of.get(&block).cloned())
    }
}

define_id! {
    /// A part of a matched value that a pattern after a guard tests or binds: the whole value, a field or an element.
    PartId "seen";
}

/// The parts of matched values that patterns after guards test or bind, for all matches of a function. Only the parts
/// that a guard may change are read early, before the first test.
#[derive(Default)]
pub(super) struct Snapshots {
    pub parts: Arena<PartId, Part>,
    /// The part that each local contains.
    pub of: HashMap<LocalId, PartId>,
}

pub(super) struct Part {
    pub ty: TypeId,
    pub below: BTreeMap<Step, PartId>,
    /// Whether the part, or a part below it, is in a `var` field.
    pub can_change: bool,
    pub kept: Kept,
}

/// The place of a part's early copy, if the part was read early.
#[derive(Clone)]
pub(super) enum Kept {
    /// The part was not read early.
    Nowhere,
    At(Operand),
    /// A local of this `Option` type, which contains `None` if the value does not have the part.
    Perhaps(LocalId, TypeId),
}
