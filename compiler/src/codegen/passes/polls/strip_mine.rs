//! Loops cut into strips.
//!
//! ```text
//!                                  entry:   if there are more than TURNS turns: long
//!                                           last = the bound; strip
//!                                  long:    last = what is compared after TURNS turns
//!                                  strip:
//!   header: ...                    header:  ...
//!   latch:  if i != bound: header  latch:   if i != last: header
//!   exit:                          done:    if i == bound: exit
//!                                  again:   last = the bound or TURNS turns further; poll; strip
//!                                  exit:
//! ```
//!
//! The inner loop has as many instructions in each turn as it had. Its end is chosen such that the loop goes on as it
//! would have: where numbers are ordered it is never beyond the bound, and where the bound has to be met exactly it is
//! met or not yet reached. The comparison with the bound itself decides whether the loop is over.

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::values::{BasicValueEnum, InstructionOpcode, IntValue, PhiValue};

use super::counted_loops::{Counted, opposite};
use super::rewrite::{end, location_of, phis, relabel};
use crate::codegen::cx::builder::Builder;

/// How many turns a strip has. Loops that are small enough to be cut pass half a million instructions in them at most:
/// that is far less than a turn of a thread.
pub(super) const TURNS: i64 = 4096;

/// Makes a loop of strips. Returns the block in which a strip has ended and another one follows.
pub(super) fn cut<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
) -> BasicBlock<'ctx> {
    let &Counted { header, latch, exit, .. } = counted;
    // Otherwise what is made here would stand where the builder was last, perhaps in another function.
    builder.set_location(location_of(end(latch), latch));
    let blocks = Blocks {
        entry: context.prepend_basic_block(header, "strips"),
        long: context.prepend_basic_block(header, "long"),
        strip: context.prepend_basic_block(header, "strip"),
        done: context.insert_basic_block_after(latch, "done"),
        again: context.insert_basic_block_after(latch, "again"),
    };
    let outside = counted.counter.get_incomings().map(|(_, from)| from).filter(|from| *from != latch);
    for before in outside.collect::<Vec<_>>() {
        builder.redirect(end(before), header, blocks.entry);
    }
    let Counters { first, inner, next } = carry_all(builder, counted, &blocks);
    builder.set_location(location_of(end(latch), latch));
    let last = choose_last(context, builder, counted, &blocks, first, next);
    builder.at_end(blocks.strip);
    builder.jump(header);

    let compared = if counted.is_after_step { counted.compared } else { inner };
    let ends_when_true = counted.exits.ends_when_true;
    let predicate = if ends_when_true { opposite(counted.goes_on) } else { counted.goes_on };
    let condition =
        |bound: IntValue<'ctx>| counted.exits.with(builder, builder.compare(predicate, compared, bound));
    let way_out = end(latch);
    builder.before(&way_out);
    way_out.set_operand(0, condition(last));
    builder.redirect(way_out, exit, blocks.done);
    relabel(builder, exit, latch, blocks.done);
    builder.at_end(blocks.done);
    let holds = condition(counted.bound);
    let [then, otherwise] = if ends_when_true { [exit, blocks.again] } else { [blocks.again, exit] };
    builder.branch(holds, then, otherwise);
    blocks.again
}

/// The blocks around the loop.
struct Blocks<'ctx> {
    /// Looks whether there is more than one strip.
    entry: BasicBlock<'ctx>,
    /// Computes where the first ends if there is.
    long: BasicBlock<'ctx>,
    /// Begins a strip.
    strip: BasicBlock<'ctx>,
    /// Ends one.
    done: BasicBlock<'ctx>,
    /// Computes where the next ends.
    again: BasicBlock<'ctx>,
}

/// The number that counts turns.
struct Counters<'ctx> {
    /// At the loop's entry.
    first: IntValue<'ctx>,
    /// In each turn.
    inner: IntValue<'ctx>,
    /// At the start of the turn after this.
    next: IntValue<'ctx>,
}

/// What the loop carries from turn to turn is carried from strip to strip, too.
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
    // Now none of them names a phi that was replaced.
    let next = |inner: PhiValue<'ctx>| inner.get_incoming(1).expect("BUG: a loop without a way back").0;
    for (outer, inner) in pairs {
        outer.add_incoming(&[(&next(inner), blocks.again)]);
    }
    let (first, inner) = counters.expect("BUG: a counter is no phi of its loop");
    let next = next(inner).into_int_value();
    Counters { first, inner: inner.as_basic_value().into_int_value(), next }
}

/// What a phi of the loop is in its first turn.
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

/// With what the inner loop compares in each strip. Most loops are short: they find that by one branch.
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

/// What is compared at the end of a strip that begins with `counter`.
fn after_strip<'ctx>(
    builder: &Builder<'ctx>,
    counted: &Counted<'ctx>,
    counter: IntValue<'ctx>,
) -> IntValue<'ctx> {
    let first = if counted.is_after_step { counted.step } else { 0 };
    let distance = counter.get_type().const_int((first + (TURNS - 1) * counted.step) as u64, true);
    builder.int_operation(InstructionOpcode::Add, counter, distance)
}

/// Whether the bound lies behind the strip that begins with `counter`.
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
    let way = builder.int_operation(InstructionOpcode::Sub, to, from);
    // A way that is no multiple of the step never ends: rotated, it is long.
    let turns = rotate_right(builder, way, counted.step.unsigned_abs().trailing_zeros());
    builder.compare(IntPredicate::UGE, turns, number(TURNS))
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
