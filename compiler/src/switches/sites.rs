//! Yield points in machine code: inline switches, calls of code that switches, and calls of functions that may yield.

use std::collections::HashMap;

use iced_x86::{Code as Opcode, FlowControl, Instruction, Mnemonic, OpKind, Register};
use weft_abi::layout::{PROGRAM_PREFIX, SHARED_SUFFIX};

use crate::stack_verifier::code::{Callee, Code, Switch, WORD, is_limit};
use crate::stack_verifier::flow::{Flow, moves_rsp};

/// The registers of the words of a mailbox, in order: in an inline switch, and in the stubs of two conventions.
const MAILBOXES: [[Register; 4]; 3] = [
    [Register::R8, Register::R9, Register::R10, Register::R11],
    [Register::R15, Register::RDI, Register::RSI, Register::RAX],
    [Register::RCX, Register::R8, Register::R9, Register::RAX],
];

/// A yield point in a function.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The number of the function.
    pub(super) function: usize,
    /// The first instruction of the switch's own code; for a call, the call.
    pub(super) first: usize,
    /// The last instruction before the thread is suspended: the jump of an inline switch, or the call.
    pub(super) last: usize,
    /// The instruction at which the function goes on, and the first one after the mailbox is taken.
    pub(super) resume: usize,
    pub(super) after: usize,
    /// The depth of `rsp` before the switch's own code.
    pub(super) depth: i64,
    pub(super) form: Form,
}

/// The form of a point's code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// An inline switch that pushes these words, from the highest address to the lowest.
    Inline(Vec<Word>),
    /// A call of a function of green code that switches for its caller: a stub or an outlined copy.
    Stub(usize),
    /// A call of code that is no function, by its symbol: a stub that calls libc.
    Foreign(String),
    /// A call of a function that may yield; `None` for a function value.
    Call(Option<usize>),
}

/// A word that a switch pushes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    /// A word of a value that the thread offers, or room for one.
    Value,
    /// Room for the waker's word.
    Waker,
    Limit,
    Resume,
}

/// The points of all functions, by function and address.
pub(super) struct Sites {
    pub(super) all: Vec<Site>,
    /// The switch of each function that switches for its caller.
    shared: HashMap<usize, Site>,
}

impl Sites {
    /// Finds the points of all functions.
    pub(super) fn of(green: &[Code<'_>], flows: &[Flow]) -> Sites {
        let yields = may_yield(green);
        let mut sites = Sites { all: Vec::new(), shared: HashMap::new() };
        // A stub may be called by an outlined copy, so the functions that switch for their callers come first.
        let is_shared = |number: &usize| green[*number].function.name.ends_with(SHARED_SUFFIX);
        let (shared, others): (Vec<usize>, Vec<usize>) = (0..green.len()).partition(is_shared);
        for _ in 0..2 {
            for &number in &shared {
                let found = sites.of_function(green, flows, &yields, number);
                if let Some(site) = found.into_iter().find(|site| !matches!(site.form, Form::Call(_))) {
                    sites.shared.insert(number, site);
                }
            }
        }
        for number in others {
            let found = sites.of_function(green, flows, &yields, number);
            sites.all.extend(found);
        }
        sites
    }

    /// The point inside a function that switches for its caller.
    pub(super) fn inside(&self, function: usize) -> Option<&Site> {
        self.shared.get(&function)
    }

    fn of_function(&self, green: &[Code<'_>], flows: &[Flow], yields: &[bool], number: usize) -> Vec<Site> {
        let (code, flow) = (&green[number], &flows[number]);
        let mut sites: Vec<Site> =
            code.switches.iter().filter_map(|switch| inline(code, flow, number, switch)).collect();
        for (index, instruction) in code.instructions.iter().enumerate() {
            let Some(state) = flow.states[index] else { continue };
            let form = match (instruction.flow_control(), code.targets.get(&index)) {
                (FlowControl::IndirectCall, _) => Form::Call(None),
                (FlowControl::Call, Some(Callee::Green(callee))) if self.shared.contains_key(callee) => {
                    Form::Stub(*callee)
                }
                (FlowControl::Call, Some(Callee::Green(callee))) if yields[*callee] => {
                    Form::Call(Some(*callee))
                }
                (FlowControl::Call, Some(Callee::Thunk(name))) if is_foreign_stub(name) => {
                    Form::Foreign((*name).to_owned())
                }
                _ => continue,
            };
            let after = index + 1;
            // A call that never returns keeps nothing.
            if flow.states.get(after).copied().flatten().is_none() {
                continue;
            }
            let (first, last) = (index, index);
            sites.push(Site { function: number, first, last, resume: after, after, depth: state.rsp, form });
        }
        sites.sort_by_key(|site| site.first);
        sites
    }
}

/// Whether a symbol is a stub that is no function.
pub(super) fn is_foreign_stub(name: &str) -> bool {
    name.starts_with(PROGRAM_PREFIX) && name.ends_with(SHARED_SUFFIX)
}

/// The functions that may switch before they return.
fn may_yield(green: &[Code<'_>]) -> Vec<bool> {
    let mut yields: Vec<bool> = green
        .iter()
        .map(|code| {
            let saves = code.switches.iter().any(|switch| switch.save.is_some());
            let calls = |index: usize| match code.targets.get(&index) {
                Some(Callee::Thunk(name)) => is_foreign_stub(name),
                Some(Callee::Green(_) | Callee::Unknown) => false,
                None => {
                    let control = code.instructions[index].flow_control();
                    control == FlowControl::IndirectCall
                        || (control == FlowControl::IndirectBranch && is_tail_call(code, index))
                }
            };
            saves || (0..code.instructions.len()).any(calls)
        })
        .collect();
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for (number, code) in green.iter().enumerate().rev() {
            let calls = |callee: &Callee<'_>| matches!(callee, Callee::Green(callee) if yields[*callee]);
            if !yields[number] && code.targets.values().any(calls) {
                yields[number] = true;
                changed = true;
            }
        }
    }
    yields
}

/// Whether a jump through a register calls a function value, in place of a call and a return.
fn is_tail_call(code: &Code<'_>, index: usize) -> bool {
    let is_switch = index.checked_sub(1).is_some_and(|before| {
        (before.saturating_sub(3)..=before)
            .any(|at| code.switches.binary_search_by_key(&at, |switch| switch.load).is_ok())
    });
    !is_switch && !code.uses_table(index) && !code.returns_by_jump(index)
}

/// The point of a switch that is part of the function.
fn inline(code: &Code<'_>, flow: &Flow, function: usize, switch: &Switch) -> Option<Site> {
    let save = switch.save?;
    flow.states[switch.load]?;
    let all = &code.instructions;
    let mut words = vec![Word::Resume];
    let mut first = save.at - 2;
    if save.pushed == 2 * WORD {
        words.push(Word::Limit);
        first -= 2;
        let releases = all[save.at + 1].code() == Opcode::Mov_rm32_imm32;
        if releases {
            let values = mailbox(&all[..first]);
            words.push(Word::Waker);
            words.extend(std::iter::repeat_n(Word::Value, values));
            first -= 1 + values;
        }
    } else {
        first = continuation_start(all, first);
    }
    words.reverse();
    let depth = flow.states[first]?.rsp;
    let mut after = save.resume;
    // The mailbox is taken by `popq %rax` and a pop for each word, or an addition that skips the words.
    while flow.states[after]?.rsp < depth && moves_rsp(&all[after]) > 0 {
        after += 1;
    }
    let last = (switch.load..).find(|&at| all[at].flow_control() != FlowControl::Next)?;
    let form = Form::Inline(words);
    Some(Site { function, first, last, resume: save.resume, after, depth, form })
}

/// The number of words of a value in a mailbox whose pushes end the instructions: before the push for the waker's word,
/// either pushes of zero, or pushes of the registers of the words, the last word first.
fn mailbox(before: &[Instruction]) -> usize {
    let Some((_, before)) = before.split_last() else { return 0 };
    let is_zero = |push: &Instruction| {
        push.mnemonic() == Mnemonic::Push && push.op0_kind() != OpKind::Register && push.immediate(0) == 0
    };
    let zeros = before.iter().rev().take_while(|push| is_zero(push)).count();
    if zeros > 0 {
        return zeros.min(MAILBOXES[0].len());
    }
    let is_word = |(push, register): &(&Instruction, Register)| {
        push.mnemonic() == Mnemonic::Push
            && push.op0_kind() == OpKind::Register
            && push.op0_register() == *register
    };
    let words = MAILBOXES.map(|registers| before.iter().rev().zip(registers).take_while(is_word).count());
    words.into_iter().max().unwrap_or(0)
}

/// The first instruction of the switch of a continuation: before the resume address is computed, a resumption checks
/// for requests and sets the limit.
fn continuation_start(all: &[Instruction], address: usize) -> usize {
    let Some(set) = address.checked_sub(1).filter(|&set| sets_limit(&all[set])) else { return address };
    let checks = set.checked_sub(3).filter(|&start| {
        let [worker, compare, jump] = [&all[start], &all[start + 1], &all[start + 2]];
        worker.segment_prefix() == Register::FS
            && compare.mnemonic() == Mnemonic::Cmp
            && jump.mnemonic() == Mnemonic::Jne
    });
    checks.unwrap_or(set)
}

/// Whether the instruction stores a register into the word of the stack limit.
pub(super) fn sets_limit(instruction: &Instruction) -> bool {
    instruction.code() == Opcode::Mov_rm64_r64 && is_limit(instruction)
}
