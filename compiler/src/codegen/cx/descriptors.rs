//! The table of descriptors: the kinds of objects that the program allocates, and the offsets of their references.

use std::collections::HashMap;

use inkwell::GlobalVisibility;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::PointerValue;
use weft_abi::object::DESCRIPTORS_SYMBOL;
use weft_abi::{Kind, well_known};

use crate::codegen::cx::types::Types;

/// A row of the table; see `weft_abi::TypeDescriptor` for the fields.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Row {
    kind: Kind,
    size: u32,
    pointers: Vec<u32>,
}

/// The rows added so far. Types whose objects have the same layout for the collector share a row.
pub(in crate::codegen) struct Descriptors {
    rows: Vec<Row>,
    numbers: HashMap<Row, u32>,
}

impl Default for Descriptors {
    /// The well-known rows, in their order.
    fn default() -> Self {
        let mut descriptors = Descriptors { rows: Vec::new(), numbers: HashMap::new() };
        for (kind, size, pointers) in well_known::ROWS {
            descriptors.number(Row { kind, size: size as u32, pointers: pointers.to_vec() });
        }
        descriptors
    }
}

impl Descriptors {
    /// The number of the descriptor for objects of `kind` and `size`, with references at the offsets `pointers`; see
    /// [`weft_abi::TypeDescriptor`].
    pub(in crate::codegen) fn number_of(&mut self, kind: Kind, size: u32, pointers: &[u32]) -> u32 {
        self.number(Row { kind, size, pointers: pointers.to_vec() })
    }

    fn number(&mut self, row: Row) -> u32 {
        *self.numbers.entry(row).or_insert_with_key(|row| {
            self.rows.push(row.clone());
            self.rows.len() as u32 - 1
        })
    }

    /// Defines the table. Descriptors that are added later are not in the table.
    pub(in crate::codegen) fn define<'ctx>(
        &self,
        context: &'ctx Context,
        module: &Module<'ctx>,
        types: Types<'ctx>,
    ) {
        let rows = self.rows.iter().map(|row| {
            let numbers = [row.kind as u32, row.size, row.pointers.len() as u32, 0];
            let [kind, size, count, reserved] =
                numbers.map(|number| types.i32.const_int(number.into(), false).into());
            let pointers = offsets(module, types, &row.pointers).into();
            context.const_struct(&[kind, size, count, reserved, pointers], false)
        });
        let rows: Vec<_> = rows.collect();
        let table = rows[0].get_type().const_array(&rows);
        let global = module.add_global(table.get_type(), None, DESCRIPTORS_SYMBOL);
        global.set_initializer(&table);
        global.set_constant(true);
        global.set_visibility(GlobalVisibility::Hidden);
        global.set_alignment(8);
    }
}

/// A constant array of offsets; null if there are no offsets.
fn offsets<'ctx>(module: &Module<'ctx>, types: Types<'ctx>, offsets: &[u32]) -> PointerValue<'ctx> {
    if offsets.is_empty() {
        return types.pointer.const_null();
    }
    let offsets: Vec<_> = offsets.iter().map(|&offset| types.i32.const_int(offset.into(), false)).collect();
    let array = types.i32.const_array(&offsets);
    let global = module.add_global(array.get_type(), None, "references");
    global.set_initializer(&array);
    global.set_constant(true);
    global.set_linkage(Linkage::Private);
    global.set_unnamed_addr(true);
    global.as_pointer_value()
}
