//! The runtime library of compiled Weft programs.

pub mod strings;
pub mod text;
pub mod trace;
