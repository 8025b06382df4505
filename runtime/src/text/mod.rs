//! Text: values as text, literals, string objects, hashes.

/// Values as text: `Show` of the built-in types, and formats of string interpolations.
pub mod format;
/// Literals: quoted strings and characters, and parsing of floats.
pub mod literals;
/// String objects: reading, comparing and building them.
pub mod strings;
/// The seed of the process, random numbers, and hashes that depend on the seed.
pub mod hash;
