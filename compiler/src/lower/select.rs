//! `select`: tries each arm, beginning with a random one; if none is ready, waits for all of them at once.
//!
//! ```text
//! again:   try the arms that receive or send ──one is ready──▶ its body
//!          │ none is
//!          ├──there is an `else`──▶ its body
//!          ▼
//!          let each arm wait ──any has become ready──▶ start a timer of 0 ─┐
//!          ▼                                                               │
//! wait:    park until an arm is chosen ◀───────────────────────────────────┘
//!          withdraw all arms ──▶ the body of the chosen arm, or `again`
//! ```
//!
//! Another worker may make an arm ready between the attempt and the wait. Then this arm does not wait, and a timer of 0
//! ends the wait at once. The timer has a number that no arm has, so the thread jumps to `again`, unless another arm
//! was chosen before the timer.

use weft_abi::library::{NONE, SOME};
use weft_abi::{ParkReason, RuntimeFunction};

use super::body::Lowering;
use super::body_state::{Computed, Place};
use super::impls::Instance;
use super::waiting::begin_pause;
use crate::hir::{ExprId, FunctionId, PatternId, SelectArm, SelectEvent};
use crate::mir::{BinaryOp, BlockId, LocalId, Operand, Rvalue, TerminatorKind, WaitOp};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The event that an arm waits for, with its operands evaluated.
enum Event {
    Receive {
        channel: Channel,
        pattern: Option<PatternId>,
        /// The value that was received: a `T?`.
        received: LocalId,
    },
    Send {
        channel: Channel,
        value: Operand,
    },
    After(Operand),
    Else,
}

/// A channel, and the type of the values that it carries.
#[derive(Clone)]
struct Channel {
    value: Operand,
    element: TypeId,
}

/// The maximum number of arms of a `select` whose waiters are kept in locals; with more arms, an array contains the
/// waiters. All locals are live at the multiway branch to the arms, so the generated code grows with the square of the
/// number of arms. An array costs an allocation whenever the `select` waits.
const FEW_ARMS: usize = 8;

/// The storage for the waiters of a `select`: a `Waiter?` for each arm.
enum Waiters {
    Locals(Vec<LocalId>),
    Array { array: LocalId, waiter: TypeId },
}

struct Arm {
    event: Event,
    body: ExprId,
    span: Span,
    /// The block where the arm's body begins.
    chosen: BlockId,
}

impl Lowering<'_, '_> {
    pub fn select(&mut self, expr: ExprId, arms: &[SelectArm], place: Place) {
        let span = self.span(expr);
        let arms: Vec<Arm> = arms.iter().map(|arm| self.select_arm(arm)).collect();
        if !self.graph.is_reachable() {
            return;
        }
        let again = self.graph.block();
        self.graph.goto(again, span);
        self.graph.enter(again);
        self.try_arms(&arms, span);
        match arms.iter().find(|arm| matches!(arm.event, Event::Else)) {
            Some(otherwise) => self.graph.goto(otherwise.chosen, span),
            None => self.wait_for_arms(&arms, again, span),
        }
        let mut meeting = None;
        for arm in &arms {
            self.graph.enter(arm.chosen);
            if let Event::Receive { pattern: Some(pattern), received, .. } = arm.event {
                let ty = self.concrete(self.types.pattern(pattern));
                self.bind_pattern(pattern, Operand::Local(received), ty);
            }
            self.lower_into(arm.body, place);
            self.graph.meet(&mut meeting, span);
        }
        self.graph.enter_meeting(meeting);
    }

    fn select_arm(&mut self, arm: &SelectArm) -> Arm {
        let event = match arm.event {
            SelectEvent::Receive(channel, pattern) => {
                let channel = self.selected_channel(channel);
                let received = self.option_of(channel.element);
                Event::Receive { received: self.graph.local(received, None), channel, pattern }
            }
            SelectEvent::Send(channel, value) => {
                let channel = self.selected_channel(channel);
                Event::Send { channel, value: self.stable_value(value) }
            }
            SelectEvent::After(time) => Event::After(self.stable_value(time)),
            SelectEvent::Else => Event::Else,
        };
        Arm { event, body: arm.body, span: arm.span, chosen: self.graph.block() }
    }

    fn selected_channel(&mut self, channel: ExprId) -> Channel {
        let ty = self.type_of(channel);
        let element = match self.instances.ty(ty) {
            Type::Nominal(_, arguments) => arguments[0],
            // The expression never has a value, so the code that uses the channel is never reached.
            _ => ty,
        };
        Channel { value: self.stable_value(channel), element }
    }

    fn option_of(&mut self, ty: TypeId) -> TypeId {
        let option = self.instances.hir.lang_items.option;
        self.instances.nominal(option, vec![ty])
    }

    /// Builds code that tries all arms that receive or send, beginning with a random arm. Enters the block that runs if
    /// no arm is ready.
    fn try_arms(&mut self, arms: &[Arm], span: Span) {
        let tried: Vec<&Arm> = arms
            .iter()
            .filter(|arm| matches!(arm.event, Event::Receive { .. } | Event::Send { .. }))
            .collect();
        let missed = self.graph.block();
        if let [] | [_] = tried[..] {
            tried.into_iter().for_each(|arm| self.try_arm(arm, missed));
            self.graph.goto(missed, span);
            return self.graph.enter(missed);
        }
        let count = Operand::Int(tried.len() as i64);
        let (at, tried_count) = (self.select_number(), self.select_number());
        let start = Rvalue::Runtime(RuntimeFunction::RandomBelow, vec![count.clone()]);
        self.graph.push(Some(at), start, span);
        self.graph.push(Some(tried_count), Rvalue::Use(Operand::Int(0)), span);
        let [head, more, around, none] = std::array::from_fn(|_| self.graph.block());
        let blocks: Vec<BlockId> = tried.iter().map(|_| self.graph.block()).collect();
        self.graph.goto(head, span);
        self.graph.enter(head);
        self.switch(Operand::Local(at), &blocks, span);
        for (arm, block) in tried.into_iter().zip(blocks) {
            self.graph.enter(block);
            self.try_arm(arm, missed);
        }
        self.graph.enter(missed);
        let next = |local| Rvalue::Binary(BinaryOp::WrappingAdd, Operand::Local(local), Operand::Int(1));
        let is_over = |local| Rvalue::Binary(BinaryOp::Equal, Operand::Local(local), count.clone());
        self.graph.push(Some(tried_count), next(tried_count), span);
        self.branch(is_over(tried_count), none, more, span);
        self.graph.enter(more);
        self.graph.push(Some(at), next(at), span);
        self.branch(is_over(at), around, head, span);
        self.graph.enter(around);
        self.graph.push(Some(at), Rvalue::Use(Operand::Int(0)), span);
        self.graph.goto(head, span);
        self.graph.enter(none);
    }

    /// Jumps to an arm's body if the arm is ready, otherwise to `missed`.
    fn try_arm(&mut self, arm: &Arm, missed: BlockId) {
        let (items, span) = (self.instances.hir.lang_items.select, arm.span);
        match &arm.event {
            Event::Receive { channel, received, .. } => {
                let inner = self.option_of(channel.element);
                let ty = self.option_of(inner);
                let taken = self.of_select(items.try_receive, Some(channel), Vec::new(), span);
                let taken = self.settle(taken, ty, span);
                let (some, none) = self.is_variant(taken.clone(), SOME, span);
                self.graph.enter(none);
                self.graph.goto(missed, span);
                self.graph.enter(some);
                self.graph.push(Some(*received), Rvalue::Field(taken, SOME, 0), span);
                self.graph.goto(arm.chosen, span);
            }
            Event::Send { channel, value } => {
                let sent = self.of_select(items.try_send, Some(channel), vec![value.clone()], span);
                let bool = self.instances.intern(Type::Bool);
                let condition = self.settle(sent, bool, span);
                let (then_block, else_block) = (arm.chosen, missed);
                self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
            }
            Event::After(_) | Event::Else => panic!("BUG: an arm that cannot be tried"),
        }
    }

    /// Makes all arms wait, parks, and jumps to the body of the chosen arm or to `again`.
    fn wait_for_arms(&mut self, arms: &[Arm], again: BlockId, span: Span) {
        let items = self.instances.hir.lang_items.select;
        let unit = self.instances.intern(Type::Unit);
        let waiter = self.instances.intern(Type::Task(unit));
        let waiting = self.option_of(waiter);
        let waiters = self.waiters(arms.len(), waiting, span);
        self.graph.push(None, begin_pause(ParkReason::Select), span);
        let ready = self.select_number();
        self.graph.push(Some(ready), Rvalue::Use(Operand::Int(0)), span);
        for (number, arm) in arms.iter().enumerate() {
            self.let_arm_wait(number, arm, &waiters, ready);
        }
        let none_is = Rvalue::Binary(BinaryOp::Equal, Operand::Local(ready), Operand::Int(0));
        let [wait, at_once] = [self.graph.block(), self.graph.block()];
        self.branch(none_is, wait, at_once, span);
        self.graph.enter(at_once);
        let timer = vec![Operand::Int(0), Operand::Int(arms.len() as i64)];
        self.graph.push(None, Rvalue::Runtime(RuntimeFunction::SelectTimer, timer), span);
        self.graph.goto(wait, span);
        self.graph.enter(wait);
        let chosen = self.instances.of_thread(WaitOp::Pause);
        let chosen = self.temporary(Type::Int, chosen, span);
        for (number, arm) in arms.iter().enumerate() {
            if let Event::Receive { .. } | Event::Send { .. } = arm.event {
                let waiter = self.waiter(&waiters, number, span);
                let leave = self.of_select(items.leave, None, vec![waiter], span);
                self.settle(leave, unit, span);
            }
        }
        let blocks: Vec<BlockId> = arms.iter().map(|_| self.graph.block()).chain([again]).collect();
        self.switch(chosen, &blocks, span);
        for ((number, arm), block) in arms.iter().enumerate().zip(blocks) {
            self.graph.enter(block);
            self.finish_arm(number, arm, &waiters);
        }
    }

    /// Makes storage for `count` waiters.
    fn waiters(&mut self, count: usize, waiter: TypeId, span: Span) -> Waiters {
        if count <= FEW_ARMS {
            return Waiters::Locals((0..count).map(|_| self.graph.local(waiter, None)).collect());
        }
        let ty = self.instances.intern(Type::Array(waiter));
        let array = self.graph.local(ty, None);
        let made = Rvalue::AllocateArray(ty, Operand::Int(count as i64));
        self.graph.push(Some(array), made, span);
        Waiters::Array { array, waiter }
    }

    /// The waiter of an arm.
    fn waiter(&mut self, waiters: &Waiters, number: usize, span: Span) -> Operand {
        match waiters {
            Waiters::Locals(locals) => Operand::Local(locals[number]),
            Waiters::Array { array, waiter } => {
                let element = Rvalue::Element(Operand::Local(*array), Operand::Int(number as i64));
                self.settle(Computed::Rvalue(element), *waiter, span)
            }
        }
    }

    /// Adds an arm to the wait list of its channel, or starts the arm's timer. An arm that is ready does not wait, and
    /// is counted in `ready`. The later arms begin to wait even if an arm is ready. If each arm had a jump to the end
    /// of the wait, each of these jumps would carry the waiters of all arms, and the code would be quadratic in the
    /// number of arms.
    fn let_arm_wait(&mut self, index: usize, arm: &Arm, waiters: &Waiters, ready: LocalId) {
        let (items, span) = (self.instances.hir.lang_items.select, arm.span);
        let number = Operand::Int(index as i64);
        let waits = match &arm.event {
            Event::Receive { channel, .. } => {
                self.of_select(items.receive, Some(channel), vec![number], span)
            }
            Event::Send { channel, value } => {
                self.of_select(items.send, Some(channel), vec![value.clone(), number], span)
            }
            Event::After(time) => {
                let after = self.of_select(items.after, None, vec![time.clone(), number], span);
                let unit = self.instances.intern(Type::Unit);
                self.settle(after, unit, span);
                return;
            }
            Event::Else => panic!("BUG: a `select` with an `else` waits"),
        };
        let Computed::Rvalue(waits) = waits else { panic!("BUG: a call gives a value") };
        let local = match waiters {
            Waiters::Locals(locals) => locals[index],
            Waiters::Array { waiter, .. } => self.graph.local(*waiter, None),
        };
        self.graph.push(Some(local), waits, span);
        if let Waiters::Array { array, .. } = waiters {
            let index = Operand::Int(index as i64);
            let kept = Rvalue::SetElement(Operand::Local(*array), index, Operand::Local(local));
            self.graph.push(None, kept, span);
        }
        // For an arm that is ready, `local` is `None`. So the sum of the variants' numbers (`Some` is 0, `None` is 1)
        // is the number of arms that are ready.
        const { assert!(SOME == 0 && NONE == 1) };
        let is_none = self.temporary(Type::Int, Rvalue::Variant(Operand::Local(local)), span);
        let count = Rvalue::Binary(BinaryOp::WrappingAdd, Operand::Local(ready), is_none);
        self.graph.push(Some(ready), count, span);
    }

    /// Completes the operation of an arm that waited and was chosen, and jumps to the arm's body.
    fn finish_arm(&mut self, number: usize, arm: &Arm, waiters: &Waiters) {
        let (items, span) = (self.instances.hir.lang_items.select, arm.span);
        match &arm.event {
            Event::Receive { channel, received, .. } => {
                let waited = vec![self.waiter(waiters, number, span)];
                let instance = Instance { function: items.received, arguments: vec![channel.element] };
                match self.call_instance(instance, waited, span) {
                    Computed::Rvalue(value) => self.graph.push(Some(*received), value, span),
                    Computed::Operand(_) => panic!("BUG: a call gives a value"),
                }
            }
            Event::Send { .. } => {
                let waited = vec![self.waiter(waiters, number, span)];
                let unit = self.instances.intern(Type::Unit);
                let sent = self.of_select(items.sent, None, waited, span);
                self.settle(sent, unit, span);
            }
            Event::After(_) | Event::Else => {}
        }
        self.graph.goto(arm.chosen, span);
    }

    /// Calls one of the library functions that implement `select`; `channel`, if any, is the first argument.
    fn of_select(
        &mut self,
        function: FunctionId,
        channel: Option<&Channel>,
        mut values: Vec<Operand>,
        span: Span,
    ) -> Computed {
        let arguments = channel.map(|channel| channel.element).into_iter().collect();
        values.splice(0..0, channel.map(|channel| channel.value.clone()));
        self.call_instance(Instance { function, arguments }, values, span)
    }

    fn select_number(&mut self) -> LocalId {
        let int = self.instances.intern(Type::Int);
        self.graph.local(int, None)
    }

    /// Jumps to the block with the given number; the last block is the target of all other numbers.
    fn switch(&mut self, value: Operand, blocks: &[BlockId], span: Span) {
        let (&otherwise, numbered) = blocks.split_last().expect("BUG: a choice without ways");
        let targets = (0i64..).zip(numbered.iter().copied()).collect();
        self.graph.end(TerminatorKind::Switch { value, targets, otherwise }, span);
    }
}
