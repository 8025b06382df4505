//! The table of descriptors: which kinds of objects the program makes, and where their references are.

use std::collections::HashMap;

use inkwell::GlobalVisibility;
use inkwell::module::Linkage;
use inkwell::values::PointerValue;
use weft_abi::object::DESCRIPTORS_SYMBOL;
use weft_abi::{Kind, well_known};

use crate::codegen::generator::Generator;

/// One row; what its fields mean is written at `weft_abi::TypeDescriptor`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Row {
    kind: Kind,
    size: u32,
    pointers: Vec<u32>,
}

/// The rows so far, each once: objects of types that look the same to the collector share one.
pub(super) struct Descriptors {
    rows: Vec<Row>,
    numbers: HashMap<Row, u32>,
}

impl Default for Descriptors {
    /// The well-known ones, in their order.
    fn default() -> Self {
        let mut descriptors = Descriptors { rows: Vec::new(), numbers: HashMap::new() };
        for (kind, size, pointers) in well_known::ROWS {
            descriptors.number(Row { kind, size: size as u32, pointers: pointers.to_vec() });
        }
        descriptors
    }
}

impl Descriptors {
    fn number(&mut self, row: Row) -> u32 {
        *self.numbers.entry(row).or_insert_with_key(|row| {
            self.rows.push(row.clone());
            self.rows.len() as u32 - 1
        })
    }
}

impl<'ctx> Generator<'ctx, '_> {
    /// The number of the descriptor for objects of `kind` and `size`, with references at `pointers`; see
    /// [`weft_abi::TypeDescriptor`].
    pub(super) fn descriptor(&mut self, kind: Kind, size: u32, pointers: &[u32]) -> u32 {
        self.descriptors.number(Row { kind, size, pointers: pointers.to_vec() })
    }

    /// Defines the table. No descriptor can be made afterwards that the runtime would know.
    pub(super) fn define_descriptors(&self) {
        let rows = self.descriptors.rows.iter().map(|row| {
            let numbers = [row.kind as u32, row.size, row.pointers.len() as u32, 0];
            let [kind, size, count, reserved] =
                numbers.map(|number| self.types.i32.const_int(number.into(), false).into());
            let pointers = self.offsets(&row.pointers).into();
            self.context.const_struct(&[kind, size, count, reserved, pointers], false)
        });
        let rows: Vec<_> = rows.collect();
        let table = rows[0].get_type().const_array(&rows);
        let global = self.module.add_global(table.get_type(), None, DESCRIPTORS_SYMBOL);
        global.set_initializer(&table);
        global.set_constant(true);
        global.set_visibility(GlobalVisibility::Hidden);
        global.set_alignment(8);
    }

    fn offsets(&self, offsets: &[u32]) -> PointerValue<'ctx> {
        if offsets.is_empty() {
            return self.types.pointer.const_null();
        }
        let offsets: Vec<_> =
            offsets.iter().map(|&offset| self.types.i32.const_int(offset.into(), false)).collect();
        let array = self.types.i32.const_array(&offsets);
        let global = self.module.add_global(array.get_type(), None, "references");
        global.set_initializer(&array);
        global.set_constant(true);
        global.set_linkage(Linkage::Private);
        global.set_unnamed_addr(true);
        global.as_pointer_value()
    }
}
