//! Loops cut into strips.
//!
//! ```text
//!   header: ...                      strip:  end = the bound, or what the counter is after TURNS turns
//!   latch:  if i != bound: header    header: ...
//!   exit:                            latch:  if i != end: header
//!                                    done:   if i == bound: exit
//!                                    again:  poll; strip
//!                                    exit:
//! ```
//!
//! The inner loop has as many instructions in each turn as it had. Its end is chosen such that the loop goes on as it
//! would have: where numbers are ordered it is never beyond the bound, and where the bound has to be met exactly it is
//! met or not yet reached. The comparison with the bound itself decides whether the loop is over.

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::values::{InstructionOpcode, IntValue};

use super::counted::{Counted, opposite};
use super::rewrite::{end, phis, relabel};
use crate::codegen::builder::Builder;

/// How many turns a strip has. With loops that are small enough this is less than a tenth of a millisecond.
const TURNS: i64 = 4096;

/// Makes a loop of strips. Returns the block in which a strip has ended and another one follows.
pub(super) fn cut<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
) -> BasicBlock<'ctx> {
    let &Counted { header, latch, exit, .. } = counted;
    let strip = context.prepend_basic_block(header, "strip");
    let done = context.insert_basic_block_after(latch, "done");
    let again = context.insert_basic_block_after(done, "again");
    let outside = counted.counter.get_incomings().map(|(_, from)| from).filter(|from| *from != latch);
    for before in outside.collect::<Vec<_>>() {
        builder.redirect(end(before), header, strip);
    }
    let [outer, inner] = carry_all(builder, counted, strip, again);
    builder.at_end(strip);
    let last = last_of_strip(builder, counted, outer);
    builder.jump(header);

    let compared = if counted.is_after_step { counted.compared } else { inner };
    let predicate = if counted.ends_when_true { opposite(counted.goes_on) } else { counted.goes_on };
    let way_out = end(latch);
    builder.before(&way_out);
    way_out.set_operand(0, builder.compare(predicate, compared, last));
    builder.redirect(way_out, exit, done);
    relabel(builder, exit, latch, done);
    builder.at_end(done);
    let holds = builder.compare(predicate, compared, counted.bound);
    let [then, otherwise] = if counted.ends_when_true { [exit, again] } else { [again, exit] };
    builder.branch(holds, then, otherwise);
    builder.at_end(again);
    builder.jump(strip);
    again
}

/// What the loop carries from turn to turn is carried from strip to strip, too. Returns the counter of the outer loop
/// and that of the inner one.
fn carry_all<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    strip: BasicBlock<'ctx>,
    again: BasicBlock<'ctx>,
) -> [IntValue<'ctx>; 2] {
    let mut counters = None;
    let mut pairs = Vec::new();
    for phi in phis(counted.header) {
        let is_counter = phi == counted.counter;
        let ty = phi.as_basic_value().get_type();
        builder.at_end(strip);
        let outer = builder.phi(ty);
        builder.before(&phi.as_instruction());
        let inner = builder.phi(ty);
        inner.add_incoming(&[(&outer.as_basic_value(), strip)]);
        for (value, from) in phi.get_incomings() {
            let carried = if from == counted.latch { inner } else { outer };
            carried.add_incoming(&[(&value, from)]);
        }
        phi.replace_all_uses_with(&inner);
        phi.as_instruction().erase_from_basic_block();
        pairs.push((outer, inner));
        if is_counter {
            counters = Some([outer, inner].map(|phi| phi.as_basic_value().into_int_value()));
        }
    }
    for (outer, inner) in pairs {
        // Now it names no phi that was replaced.
        let (carried, _) = inner.get_incoming(1).expect("BUG: a loop without a way back");
        outer.add_incoming(&[(&carried, again)]);
    }
    counters.expect("BUG: a counter is no phi of its loop")
}

/// With what the inner loop compares, when the counter is `counter` at its start.
fn last_of_strip<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    counter: IntValue<'ctx>,
) -> IntValue<'ctx> {
    let ty = counter.get_type();
    let number = |value: i64| ty.const_int(value as u64, true);
    let first = if counted.is_after_step { counted.step } else { 0 };
    let far =
        builder.int_operation(InstructionOpcode::Add, counter, number(first + (TURNS - 1) * counted.step));
    let is_near = match counted.goes_on {
        IntPredicate::NE => {
            let [from, to] =
                if counted.step > 0 { [counter, counted.bound] } else { [counted.bound, counter] };
            let way = builder.int_operation(InstructionOpcode::Sub, to, from);
            let way = builder.int_operation(InstructionOpcode::Sub, way, number(first.abs()));
            // A way that is no multiple of the step never ends: rotated, it is long.
            let turns = rotate_right(builder, way, counted.step.unsigned_abs().trailing_zeros());
            builder.compare(IntPredicate::ULT, turns, number(TURNS))
        }
        ordered => {
            let is_far = builder.compare(ordered, far, counted.bound);
            builder.not(is_far)
        }
    };
    builder.select(is_near, counted.bound, far).into_int_value()
}

fn rotate_right<'ctx>(builder: &Builder<'ctx>, value: IntValue<'ctx>, by: u32) -> IntValue<'ctx> {
    if by == 0 {
        return value;
    }
    let ty = value.get_type();
    let number = |value: u32| ty.const_int(value.into(), false);
    let low = builder.int_operation(InstructionOpcode::LShr, value, number(by));
    let high = builder.int_operation(InstructionOpcode::Shl, value, number(ty.get_bit_width() - by));
    builder.int_operation(InstructionOpcode::Or, low, high)
}
