//! Input and output: standard streams, files, strings for C.

/// Standard output: one buffer for the process.
pub mod stdout;
/// Standard input: one buffer, which pool threads fill and workers take from.
pub mod stdin;
/// File operations, and the outcomes that pool threads hand back.
pub mod files;
/// Strings for C and from C.
pub mod c_strings;
