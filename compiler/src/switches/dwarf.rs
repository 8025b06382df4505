//! The debug information of an object file: the places in the source that an instruction comes from, and the places of
//! variables.
//!
//! The sections of an object file all begin at address 0. So the addresses here are those of the verifier's
//! [`Place`](crate::stack_verifier::image::Place), with the number of the section in the upper half.

use std::collections::BTreeMap;

use gimli::{
    AttributeValue, DebuggingInformationEntry, Dwarf, EndianSlice, LittleEndian, Operation, Unit, UnitRef,
};
use object::read::elf::ElfFile64;
use object::{
    Endianness, Object, ObjectSection, ObjectSymbol, RelocationKind, RelocationTarget, SectionIndex,
};

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The number of the register `rsp` in DWARF.
const RSP: u16 = 7;

/// A position in the source, with the function that it is in.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Position {
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) column: u32,
    /// The function's name in debug information.
    pub(super) function: String,
}

/// The debug information of a file.
#[derive(Default)]
pub(super) struct DebugInfo {
    files: Vec<String>,
    /// Rows of the line table by address: file, line and column; `None` behind the end of a sequence.
    rows: BTreeMap<u64, Option<(usize, u32, u32)>>,
    /// Functions by their first address.
    routines: BTreeMap<u64, Scope>,
}

/// A function, or an inlined copy of one.
#[derive(Default)]
struct Scope {
    name: String,
    ranges: Vec<(u64, u64)>,
    /// The position of the inlined call.
    call: Option<(usize, u32, u32)>,
    inner: Vec<Scope>,
    variables: Vec<Variable>,
}

struct Variable {
    name: String,
    /// Ranges of addresses, and where the variable is in them.
    places: Vec<(u64, u64, Where)>,
}

/// The place of a variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Where {
    /// In the stack, at an offset from `rsp`.
    Stack(i64),
    /// In the register with this number in DWARF.
    Register(u16),
}

/// The address of an instruction of a section.
pub(super) fn address(section: SectionIndex, offset: u64) -> u64 {
    ((section.0 as u64) << 32) | offset
}

impl DebugInfo {
    /// Reads an object file that the compiler has made.
    pub(super) fn read(object: &[u8]) -> Result<DebugInfo, String> {
        let file = ElfFile64::<Endianness>::parse(object).map_err(|error| error.to_string())?;
        let load = |id: gimli::SectionId| -> Result<Vec<u8>, gimli::Error> {
            Ok(file.section_by_name(id.name()).map_or_else(Vec::new, |section| relocated(&file, &section)))
        };
        let owned = gimli::DwarfSections::load(load).map_err(|error| error.to_string())?;
        let dwarf = owned.borrow(|section| EndianSlice::new(section, LittleEndian));
        let mut info = DebugInfo::default();
        let mut units = dwarf.units();
        while let Some(header) = units.next().map_err(|error| error.to_string())? {
            let unit = dwarf.unit(header).map_err(|error| error.to_string())?;
            info.read_unit(&dwarf, &unit).map_err(|error| error.to_string())?;
        }
        Ok(info)
    }

    fn read_unit<'a>(&mut self, dwarf: &Dwarf<Slice<'a>>, unit: &Unit<Slice<'a>>) -> gimli::Result<()> {
        let unit = unit.unit_ref(dwarf);
        let files = self.read_lines(unit)?;
        let mut tree = unit.entries_tree(None)?;
        let mut children = tree.root()?.children();
        while let Some(child) = children.next()? {
            if child.entry().tag() != gimli::DW_TAG_subprogram {
                continue;
            }
            let reader = Reader { unit, files: &files };
            let scope = reader.scope(child)?;
            if let Some(&(start, _)) = scope.ranges.first() {
                self.routines.insert(start, scope);
            }
        }
        Ok(())
    }

    /// Reads the line table; returns the index in `self.files` of each file of the table.
    fn read_lines(&mut self, unit: UnitRef<'_, Slice<'_>>) -> gimli::Result<Vec<usize>> {
        let Some(program) = unit.line_program.clone() else { return Ok(Vec::new()) };
        let mut files = Vec::new();
        // Until version 4 of DWARF, files are numbered from 1.
        if program.header().version() <= 4 {
            self.files.push(String::new());
            files.push(self.files.len() - 1);
        }
        for entry in program.header().file_names() {
            let mut name = String::new();
            let directory = entry.directory_index();
            if directory != 0
                && let Some(folder) = entry.directory(program.header())
            {
                name = unit.attr_string(folder)?.to_string_lossy().into_owned() + "/";
            }
            name += &unit.attr_string(entry.path_name())?.to_string_lossy();
            let known = self.files.iter().position(|known| *known == name);
            files.push(known.unwrap_or_else(|| {
                self.files.push(name);
                self.files.len() - 1
            }));
        }
        let mut rows = program.rows();
        while let Some((_, row)) = rows.next_row()? {
            let column = match row.column() {
                gimli::ColumnType::LeftEdge => 0,
                gimli::ColumnType::Column(column) => column.get() as u32,
            };
            let file = files.get(row.file_index() as usize).copied();
            let place = file.zip(row.line()).map(|(file, line)| (file, line.get() as u32, column));
            let found = if row.end_sequence() { None } else { place };
            // Where a sequence ends, the next may begin.
            if !(row.end_sequence() && self.rows.contains_key(&row.address())) {
                // Code without a line is listed with the code before it.
                let before = || self.rows.range(..row.address()).next_back().and_then(|(_, place)| *place);
                let found = if row.end_sequence() { found } else { found.or_else(before) };
                self.rows.insert(row.address(), found);
            }
        }
        Ok(files)
    }

    /// The position of an instruction, then the positions into which that is inlined.
    pub(super) fn chain(&self, address: u64) -> Vec<Position> {
        let Some((_, Some(row))) = self.rows.range(..=address).next_back() else { return Vec::new() };
        let scopes = self.scopes(address);
        let mut at = *row;
        let mut chain = Vec::new();
        for scope in scopes.iter().rev() {
            let (file, line, column) = at;
            let file = self.files.get(file).cloned().unwrap_or_default();
            chain.push(Position { file, line, column, function: scope.name.clone() });
            match scope.call {
                Some(call) => at = call,
                None => break,
            }
        }
        chain
    }

    /// The names of the variables at an address, and where they are.
    pub(super) fn variables(&self, address: u64) -> Vec<(&str, Where)> {
        let variables = self.scopes(address).into_iter().flat_map(|scope| &scope.variables);
        let here = |variable: &'_ Variable| {
            let found = variable.places.iter().find(|place| (place.0..place.1).contains(&address));
            found.map(|place| place.2)
        };
        variables.filter_map(|one| here(one).map(|place| (one.name.as_str(), place))).collect()
    }

    /// The function at an address, then the inlined copies, the innermost last.
    fn scopes(&self, address: u64) -> Vec<&Scope> {
        let mut found = Vec::new();
        let mut next = self.routines.range(..=address).next_back().map(|(_, scope)| scope);
        while let Some(scope) = next.filter(|scope| scope.contains(address)) {
            found.push(scope);
            next = scope.inner.iter().find(|inner| inner.contains(address));
        }
        found
    }
}

impl Scope {
    fn contains(&self, address: u64) -> bool {
        self.ranges.iter().any(|range| (range.0..range.1).contains(&address))
    }
}

/// A reader of the entries of a unit.
#[derive(Clone, Copy)]
struct Reader<'r, 'a> {
    unit: UnitRef<'r, Slice<'a>>,
    files: &'r [usize],
}

impl<'a> Reader<'_, 'a> {
    fn scope(self, node: gimli::EntriesTreeNode<'_, '_, Slice<'a>>) -> gimli::Result<Scope> {
        let entry = node.entry();
        let mut scope = Scope { name: self.name(entry)?, call: self.call(entry), ..Scope::default() };
        let mut ranges = self.unit.die_ranges(entry)?;
        while let Some(range) = ranges.next()? {
            scope.ranges.push((range.begin, range.end));
        }
        let mut children = node.children();
        while let Some(child) = children.next()? {
            match child.entry().tag() {
                gimli::DW_TAG_inlined_subroutine => scope.inner.push(self.scope(child)?),
                gimli::DW_TAG_lexical_block => {
                    let block = self.scope(child)?;
                    scope.inner.extend(block.inner);
                    scope.variables.extend(block.variables);
                }
                gimli::DW_TAG_variable | gimli::DW_TAG_formal_parameter => {
                    let variable = self.variable(child.entry())?;
                    scope.variables.extend(variable);
                }
                _ => {}
            }
        }
        Ok(scope)
    }

    /// The name of an entry, or of the entry that it is a copy of.
    fn name(self, entry: &DebuggingInformationEntry<Slice<'a>>) -> gimli::Result<String> {
        if let Some(name) = entry.attr_value(gimli::DW_AT_name) {
            return Ok(self.unit.attr_string(name)?.to_string_lossy().into_owned());
        }
        match entry.attr_value(gimli::DW_AT_abstract_origin) {
            Some(AttributeValue::UnitRef(origin)) => self.name(&self.unit.entry(origin)?),
            _ => Ok(String::new()),
        }
    }

    fn call(self, entry: &DebuggingInformationEntry<Slice<'a>>) -> Option<(usize, u32, u32)> {
        let number = |name| entry.attr_value(name).and_then(|value| value.udata_value());
        let file = match entry.attr_value(gimli::DW_AT_call_file)? {
            AttributeValue::FileIndex(index) => index,
            other => other.udata_value()?,
        };
        let file = *self.files.get(file as usize)?;
        let line = number(gimli::DW_AT_call_line)? as u32;
        Some((file, line, number(gimli::DW_AT_call_column).unwrap_or(0) as u32))
    }

    fn variable(self, entry: &DebuggingInformationEntry<Slice<'a>>) -> gimli::Result<Option<Variable>> {
        let mut variable = Variable { name: self.name(entry)?, places: Vec::new() };
        let Some(location) = entry.attr_value(gimli::DW_AT_location) else { return Ok(None) };
        if let AttributeValue::Exprloc(expression) = location {
            if let Some(place) = self.place(expression)? {
                variable.places.push((0, u64::MAX, place));
            }
        } else if let Some(mut list) = self.unit.attr_locations(location)? {
            while let Some(entry) = list.next()? {
                if let Some(place) = self.place(entry.data)? {
                    variable.places.push((entry.range.begin, entry.range.end, place));
                }
            }
        }
        Ok(Some(variable).filter(|variable| !variable.places.is_empty()))
    }

    /// The place, if the expression is a register, or an address in the stack, and nothing else.
    fn place(self, expression: gimli::Expression<Slice<'a>>) -> gimli::Result<Option<Where>> {
        let mut operations = expression.operations(self.unit.encoding());
        let place = match operations.next()? {
            Some(Operation::FrameOffset { offset }) => Some(Where::Stack(offset)),
            Some(Operation::RegisterOffset { register, offset, .. }) if register.0 == RSP => {
                Some(Where::Stack(offset))
            }
            Some(Operation::Register { register }) => Some(Where::Register(register.0)),
            _ => None,
        };
        Ok(place.filter(|_| matches!(operations.next(), Ok(None))))
    }
}

/// The bytes of a section of debug information after relocation.
fn relocated<'a>(file: &ElfFile64<'a>, section: &impl ObjectSection<'a>) -> Vec<u8> {
    let mut bytes = section.data().unwrap_or_default().to_vec();
    for (at, relocation) in section.relocations() {
        let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
        let Ok(symbol) = file.symbol_by_index(symbol) else { continue };
        let base = match symbol.section_index() {
            Some(index) if is_code(file, index) => address(index, symbol.address()),
            _ => symbol.address(),
        };
        let value = base.wrapping_add_signed(relocation.addend()).to_le_bytes();
        let size = usize::from(relocation.size() / 8).min(value.len());
        let field = bytes.get_mut(at as usize..at as usize + size);
        if let (Some(field), RelocationKind::Absolute) = (field, relocation.kind()) {
            field.copy_from_slice(&value[..size]);
        }
    }
    bytes
}

fn is_code(file: &ElfFile64<'_>, index: SectionIndex) -> bool {
    file.section_by_index(index).is_ok_and(|section| section.kind() == object::SectionKind::Text)
}
