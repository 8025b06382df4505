//! Input and output: standard streams, files, child processes, strings for C.

/// Standard output: one buffer for the process.
pub mod stdout;
/// Standard input: one buffer, which pool threads fill and workers empty.
pub mod stdin;
/// The report of files that the program has lost.
pub mod leaks;
/// File descriptors that belong to objects of the heap, and are closed when the objects are unreachable.
pub mod descriptors;
/// Outcomes of operations on files and processes.
pub mod outcome;
/// Operations on files by path, which pool threads run.
pub mod files;
/// Starting child processes, which pool threads do.
pub mod children;
/// Operations on open files, which pool threads run.
pub mod open_files;
/// Strings for C and from C.
pub mod c_strings;
