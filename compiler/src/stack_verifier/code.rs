//! Decoded functions, with the instruction sequences that the rules mention.
//!
//! A switch, with registers chosen by LLVM or fixed by the assembly:
//!
//! ```text
//!   mov  %fs:0x70, %rcx     the thread's stack limit
//!   push %rcx
//!   lea  1f(%rip), %rax     the resume address
//!   push %rax
//!   mov  %rsp, (%rdi)       the save
//!   movl $0, (%rdx)         a lock is released, if the thread waits for something
//!   mov  (%rsi), %rsp       the load: from here on another stack
//!   pop  %rax
//!   pop  %rcx
//!   mov  %rcx, %fs:0x70
//!   jmp  *%rax
//! 1:                        the thread resumes, with `rsp` as before the two pushes
//! ```
//!
//! The end of a thread may omit everything before the load. In the switches of continuations, the limit is not on the
//! stack, a resumption stores the low half of the resume address, and it clears a field of the continuation:
//!
//! ```text
//!   lea  1f(%rip), %rax     the resume address
//!   push %rax
//!   mov  %rsp, 24(%rdi)     the save
//!   mov  %eax, (%rsi)
//!   mov  16(%rdi), %rsp     the load
//!   pop  %rax
//!   mov  $0, 16(%rdi)
//!   jmp  *%rax              or a direct jump to the first function of a generator
//! 1:
//! ```

use std::collections::HashMap;

use iced_x86::{
    Code as Opcode, Decoder, DecoderOptions, Formatter, GasFormatter, Instruction, Mnemonic, OpKind, Register,
};
use weft_abi::stack::LIMIT_SLOT;

use super::image::{Function, Image, Place, Target};
use super::report::{PREFIX, Rule, Violation};

/// The number of instructions before a jump through a register in which the verifier searches for the computation of
/// the target. Without optimisation, up to 15 general and 16 vector registers are stored between computation and jump.
const TABLE_WINDOW: usize = 40;

/// The bytes that a call or a push adds to the stack.
pub(crate) const WORD: i64 = 8;

/// A decoded function of green code.
pub(crate) struct Code<'a> {
    pub(crate) function: Function<'a>,
    pub(crate) instructions: Vec<Instruction>,
    pub(crate) switches: Vec<Switch>,
    /// The targets of direct calls, and of jumps that leave the function, by the index of the instruction.
    pub(crate) targets: HashMap<usize, Callee<'a>>,
}

/// A switch; instructions are given by their indices.
#[derive(Clone, Copy)]
pub(crate) struct Switch {
    /// The save of `rsp`; `None` if the thread ends.
    pub(crate) save: Option<Save>,
    /// The instruction that loads `rsp`.
    pub(crate) load: usize,
}

/// The first half of a switch.
#[derive(Clone, Copy)]
pub(crate) struct Save {
    /// The instruction that saves `rsp`.
    pub(crate) at: usize,
    /// The instruction at the resume address.
    pub(crate) resume: usize,
    /// The bytes that were pushed before the save, and are popped before the resume address.
    pub(crate) pushed: i64,
}

/// The target of a call, or of a jump that leaves the function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callee<'a> {
    /// Green code, by its index.
    Green(usize),
    /// A thunk of the runtime, by its name.
    Thunk(&'a str),
    /// An address that is not the start of a function.
    Unknown,
}

/// Decodes all green code: the program's functions, and every function that they call.
pub(crate) fn green<'a>(image: &Image<'a>) -> Vec<Code<'a>> {
    let is_root = |function: &Function<'_>| {
        function.name.starts_with(PREFIX) || function.name == weft_abi::layout::MAIN_SYMBOL
    };
    let mut functions: Vec<Function<'a>> = image.functions().into_iter().filter(is_root).collect();
    let mut numbers: HashMap<Place, usize> =
        functions.iter().enumerate().map(|(number, function)| (function.place, number)).collect();
    let mut green = Vec::new();
    while let Some(&function) = functions.get(green.len()) {
        let mut code = Code::decode(function);
        for (index, instruction) in code.instructions.iter().enumerate() {
            if !is_direct(instruction) || code.is_inside(image, instruction) {
                continue;
            }
            let callee = match image.target(function.place.0, instruction) {
                Target::Function(callee) => {
                    Callee::Green(*numbers.entry(callee.place).or_insert_with(|| {
                        functions.push(callee);
                        functions.len() - 1
                    }))
                }
                Target::Thunk(name) => Callee::Thunk(name),
                Target::Place(_) => Callee::Unknown,
            };
            code.targets.insert(index, callee);
        }
        green.push(code);
    }
    green
}

impl<'a> Code<'a> {
    fn decode(function: Function<'a>) -> Code<'a> {
        let decoder = Decoder::with_ip(64, function.bytes, function.place.1, DecoderOptions::NONE);
        let instructions: Vec<Instruction> = decoder.into_iter().collect();
        let mut code = Code { function, instructions, switches: Vec::new(), targets: HashMap::new() };
        code.switches = (0..code.instructions.len()).filter_map(|index| code.switch(index)).collect();
        code
    }

    /// The index of the instruction at an address, if an instruction of this function begins there.
    pub(crate) fn at(&self, address: u64) -> Option<usize> {
        self.instructions.binary_search_by_key(&address, Instruction::ip).ok()
    }

    /// The target of a jump within the function.
    pub(crate) fn jump_inside(&self, index: usize) -> Option<usize> {
        let jump = &self.instructions[index];
        let is_jump = jump.is_jmp_short_or_near() || jump.is_jcc_short_or_near();
        (is_jump && !self.targets.contains_key(&index)).then(|| self.at(jump.near_branch_target())).flatten()
    }

    /// Whether a jump through a register goes through a jump table of the function: its target is the sum of the
    /// table's address and an entry of the table, which is a distance. Other jumps through a register are tail calls.
    pub(crate) fn uses_table(&self, jump: usize) -> bool {
        let instruction = &self.instructions[jump];
        if instruction.op0_kind() != OpKind::Register {
            return false;
        }
        let target = instruction.op0_register();
        let writes = |before: &&Instruction| {
            before.op0_kind() == OpKind::Register && before.op0_register().full_register() == target
        };
        let last = self.instructions[jump.saturating_sub(TABLE_WINDOW)..jump].iter().rev().find(writes);
        last.is_some_and(|last| last.code() == Opcode::Add_r64_rm64 || last.code() == Opcode::Add_rm64_r64)
    }

    /// Whether a jump through a register returns from the function: the instruction before it pops the return address
    /// into that register.
    pub(crate) fn returns_by_jump(&self, jump: usize) -> bool {
        let before = jump.checked_sub(1).map(|before| &self.instructions[before]);
        let target = self.instructions[jump].op0_register();
        before.is_some_and(|pop| is_pop(pop) && pop.op0_register() == target)
    }

    /// Whether a jump stays in the function. For a call the result is false, even for a call of the function itself.
    fn is_inside(&self, image: &Image<'_>, jump: &Instruction) -> bool {
        let place = match image.target(self.function.place.0, jump) {
            Target::Function(function) => function.place,
            Target::Place(place) => place,
            Target::Thunk(_) => return false,
        };
        !jump.is_call_near()
            && place.0 == self.function.place.0
            && self.at(place.1).is_some_and(|index| index > 0)
    }

    /// The switch whose load is the instruction at index `load`; `None` if that instruction is no such load.
    fn switch(&self, load: usize) -> Option<Switch> {
        let [first, pop_resume, rest @ ..] = self.instructions.get(load..)? else { return None };
        let is_load = first.code() == Opcode::Mov_r64_rm64
            && first.op0_register() == Register::RSP
            && first.op1_kind() == OpKind::Memory
            && first.memory_base() != Register::RSP;
        let resume = pop_resume.op0_register();
        if !is_load || !is_pop(pop_resume) {
            return None;
        }
        let jumps = |jump: &Instruction| {
            let is_indirect = jump.code() == Opcode::Jmp_rm64 && jump.op0_register() == resume;
            is_indirect || jump.is_jmp_short_or_near()
        };
        let pushed = match rest {
            [pop_limit, set_limit, jump, ..]
                if is_pop(pop_limit)
                    && resume != pop_limit.op0_register()
                    && set_limit.code() == Opcode::Mov_rm64_r64
                    && set_limit.op1_register() == pop_limit.op0_register()
                    && is_limit(set_limit)
                    && jumps(jump) =>
            {
                2 * WORD
            }
            [clear, jump, ..] if clear.code() == Opcode::Mov_rm64_imm32 && jumps(jump) => WORD,
            [jump, ..] if jumps(jump) => WORD,
            _ => return None,
        };
        Some(Switch { save: self.save(load, pushed), load })
    }

    /// The save right before the load, and the instruction whose address is pushed before the save.
    fn save(&self, load: usize, pushed: i64) -> Option<Save> {
        let at = load.checked_sub(1)?;
        let at = if is_beside(&self.instructions[at]) { at.checked_sub(1)? } else { at };
        let [address, push, save] = self.instructions.get(at.checked_sub(2)?..=at)? else { return None };
        let is_save = save.code() == Opcode::Mov_rm64_r64
            && save.op0_kind() == OpKind::Memory
            && save.op1_register() == Register::RSP
            && save.memory_base() != Register::RSP;
        let pushes_address = address.mnemonic() == Mnemonic::Lea
            && address.is_ip_rel_memory_operand()
            && push.mnemonic() == Mnemonic::Push
            && push.op0_kind() == OpKind::Register
            && push.op0_register() == address.op0_register();
        let resume =
            (is_save && pushes_address).then(|| self.at(address.memory_displacement64())).flatten()?;
        Some(Save { at, resume, pushed })
    }

    /// The distance below `rsp` of the address that the instruction at `index` compares with the limit; `None` if the
    /// instruction is no such comparison.
    pub(crate) fn compares(&self, index: usize) -> Option<i64> {
        let compare = &self.instructions[index];
        if compare.mnemonic() != Mnemonic::Cmp || compare.op0_kind() != OpKind::Register || !is_limit(compare)
        {
            return None;
        }
        match compare.op0_register() {
            Register::RSP => Some(0),
            register => {
                let below = &self.instructions[index.checked_sub(1)?];
                (is_scratch_of_prologue(below) && below.op0_register() == register)
                    .then(|| (below.memory_displacement64() as i64).wrapping_neg())
            }
        }
    }
}

/// Whether the instruction is `lea -N(%rsp), %r11`.
pub(crate) fn is_scratch_of_prologue(instruction: &Instruction) -> bool {
    instruction.code() == Opcode::Lea_r64_m
        && instruction.op0_register() == Register::R11
        && instruction.memory_base() == Register::RSP
        && instruction.memory_index() == Register::None
}

/// Whether the memory operand is the stack limit.
pub(crate) fn is_limit(instruction: &Instruction) -> bool {
    instruction.segment_prefix() == Register::FS
        && instruction.memory_base() == Register::None
        && instruction.memory_index() == Register::None
        && instruction.memory_displacement64() == LIMIT_SLOT as u64
}

/// Whether the instruction may be between the save and the load of a switch: a 32-bit store of 0 or of a register, to
/// memory that is not addressed through `rsp`.
fn is_beside(instruction: &Instruction) -> bool {
    let is_unlock = instruction.code() == Opcode::Mov_rm32_imm32 && instruction.immediate32() == 0;
    (is_unlock || instruction.code() == Opcode::Mov_rm32_r32)
        && instruction.op0_kind() == OpKind::Memory
        && instruction.memory_base() != Register::RSP
}

fn is_pop(instruction: &Instruction) -> bool {
    instruction.mnemonic() == Mnemonic::Pop && instruction.op0_kind() == OpKind::Register
}

/// Whether the instruction is a call or jump with its target encoded in it.
fn is_direct(instruction: &Instruction) -> bool {
    instruction.is_call_near() || instruction.is_jmp_short_or_near() || instruction.is_jcc_short_or_near()
}

impl Code<'_> {
    /// A violation of a rule by an instruction of this function.
    pub(crate) fn violation(&self, instruction: &Instruction, rule: Rule) -> Violation {
        let mut text = String::new();
        GasFormatter::new().format(instruction, &mut text);
        let symbol = self.function.name.to_owned();
        Violation { symbol, address: instruction.ip(), instruction: text, rule }
    }
}
