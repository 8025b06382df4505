//! The input of code generation: a verified program, its analyses, and the level of optimisation.

use crate::arena::Id;
use crate::codegen::cx::way::Way;
use crate::mir::{FunctionId, LocalId, Program};
use crate::source::SourceMap;
use crate::yields::Yields;

/// The input of code generation.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// A program that `mir::verify` accepts.
    pub program: &'a Program,
    /// The functions of the program that may yield.
    pub yields: &'a Yields,
    /// The files that the program's spans refer to. A span in an unknown file counts as generated code.
    pub sources: &'a SourceMap,
    /// The folder to which source names are relative; debuggers look for the files there.
    pub folder: &'a str,
    /// The crate `runtime/hot` as LLVM bitcode.
    pub hot_bitcode: &'a [u8],
    /// The way to switch between green threads, one of [`WAYS`](crate::codegen::WAYS).
    pub way: &'a Way,
    /// Whether debug information describes the locals, under names that [`variable_name`] makes. From `-O2` on
    /// this changes no instruction; at `-O0` LLVM chooses some instructions differently.
    pub variables: bool,
}

/// The name of a local's scalar in debug information. A reader finds the local in the program's MIR.
pub fn variable_name(function: FunctionId, local: LocalId, scalar: usize) -> String {
    format!("{}.{}.{scalar}", function.raw(), local.raw())
}

/// The level of optimisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Level {
    /// Only the optimisations on which the runtime relies; see the module `codegen`.
    O0,
    /// LLVM's `-O2`.
    #[default]
    O2,
    /// LLVM's `-O3`.
    O3,
}
