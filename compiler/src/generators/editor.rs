//! Additions to a function: locals, blocks and statements.

use crate::mir::{
    Block, BlockId, Function, InlinedId, Local, LocalId, MachineOp, Operand, Rvalue, Statement, Terminator,
    TerminatorKind,
};
use crate::source::Span;
use crate::types::TypeId;

/// A function to which code is added, and the source position that the added code gets.
pub(super) struct Editor<'f> {
    pub function: &'f mut Function,
    pub span: Span,
    /// The inlined body that new blocks belong to.
    pub inlined: Option<InlinedId>,
}

impl Editor<'_> {
    pub fn local(&mut self, ty: TypeId) -> LocalId {
        self.function.locals.push(Local { ty, name: None })
    }

    /// A new block, which is unreachable until it gets a terminator.
    pub fn block(&mut self) -> BlockId {
        let terminator = Terminator { kind: TerminatorKind::Unreachable, span: self.span };
        self.function.blocks.push(Block { statements: Vec::new(), terminator, inlined: self.inlined })
    }

    pub fn push(&mut self, block: BlockId, destination: Option<LocalId>, value: Rvalue) {
        let statement = Statement { destination, value, span: self.span };
        self.function.blocks[block].statements.push(statement);
    }

    /// Adds an operation on the object behind a generator.
    pub fn operate(&mut self, block: BlockId, op: MachineOp, operands: Vec<Operand>) {
        self.push(block, None, Rvalue::Machine(op, operands));
    }

    pub fn end(&mut self, block: BlockId, kind: TerminatorKind) {
        self.function.blocks[block].terminator = Terminator { kind, span: self.span };
    }

    pub fn goto(&mut self, block: BlockId, target: BlockId) {
        self.end(block, TerminatorKind::Goto(target));
    }

    pub fn branch(&mut self, block: BlockId, condition: LocalId, then_block: BlockId, else_block: BlockId) {
        let condition = Operand::Local(condition);
        self.end(block, TerminatorKind::Branch { condition, then_block, else_block });
    }

    /// Splits a block before a statement, which is removed: the statements after it move to a new block, with the
    /// terminator. Returns the statement and the new block; the first block then ends in `Unreachable`.
    pub fn split(&mut self, block: BlockId, at: usize) -> (Statement, BlockId) {
        let rest = self.block();
        let first = &mut self.function.blocks[block];
        let moved = first.statements.split_off(at + 1);
        let statement = first.statements.pop().expect("BUG: a block is split behind its end");
        let unreachable = Terminator { kind: TerminatorKind::Unreachable, span: statement.span };
        let terminator = std::mem::replace(&mut first.terminator, unreachable);
        let inlined = first.inlined;
        self.function.blocks[rest] = Block { statements: moved, terminator, inlined };
        (statement, rest)
    }
}
