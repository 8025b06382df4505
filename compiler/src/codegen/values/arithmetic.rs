//! Operators, with the checks that panic.
//!
//! A check is a branch to a separate block, which calls a runtime function and does not return. LLVM assumes that such
//! a block is unlikely, and moves it to the end of the function.

use inkwell::basic_block::BasicBlock;
use inkwell::intrinsics::Intrinsic;
use inkwell::values::{BasicValueEnum, FloatValue, InstructionOpcode, IntValue};
use inkwell::{FloatPredicate, IntPredicate};
use weft_abi::PanicKind;

use crate::codegen::cx::builder;
use crate::codegen::cx::function::FunctionCx;
use crate::mir::{BinaryOp, Operand, UnaryOp};

/// 2 to the 63rd: the least float that is too large for an `Int`. Its negation is the least float that fits.
const INT_END: f64 = 9_223_372_036_854_775_808.0;

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Builds `op operand`.
    pub(in crate::codegen) fn unary(&mut self, op: UnaryOp, operand: &Operand) -> BasicValueEnum<'ctx> {
        let value = self.value_of(operand);
        match value {
            BasicValueEnum::FloatValue(float) => self.unary_on_float(op, float),
            BasicValueEnum::IntValue(int) => self.unary_on_int(op, int),
            BasicValueEnum::PointerValue(object) if op == UnaryOp::Address => {
                self.cx.builder.pointer_to_int(object, self.cx.types.word).into()
            }
            BasicValueEnum::PointerValue(_)
            | BasicValueEnum::StructValue(_)
            | BasicValueEnum::ArrayValue(_)
            | BasicValueEnum::VectorValue(_)
            | BasicValueEnum::ScalableVectorValue(_) => panic!("BUG: {op:?} of {value}"),
        }
    }

    fn unary_on_float(&mut self, op: UnaryOp, float: FloatValue<'ctx>) -> BasicValueEnum<'ctx> {
        match op {
            UnaryOp::Negate => self.cx.builder.negate_float(float).into(),
            UnaryOp::FloatToInt => self.float_to_int(float).into(),
            UnaryOp::FloatBits => self.cx.builder.bit_cast(float.into(), self.cx.types.word),
            // `sqrt` and `fabs` become single instructions, not calls of the C library.
            UnaryOp::SquareRoot => self.intrinsic("llvm.sqrt", &[float.into()]),
            UnaryOp::Absolute => self.intrinsic("llvm.fabs", &[float.into()]),
            UnaryOp::Not
            | UnaryOp::Complement
            | UnaryOp::IntToFloat
            | UnaryOp::ByteToInt
            | UnaryOp::IntToByte
            | UnaryOp::CharToInt
            | UnaryOp::IntToChar
            | UnaryOp::CountOnes
            | UnaryOp::LeadingZeros
            | UnaryOp::Address => panic!("BUG: {op:?} of a float"),
        }
    }

    fn unary_on_int(&mut self, op: UnaryOp, int: IntValue<'ctx>) -> BasicValueEnum<'ctx> {
        let types = self.cx.types;
        match op {
            UnaryOp::Negate => {
                let zero = int.get_type().const_zero();
                let is_signed = int.get_type() == types.word;
                let subtract = if is_signed { "llvm.ssub.with.overflow" } else { "llvm.usub.with.overflow" };
                self.checked(subtract, zero, int, PanicKind::NegateOverflow).into()
            }
            UnaryOp::Not | UnaryOp::Complement => self.cx.builder.not(int).into(),
            UnaryOp::IntToFloat => self.cx.builder.int_to_float(int, types.double).into(),
            UnaryOp::ByteToInt | UnaryOp::CharToInt => self.cx.builder.zero_extend(int, types.word).into(),
            UnaryOp::IntToByte => self.cx.builder.truncate(int, types.byte).into(),
            UnaryOp::IntToChar => self.cx.builder.truncate(int, types.i32).into(),
            UnaryOp::CountOnes => self.intrinsic("llvm.ctpop", &[int.into()]),
            // The flag `false` makes zero a defined operand, with the result 64.
            UnaryOp::LeadingZeros => {
                self.intrinsic("llvm.ctlz", &[int.into(), types.bool.const_zero().into()])
            }
            UnaryOp::FloatToInt
            | UnaryOp::FloatBits
            | UnaryOp::Address
            | UnaryOp::SquareRoot
            | UnaryOp::Absolute => {
                panic!("BUG: {op:?} of an integer")
            }
        }
    }

    /// Calls the LLVM intrinsic for the type of the first argument.
    fn intrinsic(&self, name: &str, arguments: &[BasicValueEnum<'ctx>]) -> BasicValueEnum<'ctx> {
        let function = Intrinsic::find(name)
            .and_then(|intrinsic| intrinsic.get_declaration(&self.cx.module, &[arguments[0].get_type()]))
            .unwrap_or_else(|| panic!("BUG: LLVM has no {name}"));
        let result = builder::result(self.cx.builder.call(function, arguments, ""));
        result.unwrap_or_else(|| panic!("BUG: {name} gives nothing"))
    }

    fn float_to_int(&mut self, float: FloatValue<'ctx>) -> IntValue<'ctx> {
        let bound = |bound| self.cx.types.double.const_float(bound);
        // Both comparisons are false for NaN.
        let above = self.cx.builder.compare_floats(FloatPredicate::OGE, float, bound(-INT_END));
        let below = self.cx.builder.compare_floats(FloatPredicate::OLT, float, bound(INT_END));
        let fits = self.cx.builder.int_operation(InstructionOpcode::And, above, below);
        self.require(fits, PanicKind::FloatToInt);
        self.cx.builder.float_to_int(float, self.cx.types.word)
    }

    /// Builds `left op right`.
    pub(in crate::codegen) fn binary(
        &mut self,
        op: BinaryOp,
        left: &Operand,
        right: &Operand,
    ) -> BasicValueEnum<'ctx> {
        let (left, right) = (self.value_of(left), self.value_of(right));
        match left {
            BasicValueEnum::FloatValue(left) => self.binary_on_floats(op, left, right.into_float_value()),
            BasicValueEnum::IntValue(left) => self.binary_on_ints(op, left, right.into_int_value()).into(),
            BasicValueEnum::PointerValue(_)
            | BasicValueEnum::StructValue(_)
            | BasicValueEnum::ArrayValue(_)
            | BasicValueEnum::VectorValue(_)
            | BasicValueEnum::ScalableVectorValue(_) => panic!("BUG: {op:?} of {left}"),
        }
    }

    /// An operation on `Int`, which is signed, or on `Byte`, `Char` or `Bool`, which are unsigned.
    fn binary_on_ints(
        &mut self,
        op: BinaryOp,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        use InstructionOpcode as Plain;
        let is_signed = left.get_type() == self.cx.types.word;
        let which = |signed, unsigned| if is_signed { signed } else { unsigned };
        let builder = &self.cx.builder;
        match op {
            BinaryOp::Add => {
                let add = which("llvm.sadd.with.overflow", "llvm.uadd.with.overflow");
                self.checked(add, left, right, PanicKind::AddOverflow)
            }
            BinaryOp::Subtract => {
                let subtract = which("llvm.ssub.with.overflow", "llvm.usub.with.overflow");
                self.checked(subtract, left, right, PanicKind::SubtractOverflow)
            }
            BinaryOp::Multiply => {
                let multiply = which("llvm.smul.with.overflow", "llvm.umul.with.overflow");
                self.checked(multiply, left, right, PanicKind::MultiplyOverflow)
            }
            BinaryOp::Divide => self.divide(Plain::SDiv, left, right, PanicKind::DivideByZero),
            BinaryOp::Remainder => self.divide(Plain::SRem, left, right, PanicKind::RemainderByZero),
            BinaryOp::WrappingAdd => builder.int_operation(Plain::Add, left, right),
            BinaryOp::WrappingSubtract => builder.int_operation(Plain::Sub, left, right),
            BinaryOp::WrappingMultiply => builder.int_operation(Plain::Mul, left, right),
            BinaryOp::MultiplyHigh => self.multiply_high(left, right),
            BinaryOp::And => builder.int_operation(Plain::And, left, right),
            BinaryOp::Or => builder.int_operation(Plain::Or, left, right),
            BinaryOp::Xor => builder.int_operation(Plain::Xor, left, right),
            BinaryOp::ShiftLeft => self.shift(Plain::Shl, left, right),
            BinaryOp::ShiftRight => self.shift(Plain::AShr, left, right),
            BinaryOp::ShiftRightLogical => self.shift(Plain::LShr, left, right),
            BinaryOp::Equal => builder.compare(IntPredicate::EQ, left, right),
            BinaryOp::NotEqual => builder.compare(IntPredicate::NE, left, right),
            BinaryOp::Less => self.compare(IntPredicate::SLT, IntPredicate::ULT, left, right),
            BinaryOp::LessEqual => self.compare(IntPredicate::SLE, IntPredicate::ULE, left, right),
            BinaryOp::Greater => self.compare(IntPredicate::SGT, IntPredicate::UGT, left, right),
            BinaryOp::GreaterEqual => self.compare(IntPredicate::SGE, IntPredicate::UGE, left, right),
        }
    }

    /// A comparison: signed for `Int`, unsigned for all other types.
    fn compare(
        &self,
        signed: IntPredicate,
        unsigned: IntPredicate,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        let is_signed = left.get_type() == self.cx.types.word;
        self.cx.builder.compare(if is_signed { signed } else { unsigned }, left, right)
    }

    /// The upper half of the unsigned product.
    fn multiply_high(&self, left: IntValue<'ctx>, right: IntValue<'ctx>) -> IntValue<'ctx> {
        use InstructionOpcode as Plain;
        let (builder, word) = (&self.cx.builder, self.cx.types.word);
        let double_word = self.cx.context.i128_type();
        let [left, right] = [left, right].map(|half| builder.zero_extend(half, double_word));
        let product = builder.int_operation(Plain::Mul, left, right);
        let width = double_word.const_int(u64::BITS.into(), false);
        builder.truncate(builder.int_operation(Plain::LShr, product, width), word)
    }

    fn binary_on_floats(
        &mut self,
        op: BinaryOp,
        left: FloatValue<'ctx>,
        right: FloatValue<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        use InstructionOpcode as Plain;
        let builder = &self.cx.builder;
        let compare = |predicate| builder.compare_floats(predicate, left, right).into();
        match op {
            BinaryOp::Add => builder.float_operation(Plain::FAdd, left, right).into(),
            BinaryOp::Subtract => builder.float_operation(Plain::FSub, left, right).into(),
            BinaryOp::Multiply => builder.float_operation(Plain::FMul, left, right).into(),
            BinaryOp::Divide => builder.float_operation(Plain::FDiv, left, right).into(),
            BinaryOp::Equal => compare(FloatPredicate::OEQ),
            // NaN differs from everything, itself included.
            BinaryOp::NotEqual => compare(FloatPredicate::UNE),
            BinaryOp::Less => compare(FloatPredicate::OLT),
            BinaryOp::LessEqual => compare(FloatPredicate::OLE),
            BinaryOp::Greater => compare(FloatPredicate::OGT),
            BinaryOp::GreaterEqual => compare(FloatPredicate::OGE),
            BinaryOp::Remainder
            | BinaryOp::WrappingAdd
            | BinaryOp::WrappingSubtract
            | BinaryOp::WrappingMultiply
            | BinaryOp::MultiplyHigh
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight
            | BinaryOp::ShiftRightLogical => panic!("BUG: {op:?} of floats"),
        }
    }

    /// An operation by an LLVM intrinsic that also returns whether the operation overflowed; panics on overflow.
    fn checked(
        &mut self,
        intrinsic: &str,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
        kind: PanicKind,
    ) -> IntValue<'ctx> {
        let pair = self.intrinsic(intrinsic, &[left.into(), right.into()]);
        let overflows = self.cx.builder.extract(pair, 1, "").into_int_value();
        self.forbid(overflows, kind);
        self.cx.builder.extract(pair, 0, "").into_int_value()
    }

    /// A division or a remainder: on `Int` the signed operation `op`, on `Byte` its unsigned counterpart, which cannot
    /// overflow.
    fn divide(
        &mut self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
        by_zero: PanicKind,
    ) -> IntValue<'ctx> {
        let ty = left.get_type();
        let is_not_zero = self.cx.builder.compare(IntPredicate::NE, right, ty.const_zero());
        self.require(is_not_zero, by_zero);
        if ty != self.cx.types.word {
            let is_quotient = op == InstructionOpcode::SDiv;
            let op = if is_quotient { InstructionOpcode::UDiv } else { InstructionOpcode::URem };
            return self.cx.builder.int_operation(op, left, right);
        }
        let (least, minus_one) = (ty.const_int(i64::MIN as u64, false), ty.const_all_ones());
        let is_not_least = self.cx.builder.compare(IntPredicate::NE, left, least);
        let is_not_minus_one = self.cx.builder.compare(IntPredicate::NE, right, minus_one);
        let fits = self.cx.builder.int_operation(InstructionOpcode::Or, is_not_least, is_not_minus_one);
        self.require(fits, PanicKind::DivideOverflow);
        self.cx.builder.int_operation(op, left, right)
    }

    /// A shift of `left` by `right`, which is an `Int` or has the type of `left`. A `Byte` is shifted as an `Int`, and
    /// the low bits are the result.
    fn shift(
        &mut self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        let (ty, word) = (left.get_type(), self.cx.types.word);
        let [wide, count] = [left, right].map(|value| match value.get_type() == word {
            true => value,
            false => self.cx.builder.zero_extend(value, word),
        });
        let width = word.const_int(u64::BITS.into(), false);
        // The comparison is unsigned, so a negative count is a very large number and does not fit.
        let fits = self.cx.builder.compare(IntPredicate::ULT, count, width);
        self.require(fits, PanicKind::ShiftRange);
        let shifted = self.cx.builder.int_operation(op, wide, count);
        if ty == word { shifted } else { self.cx.builder.truncate(shifted, ty) }
    }

    /// Panics unless `holds` is true.
    fn require(&mut self, holds: IntValue<'ctx>, kind: PanicKind) {
        let (fine, fails) = (self.block("fine"), self.block("fails"));
        self.cx.builder.branch(holds, fine, fails);
        self.fail(fine, fails, kind);
    }

    /// Panics if `fails` is true.
    fn forbid(&mut self, fails: IntValue<'ctx>, kind: PanicKind) {
        let (fine, failed) = (self.block("fine"), self.block("fails"));
        self.cx.builder.branch(fails, failed, fine);
        self.fail(fine, failed, kind);
    }

    fn fail(&mut self, fine: BasicBlock<'ctx>, fails: BasicBlock<'ctx>, kind: PanicKind) {
        self.cx.builder.at_end(fails);
        self.panic_kind(kind);
        self.cx.builder.at_end(fine);
    }
}
