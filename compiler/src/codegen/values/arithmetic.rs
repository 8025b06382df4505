//! Operators, and the checks behind their panics.
//!
//! A check is a branch to a block of its own that calls a runtime function that does not return, so LLVM takes it for
//! unlikely and moves it out of the way.

use inkwell::basic_block::BasicBlock;
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
        match value {
            BasicValueEnum::FloatValue(float) => self.unary_on_float(op, float),
            BasicValueEnum::IntValue(int) => self.unary_on_int(op, int),
            BasicValueEnum::PointerValue(object) if op == UnaryOp::Address => {
                self.g.builder.pointer_to_int(object, self.g.types.word).into()
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
            UnaryOp::Negate => self.g.builder.negate_float(float).into(),
            UnaryOp::FloatToInt => self.float_to_int(float).into(),
            UnaryOp::FloatBits => self.g.builder.bit_cast(float.into(), self.g.types.word),
            // Both are single instructions, no calls of the C library.
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
        let types = self.g.types;
        match op {
            UnaryOp::Negate => {
                let zero = int.get_type().const_zero();
                let is_signed = int.get_type() == types.word;
                let subtract = if is_signed { "llvm.ssub.with.overflow" } else { "llvm.usub.with.overflow" };
                self.checked(subtract, zero, int, PanicKind::NegateOverflow).into()
            }
            UnaryOp::Not | UnaryOp::Complement => self.g.builder.not(int).into(),
            UnaryOp::IntToFloat => self.g.builder.int_to_float(int, types.double).into(),
            UnaryOp::ByteToInt | UnaryOp::CharToInt => self.g.builder.zero_extend(int, types.word).into(),
            UnaryOp::IntToByte => self.g.builder.truncate(int, types.byte).into(),
            UnaryOp::IntToChar => self.g.builder.truncate(int, types.i32).into(),
            UnaryOp::CountOnes => self.intrinsic("llvm.ctpop", &[int.into()]),
            // Of zero there are 64.
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

    /// An intrinsic of LLVM for the type of the first argument.
    fn intrinsic(&self, name: &str, arguments: &[BasicValueEnum<'ctx>]) -> BasicValueEnum<'ctx> {
        let function = Intrinsic::find(name)
            .and_then(|intrinsic| intrinsic.get_declaration(&self.g.module, &[arguments[0].get_type()]))
            .unwrap_or_else(|| panic!("BUG: LLVM has no {name}"));
        let result = builder::result(self.g.builder.call(function, arguments, ""));
        result.unwrap_or_else(|| panic!("BUG: {name} gives nothing"))
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

    /// On `Int`, which is signed, and on `Byte`, `Char` and `Bool`, which are not.
    fn binary_on_ints(
        &mut self,
        op: BinaryOp,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        use InstructionOpcode as Plain;
        let is_signed = left.get_type() == self.g.types.word;
        let which = |signed, unsigned| if is_signed { signed } else { unsigned };
        let builder = &self.g.builder;
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
            BinaryOp::Equal => builder.compare(IntPredicate::EQ, left, right),
            BinaryOp::NotEqual => builder.compare(IntPredicate::NE, left, right),
            BinaryOp::Less => self.compare(IntPredicate::SLT, IntPredicate::ULT, left, right),
            BinaryOp::LessEqual => self.compare(IntPredicate::SLE, IntPredicate::ULE, left, right),
            BinaryOp::Greater => self.compare(IntPredicate::SGT, IntPredicate::UGT, left, right),
            BinaryOp::GreaterEqual => self.compare(IntPredicate::SGE, IntPredicate::UGE, left, right),
        }
    }

    /// Compares by sign only where there is one.
    fn compare(
        &self,
        signed: IntPredicate,
        unsigned: IntPredicate,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        let is_signed = left.get_type() == self.g.types.word;
        self.g.builder.compare(if is_signed { signed } else { unsigned }, left, right)
    }

    /// The upper half of the unsigned product.
    fn multiply_high(&self, left: IntValue<'ctx>, right: IntValue<'ctx>) -> IntValue<'ctx> {
        use InstructionOpcode as Plain;
        let (builder, word) = (&self.g.builder, self.g.types.word);
        let double_word = self.g.context.i128_type();
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
            | BinaryOp::MultiplyHigh
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
        let pair = self.intrinsic(intrinsic, &[left.into(), right.into()]);
        let overflows = self.g.builder.extract(pair, 1, "").into_int_value();
        self.forbid(overflows, kind);
        self.g.builder.extract(pair, 0, "").into_int_value()
    }

    /// A signed division on `Int`, the unsigned one of the same name on `Byte`, where nothing overflows.
    fn divide(
        &mut self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
        by_zero: PanicKind,
    ) -> IntValue<'ctx> {
        let ty = left.get_type();
        let is_not_zero = self.g.builder.compare(IntPredicate::NE, right, ty.const_zero());
        self.require(is_not_zero, by_zero);
        if ty != self.g.types.word {
            let is_quotient = op == InstructionOpcode::SDiv;
            let op = if is_quotient { InstructionOpcode::UDiv } else { InstructionOpcode::URem };
            return self.g.builder.int_operation(op, left, right);
        }
        let (least, minus_one) = (ty.const_int(i64::MIN as u64, false), ty.const_all_ones());
        let is_not_least = self.g.builder.compare(IntPredicate::NE, left, least);
        let is_not_minus_one = self.g.builder.compare(IntPredicate::NE, right, minus_one);
        let fits = self.g.builder.int_operation(InstructionOpcode::Or, is_not_least, is_not_minus_one);
        self.require(fits, PanicKind::DivideOverflow);
        self.g.builder.int_operation(op, left, right)
    }

    /// The count is an `Int` or of the type of the value. A `Byte` is shifted as an `Int`; its low bits are the result.
    fn shift(
        &mut self,
        op: InstructionOpcode,
        left: IntValue<'ctx>,
        right: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        let (ty, word) = (left.get_type(), self.g.types.word);
        let [wide, count] = [left, right].map(|value| match value.get_type() == word {
            true => value,
            false => self.g.builder.zero_extend(value, word),
        });
        let width = word.const_int(u64::BITS.into(), false);
        // Unsigned, so that a negative count is a very large one.
        let fits = self.g.builder.compare(IntPredicate::ULT, count, width);
        self.require(fits, PanicKind::ShiftRange);
        let shifted = self.g.builder.int_operation(op, wide, count);
        if ty == word { shifted } else { self.g.builder.truncate(shifted, ty) }
    }

    /// Goes on only if `holds`, else panics.
    fn require(&mut self, holds: IntValue<'ctx>, kind: PanicKind) {
        let (fine, fails) = (self.block("fine"), self.block("fails"));
        self.g.builder.branch(holds, fine, fails);
        self.fail(fine, fails, kind);
    }

    /// Panics if `fails`.
    fn forbid(&mut self, fails: IntValue<'ctx>, kind: PanicKind) {
        let (fine, failed) = (self.block("fine"), self.block("fails"));
        self.g.builder.branch(fails, failed, fine);
        self.fail(fine, failed, kind);
    }

    fn fail(&mut self, fine: BasicBlock<'ctx>, fails: BasicBlock<'ctx>, kind: PanicKind) {
        self.g.builder.at_end(fails);
        self.panic_kind(kind);
        self.g.builder.at_end(fine);
    }
}
