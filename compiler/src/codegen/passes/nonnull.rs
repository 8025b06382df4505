//! What LLVM may know of references: that there is an object, and how much of it at least.
//!
//! LLVM reads the fields of an object before a loop, and not in each turn, if every turn reads them in any case or if
//! reading them can do no harm. The second it must be told: parameters that are references have attributes for that,
//! and references that are loaded metadata. A new object has neither, because what makes it is inlined and LLVM does
//! not look through the choice between two ways that it then is. So it goes through `weft.present`, a function that
//! gives back its argument, of which the same attributes hold. Behind all passes it is replaced by its argument.
//!
//! Only types whose values always are objects have this: an option may be null. At the lowest level nothing asks, and
//! nothing is said.

use inkwell::attributes::AttributeLoc;
use inkwell::module::Module;
use inkwell::values::{BasicValue, FunctionValue, PointerValue};
use weft_abi::ArrayObject;

use crate::codegen::builder;
use crate::codegen::generator::Generator;
use crate::mir::Representation;
use crate::types::{Type, TypeId};

/// The function that gives back its argument.
const PRESENT: &str = "weft.present";

impl<'ctx> Generator<'ctx, '_> {
    /// The same reference, known to be one to so many bytes.
    pub(super) fn present(&self, object: PointerValue<'ctx>, size: u64) -> PointerValue<'ctx> {
        if !self.is_optimised() {
            return object;
        }
        let function = self.module.get_function(PRESENT).unwrap_or_else(|| {
            let ty = self.types.function([Some(self.types.pointer.into())], Some(self.types.pointer.into()));
            let function = self.module.add_function(PRESENT, ty, None);
            self.attributes.of_mark(function);
            function
        });
        let call = self.builder.call(function, &[object.into()], "");
        for attribute in self.attributes.of_reference(self.context, size) {
            call.add_attribute(AttributeLoc::Return, attribute);
        }
        builder::result(call).expect("BUG: a mark gives nothing").into_pointer_value()
    }

    /// Tells what parameters of those types are known to point to.
    pub(super) fn describe_references(
        &self,
        function: FunctionValue<'ctx>,
        parameters: impl Iterator<Item = TypeId>,
    ) {
        if !self.is_optimised() {
            return;
        }
        let sizes = parameters.flat_map(|ty| self.sizes(ty));
        for (index, size) in sizes.enumerate().filter_map(|(index, size)| Some((index, size?))) {
            for attribute in self.attributes.of_reference(self.context, size) {
                function.add_attribute(AttributeLoc::Param(index as u32), attribute);
            }
        }
    }

    /// For each scalar of a value the size of the object that it points to, if there always is one.
    fn sizes(&self, ty: TypeId) -> Vec<Option<u64>> {
        if let Some(size) = self.object_size(ty) {
            return vec![Some(size)];
        }
        let mut sizes = vec![None; self.scalars(ty).len()];
        match self.input.program.types.get(ty) {
            Type::Tuple(parts) => {
                for (index, &part) in parts.iter().enumerate() {
                    sizes[self.layouts.field(ty, 0, index)].clone_from_slice(&self.sizes(part));
                }
            }
            Type::Nominal(..) => {
                if let [only] = &self.input.program.nominals[&ty].variants[..] {
                    let layout = self.layouts.enum_layout(ty);
                    for (index, field) in only.fields.iter().enumerate() {
                        let slots = &layout.variants[0][self.layouts.field(ty, 0, index)];
                        for (slot, size) in slots.iter().zip(self.sizes(field.ty)) {
                            sizes[slot.index] = size;
                        }
                    }
                }
            }
            _ => {}
        }
        sizes
    }

    /// How large objects of that type are at least, if values are always objects.
    pub(super) fn object_size(&self, ty: TypeId) -> Option<u64> {
        match self.input.program.types.get(ty) {
            Type::Array(_) | Type::String => Some(size_of::<ArrayObject>() as u64),
            Type::Nominal(..) => {
                let nominal = &self.input.program.nominals[&ty];
                let is_object =
                    nominal.representation == Representation::Object && nominal.variants.len() == 1;
                is_object.then(|| self.layouts.object(ty, 0).size)
            }
            _ => None,
        }
    }
}

/// Removes the calls that mark new objects. To be run after all passes.
pub(super) fn forget(module: &Module<'_>) {
    let Some(mark) = module.get_function(PRESENT) else { return };
    while let Some(found) = mark.as_global_value().as_pointer_value().get_first_use() {
        let marked = found.get_user().into_pointer_value();
        let call = marked.as_instruction().expect("BUG: a mark is no call");
        let object = call.get_operand(0).and_then(|operand| operand.value()).expect("BUG: a mark of nothing");
        marked.replace_all_uses_with(object.into_pointer_value());
        call.erase_from_basic_block();
    }
    // SAFETY: nothing uses it any more.
    unsafe { mark.delete() };
}
