//! The switches of a program, as `weft explain switch` reports them: what each yield point saves, and the instructions
//! that save it, read from the machine code. This module compiles nothing: the driver passes the object files.

/// The data of the report.
pub mod model;
/// Debug information: the places of instructions and of variables.
mod dwarf;
/// The live bytes of frames.
mod frames;
/// Yield points in machine code.
mod sites;
/// A compiled program under examination.
mod unit;
/// The stack of a suspended thread.
mod stack;
/// Names for the values in a frame.
mod names;
/// The roles of instructions.
mod roles;
/// The instructions of a switch, with their roles.
mod sequence;
/// Optimised IR around a point.
mod ir;
/// The report.
mod report;
/// The report as text.
mod text;

pub use text::text;

use crate::mir::Program;
use crate::source::SourceMap;
use model::Switches;

/// The switches of other systems, and the bytes that they save. Boost.Context saves the six registers that C preserves,
/// the control words of SSE and x87, the address of its argument and the return address; `swapcontext` fills a
/// `ucontext_t`: 936 bytes, and 32 bytes that newer versions of glibc have added for shadow stacks.
pub const PEERS: [(&str, u32); 2] = [("Boost.Context", 72), ("swapcontext", 968)];

/// A program that was compiled in one way.
pub struct Compiled {
    /// The name of the way.
    pub name: String,
    /// A description of the way.
    pub about: String,
    /// The object file, with debug information.
    pub object: Vec<u8>,
    /// Another object file of the same program, if only that one describes variables.
    pub described: Option<Vec<u8>>,
    /// The optimised IR, if the report is to contain it.
    pub ir: Option<String>,
}

/// The subject of a report.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The program's file.
    pub program: String,
    /// The line, if the report is limited to one.
    pub line: Option<u32>,
    /// The level of optimisation.
    pub level: u32,
    /// The form of generators.
    pub generators: String,
    /// The name of the chosen way.
    pub chosen: String,
}

/// The report on a program that is compiled in several ways.
///
/// # Errors
/// If an object file is not what the compiler emits.
pub fn report(
    program: &Program,
    sources: &SourceMap,
    compiled: &[Compiled],
    settings: &Settings,
) -> Result<Switches, String> {
    report::report(program, sources, compiled, settings)
}
