//! Descriptors: the size of an object, and the offsets of its references.

use std::slice;

use weft_abi::object::GRANULE;
use weft_abi::{ArrayObject, Continuation, Header, Kind, Task, TypeDescriptor};

/// The program's table of descriptors.
#[derive(Clone, Copy)]
pub struct Descriptors(*const TypeDescriptor);

/// The contents of one object, as the collector needs them.
pub enum Contents<'a> {
    /// No references.
    Plain,
    /// Elements: the address of the first element, the number of elements, and for each element its size in bytes and
    /// the offsets of its references.
    Elements { first: *const u8, count: usize, size: usize, references: &'a [u32] },
    /// Words that may be references.
    Words(&'a [usize]),
    /// A task.
    Task(*const Task),
    /// A continuation.
    Continuation(*const Continuation),
}

impl Descriptors {
    /// The descriptors of a table.
    ///
    /// # Safety
    /// The table describes all objects of the program, and lives as long as the process.
    pub unsafe fn new(table: *const TypeDescriptor) -> Descriptors {
        Descriptors(table)
    }

    /// The descriptor of an object, and its kind.
    ///
    /// # Safety
    /// `object` is the address of an object.
    unsafe fn of<'a>(self, object: *const u8) -> (&'a TypeDescriptor, Kind) {
        // SAFETY: the header of an object has the number of a row of the table, which lives as long as the process.
        unsafe {
            let row = &*self.0.add(object.cast::<Header>().read().descriptor as usize);
            (row, Kind::ALL[row.kind as usize])
        }
    }

    /// Whether an object is an array.
    ///
    /// # Safety
    /// `object` is the address of an object.
    pub unsafe fn is_array(self, object: *const u8) -> bool {
        // SAFETY: the caller passes an object.
        match unsafe { self.of(object).1 } {
            Kind::Array | Kind::Words => true,
            Kind::Fixed | Kind::Task | Kind::Continuation => false,
        }
    }

    /// The size of an object in bytes, rounded up to a multiple of 8 as in the allocator.
    ///
    /// # Safety
    /// `object` is the address of an object, whose length is set if it is an array.
    #[inline(always)]
    pub unsafe fn size(self, object: *const u8) -> usize {
        // SAFETY: the caller passes an object, and all arrays have their length at the same offset.
        unsafe {
            let (row, kind) = self.of(object);
            let size = match kind {
                Kind::Fixed | Kind::Task | Kind::Continuation => row.size as usize,
                Kind::Array | Kind::Words => {
                    let length = (*object.cast::<ArrayObject>()).length as usize;
                    size_of::<ArrayObject>() + length * row.size as usize
                }
            };
            size.next_multiple_of(GRANULE)
        }
    }

    /// The contents of an object.
    ///
    /// # Safety
    /// As for [`Descriptors::size`]; the object does not change during `'a`.
    #[inline(always)]
    pub unsafe fn contents<'a>(self, object: *const u8) -> Contents<'a> {
        // SAFETY: the caller passes an object that does not change. In an array, `length` elements follow the
        // `ArrayObject`.
        unsafe {
            let (row, kind) = self.of(object);
            let array = object.cast::<ArrayObject>();
            match kind {
                Kind::Task => Contents::Task(object.cast()),
                Kind::Continuation => Contents::Continuation(object.cast()),
                Kind::Words => {
                    let length = (*array).length as usize;
                    Contents::Words(slice::from_raw_parts(array.add(1).cast(), length))
                }
                Kind::Fixed | Kind::Array if row.pointer_count == 0 => Contents::Plain,
                Kind::Fixed | Kind::Array => {
                    let references = slice::from_raw_parts(row.pointers, row.pointer_count as usize);
                    let (first, count) = match kind {
                        Kind::Array => (array.add(1).cast(), (*array).length as usize),
                        Kind::Fixed | Kind::Words | Kind::Task | Kind::Continuation => (object, 1),
                    };
                    Contents::Elements { first, count, size: row.size as usize, references }
                }
            }
        }
    }
}
