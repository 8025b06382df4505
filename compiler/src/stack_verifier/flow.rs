//! The depth of `rsp` at each instruction: an abstract interpretation of each function, from its entry.
//!
//! ```text
//!     entry       0       `rsp` is at the return address
//!     push %rax   -8
//!     call f      -8      if `f` pops two stack arguments, `rsp` is 16 bytes higher after the call
//!     pop  %rax   0
//!     ret         8       the return address is popped, too
//! ```
//!
//! A depth is an offset from the value of `rsp` at the entry; the depth is negative after a push. With `tailcc` the
//! callee pops its stack arguments, so the effect of a call on `rsp` comes from the same analysis of the callee. At
//! first, every callee is assumed to never return. When a function is found to return, its callers are analysed again.

use iced_x86::{Code as Opcode, FlowControl, Instruction, Mnemonic, OpKind, Register};
use weft_abi::stack::USABLE_RESERVE;
use weft_abi::{AbiType, RuntimeFunction};

use super::code::{Callee, Code, Switch, WORD};
use super::report::{Rule, Violation};

/// The function that grows a stack.
const MORESTACK: &str = "__morestack";

/// The state of the stack before an instruction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// The depth of `rsp`.
    pub(crate) rsp: i64,
    /// The depth of the lowest address that the last stack check has found not to be below the limit. Where paths
    /// meet, the highest of their depths; `None` if a path has no check yet.
    pub(crate) granted: Option<i64>,
}

/// The result of the analysis of a function.
pub(crate) struct Flow {
    /// The state before each instruction; `None` for unreachable instructions.
    pub(crate) states: Vec<Option<State>>,
    /// The depth of `rsp` after a return: 8 plus the size of the stack arguments; `None` if the function never returns.
    pub(crate) returns: Option<i64>,
}

/// Analyses all green code.
pub(crate) fn of_all(green: &[Code<'_>], violations: &mut Vec<Violation>) -> Vec<Flow> {
    let mut returns = vec![None; green.len()];
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); green.len()];
    for (number, code) in green.iter().enumerate() {
        for callee in code.targets.values() {
            if let Callee::Green(callee) = *callee {
                callers[callee].push(number);
            }
        }
    }
    // When a callee is found to return, its callers are analysed again.
    let mut ahead: Vec<usize> = (0..green.len()).collect();
    while let Some(number) = ahead.pop() {
        if returns[number].is_none() {
            let returned = Walk::of(&green[number], &returns, &mut Vec::new()).returns;
            returns[number] = returned;
            if returns[number].is_some() {
                ahead.append(&mut callers[number]);
            }
        }
    }
    green.iter().map(|code| Walk::of(code, &returns, violations)).collect()
}

/// An analysis of one function.
struct Walk<'a> {
    code: &'a Code<'a>,
    /// [`Flow::returns`] of each function of green code, as far as it is known.
    known: &'a [Option<i64>],
    flow: Flow,
    /// The instructions whose state has changed.
    ahead: Vec<usize>,
    /// The states at jumps through a table.
    indirect: Vec<State>,
    violations: &'a mut Vec<Violation>,
}

impl<'a> Walk<'a> {
    fn of(code: &'a Code<'a>, known: &'a [Option<i64>], violations: &'a mut Vec<Violation>) -> Flow {
        let states = vec![None; code.instructions.len()];
        let flow = Flow { states, returns: None };
        let mut walk = Walk { code, known, flow, ahead: Vec::new(), indirect: Vec::new(), violations };
        walk.reach(0, State { rsp: 0, granted: None }, 0);
        walk.run();
        // Code that is reached only through a jump table starts with the state of the jump.
        while let Some(index) = walk.indirect.first().and_then(|_| walk.unreached()) {
            let state = walk.indirect[0];
            walk.reach(index, state, index);
            walk.run();
        }
        walk.flow
    }

    fn run(&mut self) {
        while let Some(index) = self.ahead.pop() {
            if let Some(state) = self.flow.states[index] {
                self.step(index, state);
            }
        }
    }

    /// The first unreached instruction that follows the end of a block.
    fn unreached(&self) -> Option<usize> {
        let ends = |before: &Instruction| {
            matches!(
                before.flow_control(),
                FlowControl::UnconditionalBranch | FlowControl::IndirectBranch | FlowControl::Return
            ) || before.mnemonic() == Mnemonic::Ud2
        };
        let fills =
            |one: &Instruction| matches!(one.mnemonic(), Mnemonic::Nop | Mnemonic::Int3 | Mnemonic::Ud2);
        let instructions = &self.code.instructions;
        (1..instructions.len()).find(|&index| {
            let reached = self.flow.states[index - 1].is_some() || fills(&instructions[index - 1]);
            self.flow.states[index].is_none()
                && reached
                && ends(&instructions[index - 1])
                && !fills(&instructions[index])
        })
    }

    fn report(&mut self, index: usize, rule: Rule) {
        let found = self.code.violation(&self.code.instructions[index], rule);
        if !self.violations.contains(&found) {
            self.violations.push(found);
        }
    }

    /// Joins `state` into the state before instruction `index`, which runs after instruction `from`.
    fn reach(&mut self, index: usize, state: State, from: usize) {
        let Some(known) = self.flow.states.get(index).copied() else {
            return self.report(from, Rule::RunsOff);
        };
        let joined = match known {
            None => state,
            Some(known) => {
                if known.rsp != state.rsp {
                    self.report(index, Rule::PathsDiffer(known.rsp, state.rsp));
                }
                let granted = known.granted.zip(state.granted).map(|(one, other)| one.max(other));
                State { granted, ..known }
            }
        };
        if known != Some(joined) {
            self.flow.states[index] = Some(joined);
            self.ahead.push(index);
        }
    }

    fn step(&mut self, index: usize, state: State) {
        let instruction = &self.code.instructions[index];
        if let Ok(at) = self.code.switches.binary_search_by_key(&index, |switch| switch.load) {
            let Switch { save, .. } = self.code.switches[at];
            if let Some(save) = save {
                self.reach(save.resume, State { rsp: state.rsp + save.pushed, ..state }, index);
            }
            return;
        }
        match instruction.flow_control() {
            FlowControl::Next => {
                let rsp = state.rsp + moves_rsp(instruction);
                self.reach(index + 1, State { rsp, ..state }, index);
            }
            FlowControl::Call => self.call(index, state),
            FlowControl::IndirectCall => self.reach(index + 1, state, index),
            FlowControl::UnconditionalBranch => self.jump(index, state),
            FlowControl::ConditionalBranch => self.branch(index, state),
            FlowControl::IndirectBranch if self.code.uses_table(index) => self.indirect.push(state),
            FlowControl::IndirectBranch if self.code.returns_by_jump(index) => match state.rsp {
                WORD => self.leave(index, WORD),
                rsp => self.report(index, Rule::Unbalanced(rsp - WORD)),
            },
            // A tail call of a function value. Its code has no stack arguments, so it pops only the return address.
            FlowControl::IndirectBranch => self.leave(index, state.rsp + WORD),
            FlowControl::Return if state.rsp == 0 => {
                let arguments = if instruction.op_count() == 1 { instruction.immediate16() } else { 0 };
                self.leave(index, WORD + i64::from(arguments));
            }
            FlowControl::Return => self.report(index, Rule::Unbalanced(state.rsp)),
            // `ud2` and `int3` end the execution.
            _ => {}
        }
    }

    fn call(&mut self, index: usize, state: State) {
        let after = match self.code.targets.get(&index).copied().unwrap_or(Callee::Unknown) {
            Callee::Unknown => return self.report(index, Rule::UnknownTarget),
            Callee::Thunk(MORESTACK) => return self.morestack(index, state),
            Callee::Thunk(name) if name == RuntimeFunction::MakeRoom.symbol() => {
                return self.room(index, state);
            }
            Callee::Thunk(name) => does_return(name).then_some(WORD),
            Callee::Green(callee) => self.known[callee],
        };
        if let Some(after) = after {
            self.reach(index + 1, State { rsp: state.rsp - WORD + after, ..state }, index);
        }
    }

    /// Handles the prologue's call that grows the stack. Shortly before the call is `mov $frame, %r10d`; after it is a
    /// `ret` of one byte, which the runtime skips when it returns. A grown stack has room for the frame and twice the
    /// reserve.
    fn morestack(&mut self, index: usize, state: State) {
        let instructions = &self.code.instructions;
        let is_size = |one: &&Instruction| {
            matches!(one.code(), Opcode::Mov_r32_imm32 | Opcode::Mov_r64_imm64 | Opcode::Mov_rm64_imm32)
                && one.op0_register().full_register() == Register::R10
        };
        let size = instructions[index.saturating_sub(2)..index].iter().find(is_size);
        let skipped = instructions.get(index + 1).is_some_and(|skipped| skipped.code() == Opcode::Retnq);
        match size {
            Some(size) if skipped => {
                let granted = state.rsp - size.immediate(1) as i64;
                self.reach(index + 2, State { granted: Some(granted), ..state }, index);
            }
            Some(_) | None => self.report(index, Rule::Morestack),
        }
    }

    /// Handles a call that makes room below `rsp`, in the reserve or above it. Before the call is `mov $bytes, %edi`.
    fn room(&mut self, index: usize, state: State) {
        let size = index.checked_sub(1).map(|before| &self.code.instructions[before]);
        let is_size =
            |one: &&Instruction| one.code() == Opcode::Mov_r32_imm32 && one.op0_register() == Register::EDI;
        match size.filter(is_size) {
            Some(size) => {
                let granted = state.rsp - size.immediate(1) as i64 + USABLE_RESERVE as i64;
                self.reach(index + 1, State { granted: Some(granted), ..state }, index);
            }
            None => self.report(index, Rule::Room),
        }
    }

    fn branch(&mut self, index: usize, state: State) {
        let enough = index.checked_sub(1).and_then(|compare| self.code.compares(compare));
        let checked =
            State { granted: enough.map_or(state.granted, |below| Some(state.rsp - below)), ..state };
        let (taken, next) = match self.code.instructions[index].mnemonic() {
            Mnemonic::Ja | Mnemonic::Jae => (checked, state),
            Mnemonic::Jb | Mnemonic::Jbe => (state, checked),
            _ => (state, state),
        };
        self.jump(index, taken);
        self.reach(index + 1, next, index);
    }

    /// Handles a jump, which is a tail call if it leaves the function.
    fn jump(&mut self, index: usize, state: State) {
        match (self.code.jump_inside(index), self.code.targets.get(&index).copied()) {
            (Some(target), _) => self.reach(target, state, index),
            (None, Some(Callee::Green(callee))) => {
                if let Some(after) = self.known[callee] {
                    self.leave(index, state.rsp + after);
                }
            }
            (None, Some(Callee::Thunk(name))) => {
                if does_return(name) {
                    self.leave(index, state.rsp + WORD);
                }
            }
            (None, Some(Callee::Unknown) | None) => self.report(index, Rule::UnknownTarget),
        }
    }

    /// Handles a return from the function, after which the caller's `rsp` has the depth `after`.
    fn leave(&mut self, index: usize, after: i64) {
        match self.flow.returns {
            Some(known) if known != after => self.report(index, Rule::Unbalanced(after - known)),
            Some(_) | None => self.flow.returns = Some(after),
        }
    }
}

/// The number of bytes that an instruction adds to `rsp`; 0 for calls, for returns, and for instructions that change
/// `rsp` against the rules.
pub(crate) fn moves_rsp(instruction: &Instruction) -> i64 {
    let constant = || instruction.immediate(1) as i64;
    let is_constant = instruction.op_count() == 2
        && instruction.op0_kind() == OpKind::Register
        && instruction.op0_register() == Register::RSP
        && !matches!(instruction.op1_kind(), OpKind::Register | OpKind::Memory);
    match instruction.mnemonic() {
        Mnemonic::Push | Mnemonic::Pop => i64::from(instruction.stack_pointer_increment()),
        Mnemonic::Add if is_constant => constant(),
        Mnemonic::Sub if is_constant => -constant(),
        Mnemonic::Lea if instruction.op0_register() == Register::RSP => {
            instruction.memory_displacement64() as i64
        }
        _ => 0,
    }
}

/// Whether a thunk returns. Unknown thunks are assumed to return.
pub(crate) fn does_return(thunk: &str) -> bool {
    let named = |function: &&RuntimeFunction| function.symbol() == thunk;
    RuntimeFunction::ALL.iter().find(named).is_none_or(|function| function.result() != AbiType::Never)
}
