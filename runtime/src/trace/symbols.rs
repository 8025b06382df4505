//! Symbols: function, file, line and column of an address, with inlined calls expanded.
//!
//! The executable's debug information is mapped when the first trace is printed, and only the parts for the addresses
//! of a trace are read. Without debug information names come from the symbol table; without a symbol table there are no
//! names.

use std::borrow::Cow;
use std::fs::File;
use std::sync::{Mutex, PoisonError};

use addr2line::Context;
use gimli::{AbbreviationsCacheStrategy, AttributeValue, Dwarf, EndianSlice, LittleEndian, UnitRef};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, SymbolMap, SymbolMapName};
use weft_abi::layout::{
    ENTRY_SUFFIX, LIBRARY_FOLDER, PROGRAM_PREFIX, RESUME_SUFFIX, SHARED_SUFFIX, VALUE_SUFFIX,
};

use super::image::{Bytes, image};
use super::walk::Frame;

/// A call that was active.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The function's name in the debug information.
    pub function: Option<String>,
    /// The source file, as it was given to the compiler.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// The column, counted from 1.
    pub column: Option<u32>,
    /// The address in the executable file, for other tools.
    pub address: u64,
    /// The origin of the called function.
    pub origin: Origin,
}

impl Call {
    /// Whether the call is in code of the standard library.
    pub fn is_in_library(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.starts_with(LIBRARY_FOLDER))
    }
}

/// The origin of the code that a call runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A function of the program.
    Program,
    /// The runtime (in Rust or assembly), or a function that the compiler adds.
    Runtime,
    /// Code without debug information.
    Unknown,
}

/// The calls for which a frame stands: one call, or several if calls were inlined, innermost first. Never empty.
pub fn symbolise(frame: Frame) -> Vec<Call> {
    static SYMBOLS: Mutex<Option<Symbols>> = Mutex::new(None);
    let mut symbols = SYMBOLS.lock().unwrap_or_else(PoisonError::into_inner);
    symbols.get_or_insert_with(Symbols::load).calls(frame.address.wrapping_sub(image().bias))
}

/// The symbols of the executable file.
pub(super) struct Symbols {
    debug_info: Option<Context<Bytes>>,
    symbol_table: SymbolMap<SymbolMapName<'static>>,
}

impl Symbols {
    /// Reads the running executable. Parts that cannot be read are treated as absent.
    fn load() -> Symbols {
        map_executable().map_or_else(Symbols::none, Symbols::of_file)
    }

    /// A table without symbols.
    fn none() -> Symbols {
        Symbols { debug_info: None, symbol_table: SymbolMap::new(Vec::new()) }
    }

    /// The symbols of an ELF file.
    pub(super) fn of_file(file: &'static [u8]) -> Symbols {
        let Ok(elf) = ElfFile64::<object::LittleEndian>::parse(file) else { return Symbols::none() };
        let section = |name: &str| {
            let data = elf.section_by_name(name).and_then(|section| section.uncompressed_data().ok());
            match data {
                Some(Cow::Borrowed(bytes)) => bytes,
                // A compressed section is treated as absent: the crate feature that decompresses sections is off.
                Some(Cow::Owned(_)) | None => &[],
            }
        };
        let load = |id: gimli::SectionId| Ok(EndianSlice::new(section(id.name()), LittleEndian));
        let debug_info = Dwarf::load(load).and_then(|mut dwarf: Dwarf<Bytes>| {
            dwarf.populate_abbreviations_cache(AbbreviationsCacheStrategy::Duplicates);
            Context::from_dwarf(dwarf)
        });
        Symbols { debug_info: debug_info.ok(), symbol_table: elf.symbol_map() }
    }

    /// The calls at an address in the file. Never empty.
    pub(super) fn calls(&self, address: u64) -> Vec<Call> {
        let described = self.debug_info.as_ref().and_then(|context| described_calls(context, address).ok());
        let mut calls = described.unwrap_or_default();
        if calls.is_empty() {
            let origin = Origin::Unknown;
            calls.push(Call { function: None, file: None, line: None, column: None, address, origin });
        }
        // Debug information that is reduced to lines has names only for inlined functions.
        if let Some(Call { function: function @ None, .. }) = calls.last_mut() {
            *function = self.symbol_table.containing(address).map(|symbol| symbol.name().to_owned());
        }
        if let [call @ Call { line: None, file: Some(_), .. }] = calls.as_mut_slice() {
            call.line = self.line_of_function(address);
        }
        for call in &mut calls {
            // Names with these suffixes belong to functions that the compiler adds.
            let is_added = |name: &String| {
                [ENTRY_SUFFIX, SHARED_SUFFIX, VALUE_SUFFIX].iter().any(|end| name.ends_with(end))
            };
            if call.function.as_ref().is_some_and(is_added) {
                call.origin = Origin::Runtime;
            }
            if let Some(name) = call.function.as_deref().and_then(coroutine) {
                call.function = Some(name.to_owned());
            }
        }
        calls
    }
}

/// The name of a `gen fn`, from LLVM's symbol for the function that continues its body; `None` for any other symbol.
fn coroutine(symbol: &str) -> Option<&str> {
    symbol.strip_prefix(PROGRAM_PREFIX)?.strip_suffix(RESUME_SUFFIX)
}

impl Symbols {
    /// The line at which the function around `address` begins. Code that the compiler adds to a function, such as the
    /// call of `__morestack`, has no line of its own.
    fn line_of_function(&self, address: u64) -> Option<u32> {
        let symbol = self.symbol_table.containing(address)?;
        let calls = described_calls(self.debug_info.as_ref()?, symbol.address()).ok()?;
        // The first instruction may belong to an inlined call. The last entry is the function itself.
        calls.last()?.line.filter(|line| *line > 0)
    }
}

/// Maps the file of the running executable. The mapping is never removed.
fn map_executable() -> Option<&'static [u8]> {
    let file = File::open("/proc/self/exe").ok()?;
    // SAFETY: the system refuses writes to the file of a running executable.
    let map = unsafe { memmap2::Mmap::map(&file) }.ok()?;
    Some(Box::leak(Box::new(map)))
}

/// The calls at an address, according to the debug information; empty if the debug information does not describe the
/// address.
fn described_calls(context: &Context<Bytes>, address: u64) -> gimli::Result<Vec<Call>> {
    let Some(unit) = context.find_dwarf_and_unit(address).skip_all_loads() else { return Ok(Vec::new()) };
    let origin = origin(&unit);
    let mut frames = context.find_frames(address).skip_all_loads()?;
    let mut calls = Vec::new();
    while let Some(frame) = frames.next()? {
        let location = frame.location.as_ref();
        calls.push(Call {
            function: frame.function.and_then(|function| Some(function.raw_name().ok()?.into_owned())),
            file: location.and_then(|location| location.file).map(|file| as_given(&unit, file)),
            line: location.and_then(|location| location.line),
            column: location.and_then(|location| location.column).filter(|column| *column > 0),
            address,
            origin,
        });
    }
    Ok(calls)
}

/// The origin of the code of a unit, by the unit's language.
fn origin(unit: &UnitRef<Bytes>) -> Origin {
    let root = unit.entry(unit.header.root_offset());
    match root.ok().and_then(|entry| entry.attr_value(gimli::DW_AT_language)) {
        Some(AttributeValue::Language(gimli::DW_LANG_Rust | gimli::DW_LANG_Mips_Assembler)) => {
            Origin::Runtime
        }
        Some(_) | None => Origin::Program,
    }
}

/// The file's name as it was given to the compiler: without the compilation directory that addr2line puts before
/// relative names.
fn as_given(unit: &UnitRef<Bytes>, file: &str) -> String {
    let inside = unit.comp_dir.and_then(|directory| {
        let directory = directory.to_string().ok()?;
        file.strip_prefix(directory.trim_end_matches('/'))?.strip_prefix('/')
    });
    match inside {
        Some(inside) if !is_named_absolutely(unit, file) => inside.to_owned(),
        Some(_) | None => file.to_owned(),
    }
}

/// Whether the unit's table of files contains `file` without the compilation directory: as a whole name, or as a
/// directory and a name.
fn is_named_absolutely(unit: &UnitRef<Bytes>, file: &str) -> bool {
    let Some(program) = &unit.line_program else { return false };
    let header = program.header();
    let text = |value| unit.attr_string(value).ok().and_then(|bytes: Bytes| bytes.to_string().ok());
    header.file_names().iter().any(|entry| {
        let Some(name) = text(entry.path_name()) else { return false };
        // Directory 0 is the compilation directory.
        let own = if entry.directory_index() == 0 { None } else { entry.directory(header).and_then(text) };
        let Some(directory) = own else { return name == file };
        let inside = file.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
        name == file || inside == Some(name)
    })
}
