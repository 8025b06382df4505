//! Counted loops: their induction variables, bounds and trip counts.
//!
//! ```text
//!   header:  %i = phi [0, entry], [%next, latch]       counter   %i
//!            ...                                       step      1
//!   latch:   %next = add %i, 1                         compared  %next, which includes the step
//!            %more = icmp slt %next, %n                bound     %n, computed before the loop
//!            br %more, header, exit                    goes_on   slt
//! ```
//!
//! The condition of the latch may have more parts, as in `while i < n && ok`:
//!
//! ```text
//!   latch:   %both = and %more, %ok                    the loop goes on while both are true; `Exits` records which
//!            br %both, header, exit                    part is the comparison, and can replace that part
//! ```
//!
//! With constants, as in `for i in 0..100`, the trip count is known: about (100 - 0) / 1. The trip count is also known
//! if the bound is the start plus a constant.

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::values::{BasicValue, BasicValueEnum, CallSiteValue, InstructionOpcode, IntValue, PhiValue};

use super::rewrite::{phis, terminator};
use crate::codegen::cx::builder::Builder;

/// A bottom-tested loop that compares an induction variable of constant step with a loop-invariant bound.
pub(super) struct Counted<'ctx> {
    pub(super) header: BasicBlock<'ctx>,
    pub(super) latch: BasicBlock<'ctx>,
    /// The block after the loop.
    pub(super) exit: BasicBlock<'ctx>,
    /// The condition that decides between another iteration and `exit`.
    pub(super) exits: Exits<'ctx>,
    /// The induction variable at the start of an iteration, a phi of the header.
    pub(super) counter: PhiValue<'ctx>,
    /// The number that each iteration adds to the counter.
    pub(super) step: i64,
    /// The operand that is compared with the bound: the counter, or its sum with the step.
    pub(super) compared: IntValue<'ctx>,
    pub(super) is_after_step: bool,
    /// The loop-invariant operand.
    pub(super) bound: IntValue<'ctx>,
    /// The relation between the two operands that leads to another iteration.
    pub(super) goes_on: IntPredicate,
}

/// The condition of the latch; one part of it is the comparison with the bound.
#[derive(Clone, Copy)]
pub(super) struct Exits<'ctx> {
    condition: IntValue<'ctx>,
    /// The comparison with the bound.
    comparison: IntValue<'ctx>,
    /// Whether the loop ends when the condition is true; the condition is then a disjunction. Otherwise the loop
    /// continues while the condition, a conjunction, is true.
    pub(super) ends_when_true: bool,
}

impl<'ctx> Exits<'ctx> {
    /// Builds the condition with `comparison` in place of the original comparison.
    pub(super) fn with(&self, builder: &Builder<'ctx>, comparison: IntValue<'ctx>) -> IntValue<'ctx> {
        self.replace_in(builder, self.condition, comparison)
    }

    fn replace_in(
        &self,
        builder: &Builder<'ctx>,
        condition: IntValue<'ctx>,
        comparison: IntValue<'ctx>,
    ) -> IntValue<'ctx> {
        if condition == self.comparison {
            return comparison;
        }
        let Some(parts) = parts(condition, self.ends_when_true) else { return condition };
        let [first, second] = parts.map(|part| self.replace_in(builder, part, comparison));
        let ty = condition.get_type();
        let both = match self.ends_when_true {
            true => builder.select(first, ty.const_all_ones(), second),
            false => builder.select(first, second, ty.const_zero()),
        };
        both.into_int_value()
    }
}

/// The parts of a condition: the operands of `||` if `any` is set, otherwise the operands of `&&`.
fn comparisons<'ctx>(condition: IntValue<'ctx>, any: bool) -> Vec<IntValue<'ctx>> {
    match parts(condition, any) {
        Some(parts) => parts.into_iter().flat_map(|part| comparisons(part, any)).collect(),
        None => vec![condition],
    }
}

/// The operands `a` and `b` if `condition` is `a || b` (`any` is set) or `a && b` (`any` is not set); otherwise `None`.
#[expect(clippy::wildcard_enum_match_arm, reason = "LLVM has many kinds, and may have more")]
fn parts<'ctx>(condition: IntValue<'ctx>, any: bool) -> Option<[IntValue<'ctx>; 2]> {
    let instruction = condition.as_instruction()?;
    let operand = |index| int(instruction.get_operand(index)?.value()?);
    match instruction.get_opcode() {
        InstructionOpcode::And if !any => Some([operand(0)?, operand(1)?]),
        InstructionOpcode::Or if any => Some([operand(0)?, operand(1)?]),
        InstructionOpcode::Select => {
            let [first, then, otherwise] = [operand(0)?, operand(1)?, operand(2)?];
            let is = |value: IntValue<'ctx>, bit| value.get_zero_extended_constant() == Some(bit);
            match any {
                true => is(then, 1).then_some([first, otherwise]),
                false => is(otherwise, 0).then_some([first, then]),
            }
        }
        _ => None,
    }
}

impl<'ctx> Counted<'ctx> {
    /// Recognises a counted loop from `header` to `latch`, which is the only latch; `None` if the loop is not counted.
    pub(super) fn of(
        header: BasicBlock<'ctx>,
        latch: BasicBlock<'ctx>,
        is_inside: impl Fn(BasicBlock<'ctx>) -> bool,
    ) -> Option<Counted<'ctx>> {
        let end = terminator(latch);
        if end.get_opcode() != InstructionOpcode::Br || end.get_num_operands() != 3 {
            return None;
        }
        let condition = int(end.get_operand(0)?.value()?)?;
        // The operands of a branch are, in this order, the condition, the target for false, and the target for true.
        let [otherwise, then] = [end.get_operand(1)?.block()?, end.get_operand(2)?.block()?];
        let ends_when_true = otherwise == header;
        let exit = if ends_when_true { then } else { otherwise };
        if is_inside(exit) || (!ends_when_true && then != header) {
            return None;
        }
        let found = |comparison: IntValue<'ctx>| {
            let comparison = comparison.as_instruction()?;
            let predicate = comparison.get_icmp_predicate()?;
            let goes_on = if ends_when_true { opposite(predicate) } else { predicate };
            let operand = |index| int(comparison.get_operand(index)?.value()?);
            let [left, right] = [operand(0)?, operand(1)?];
            let is_computed_inside = |value: IntValue<'ctx>| {
                let block = value.as_instruction().and_then(|instruction| instruction.get_parent());
                block.is_some_and(&is_inside)
            };
            let found = |compared, bound, goes_on| {
                let counter = counter(header, latch, compared)?;
                (!is_computed_inside(bound)).then_some((counter, compared, bound, goes_on))
            };
            found(left, right, goes_on).or_else(|| found(right, left, swapped(goes_on)))
        };
        let comparisons = comparisons(condition, ends_when_true);
        let (comparison, found) =
            comparisons.into_iter().find_map(|comparison| Some((comparison, found(comparison)?)))?;
        let ((counter, step, is_after_step), compared, bound, goes_on) = found;
        let exits = Exits { condition, comparison, ends_when_true };
        Some(Counted { header, latch, exit, exits, counter, step, compared, is_after_step, bound, goes_on })
    }

    /// An upper bound of the trip count, if one is known.
    pub(super) fn most_iterations(&self) -> Option<u64> {
        let start = self.counter.get_incomings().filter(|(_, from)| *from != self.latch);
        let starts: Vec<BasicValueEnum<'ctx>> = start.map(|(value, _)| value).collect();
        let [start] = starts[..] else { return None };
        let (start, bound) = constants_or_distance(int(start)?, self.bound)?;
        let (step, way) = (i128::from(self.step), bound - start);
        let is_toward = match self.goes_on {
            IntPredicate::NE => way % step == 0 && way / step > 0,
            IntPredicate::SLT | IntPredicate::SGT => self.is_toward() && way.signum() * step.signum() >= 0,
            IntPredicate::ULT => self.is_toward() && start >= 0 && bound >= start,
            // `i <= bound` never ends if the bound is the largest number, nor `i >= bound` if it is the smallest.
            IntPredicate::SLE | IntPredicate::SGE | IntPredicate::ULE | IntPredicate::UGE => false,
            IntPredicate::UGT | IntPredicate::EQ => false,
        };
        is_toward.then(|| u64::try_from(way / step + 2).unwrap_or(u64::MAX))
    }

    /// Whether the end of a strip can be computed from its start.
    pub(super) fn can_be_cut(&self) -> bool {
        let is_wide = self.compared.get_type().get_bit_width() >= 32;
        let is_power = self.step.unsigned_abs().is_power_of_two() && self.step.unsigned_abs() <= 1 << 16;
        is_wide && is_power && (self.goes_on == IntPredicate::NE || self.is_toward())
    }

    /// Whether each step moves the counter towards a value for which the relation is false.
    fn is_toward(&self) -> bool {
        match self.goes_on {
            IntPredicate::SLT | IntPredicate::SLE | IntPredicate::ULT | IntPredicate::ULE => self.step > 0,
            IntPredicate::SGT | IntPredicate::SGE | IntPredicate::UGT | IntPredicate::UGE => self.step < 0,
            IntPredicate::EQ | IntPredicate::NE => false,
        }
    }
}

/// Two numbers with the same difference as `start` and `bound`, if that difference is known.
fn constants_or_distance(start: IntValue<'_>, bound: IntValue<'_>) -> Option<(i128, i128)> {
    if let (Some(start), Some(bound)) =
        (start.get_sign_extended_constant(), bound.get_sign_extended_constant())
    {
        return Some((start.into(), bound.into()));
    }
    let distance = distance(start, bound)?;
    Some((0, distance.into()))
}

/// The difference `bound - start`, if `bound` is `start` plus a constant.
fn distance<'ctx>(start: IntValue<'ctx>, bound: IntValue<'ctx>) -> Option<i64> {
    let added = added(bound)?;
    (added.0 == start.as_basic_value_enum()).then_some(added.1)
}

/// A clock: a number to which each iteration adds, or from which it subtracts, a number of a known range.
///
/// ```text
///   steps 1 to 4, a poll after at least 256 iterations:    the mask is 0b0_1111_1100
///   number   251   255   256   257   258   259   261       four values in a row have no bit of the mask, and no step
///   masked   248   252     0     0     0     0     4       passes over all four; then 252 steps of 1 follow
/// ```
pub(super) struct Clock<'ctx> {
    pub(super) number: IntValue<'ctx>,
    /// The least and the greatest step, each rounded to a power of two.
    steps: [u64; 2],
}

/// The maximum step of a clock. Twice as large a step would not be wrong, but leaves fewer bits of a number of 32 bits.
const LARGEST_STEP: u64 = 1 << 16;

impl<'ctx> Clock<'ctx> {
    /// Finds a clock of the loop from `header` to `latch`, which is the only latch.
    pub(super) fn of(header: BasicBlock<'ctx>, latch: BasicBlock<'ctx>) -> Option<Clock<'ctx>> {
        phis(header).into_iter().find_map(|phi| {
            let (next, _) = phi.get_incomings().find(|(_, from)| *from == latch)?;
            let number = int(next).filter(|number| number.get_type().get_bit_width() >= 32)?;
            let [least, greatest] = steps(phi, number)?;
            let steps = [1 << least.ilog2(), greatest.next_power_of_two()];
            (greatest <= LARGEST_STEP).then_some(Clock { number, steps })
        })
    }

    /// The bits that are all zero in the number once in a while: at least once, and in at most as many iterations as
    /// one step can be longer than another, during `iterations` steps of the least length. `iterations` is a power of
    /// two.
    pub(super) fn mask(&self, iterations: u64) -> u64 {
        let [least, greatest] = self.steps;
        (iterations * least - 1) & !(greatest - 1)
    }
}

/// The least and the greatest number by which an iteration changes a header's phi, whose value in the next iteration is
/// `next`. All iterations change it in the same direction.
fn steps<'ctx>(phi: PhiValue<'ctx>, next: IntValue<'ctx>) -> Option<[u64; 2]> {
    if let Some(step) = step(phi, next) {
        return Some([step.unsigned_abs(); 2]);
    }
    let ([left, right], sign) = operands(next)?;
    let own = phi.as_basic_value();
    let added = if left == own { right } else { Some(left).filter(|_| right == own && sign > 0)? };
    let choice = added.as_instruction_value().and_then(|choice| PhiValue::try_from(choice).ok())?;
    let numbers = choice.get_incomings().map(|(number, _)| {
        let number = int(number)?.get_sign_extended_constant()?;
        u64::try_from(number).ok().filter(|&number| number > 0)
    });
    let numbers = numbers.collect::<Option<Vec<u64>>>()?;
    Some([*numbers.iter().min()?, *numbers.iter().max()?])
}

/// The operand and the constant of an addition, with or without an overflow check.
fn added(sum: IntValue<'_>) -> Option<(BasicValueEnum<'_>, i64)> {
    let ([operand, constant], sign) = operands(sum)?;
    Some((operand, sign * int(constant)?.get_sign_extended_constant()?))
}

/// The operands of an addition or subtraction, with or without an overflow check, and the sign of the second operand.
#[expect(clippy::wildcard_enum_match_arm, reason = "LLVM has many kinds, and may have more")]
fn operands(sum: IntValue<'_>) -> Option<([BasicValueEnum<'_>; 2], i64)> {
    let instruction = sum.as_instruction()?;
    let (sum, sign) = match instruction.get_opcode() {
        InstructionOpcode::Add => (instruction, 1),
        InstructionOpcode::ExtractValue if instruction.get_indices() == [0] => {
            let call = instruction.get_operand(0)?.value()?.as_instruction_value()?;
            let callee = CallSiteValue::try_from(call).ok()?.get_called_fn_value()?;
            match callee.get_name().to_bytes() {
                b"llvm.sadd.with.overflow.i64" => (call, 1),
                b"llvm.ssub.with.overflow.i64" => (call, -1),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(([sum.get_operand(0)?.value()?, sum.get_operand(1)?.value()?], sign))
}

/// The step of a header's phi, whose value in the next iteration is `next`; `None` if `next` is not the phi plus a
/// constant other than 0.
fn step<'ctx>(phi: PhiValue<'ctx>, next: IntValue<'ctx>) -> Option<i64> {
    added(next).filter(|&(own, step)| own == phi.as_basic_value() && step != 0).map(|(_, step)| step)
}

/// The phi from which `number` is computed, the phi's step, and whether `number` already includes the step.
fn counter<'ctx>(
    header: BasicBlock<'ctx>,
    latch: BasicBlock<'ctx>,
    number: IntValue<'ctx>,
) -> Option<(PhiValue<'ctx>, i64, bool)> {
    phis(header).into_iter().find_map(|phi| {
        let (next, _) = phi.get_incomings().find(|(_, from)| *from == latch)?;
        let next = int(next)?;
        let step = step(phi, next)?;
        let is_after_step = number == next;
        let is_counted = is_after_step || number.as_instruction() == Some(phi.as_instruction());
        is_counted.then_some((phi, step, is_after_step))
    })
}

fn int(value: BasicValueEnum<'_>) -> Option<IntValue<'_>> {
    if value.is_int_value() { Some(value.into_int_value()) } else { None }
}

/// The predicate that is true exactly when `predicate` is false.
pub(super) fn opposite(predicate: IntPredicate) -> IntPredicate {
    match predicate {
        IntPredicate::EQ => IntPredicate::NE,
        IntPredicate::NE => IntPredicate::EQ,
        IntPredicate::SLT => IntPredicate::SGE,
        IntPredicate::SGE => IntPredicate::SLT,
        IntPredicate::SGT => IntPredicate::SLE,
        IntPredicate::SLE => IntPredicate::SGT,
        IntPredicate::ULT => IntPredicate::UGE,
        IntPredicate::UGE => IntPredicate::ULT,
        IntPredicate::UGT => IntPredicate::ULE,
        IntPredicate::ULE => IntPredicate::UGT,
    }
}

fn swapped(predicate: IntPredicate) -> IntPredicate {
    match predicate {
        IntPredicate::EQ | IntPredicate::NE => predicate,
        IntPredicate::SLT => IntPredicate::SGT,
        IntPredicate::SGT => IntPredicate::SLT,
        IntPredicate::SLE => IntPredicate::SGE,
        IntPredicate::SGE => IntPredicate::SLE,
        IntPredicate::ULT => IntPredicate::UGT,
        IntPredicate::UGT => IntPredicate::ULT,
        IntPredicate::ULE => IntPredicate::UGE,
        IntPredicate::UGE => IntPredicate::ULE,
    }
}
