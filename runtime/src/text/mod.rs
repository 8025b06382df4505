//! Text: values as text, literals, string objects, hashes.

/// Values as text: `Show` of the built-in types, and formats of string interpolations.
pub mod format;
/// Literals: quoted strings and characters, floats read back.
pub mod literals;
/// String objects: read, compared, and built in memory that the heap gives.
pub mod strings;
/// The seed of the process, random numbers, and hashes that depend on the seed.
pub mod hash;
