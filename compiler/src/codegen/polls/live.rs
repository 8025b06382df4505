//! Which objects must stay alive at a poll.
//!
//! A pointer that is live after a poll may exist only as what code generation has made of it: `array - 8`, which is
//! counted up before it is used. The collector takes that for an address of the object before. So a poll uses the
//! pointers themselves; then they are in a register or, more often, in the frame.

use std::collections::{HashMap, HashSet};

use inkwell::basic_block::BasicBlock;
use inkwell::llvm_sys::LLVMTypeKind;
use inkwell::llvm_sys::core::{
    LLVMGetOperand, LLVMGetTypeKind, LLVMIsAArgument, LLVMIsAInstruction, LLVMTypeOf,
};
use inkwell::llvm_sys::prelude::LLVMValueRef;
use inkwell::values::{
    AsValueRef, BasicValueEnum, InstructionOpcode, InstructionValue, PhiValue, PointerValue,
};

use super::graph::Graph;

/// A pointer and where it is used.
struct Uses<'ctx> {
    pointer: BasicValueEnum<'ctx>,
    /// The block that computes it; none for a parameter.
    defined: Option<usize>,
    /// Blocks that use it on their way out, by a phi of the next.
    at_end: Vec<usize>,
    /// Blocks that use it.
    inside: Vec<usize>,
}

/// For each block the pointers that must be valid at its end, by the object that they point into.
pub(super) fn pointers_after<'ctx>(
    graph: &Graph<'ctx>,
    blocks: &[BasicBlock<'ctx>],
) -> Vec<Vec<BasicValueEnum<'ctx>>> {
    let mut kept: Vec<Vec<BasicValueEnum<'ctx>>> = vec![Vec::new(); blocks.len()];
    for uses in uses(graph) {
        let is_live = live_at_end(graph, &uses);
        if !blocks.iter().any(|&block| is_live[graph.number(block)]) {
            continue;
        }
        let Some(object) = object(uses.pointer) else { continue };
        for (block, kept) in blocks.iter().zip(&mut kept) {
            if is_live[graph.number(*block)] && !kept.contains(&object) {
                kept.push(object);
            }
        }
    }
    kept
}

/// All pointers of a function but its constants, in the order of their first use.
fn uses<'ctx>(graph: &Graph<'ctx>) -> Vec<Uses<'ctx>> {
    let mut numbers: HashMap<BasicValueEnum<'ctx>, usize> = HashMap::new();
    let mut all: Vec<Uses<'ctx>> = Vec::new();
    let mut uses_of = |pointer: BasicValueEnum<'ctx>| {
        let number = *numbers.entry(pointer).or_insert(all.len());
        if number == all.len() {
            let defined = computed_by(pointer).and_then(|instruction| instruction.get_parent());
            let defined = defined.map(|block| graph.number(block));
            all.push(Uses { pointer, defined, at_end: Vec::new(), inside: Vec::new() });
        }
        number
    };
    let mut found = Vec::new();
    for (number, block) in graph.blocks.iter().enumerate() {
        for instruction in block.get_instructions() {
            if let Ok(phi) = PhiValue::try_from(instruction) {
                let incomings = phi.get_incomings().filter(|(value, _)| is_object(*value));
                found.extend(incomings.map(|(value, from)| (uses_of(value), graph.number(from), true)));
            } else {
                let operands = objects_among_operands(instruction);
                found.extend(operands.map(|value| (uses_of(value), number, false)));
            }
        }
    }
    for (pointer, block, is_at_end) in found {
        let uses = &mut all[pointer];
        if is_at_end { uses.at_end.push(block) } else { uses.inside.push(block) }
    }
    all
}

/// Whether it may be a pointer to an object: no constant.
fn is_object(value: BasicValueEnum<'_>) -> bool {
    value.is_pointer_value() && is_computed(value.as_value_ref())
}

/// Whether the value comes from an instruction or a parameter, and not from the program's text.
fn is_computed(value: LLVMValueRef) -> bool {
    // SAFETY: the value is one of the module that is being compiled.
    unsafe { !LLVMIsAInstruction(value).is_null() || !LLVMIsAArgument(value).is_null() }
}

/// The operands may be such pointers, or assembly, or metadata, of which inkwell knows nothing.
fn objects_among_operands<'ctx>(
    instruction: InstructionValue<'ctx>,
) -> impl Iterator<Item = BasicValueEnum<'ctx>> {
    (0..instruction.get_num_operands()).filter_map(move |index| {
        // SAFETY: the index is below the number of operands, and the value is a pointer when it becomes one.
        unsafe {
            let value = LLVMGetOperand(instruction.as_value_ref(), index);
            let is_pointer = LLVMGetTypeKind(LLVMTypeOf(value)) == LLVMTypeKind::LLVMPointerTypeKind;
            (is_pointer && is_computed(value)).then(|| PointerValue::new(value).into())
        }
    })
}

fn computed_by<'ctx>(value: BasicValueEnum<'ctx>) -> Option<InstructionValue<'ctx>> {
    if value.is_pointer_value() { value.into_pointer_value().as_instruction() } else { None }
}

/// By block, whether the pointer is used after it.
fn live_at_end(graph: &Graph<'_>, uses: &Uses<'_>) -> Vec<bool> {
    let mut at_end = vec![false; graph.blocks.len()];
    let mut at_start = vec![false; graph.blocks.len()];
    let mut ahead: Vec<usize> = Vec::new();
    let enters = |block: usize, at_start: &mut Vec<bool>, ahead: &mut Vec<usize>| {
        if uses.defined != Some(block) && !std::mem::replace(&mut at_start[block], true) {
            ahead.extend(&graph.predecessors[block]);
        }
    };
    ahead.extend(&uses.at_end);
    for &block in &uses.inside {
        enters(block, &mut at_start, &mut ahead);
    }
    while let Some(block) = ahead.pop() {
        if !std::mem::replace(&mut at_end[block], true) {
            enters(block, &mut at_start, &mut ahead);
        }
    }
    at_end
}

/// What a pointer was computed from by adding to it. A phi that goes through one object stands for that object; one of
/// several for itself.
fn object<'ctx>(pointer: BasicValueEnum<'ctx>) -> Option<BasicValueEnum<'ctx>> {
    let mut origins = Vec::new();
    let is_one = find_origins(pointer, &mut HashSet::new(), &mut origins);
    match origins[..] {
        [origin] if is_one => Some(origin),
        _ => base(pointer),
    }
}

/// The objects that a pointer may point into; false if it may be a constant.
fn find_origins<'ctx>(
    pointer: BasicValueEnum<'ctx>,
    seen: &mut HashSet<BasicValueEnum<'ctx>>,
    origins: &mut Vec<BasicValueEnum<'ctx>>,
) -> bool {
    let Some(base) = base(pointer) else { return false };
    if !seen.insert(base) {
        return true;
    }
    let phi = computed_by(base).and_then(|instruction| PhiValue::try_from(instruction).ok());
    match phi {
        Some(phi) => phi.get_incomings().all(|(value, _)| find_origins(value, seen, origins)),
        None => {
            origins.push(base);
            true
        }
    }
}

/// A pointer before constants and indices were added to it; none for a constant.
fn base<'ctx>(mut pointer: BasicValueEnum<'ctx>) -> Option<BasicValueEnum<'ctx>> {
    while is_object(pointer) {
        let sum = computed_by(pointer)
            .filter(|instruction| instruction.get_opcode() == InstructionOpcode::GetElementPtr);
        match sum.and_then(|sum| sum.get_operand(0)).and_then(|operand| operand.value()) {
            Some(before) => pointer = before,
            None => return Some(pointer),
        }
    }
    None
}
