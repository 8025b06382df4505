//! Live bytes of a frame, which some path reads before it writes them: a classical live-variable analysis, of machine
//! code and of the bytes at each depth.
//!
//! ```text
//!     movq %rbx, 8(%rsp)     writes 8 bytes
//!     (switch)               live over it: these 8 bytes
//!     movq 8(%rsp), %rbx     reads them
//!     movq %rax, 8(%rsp)     from here up to the first read they were dead
//! ```
//!
//! The stack verifier's rule makes this exact: no address of a slot leaves `rsp`, so each access to the frame names its
//! offset from `rsp`, whose depth the verifier knows at each instruction.

use std::collections::HashSet;

use iced_x86::{
    Code as Opcode, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};

use crate::stack_verifier::code::{Callee, Code, WORD};
use crate::stack_verifier::flow::{Flow, does_return};
use crate::stack_verifier::image::Image;

/// The registers that the C calling convention preserves.
pub(super) const PRESERVED: [Register; 6] =
    [Register::RBX, Register::RBP, Register::R12, Register::R13, Register::R14, Register::R15];

/// A set of bytes, by their distance from the lowest byte of a frame.
type Bytes = Vec<u64>;

/// The bytes of a function's frame that are live before each instruction.
pub(super) struct Frame {
    /// The depth of the lowest byte.
    lowest: i64,
    live: Vec<Bytes>,
    /// The accesses of each instruction to the stack.
    accesses: Vec<Vec<Access>>,
    /// The instructions that may run after each instruction, and before it.
    after: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
}

/// An access to the stack: the depth of the first byte, the number of bytes, and whether it reads and writes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Access {
    pub(super) depth: i64,
    pub(super) size: i64,
    pub(super) reads: bool,
    pub(super) writes: bool,
}

impl Access {
    /// Whether the byte at a depth is accessed.
    pub(super) fn touches(&self, depth: i64) -> bool {
        (self.depth..self.depth + self.size).contains(&depth)
    }
}

impl Frame {
    /// Analyses one of the functions of `green`.
    pub(super) fn of(
        image: &Image<'_>,
        green: &[Code<'_>],
        flows: &[Flow],
        number: usize,
        factory: &mut InstructionInfoFactory,
    ) -> Frame {
        let (code, flow) = (&green[number], &flows[number]);
        let accesses: Vec<Vec<Access>> = accesses(code, flow, flows, factory);
        let all = || accesses.iter().flatten();
        let lowest = all().map(|one| one.depth).min().unwrap_or(0).min(0);
        let highest = all().map(|one| one.depth + one.size).max().unwrap_or(0).max(WORD);
        let words = ((highest - lowest) as usize).div_ceil(64);
        let live = vec![vec![0; words]; code.instructions.len()];
        let after = successors(image, code, flow, flows);
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); after.len()];
        for (from, targets) in after.iter().enumerate() {
            targets.iter().for_each(|&to| before[to].push(from));
        }
        let mut ahead: Vec<usize> = (0..after.len()).collect();
        let mut waits = vec![true; after.len()];
        let mut frame = Frame { lowest, live, accesses, after, before };
        while let Some(index) = ahead.pop() {
            waits[index] = false;
            let mut live = vec![0; words];
            for &next in &frame.after[index] {
                live.iter_mut().zip(&frame.live[next]).for_each(|(sum, part)| *sum |= part);
            }
            frame.pass(&frame.accesses[index], &mut live);
            if live != frame.live[index] {
                frame.live[index] = live;
                for &earlier in &frame.before[index] {
                    if !std::mem::replace(&mut waits[earlier], true) {
                        ahead.push(earlier);
                    }
                }
            }
        }
        frame
    }

    /// The accesses of an instruction to the stack.
    pub(super) fn accesses(&self, index: usize) -> &[Access] {
        &self.accesses[index]
    }

    /// The instructions that may run after an instruction.
    pub(super) fn after(&self, index: usize) -> &[usize] {
        &self.after[index]
    }

    /// The instructions that may run before an instruction.
    pub(super) fn before(&self, index: usize) -> &[usize] {
        &self.before[index]
    }

    /// Turns the bytes that are live after accesses into those that are live before.
    fn pass(&self, accesses: &[Access], live: &mut Bytes) {
        for reads in [false, true] {
            for access in accesses.iter().filter(|one| if reads { one.reads } else { one.writes }) {
                for byte in access.depth..access.depth + access.size {
                    let at = (byte - self.lowest) as usize;
                    match reads {
                        true => live[at / 64] |= 1 << (at % 64),
                        false => live[at / 64] &= !(1 << (at % 64)),
                    }
                }
            }
        }
    }

    /// The live bytes before an instruction from the depth `from` up, without the return address, as ranges of depths.
    pub(super) fn live(&self, index: usize, from: i64) -> Vec<(i64, i64)> {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        let bytes = &self.live[index];
        for at in 0..bytes.len() * 64 {
            let depth = self.lowest + at as i64;
            if bytes[at / 64] >> (at % 64) & 1 == 0 || depth < from || (0..WORD).contains(&depth) {
                continue;
            }
            match ranges.last_mut() {
                // A value has at most 16 bytes and is aligned; words are listed one by one.
                Some(last) if last.1 == depth && depth.rem_euclid(WORD) != 0 => last.1 += 1,
                Some(_) | None => ranges.push((depth, depth + 1)),
            }
        }
        ranges
    }
}

/// The accesses of each instruction to the stack.
fn accesses(
    code: &Code<'_>,
    flow: &Flow,
    flows: &[Flow],
    factory: &mut InstructionInfoFactory,
) -> Vec<Vec<Access>> {
    let mut found: Vec<Vec<Access>> = Vec::with_capacity(code.instructions.len());
    for (index, instruction) in code.instructions.iter().enumerate() {
        let Some(state) = flow.states[index] else {
            found.push(Vec::new());
            continue;
        };
        let mut here = of_instruction(factory, instruction, Register::RSP, state.rsp);
        // A function pops its arguments, so it may read all of them.
        if let Some(Callee::Green(callee)) = code.targets.get(&index)
            && instruction.is_call_near()
            && let Some(returns) = flows[*callee].returns
        {
            let size = returns - WORD;
            here.push(Access { depth: state.rsp, size, reads: true, writes: false });
        }
        found.push(here);
    }
    through_copies(code, flow, factory, &mut found);
    found
}

/// The accesses of an instruction through a register that contains the address at `depth`.
fn of_instruction(
    factory: &mut InstructionInfoFactory,
    instruction: &Instruction,
    base: Register,
    depth: i64,
) -> Vec<Access> {
    let used = factory.info(instruction).used_memory().iter();
    let used = used.filter(|memory| memory.base() == base && memory.segment() != Register::FS);
    // A pop into a register that C does not preserve only frees a word: LLVM writes it in place of an addition.
    let is_drop = instruction.mnemonic() == Mnemonic::Pop && !PRESERVED.contains(&instruction.op0_register());
    let access = |memory: &iced_x86::UsedMemory| {
        let access = if is_drop { OpAccess::None } else { memory.access() };
        let reads = matches!(
            access,
            OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite
        );
        // A write that may not happen leaves the bytes live.
        let writes = matches!(access, OpAccess::Write | OpAccess::ReadWrite);
        let depth = depth + memory.displacement() as i64;
        Access { depth, size: memory.memory_size().size() as i64, reads, writes }
    };
    used.map(access).filter(|access| access.reads || access.writes).collect()
}

/// Adds the stores of arguments through a copy of `rsp`, which code has at `-O0`.
fn through_copies(
    code: &Code<'_>,
    flow: &Flow,
    factory: &mut InstructionInfoFactory,
    found: &mut [Vec<Access>],
) {
    for (index, copy) in code.instructions.iter().enumerate() {
        let is_copy = copy.mnemonic() == Mnemonic::Mov
            && copy.op0_kind() == OpKind::Register
            && copy.op1_kind() == OpKind::Register
            && copy.op1_register() == Register::RSP;
        let Some(state) = flow.states[index].filter(|_| is_copy) else { continue };
        let register = copy.op0_register();
        for (later, instruction) in code.instructions.iter().enumerate().skip(index + 1) {
            found[later].extend(of_instruction(factory, instruction, register, state.rsp));
            let overwrites = instruction.op0_kind() == OpKind::Register
                && instruction.op0_register().full_register() == register
                && !matches!(instruction.mnemonic(), Mnemonic::Cmp | Mnemonic::Test);
            if overwrites || instruction.flow_control() != FlowControl::Next {
                break;
            }
        }
    }
}

/// The instructions that may run after each instruction. A switch leads to its resume address.
fn successors(image: &Image<'_>, code: &Code<'_>, flow: &Flow, flows: &[Flow]) -> Vec<Vec<usize>> {
    let count = code.instructions.len();
    let following = |index: usize| Some(index + 1).filter(|&next| next < count);
    let of = |index: usize| -> Vec<usize> {
        let instruction = &code.instructions[index];
        if flow.states[index].is_none() {
            return Vec::new();
        }
        if let Ok(at) = code.switches.binary_search_by_key(&index, |switch| switch.load) {
            return code.switches[at].save.map(|save| save.resume).into_iter().collect();
        }
        match instruction.flow_control() {
            FlowControl::Next | FlowControl::IndirectCall => following(index).into_iter().collect(),
            FlowControl::Call => match code.targets.get(&index) {
                Some(Callee::Green(callee)) if flows[*callee].returns.is_none() => Vec::new(),
                Some(Callee::Thunk(name)) if !does_return(name) => Vec::new(),
                // `__morestack` skips the `ret` behind its call.
                Some(Callee::Thunk("__morestack")) => following(index + 1).into_iter().collect(),
                _ => following(index).into_iter().collect(),
            },
            FlowControl::UnconditionalBranch => code.jump_inside(index).into_iter().collect(),
            FlowControl::ConditionalBranch => {
                code.jump_inside(index).into_iter().chain(following(index)).collect()
            }
            FlowControl::IndirectBranch if code.uses_table(index) => table(image, code, index),
            _ => Vec::new(),
        }
    };
    (0..count).map(of).collect()
}

/// The targets of a jump through a table: the nearest address of read-only data before the jump is the table's.
fn table(image: &Image<'_>, code: &Code<'_>, jump: usize) -> Vec<usize> {
    let section = code.function.place.0;
    let lea = |instruction: &&Instruction| {
        instruction.code() == Opcode::Lea_r64_m && instruction.is_ip_rel_memory_operand()
    };
    let before = code.instructions[..jump].iter().rev().filter(lea);
    let bases = before.filter_map(|lea| image.addressed(section, lea));
    let Some(base) = bases.into_iter().find(|&base| image.entry(base, 0).is_some()) else {
        return code.instructions.iter().enumerate().map(|(index, _)| index).skip(1).collect();
    };
    let mut targets = HashSet::new();
    for entry in 0.. {
        let target = image.entry(base, entry).filter(|place| place.0 == section);
        let Some(target) = target.and_then(|place| code.at(place.1)) else { break };
        targets.insert(target);
    }
    targets.into_iter().collect()
}
