//! References that LLVM may assume to be non-null, with the size of the objects that they refer to.
//!
//! ```text
//!   while i < n { sum += p.x; i += 1 }     LLVM moves the load of `p.x` before the loop only if the load is safe
//!                                          even without an iteration: `p` must be known to refer to an object.
//! ```
//!
//! Attributes describe a parameter and a new object to LLVM, and metadata describes a loaded reference.
//!
//! Only references of types whose values are always objects are described; an option may be null. Without optimisation
//! no reference is described, since no pass would use the description.

use inkwell::attributes::AttributeLoc;
use inkwell::values::FunctionValue;
use weft_abi::ArrayObject;

use crate::codegen::cx::module::ModuleCx;
use crate::mir::Representation;
use crate::types::{Type, TypeId};

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Adds LLVM's attributes for references to those parameters of a function that always refer to objects;
    /// `parameters` are the types of all parameters.
    pub(in crate::codegen) fn describe_references(
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

    /// For each scalar of a value, the least size of the object to which the scalar refers; `None` if the scalar may be
    /// null or is no reference.
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
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Char
            | Type::Byte
            | Type::String
            | Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Parameter(_)
            | Type::Cell(_)
            | Type::Never => {}
        }
        sizes
    }

    /// The least size of a type's objects, if its values are always objects.
    pub(in crate::codegen) fn object_size(&self, ty: TypeId) -> Option<u64> {
        match self.input.program.types.get(ty) {
            Type::Array(_) | Type::String => Some(size_of::<ArrayObject>() as u64),
            Type::Nominal(..) => {
                let nominal = &self.input.program.nominals[&ty];
                let is_object =
                    nominal.representation == Representation::Object && nominal.variants.len() == 1;
                is_object.then(|| self.layouts.object(ty, 0).size)
            }
            Type::Unit
            | Type::Bool
            | Type::Int
            | Type::Float
            | Type::Char
            | Type::Byte
            | Type::Tuple(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Parameter(_)
            | Type::Cell(_)
            | Type::Never => None,
        }
    }
}
