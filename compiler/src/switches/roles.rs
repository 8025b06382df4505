//! The roles of the instructions of a switch, and what they do in words.

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use super::model::{Role, Side};
use super::stack;
use crate::stack_verifier::code::{WORD, is_limit};
use crate::stack_verifier::flow::moves_rsp;

/// The state of a walk through a switch.
pub(super) struct Walk {
    pub(super) side: Side,
    /// The depth of `rsp`, as in the function that contains the point.
    pub(super) depth: i64,
    /// Whether the stack limit has been read, so that the next push concerns it.
    limit: bool,
    /// Whether the resume address has been computed.
    address: bool,
    /// Whether the resume address of the other side has been popped.
    popped: bool,
}

impl Walk {
    pub(super) fn new(depth: i64) -> Walk {
        Walk { side: Side::Left, depth, limit: false, address: false, popped: false }
    }
}

/// The role of an instruction before the switch of a stub or an outlined copy.
pub(super) fn saving(instruction: &Instruction) -> (Role, String) {
    let about = match instruction.mnemonic() {
        Mnemonic::Push if instruction.op0_kind() == OpKind::Register => {
            format!("saves {}", stack::register(instruction.op0_register()))
        }
        Mnemonic::Stmxcsr => "saves the control word of SSE".to_owned(),
        Mnemonic::Fnstcw => "saves the control word of x87".to_owned(),
        _ if moves_rsp(instruction) < 0 => "makes room".to_owned(),
        _ => return (Role::Work, String::new()),
    };
    (Role::SaveRegister, about)
}

/// The role of an instruction after the switch of a stub or an outlined copy.
pub(super) fn restoring(instruction: &Instruction) -> (Role, &'static str) {
    match instruction.mnemonic() {
        Mnemonic::Pop => (Role::RestoreRegister, "restores a register"),
        Mnemonic::Ldmxcsr => (Role::RestoreRegister, "restores the control word of SSE"),
        Mnemonic::Fldcw => (Role::RestoreRegister, "restores the control word of x87"),
        _ if moves_rsp(instruction) > 0 => (Role::RestoreRegister, "frees the room"),
        _ => (Role::Work, ""),
    }
}

/// The role of an instruction of an inline switch.
pub(super) fn role(walk: &mut Walk, instruction: &Instruction) -> (Role, &'static str) {
    let is_store = instruction.op0_kind() == OpKind::Memory;
    let stores_rsp =
        is_store && instruction.op1_kind() == OpKind::Register && instruction.op1_register() == Register::RSP;
    let loads_rsp = instruction.op0_kind() == OpKind::Register && instruction.op0_register() == Register::RSP;
    match instruction.mnemonic() {
        Mnemonic::Push if walk.address => (Role::SaveResumeAddress, "pushes the resume address"),
        Mnemonic::Push if walk.limit => (Role::SaveLimit, "pushes the stack limit"),
        Mnemonic::Push if instruction.op0_kind() == OpKind::Register => {
            (Role::SaveMailbox, "offers a word of the value")
        }
        Mnemonic::Push => (Role::SaveMailbox, "makes room for a word from the waker"),
        Mnemonic::Pop if walk.side == Side::Left => (Role::Work, ""),
        Mnemonic::Pop if !walk.popped => {
            walk.popped = true;
            (Role::TakeResumeAddress, "pops the resume address")
        }
        Mnemonic::Pop => (Role::RestoreLimit, "pops the stack limit"),
        Mnemonic::Lea => {
            walk.address = true;
            (Role::SaveResumeAddress, "computes the resume address")
        }
        Mnemonic::Mov if stores_rsp => (Role::Leave, "stores the stack pointer: this side is suspended"),
        Mnemonic::Mov if loads_rsp => (Role::Enter, "loads the other side's stack pointer"),
        Mnemonic::Mov if is_limit(instruction) && is_store => {
            (Role::RestoreLimit, "makes it the current limit")
        }
        Mnemonic::Mov if is_limit(instruction) => {
            walk.limit = true;
            (Role::SaveLimit, "reads the stack limit")
        }
        Mnemonic::Mov if instruction.segment_prefix() == Register::FS => {
            (Role::Check, "reads the current worker")
        }
        Mnemonic::Mov if is_store && instruction.op1_kind() == OpKind::Register => {
            (Role::Record, "records where this side goes on")
        }
        Mnemonic::Mov if is_store && walk.side == Side::Entered => {
            (Role::Record, "marks the other side as running")
        }
        Mnemonic::Mov if is_store => (Role::Unlock, "releases the lock of the wait list"),
        Mnemonic::Cmp => (Role::Check, "has the worker a request?"),
        Mnemonic::Jne => (Role::Check, "if so, makes the next stack check call it"),
        Mnemonic::Jmp => (Role::Jump, "goes on at the resume address"),
        _ => (Role::Work, ""),
    }
}

/// The role of an instruction of a stub that calls libc.
pub(super) fn foreign_role(walk: &mut Walk, instruction: &Instruction, text: &str) -> (Role, &'static str) {
    let before = walk.side == Side::Left;
    let is_store = instruction.op0_kind() == OpKind::Memory;
    match instruction.mnemonic() {
        Mnemonic::Call => {
            (Role::Context, "`swapcontext` saves all registers and the signal mask, and loads others")
        }
        Mnemonic::Push if walk.address => (Role::SaveResumeAddress, "pushes the resume address"),
        Mnemonic::Push if walk.limit => (Role::SaveLimit, "pushes the stack limit"),
        Mnemonic::Push => (Role::SaveMailbox, "pushes a word of the mailbox"),
        Mnemonic::Sub if moves_rsp(instruction) < -WORD => (Role::Context, "makes room for the context"),
        Mnemonic::Sub => (Role::SaveMailbox, "pushes a word of the mailbox"),
        Mnemonic::Lea if text.contains("%rip") => {
            walk.address = true;
            (Role::SaveResumeAddress, "computes the resume address")
        }
        Mnemonic::Lea if before && !walk.limit => (Role::Check, "how deep will the stack be?"),
        Mnemonic::Lea => (Role::Context, "the address of a context"),
        Mnemonic::Cmp if is_limit(instruction) => (Role::Check, "is there room?"),
        Mnemonic::Jbe => (Role::Check, "if not, the stack grows"),
        Mnemonic::Mov
            if is_store
                && instruction.op1_kind() == OpKind::Register
                && instruction.op1_register() == Register::RSP =>
        {
            (Role::Leave, "stores the stack pointer")
        }
        Mnemonic::Mov if is_limit(instruction) && is_store => {
            (Role::RestoreLimit, "makes it the current limit")
        }
        Mnemonic::Mov if is_limit(instruction) => {
            walk.limit = true;
            (Role::SaveLimit, "reads the stack limit")
        }
        Mnemonic::Mov if before && text.starts_with("movq (%rsi)") => {
            (Role::Enter, "loads the other side's stack pointer")
        }
        Mnemonic::Mov if before && is_store => (Role::Context, "hands the lock to the other side"),
        Mnemonic::Movq if before => (Role::SaveMailbox, "stores a word of the mailbox"),
        Mnemonic::Mov if is_store => (Role::Unlock, "releases the lock of the wait list"),
        Mnemonic::Mov if text.contains(" 8(%rsp)") => (Role::RestoreLimit, "reads the stack limit"),
        Mnemonic::Mov | Mnemonic::Movq if !before => (Role::TakeMailbox, "takes a word of the mailbox"),
        Mnemonic::Add => (Role::Context, "drops the context and the mailbox"),
        Mnemonic::Pop => (Role::Return, "pops the return address"),
        Mnemonic::Jmp if !before => (Role::Return, "returns"),
        _ => (Role::Work, ""),
    }
}
