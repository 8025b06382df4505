//! Polls: what lets a loop be interrupted.
//!
//! The prologue of a function that calls others is a *safepoint*: when another thread of the system wants something, it
//! puts [`REQUEST_LIMIT`](weft_abi::stack::REQUEST_LIMIT) where the stack's limit is, and the check leads into the
//! runtime. A loop that calls nothing needs a check of its own:
//!
//! ```text
//!       ...                     a turn
//!       mov  %fs:0x70, %rax     at its end, before it is decided whether another one follows
//!       cmp  $-1, %rax
//!       je   1f                 hardly ever
//!   2:  ...                     the way back, and the way out
//!
//!   1:  call weft_poll          out of the way; it saves every register and loads all of them again
//!       jmp  2b
//! ```
//!
//! Polls come after all other passes, which thus see loops as they were written and make them wide or none at all. A
//! poll is then left out where
//!
//! - every way through a turn passes a safepoint in any case,
//! - the loop is known to end soon,
//! - the loop is counted and small, and ends before only by a panic: it is cut into [strips](strip_mine), and only the loop
//!   over strips has a poll.
//!
//! Where another small loop counts something, there is a poll only when the lower bits of that
//! [clock](Clock) are zero: that is one instruction of the processor instead of two, and no load.
//!
//! The collector looks for objects in what the stopped thread has saved, and passes of code generation may leave there
//! nothing but an address beside the object. So each pointer that is [live](live) at a poll counts as used by it.

/// The graph of blocks, and the natural loops in it.
mod graph;
/// The objects that are live at a poll.
mod live;
/// Edits of the graph that keep phis right.
mod rewrite;
/// Counted loops: induction variables, bounds and trip counts.
mod counted_loops;
/// Strip mining: after this an inner loop without polls ends within a bounded trip count.
mod strip_mine;

use std::collections::HashSet;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::values::{BasicValueEnum, CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue};
use weft_abi::stack::POLL_SYMBOL;

use crate::codegen::cx::assembly::Assembly;
use crate::codegen::cx::builder::Builder;
use crate::codegen::cx::input::Level;
use crate::codegen::cx::types::Types;
use crate::codegen::passes::ir::{PassCx, has_check};
use crate::codegen::passes::polls::counted_loops::{Clock, Counted};
use crate::codegen::passes::polls::graph::{Graph, Loop};

/// A loop that ends after so many instructions needs no poll: next to a turn of a thread they are nothing.
const SOON: u64 = 1 << 16;

/// What a call of something that is no safepoint counts, in instructions.
const CALL: u64 = 1 << 10;

/// Loops of more instructions are not cut into strips and need no clock: next to them a poll is nothing.
const SMALL: u64 = 128;

/// How many instructions may pass between two polls, because of clocks: that is less than a turn of a thread, and only
/// where loops that turn nearly as often as their clocks lie in one another.
const LONGEST: u64 = 1 << 25;

/// The least and the most turns of a clock. When a clock says that it is time the processor did not expect that, which
/// takes it as long as several turns.
const TURNS: [u64; 2] = [256, 1024];

/// Gives every loop its polls. To be run after all passes.
pub(in crate::codegen) fn run(cx: &PassCx<'_, '_>) {
    if !cx.polls {
        return;
    }
    let PassCx { context, module, level, .. } = *cx;
    let checked: HashSet<FunctionValue<'_>> =
        module.get_functions().filter(|&function| has_check(function)).collect();
    let inserter =
        Inserter { context, builder: Builder::new(context), types: Types::new(context), checked, level };
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        inserter.function(function);
    }
}

/// What a loop gets.
enum Plan<'ctx> {
    /// Polls at the end of these blocks.
    Polls(Vec<BasicBlock<'ctx>>),
    /// A poll at the end of the latch once in so many turns.
    Clock { header: BasicBlock<'ctx>, latch: BasicBlock<'ctx>, turns: u64 },
    /// A loop around it.
    Strips { header: BasicBlock<'ctx>, latch: BasicBlock<'ctx>, body: HashSet<BasicBlock<'ctx>> },
}

struct Inserter<'ctx> {
    context: &'ctx Context,
    builder: Builder<'ctx>,
    types: Types<'ctx>,
    /// The functions whose call is a safepoint.
    checked: HashSet<FunctionValue<'ctx>>,
    level: Level,
}

impl<'ctx> Inserter<'ctx> {
    fn function(&self, function: FunctionValue<'ctx>) {
        let graph = Graph::of(function);
        let loops = graph.loops();
        if loops.is_empty() {
            return;
        }
        let mut polled = Vec::new();
        let mut clocks = Vec::new();
        for plan in self.plan(&graph, &loops) {
            match plan {
                Plan::Polls(blocks) => polled.extend(blocks),
                Plan::Clock { header, latch, turns } => {
                    clocks.push((polled.len(), header, turns));
                    polled.push(latch);
                }
                Plan::Strips { header, latch, body } => {
                    let counted = Counted::of(header, latch, |block| body.contains(&block));
                    let counted = counted.expect("BUG: a loop is not counted any more");
                    polled.push(strip_mine::cut(self.context, &self.builder, &counted));
                }
            }
        }
        if polled.is_empty() {
            return;
        }
        // Making room replaces phis, of which no poll may name one: so what is live is asked afterwards.
        let rests: Vec<_> = polled.iter().map(|&block| self.make_room(block)).collect();
        let kept = live::pointers_after(&Graph::of(function), &polled);
        for (index, header, turns) in clocks {
            let clock = Clock::of(header, rests[index]).expect("BUG: a loop counts nothing any more");
            polled[index] = self.read_clock(polled[index], rests[index], &clock, turns);
        }
        for ((block, rest), kept) in polled.into_iter().zip(rests).zip(kept) {
            self.poll(block, rest, &kept);
        }
    }

    /// Inner loops come before outer ones: a turn of the outer may be sure to pass a poll of the inner.
    fn plan(&self, graph: &Graph<'ctx>, loops: &[Loop]) -> Vec<Plan<'ctx>> {
        let mut safe: Vec<bool> = graph.blocks.iter().map(|&block| self.is_safepoint(block)).collect();
        let mut weights: Vec<u64> = graph.blocks.iter().map(|&block| weight(block)).collect();
        let mut plans = Vec::new();
        // How many instructions may pass in a loop without a poll, by header; of loops in loops that of the outer one.
        let mut spans: Vec<(usize, u64)> = Vec::new();
        for found in loops {
            let latches = graph.latches_without(found, &safe);
            if latches.is_empty() {
                continue;
            }
            let [header, latch] =
                [Some(found.header), found.only_latch()].map(|block| Some(graph.blocks[block?]));
            let is_inside = |block| found.contains(graph.number(block));
            let counted = header.zip(latch).and_then(|(header, latch)| Counted::of(header, latch, is_inside));
            // What a safepoint calls is not between two of them.
            let between = found.body.iter().filter(|&&block| !safe[block]);
            let cost = between.fold(0, |cost: u64, &block| cost.saturating_add(weights[block]));
            if let Some(turns) = counted.as_ref().and_then(Counted::turns)
                && turns.saturating_mul(cost) <= SOON
            {
                found.body.iter().for_each(|&block| weights[block] *= turns.max(1));
                continue;
            }
            let inner = spans.extract_if(.., |(header, _)| found.contains(*header));
            let span = inner.fold(cost, |sum, (_, span)| sum.saturating_add(span));
            let turns = (LONGEST / span.max(1)).min(TURNS[1]);
            let has_clock =
                || header.zip(latch).and_then(|(header, latch)| Clock::of(header, latch)).is_some();
            let (plan, turns) = match (counted, header.zip(latch)) {
                (Some(counted), _) if self.is_worth_strips(graph, loops, found, &counted, cost) => {
                    let Counted { header, latch, .. } = counted;
                    let body = found.body.iter().map(|&block| graph.blocks[block]).collect();
                    (Plan::Strips { header, latch, body }, strip_mine::TURNS as u64)
                }
                (_, Some((header, latch))) if cost <= SMALL && turns >= TURNS[0] && has_clock() => {
                    let turns = 1 << turns.ilog2();
                    (Plan::Clock { header, latch, turns }, turns)
                }
                _ => {
                    latches.iter().for_each(|&latch| safe[latch] = true);
                    (Plan::Polls(latches.iter().map(|&latch| graph.blocks[latch]).collect()), 1)
                }
            };
            plans.push(plan);
            spans.push((found.header, span.saturating_mul(turns)));
        }
        plans
    }

    fn is_worth_strips(
        &self,
        graph: &Graph<'ctx>,
        loops: &[Loop],
        found: &Loop,
        counted: &Counted<'ctx>,
        cost: u64,
    ) -> bool {
        if self.level == Level::O0 || cost > SMALL || !counted.can_be_cut() {
            return false;
        }
        let is_inner = |other: &Loop| other.header != found.header && found.contains(other.header);
        let leads_back = |other: &Loop| graph.blocks[other.header] == counted.exit;
        // A loop that looks for something may find it in the first turns: to choose a strip would be the most of it.
        let is_panic = |block| rewrite::end(block).get_opcode() == InstructionOpcode::Unreachable;
        let looks = || graph.exits(found).any(|exit| exit != counted.exit && !is_panic(exit));
        !loops.iter().any(|other| is_inner(other) || leads_back(other)) && !looks()
    }

    /// Whether who passes the block has certainly passed a check.
    fn is_safepoint(&self, block: BasicBlock<'ctx>) -> bool {
        calls_in(block).any(|call| {
            let callee = call.get_called_fn_value();
            callee.is_some_and(|callee| self.checked.contains(&callee))
        })
    }

    /// Moves the way out of a block to another one, to which it leads now.
    fn make_room(&self, block: BasicBlock<'ctx>) -> BasicBlock<'ctx> {
        let rest = rewrite::split_before_end(self.context, &self.builder, block);
        self.builder.at_end(block);
        self.builder.jump(rest);
        rest
    }

    /// Leads to the rest of a block unless it is time for a poll, for which it gives another block.
    fn read_clock(
        &self,
        block: BasicBlock<'ctx>,
        rest: BasicBlock<'ctx>,
        clock: &Clock<'ctx>,
        turns: u64,
    ) -> BasicBlock<'ctx> {
        let (context, builder) = (self.context, &self.builder);
        let way = rewrite::end(block);
        builder.set_location(way.get_debug_location());
        way.erase_from_basic_block();
        let time = context.insert_basic_block_after(block, "time");
        builder.at_end(block);
        let ty = clock.number.get_type();
        let lower = ty.const_int((turns - 1) << clock.shift, false);
        let lower = builder.int_operation(InstructionOpcode::And, clock.number, lower);
        let is_time = builder.compare(IntPredicate::EQ, lower, ty.const_zero());
        builder.branch_hardly_ever(context, is_time, time, rest);
        builder.at_end(time);
        builder.jump(rest);
        time
    }

    /// A poll between a block and the rest of it.
    fn poll(&self, block: BasicBlock<'ctx>, rest: BasicBlock<'ctx>, kept: &[BasicValueEnum<'ctx>]) {
        let (context, builder) = (self.context, &self.builder);
        let way = rewrite::end(block);
        builder.set_location(way.get_debug_location());
        way.erase_from_basic_block();
        let served = context.insert_basic_block_after(block, "attention");
        builder.at_end(block);
        let limit = builder.load_stack_limit(self.types.word);
        let is_asked = builder.compare(IntPredicate::EQ, limit, self.types.word.const_all_ones());
        builder.branch_hardly_ever(context, is_asked, served, rest);
        builder.at_end(served);
        let call = Assembly { text: format!("callq {POLL_SYMBOL}"), constraints: "~{flags}".to_owned() };
        // Memory stays as it is: what a green thread can change no other one reads but through a channel or the like,
        // and objects do not move.
        builder.assembly_beside_memory(context, &call, None, &[]);
        builder.keep(context, kept);
        builder.jump(rest);
    }
}

fn calls_in<'ctx>(block: BasicBlock<'ctx>) -> impl Iterator<Item = CallSiteValue<'ctx>> {
    block.get_instructions().filter_map(|instruction| CallSiteValue::try_from(instruction).ok())
}

/// About how many instructions a block takes.
fn weight(block: BasicBlock<'_>) -> u64 {
    block.get_instructions().map(|instruction| instruction_weight(instruction)).sum()
}

fn instruction_weight(instruction: InstructionValue<'_>) -> u64 {
    let is_call = instruction.get_opcode() == InstructionOpcode::Call;
    let is_intrinsic = || {
        let callee = CallSiteValue::try_from(instruction).ok().and_then(|call| call.get_called_fn_value());
        callee.is_some_and(|callee| callee.get_name().to_bytes().starts_with(b"llvm."))
    };
    if is_call && !is_intrinsic() { CALL } else { 1 }
}
