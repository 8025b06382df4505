//! A compiled program under examination: its decoded functions, its debug information, and the frames of its functions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use iced_x86::{Formatter, GasFormatter, Instruction, InstructionInfoFactory, OpAccess, Register};

use object::SectionIndex;
use weft_abi::layout::PROGRAM_PREFIX;

use super::dwarf::{self, DebugInfo, Position, Where};
use super::frames::Frame;
use super::sites::Sites;
use crate::stack_verifier::code::{self, Callee, Code};
use crate::stack_verifier::flow::{self, Flow};
use crate::stack_verifier::image::{Image, Target};

/// A compiled program.
pub(super) struct Unit<'a> {
    pub(super) image: Image<'a>,
    pub(super) green: Vec<Code<'a>>,
    pub(super) flows: Vec<Flow>,
    pub(super) sites: Sites,
    debug: DebugInfo,
    /// The object that describes variables, if it is another one.
    variables: Option<Box<Unit<'a>>>,
    frames: RefCell<HashMap<usize, Rc<Frame>>>,
    factory: RefCell<InstructionInfoFactory>,
}

impl<'a> Unit<'a> {
    /// Reads an object file. At `-O0` LLVM's choice of instructions may depend on whether variables are described, so
    /// `described` is a second object, with variables: a function whose code is the same there has the same variables.
    pub(super) fn read(object: &'a [u8], described: Option<&'a [u8]>) -> Result<Unit<'a>, String> {
        let image = Image::read(object)?;
        let green = code::green(&image);
        let flows = flow::of_all(&green, &mut Vec::new());
        let sites = Sites::of(&green, &flows);
        let debug = DebugInfo::read(object)?;
        let variables = described.map(|object| Unit::read(object, None)).transpose()?.map(Box::new);
        let factory = RefCell::new(InstructionInfoFactory::new());
        Ok(Unit { image, green, flows, sites, debug, variables, frames: RefCell::default(), factory })
    }

    /// The frame of a function.
    pub(super) fn frame(&self, function: usize) -> Rc<Frame> {
        let known = self.frames.borrow().get(&function).cloned();
        known.unwrap_or_else(|| {
            let factory = &mut self.factory.borrow_mut();
            let frame = Rc::new(Frame::of(&self.image, &self.green, &self.flows, function, factory));
            self.frames.borrow_mut().insert(function, Rc::clone(&frame));
            frame
        })
    }

    /// The name of a function in the program, without the prefix of its symbol.
    pub(super) fn name(&self, function: usize) -> &'a str {
        let symbol = self.green[function].function.name;
        symbol.strip_prefix(PROGRAM_PREFIX).unwrap_or(symbol)
    }

    /// The places that an instruction comes from, the innermost first.
    pub(super) fn chain(&self, function: usize, index: usize) -> Vec<Position> {
        self.debug.chain(self.address(function, index))
    }

    fn address(&self, function: usize, index: usize) -> u64 {
        let code = &self.green[function];
        dwarf::address(code.function.place.0, code.instructions[index].ip())
    }

    /// The variables at an instruction, and where they are; in the stack at a depth.
    pub(super) fn variables(&self, function: usize, index: usize) -> Vec<(String, Where)> {
        let Some(state) = self.flows[function].states[index] else { return Vec::new() };
        let at = |unit: &Unit<'_>, function| {
            let found = unit.debug.variables(unit.address(function, index)).into_iter();
            let place = |place| match place {
                Where::Stack(offset) => Where::Stack(state.rsp + offset),
                Where::Register(_) => place,
            };
            found.map(|(name, at)| (name.to_owned(), place(at))).collect()
        };
        let Some(other) = &self.variables else { return at(self, function) };
        let name = self.green[function].function.name;
        let same = other.green.iter().position(|code| code.function.name == name);
        let same = same.filter(|&same| self.is_same(function, other, same));
        same.map_or_else(Vec::new, |same| at(other, same))
    }

    /// Whether a function has the same instructions in another object, apart from addresses.
    fn is_same(&self, function: usize, other: &Unit<'_>, same: usize) -> bool {
        let (one, two) = (&self.green[function], &other.green[same]);
        let base = |code: &Code<'_>| code.function.place.1;
        one.instructions.len() == two.instructions.len()
            && one.instructions.iter().zip(&two.instructions).all(|(first, second)| {
                let begin = |code: &Code<'_>, instruction: &Instruction| instruction.ip() - base(code);
                first.code() == second.code()
                    && begin(one, first) == begin(two, second)
                    && first.memory_base() == second.memory_base()
                    && first.op0_kind() == second.op0_kind()
                    && first.op_register(0) == second.op_register(0)
                    && (first.memory_base() == Register::RIP
                        || first.memory_displacement64() == second.memory_displacement64())
            })
    }

    /// Whether an instruction of a function writes to a register.
    pub(super) fn writes(&self, function: usize, index: usize, register: Register) -> bool {
        let mut factory = self.factory.borrow_mut();
        let info = factory.info(&self.green[function].instructions[index]);
        info.used_registers().iter().any(|used| {
            used.register().full_register() == register
                && !matches!(used.access(), OpAccess::Read | OpAccess::CondRead | OpAccess::NoMemAccess)
        })
    }

    /// The text of an instruction of code that is no function, with the name of the function that it calls.
    pub(super) fn foreign_text(&self, instruction: &Instruction, code: &Foreign) -> String {
        let plain = text(instruction, code.instructions[0].ip());
        match self.image.target(code.section, instruction) {
            Target::Thunk(name) if instruction.is_call_near_indirect() => {
                format!("callq *{name}@GOTPCREL(%rip)")
            }
            _ => plain,
        }
    }

    /// The text of an instruction, with the names of the functions that it calls.
    pub(super) fn text(&self, function: usize, index: usize) -> String {
        let code = &self.green[function];
        let instruction = &code.instructions[index];
        let target = code.targets.get(&index).map(|callee| match *callee {
            Callee::Green(callee) => self.green[callee].function.name,
            Callee::Thunk(name) => name,
            Callee::Unknown => "?",
        });
        match target {
            Some(name) => format!("{} {name}", if instruction.is_call_near() { "callq" } else { "jmp" }),
            None => text(instruction, code.function.place.1),
        }
    }
}

/// Code that is no function, such as the stub that calls libc: instructions with the depth before each.
pub(super) struct Foreign {
    pub(super) symbol: String,
    pub(super) section: SectionIndex,
    pub(super) instructions: Vec<Instruction>,
    pub(super) depths: Vec<i64>,
    /// The instruction that stores `rsp`.
    pub(super) save: usize,
}

/// The text of an instruction in AT&T syntax, as LLVM writes it. Addresses of code are relative to `base`.
pub(super) fn text(instruction: &Instruction, base: u64) -> String {
    let mut formatter = GasFormatter::new();
    let options = formatter.options_mut();
    options.set_gas_show_mnemonic_size_suffix(true);
    options.set_rip_relative_addresses(true);
    options.set_branch_leading_zeros(false);
    options.set_small_hex_numbers_in_decimal(true);
    options.set_number_base(iced_x86::NumberBase::Decimal);
    options.set_space_after_operand_separator(true);
    options.set_show_branch_size(false);
    let mut text = String::new();
    if instruction.is_jmp_short_or_near() || instruction.is_jcc_short_or_near() {
        let mnemonic = format!("{:?}", instruction.mnemonic()).to_lowercase();
        return format!("{mnemonic} +{}", instruction.near_branch_target().wrapping_sub(base));
    }
    formatter.format(instruction, &mut text);
    // The only word of the thread-local storage at an address that the linker fills in is the worker.
    let text = text.replace("%fs:0,", "%fs:weft_worker@tpoff,");
    // The formatter adds a suffix to two instructions that have only one size.
    text.replace("fnstcww", "fnstcw").replace("fldcww", "fldcw")
}
