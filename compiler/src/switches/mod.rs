//! The switches of a program, as `weft explain switch` reports them: what each yield point saves, and the instructions
//! that save it, read from the machine code.

#![warn(clippy::wildcard_enum_match_arm)]

/// The data of the report.
pub mod model;
