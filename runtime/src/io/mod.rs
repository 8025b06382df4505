//! Input and output: standard streams, files, strings for C.

/// Standard output: one buffer for the process.
pub mod stdout;
/// Standard input: one buffer, which pool threads fill and workers empty.
pub mod stdin;
/// File operations, which pool threads run, and their outcomes.
pub mod files;
/// Strings for C and from C.
pub mod c_strings;
