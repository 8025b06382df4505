//! Split blocks: cuts long basic blocks into pieces, so that register allocation stays linear.
//!
//! requires: `polls`, the last pass that adds many instructions or examines loops.
//! ensures: optimised code has no block of more than about `LONGEST` instructions.
//!
//! ```text
//!   block ─▶ 12,000 instructions      becomes      piece ─▶ 250 ─goto─▶ piece ─▶ 250 ─goto─▶ ... ─▶ block ─▶ rest
//! ```
//!
//! A `main` of 700 interpolated strings is one block of 12,000 instructions, for which register allocation takes
//! quadratic time. The address of a constant is one value in a block, so its live interval extends from its first use
//! to its last. Where calls clobber the registers, the allocator splits the interval at one call after another, and
//! each time examines the rest of it (`RAGreedy::tryLocalSplit`, LLVM 22).
//!
//! A plain jump between the pieces does not help: code generation merges a block with its only successor. So each piece
//! ends in a `callbr` of assembly without instructions: LLVM assumes that the assembly may also jump elsewhere.

use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::values::{FunctionValue, InstructionValue};

use crate::codegen::cx::builder::Builder;
use crate::codegen::cx::input::Level;
use crate::codegen::passes::ir::PassCx;

/// The number of instructions of a piece. It trades the time to compile a block, which grows with longer pieces,
/// against values kept in registers, which shorter pieces interrupt more often.
const PIECE: usize = 250;

/// The maximum number of instructions in a block that is left whole. The bodies of hot loops are shorter, even
/// unrolled, so they keep their code; longer blocks run once or rarely, so the few moves between pieces do not matter.
const LONGEST: usize = 2 * PIECE;

/// Splits all long blocks.
pub(in crate::codegen) fn run<'ctx>(cx: &PassCx<'_, 'ctx>) {
    if cx.level == Level::O0 {
        return;
    }
    let context = cx.context;
    let builder = Builder::new(context);
    for function in cx.module.get_functions() {
        let long: Vec<BasicBlock<'ctx>> = function.get_basic_block_iter().filter(is_long).collect();
        if let Some(last) = function.get_last_basic_block().filter(|_| !long.is_empty()) {
            let elsewhere = elsewhere(context, &builder, function, last);
            long.into_iter().for_each(|block| cut_block(context, &builder, block, elsewhere));
        }
    }
}

fn is_long(block: &BasicBlock<'_>) -> bool {
    block.get_instructions().nth(LONGEST).is_some()
}

/// Makes an unreachable block, the target of the jumps that LLVM assumes at the ends of pieces.
fn elsewhere<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    function: FunctionValue<'ctx>,
    last: BasicBlock<'ctx>,
) -> BasicBlock<'ctx> {
    debug_assert_eq!(last.get_parent(), Some(function));
    let block = context.insert_basic_block_after(last, "elsewhere");
    builder.at_end(block);
    builder.unreachable();
    block
}

/// Moves the first instructions of a block to new pieces before it. The block itself keeps its end, so the phis of its
/// successors stay valid; its predecessors jump to the first piece.
fn cut_block<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    block: BasicBlock<'ctx>,
    elsewhere: BasicBlock<'ctx>,
) {
    let instructions: Vec<InstructionValue<'ctx>> = block.get_instructions().collect();
    // The block keeps its last `PIECE` instructions or more, so a tail call is not separated from its `ret`.
    let pieces = (instructions.len() - PIECE) / PIECE;
    // While the block has a terminator, a replacement of its uses also changes its successors' phis
    // (`BasicBlock::replaceSuccessorsPhiUsesWith`). So the terminator is taken out meanwhile.
    let terminator = block.get_terminator().expect("BUG: a block without a terminator");
    terminator.remove_from_basic_block();
    for instructions in instructions.chunks(PIECE).take(pieces) {
        let piece = context.prepend_basic_block(block, "piece");
        block.replace_all_uses_with(&piece);
        builder.at_end(piece);
        for &instruction in instructions {
            instruction.remove_from_basic_block();
            builder.insert(&instruction);
        }
        builder.go_on(context, block, elsewhere);
    }
    builder.at_end(block);
    builder.insert(&terminator);
}
