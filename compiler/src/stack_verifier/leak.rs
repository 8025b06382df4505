//! The check that no stack address leaves `rsp`: it finds every use of `rsp`.

use iced_x86::{
    FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register, UsedRegister,
};

use super::code::{Code, is_scratch_of_prologue};
use super::flow::moves_rsp;
use super::report::{Rule, Violation};

/// Finds the instructions that let a stack address out of `rsp`, or access memory below `rsp`.
pub(super) fn check(code: &Code<'_>, violations: &mut Vec<Violation>) {
    let mut factory = InstructionInfoFactory::new();
    for (index, instruction) in code.instructions.iter().enumerate() {
        if instruction.is_invalid() {
            violations.push(code.violation(instruction, Rule::Undecodable));
            continue;
        }
        let used = factory.info(instruction).used_registers();
        if used.iter().all(|used| used.register().full_register() != Register::RSP) {
            continue;
        }
        let is_kept = keeps_rsp(instruction)
            || is_of_switch(code, index)
            || compares_only(code, index)
            || stores_arguments(code, index, &mut InstructionInfoFactory::new());
        if !is_kept {
            violations.push(code.violation(instruction, Rule::Leaves));
        }
        if is_below_rsp(instruction) {
            violations.push(code.violation(instruction, Rule::BelowRsp));
        }
    }
    for index in 0..code.instructions.len() {
        if compares_only(code, index) {
            check_scratch_is_dead(code, index + 2, &mut factory, violations);
        }
    }
}

/// Whether an instruction that uses `rsp` copies no stack address elsewhere.
fn keeps_rsp(instruction: &Instruction) -> bool {
    let operands = 0..instruction.op_count();
    let is_rsp = |operand| {
        instruction.op_kind(operand) == OpKind::Register
            && instruction.op_register(operand).full_register() == Register::RSP
    };
    let names_rsp = operands.clone().any(is_rsp);
    let is_whole =
        operands.clone().all(|operand| !is_rsp(operand) || instruction.op_register(operand) == Register::RSP);
    match instruction.mnemonic() {
        Mnemonic::Push | Mnemonic::Pop | Mnemonic::Call | Mnemonic::Ret => !names_rsp,
        Mnemonic::Add | Mnemonic::Sub => {
            !names_rsp
                || is_whole
                    && is_rsp(0)
                    && !matches!(instruction.op1_kind(), OpKind::Register | OpKind::Memory)
        }
        Mnemonic::Lea => {
            is_whole
                && is_rsp(0)
                && instruction.memory_base() == Register::RSP
                && instruction.memory_index() == Register::None
        }
        Mnemonic::Cmp => true,
        // Other instructions may access memory through `rsp`, but must not use it implicitly, as `enter` and `leave`
        // do.
        _ => !names_rsp && !instruction.is_stack_instruction(),
    }
}

fn is_of_switch(code: &Code<'_>, index: usize) -> bool {
    let next = code.switches.partition_point(|switch| switch.load < index);
    code.switches
        .get(next)
        .is_some_and(|switch| switch.load == index || switch.save.is_some_and(|save| save.at == index))
}

/// Whether the instruction is the `lea` of a prologue, whose result the next instruction compares with the limit.
fn compares_only(code: &Code<'_>, index: usize) -> bool {
    is_scratch_of_prologue(&code.instructions[index])
        && index + 1 < code.instructions.len()
        && code.compares(index + 1).is_some()
}

/// Whether the instruction copies `rsp` to a register through which arguments of the next call are stored, and the copy
/// has no other use before the call. The copy may be moved to a slot of the frame and back to a register.
fn stores_arguments(code: &Code<'_>, index: usize, factory: &mut InstructionInfoFactory) -> bool {
    let copy = &code.instructions[index];
    if !(moves_register(copy) && copy.op1_register() == Register::RSP) {
        return false;
    }
    let mut copies = Copies { registers: vec![copy.op0_register()], slots: Vec::new() };
    for instruction in &code.instructions[index + 1..] {
        match instruction.flow_control() {
            FlowControl::Next => {}
            FlowControl::Call | FlowControl::IndirectCall => return true,
            _ => return false,
        }
        if moves_rsp(instruction) != 0 || !copies.follow(instruction, factory) {
            return false;
        }
    }
    false
}

/// The copies of `rsp` that the search has found.
struct Copies {
    registers: Vec<Register>,
    /// The slots of the frame that contain a copy, by their distance from `rsp`.
    slots: Vec<u64>,
}

impl Copies {
    /// Tracks the copies over an instruction; returns false if the instruction uses a copy other than to move it or to
    /// store through it.
    fn follow(&mut self, instruction: &Instruction, factory: &mut InstructionInfoFactory) -> bool {
        let slot = slot_of(instruction);
        let is_move = instruction.mnemonic() == Mnemonic::Mov && instruction.op_count() == 2;
        let register = |operand| match instruction.op_kind(operand) {
            OpKind::Register => instruction.op_register(operand),
            _ => Register::None,
        };
        if let Some(slot) = slot.filter(|_| is_move) {
            if self.registers.contains(&register(1)) {
                self.slots.push(slot);
                return true;
            }
            if self.slots.contains(&slot) && register(0).is_gpr64() {
                self.registers.push(register(0));
                return true;
            }
        }
        for used in factory.info(instruction).used_registers() {
            let whole = used.register().full_register();
            if !self.registers.contains(&whole) {
                continue;
            }
            match used.access() {
                // Writing the low four bytes of a register clears the upper four.
                OpAccess::Write if used.register().size() >= 4 => {
                    self.registers.retain(|&copy| copy != whole)
                }
                OpAccess::Read if stores_through(instruction, whole) => {}
                _ => return false,
            }
        }
        // A store to the slot overwrites the copy. Any other use of the slot is rejected, since the result is not
        // tracked.
        if let Some(slot) = slot {
            let writes = is_move && instruction.op0_kind() == OpKind::Memory;
            if self.slots.contains(&slot) && !writes {
                return false;
            }
            self.slots.retain(|&copy| copy != slot);
        }
        true
    }
}

fn moves_register(instruction: &Instruction) -> bool {
    instruction.mnemonic() == Mnemonic::Mov
        && instruction.op0_kind() == OpKind::Register
        && instruction.op1_kind() == OpKind::Register
}

/// The slot of the frame that an instruction reads or writes.
fn slot_of(instruction: &Instruction) -> Option<u64> {
    let is_slot = instruction.memory_base() == Register::RSP && instruction.memory_index() == Register::None;
    is_slot.then(|| instruction.memory_displacement64())
}

/// Whether the instruction stores a value other than `base` at or above the address in `base`.
fn stores_through(instruction: &Instruction, base: Register) -> bool {
    let is_store = instruction.op0_kind() == OpKind::Memory && instruction.op_count() == 2;
    let stores_base =
        instruction.op1_kind() == OpKind::Register && instruction.op1_register().full_register() == base;
    is_store
        && !stores_base
        && instruction.memory_base() == base
        && instruction.memory_index() == Register::None
        && instruction.memory_displacement64() as i64 >= 0
}

fn is_below_rsp(instruction: &Instruction) -> bool {
    let through_rsp = instruction.memory_base() == Register::RSP && instruction.mnemonic() != Mnemonic::Lea;
    through_rsp && (instruction.memory_displacement64() as i64) < 0
}

/// Checks that every path from `start` writes each byte of `r11` before the path reads that byte. Calls, returns and
/// jumps out of the function end a path: no calling convention here passes anything in `r11`.
fn check_scratch_is_dead(
    code: &Code<'_>,
    start: usize,
    factory: &mut InstructionInfoFactory,
    violations: &mut Vec<Violation>,
) {
    // For each instruction, the least number of low bytes of `r11` that a path from `start` writes before the
    // instruction; `usize::MAX` if no path has reached the instruction.
    let mut seen = vec![usize::MAX; code.instructions.len()];
    let mut ahead = vec![(start, 0)];
    while let Some((index, written)) = ahead.pop() {
        let Some(instruction) = code.instructions.get(index) else { continue };
        if seen[index] <= written {
            continue;
        }
        seen[index] = written;
        let Ok(written) = written_of_scratch(instruction, written, factory) else {
            let found = code.violation(instruction, Rule::ScratchIsRead);
            if !violations.contains(&found) {
                violations.push(found);
            }
            continue;
        };
        // Writing the low four bytes clears the upper four.
        if written >= 4 {
            continue;
        }
        let flow = instruction.flow_control();
        if matches!(flow, FlowControl::Next | FlowControl::ConditionalBranch) {
            ahead.push((index + 1, written));
        }
        ahead.extend(code.jump_inside(index).map(|target| (target, written)));
    }
}

/// An error: the instruction reads a part of the address in `r11`.
struct ReadsAddress;

/// The number of low bytes of `r11` that a path has written after the instruction, if it had written `written` low
/// bytes before the instruction.
fn written_of_scratch(
    instruction: &Instruction,
    written: usize,
    factory: &mut InstructionInfoFactory,
) -> Result<usize, ReadsAddress> {
    let is_scratch = |used: &&UsedRegister| used.register().full_register() == Register::R11;
    let used = factory.info(instruction).used_registers().iter().filter(is_scratch);
    used.clone().try_fold(written, |most, used| match used.access() {
        OpAccess::Write => Ok(most.max(used.register().size())),
        _ if used.register().size() <= written => Ok(most),
        _ => Err(ReadsAddress),
    })
}
