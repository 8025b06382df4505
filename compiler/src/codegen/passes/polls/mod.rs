//! Polls: checks that make loops preemptible.
//!
//! requires: `inline_allocations` and `no_slots`. No pass of LLVM follows, so LLVM's passes saw loops without polls and
//! could vectorise or delete them.
//! ensures: no loop runs for longer than a fraction of a time slice without a safepoint.
//!
//! The prologue of a function that calls compiled code is a *safepoint*: a request to the worker replaces the stack
//! limit by [`REQUEST_LIMIT`](weft_abi::stack::REQUEST_LIMIT), so the prologue's check fails and calls the runtime. A
//! loop that calls nothing needs a check of its own, a *poll*:
//!
//! ```text
//!       ...                     an iteration
//!       mov  %fs:0x70, %rax     at the iteration's end, before the branch that decides on the next
//!       cmp  $-1, %rax
//!       je   1f                 hardly ever
//!   2:  ...                     the branch back, and out
//!
//!   1:  call weft_poll          after the loop; `weft_poll` saves and restores every register
//!       jmp  2b
//! ```
//!
//! Each loop gets one of four plans, the cheapest that is right:
//!
//! ```text
//!   for x in 0..100 { sum += x }             none        100 iterations: the loop ends soon
//!   while n > 1 { n = next(n) }              none        the prologue of `next` is a safepoint
//!                                                        in every iteration
//!   for i in 0..xs.len() { sum += xs[i] }    strips      counted and small: an inner loop of 4096 unchanged
//!                                                        iterations, and a poll in the loop around it
//!   while xs[i] != x { i += 1 }              a clock     not counted, since it may end at any x; but `i` counts
//!                                                        iterations: a poll when the lower ten bits of `i` are zero;
//!                                                        any other iteration costs one `test` and no load
//!   while n != 1 { n = collatz_step(n) }     a poll      `collatz_step` is inlined, and no variable counts
//!                                                        iterations: a poll in every iteration
//! ```
//!
//! The collector scans the words that a stopped thread has saved. But LLVM may keep only a derived address into an
//! object and drop the object's own address. So each pointer that is [live](live) at a poll is made an operand of the
//! poll.

/// The graph of blocks, and the natural loops in it.
mod graph;
/// The objects that are live at a poll.
mod live;
/// Edits of the graph that keep phis consistent.
mod rewrite;
/// Counted loops: induction variables, bounds and trip counts.
mod counted_loops;
/// Strip mining: a counted loop becomes an inner loop without polls, of a bounded trip count, and a loop around it.
mod strip_mine;

use std::collections::HashSet;

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::values::{BasicValueEnum, CallSiteValue, FunctionValue, InstructionOpcode, InstructionValue};
use weft_abi::stack::POLL_SYMBOL;

use crate::codegen::cx::assembly::Assembly;
use crate::codegen::cx::attributes::is_safepoint;
use crate::codegen::cx::builder::Builder;
use crate::codegen::cx::input::Level;
use crate::codegen::cx::types::Types;
use crate::codegen::passes::ir::{PassCx, has_check};
use crate::codegen::passes::polls::counted_loops::{Clock, Counted};
use crate::codegen::passes::polls::graph::{Graph, Loop};

/// The maximum number of instructions that a loop without a poll runs in all its iterations together. It trades the
/// cost of polls in short loops against the delay of a request: this many instructions take far less than a time slice.
const SOON: u64 = 1 << 16;

/// The weight of a call that is no safepoint, in instructions. The callee runs on another stack or calls no compiled
/// code, and may take long: with a lower weight, a loop of many such calls would count as a loop that ends soon.
const CALL: u64 = 1 << 10;

/// The maximum number of instructions in a loop that gets strips or a clock. In a larger loop a poll costs little in
/// comparison, and strips would only add code.
const SMALL: u64 = 128;

/// The maximum number of instructions that a loop with a clock runs between two polls; they take less than a time
/// slice. Only nested loops come close to the bound: an inner loop may end just before its clock polls, in each
/// iteration of the outer.
const LONGEST: u64 = 1 << 25;

/// The minimum and the maximum number of iterations between two polls of a clock. The processor mispredicts the branch
/// to the poll, which costs the time of several iterations: with fewer iterations between polls, that cost would be
/// measurable; with more, requests would wait longer.
const CLOCK_ITERATIONS: [u64; 2] = [256, 1024];

/// Plans and inserts the polls of all functions.
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

/// A plan: the safepoints that a loop gets.
enum Plan<'ctx> {
    /// A poll at the end of each of these blocks.
    Polls(Vec<BasicBlock<'ctx>>),
    /// A poll at the end of the latch, once in `iterations` iterations.
    Clock { header: BasicBlock<'ctx>, latch: BasicBlock<'ctx>, iterations: u64 },
    /// Strips: an outer loop around the loop, and a poll in the outer loop.
    Strips { header: BasicBlock<'ctx>, latch: BasicBlock<'ctx>, body: HashSet<BasicBlock<'ctx>> },
}

struct Inserter<'ctx> {
    context: &'ctx Context,
    builder: Builder<'ctx>,
    types: Types<'ctx>,
    /// The functions whose prologue is a safepoint.
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
                Plan::Clock { header, latch, iterations } => {
                    clocks.push((polled.len(), header, iterations));
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
        // `make_room` replaces phis, and no poll may refer to a replaced phi. So liveness is computed after all calls
        // of `make_room`.
        let rests: Vec<_> = polled.iter().map(|&block| self.make_room(block)).collect();
        let kept = live::pointers_after(&Graph::of(function), &polled);
        for (index, header, iterations) in clocks {
            let clock = Clock::of(header, rests[index]).expect("BUG: a loop counts nothing any more");
            polled[index] = self.read_clock(polled[index], rests[index], &clock, iterations);
        }
        for ((block, rest), kept) in polled.into_iter().zip(rests).zip(kept) {
            self.poll(block, rest, &kept);
        }
    }

    /// Plans all loops, inner loops before outer loops: if every iteration of the outer loop passes a poll of the inner
    /// loop, the outer loop needs no poll.
    ///
    /// Each plan updates three tables. `safe` tells which blocks are safepoints or contain a poll. `weights` gives the
    /// number of instructions of each block; a short counted loop multiplies the weights of its blocks by its trip
    /// count. `spans` gives the maximum number of instructions that a loop runs between two polls. For two nested
    /// loops, the inner with a clock:
    ///
    /// ```text
    ///   for i in 0..n {                     outer: 10 instructions in all; its span is 10 + 5120, multiplied by the
    ///     while xs[j] != x { j += 1 }       number of outer iterations between two polls
    ///   }                                   inner: 5 instructions, and a clock of 1024 iterations: its span is 5120
    /// ```
    fn plan(&self, graph: &Graph<'ctx>, loops: &[Loop]) -> Vec<Plan<'ctx>> {
        let mut safe: Vec<bool> = graph.blocks.iter().map(|&block| self.is_safepoint(block)).collect();
        let mut weights: Vec<u64> = graph.blocks.iter().map(|&block| weight(block)).collect();
        let mut plans = Vec::new();
        // The span of each planned loop, by its header. An outer loop takes over the spans of its inner loops.
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
            // Safe blocks do not count: a request is served at their poll, in the prologue of a callee, or right after
            // a switch.
            let between = found.body.iter().filter(|&&block| !safe[block]);
            let cost = between.fold(0, |cost: u64, &block| cost.saturating_add(weights[block]));
            if let Some(iterations) = counted.as_ref().and_then(Counted::most_iterations)
                && iterations.saturating_mul(cost) <= SOON
            {
                found.body.iter().for_each(|&block| weights[block] *= iterations.max(1));
                continue;
            }
            let inner = spans.extract_if(.., |(header, _)| found.contains(*header));
            let span = inner.fold(cost, |sum, (_, span)| sum.saturating_add(span));
            let iterations = (LONGEST / span.max(1)).min(CLOCK_ITERATIONS[1]);
            let has_clock =
                || header.zip(latch).and_then(|(header, latch)| Clock::of(header, latch)).is_some();
            let (plan, iterations) = match (counted, header.zip(latch)) {
                (Some(counted), _) if self.is_worth_strips(graph, loops, found, &counted, cost) => {
                    let Counted { header, latch, .. } = counted;
                    let body = found.body.iter().map(|&block| graph.blocks[block]).collect();
                    (Plan::Strips { header, latch, body }, strip_mine::STRIP as u64)
                }
                (_, Some((header, latch)))
                    if cost <= SMALL && iterations >= CLOCK_ITERATIONS[0] && has_clock() =>
                {
                    let iterations = 1 << iterations.ilog2();
                    (Plan::Clock { header, latch, iterations }, iterations)
                }
                _ => {
                    latches.iter().for_each(|&latch| safe[latch] = true);
                    (Plan::Polls(latches.iter().map(|&latch| graph.blocks[latch]).collect()), 1)
                }
            };
            plans.push(plan);
            spans.push((found.header, span.saturating_mul(iterations)));
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
        // A loop with another exit, such as a search, may end after a few iterations. Computing the end of a strip
        // would then be most of its work, so such a loop is not cut into strips. Exits to panics do not count.
        let is_panic = |block| rewrite::terminator(block).get_opcode() == InstructionOpcode::Unreachable;
        let looks = || graph.exits(found).any(|exit| exit != counted.exit && !is_panic(exit));
        !loops.iter().any(|other| is_inner(other) || leads_back(other)) && !looks()
    }

    /// Whether every execution of a block runs a prologue with a stack check, or a call that is marked as a safepoint.
    fn is_safepoint(&self, block: BasicBlock<'ctx>) -> bool {
        calls_in(block).any(|call| {
            let callee = call.get_called_fn_value();
            is_safepoint(call) || callee.is_some_and(|callee| self.checked.contains(&callee))
        })
    }

    /// Moves the terminator of a block to a new block, and ends the block with a jump to the new block.
    fn make_room(&self, block: BasicBlock<'ctx>) -> BasicBlock<'ctx> {
        let rest = rewrite::split_before_end(self.context, &self.builder, block);
        self.builder.at_end(block);
        self.builder.jump(rest);
        rest
    }

    /// Ends a block with a test of a clock, which jumps to `rest` or, if a poll is due, to a new block. Returns the new
    /// block.
    fn read_clock(
        &self,
        block: BasicBlock<'ctx>,
        rest: BasicBlock<'ctx>,
        clock: &Clock<'ctx>,
        iterations: u64,
    ) -> BasicBlock<'ctx> {
        let (context, builder) = (self.context, &self.builder);
        let end = rewrite::terminator(block);
        builder.set_location(end.get_debug_location());
        end.erase_from_basic_block();
        let time = context.insert_basic_block_after(block, "time");
        builder.at_end(block);
        let ty = clock.number.get_type();
        let lower = ty.const_int(clock.mask(iterations), false);
        let lower = builder.int_operation(InstructionOpcode::And, clock.number, lower);
        let is_time = builder.compare(IntPredicate::EQ, lower, ty.const_zero());
        builder.branch_hardly_ever(context, is_time, time, rest);
        builder.at_end(time);
        builder.jump(rest);
        time
    }

    /// Adds a poll between a block and `rest`, to which the block's terminator was moved.
    fn poll(&self, block: BasicBlock<'ctx>, rest: BasicBlock<'ctx>, kept: &[BasicValueEnum<'ctx>]) {
        let (context, builder) = (self.context, &self.builder);
        let end = rewrite::terminator(block);
        builder.set_location(end.get_debug_location());
        end.erase_from_basic_block();
        let served = context.insert_basic_block_after(block, "attention");
        builder.at_end(block);
        let limit = builder.load_stack_limit(self.types.word);
        let is_asked = builder.compare(IntPredicate::EQ, limit, self.types.word.const_all_ones());
        builder.branch_hardly_ever(context, is_asked, served, rest);
        builder.at_end(served);
        let call = Assembly { text: format!("callq {POLL_SYMBOL}"), constraints: "~{flags}".to_owned() };
        // A poll does not change memory that this thread can see: threads exchange data only through channels, mutexes
        // and other operations of the library, and objects do not move.
        builder.assembly_beside_memory(context, &call, None, &[]);
        builder.keep(context, kept);
        builder.jump(rest);
    }
}

fn calls_in<'ctx>(block: BasicBlock<'ctx>) -> impl Iterator<Item = CallSiteValue<'ctx>> {
    block.get_instructions().filter_map(|instruction| CallSiteValue::try_from(instruction).ok())
}

/// The approximate number of instructions of a block.
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
