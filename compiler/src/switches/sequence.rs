//! The instructions of a switch in the order in which they run, each with its role and its effects on the stacks.

use std::collections::{BTreeMap, BTreeSet};

use iced_x86::{FlowControl, Instruction, Mnemonic};

use super::model::{self, Effect, Role, Side, Slot};
use super::names::{self, Names};
use super::roles::{Walk, foreign_role, restoring, role, saving};
use super::sites::{Form, Site, Word};
use super::stack::foreign;
use super::unit::Unit;
use crate::stack_verifier::code::WORD;
use crate::stack_verifier::flow::moves_rsp;

/// The most instructions before the switch, in the same block, that are shown as its preparation.
const PREPARATION: usize = 3;

/// The description of the call of a switch.
const CALL: &str = "calls the switch; pushes the return address";

/// A writer of the sequence of one point.
pub(super) struct Sequence<'s, 'a> {
    pub(super) unit: &'s Unit<'a>,
    pub(super) names: &'s Names<'s>,
    pub(super) site: &'s Site,
    pub(super) slots: &'s [Slot],
    /// The depth of each slot.
    pub(super) depths: &'s [i64],
    out: Vec<model::Instruction>,
    /// The function and index of the last instruction.
    last: Option<(usize, usize)>,
}

impl<'s, 'a> Sequence<'s, 'a> {
    /// The instructions of a point, whose slots and their depths are known.
    pub(super) fn of(
        unit: &'s Unit<'a>,
        names: &'s Names<'s>,
        site: &'s Site,
        slots: &'s [Slot],
        depths: &'s [i64],
    ) -> Vec<model::Instruction> {
        let mut sequence = Sequence { unit, names, site, slots, depths, out: Vec::new(), last: None };
        sequence.before();
        sequence.switch();
        sequence.after();
        sequence.out
    }

    /// The slot at a depth.
    fn slot(&self, depth: i64) -> Option<&'s Slot> {
        let at = self
            .depths
            .iter()
            .zip(self.slots)
            .find(|(from, slot)| (**from..**from + i64::from(slot.size)).contains(&depth));
        at.map(|(_, slot)| slot)
    }

    fn effect(&self, action: &str, side: Side, depth: i64) -> Vec<Effect> {
        let slot = self.slot(depth);
        let effect = |slot: &Slot| Effect { action: action.to_owned(), side, slot: slot.id };
        slot.map(effect).into_iter().collect()
    }

    /// Adds an instruction of a function of green code.
    fn push(
        &mut self,
        function: usize,
        index: usize,
        role: Role,
        about: String,
        side: Side,
        effects: Vec<Effect>,
    ) {
        let code = &self.unit.green[function];
        let chain = self.unit.chain(function, index);
        let own = chain.iter().find(|at| self.names.is_own(at));
        let is_other = function != self.site.function;
        let gap = self.last.is_some_and(|(last, at)| last == function && at + 1 != index);
        self.out.push(model::Instruction {
            address: code.instructions[index].ip() - code.function.place.1,
            symbol: is_other.then(|| code.function.name.to_owned()),
            text: self.unit.text(function, index),
            role,
            about,
            stack: side,
            gap,
            place: chain.first().map(names::place).filter(|_| !is_other),
            line: own.map(|at| at.line).filter(|_| !is_other),
            effects,
        });
        self.last = Some((function, index));
    }

    /// The live slots of the frame, by depth.
    fn live(&self) -> Vec<(i64, &'s Slot)> {
        let all = self.depths.iter().copied().zip(self.slots);
        all.filter(|(_, slot)| slot.saved && !slot.pushed).collect()
    }

    /// The stores of live values, and the last instructions before the switch.
    fn before(&mut self) {
        let (function, first) = (self.site.function, self.site.first);
        let mut saves: BTreeMap<usize, i64> = BTreeMap::new();
        for (depth, _) in self.live() {
            let stores = names::stores(self.unit, self.site, depth);
            // The last one before the switch stands for all.
            let last = stores.range(..first).next_back().or(stores.last());
            saves.extend(last.map(|&index| (index, depth)));
        }
        let block = self.block_start(first);
        let far: BTreeSet<usize> = saves.keys().copied().filter(|&index| index < block).collect();
        let near = (block.max(first.saturating_sub(PREPARATION))..first).collect::<BTreeSet<usize>>();
        let in_block = saves.keys().copied().filter(|&index| (block..first).contains(&index));
        let shown: BTreeSet<usize> = far.into_iter().chain(near).chain(in_block).collect();
        for index in shown {
            match saves.get(&index) {
                Some(&depth) => {
                    let name = self.slot(depth).map_or_else(String::new, title);
                    let effects = self.effect("store", Side::Left, depth);
                    self.push(function, index, Role::SaveValue, format!("saves {name}"), Side::Left, effects);
                }
                None => self.push(function, index, Role::Work, String::new(), Side::Left, Vec::new()),
            }
        }
    }

    /// The first instruction of the block that contains the instruction `index`.
    fn block_start(&self, mut index: usize) -> usize {
        let frame = self.unit.frame(self.site.function);
        while let [before] = frame.before(index)[..] {
            let control = self.unit.green[self.site.function].instructions[before].flow_control();
            if before + 1 != index || control != FlowControl::Next {
                break;
            }
            index = before;
        }
        index
    }

    /// The loads of live values after the switch.
    fn after(&mut self) {
        let function = self.site.function;
        let mut loads: BTreeMap<usize, i64> = BTreeMap::new();
        for (depth, _) in self.live() {
            let found = names::loads(self.unit, self.site, depth);
            // The first one behind the switch stands for all.
            let first = found.range(self.site.after..).next().or(found.first());
            loads.extend(first.map(|&index| (index, depth)));
        }
        let (later, earlier): (Vec<_>, Vec<_>) =
            loads.into_iter().partition(|(at, _)| *at >= self.site.after);
        for (index, depth) in later.into_iter().chain(earlier) {
            let name = self.slot(depth).map_or_else(String::new, title);
            let effects = self.effect("load", Side::Resumed, depth);
            self.push(function, index, Role::Reload, format!("reads {name}"), Side::Resumed, effects);
        }
    }

    fn switch(&mut self) {
        let site = self.site;
        let below = site.depth - WORD;
        match &site.form {
            Form::Inline(_) => self.inline(site, site.depth),
            Form::Call(callee) => {
                let about = match *callee {
                    Some(callee) => format!("calls `{}`", self.unit.name(callee)),
                    None => "calls a function value".to_owned(),
                };
                self.call(site, below, format!("{about}; pushes the return address"));
            }
            Form::Stub(callee) => {
                self.call(site, below, CALL.to_owned());
                self.inside(*callee, below);
            }
            Form::Foreign(symbol) => {
                self.call(site, below, CALL.to_owned());
                self.foreign(symbol, below);
            }
        }
    }

    fn call(&mut self, site: &Site, depth: i64, about: String) {
        let effects = self.effect("push", Side::Left, depth);
        self.push(site.function, site.first, Role::Call, about, Side::Left, effects);
    }

    /// The instructions of an inline switch; `depth` is that of `rsp` before it.
    fn inline(&mut self, site: &Site, depth: i64) {
        let code = &self.unit.green[site.function];
        let waits = matches!(&site.form, Form::Inline(words) if words.contains(&Word::Waker));
        let mut walk = Walk::new(depth);
        for index in site.first..=site.last {
            self.step(&mut walk, site.function, index, &code.instructions[index]);
        }
        let mut at = self.unit.flows[site.function].states[site.resume].map_or(0, |state| state.rsp)
            - site.depth
            + depth;
        for index in site.resume..site.after {
            let instruction = &code.instructions[index];
            let effects = self.effect(
                if instruction.mnemonic() == Mnemonic::Pop { "pop" } else { "drop" },
                Side::Resumed,
                at,
            );
            let about = match (instruction.mnemonic(), index == site.resume && waits) {
                (Mnemonic::Pop, true) => "takes the waker's word",
                (Mnemonic::Pop, false) => "takes a word of the value",
                _ => "drops the words of the value",
            };
            self.push(site.function, index, Role::TakeMailbox, about.to_owned(), Side::Resumed, effects);
            at += moves_rsp(instruction);
        }
    }

    /// Adds an instruction of an inline switch.
    fn step(&mut self, walk: &mut Walk, function: usize, index: usize, instruction: &Instruction) {
        let moved = moves_rsp(instruction);
        let (role, about) = role(walk, instruction);
        let effects = match moved {
            ..0 => self.effect("push", walk.side, walk.depth + moved),
            1.. => self.effect("pop", walk.side, walk.depth),
            0 => Vec::new(),
        };
        self.push(function, index, role, about.to_owned(), walk.side, effects);
        walk.depth += moved;
        if role == Role::Enter {
            walk.side = Side::Entered;
            walk.depth = self.depths.last().copied().unwrap_or(walk.depth);
        }
    }

    /// The instructions of a function that switches for its caller.
    fn inside(&mut self, callee: usize, entry: i64) {
        let unit = self.unit;
        let Some(site) = unit.sites.inside(callee) else { return };
        for index in self.path(callee, site.first) {
            let instruction = &unit.green[callee].instructions[index];
            let at = entry + self.depth(callee, index);
            let (role, about) = saving(instruction);
            let effects = match (role, moves_rsp(instruction)) {
                (Role::SaveRegister, 0) => self.effect("store", Side::Left, at),
                (Role::SaveRegister, moved) => self.effect("push", Side::Left, at + moved),
                _ => Vec::new(),
            };
            self.push(callee, index, role, about, Side::Left, effects);
        }
        let below = entry + site.depth - WORD;
        match &site.form {
            Form::Inline(_) => self.inline(site, entry + site.depth),
            Form::Stub(inner) => {
                self.call(site, below, CALL.to_owned());
                self.inside(*inner, below);
            }
            Form::Foreign(symbol) => {
                self.call(site, below, CALL.to_owned());
                self.foreign(symbol, below);
            }
            Form::Call(_) => {}
        }
        self.back(callee, site.after, entry);
    }

    /// The instructions of such a function after its switch, up to its return.
    fn back(&mut self, callee: usize, after: usize, entry: i64) {
        let unit = self.unit;
        let all = &unit.green[callee].instructions;
        let goes_on = |at: &usize| {
            matches!(
                all[*at].flow_control(),
                FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall
            )
        };
        let end = (after..all.len()).find(|at| !goes_on(at)).unwrap_or(after);
        for (index, instruction) in all.iter().enumerate().take(end + 1).skip(after) {
            let depth = self.depth(callee, index);
            let (role, about) = match instruction.mnemonic() {
                _ if index == end => (Role::Return, "returns"),
                Mnemonic::Pop if depth == 0 => (Role::Return, "pops the return address"),
                _ => restoring(instruction),
            };
            let effects = match instruction.mnemonic() {
                Mnemonic::Pop | Mnemonic::Ret => self.effect("pop", Side::Resumed, entry + depth),
                Mnemonic::Ldmxcsr | Mnemonic::Fldcw => self.effect("load", Side::Resumed, entry + depth),
                _ if moves_rsp(instruction) > 0 => self.effect("drop", Side::Resumed, entry + depth),
                _ => Vec::new(),
            };
            self.push(callee, index, role, about.to_owned(), Side::Resumed, effects);
        }
    }

    /// The depth of `rsp` before an instruction of a function.
    fn depth(&self, function: usize, index: usize) -> i64 {
        self.unit.flows[function].states[index].map_or(0, |state| state.rsp)
    }

    /// The instructions before the switch of such a function that are shown: those that push, and the last ones.
    fn path(&self, callee: usize, first: usize) -> Vec<usize> {
        let all = &self.unit.green[callee].instructions;
        let pushes = |&index: &usize| {
            moves_rsp(&all[index]) < 0
                || matches!(all[index].mnemonic(), Mnemonic::Stmxcsr | Mnemonic::Fnstcw)
        };
        let near = first.saturating_sub(PREPARATION);
        (0..first).filter(|index| *index >= near || pushes(index)).collect()
    }

    /// The instructions of a stub that calls libc.
    fn foreign(&mut self, symbol: &str, entry: i64) {
        let parts = foreign(self.unit, symbol);
        for (number, part) in parts.iter().enumerate() {
            let mut walk = Walk::new(entry);
            for (index, instruction) in part.instructions.iter().enumerate() {
                let text = match parts.get(number + 1).filter(|_| instruction.is_jmp_short_or_near()) {
                    Some(next) => format!("jmp {}", next.symbol),
                    None => self.unit.foreign_text(instruction, part),
                };
                let moved = moves_rsp(instruction);
                walk.depth = entry + part.depths[index];
                let (role, about) = foreign_role(&mut walk, instruction, &text);
                let effects = match moved {
                    ..0 => self.effect("push", walk.side, walk.depth + moved),
                    1.. => self.effect("drop", walk.side, walk.depth),
                    0 => Vec::new(),
                };
                self.out.push(model::Instruction {
                    address: instruction.ip() - part.instructions[0].ip(),
                    symbol: Some(part.symbol.clone()),
                    text,
                    role,
                    about: about.to_owned(),
                    stack: walk.side,
                    gap: false,
                    place: None,
                    line: None,
                    effects,
                });
                if instruction.mnemonic() == Mnemonic::Call {
                    walk.side = Side::Resumed;
                }
                if walk.side == Side::Resumed && instruction.flow_control() == FlowControl::IndirectBranch {
                    break;
                }
            }
        }
        self.last = None;
    }
}

/// The name of a slot in a sentence.
pub(super) fn title(slot: &Slot) -> String {
    match slot.name.split_once(" (").filter(|_| slot.named) {
        Some((name, part)) => format!("`{name}` ({part}"),
        None if slot.named => format!("`{}`", slot.name),
        None => slot.name.clone(),
    }
}
