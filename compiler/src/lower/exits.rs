//! Exits from blocks that have *duties*: a `scope` waits for its threads, and each `defer` runs its deferred block.
//!
//! ```text
//!   fn f() -> Int { defer a(); loop { defer b(); if c { return 1 }; if d { break } }; 2 }
//!
//!   at `return`:    leaving = 1 ──▶ b() ──▶ a() ──▶ return leaving
//!   at `break`:                    b() ──▶ leaving = 2 ──▶ the block of `a()` above
//! ```
//!
//! Exits that leave a block for the same target share the code from that block on. So the graph grows with the number
//! of blocks and their targets, not with the number of exits.

use weft_abi::RuntimeFunction;

use super::body::Lowering;
use super::body_state::{Computed, Duty, Exit, Open, Place, UNIT};
use super::instances::Source;
use crate::hir::{ExprId, LambdaId};
use crate::mir::{CleanupOp, FunctionId, Operand, Rvalue, TerminatorKind, WaitOp};
use crate::source::Span;
use crate::types::Type;

impl Lowering<'_, '_> {
    /// Lowers `scope { block }`. The block's value is kept until the threads have ended, so no call in the block is a
    /// tail call.
    pub fn scope(&mut self, expr: ExprId, block: ExprId, place: Place) {
        let span = self.span(expr);
        if self.graph.is_reachable() {
            self.graph.push(None, Rvalue::Runtime(RuntimeFunction::ScopeOpen, Vec::new()), span);
        }
        let outer = self.exits.open();
        self.exits.push(Duty::Scope, span);
        let held = self.held(place);
        self.lower_into(block, held);
        self.end_block(place, outer, span);
    }

    /// Lowers `defer e`. In a loop, the function value is made only once, before the outermost loop. Each iteration
    /// registers the function value again, because a registration ends with its iteration.
    pub fn defer(&mut self, id: LambdaId) {
        if !self.graph.is_reachable() {
            return;
        }
        let span = self.body.lambdas[id].span;
        let captures = self.captures(id);
        let function = self.instances.function(Source::Lambda(self.instance.clone(), id));
        self.register_deferred(function, captures, span);
    }

    /// Registers a deferred block: `function` is called with `captures` when the enclosing block is left.
    pub fn register_deferred(&mut self, function: FunctionId, captures: Vec<Operand>, span: Span) {
        let result = self.instances.intern(Type::Unit);
        let ty = self.instances.intern(Type::Function { share: false, parameters: Vec::new(), result });
        let (local, made) = (self.graph.local(ty, None), Rvalue::Deferred(function));
        match self.exits.before_loops {
            Some(block) => self.graph.push_into(block, local, made, span),
            None => self.graph.push(Some(local), made, span),
        }
        let value = Operand::Local(local);
        let register = Rvalue::Register(function, value.clone(), captures.clone());
        self.graph.push(None, register, span);
        self.exits.push(Duty::Deferred { value, function, captures }, span);
    }

    /// Lowers a loop, with `before_loops` set to a block in front of the outermost loop.
    pub fn in_loop(&mut self, span: Span, lower: impl FnOnce(&mut Self)) {
        if self.exits.before_loops.is_some() || !self.graph.is_reachable() {
            return lower(self);
        }
        self.exits.before_loops = Some(self.graph.place_before(span));
        lower(self);
        self.exits.before_loops = None;
    }

    /// Lowers the value of a block with deferred blocks, and ends the block: fulfils the open duties from index `outer`
    /// on. The deferred blocks run after the value is computed, so no call in the value is a tail call.
    pub fn end_deferring(&mut self, expr: ExprId, value: Option<ExprId>, place: Place, outer: usize) {
        let held = self.held(place);
        match value {
            Some(value) => self.lower_into(value, held),
            None => self.deliver(UNIT, expr, held),
        }
        self.end_block(place, outer, self.span(expr));
    }

    /// Ends a block: fulfils the open duties from index `outer` on. The block's value is already in the place that
    /// [`Lowering::held`] returned.
    fn end_block(&mut self, place: Place, outer: usize, span: Span) {
        match place {
            Place::Return => self.exit(Exit::Return, outer, span),
            Place::Discard | Place::Local(_) => {
                for index in (outer..self.exits.open()).rev() {
                    self.close(index);
                }
            }
        }
        self.exits.open.truncate(outer);
    }

    /// Leaves blocks early: stores a value in a place, fulfils the open duties from index `kept` on, and jumps to the
    /// target of `exit`.
    pub fn leave(&mut self, expr: ExprId, value: Option<ExprId>, place: Place, exit: Exit, kept: usize) {
        let place = if self.exits.open() == kept { place } else { self.held(place) };
        match value {
            Some(value) => self.lower_into(value, place),
            None => self.deliver(UNIT, expr, place),
        }
        self.exit(exit, kept, self.span(expr));
    }

    /// Leaves the function with a value.
    pub fn leave_with(&mut self, value: Rvalue, span: Span) {
        if self.exits.open.is_empty() {
            let value = self.settle(Computed::Rvalue(value), self.result, span);
            return self.graph.end(TerminatorKind::Return(value), span);
        }
        if let Place::Local(local) = self.held(Place::Return) {
            self.graph.push(Some(local), value, span);
        }
        self.exit(Exit::Return, 0, span);
    }

    /// Fulfils the open duties from index `kept` on, the innermost first, and jumps to the target of `exit`.
    pub fn exit(&mut self, exit: Exit, kept: usize, span: Span) {
        for index in (kept..self.exits.open()).rev() {
            if !self.graph.is_reachable() {
                return;
            }
            let way = (self.exits.open[index].number, exit);
            if let Some(&known) = self.exits.shared.get(&way) {
                return self.graph.goto(known, span);
            }
            let block = self.graph.block();
            self.exits.shared.insert(way, block);
            self.graph.goto(block, span);
            self.graph.enter(block);
            self.close(index);
        }
        match exit {
            Exit::Return => {
                let value = self.exits.leaving.map_or(Operand::Unit, Operand::Local);
                self.graph.end(TerminatorKind::Return(value), span);
            }
            Exit::Break(id) => {
                let blocks = self.loops.get_mut(&id).expect("BUG: a `break` outside of its loop");
                self.graph.meet(&mut blocks.exit, span);
            }
            Exit::Continue(id) => {
                let next = self.loops[&id].next;
                self.graph.goto(next, span);
            }
        }
    }

    /// The place that keeps a value for `place` until the duties are fulfilled: a local if `place` is the function's
    /// result, otherwise `place` itself. A result of type `()` is discarded.
    fn held(&mut self, place: Place) -> Place {
        if place != Place::Return {
            return place;
        }
        if self.instances.is_nothing(self.result) {
            return Place::Discard;
        }
        let (graph, ty) = (&mut self.graph, self.result);
        Place::Local(*self.exits.leaving.get_or_insert_with(|| graph.local(ty, None)))
    }

    /// Fulfils the duty at `index`, because its block is left: waits for the threads of a scope, or runs a deferred
    /// block.
    pub fn close(&mut self, index: usize) {
        let Open { duty, span, .. } = &self.exits.open[index];
        let (duty, span) = (duty.clone(), *span);
        match duty {
            Duty::Scope => {
                let leave = self.instances.of_thread(WaitOp::LeaveScope);
                self.graph.push(None, leave, span);
            }
            Duty::Deferred { value, function, captures } => {
                let thread = |op| Rvalue::Cleanup(op, Vec::new());
                self.graph.push(None, Rvalue::Cleanup(CleanupOp::Pop, vec![value]), span);
                self.graph.push(None, thread(CleanupOp::Shield), span);
                self.graph.push(None, Rvalue::Call(function, captures), span);
                self.graph.push(None, thread(CleanupOp::Unshield), span);
            }
        }
    }
}
