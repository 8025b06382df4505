//! The stack of a suspended thread at a point: the live bytes of the frame, and the words that the switch pushes.

use iced_x86::{Instruction, Mnemonic, OpKind, Register};

use super::sites::{Form, Site, Word};
use super::unit::{Foreign, Unit, text};
use crate::stack_verifier::code::{WORD, is_limit};
use crate::stack_verifier::flow::moves_rsp;

/// A part of the stack; depths are those of the function that contains the point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cell {
    pub(super) depth: i64,
    pub(super) size: i64,
    pub(super) content: Content,
    pub(super) pushed: bool,
}

/// The content of some bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// A live value; the name is found later.
    Live,
    /// Nothing that is read again.
    Free,
    /// A value in the frame of an outlined copy.
    Inner,
    /// A register that a stub saves.
    Register(String),
    Limit,
    Resume,
    Return,
    Waker,
    Value,
    ControlWords,
    Context,
}

/// The content of the stack of a thread that is suspended at a point, from the highest address down.
pub(super) fn cells(unit: &Unit<'_>, site: &Site) -> Vec<Cell> {
    let mut cells = frame(unit, site);
    let mut depth = site.depth;
    let mut push = |size: i64, content: Content| {
        depth -= size;
        cells.push(Cell { depth, size, content, pushed: true });
    };
    match &site.form {
        Form::Inline(words) => words.iter().for_each(|&word| push(WORD, content(word))),
        Form::Call(_) => push(WORD, Content::Return),
        Form::Stub(callee) => {
            push(WORD, Content::Return);
            for cell in inside(unit, *callee) {
                push(cell.size, cell.content);
            }
        }
        Form::Foreign(symbol) => {
            push(WORD, Content::Return);
            for (size, content) in foreign_cells(unit, symbol) {
                push(size, content);
            }
        }
    }
    cells
}

fn content(word: Word) -> Content {
    match word {
        Word::Value => Content::Value,
        Word::Waker => Content::Waker,
        Word::Limit => Content::Limit,
        Word::Resume => Content::Resume,
    }
}

/// The stack arguments and the frame of the function that contains a point.
fn frame(unit: &Unit<'_>, site: &Site) -> Vec<Cell> {
    let ranges = unit.frame(site.function).live(site.after, site.depth);
    let mut cells: Vec<Cell> = Vec::new();
    let free = |from: i64, to: i64, cells: &mut Vec<Cell>| {
        // The return address lies between the arguments and the frame.
        for (from, to) in [(from.max(WORD), to), (from, to.min(0))] {
            if from < to {
                cells.push(Cell { depth: from, size: to - from, content: Content::Free, pushed: false });
            }
        }
    };
    let top = ranges.last().map_or(0, |last| last.1.max(0));
    let mut above = top;
    for &(from, to) in ranges.iter().rev() {
        free(to, above, &mut cells);
        cells.push(Cell { depth: from, size: to - from, content: Content::Live, pushed: false });
        above = from;
    }
    free(site.depth, above, &mut cells);
    cells
}

/// The words of a function that switches for its caller: its frame, and what its switch pushes.
fn inside(unit: &Unit<'_>, callee: usize) -> Vec<Cell> {
    let Some(site) = unit.sites.inside(callee) else { return Vec::new() };
    let code = &unit.green[callee];
    let saved = |depth: i64| {
        let pushes = |index: &usize| {
            let state = unit.flows[callee].states[*index];
            let push = &code.instructions[*index];
            push.mnemonic() == Mnemonic::Push
                && push.op0_kind() == OpKind::Register
                && state.is_some_and(|state| state.rsp - WORD == depth)
        };
        (0..site.first).find(pushes).map(|index| register(code.instructions[index].op0_register()))
    };
    let content = |depth: i64| saved(depth).map_or(Content::Inner, Content::Register);
    let mut cells = Vec::new();
    for cell in self::cells(unit, site) {
        let is_frame = !cell.pushed;
        match cell.content {
            // Control words are stored by their own instructions, each to a part of a word.
            Content::Live if is_frame && cell.size < WORD => match cells.last_mut() {
                Some(Cell { content: Content::ControlWords, size, .. }) => *size += cell.size,
                _ => cells.push(Cell { content: Content::ControlWords, ..cell }),
            },
            Content::Live => {
                let content = content(cell.depth);
                cells.push(Cell { content, ..cell });
            }
            Content::Free if cell.size < WORD => match cells.last_mut() {
                Some(Cell { content: Content::ControlWords, size, .. }) => *size += cell.size,
                _ => cells.push(Cell { content: Content::ControlWords, ..cell }),
            },
            _ => cells.push(cell),
        }
    }
    cells
}

/// The name of a register in AT&T syntax.
pub(super) fn register(register: Register) -> String {
    format!("%{register:?}").to_lowercase()
}

/// Decodes a stub that is no function: a few instructions, then a jump to the code that all such stubs share.
pub(super) fn foreign(unit: &Unit<'_>, symbol: &str) -> Vec<Foreign> {
    let mut parts = Vec::new();
    let mut next = Some(symbol.to_owned());
    let mut depth = 0;
    while let Some(code) = next.take().and_then(|name| unit.image.code(&name)) {
        let decoder =
            iced_x86::Decoder::with_ip(64, code.bytes, code.place.1, iced_x86::DecoderOptions::NONE);
        let instructions: Vec<Instruction> = decoder.into_iter().collect();
        let mut depths = Vec::new();
        for instruction in &instructions {
            depths.push(depth);
            depth += moves_rsp(instruction);
        }
        let saves = |one: &Instruction| {
            one.mnemonic() == Mnemonic::Mov
                && one.op0_kind() == OpKind::Memory
                && one.op1_kind() == OpKind::Register
                && one.op1_register() == Register::RSP
        };
        let save = instructions.iter().position(saves);
        if save.is_none() && instructions.last().is_some_and(Instruction::is_jmp_short_or_near) {
            let jump = instructions.last().expect("BUG: just seen");
            next = match unit.image.target(code.place.0, jump) {
                crate::stack_verifier::image::Target::Thunk(name) => Some(name.to_owned()),
                crate::stack_verifier::image::Target::Function(function) => Some(function.name.to_owned()),
                crate::stack_verifier::image::Target::Place(_) => None,
            };
            depth = 0;
        }
        let save = save.unwrap_or(instructions.len() - 1);
        let (symbol, section) = (code.name.to_owned(), code.place.0);
        parts.push(Foreign { symbol, section, instructions, depths, save });
    }
    parts
}

/// The words below the return address that such a stub pushes until it stores `rsp`.
fn foreign_cells(unit: &Unit<'_>, symbol: &str) -> Vec<(i64, Content)> {
    let Some(part) = foreign(unit, symbol).pop() else { return Vec::new() };
    let mut cells = Vec::new();
    let mut limit = false;
    let mut address = false;
    for instruction in &part.instructions[..part.save] {
        let moved = -moves_rsp(instruction);
        let line = text(instruction, 0);
        limit |= instruction.mnemonic() == Mnemonic::Mov && is_limit(instruction);
        address |= line.starts_with("lea") && line.contains("%rip");
        let content = match instruction.mnemonic() {
            _ if moved <= 0 => continue,
            Mnemonic::Sub if moved > WORD => Content::Context,
            Mnemonic::Sub => Content::Value,
            _ if address => Content::Resume,
            _ if limit => Content::Limit,
            _ if instruction.op0_kind() != OpKind::Register => Content::Waker,
            _ => Content::Value,
        };
        cells.push((moved, content));
    }
    cells
}
