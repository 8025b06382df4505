//! Where `rsp` may occur.

use iced_x86::{
    FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register, UsedRegister,
};

use super::code::{Code, is_scratch_of_prologue};
use super::{Rule, Violation, violation};

/// Finds the instructions that let a stack address out of `rsp`, or touch what lies below it.
pub(super) fn check(code: &Code<'_>, violations: &mut Vec<Violation>) {
    let mut factory = InstructionInfoFactory::new();
    for (index, instruction) in code.instructions.iter().enumerate() {
        if instruction.is_invalid() {
            violations.push(violation(code, instruction, Rule::Undecodable));
            continue;
        }
        let used = factory.info(instruction).used_registers();
        if used.iter().all(|used| used.register().full_register() != Register::RSP) {
            continue;
        }
        if !(keeps_rsp(instruction) || is_of_switch(code, index) || compares_only(code, index)) {
            violations.push(violation(code, instruction, Rule::Leaves));
        }
        if is_below_rsp(instruction) {
            violations.push(violation(code, instruction, Rule::BelowRsp));
        }
    }
    for index in 0..code.instructions.len() {
        if compares_only(code, index) {
            check_scratch_is_dead(code, index + 2, &mut factory, violations);
        }
    }
}

/// Whether the instruction, which uses `rsp`, leaves no address of the stack anywhere else.
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
        // What is left may go through `rsp` to memory, but not use `rsp` unnamed, as `enter` and `leave` do.
        _ => !names_rsp && !instruction.is_stack_instruction(),
    }
}

fn is_of_switch(code: &Code<'_>, index: usize) -> bool {
    let next = code.switches.partition_point(|switch| switch.load < index);
    code.switches
        .get(next)
        .is_some_and(|switch| switch.load == index || switch.save.is_some_and(|save| save.at == index))
}

/// Whether it is the `lea` of a prologue whose result the next instruction compares with the limit.
fn compares_only(code: &Code<'_>, index: usize) -> bool {
    is_scratch_of_prologue(&code.instructions[index])
        && index + 1 < code.instructions.len()
        && code.compares(index + 1).is_some()
}

fn is_below_rsp(instruction: &Instruction) -> bool {
    let through_rsp = instruction.memory_base() == Register::RSP && instruction.mnemonic() != Mnemonic::Lea;
    through_rsp && (instruction.memory_displacement64() as i64) < 0
}

/// From `start` on `r11` must be written before it is read. Calls, returns and jumps out of the function end a path:
/// no calling convention of ours passes anything in it.
fn check_scratch_is_dead(
    code: &Code<'_>,
    start: usize,
    factory: &mut InstructionInfoFactory,
    violations: &mut Vec<Violation>,
) {
    let mut seen = vec![false; code.instructions.len()];
    let mut ahead = vec![start];
    while let Some(index) = ahead.pop() {
        let Some(instruction) = code.instructions.get(index) else { continue };
        if std::mem::replace(&mut seen[index], true) {
            continue;
        }
        let is_scratch = |used: &&UsedRegister| used.register().full_register() == Register::R11;
        let used = factory.info(instruction).used_registers().iter().find(is_scratch);
        let used = used.map(|used| (used.access(), used.register()));
        match used {
            Some((OpAccess::Write, Register::R11 | Register::R11D)) => continue,
            Some(_) => violations.push(violation(code, instruction, Rule::ScratchIsRead)),
            None => {}
        }
        let flow = instruction.flow_control();
        if matches!(flow, FlowControl::Next | FlowControl::ConditionalBranch) {
            ahead.push(index + 1);
        }
        ahead.extend(code.jump_inside(index));
    }
}
