//! Long blocks, cut into pieces.
//!
//! Code generation takes time that grows with the square of the length of a block. The address of a constant is one
//! value in a block, so it lives from its first use to its last; where calls destroy the registers, the register
//! allocator splits that interval at one call after another, and looks at all that is left each time
//! (`RAGreedy::tryLocalSplit`, LLVM 22). A `main` of 700 interpolations is one block of 12,000 instructions.
//!
//! ```text
//!   block ─▶ 12,000 instructions      becomes      piece ─▶ 250 ─goto─▶ piece ─▶ 250 ─goto─▶ ... ─▶ block ─▶ rest
//! ```
//!
//! A plain jump between them would not keep them apart: code generation makes one block again of a block and its only
//! successor. So the pieces end in assembly of no instruction that claims to jump elsewhere, too (`callbr`).

use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::{FunctionValue, InstructionValue};

use crate::codegen::builder::Builder;

/// The number of instructions of a piece. With more, the time for a block grows again; with less, values are kept in
/// registers over fewer instructions.
const PIECE: usize = 250;

/// A block of so many instructions is left whole: the bodies of hot loops are shorter, unrolled ones too.
const LONGEST: usize = 2 * PIECE;

/// Cuts all long blocks. To be run after all passes.
pub(super) fn cut<'ctx>(context: &'ctx Context, module: &Module<'ctx>) {
    let builder = Builder::new(context);
    for function in module.get_functions() {
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

/// The places where no piece goes.
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

/// The block keeps its end, and phis of its successors keep their meaning; what led to it leads to the first piece.
fn cut_block<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    block: BasicBlock<'ctx>,
    elsewhere: BasicBlock<'ctx>,
) {
    let instructions: Vec<InstructionValue<'ctx>> = block.get_instructions().collect();
    // What stays behind is more than a tail call and its `ret`.
    let pieces = (instructions.len() - PIECE) / PIECE;
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
}
