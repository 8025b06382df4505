//! The Weft compiler.
//!
//! A program passes through the stages in one direction; each stage takes the complete result of the stage before it
//! and returns a new value:
//!
//! ```text
//! source -> tokens -> ast -> hir -> types -> mir -> LLVM IR -> object -> executable
//! ```
//!
//! The modules below are in reading order, and a module uses only modules above it, except in tests. After `check`, the
//! only errors in the program's text that are still to be found are types that are too large or grow without end, which
//! `lower` reports, and constants that cannot be computed, which `constants` reports. A broken assumption of the
//! compiler is a panic whose message starts with `BUG:`.

/// Typed indices, and the arenas that they index.
pub mod arena;
/// Files, spans, lines and columns.
pub mod source;
/// Diagnostics: errors and warnings, as data.
pub mod diagnostics;
/// Suggestions for misspelt names.
pub mod suggest;
/// Explanations of the codes of diagnostics.
pub mod explain;
/// The standard library, as text.
pub mod library;
/// Tokens and the syntax tree. After this stage, the program is well formed.
pub mod syntax;
/// The files of a program, parsed. After this stage, every import leads to a module.
pub mod modules;
/// The types of values, interned.
pub mod types;
/// Name resolution. After this stage, every name is a reference to its declaration, except the names of members such as
/// fields and methods, which `check` resolves.
pub mod hir;
/// The type checker. After this stage, every expression has a type.
pub mod check;
/// Control-flow graphs: their data types, printer, verifier and interpreter.
pub mod mir;
/// The lowering from checked HIR to MIR. After this stage, there are no generic functions, traits or patterns.
pub mod lower;
/// The evaluation of constants whose values calls compute. After this stage, every constant has a value, or is a
/// function that computes its value.
pub mod constants;
/// The removal of statements that record events, from programs that are not traced.
pub mod traces;
/// The lowering of generators. After this stage, every generator is an object with a function that resumes it.
pub mod generators;
/// The analysis that finds the functions that may switch stacks. After this stage, every calling convention is known.
pub mod yields;
/// The optimisation of deferred blocks: removes registrations (for panics and cancellation) and shields (against
/// cancellation) that are not needed.
pub mod deferred;
/// Code generation: from MIR to LLVM IR to an object file. Reports no user errors.
#[cfg(feature = "llvm")]
pub mod codegen;
/// The verifier of machine code: no register except `rsp`, and no memory, contains a stack address.
#[cfg(feature = "llvm")]
pub mod stack_verifier;
/// Diagnostics as text, for people and for tools.
pub mod render;
/// Forms of a program for people: chosen functions and lines, assembly beside its source.
pub mod listing;
/// The switches of a program: what each yield point saves, read from the machine code.
#[cfg(feature = "llvm")]
pub mod switches;
/// Reports as pages for a browser.
#[cfg(feature = "llvm")]
pub mod pages;
/// The driver: runs the stages in order. Of the compiler's modules, only this one accesses files and processes.
#[cfg(feature = "llvm")]
pub mod driver;
