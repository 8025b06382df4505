//! The runtime library of compiled Weft programs.
