//! Operators, and the checks behind their panics.
//!
//! A check is a branch to a block of its own that calls a runtime function that does not return, so LLVM takes it for
//! unlikely and moves it out of the way.

use inkwell::intrinsics::Intrinsic;
use inkwell::values::{BasicValueEnum, FloatValue, InstructionOpcode, IntValue};
use inkwell::{FloatPredicate, IntPredicate};
use weft_abi::PanicKind;

use crate::codegen::builder;
use crate::codegen::functions::Body;
use crate::mir::{BinaryOp, Operand, UnaryOp};

/// 2 to the 63rd: the least float that is too large for an `Int`. Its negative is the least that is not too small.
const INT_END: f64 = 9_223_372_036_854_775_808.0;

impl<'ctx> Body<'_, 'ctx, '_> {
    /// `op operand`
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Operand) -> BasicValueEnum<'ctx> {
        let value = self.value_of(operand);
        match (op, value) {
            (UnaryOp::Negate, BasicValueEnum::FloatValue(float)) => self.g.builder.negate_float(float).into(),
            (UnaryOp::Negate, _) => {
                let zero = self.g.types.word.const_zero();
                let value = value.into_int_value();
                self.checked("llvm.ssub.with.overflow", zero, value, PanicKind::NegateOverflow).into()
            }
            (UnaryOp::Not | UnaryOp::Complement, _) => self.g.builder.not(value.into_int_value()).into(),
            (UnaryOp::IntToFloat, _) => {
                self.g.builder.int_to_float(value.into_int_value(), self.g.types.double).into()
            }
            (UnaryOp::FloatToInt, _) => self.float_to_int(value.into_float_value()).into(),
        }
    }

    fn float_to_int(&mut self, float: FloatValue<'ctx>) -> IntValue<'ctx> {
        let bound = |bound| self.g.types.double.const_float(bound);
        // Both compare false for NaN.
        let above = self.g.builder.compare_floats(FloatPredicate::OGE, float, bound(-INT_END));
        let below = self.g.builder.compare_floats(FloatPredicate::OLT, float, bound(INT_END));
        let fits = self.g.builder.int_operation(InstructionOpcode::And, above, below);
        self.require(fits, PanicKind::FloatToInt);
        self.g.builder.float_to_int(float, self.g.types.word)
    }

    /// `left op right`
    pub(super) fn binary(&mut self, op: BinaryOp, left: &Operand, right: &Operand) -> BasicValueEnum<'ctx> {
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

    /// On `Int`, and on `Bool`, which counts as an unsigned number of one bit.
    fn binary_on_ints(
        &mut self,
        op: BinaryOp,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        use InstructionOpcode as Plain;
        let compares =
            |signed, unsigned| if left.get_type() == self.g.types.bool { unsigned } else { signed };
        let builder = &self.g.builder;
        match op {
            BinaryOp::Add => self.checked("llvm.sadd.with.overflow", left, right, PanicKind::AddOverflow),
            BinaryOp::Subtract => {
                self.checked("llvm.ssub.with.overflow", left, right, PanicKind::SubtractOverflow)
            }
            BinaryOp::Multiply => {
                self.checked("llvm.smul.with.overflow", left, right, PanicKind::MultiplyOverflow)
            }
            BinaryOp::Divide => self.divide(Plain::SDiv, left, right, PanicKind::DivideByZero),
            BinaryOp::Remainder => self.divide(Plain::SRem, left, right, PanicKind::RemainderByZero),
            BinaryOp::WrappingAdd => builder.int_operation(Plain::Add, left, right),
            BinaryOp::WrappingSubtract => builder.int_operation(Plain::Sub, left, right),
            BinaryOp::WrappingMultiply => builder.int_operation(Plain::Mul, left, right),
            BinaryOp::And => builder.int_operation(Plain::And, left, right),
            BinaryOp::Or => builder.int_operation(Plain::Or, left, right),
            BinaryOp::Xor => builder.int_operation(Plain::Xor, left, right),
            BinaryOp::ShiftLeft => self.shift(Plain::Shl, left, right),
            BinaryOp::ShiftRight => self.shift(Plain::AShr, left, right),
            BinaryOp::Equal => builder.compare(IntPredicate::EQ, left, right),
            BinaryOp::NotEqual => builder.compare(IntPredicate::NE, left, right),
            BinaryOp::Less => builder.compare(compares(IntPredicate::SLT, IntPredicate::ULT), left, right),
            BinaryOp::LessEqual => {
                builder.compare(compares(IntPredicate::SLE, IntPredicate::ULE), left, right)
            }
            BinaryOp::Greater => builder.compare(compares(IntPredicate::SGT, IntPredicate::UGT), left, right),
            BinaryOp::GreaterEqual => {
                builder.compare(compares(IntPredicate::SGE, IntPredicate::UGE), left, right)
            }
        }
    }

    fn binary_on_floats(
        &mut self,
        op: BinaryOp,
        left: FloatValue<'ctx>,
        right: FloatValue<'ctx>,
    ) -> BasicValueEnum<'ctx> {
        use InstructionOpcode as Plain;
        let builder = &self.g.builder;
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
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => panic!("BUG: {op:?} of floats"),
        }
    }

    /// An operation by one of LLVM's intrinsics that also give whether it overflowed.
    fn checked(
        &mut self,
        intrinsic: &str,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
        kind: PanicKind,
    ) -> IntValue<'ctx> {
        let word = self.g.types.word.into();
        let function = Intrinsic::find(intrinsic)
            .and_then(|intrinsic| intrinsic.get_declaration(&self.g.module, &[word]))
            .unwrap_or_else(|| panic!("BUG: LLVM has no {intrinsic}"));
        let pair = builder::result(self.g.builder.call(function, &[left.into(), right.into()], ""));
        let pair = pair.unwrap_or_else(|| panic!("BUG: {intrinsic} gives nothing"));
        let overflows = self.g.builder.extract(pair, 1, "").into_int_value();
        let fits = self.g.builder.not(overflows);
        self.require(fits, kind);
        self.g.builder.extract(pair, 0, "").into_int_value()
    }

    fn divide(
        &mut self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
        by_zero: PanicKind,
    ) -> IntValue<'ctx> {
        let word = self.g.types.word;
        let is_not_zero = self.g.builder.compare(IntPredicate::NE, right, word.const_zero());
        self.require(is_not_zero, by_zero);
        let (least, minus_one) = (word.const_int(i64::MIN as u64, false), word.const_all_ones());
        let is_not_least = self.g.builder.compare(IntPredicate::NE, left, least);
        let is_not_minus_one = self.g.builder.compare(IntPredicate::NE, right, minus_one);
        let fits = self.g.builder.int_operation(InstructionOpcode::Or, is_not_least, is_not_minus_one);
        self.require(fits, PanicKind::DivideOverflow);
        self.g.builder.int_operation(op, left, right)
    }

    fn shift(
        &mut self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        let width = self.g.types.word.const_int(u64::BITS.into(), false);
        // Unsigned, so that a negative count is a very large one.
        let fits = self.g.builder.compare(IntPredicate::ULT, right, width);
        self.require(fits, PanicKind::ShiftRange);
        self.g.builder.int_operation(op, left, right)
    }

    /// Goes on only if `holds`, else panics.
    fn require(&mut self, holds: IntValue<'ctx>, kind: PanicKind) {
        let (fine, fails) = (self.block("fine"), self.block("fails"));
        self.g.builder.branch(holds, fine, fails);
        self.g.builder.at_end(fails);
        self.panic_kind(kind);
        self.g.builder.at_end(fine);
    }
}
