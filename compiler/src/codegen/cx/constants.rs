//! Strings and source positions as constants, each once.

use std::collections::HashMap;

use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, PointerValue};
use weft_abi::{Header, Site, StringObject, well_known};

use crate::codegen::generator::Generator;
use crate::source::{FileId, Position, Span};

/// What has been made so far.
#[derive(Default)]
pub(super) struct Constants<'ctx> {
    strings: HashMap<String, PointerValue<'ctx>>,
    /// Variants without fields of enums that are objects, by their headers.
    pub(super) variants: HashMap<u64, PointerValue<'ctx>>,
    sites: HashMap<(FileId, u32, u32), PointerValue<'ctx>>,
}

// What is written below is the layout of these.
const _: () = {
    assert!(std::mem::offset_of!(StringObject, length) == 8 && size_of::<StringObject>() == 16);
    assert!(std::mem::offset_of!(Site, file) == 0 && std::mem::offset_of!(Site, line) == 8);
    assert!(std::mem::offset_of!(Site, column) == 12 && size_of::<Site>() == 16);
};

impl<'ctx> Generator<'ctx, '_> {
    /// A `StringObject` with its bytes. It is not on the heap, and the collector passes it by.
    pub(super) fn string(&mut self, text: &str) -> PointerValue<'ctx> {
        if let Some(&known) = self.constants.strings.get(text) {
            return known;
        }
        let length = self.types.int(text.len());
        let bytes = self.context.const_string(text.as_bytes(), false);
        let object =
            self.object_constant(Header::new(well_known::BYTES), &[length.into(), bytes.into()], "string");
        self.constants.strings.insert(text.to_owned(), object);
        object
    }

    /// A `Site` that names the beginning of `span`. Generated code is nowhere, at line 0.
    pub(super) fn site(&mut self, span: Span) -> PointerValue<'ctx> {
        let sources = self.input.sources;
        let (name, Position { line, column }) = if sources.contains(span.file) {
            (sources.file(span.file).name.as_str(), sources.position(span))
        } else {
            ("<generated>", Position { line: 0, column: 0 })
        };
        let key = (span.file, line, column);
        if let Some(&known) = self.constants.sites.get(&key) {
            return known;
        }
        let file = self.string(name);
        let [line, column] = [line, column].map(|number| self.types.i32.const_int(number.into(), false));
        let site = self.constant(&[file.into(), line.into(), column.into()], "site");
        self.constants.sites.insert(key, site);
        site
    }

    /// A constant with those fields in front.
    pub(super) fn constant(&self, fields: &[BasicValueEnum<'ctx>], name: &str) -> PointerValue<'ctx> {
        let value = self.context.const_struct(fields, false);
        let global = self.module.add_global(value.get_type(), None, name);
        global.set_initializer(&value);
        global.set_constant(true);
        global.set_linkage(Linkage::Private);
        global.set_unnamed_addr(true);
        global.set_alignment(8);
        global.as_pointer_value()
    }
}
