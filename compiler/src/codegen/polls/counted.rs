//! Loops whose number of turns is decided before the first.

use std::collections::HashSet;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::values::{BasicValueEnum, InstructionOpcode, InstructionValue, IntValue, PhiValue};

use super::rewrite::{end, phis};

/// A loop that ends each turn with a comparison of a number, to which every turn adds the same, with another one that
/// stays as it is.
pub(super) struct Counted<'ctx> {
    pub(super) header: BasicBlock<'ctx>,
    pub(super) latch: BasicBlock<'ctx>,
    /// Where the loop leads to after its last turn.
    pub(super) exit: BasicBlock<'ctx>,
    /// Whether the comparison's holding means the end.
    pub(super) ends_when_true: bool,
    /// The number at the start of a turn.
    pub(super) counter: PhiValue<'ctx>,
    /// What each turn adds to it.
    pub(super) step: i64,
    /// What is compared: the number before the addition or after it.
    pub(super) compared: IntValue<'ctx>,
    pub(super) is_after_step: bool,
    /// With what.
    pub(super) bound: IntValue<'ctx>,
    /// There is another turn if this holds between the two.
    pub(super) goes_on: IntPredicate,
}

impl<'ctx> Counted<'ctx> {
    /// The loop from `header` to `latch`, the only way back, if it is one. `body` holds all its blocks.
    pub(super) fn of(
        header: BasicBlock<'ctx>,
        latch: BasicBlock<'ctx>,
        body: &HashSet<BasicBlock<'ctx>>,
    ) -> Option<Counted<'ctx>> {
        let end = end(latch);
        if end.get_opcode() != InstructionOpcode::Br || end.get_num_operands() != 3 {
            return None;
        }
        let condition = end.get_operand(0)?.value()?.into_int_value().as_instruction()?;
        // The operands of a branch are its condition and where it leads if that does not hold and if it does.
        let [otherwise, then] = [end.get_operand(1)?.block()?, end.get_operand(2)?.block()?];
        let ends_when_true = otherwise == header;
        let exit = if ends_when_true { then } else { otherwise };
        if body.contains(&exit) || (!ends_when_true && then != header) {
            return None;
        }
        let predicate = condition.get_icmp_predicate()?;
        let [left, right] =
            [0, 1].map(|index| condition.get_operand(index).and_then(|operand| operand.value()));
        let [left, right] = [int(left?)?, int(right?)?];
        let goes_on = if ends_when_true { opposite(predicate) } else { predicate };
        let is_inside = |instruction: InstructionValue<'ctx>| {
            instruction.get_parent().is_some_and(|block| body.contains(&block))
        };
        let stays = |value: IntValue<'ctx>| !value.as_instruction().is_some_and(is_inside);
        let found = |compared: IntValue<'ctx>, bound: IntValue<'ctx>, goes_on| {
            let (counter, step, is_after_step) = counter(header, latch, compared)?;
            stays(bound).then_some(Counted {
                header,
                latch,
                exit,
                ends_when_true,
                counter,
                step,
                compared,
                is_after_step,
                bound,
                goes_on,
            })
        };
        found(left, right, goes_on).or_else(|| found(right, left, swapped(goes_on)))
    }

    /// How many turns there are at most, if that is known.
    pub(super) fn turns(&self) -> Option<u64> {
        let start = self.counter.get_incomings().filter(|(_, from)| *from != self.latch);
        let starts: Vec<BasicValueEnum<'ctx>> = start.map(|(value, _)| value).collect();
        let [start] = starts[..] else { return None };
        let start = i128::from(int(start)?.get_sign_extended_constant()?);
        let bound = i128::from(self.bound.get_sign_extended_constant()?);
        let (step, way) = (i128::from(self.step), bound - start);
        let is_toward = match self.goes_on {
            IntPredicate::NE => way % step == 0 && way / step > 0,
            IntPredicate::SLT | IntPredicate::SLE | IntPredicate::SGT | IntPredicate::SGE => {
                self.is_toward() && way.signum() * step.signum() >= 0
            }
            IntPredicate::ULT | IntPredicate::ULE => self.is_toward() && start >= 0 && bound >= start,
            IntPredicate::UGT | IntPredicate::UGE | IntPredicate::EQ => false,
        };
        is_toward.then(|| u64::try_from(way / step + 2).unwrap_or(u64::MAX))
    }

    /// Whether a strip's end can be computed from its start.
    pub(super) fn can_be_cut(&self) -> bool {
        let is_wide = self.compared.get_type().get_bit_width() >= 32;
        let is_power = self.step.unsigned_abs().is_power_of_two() && self.step.unsigned_abs() <= 1 << 16;
        is_wide && is_power && (self.goes_on == IntPredicate::NE || self.is_toward())
    }

    /// Whether the number goes to where the comparison does not hold.
    fn is_toward(&self) -> bool {
        match self.goes_on {
            IntPredicate::SLT | IntPredicate::SLE | IntPredicate::ULT | IntPredicate::ULE => self.step > 0,
            IntPredicate::SGT | IntPredicate::SGE | IntPredicate::UGT | IntPredicate::UGE => self.step < 0,
            IntPredicate::EQ | IntPredicate::NE => false,
        }
    }
}

/// The phi that a number of a loop counts with, what a turn adds, and whether the number has it already.
fn counter<'ctx>(
    header: BasicBlock<'ctx>,
    latch: BasicBlock<'ctx>,
    number: IntValue<'ctx>,
) -> Option<(PhiValue<'ctx>, i64, bool)> {
    phis(header).into_iter().find_map(|phi| {
        let (next, _) = phi.get_incomings().find(|(_, from)| *from == latch)?;
        let next = int(next)?;
        let sum = next.as_instruction().filter(|sum| sum.get_opcode() == InstructionOpcode::Add)?;
        let step =
            int(sum.get_operand(1)?.value()?)?.get_sign_extended_constant().filter(|&step| step != 0)?;
        let is_own = sum.get_operand(0)?.value()? == phi.as_basic_value();
        let is_after_step = number == next;
        let is_counted = is_after_step || number.as_instruction() == Some(phi.as_instruction());
        (is_own && is_counted).then_some((phi, step, is_after_step))
    })
}

fn int(value: BasicValueEnum<'_>) -> Option<IntValue<'_>> {
    if value.is_int_value() { Some(value.into_int_value()) } else { None }
}

/// What holds when the predicate does not.
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
