//! Generators: `yield` with a value, `yield from`, and `for` over generators.
//!
//! ```text
//!   defer a(); yield v      cleanup Pop(_1)         while the generator is suspended, its deferred blocks are not in
//!                           _2 = yield v            the chain of cleanups of any thread
//!                           register _1()
//!                           if _2 goto leave        a `close`: leaves the function, which calls `a`
//! ```

use weft_abi::library::SOME;

use super::body::Lowering;
use super::body_state::{Computed, Duty, Exit, UNIT};
use super::closure::{give, with_parameters};
use super::impls::Instance;
use super::instances::{Instances, Source};
use crate::hir::ExprId;
use crate::mir::{BlockId, CleanupOp, Function, GeneratorOp, LocalId, Operand, Rvalue};
use crate::source::Span;
use crate::types::{Type, TypeId};

impl Lowering<'_, '_> {
    /// Lowers `yield value`.
    pub fn yield_value(&mut self, expr: ExprId, value: ExprId) -> Computed {
        let value = self.value(value);
        self.suspend(GeneratorOp::Yield, value, self.span(expr));
        UNIT
    }

    /// Lowers `yield from generator`. If deferred blocks are open here, lowers it to a loop that yields the other
    /// generator's elements one by one, so that the blocks stay registered while the other generator runs.
    pub fn yield_from(&mut self, expr: ExprId, generator: ExprId) -> Computed {
        let span = self.span(expr);
        let ty = self.type_of(generator);
        let generator = self.value(generator);
        let Type::Generator(element) = *self.instances.ty(ty) else { return UNIT };
        if self.exits.open.is_empty() {
            self.suspend(GeneratorOp::YieldFrom, generator, span);
        } else {
            self.in_loop(span, |lowering| {
                lowering.for_generator(generator, element, span, |lowering, value, _, next| {
                    lowering.suspend(GeneratorOp::Yield, value, span);
                    lowering.graph.goto(next, span);
                });
            });
        }
        UNIT
    }

    /// Takes a deferred block out of the chain of cleanups, without running it.
    fn unregister(&mut self, index: usize, span: Span) {
        let Duty::Deferred { value, .. } = self.exits.open[index].duty.clone() else {
            panic!("BUG: a scope where a deferred block is")
        };
        self.graph.push(None, Rvalue::Cleanup(CleanupOp::Pop, vec![value]), span);
    }

    /// Suspends the generator by `op`, a `Yield` or `YieldFrom` of `value`. If the generator is closed instead of
    /// resumed, leaves the function.
    fn suspend(&mut self, op: GeneratorOp, value: Operand, span: Span) {
        if !self.graph.is_reachable() {
            return;
        }
        let deferred: Vec<_> = self.exits.open.iter().map(|open| open.duty.clone()).collect();
        for duty in deferred.iter().rev() {
            let Duty::Deferred { value, .. } = duty else { panic!("BUG: a `yield` in a `scope`") };
            self.graph.push(None, Rvalue::Cleanup(CleanupOp::Pop, vec![value.clone()]), span);
        }
        let closes: Option<LocalId> = match deferred.is_empty() {
            true => None,
            false => {
                let bool = self.instances.intern(Type::Bool);
                Some(self.graph.local(bool, None))
            }
        };
        self.graph.push(closes, Rvalue::Generator(op, vec![value]), span);
        for duty in deferred {
            let Duty::Deferred { value, function, captures } = duty else { continue };
            self.graph.push(None, Rvalue::Register(function, value, captures), span);
        }
        if let Some(closes) = closes {
            let [leave, next] = [self.graph.block(), self.graph.block()];
            self.branch(Rvalue::Use(Operand::Local(closes)), leave, next, span);
            self.graph.enter(leave);
            self.exit(Exit::Return, 0, span);
            self.graph.enter(next);
        }
    }

    /// Lowers a loop over a generator. `body` lowers the loop's body. Its arguments are an element, the block after the
    /// loop, and the block that takes the next element; the body jumps to the latter at its end. If the loop is left
    /// before the generator has ended, the generator is closed.
    pub fn for_generator(
        &mut self,
        generator: Operand,
        element: TypeId,
        span: Span,
        body: impl FnOnce(&mut Self, Operand, BlockId, BlockId),
    ) {
        if !self.graph.is_reachable() {
            return;
        }
        let close =
            Instance { function: self.instances.hir.lang_items.close_generator, arguments: vec![element] };
        let close = self.instances.function(Source::Function(close));
        let outer = self.exits.open();
        self.register_deferred(close, vec![generator.clone()], span);
        let [head, after, ended] = std::array::from_fn(|_| self.graph.block());
        self.graph.goto(head, span);
        self.graph.enter(head);
        let option = self.instances.element_option(element);
        let next = Computed::Rvalue(Rvalue::Generator(GeneratorOp::Next(option), vec![generator]));
        let taken = self.settle(next, option, span);
        let (some, none) = self.is_variant(taken.clone(), SOME, span);
        self.graph.enter(none);
        self.unregister(outer, span);
        self.graph.goto(ended, span);
        self.graph.enter(some);
        let value = self.settle(Computed::Rvalue(Rvalue::Field(taken, SOME, 0)), element, span);
        body(self, value, after, head);
        self.graph.enter(after);
        self.close(outer);
        self.graph.goto(ended, span);
        self.graph.enter(ended);
        self.exits.open.truncate(outer);
    }
}

/// Builds the function that makes a generator, for a `gen fn` that is used as a value.
pub(super) fn maker(instances: &mut Instances<'_>, instance: &Instance) -> Function {
    let span = instances.span(instance);
    let name = format!("{}.new", instances.display_name(instance));
    let name = instances.unique_name(name);
    let body = instances.function(Source::Generator(instance.clone()));
    let (types, result) = instances.signature(instance);
    let (mut graph, parameters) = with_parameters(instances, &types);
    give(instances, &mut graph, Rvalue::Generator(GeneratorOp::New(body), parameters), result, span);
    graph.finish(name, span, types.len(), result)
}
