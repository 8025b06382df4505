//! Text: conversion of values, literals, string objects, hashes.

/// The conversion of values to text: `Show` of the built-in types, and the formats of string interpolations.
pub mod format;
/// Literals: quoted strings and characters, and parsing of floats.
pub mod literals;
/// String objects: reading, comparing and building them.
pub mod strings;
/// The seed of the process, random numbers, and hashes that depend on the seed.
pub mod hash;
