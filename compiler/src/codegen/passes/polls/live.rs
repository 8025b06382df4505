//! Liveness of pointers at polls: the objects that a poll keeps alive.
//!
//! ```text
//!   for x in xs { sum += x }       lea  -8(%rdi), %rax     all that is left of `xs` in the loop
//!                              1:  add  8(%rax), %rcx
//!                                  add  $8, %rax
//!                                  ...poll...              saves %rax, an address before the first element
//! ```
//!
//! Such an address may lie in the previous object, and the collector would keep that object alive instead of `xs`.
//! So the pointers that are live at a poll become its operands, which stay in registers or, more often, in the frame.

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

/// A pointer and its uses.
struct Uses<'ctx> {
    pointer: BasicValueEnum<'ctx>,
    /// The block that computes the pointer; `None` for a parameter.
    defined: Option<usize>,
    /// The blocks at whose end the pointer is used, by a phi of a successor.
    at_end: Vec<usize>,
    /// The blocks with an instruction, other than a phi, that uses the pointer; without the block that computes it.
    inside: Vec<usize>,
}

/// The objects of the pointers that are live at the end of each of `blocks`.
pub(super) fn pointers_after<'ctx>(
    graph: &Graph<'ctx>,
    blocks: &[BasicBlock<'ctx>],
) -> Vec<Vec<BasicValueEnum<'ctx>>> {
    let mut kept: Vec<Vec<BasicValueEnum<'ctx>>> = vec![Vec::new(); blocks.len()];
    let blocks: Vec<usize> = blocks.iter().map(|&block| graph.number(block)).collect();
    let mut walk = Walk::new(graph);
    for uses in Pointers::of(graph) {
        walk.from(&uses);
        if !blocks.iter().any(|&block| walk.is_live_at_end(block)) {
            continue;
        }
        let Some(object) = object(uses.pointer) else { continue };
        for (&block, kept) in blocks.iter().zip(&mut kept) {
            if walk.is_live_at_end(block) && !kept.contains(&object) {
                kept.push(object);
            }
        }
    }
    kept
}

/// All pointers, except constants, that are used outside the block that computes them. They are in the order of their
/// first use outside that block.
struct Pointers<'ctx, 'g> {
    graph: &'g Graph<'ctx>,
    numbers: HashMap<LLVMValueRef, usize>,
    all: Vec<Uses<'ctx>>,
}

impl<'ctx, 'g> Pointers<'ctx, 'g> {
    fn of(graph: &'g Graph<'ctx>) -> Vec<Uses<'ctx>> {
        let mut pointers = Pointers { graph, numbers: HashMap::new(), all: Vec::new() };
        for (number, &block) in graph.blocks.iter().enumerate() {
            for instruction in block.get_instructions() {
                if let Ok(phi) = PhiValue::try_from(instruction) {
                    for (value, from) in phi.get_incomings().filter(|(value, _)| is_object(*value)) {
                        let from = graph.number(from);
                        pointers.uses(value, home(value)).at_end.push(from);
                    }
                } else {
                    for value in objects_among_operands(instruction) {
                        let home = home(value);
                        if home != Some(block) {
                            pointers.uses(value, home).inside.push(number);
                        }
                    }
                }
            }
        }
        pointers.all
    }

    fn uses(&mut self, pointer: BasicValueEnum<'ctx>, home: Option<BasicBlock<'ctx>>) -> &mut Uses<'ctx> {
        let number = *self.numbers.entry(pointer.as_value_ref()).or_insert(self.all.len());
        if number == self.all.len() {
            let defined = home.map(|block| self.graph.number(block));
            self.all.push(Uses { pointer, defined, at_end: Vec::new(), inside: Vec::new() });
        }
        &mut self.all[number]
    }
}

/// The block that computes a pointer; `None` for a parameter.
fn home(pointer: BasicValueEnum<'_>) -> Option<BasicBlock<'_>> {
    computed_by(pointer).and_then(|instruction| instruction.get_parent())
}

/// Whether the value may point to an object: it is a pointer but not a constant.
fn is_object(value: BasicValueEnum<'_>) -> bool {
    value.is_pointer_value() && is_computed(value.as_value_ref())
}

/// Whether the value is an instruction or a parameter, not a constant.
fn is_computed(value: LLVMValueRef) -> bool {
    // SAFETY: both functions only read the kind of a value, and `value` belongs to the module that is being compiled,
    // which outlives this call.
    unsafe { !LLVMIsAInstruction(value).is_null() || !LLVMIsAArgument(value).is_null() }
}

/// The operands of an instruction that may point to objects. Other operands may be assembly or metadata, for which
/// inkwell has no type.
fn objects_among_operands<'ctx>(
    instruction: InstructionValue<'ctx>,
) -> impl Iterator<Item = BasicValueEnum<'ctx>> {
    (0..instruction.get_num_operands()).filter_map(move |index| {
        // SAFETY: the index is below the number of operands. Only the type of an operand is read until the operand is
        // known to be a pointer; only then does it become a `PointerValue`.
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

/// A backward search for the blocks where a pointer is live, one pointer after another. A mark of a block is the number
/// of a pointer, so marks need not be cleared between pointers.
struct Walk<'ctx, 'g> {
    graph: &'g Graph<'ctx>,
    /// The number of the current pointer, starting at 1.
    pointer: usize,
    /// For each block, the number of the last pointer found live at the block's end; `at_start` is the same for its
    /// start.
    at_end: Vec<usize>,
    at_start: Vec<usize>,
    ahead: Vec<usize>,
}

impl<'ctx, 'g> Walk<'ctx, 'g> {
    fn new(graph: &'g Graph<'ctx>) -> Walk<'ctx, 'g> {
        let blocks = graph.blocks.len();
        Walk { graph, pointer: 0, at_end: vec![0; blocks], at_start: vec![0; blocks], ahead: Vec::new() }
    }

    /// Marks the blocks where the pointer with these uses is live; it is the current pointer from now on.
    fn from(&mut self, uses: &Uses<'_>) {
        self.pointer += 1;
        self.ahead.extend(&uses.at_end);
        for &block in &uses.inside {
            self.enters(block, uses);
        }
        while let Some(block) = self.ahead.pop() {
            if std::mem::replace(&mut self.at_end[block], self.pointer) != self.pointer {
                self.enters(block, uses);
            }
        }
    }

    /// Marks the pointer as live at the start of a block, unless the block computes it.
    fn enters(&mut self, block: usize, uses: &Uses<'_>) {
        let is_from_before = uses.defined != Some(block);
        if is_from_before && std::mem::replace(&mut self.at_start[block], self.pointer) != self.pointer {
            self.ahead.extend(&self.graph.predecessors[block]);
        }
    }

    /// Whether the current pointer is live at the end of the block.
    fn is_live_at_end(&self, block: usize) -> bool {
        self.at_end[block] == self.pointer
    }
}

/// The object that a pointer was computed from by adding offsets. A phi whose values all point into one object stands
/// for that object; a phi of several objects stands for itself.
fn object<'ctx>(pointer: BasicValueEnum<'ctx>) -> Option<BasicValueEnum<'ctx>> {
    let mut origins = Vec::new();
    let is_one = find_origins(pointer, &mut HashSet::new(), &mut origins);
    match origins[..] {
        [origin] if is_one => Some(origin),
        _ => base(pointer),
    }
}

/// Collects the objects that a pointer may point into; returns false if the pointer may be a constant.
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

/// The pointer to which offsets were added; `None` for a constant.
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
