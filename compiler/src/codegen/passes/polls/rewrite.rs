//! Edits of the control-flow graph that keep phis consistent.

use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::debug_info::DILocation;
use inkwell::values::{InstructionOpcode, InstructionValue, PhiValue};

use crate::codegen::cx::builder::Builder;

/// The phis of a block.
pub(super) fn phis<'ctx>(block: BasicBlock<'ctx>) -> Vec<PhiValue<'ctx>> {
    let is_phi = |instruction: &InstructionValue<'ctx>| instruction.get_opcode() == InstructionOpcode::Phi;
    let phis = block.get_instructions().take_while(is_phi);
    phis.map(|phi| PhiValue::try_from(phi).expect("BUG: a phi is none")).collect()
}

/// The terminator of a block.
pub(super) fn terminator<'ctx>(block: BasicBlock<'ctx>) -> InstructionValue<'ctx> {
    block.get_terminator().expect("BUG: a block without a way out")
}

/// The source location of a terminator or, if the terminator has none, of the last instruction in `block` with a
/// location.
pub(super) fn location_of<'ctx>(
    end: InstructionValue<'ctx>,
    block: BasicBlock<'ctx>,
) -> Option<DILocation<'ctx>> {
    let last = || block.get_instructions().filter_map(|instruction| instruction.get_debug_location()).last();
    end.get_debug_location().or_else(last)
}

/// Moves the terminator of a block to a new block after it.
pub(super) fn split_before_end<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    block: BasicBlock<'ctx>,
) -> BasicBlock<'ctx> {
    let end = terminator(block);
    let rest = context.insert_basic_block_after(block, "");
    builder.set_location(location_of(end, block));
    end.remove_from_basic_block();
    builder.at_end(rest);
    builder.insert(&end);
    let targets = end.get_operands().filter_map(|operand| operand.and_then(|operand| operand.block()));
    for target in targets {
        relabel(builder, target, block, rest);
    }
    rest
}

/// Replaces the predecessor `from` by `to` in the phis of a block.
pub(super) fn relabel<'ctx>(
    builder: &Builder<'ctx>,
    block: BasicBlock<'ctx>,
    from: BasicBlock<'ctx>,
    to: BasicBlock<'ctx>,
) {
    for phi in phis(block).into_iter().filter(|phi| phi.get_incomings().any(|(_, origin)| origin == from)) {
        builder.before(&phi.as_instruction());
        let new = builder.phi(phi.as_basic_value().get_type());
        for (value, origin) in phi.get_incomings() {
            new.add_incoming(&[(&value, if origin == from { to } else { origin })]);
        }
        phi.replace_all_uses_with(&new);
        phi.as_instruction().erase_from_basic_block();
    }
}
