//! Strip mining: turns a counted loop into a loop over strips of a bounded number of iterations.
//!
//! ```text
//!                                       entry:   if the trip count is above STRIP: goto long
//!                                                last = the bound; goto strip
//!                                       long:    last = the compared number after STRIP iterations
//!                                       strip:
//!   header: ...                         header:  ...
//!   latch:  if i != bound: goto header  latch:   if i != last: goto header
//!   exit:                               done:    if i == bound: goto exit
//!                                       again:   last = the bound or STRIP iterations further; poll; goto strip
//!                                       exit:
//! ```
//!
//! A loop from 0 to 10,000 with strips of 4096 iterations runs like this:
//!
//! ```text
//!   entry     10,000 is above 4096
//!   long      last = 4096
//!   strip     iterations 0 to 4095       done: 4096 is not the bound    again: 10,000 - 4096 > 4096, last = 8192; poll
//!   strip     iterations 4096 to 8191    done: 8192 is not the bound    again: 1808 are left, last = 10,000; poll
//!   strip     iterations 8192 to 9999    done: the bound, exit
//! ```
//!
//! An iteration of the inner loop has as many instructions as before. The end of a strip is chosen so that the loop
//! continues as the original would: no strip ends beyond the bound, and the last strip has the bound as its end. The
//! comparison with the bound itself decides whether the whole loop is over.

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::values::{BasicValueEnum, InstructionOpcode, IntValue, PhiValue};

use super::counted_loops::{Counted, opposite};
use super::rewrite::{location_of, phis, relabel, terminator};
use crate::codegen::cx::builder::Builder;

/// The number of iterations of a strip. With fewer, the outer loop costs measurable time; with more, requests wait
/// longer. Loops that are small enough for strips run at most half a million instructions in a strip, far less than a
/// time slice.
pub(super) const STRIP: i64 = 4096;

/// Strip-mines a loop. Returns the block between two strips, to which the caller adds a poll.
pub(super) fn cut<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
) -> BasicBlock<'ctx> {
    let &Counted { header, latch, exit, .. } = counted;
    // Without this call, the new instructions would get the builder's last location, perhaps of another function.
    builder.set_location(location_of(terminator(latch), latch));
    let blocks = Blocks {
        entry: context.prepend_basic_block(header, "strips"),
        long: context.prepend_basic_block(header, "long"),
        strip: context.prepend_basic_block(header, "strip"),
        done: context.insert_basic_block_after(latch, "done"),
        again: context.insert_basic_block_after(latch, "again"),
    };
    let outside = counted.counter.get_incomings().map(|(_, from)| from).filter(|from| *from != latch);
    for before in outside.collect::<Vec<_>>() {
        builder.redirect(terminator(before), header, blocks.entry);
    }
    let Counters { first, inner, next } = carry_all(builder, counted, &blocks);
    builder.set_location(location_of(terminator(latch), latch));
    let last = choose_last(context, builder, counted, &blocks, first, next);
    builder.at_end(blocks.strip);
    builder.jump(header);

    let compared = if counted.is_after_step { counted.compared } else { inner };
    let ends_when_true = counted.exits.ends_when_true;
    let predicate = if ends_when_true { opposite(counted.goes_on) } else { counted.goes_on };
    let condition =
        |bound: IntValue<'ctx>| counted.exits.with(builder, builder.compare(predicate, compared, bound));
    let end = terminator(latch);
    builder.before(&end);
    end.set_operand(0, condition(last));
    builder.redirect(end, exit, blocks.done);
    relabel(builder, exit, latch, blocks.done);
    builder.at_end(blocks.done);
    let holds = condition(counted.bound);
    let [then, otherwise] = if ends_when_true { [exit, blocks.again] } else { [blocks.again, exit] };
    builder.branch(holds, then, otherwise);
    blocks.again
}

/// The blocks that are added around the loop.
struct Blocks<'ctx> {
    /// Tests whether there is more than one strip.
    entry: BasicBlock<'ctx>,
    /// Computes the end of the first strip if there is more than one.
    long: BasicBlock<'ctx>,
    /// Chooses the bound of a strip, and jumps to the header.
    strip: BasicBlock<'ctx>,
    /// Tests, after a strip, whether the whole loop is over.
    done: BasicBlock<'ctx>,
    /// Computes the end of the next strip.
    again: BasicBlock<'ctx>,
}

/// The values of the induction variable.
struct Counters<'ctx> {
    /// The value at the loop's entry.
    first: IntValue<'ctx>,
    /// The value at the start of an iteration.
    inner: IntValue<'ctx>,
    /// The value at the start of the next iteration.
    next: IntValue<'ctx>,
}

/// Adds a phi to the loop over strips for each phi of the inner loop.
fn carry_all<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    blocks: &Blocks<'ctx>,
) -> Counters<'ctx> {
    let mut counters = None;
    let mut pairs = Vec::new();
    for phi in phis(counted.header) {
        let is_counter = phi == counted.counter;
        let ty = phi.as_basic_value().get_type();
        let first = value_at_entry(builder, counted, blocks, phi);
        builder.at_end(blocks.strip);
        let outer = builder.phi(ty);
        outer.add_incoming(&[(&first, blocks.entry), (&first, blocks.long)]);
        builder.before(&phi.as_instruction());
        let inner = builder.phi(ty);
        inner.add_incoming(&[(&outer.as_basic_value(), blocks.strip)]);
        for (value, from) in phi.get_incomings().filter(|(_, from)| *from == counted.latch) {
            inner.add_incoming(&[(&value, from)]);
        }
        phi.replace_all_uses_with(&inner);
        phi.as_instruction().erase_from_basic_block();
        pairs.push((outer, inner));
        if is_counter {
            counters = Some((first.into_int_value(), inner));
        }
    }
    // The loop above has replaced all phis, so none of the values below refers to a replaced phi.
    let next = |inner: PhiValue<'ctx>| inner.get_incoming(1).expect("BUG: a loop without a way back").0;
    for (outer, inner) in pairs {
        outer.add_incoming(&[(&next(inner), blocks.again)]);
    }
    let (first, inner) = counters.expect("BUG: a counter is no phi of its loop");
    let next = next(inner).into_int_value();
    Counters { first, inner: inner.as_basic_value().into_int_value(), next }
}

/// The value of a phi in the first iteration.
fn value_at_entry<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    blocks: &Blocks<'ctx>,
    phi: PhiValue<'ctx>,
) -> BasicValueEnum<'ctx> {
    let incomings: Vec<_> = phi.get_incomings().filter(|(_, from)| *from != counted.latch).collect();
    if let [(alone, _)] = incomings[..] {
        return alone;
    }
    builder.at_end(blocks.entry);
    let merged = builder.phi(phi.as_basic_value().get_type());
    for (value, from) in incomings {
        merged.add_incoming(&[(&value, from)]);
    }
    merged.as_basic_value()
}

/// The bound of the inner loop in each strip. Most loops run for a single strip, and for them the choice costs one
/// branch.
fn choose_last<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    blocks: &Blocks<'ctx>,
    first: IntValue<'ctx>,
    next: IntValue<'ctx>,
) -> IntValue<'ctx> {
    builder.at_end(blocks.entry);
    let is_long = is_long(builder, counted, first);
    builder.branch_hardly_ever(context, is_long, blocks.long, blocks.strip);
    builder.at_end(blocks.long);
    let first_last = after_strip(builder, counted, first);
    builder.jump(blocks.strip);
    builder.at_end(blocks.again);
    let is_long = self::is_long(builder, counted, next);
    let next_last = builder.select(is_long, after_strip(builder, counted, next), counted.bound);
    builder.jump(blocks.strip);
    builder.at_end(blocks.strip);
    let last = builder.phi(counted.bound.get_type());
    last.add_incoming(&[
        (&counted.bound, blocks.entry),
        (&first_last, blocks.long),
        (&next_last, blocks.again),
    ]);
    last.as_basic_value().into_int_value()
}

/// The compared number at the end of a full strip that begins at `counter`.
fn after_strip<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    counter: IntValue<'ctx>,
) -> IntValue<'ctx> {
    let first = if counted.is_after_step { counted.step } else { 0 };
    let distance = counter.get_type().const_int((first + (STRIP - 1) * counted.step) as u64, true);
    builder.int_operation(InstructionOpcode::Add, counter, distance)
}

/// Whether the bound lies beyond the strip that begins at `counter`.
fn is_long<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    counter: IntValue<'ctx>,
) -> IntValue<'ctx> {
    if counted.goes_on != IntPredicate::NE {
        let end = after_strip(builder, counted, counter);
        return builder.compare(counted.goes_on, end, counted.bound);
    }
    let number = |value: i64| counter.get_type().const_int(value as u64, true);
    let [from, to] = if counted.step > 0 { [counter, counted.bound] } else { [counted.bound, counter] };
    let first = if counted.is_after_step { counted.step } else { 0 };
    let from = builder.int_operation(InstructionOpcode::Add, from, number(first.abs()));
    let distance = builder.int_operation(InstructionOpcode::Sub, to, from);
    // If the distance is no multiple of the step, the loop never ends; rotated, such a distance becomes a large number,
    // so the bound counts as beyond the strip.
    let iterations = rotate_right(builder, distance, counted.step.unsigned_abs().trailing_zeros());
    builder.compare(IntPredicate::UGE, iterations, number(STRIP))
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
