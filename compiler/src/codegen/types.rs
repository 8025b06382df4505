//! How values travel: each type of the language as one LLVM type, or none.
//!
//! | language | in a register | as a word of memory or of a new stack |
//! |---|---|---|
//! | `()` | nothing | nothing |
//! | `Bool` | `i1` | 0 or 1 |
//! | `Int` | `i64` | the same |
//! | `Float` | `double` | its bits |
//! | `String`, `[T]`, `Task[T]` | `ptr` | the same |

use inkwell::AddressSpace;
use inkwell::context::Context;
use inkwell::types::{
    BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FloatType, FunctionType, IntType, PointerType,
};
use inkwell::values::{BasicValueEnum, PointerValue};
use weft_abi::AbiType;

use crate::codegen::builder::Builder;
use crate::types::{Type, TypeId, TypeTable};

/// The LLVM types in use.
#[derive(Clone, Copy)]
pub(super) struct Types<'ctx> {
    context: &'ctx Context,
    pub(super) bool: IntType<'ctx>,
    pub(super) i32: IntType<'ctx>,
    /// An `Int`, and a machine word.
    pub(super) word: IntType<'ctx>,
    pub(super) double: FloatType<'ctx>,
    pub(super) pointer: PointerType<'ctx>,
}

impl<'ctx> Types<'ctx> {
    pub(super) fn new(context: &'ctx Context) -> Types<'ctx> {
        Types {
            context,
            bool: context.bool_type(),
            i32: context.i32_type(),
            word: context.i64_type(),
            double: context.f64_type(),
            pointer: context.ptr_type(AddressSpace::default()),
        }
    }

    /// The type of a value in a register; `None` for those that are not there at all.
    pub(super) fn value(&self, table: &TypeTable, ty: TypeId) -> Option<BasicTypeEnum<'ctx>> {
        match table.get(ty) {
            Type::Unit | Type::Never => None,
            Type::Bool => Some(self.bool.into()),
            Type::Int => Some(self.word.into()),
            Type::Float => Some(self.double.into()),
            Type::String | Type::Task(_) | Type::Array(_) => Some(self.pointer.into()),
        }
    }

    /// The type of a value of the C calling convention.
    pub(super) fn abi(&self, ty: AbiType) -> Option<BasicTypeEnum<'ctx>> {
        match ty {
            AbiType::Unit | AbiType::Never => None,
            AbiType::Bool => Some(self.bool.into()),
            AbiType::Int => Some(self.word.into()),
            AbiType::Float => Some(self.double.into()),
            AbiType::Pointer => Some(self.pointer.into()),
        }
    }

    /// A function's type; what has no type has no parameter.
    pub(super) fn function(
        &self,
        parameters: impl IntoIterator<Item = Option<BasicTypeEnum<'ctx>>>,
        result: Option<BasicTypeEnum<'ctx>>,
    ) -> FunctionType<'ctx> {
        let parameters: Vec<BasicMetadataTypeEnum<'ctx>> =
            parameters.into_iter().flatten().map(Into::into).collect();
        match result {
            Some(result) => result.fn_type(&parameters, false),
            None => self.context.void_type().fn_type(&parameters, false),
        }
    }

    /// A value as the word of the table above.
    pub(super) fn word_of(
        &self,
        builder: &Builder<'ctx>,
        value: BasicValueEnum<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        match value {
            BasicValueEnum::IntValue(int) if int.get_type() == self.word => value,
            BasicValueEnum::IntValue(int) => builder.zero_extend(int, self.word).into(),
            BasicValueEnum::FloatValue(_) => builder.bit_cast(value, self.word),
            BasicValueEnum::PointerValue(pointer) => builder.pointer_to_int(pointer, self.word).into(),
            BasicValueEnum::StructValue(_)
            | BasicValueEnum::ArrayValue(_)
            | BasicValueEnum::VectorValue(_)
            | BasicValueEnum::ScalableVectorValue(_) => panic!("BUG: no value of the language is {value}"),
        }
    }

    /// The inverse of [`Types::word_of`].
    pub(super) fn value_in(
        &self,
        builder: &Builder<'ctx>,
        word: BasicValueEnum<'ctx>,
        ty: BasicTypeEnum<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        let int = word.into_int_value();
        if ty == self.word.into() {
            word
        } else if ty == self.bool.into() {
            builder.truncate(int, self.bool).into()
        } else if ty == self.double.into() {
            builder.bit_cast(word, self.double)
        } else {
            builder.int_to_pointer(int).into()
        }
    }

    /// Loads a value from the word at `from`.
    pub(super) fn load_word(
        &self,
        builder: &Builder<'ctx>,
        from: PointerValue<'ctx>,
        ty: BasicTypeEnum<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        if ty == self.bool.into() {
            let word = builder.load(self.word, from, "");
            return self.value_in(builder, word, ty);
        }
        builder.load(ty, from, "")
    }
}
