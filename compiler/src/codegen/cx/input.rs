//! The input of code generation: a verified program, its analyses, and the level of optimisation.

use crate::mir::Program;
use crate::source::SourceMap;
use crate::yields::Yields;

/// A program to generate code for.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// A program that `mir::verify` accepts.
    pub program: &'a Program,
    /// The functions of it that may yield.
    pub yields: &'a Yields,
    /// The files that its spans refer to. A span of a file that is not there counts as generated code.
    pub sources: &'a SourceMap,
    /// The folder that relative names of sources start from; debuggers look for the files there.
    pub folder: &'a str,
    /// The crate `runtime/hot` as LLVM bitcode.
    pub hot_bitcode: &'a [u8],
}

/// The level of optimisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Level {
    /// Only what the promises to the runtime need; see the module `codegen`.
    O0,
    /// LLVM's `-O2`.
    #[default]
    O2,
    /// LLVM's `-O3`.
    O3,
}
