//! Constants of the program: strings, source positions and objects, each stored once.

use inkwell::module::Linkage;
use inkwell::values::{BasicValueEnum, PointerValue};
use weft_abi::{ArrayObject, Header, Kind, Site, StringObject, well_known};

use crate::codegen::cx::module::ModuleCx;
use crate::mir::BytesId;
use crate::source::{Position, Span};

// The code below writes `StringObject`, `ArrayObject` and `Site` field by field in this layout.
const _: () = {
    assert!(std::mem::offset_of!(StringObject, length) == 8 && size_of::<StringObject>() == 16);
    assert!(std::mem::offset_of!(ArrayObject, length) == 8 && size_of::<ArrayObject>() == 16);
    assert!(std::mem::offset_of!(Site, file) == 0 && std::mem::offset_of!(Site, line) == 8);
    assert!(std::mem::offset_of!(Site, column) == 12 && size_of::<Site>() == 16);
};

impl<'ctx> ModuleCx<'ctx, '_> {
    /// The address of the constant string object for `text`. The object is not on the heap, and the collector ignores
    /// it.
    pub(in crate::codegen) fn string(&mut self, text: &str) -> PointerValue<'ctx> {
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

    /// The address of the constant array of a byte string. The array is not on the heap, and the collector ignores it.
    pub(in crate::codegen) fn byte_array(&mut self, id: BytesId) -> PointerValue<'ctx> {
        if let Some(&known) = self.constants.bytes.get(&id) {
            return known;
        }
        let bytes = &self.input.program.bytes[id];
        let length = self.types.int(bytes.len());
        let contents = self.context.const_string(bytes, false);
        let header = Header::new(self.descriptors.number_of(Kind::Array, 1, &[]));
        let array = self.object_constant(header, &[length.into(), contents.into()], "bytes");
        self.constants.bytes.insert(id, array);
        array
    }

    /// The address of the `Site` for the start of `span`. For generated code the file is `<generated>` and the line is
    /// 0.
    pub(in crate::codegen) fn site(&mut self, span: Span) -> PointerValue<'ctx> {
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

    /// The address of a new constant with these fields.
    pub(in crate::codegen) fn constant(
        &self,
        fields: &[BasicValueEnum<'ctx>],
        name: &str,
    ) -> PointerValue<'ctx> {
        let value = self.context.const_struct(fields, false);
        let global = self.module.add_global(value.get_type(), None, name);
        global.set_initializer(&value);
        global.set_constant(true);
        global.set_linkage(Linkage::Private);
        global.set_unnamed_addr(true);
        global.set_alignment(8);
        global.as_pointer_value()
    }

    /// The address of a new constant object with this header. The object is not on the heap, and the collector ignores
    /// it.
    pub(in crate::codegen) fn object_constant(
        &self,
        header: Header,
        fields: &[BasicValueEnum<'ctx>],
        name: &str,
    ) -> PointerValue<'ctx> {
        let header = self.types.word.const_int(header.word(), false).into();
        self.constant(&[&[header], fields].concat(), name)
    }
}
