//! The runtime library of compiled Weft programs.

/// The texts of panics, deadlocks and faults.
pub mod report;
/// String objects: read, compared and built in memory that the heap gives.
pub mod strings;
/// How values are shown and formatted.
pub mod text;
/// Stack traces of green threads, with names and positions from the executable's debug information.
pub mod trace;
