//! The builder of a control-flow graph.

use crate::arena::{Arena, Id};
use crate::mir::{
    Block, BlockId, Function, Inlining, Local, LocalId, Rvalue, Statement, Terminator, TerminatorKind,
};
use crate::source::Span;
use crate::types::TypeId;

/// A block that may not have its terminator yet.
#[derive(Default)]
struct Draft {
    statements: Vec<Statement>,
    terminator: Option<Terminator>,
}

/// A function's graph, and the position of the next statement. After a terminator there is no position until another
/// block is entered: code added until then can never run, and is dropped.
pub(super) struct Graph {
    locals: Arena<LocalId, Local>,
    blocks: Arena<BlockId, Draft>,
    current: Option<BlockId>,
    /// Whether the function's source calls `always_inline()`.
    pub always_inline: bool,
}

impl Graph {
    /// A graph with an entry block, which is entered.
    pub fn new() -> Graph {
        let mut blocks = Arena::new();
        let entry = blocks.push(Draft::default());
        Graph { locals: Arena::new(), blocks, current: Some(entry), always_inline: false }
    }

    pub fn local(&mut self, ty: TypeId, name: Option<String>) -> LocalId {
        self.locals.push(Local { ty, name })
    }

    /// A new block, not entered.
    pub fn block(&mut self) -> BlockId {
        self.blocks.push(Draft::default())
    }

    /// Enters `block`: the next statements go there.
    pub fn enter(&mut self, block: BlockId) {
        debug_assert!(self.blocks[block].terminator.is_none(), "BUG: {block} is entered after its end");
        self.current = Some(block);
    }

    /// Whether code that is added now can run.
    pub fn is_reachable(&self) -> bool {
        self.current.is_some()
    }

    pub fn push(&mut self, destination: Option<LocalId>, value: Rvalue, span: Span) {
        if let Some(block) = self.current {
            self.blocks[block].statements.push(Statement { destination, value, span });
        }
    }

    /// Inserts an empty block, for statements that are added later, and enters a new block after it. Returns the empty
    /// block.
    pub fn place_before(&mut self, span: Span) -> BlockId {
        let [before, next] = [self.block(), self.block()];
        self.goto(before, span);
        self.enter(before);
        self.goto(next, span);
        self.enter(next);
        before
    }

    /// Puts a statement into a block that is not the current one.
    pub fn push_into(&mut self, block: BlockId, destination: LocalId, value: Rvalue, span: Span) {
        self.blocks[block].statements.push(Statement { destination: Some(destination), value, span });
    }

    /// Ends the current block with a terminator.
    pub fn end(&mut self, kind: TerminatorKind, span: Span) {
        if let Some(block) = self.current.take() {
            self.blocks[block].terminator = Some(Terminator { kind, span });
        }
    }

    pub fn goto(&mut self, target: BlockId, span: Span) {
        self.end(TerminatorKind::Goto(target), span);
    }

    /// Jumps to the block `meeting`, which the first jump to it creates.
    pub fn meet(&mut self, meeting: &mut Option<BlockId>, span: Span) {
        if self.is_reachable() {
            let target = *meeting.get_or_insert_with(|| self.block());
            self.goto(target, span);
        }
    }

    /// Enters the block `meeting` to which [`Graph::meet`] has jumped; if there is none, the code that follows is
    /// unreachable.
    pub fn enter_meeting(&mut self, meeting: Option<BlockId>) {
        self.current = None;
        if let Some(block) = meeting {
            self.enter(block);
        }
    }

    /// Builds the function. A jump to a block that only jumps goes directly to the final target, and blocks that cannot
    /// be reached are left out.
    pub fn finish(self, name: String, span: Span, parameter_count: usize, result: TypeId) -> Function {
        debug_assert!(self.current.is_none(), "BUG: {name} does not end");
        let blocks = compact(self.blocks);
        let locals = self.locals;
        let inlining = if self.always_inline { Inlining::Always } else { Inlining::Free };
        // The worklist sets `library` later.
        Function {
            name,
            span,
            parameter_count,
            result,
            locals,
            blocks,
            element: None,
            frame: None,
            inlined: Arena::new(),
            library: false,
            inlining,
        }
    }
}

/// Follows jumps through empty blocks, and numbers the remaining blocks in the order in which they are reached.
fn compact(mut drafts: Arena<BlockId, Draft>) -> Arena<BlockId, Block> {
    let mut targets = final_targets(&drafts);
    let entry = BlockId::new(0);
    // The entry stays the first block even if it only jumps.
    targets[entry] = entry;
    let mut order = vec![entry];
    let mut numbers: Arena<BlockId, Option<BlockId>> = drafts.ids().map(|_| None).collect();
    numbers[entry] = Some(entry);
    let mut at = 0;
    while at < order.len() {
        let terminator = terminator(&mut drafts[order[at]]);
        for target in terminator.kind.successors_mut() {
            let last = targets[*target];
            let number = *numbers[last].get_or_insert_with(|| {
                order.push(last);
                BlockId::new(order.len() - 1)
            });
            *target = number;
        }
        at += 1;
    }
    let mut finish = |id: &BlockId| {
        let Draft { statements, terminator } = std::mem::take(&mut drafts[*id]);
        let terminator = terminator.expect("BUG: a block without a way out");
        Block { statements, terminator, inlined: None }
    };
    order.iter().map(&mut finish).collect()
}

/// The final target of a jump to each block. Jumps through empty blocks are followed up to the first block that
/// contains more than a jump. A chain of empty blocks that is a cycle ends at a block of the cycle.
fn final_targets(drafts: &Arena<BlockId, Draft>) -> Arena<BlockId, BlockId> {
    let mut targets: Arena<BlockId, Option<BlockId>> = drafts.ids().map(|_| None).collect();
    for start in drafts.ids() {
        let mut path = Vec::new();
        let mut at = start;
        let last = loop {
            if let Some(last) = targets[at] {
                break last;
            }
            path.push(at);
            // Marks the path, so that a cycle is noticed.
            targets[at] = Some(at);
            match &drafts[at] {
                Draft {
                    statements,
                    terminator: Some(Terminator { kind: TerminatorKind::Goto(next), .. }),
                } if statements.is_empty() => {
                    at = *next;
                }
                _ => break at,
            }
        };
        for block in path {
            targets[block] = Some(last);
        }
    }
    targets.ids().map(|id| targets[id].expect("BUG: a block without a target")).collect()
}

fn terminator(draft: &mut Draft) -> &mut Terminator {
    draft.terminator.as_mut().expect("BUG: a block without a way out")
}
