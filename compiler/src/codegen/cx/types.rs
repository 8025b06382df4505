//! LLVM's types of scalars. A value of the language is a list of scalars, see `mir::layout`, and each scalar is one
//! LLVM value:
//!
//! | scalar | in a register | in an object | as a word of a new stack |
//! |---|---|---|---|
//! | `Bool` | `i1` | a byte, 0 or 1 | 0 or 1 |
//! | `Byte` | `i8` | a byte | zero-extended |
//! | `Char` | `i32` | four bytes | zero-extended |
//! | `Int` | `i64` | the same | the same |
//! | `Float` | `double` | its bits | its bits |
//! | `Reference` | `ptr` | the same | the same |

use inkwell::AddressSpace;
use inkwell::context::Context;
use inkwell::types::{
    BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FloatType, FunctionType, IntType, PointerType,
    StructType,
};
use inkwell::values::{BasicValueEnum, IntValue};
use weft_abi::AbiType;

use crate::codegen::cx::builder::Builder;
use crate::mir::Scalar;

/// The scalars of a value of the language, in their order.
pub(in crate::codegen) type Values<'ctx> = Vec<BasicValueEnum<'ctx>>;

/// The LLVM types in use.
#[derive(Clone, Copy)]
pub(in crate::codegen) struct Types<'ctx> {
    context: &'ctx Context,
    pub(in crate::codegen) bool: IntType<'ctx>,
    pub(in crate::codegen) byte: IntType<'ctx>,
    pub(in crate::codegen) i32: IntType<'ctx>,
    /// The type of an `Int`, and of a machine word.
    pub(in crate::codegen) word: IntType<'ctx>,
    pub(in crate::codegen) double: FloatType<'ctx>,
    pub(in crate::codegen) pointer: PointerType<'ctx>,
}

impl<'ctx> Types<'ctx> {
    pub(in crate::codegen) fn new(context: &'ctx Context) -> Types<'ctx> {
        Types {
            context,
            bool: context.bool_type(),
            byte: context.i8_type(),
            i32: context.i32_type(),
            word: context.i64_type(),
            double: context.f64_type(),
            pointer: context.ptr_type(AddressSpace::default()),
        }
    }

    /// The type of a scalar in a register.
    pub(in crate::codegen) fn scalar(&self, scalar: Scalar) -> BasicTypeEnum<'ctx> {
        match scalar {
            Scalar::Bool => self.bool.into(),
            Scalar::Byte => self.byte.into(),
            Scalar::Char => self.i32.into(),
            Scalar::Int => self.word.into(),
            Scalar::Float => self.double.into(),
            Scalar::Reference => self.pointer.into(),
        }
    }

    /// The type of a scalar in an object.
    pub(in crate::codegen) fn stored(&self, scalar: Scalar) -> BasicTypeEnum<'ctx> {
        match scalar {
            Scalar::Bool => self.byte.into(),
            Scalar::Byte | Scalar::Char | Scalar::Int | Scalar::Float | Scalar::Reference => {
                self.scalar(scalar)
            }
        }
    }

    /// Converts a value to its form in an object.
    pub(in crate::codegen) fn in_memory(
        &self,
        builder: &Builder<'ctx>,
        value: BasicValueEnum<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        if value.get_type() == self.bool.into() {
            return builder.zero_extend(value.into_int_value(), self.byte).into();
        }
        value
    }

    /// A placeholder for a scalar that the program never reads. A placeholder for a reference is null, since it may be
    /// stored in an object, where the collector follows it.
    pub(in crate::codegen) fn undefined(&self, scalar: Scalar) -> BasicValueEnum<'ctx> {
        match scalar {
            Scalar::Bool => self.bool.get_undef().into(),
            Scalar::Byte => self.byte.get_undef().into(),
            Scalar::Char => self.i32.get_undef().into(),
            Scalar::Int => self.word.get_undef().into(),
            Scalar::Float => self.double.get_undef().into(),
            Scalar::Reference => self.pointer.const_null().into(),
        }
    }

    /// A constant machine word.
    pub(in crate::codegen) fn int(&self, value: usize) -> IntValue<'ctx> {
        self.word.const_int(value as u64, false)
    }

    pub(in crate::codegen) fn structure(&self, fields: &[BasicTypeEnum<'ctx>]) -> StructType<'ctx> {
        self.context.struct_type(fields, false)
    }

    /// The type of a value in the C calling convention; `None` for `void`.
    pub(in crate::codegen) fn abi(&self, ty: AbiType) -> Option<BasicTypeEnum<'ctx>> {
        match ty {
            AbiType::Unit | AbiType::Never => None,
            AbiType::Bool => Some(self.bool.into()),
            AbiType::Int => Some(self.word.into()),
            AbiType::Float => Some(self.double.into()),
            AbiType::Char => Some(self.i32.into()),
            AbiType::Byte => Some(self.context.i8_type().into()),
            AbiType::Pointer => Some(self.pointer.into()),
        }
    }

    /// The type of a function; a `None` parameter is left out.
    pub(in crate::codegen) fn function(
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

    /// Converts a scalar to a word, as in the last column of the table at the top of this file.
    pub(in crate::codegen) fn word_of(
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
    pub(in crate::codegen) fn value_in(
        &self,
        builder: &Builder<'ctx>,
        word: BasicValueEnum<'ctx>,
        ty: BasicTypeEnum<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        let int = word.into_int_value();
        match ty {
            BasicTypeEnum::IntType(ty) if ty == self.word => word,
            BasicTypeEnum::IntType(ty) => builder.truncate(int, ty).into(),
            BasicTypeEnum::FloatType(_) => builder.bit_cast(word, self.double),
            BasicTypeEnum::PointerType(_) => builder.int_to_pointer(int).into(),
            BasicTypeEnum::ArrayType(_)
            | BasicTypeEnum::StructType(_)
            | BasicTypeEnum::VectorType(_)
            | BasicTypeEnum::ScalableVectorType(_) => panic!("BUG: no scalar is a {ty}"),
        }
    }
}
