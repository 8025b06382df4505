//! Scalars, and their layout in memory.

use std::rc::Rc;

/// A part of a value that is a single machine value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scalar {
    /// A byte in memory, 0 or 1.
    Bool,
    /// A byte in memory.
    Byte,
    /// Four bytes in memory: the character's number.
    Char,
    /// 64 bits.
    Int,
    /// 64 bits.
    Float,
    /// The address of an object that the collector manages.
    Reference,
}

impl Scalar {
    /// The size in bytes of an array element that consists of this scalar only.
    pub const fn size(self) -> u64 {
        match self {
            Scalar::Bool | Scalar::Byte => 1,
            Scalar::Char => 4,
            Scalar::Int | Scalar::Float | Scalar::Reference => WORD,
        }
    }
}

/// The offset of an object's scalars, which follow its header.
pub const FIELDS_START: u64 = 8;
/// The size in bytes of each scalar in an object, and in an array element with several scalars.
const WORD: u64 = 8;

/// The offsets of a list of scalars in memory, in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemoryLayout {
    /// The offset of each scalar, in order.
    pub offsets: Vec<u64>,
    /// The offset after the last scalar, which is the size of an array element.
    pub size: u64,
    /// The offsets of the references, in ascending order.
    pub references: Vec<u64>,
}

impl MemoryLayout {
    /// The layout of an array element: a single scalar has its own size; each of several scalars takes a word.
    pub fn element(scalars: &[Scalar]) -> MemoryLayout {
        match scalars {
            [only] => MemoryLayout { size: only.size(), ..MemoryLayout::words(scalars, 0) },
            _ => MemoryLayout::words(scalars, 0),
        }
    }

    /// The layout of an object's scalars, one word each, from offset `start` on.
    pub fn words(scalars: &[Scalar], start: u64) -> MemoryLayout {
        let offsets: Vec<u64> = (0..scalars.len() as u64).map(|at| start + at * WORD).collect();
        let is_reference = |(_, scalar): &(_, &Scalar)| **scalar == Scalar::Reference;
        let references =
            offsets.iter().zip(scalars).filter(is_reference).map(|(offset, _)| *offset).collect();
        let size = start + offsets.len() as u64 * WORD;
        MemoryLayout { offsets, size, references }
    }
}

/// The scalars of a type's values.
#[derive(Clone)]
pub(super) struct Shape {
    pub(super) scalars: Rc<[Scalar]>,
    /// The index of the first scalar that is a reference and never null.
    pub(super) never_null: Option<usize>,
}

/// Concatenates shapes.
pub(super) fn joined(parts: impl Iterator<Item = Shape>) -> Shape {
    let (mut scalars, mut never_null) = (Vec::new(), None);
    for part in parts {
        never_null = never_null.or(part.never_null.map(|at| scalars.len() + at));
        scalars.extend_from_slice(&part.scalars);
    }
    Shape { scalars: scalars.into(), never_null }
}
