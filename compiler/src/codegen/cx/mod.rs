//! The state of code generation. A module of this folder uses only modules that are listed above it, and nothing from
//! the other folders of code generation.

/// The attributes of functions and calls, which keep stacks small and movable.
pub(super) mod attributes;
/// LLVM's builder, whose errors become panics.
pub(super) mod builder;
/// Inline assembly.
pub(super) mod assembly;
/// Ways to switch between green threads.
pub(super) mod way;
/// The input of code generation and the level of optimisation.
pub(super) mod input;
/// LLVM's types, and the forms of a scalar in registers, in objects and on stacks.
pub(super) mod types;
/// The target machine, which emits assembly or an object file.
pub(super) mod target;
/// Line tables: the function, file, line and column of each instruction.
pub(super) mod debug_info;
/// Kinds of memory, for type-based alias analysis.
pub(super) mod tbaa;
/// The table of descriptors, which tell the collector the layout of objects.
pub(super) mod descriptors;
/// The runtime's fast paths, as functions of the module.
pub(super) mod fast_paths;
/// The inlining plan: which operations inline their fast path and which call the outlined copy.
pub(super) mod inlining;
/// The tables of items that are generated on demand.
pub(super) mod tables;
/// The module context.
pub(super) mod module;
/// Constants: strings, source positions and constant objects.
pub(super) mod constants;
/// Declarations of outlined copies, and calls of them.
pub(super) mod outlined;
/// The function context.
pub(super) mod function;
/// Calls of runtime functions.
pub(super) mod runtime;
