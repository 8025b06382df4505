//! The layout of values: their scalars in registers, and the offsets of the scalars in memory.
//!
//! ```text
//!   Int                 Int
//!   (Int, String)       Int, Reference
//!   Int?                Int (the tag), Int
//!   String?             Reference, null for `None`
//!   ()                  no scalar
//! ```
//!
//! A value is a list of scalars, each of which is one machine value. A tuple, or a struct that is represented by value,
//! has the scalars of its fields in order. An enum that is represented by value has the scalars of its [`EnumLayout`].
//! `()` has no scalar. A value of any other type is a single scalar; a function value, for example, is a reference,
//! even if it captures nothing. A reference is null only where null encodes a variant of an enum ([`Tag::Niche`]),
//! where a variant does not use a slot, and in array elements that were not written yet.
//!
//! In memory a list of scalars has a [`MemoryLayout`]. Scalars are stored in two places: in the elements of arrays, and
//! in the words after an object's header.

/// Scalars, and lists of them in memory.
mod scalar;
/// The parts of types: fields, variants and elements.
mod parts;
/// The scalars of enums.
mod enums;
/// The representation of structs and enums: by value or as an object.
mod representation;
/// The layouts of a program's types.
mod layouts;

#[cfg(test)]
mod tests;

pub use enums::{EnumLayout, Slot, Tag};
pub use layouts::Layouts;
pub(crate) use parts::parts_first;
pub use parts::{Nominals, field_types};
pub use representation::{MANY_SCALARS, box_large, is_large, recursive};
pub use scalar::{FIELDS_START, MemoryLayout, Scalar};
