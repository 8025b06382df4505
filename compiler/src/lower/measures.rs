//! Measures of types: depth, number of parts, and width. They limit which types monomorphisation may create.
//!
//! A program may need endlessly many types, each larger than the last:
//!
//! ```text
//! fn f[T](value: T, n: Int) { if n > 0 { f((value, value), n - 1) } }     // f[Int], f[(Int, Int)], ...
//! ```

use std::collections::HashMap;

use crate::diagnostics::{Code, Diagnostic};
use crate::syntax::ast::Name;
use crate::types::{Type, TypeId, TypeTable};

/// The deepest nesting of a type. A larger limit admits more types, but a type that grows without end then takes more
/// time and memory until it is reported.
const DEEPEST: usize = 60;
/// The maximum number of parts of a type, where a part that occurs twice counts twice, and of values of a tuple. The
/// trade-off is the same as for [`DEEPEST`].
const LARGEST: usize = 2_000;

/// Depth, parts and width of types, measured once for each type.
#[derive(Default)]
pub(super) struct Measures {
    known: HashMap<TypeId, (usize, usize)>,
    /// The number of values of each tuple, where the parts of nested tuples count as its own.
    values: HashMap<TypeId, usize>,
}

impl Measures {
    pub fn is_too_large(&mut self, table: &TypeTable, ty: TypeId) -> bool {
        let (depth, size) = self.measure(table, ty);
        depth > DEEPEST || size > LARGEST
    }

    /// The depth of a type and the number of its parts. The recursion stays shallow, because most parts of a type were
    /// already measured as type arguments of other instances.
    fn measure(&mut self, table: &TypeTable, ty: TypeId) -> (usize, usize) {
        if let Some(&known) = self.known.get(&ty) {
            return known;
        }
        let (mut depth, mut size) = (0, 1usize);
        for part in table.get(ty).parts() {
            let (part_depth, part_size) = self.measure(table, part);
            depth = depth.max(part_depth + 1);
            size = size.saturating_add(part_size);
        }
        self.known.insert(ty, (depth, size));
        (depth, size)
    }

    /// Whether a tuple of this type has too many values. The width of a tuple needs a limit because tuples, unlike
    /// structs and enums, are never boxed.
    pub fn is_too_wide(&mut self, table: &TypeTable, ty: TypeId) -> bool {
        self.width(table, ty) > LARGEST
    }

    fn width(&mut self, table: &TypeTable, ty: TypeId) -> usize {
        let Type::Tuple(parts) = table.get(ty) else { return 1 };
        if let Some(&known) = self.values.get(&ty) {
            return known;
        }
        let width = parts.iter().fold(0usize, |width, &part| width.saturating_add(self.width(table, part)));
        self.values.insert(ty, width);
        width
    }
}

/// The error for a function that would be compiled for larger and larger types.
pub(super) fn endless_function(name: &Name) -> Diagnostic {
    let message = format!("`{name}` would be compiled for larger and larger types");
    Diagnostic::error(Code("E0280"), message, name.span, "each use needs another instance with a larger type")
        .with_note(
            "a generic function is compiled once for each set of types: do not let them grow with each call",
        )
}
