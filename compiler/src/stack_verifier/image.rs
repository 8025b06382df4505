//! The ELF file: symbols, relocations and bytes.

use std::collections::HashMap;

use iced_x86::Instruction;
use object::elf;
use object::read::elf::{ElfFile64, FileHeader};
use object::{
    Endianness, Object, ObjectSection, ObjectSymbol, RelocationTarget, SectionIndex, SectionKind,
    SymbolIndex, SymbolKind,
};

/// An address in the file's code. In an object file every section begins at address 0.
pub(crate) type Place = (SectionIndex, u64);

/// A function with its bytes.
#[derive(Clone, Copy)]
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    pub(crate) place: Place,
    pub(crate) bytes: &'a [u8],
}

/// The target of a symbol, of a call or of a jump.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// A function.
    Function(Function<'a>),
    /// A thunk of the runtime: a symbol without a type or, in an object file, an undefined symbol.
    Thunk(&'a str),
    /// An address without a symbol.
    Place(Place),
}

/// An ELF file with code.
pub(crate) struct Image<'a> {
    symbols: HashMap<Place, Target<'a>>,
    /// The targets of calls and jumps that have a relocation in an object file, by the address of the relocated field.
    relocated: HashMap<Place, Target<'a>>,
    /// The targets of distances in an object file's read-only data, plus the address of the field: entries of jump
    /// tables.
    distances: HashMap<Place, Place>,
    /// The symbols with bytes: code that is no function has a symbol, too.
    bytes: HashMap<&'a str, Function<'a>>,
}

impl<'a> Image<'a> {
    pub(crate) fn read(elf: &'a [u8]) -> Result<Image<'a>, String> {
        let file =
            ElfFile64::<Endianness>::parse(elf).map_err(|error| format!("this is no ELF file: {error}"))?;
        let machine = file.elf_header().e_machine(file.endian());
        if machine != elf::EM_X86_64 {
            return Err(format!("this is code for machine {machine}, and only x86-64 is known"));
        }
        let mut symbols = HashMap::new();
        for symbol in file.symbols() {
            let Some((place, target)) = defined(&file, &symbol)? else { continue };
            match (symbols.get(&place), target) {
                (Some(Target::Function(_)), _) => {}
                (Some(Target::Thunk(_) | Target::Place(_)) | None, target) => {
                    symbols.insert(place, target);
                }
            }
        }
        let (distances, bytes) = (distances(&file), bytes(&file));
        let mut image = Image { symbols, relocated: HashMap::new(), distances, bytes };
        for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
            for (address, relocation) in section.relocations() {
                let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
                let target = image.relocation_target(&file, symbol, relocation.addend())?;
                image.relocated.insert((section.index(), address), target);
            }
        }
        Ok(image)
    }

    /// All functions, each once, in the order of their addresses.
    pub(crate) fn functions(&self) -> Vec<Function<'a>> {
        let functions = self.symbols.values().filter_map(|target| match target {
            Target::Function(function) => Some(*function),
            Target::Thunk(_) | Target::Place(_) => None,
        });
        let mut functions: Vec<_> = functions.collect();
        functions.sort_by_key(|function| (function.place.0.0, function.place.1));
        functions
    }

    /// The target of a direct call or jump in `section`.
    pub(crate) fn target(&self, section: SectionIndex, instruction: &Instruction) -> Target<'a> {
        // The relocated field of a near call or jump is the last four bytes of the instruction.
        let field = (section, instruction.next_ip() - 4);
        let place = (section, instruction.near_branch_target());
        let target = self.relocated.get(&field).or_else(|| self.symbols.get(&place));
        target.copied().unwrap_or(Target::Place(place))
    }

    /// The place that an instruction addresses relative to itself; its last four bytes are the distance.
    pub(crate) fn addressed(&self, section: SectionIndex, instruction: &Instruction) -> Option<Place> {
        match self.relocated.get(&(section, instruction.next_ip() - 4))? {
            Target::Place(place) => Some(*place),
            Target::Function(function) => Some(function.place),
            Target::Thunk(_) => None,
        }
    }

    /// The target of the entry of a jump table that begins at `table`.
    pub(crate) fn entry(&self, table: Place, index: u64) -> Option<Place> {
        let field = ENTRY * index;
        let (section, sum) = *self.distances.get(&(table.0, table.1 + field))?;
        Some((section, sum.wrapping_sub(field)))
    }

    /// The code that a symbol names, whether it is a function or not.
    pub(crate) fn code(&self, symbol: &str) -> Option<Function<'a>> {
        self.bytes.get(symbol).copied()
    }

    fn relocation_target(
        &self,
        file: &ElfFile64<'a>,
        symbol: SymbolIndex,
        addend: i64,
    ) -> Result<Target<'a>, String> {
        let symbol = file.symbol_by_index(symbol).map_err(unreadable)?;
        let Some(section) = symbol.section_index() else {
            return Ok(Target::Thunk(symbol.name().map_err(unreadable)?));
        };
        // The relocated field has four bytes, and contains a distance from its own end.
        let place = (section, symbol.address().wrapping_add_signed(addend + 4));
        Ok(self.symbols.get(&place).copied().unwrap_or(Target::Place(place)))
    }
}

/// The bytes of an entry of a jump table.
const ENTRY: u64 = 4;

/// The relocated distances in read-only data. An entry of a jump table is the distance of its target from the table.
fn distances(file: &ElfFile64<'_>) -> HashMap<Place, Place> {
    let mut found = HashMap::new();
    for section in file.sections().filter(|section| section.kind() == SectionKind::ReadOnlyData) {
        for (address, relocation) in section.relocations() {
            let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
            let Ok(symbol) = file.symbol_by_index(symbol) else { continue };
            if let Some(target) = symbol.section_index() {
                let sum = symbol.address().wrapping_add_signed(relocation.addend());
                found.insert((section.index(), address), (target, sum));
            }
        }
    }
    found
}

/// The bytes of all symbols in code.
fn bytes<'a>(file: &ElfFile64<'a>) -> HashMap<&'a str, Function<'a>> {
    let mut found = HashMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.size() > 0) {
        let section = symbol.section_index().and_then(|index| file.section_by_index(index).ok());
        let Some(section) = section.filter(|section| section.kind() == SectionKind::Text) else { continue };
        let bytes = section.data_range(symbol.address(), symbol.size());
        if let (Ok(Some(bytes)), Ok(name)) = (bytes, symbol.name()) {
            found.insert(name, Function { name, place: (section.index(), symbol.address()), bytes });
        }
    }
    found
}

/// The address of a symbol that the file defines, and the target of calls to it; `None` for a symbol that is not code.
fn defined<'a>(
    file: &ElfFile64<'a>,
    symbol: &impl ObjectSymbol<'a>,
) -> Result<Option<(Place, Target<'a>)>, String> {
    let Some(index) = symbol.section_index() else { return Ok(None) };
    let section = file.section_by_index(index).map_err(unreadable)?;
    if section.kind() != SectionKind::Text {
        return Ok(None);
    }
    let name = symbol.name().map_err(unreadable)?;
    let place = (index, symbol.address());
    let target = match symbol.kind() {
        SymbolKind::Text if symbol.size() > 0 => {
            let bytes = section.data_range(symbol.address(), symbol.size()).map_err(unreadable)?;
            let bytes = bytes.ok_or_else(|| format!("{name} reaches out of its section"))?;
            Target::Function(Function { name, place, bytes })
        }
        SymbolKind::Section | SymbolKind::File => return Ok(None),
        _ => Target::Thunk(name),
    };
    Ok(Some((place, target)))
}

fn unreadable(error: object::Error) -> String {
    format!("this file is damaged: {error}")
}
