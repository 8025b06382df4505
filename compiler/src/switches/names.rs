//! Names for the values in a frame: the name in the source if the value is a variable's, otherwise what the value is.
//!
//! A variable's place comes from the debug information, which names each scalar of each local of MIR. A value that LLVM
//! has made itself, such as an address that it computes before a loop, has no such description; then the instruction
//! that computes the value tells the line.

use std::collections::{BTreeSet, HashSet};

use iced_x86::{FlowControl, Mnemonic, OpKind, Register};

use weft_abi::layout::ENTRY_SUFFIX;

use super::dwarf::{Position, Where};
use super::frames::PRESERVED;
use super::model::Place;
use super::sites::Site;
use super::stack;
use super::unit::Unit;
use crate::arena::Id;
use crate::mir::layout::Layouts;
use crate::mir::{BinaryOp, Function, FunctionId, LocalId, Operand, Program, Rvalue, Scalar, Statement};
use crate::source::{SourceMap, Span};

/// The most characters of source text in a description.
const TEXT: usize = 32;

/// The registers of the first arguments.
const ARGUMENTS: [Register; 6] =
    [Register::RDI, Register::RSI, Register::RDX, Register::RCX, Register::R8, Register::R9];

/// The name of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// Whether the name is a name of the source.
    pub(super) named: bool,
    /// Whether this is a register of the caller, and no value of the function.
    pub(super) register: bool,
    pub(super) place: Option<Place>,
}

/// The sources of names.
pub(super) struct Names<'a> {
    program: &'a Program,
    pub(super) sources: &'a SourceMap,
    layouts: Layouts<'a>,
    /// The names of the files of the program, without the library's.
    own: HashSet<&'a str>,
    /// The names of the library's functions.
    library: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(program: &'a Program, sources: &'a SourceMap) -> Names<'a> {
        let own = program.functions.iter().filter(|function| !function.library);
        let files = own.map(|function| function.span.file).filter(|&file| sources.contains(file));
        let own = files.map(|file| sources.file(file).name.as_str()).collect();
        let library = program.functions.iter().filter(|function| function.library);
        let library = library.map(|function| function.name.as_str()).collect();
        Names { program, sources, layouts: Layouts::new(program), own, library }
    }

    /// Whether a file is the program's, not the library's.
    pub(super) fn is_own_file(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// Whether a function is the library's.
    pub(super) fn is_of_library(&self, function: &str) -> bool {
        self.library.contains(function)
    }

    /// Whether a position is in the program, not in the library.
    pub(super) fn is_own(&self, at: &Position) -> bool {
        self.own.contains(at.file.as_str())
    }

    /// The name of the value at a depth of the frame that is live over a point.
    pub(super) fn value(&self, unit: &Unit<'_>, site: &Site, depth: i64) -> Named {
        let stores = stores(unit, site, depth);
        if let Some(register) = saved_register(unit, site.function, &stores) {
            let name = format!("{} of the caller", stack::register(register));
            return Named { name, named: false, register: true, place: None };
        }
        if let Some(parameter) = self.entry_parameter(unit, site.function, &stores) {
            return parameter;
        }
        let known = described(unit, site, depth, &stores);
        let here = known.iter().filter_map(|name| self.variable(name));
        match here.min_by_key(|(rank, named)| (*rank, named.name.clone())) {
            Some((_, named)) => named,
            None => self.computed(unit, site.function, &stores),
        }
    }

    /// The name of a scalar of a local, with a rank: names of the program come first.
    fn variable(&self, name: &str) -> Option<(usize, Named)> {
        let mut parts = name.split('.').map(|part| part.parse().ok());
        let [function, local, scalar] = [parts.next()??, parts.next()??, parts.next()??];
        let (function, id) = (FunctionId::new(function), LocalId::new(local));
        let function = &self.program.functions[function];
        let local = &function.locals[id];
        let scalars = self.layouts.scalars(local.ty).len();
        let part = if scalars > 1 { format!(" ({} of {scalars})", scalar + 1) } else { String::new() };
        let inside = if function.library { format!(" of `{}`", function.name) } else { String::new() };
        let rank = 2 * usize::from(function.library) + usize::from(local.name.is_none());
        let (text, span) = match &local.name {
            Some(name) => (name.clone(), definitions(function, id).first().map(|first| first.span)),
            None => {
                let (text, span) = self.temporary(function, id)?;
                (text, Some(span))
            }
        };
        let place = self.place(span.unwrap_or(function.span), &function.name);
        let named = local.name.is_some() && !function.library;
        let text = if local.name.is_some() && function.library { format!("`{text}`") } else { text };
        Some((rank, Named { name: format!("{text}{part}{inside}"), named, register: false, place }))
    }

    /// The description of a temporary: "result of `f(x)`".
    fn temporary(&self, function: &Function, id: LocalId) -> Option<(String, Span)> {
        let definitions = definitions(function, id);
        let Some(first) = definitions.first() else {
            let is_argument = id.raw() < function.parameter_count;
            let ty = self.program.types.display(function.locals[id].ty);
            return is_argument.then(|| (format!("argument of type `{ty}`"), function.span));
        };
        if definitions.len() > 1 && definitions.iter().any(|one| counts(function, &one.value, id)) {
            let line = self.place(first.span, "").map_or(0, |place| place.line);
            return Some((format!("loop counter of line {line}"), first.span));
        }
        let text = self.text(first.span)?;
        let line = self.place(first.span, "").map_or(0, |place| place.line);
        let what = match &first.value {
            Rvalue::Call(..)
            | Rvalue::CallValue(..)
            | Rvalue::Runtime(..)
            | Rvalue::Foreign(..)
            | Rvalue::Blocking(..)
            | Rvalue::Join(_) => format!("result of `{text}`"),
            Rvalue::Spawn(..) => format!("task of `{text}`"),
            Rvalue::NewCell(_) => format!("cell of `{text}`"),
            _ => format!("value of `{text}`"),
        };
        Some((format!("{what}, line {line}"), first.span))
    }

    fn text(&self, span: Span) -> Option<String> {
        if !self.sources.contains(span.file) {
            return None;
        }
        let text = self.sources.text(span);
        let line = text.lines().next().unwrap_or_default().trim();
        let short: String = line.chars().take(TEXT).collect();
        let is_cut = text.trim().len() > short.len();
        Some(format!("{}{}", short.trim_end(), if is_cut { "…" } else { "" }))
    }

    fn place(&self, span: Span, function: &str) -> Option<Place> {
        if !self.sources.contains(span.file) {
            return None;
        }
        let at = self.sources.position(span);
        let file = self.sources.file(span.file).name.clone();
        Some(Place { file, line: at.line, column: at.column, function: function.to_owned() })
    }

    /// The description of a value by the instruction that computes it, or else by the instruction that stores it.
    fn computed(&self, unit: &Unit<'_>, function: usize, stores: &BTreeSet<usize>) -> Named {
        let unknown = Named { name: "a value".to_owned(), named: false, register: false, place: None };
        let Some(&store) = stores.first() else { return unknown };
        if let Some(register) = argument(unit, function, store) {
            let is_entry =
                unit.chain(function, 0).last().is_some_and(|at| at.function.ends_with(ENTRY_SUFFIX));
            if is_entry && register == Register::RDI {
                return Named { name: "the thread's task".to_owned(), ..unknown };
            }
            let name = format!("argument in {}", stack::register(register));
            return Named { name, ..unknown };
        }
        let origin = origin(unit, function, store);
        let chain = unit.chain(function, origin.unwrap_or(store));
        let own = chain.iter().find(|at| self.is_own(at));
        let Some(at) = own.or_else(|| chain.first()) else { return unknown };
        if let Some(name) = origin.and_then(|origin| self.address(unit, function, origin)) {
            return Named { name, place: Some(place(at)), ..unknown };
        }
        let verb = if origin.is_some() { "computed" } else { "stored" };
        let within = match chain.first() {
            Some(inner) if !self.is_own(inner) && own.is_some() => format!(" in `{}`", inner.function),
            _ => String::new(),
        };
        let file = if own.is_some() { String::new() } else { format!("{}:", at.file) };
        let name = format!("value {verb}{within} for line {file}{}", at.line);
        let name = if within.is_empty() { name.replace(" for line", " in line") } else { name };
        Named { name, place: Some(place(at)), ..unknown }
    }
}

/// The names of the variables that are at a depth when a point is reached: those that are there according to the debug
/// information, or that are in the registers that the stores put there, or that are there right after the stores.
fn described(unit: &Unit<'_>, site: &Site, depth: i64, stores: &BTreeSet<usize>) -> Vec<String> {
    let function = site.function;
    let at = |index: usize, places: &[Where]| -> BTreeSet<String> {
        let found = unit.variables(function, index).into_iter();
        found.filter(|(_, at)| places.contains(at)).map(|(name, _)| name).collect()
    };
    let slot = Where::Stack(depth);
    let mut known = at(site.first, &[slot]);
    let code = &unit.green[function];
    let stored = stores.iter().map(|&store| {
        let instruction = &code.instructions[store];
        let register = (instruction.mnemonic() == Mnemonic::Mov
            && instruction.op1_kind() == OpKind::Register)
            .then(|| dwarf_number(instruction.op1_register()));
        let mut names = at(store + 1, &[slot]);
        names.extend(register.flatten().into_iter().flat_map(|number| at(store, &[Where::Register(number)])));
        names
    });
    // A variable is named only if all stores agree.
    if let Some(common) = stored.reduce(|one, other| &one & &other) {
        known.extend(common);
    }
    known.into_iter().collect()
}

/// The number of a general register in DWARF.
fn dwarf_number(register: Register) -> Option<u16> {
    const NUMBERS: [Register; 16] = [
        Register::RAX,
        Register::RDX,
        Register::RCX,
        Register::RBX,
        Register::RSI,
        Register::RDI,
        Register::RBP,
        Register::RSP,
        Register::R8,
        Register::R9,
        Register::R10,
        Register::R11,
        Register::R12,
        Register::R13,
        Register::R14,
        Register::R15,
    ];
    NUMBERS.iter().position(|known| *known == register.full_register()).map(|number| number as u16)
}

impl Names<'_> {
    /// The name of an argument that the first function of a thread stores.
    fn entry_parameter(&self, unit: &Unit<'_>, function: usize, stores: &BTreeSet<usize>) -> Option<Named> {
        let &store = stores.first().filter(|_| stores.len() == 1)?;
        let register = argument(unit, function, store)?;
        self.parameter(&unit.chain(function, 0).pop()?.function, register)
    }

    /// The parameter that a thread's first function gets in a register: the task comes first, then the arguments.
    fn parameter(&self, entry: &str, register: Register) -> Option<Named> {
        let name = entry.strip_suffix(ENTRY_SUFFIX)?;
        let function = self.program.functions.iter().find(|function| function.name == name)?;
        let parameters = function.locals.iter_enumerated().take(function.parameter_count);
        let mut scalars = Vec::new();
        for (_, local) in parameters {
            let kinds = self.layouts.scalars(local.ty);
            if kinds.contains(&Scalar::Float) {
                return None;
            }
            scalars.extend(kinds.iter().enumerate().map(|(part, _)| (local, part, kinds.len())));
        }
        let at = ARGUMENTS.iter().position(|known| *known == register)?.checked_sub(1)?;
        let &(local, part, count) = scalars.get(at)?;
        let part = if count > 1 { format!(" ({} of {count})", part + 1) } else { String::new() };
        let name = format!("{}{part}", local.name.as_ref()?);
        Some(Named { name, named: true, register: false, place: self.place(function.span, &function.name) })
    }

    /// The description of an address that an instruction computes from a variable that is a reference.
    fn address(&self, unit: &Unit<'_>, function: usize, origin: usize) -> Option<String> {
        let lea = &unit.green[function].instructions[origin];
        if lea.mnemonic() != Mnemonic::Lea || lea.memory_index() != Register::None {
            return None;
        }
        let base = Where::Register(dwarf_number(lea.memory_base())?);
        let variables = unit.variables(function, origin).into_iter().filter(|(_, at)| *at == base);
        let references = variables.filter(|(name, _)| self.is_reference(name));
        let named = references.filter_map(|(name, _)| self.variable(&name)).min_by_key(|(rank, _)| *rank)?.1;
        Some(match named.named {
            true => format!("address in the object of `{}`", named.name),
            false => format!("address in the object that is the {}", named.name),
        })
    }

    /// Whether a scalar of a local is a reference.
    fn is_reference(&self, name: &str) -> bool {
        let parts: Vec<usize> = name.split('.').filter_map(|part| part.parse().ok()).collect();
        let [function, local, scalar] = parts[..] else { return false };
        let local = &self.program.functions[FunctionId::new(function)].locals[LocalId::new(local)];
        self.layouts.scalars(local.ty).get(scalar) == Some(&Scalar::Reference)
    }
}

/// A position as data.
pub(super) fn place(at: &Position) -> Place {
    Place { file: at.file.clone(), line: at.line, column: at.column, function: at.function.clone() }
}

/// The statements that assign to a local.
fn definitions(function: &Function, id: LocalId) -> Vec<&Statement> {
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    statements.filter(|statement| statement.destination == Some(id)).collect()
}

/// Whether a value is the sum of a local and something, or is copied from such a sum.
fn counts(function: &Function, value: &Rvalue, id: LocalId) -> bool {
    let is_sum = |value: &Rvalue| {
        let Rvalue::Binary(op, Operand::Local(left), _) = value else { return false };
        matches!(op, BinaryOp::Add | BinaryOp::WrappingAdd) && *left == id
    };
    match value {
        Rvalue::Use(Operand::Local(from)) => {
            definitions(function, *from).iter().any(|one| is_sum(&one.value))
        }
        other => is_sum(other),
    }
}

/// The instructions whose stores to a depth are there when a point is reached: a search backwards from the point.
pub(super) fn stores(unit: &Unit<'_>, site: &Site, depth: i64) -> BTreeSet<usize> {
    let frame = unit.frame(site.function);
    let mut found = BTreeSet::new();
    let mut seen = HashSet::from([site.first]);
    let mut ahead = vec![site.first];
    while let Some(index) = ahead.pop() {
        for &before in frame.before(index) {
            if !seen.insert(before) {
                continue;
            }
            if frame.accesses(before).iter().any(|access| access.writes && access.touches(depth)) {
                found.insert(before);
            } else {
                ahead.push(before);
            }
        }
    }
    found
}

/// The first instructions that read a depth after a point.
pub(super) fn loads(unit: &Unit<'_>, site: &Site, depth: i64) -> BTreeSet<usize> {
    let frame = unit.frame(site.function);
    let mut found = BTreeSet::new();
    let mut seen = HashSet::from([site.after]);
    let mut ahead = vec![site.after];
    while let Some(index) = ahead.pop() {
        let mut here = frame.accesses(index).iter().filter(|access| access.touches(depth)).peekable();
        if here.peek().is_some() {
            if here.any(|access| access.reads) {
                found.insert(index);
            }
            continue;
        }
        ahead.extend(frame.after(index).iter().copied().filter(|&next| seen.insert(next)));
    }
    found
}

/// The register of the caller that is saved by the stores: pushed or stored before the function writes to it.
fn saved_register(unit: &Unit<'_>, function: usize, stores: &BTreeSet<usize>) -> Option<Register> {
    let &store = stores.first().filter(|_| stores.len() == 1)?;
    let code = &unit.green[function];
    let instruction = &code.instructions[store];
    let register = match instruction.mnemonic() {
        Mnemonic::Push if instruction.op0_kind() == OpKind::Register => instruction.op0_register(),
        Mnemonic::Mov if instruction.op1_kind() == OpKind::Register => instruction.op1_register(),
        _ => return None,
    };
    let is_own = PRESERVED.contains(&register) && !writes_before(unit, function, store, register);
    is_own.then_some(register)
}

/// The register of an argument that an instruction stores, if the function has not written to the register before.
fn argument(unit: &Unit<'_>, function: usize, store: usize) -> Option<Register> {
    let instruction = &unit.green[function].instructions[store];
    if instruction.mnemonic() != Mnemonic::Mov || instruction.op1_kind() != OpKind::Register {
        return None;
    }
    let register = instruction.op1_register();
    let is_argument = ARGUMENTS.contains(&register) && !writes_before(unit, function, store, register);
    let calls = |one: &iced_x86::Instruction| one.is_call_near() || one.is_call_near_indirect();
    let is_first = !unit.green[function].instructions[..store].iter().any(calls);
    (is_argument && is_first).then_some(register)
}

/// Whether an instruction before `end` writes to a register.
fn writes_before(unit: &Unit<'_>, function: usize, end: usize, register: Register) -> bool {
    (0..end).any(|index| unit.writes(function, index, register))
}

/// The instruction that computes the register that an instruction stores: the last one before it in the same block.
fn origin(unit: &Unit<'_>, function: usize, store: usize) -> Option<usize> {
    let code = &unit.green[function];
    let instruction = &code.instructions[store];
    if instruction.mnemonic() != Mnemonic::Mov || instruction.op1_kind() != OpKind::Register {
        return None;
    }
    let register = instruction.op1_register().full_register();
    let frame = unit.frame(function);
    let mut index = store;
    loop {
        let [before] = frame.before(index)[..] else { return None };
        let control = code.instructions[before].flow_control();
        if before + 1 != index
            || !matches!(control, FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall)
        {
            return None;
        }
        index = before;
        if control != FlowControl::Next {
            return Some(index).filter(|_| register == Register::RAX);
        }
        if unit.writes(function, index, register) {
            return Some(index);
        }
    }
}
