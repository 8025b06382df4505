//! `for`: a counted loop over ranges (also backwards and by steps), arrays and vectors, otherwise a loop that calls
//! `next`.

use weft_abi::library::SOME;

use super::body::Lowering;
use super::body_state::{Computed, LoopBlocks, Place};
use crate::check::{Callee, Iteration};
use crate::hir::{ExprId, ExprKind, LoopId, PatternId};
use crate::mir::{BinaryOp, BlockId, LocalId, Operand, Rvalue};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// A `for` in the source.
#[derive(Clone, Copy)]
struct For {
    id: LoopId,
    pattern: PatternId,
    body: ExprId,
    span: Span,
}

/// The order in which a loop visits the numbers of a range.
enum Steps {
    Backwards,
    By(ExprId),
}

/// The collection, if any, that a counted loop visits by index.
enum Elements {
    None,
    Array(Operand),
    Vec(TypeId, Operand),
}

impl Lowering<'_, '_> {
    pub fn lower_for(
        &mut self,
        expr: ExprId,
        id: LoopId,
        pattern: PatternId,
        iterable: ExprId,
        body: ExprId,
    ) {
        let span = self.span(expr);
        let this = For { id, pattern, body, span };
        let ty = self.type_of(iterable);
        if *self.instances.ty(ty) == Type::Never {
            return self.lower_into(iterable, Place::Discard);
        }
        if let Type::Generator(element) = *self.instances.ty(ty) {
            let generator = self.stable_value(iterable);
            return self.for_generator(generator, element, span, |lowering, value, after, next| {
                lowering.bind_element(this, value);
                let blocks = lowering.iterations(after, next);
                lowering.iteration(this.id, this.body, blocks, span);
            });
        }
        if let Some((range, steps)) = self.steps(iterable) {
            return match steps {
                Steps::Backwards => self.count_down(this, range),
                Steps::By(step) => self.count_by(this, range, step),
            };
        }
        match (self.types.iteration(id).clone(), &self.body.exprs[iterable].kind) {
            (Iteration::Range, &ExprKind::Range { start, end, inclusive }) => {
                let [start, end] = [self.stable_value(start), self.stable_value(end)];
                self.count(this, start, end, inclusive);
            }
            (Iteration::Range, _) => self.range(this, iterable),
            (Iteration::Array, _) => {
                let array = self.stable_value(iterable);
                let end = self.temporary_if_reachable(Rvalue::Length(array.clone()), span);
                self.count_up(this, Operand::Int(0), Some(end), Elements::Array(array));
            }
            (Iteration::Vec, _) => {
                let ty = self.type_of(iterable);
                let vec = self.stable_value(iterable);
                self.count_up(this, Operand::Int(0), None, Elements::Vec(ty, vec));
            }
            (Iteration::Next(next), _) => {
                let iterator = self.stable_value(iterable);
                self.take_all(this, iterator, &next);
            }
            (Iteration::Iter(iter, next), _) => {
                let value = self.stable_value(iterable);
                let iterator = self.call_with(&iter, vec![value], span);
                let ty = self.result_of(&iter);
                let iterator = self.settle(iterator, ty, span);
                self.take_all(this, iterator, &next);
            }
        }
    }

    /// The range and the steps of `(a..b).rev()` and `(a..b).step_by(k)`.
    fn steps(&mut self, iterable: ExprId) -> Option<((ExprId, ExprId, bool), Steps)> {
        let body = self.body;
        let ExprKind::CallMethod { receiver, method, arguments } = &body.exprs[iterable].kind else {
            return None;
        };
        let &ExprKind::Range { start, end, inclusive } = &body.exprs[*receiver].kind else { return None };
        let steps = match (method.as_str(), &arguments[..]) {
            ("rev", []) => Steps::Backwards,
            ("step_by", &[step]) => Steps::By(step),
            _ => return None,
        };
        Some(((start, end, inclusive), steps))
    }

    /// Lowers a loop that counts down: from one below an exclusive end, or from an inclusive end.
    fn count_down(&mut self, this: For, (start, end, inclusive): (ExprId, ExprId, bool)) {
        let [start, end] = [self.stable_value(start), self.stable_value(end)];
        if !self.graph.is_reachable() {
            return;
        }
        let span = this.span;
        let counter = self.counter(end, span);
        let counted = Operand::Local(counter);
        let [head, iteration, next, after] = std::array::from_fn(|_| self.graph.block());
        let down = |lowering: &mut Self| {
            let less = Rvalue::Binary(BinaryOp::WrappingSubtract, counted.clone(), Operand::Int(1));
            lowering.graph.push(Some(counter), less, span);
        };
        self.graph.goto(head, span);
        self.graph.enter(head);
        let op = if inclusive { BinaryOp::GreaterEqual } else { BinaryOp::Greater };
        self.branch(Rvalue::Binary(op, counted.clone(), start.clone()), iteration, after, span);
        self.graph.enter(iteration);
        if !inclusive {
            down(self);
        }
        self.bind_element(this, counted.clone());
        let blocks = self.iterations(after, next);
        self.iteration(this.id, this.body, blocks, span);
        self.graph.enter(next);
        if inclusive {
            // At the start the loop ends before the decrement, which could overflow.
            let more = self.graph.block();
            let is_last = Rvalue::Binary(BinaryOp::Equal, counted.clone(), start);
            self.branch(is_last, after, more, span);
            self.graph.enter(more);
            down(self);
        }
        self.graph.goto(head, span);
        self.graph.enter(after);
    }

    /// Lowers a loop that counts up by a step.
    fn count_by(&mut self, this: For, (start, end, inclusive): (ExprId, ExprId, bool), step: ExprId) {
        let [start, end, step] = [start, end, step].map(|part| self.stable_value(part));
        if !self.graph.is_reachable() {
            return;
        }
        let span = this.span;
        let positive = self.instances.known_function(self.instances.hir.lang_items.range_step);
        let step = self.temporary(Type::Int, Rvalue::Call(positive, vec![step]), span);
        let counter = self.counter(start, span);
        let counted = Operand::Local(counter);
        let [head, iteration, next, more, after] = std::array::from_fn(|_| self.graph.block());
        self.graph.goto(head, span);
        self.graph.enter(head);
        let op = if inclusive { BinaryOp::LessEqual } else { BinaryOp::Less };
        self.branch(Rvalue::Binary(op, counted.clone(), end), iteration, after, span);
        self.graph.enter(iteration);
        self.bind_element(this, counted.clone());
        let blocks = self.iterations(after, next);
        self.iteration(this.id, this.body, blocks, span);
        self.graph.enter(next);
        let sum = Rvalue::Binary(BinaryOp::WrappingAdd, counted.clone(), step);
        let sum = self.temporary(Type::Int, sum, span);
        // A sum that overflows is less than the number before it.
        self.branch(Rvalue::Binary(BinaryOp::Greater, sum.clone(), counted), more, after, span);
        self.graph.enter(more);
        self.graph.push(Some(counter), Rvalue::Use(sum), span);
        self.graph.goto(head, span);
        self.graph.enter(after);
    }

    fn temporary_if_reachable(&mut self, value: Rvalue, span: Span) -> Operand {
        if self.graph.is_reachable() { self.temporary(Type::Int, value, span) } else { Operand::Unit }
    }

    /// The concrete result type of a callee.
    fn result_of(&mut self, callee: &Callee) -> TypeId {
        let instance = self.instance_of(callee);
        self.instances.signature(&instance).1
    }

    /// Lowers a loop over a range that is a value: the test whether the range includes its end happens at run time.
    fn range(&mut self, this: For, range: ExprId) {
        let span = this.span;
        let range = self.stable_value(range);
        if !self.graph.is_reachable() {
            return;
        }
        let field = |index| Rvalue::Field(range.clone(), 0, index);
        let start = self.temporary(Type::Int, field(0), span);
        let end = self.temporary(Type::Int, field(1), span);
        let inclusive = self.temporary(Type::Bool, field(2), span);
        // `a..b` with a < b equals `a..=b - 1`, and the subtraction cannot overflow.
        let int = self.instances.intern(Type::Int);
        let last = self.graph.local(int, None);
        let [closed, open, iterations, some, after] = std::array::from_fn(|_| self.graph.block());
        self.branch(Rvalue::Use(inclusive), closed, open, span);
        self.graph.enter(open);
        self.branch(Rvalue::Binary(BinaryOp::Less, start.clone(), end.clone()), some, after, span);
        self.graph.enter(some);
        let before = Rvalue::Binary(BinaryOp::WrappingSubtract, end.clone(), Operand::Int(1));
        self.graph.push(Some(last), before, span);
        self.graph.goto(iterations, span);
        self.graph.enter(closed);
        self.graph.push(Some(last), Rvalue::Use(end), span);
        self.graph.goto(iterations, span);
        self.graph.enter(iterations);
        self.count(this, start, Operand::Local(last), true);
        self.graph.goto(after, span);
        self.graph.enter(after);
    }

    /// Lowers a loop over numbers, which increments without an overflow check: a number below an exclusive `end` has a
    /// successor, and at an inclusive `end` the loop stops before the increment.
    fn count(&mut self, this: For, start: Operand, end: Operand, inclusive: bool) {
        if !inclusive {
            return self.count_up(this, start, Some(end), Elements::None);
        }
        if !self.graph.is_reachable() {
            return;
        }
        let span = this.span;
        let counter = self.counter(start, span);
        let counted = Operand::Local(counter);
        let [iteration, next, more, after] = std::array::from_fn(|_| self.graph.block());
        // This test precedes only the first iteration. Before each later iteration, the counter is compared with the
        // last number, and then incremented.
        let any = Rvalue::Binary(BinaryOp::LessEqual, counted.clone(), end.clone());
        self.branch(any, iteration, after, span);
        self.graph.enter(iteration);
        self.bind_element(this, counted.clone());
        let blocks = self.iterations(after, next);
        self.iteration(this.id, this.body, blocks, span);
        self.graph.enter(next);
        self.branch(Rvalue::Binary(BinaryOp::Equal, counted.clone(), end), after, more, span);
        self.graph.enter(more);
        self.step(counter, span);
        self.graph.goto(iteration, span);
        self.graph.enter(after);
    }

    /// Lowers a loop that counts up to an exclusive end. Without `end`, the exclusive end is the length of the vector,
    /// which is read again before each iteration.
    fn count_up(&mut self, this: For, start: Operand, end: Option<Operand>, elements: Elements) {
        if !self.graph.is_reachable() {
            return;
        }
        let span = this.span;
        let counter = self.counter(start, span);
        let counted = Operand::Local(counter);
        let [head, iteration, next, after] = std::array::from_fn(|_| self.graph.block());
        self.graph.goto(head, span);
        self.graph.enter(head);
        let end = match (end, &elements) {
            (Some(end), _) => end,
            (None, Elements::Vec(_, vec)) => self.vec_length(vec.clone(), span),
            (None, Elements::None | Elements::Array(_)) => panic!("BUG: a loop without an end"),
        };
        self.branch(Rvalue::Binary(BinaryOp::Less, counted.clone(), end), iteration, after, span);
        self.graph.enter(iteration);
        let value = match elements {
            Elements::None => counted,
            Elements::Array(array) => self.element_of(array, counted, this),
            Elements::Vec(ty, vec) => {
                let array = self.vec_array(ty, vec, span);
                self.element_of(array, counted, this)
            }
        };
        self.bind_element(this, value);
        let blocks = self.iterations(after, next);
        self.iteration(this.id, this.body, blocks, span);
        self.graph.enter(next);
        self.step(counter, span);
        self.graph.goto(head, span);
        self.graph.enter(after);
    }

    /// The blocks of a loop without a value.
    fn iterations(&self, after: BlockId, next: BlockId) -> LoopBlocks {
        LoopBlocks { place: Place::Discard, exit: Some(after), next, open: self.exits.open() }
    }

    fn element_of(&mut self, array: Operand, index: Operand, this: For) -> Operand {
        let ty = self.concrete(self.types.pattern(this.pattern));
        self.settle(Computed::Rvalue(Rvalue::Element(array, index)), ty, this.span)
    }

    /// A counter in a local apart from the loop variable: each iteration has its own variable, which a lambda may
    /// capture.
    fn counter(&mut self, start: Operand, span: Span) -> LocalId {
        let int = self.instances.intern(Type::Int);
        let counter = self.graph.local(int, None);
        self.graph.push(Some(counter), Rvalue::Use(start), span);
        counter
    }

    fn step(&mut self, counter: LocalId, span: Span) {
        let step = Rvalue::Binary(BinaryOp::WrappingAdd, Operand::Local(counter), Operand::Int(1));
        self.graph.push(Some(counter), step, span);
    }

    fn bind_element(&mut self, this: For, value: Operand) {
        let ty = self.concrete(self.types.pattern(this.pattern));
        self.bind_pattern(this.pattern, value, ty);
    }

    /// Calls `next` until it returns `None`.
    fn take_all(&mut self, this: For, iterator: Operand, next: &Callee) {
        if !self.graph.is_reachable() {
            return;
        }
        let span = this.span;
        let [head, after] = [self.graph.block(), self.graph.block()];
        self.graph.goto(head, span);
        self.graph.enter(head);
        let option = self.result_of(next);
        let taken = self.call_with(next, vec![iterator], span);
        let taken = self.settle(taken, option, span);
        let (some, none) = self.is_variant(taken.clone(), SOME, span);
        self.graph.enter(none);
        self.graph.goto(after, span);
        self.graph.enter(some);
        let ty = self.instances.field_types(option, 0)[0];
        let value = self.settle(Computed::Rvalue(Rvalue::Field(taken, SOME, 0)), ty, span);
        self.bind_element(this, value);
        let blocks = self.iterations(after, head);
        self.iteration(this.id, this.body, blocks, span);
        self.graph.enter(after);
    }
}
