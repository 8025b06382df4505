//! The Weft compiler.
//!
//! A program passes through the stages in one direction; each stage takes a finished value and returns a new value:
//!
//! ```text
//! source -> tokens -> ast -> hir -> types -> mir -> LLVM IR -> object -> executable
//! ```
//!
//! The modules below are in reading order, and a module uses only modules above it. After `check`, the only user errors
//! left are types that are too large or grow without end; `lower` reports them. A broken assumption of the compiler is
//! a panic whose message starts with `BUG:`.

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
/// Tokens and the syntax tree. After this the program is well formed.
pub mod syntax;
/// The files of a program, parsed. After this every import leads to a module.
pub mod modules;
/// The types of values, interned.
pub mod types;
/// Name resolution. After this every name is resolved and the syntactic sugar is gone.
pub mod hir;
/// The type checker. After this every expression has a type.
pub mod check;
/// Control-flow graphs: their data types, printer, verifier and interpreter.
pub mod mir;
/// The lowering from checked HIR to MIR. After this there are no generic functions, traits and patterns.
pub mod lower;
/// The lowering of generators. After this every generator is an object with a function that resumes it.
pub mod generators;
/// The functions that may switch stacks: after this every function has its calling convention.
pub mod yields;
/// Deferred blocks: after this only blocks that need a registration or a shield have one.
pub mod deferred;
/// Code generation: from MIR to LLVM IR to an object file. Reports no user errors.
#[cfg(feature = "llvm")]
pub mod codegen;
/// The verifier of machine code: no register except `rsp`, and no memory, contains a stack address.
pub mod stack_verifier;
/// Diagnostics as text, for people and for tools.
pub mod render;
/// The pipeline on one screen. Only this module touches files and processes.
#[cfg(feature = "llvm")]
pub mod driver;
