//! The header of every object on the heap, and the table of descriptors, which locates the references in objects.
//!
//! ```text
//!   object ->  descriptor (u32) │ tag (u32)     the header; a reference points here
//!              fields, or a length and elements
//! ```
//!
//! The compiler emits the table as a constant of the program, [`DESCRIPTORS_SYMBOL`]: the well-known descriptors first,
//! then the descriptors of the program's own types. Free memory for objects is zero and a header never is, so a walk
//! through a heap block recognises the end of the objects.

use core::mem::offset_of;

use crate::HAS_LAYOUTS;

/// The first word of every object on the heap, and of every constant that looks like an object.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The row of the table that describes the object; never 0.
    pub descriptor: u32,
    /// The variant's number, if the object is a value of an enum. The runtime does not use it.
    pub tag: u32,
}

impl Header {
    /// The header of an object that is not a value of an enum.
    pub const fn new(descriptor: u32) -> Header {
        Header { descriptor, tag: 0 }
    }

    /// The header as one word of memory.
    pub const fn word(self) -> u64 {
        self.descriptor as u64 | (self.tag as u64) << 32
    }

    /// The inverse of [`Header::word`].
    pub const fn from_word(word: u64) -> Header {
        Header { descriptor: word as u32, tag: (word >> 32) as u32 }
    }
}

/// The kind of a descriptor: the layout of its objects.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kind {
    /// `size` bytes, the header included. `pointers` are the offsets of the references from the object's start.
    Fixed = 0,
    /// An `ArrayObject`, followed by elements of `size` bytes. `pointers` are the offsets of the references from each
    /// element's start.
    Array = 1,
    /// An `ArrayObject`, followed by words, each of which may or may not be a reference.
    Words = 2,
    /// A `Task`. It refers to its joiners, to the wait list that it is in and to its result, which may or may not be a
    /// reference. While its thread waits, it also refers to all objects to which the words on the thread's stacks
    /// refer.
    Task = 3,
    /// A `Continuation`. While it is suspended, it refers to all objects to which the words on its stack refer.
    Continuation = 4,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Kind; 5] = [Kind::Fixed, Kind::Array, Kind::Words, Kind::Task, Kind::Continuation];
}

/// A row of the table.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TypeDescriptor {
    /// The number of a [`Kind`].
    pub kind: u32,
    /// The size in bytes of the object, or of one element if the object has elements.
    pub size: u32,
    /// The number of references in the object or in one element.
    pub pointer_count: u32,
    /// Unused; always 0.
    pub reserved: u32,
    /// The offsets of the references in bytes: ascending multiples of 8.
    pub pointers: *const u32,
}

// SAFETY: rows are constants, and so are the arrays of offsets to which they point.
unsafe impl Sync for TypeDescriptor {}

impl TypeDescriptor {
    /// A row with the offsets of the references.
    pub const fn new(kind: Kind, size: usize, pointers: &'static [u32]) -> TypeDescriptor {
        TypeDescriptor {
            kind: kind as u32,
            size: size as u32,
            pointer_count: pointers.len() as u32,
            reserved: 0,
            pointers: pointers.as_ptr(),
        }
    }
}

/// The symbol of the table of descriptors.
pub const DESCRIPTORS_SYMBOL: &str = "weft_descriptors";

/// The alignment of objects in bytes; the size of each object is a multiple of this number.
pub const GRANULE: usize = 8;

const _: () = if HAS_LAYOUTS {
    assert!(size_of::<Header>() == 8 && size_of::<TypeDescriptor>() == 24);
    assert!(offset_of!(TypeDescriptor, pointers) == 16);
};
