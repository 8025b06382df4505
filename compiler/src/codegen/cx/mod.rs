//! The state of code generation. A module here only uses those above it, and nothing outside of this folder.

/// The input of code generation and the level of optimisation.
pub(super) mod input;
/// The attributes of functions and calls: with them stacks are small and movable.
pub(super) mod attributes;
/// LLVM's builder. After this no builder error is left to handle.
pub(super) mod builder;
/// Inline assembly.
pub(super) mod assembly;
/// LLVM's types, and the forms in which a scalar travels.
pub(super) mod types;
/// The target machine: after this a module is assembly or an object file.
pub(super) mod target;
/// Line tables: the function, file, line and column of each instruction.
pub(super) mod debug_info;
/// Kinds of places in memory, for type-based alias analysis.
pub(super) mod tbaa;
/// The table of descriptors, which tell the collector what objects look like.
pub(super) mod descriptors;
/// The runtime's fast paths, as functions of the module.
pub(super) mod fast_paths;
/// The inlining plan: after this every operation either inlines its fast path or calls the outlined copy.
pub(super) mod inlining;
/// The tables of what is generated on demand.
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
