//! The locals that live across the suspensions of a body: they need a place in the generator.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::arena::{Arena, Id};
use crate::generators::machine::{Machine, Suspension, SuspensionId};
use crate::mir::liveness::go_back;
use crate::mir::{BlockId, LocalId, Operand, TerminatorKind};

/// For each suspension, the locals that may be read after the suspension before they are written.
pub(super) struct Liveness {
    pub at: Arena<SuspensionId, BTreeSet<LocalId>>,
    /// The locals that may be read before they are written when the body runs from its start: parameters.
    pub at_start: BTreeSet<LocalId>,
}

impl Liveness {
    /// Computes the sets backwards, until none grows.
    pub fn of(machine: &Machine) -> Liveness {
        let mut live: Arena<BlockId, BTreeSet<LocalId>> =
            machine.blocks.iter().map(|_| BTreeSet::new()).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for block in machine.blocks.ids().rev() {
                let found = live_in(machine, block, &live);
                if found.len() > live[block].len() {
                    live[block] = found;
                    changed = true;
                }
            }
        }
        let at = machine.suspensions.iter().map(|suspension| live_after(suspension, &live)).collect();
        let at_start = live[crate::arena::Id::new(0)].clone();
        Liveness { at, at_start }
    }
}

fn live_after(suspension: &Suspension, live: &Arena<BlockId, BTreeSet<LocalId>>) -> BTreeSet<LocalId> {
    let mut set = live[suspension.resume].clone();
    if let Some(closes) = suspension.closes() {
        set.remove(&closes);
    }
    set
}

/// The locals that are live at the start of a block, from those that are live at the start of its successors.
fn live_in(machine: &Machine, block: BlockId, live: &Arena<BlockId, BTreeSet<LocalId>>) -> BTreeSet<LocalId> {
    let code = &machine.blocks[block];
    let mut set = BTreeSet::new();
    match machine.suspension_of(block) {
        Some(suspension) => {
            set = live_after(suspension, live);
            set.extend(suspension.operands().iter().filter_map(Operand::local));
        }
        None => {
            for successor in code.terminator.kind.successors() {
                set.extend(live[successor].iter().copied());
            }
            set.extend(code.terminator.kind.operands().filter_map(Operand::local));
        }
    }
    go_back(&code.statements, &mut set);
    set
}

/// For each suspension, the live locals whose slots already have the locals' values when the body reaches the
/// suspension: all paths to it come from suspensions where the local was live, or from a start with the local in its
/// slot, and none assigns to the local. `at_start` are the locals in slots at the start.
pub(super) fn in_slots(
    machine: &Machine,
    liveness: &Liveness,
    at_start: BTreeSet<LocalId>,
) -> Arena<SuspensionId, BTreeSet<LocalId>> {
    let mut before: HashMap<BlockId, BTreeSet<LocalId>> = HashMap::new();
    let mut at_end: Arena<SuspensionId, BTreeSet<LocalId>> =
        machine.suspensions.iter().map(|_| BTreeSet::new()).collect();
    let resumes = machine.suspensions.iter_enumerated();
    let mut open: Vec<(BlockId, BTreeSet<LocalId>)> =
        resumes.map(|(id, suspension)| (suspension.resume, liveness.at[id].clone())).collect();
    open.push((Id::new(0), at_start));
    while let Some((block, found)) = open.pop() {
        let merged = before.get(&block).map_or_else(|| found.clone(), |known| known & &found);
        if before.get(&block) == Some(&merged) {
            continue;
        }
        let mut set = merged.clone();
        before.insert(block, merged);
        for statement in &machine.blocks[block].statements {
            if let Some(destination) = statement.destination {
                set.remove(&destination);
            }
        }
        match machine.suspension_at(block) {
            Some(id) => at_end[id] = &set & &liveness.at[id],
            None => {
                let kind = &machine.blocks[block].terminator.kind;
                open.extend(kind.successors().map(|successor| (successor, set.clone())));
            }
        }
    }
    at_end
}

/// The suspensions and returns that a body may reach next.
pub(super) struct Ahead {
    /// The blocks that end with a suspension.
    suspensions: HashSet<BlockId>,
    /// Whether the body may return without a suspension.
    returns: bool,
}

/// The suspensions and returns that a body may reach next from its start, and from each suspension.
pub(super) struct Paths {
    after: Arena<SuspensionId, Ahead>,
    after_start: Ahead,
}

impl Paths {
    /// Follows the jumps of a body.
    pub fn of(machine: &Machine) -> Paths {
        let after = machine.suspensions.iter().map(|suspension| ahead(machine, suspension.resume)).collect();
        Paths { after, after_start: ahead(machine, BlockId::new(0)) }
    }

    /// The suspensions from which the body may next reach the suspension at the end of `block`.
    pub fn before(&self, block: BlockId) -> impl Iterator<Item = SuspensionId> {
        self.after
            .iter_enumerated()
            .filter(move |(_, ahead)| ahead.suspensions.contains(&block))
            .map(|(id, _)| id)
    }

    /// Whether the suspension at the end of `block` may be the first that the body reaches from its start.
    pub fn may_be_first(&self, block: BlockId) -> bool {
        self.after_start.suspensions.contains(&block)
    }

    /// The suspensions from which the body may return without another suspension.
    pub fn before_return(&self) -> impl Iterator<Item = SuspensionId> {
        self.after.iter_enumerated().filter(|(_, ahead)| ahead.returns).map(|(id, _)| id)
    }
}

fn ahead(machine: &Machine, from: BlockId) -> Ahead {
    let (mut open, mut seen) = (vec![from], HashSet::new());
    let mut ahead = Ahead { suspensions: HashSet::new(), returns: false };
    while let Some(block) = open.pop() {
        if !seen.insert(block) {
            continue;
        }
        let kind = &machine.blocks[block].terminator.kind;
        if machine.suspension_of(block).is_some() {
            ahead.suspensions.insert(block);
        } else if let TerminatorKind::Return(_) = kind {
            ahead.returns = true;
        } else {
            open.extend(kind.successors());
        }
    }
    ahead
}
