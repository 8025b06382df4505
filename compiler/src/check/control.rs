//! Control flow: `if`, loops, the ways out, and spawned threads.

use super::errors;
use super::expect::{Expected, Reason};
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{Branch, ExprId, Iterable, LocalId, LoopId, SpawnId};
use crate::types::Type;

/// A loop around the place that is being checked.
pub(super) struct LoopState {
    /// What a `break` must give.
    expected: Expected,
    /// Whether there was one.
    broken: bool,
}

impl Checker<'_> {
    pub fn if_chain(
        &mut self,
        expr: ExprId,
        branches: &[Branch],
        otherwise: Option<ExprId>,
        expected: Expected,
    ) -> Term {
        let Some(otherwise) = otherwise else {
            for branch in branches {
                self.condition(branch.condition);
                self.expr(branch.body, Expected::Discarded);
            }
            let unit = self.terms.unit;
            self.exprs[expr] = unit;
            return self.coerce(expr, unit, expected);
        };
        let expected = match expected {
            Expected::Anything => {
                let first = self.tail_span(branches[0].body);
                Expected::Type(self.terms.variable(), Reason::Branch(first))
            }
            Expected::Discarded | Expected::Type(..) => expected,
        };
        let mut leaves = true;
        for branch in branches {
            self.condition(branch.condition);
            let ty = self.expr(branch.body, expected);
            leaves &= self.terms.is_never(ty);
        }
        let last = self.expr(otherwise, expected);
        leaves &= self.terms.is_never(last);
        self.joined(expected, leaves)
    }

    /// The type where ways come together: none of them may get there.
    fn joined(&mut self, expected: Expected, leaves: bool) -> Term {
        let never = self.terms.never;
        match expected {
            Expected::Type(ty, _) => {
                self.terms.default(ty, never);
                if leaves { never } else { ty }
            }
            Expected::Discarded | Expected::Anything if leaves => never,
            Expected::Discarded | Expected::Anything => self.terms.unit,
        }
    }

    fn condition(&mut self, condition: ExprId) {
        self.expr(condition, Expected::Type(self.terms.bool, Reason::Condition));
    }

    /// `loop`, and `while`, which is one in whose body a `break` stands.
    pub fn loop_(&mut self, expr: ExprId, id: LoopId, turn: ExprId, expected: Expected) -> Term {
        let inside = match expected {
            Expected::Anything => {
                Expected::Type(self.terms.variable(), Reason::Break(self.body.loops[id].span))
            }
            Expected::Discarded | Expected::Type(..) => expected,
        };
        let is_while = self.body.loops[id].kind == crate::hir::LoopKind::While;
        let inside = if is_while { Expected::Discarded } else { inside };
        self.loops.insert(id, LoopState { expected: inside, broken: false });
        self.expr(turn, Expected::Discarded);
        let broken = self.loops[&id].broken;
        let ty = self.joined(inside, !broken);
        if !is_while {
            return ty;
        }
        self.exprs[expr] = self.terms.unit;
        self.coerce(expr, self.terms.unit, expected)
    }

    pub fn for_(&mut self, id: LoopId, variable: LocalId, iterable: &Iterable, body: ExprId) -> Term {
        self.locals[variable] = match *iterable {
            Iterable::Range { start, end, .. } => {
                let bound = Expected::Type(self.terms.int, Reason::RangeBound);
                self.expr(start, bound);
                self.expr(end, bound);
                self.terms.int
            }
            Iterable::Value(value) => {
                let ty = self.expr(value, Expected::Anything);
                self.element(value, ty)
            }
        };
        self.loops.insert(id, LoopState { expected: Expected::Discarded, broken: false });
        self.expr(body, Expected::Discarded);
        self.terms.unit
    }

    /// What a `for` over a value gives in each turn.
    fn element(&mut self, value: ExprId, ty: Term) -> Term {
        match self.terms.shape(ty) {
            Shape::Type(Type::Array(element)) => return element,
            Shape::Type(Type::Never) => return ty,
            Shape::Error | Shape::Variable => {}
            Shape::Type(Type::String) => {
                let error = crate::hir::not_supported("`for` over a `String`", self.span(value));
                self.report(error);
            }
            Shape::Type(Type::Unit | Type::Bool | Type::Int | Type::Float | Type::Task(_)) => {
                let is_int = ty == self.terms.int;
                let found = self.terms.display(ty).to_string();
                self.report(errors::not_iterable(self.span(value), &found, is_int));
            }
        }
        self.terms.error
    }

    pub fn break_(&mut self, expr: ExprId, id: LoopId, value: Option<ExprId>) -> Term {
        let state = self.loops.get_mut(&id).expect("BUG: a `break` outside of its loop");
        state.broken = true;
        let expected = state.expected;
        let given = match value {
            Some(value) => self.expr(value, expected),
            None => self.without_value(expr, expected, "break"),
        };
        // From the first value on, that is why the others must be of its type.
        if let (Expected::Type(ty, Reason::Break(_)), false) = (expected, self.terms.is_never(given)) {
            let span = self.span(value.unwrap_or(expr));
            let state = self.loops.get_mut(&id).expect("BUG: a loop vanished");
            state.expected = Expected::Type(ty, Reason::Break(span));
        }
        self.terms.never
    }

    pub fn return_(&mut self, expr: ExprId, value: Option<ExprId>) -> Term {
        let expected = *self.results.last().expect("BUG: no function around a `return`");
        match value {
            Some(value) => self.expr(value, expected),
            None => self.without_value(expr, expected, "return"),
        };
        self.terms.never
    }

    /// `break` or `return` alone, which give `()`.
    fn without_value(&mut self, expr: ExprId, expected: Expected, word: &'static str) -> Term {
        let unit = self.terms.unit;
        let Expected::Type(wanted, reason) = expected else { return unit };
        if self.terms.is_never(wanted) || self.terms.unify(unit, wanted) {
            return unit;
        }
        let wanted = self.terms.display(wanted).to_string();
        self.report(errors::no_value_given(word, self.span(expr), &wanted, reason));
        self.terms.error
    }

    /// What the thread begins with has the types of what is given; what it returns makes the task's type.
    pub fn spawn(&mut self, id: SpawnId) -> Term {
        let spawn = &self.body.spawns[id];
        for &(local, value) in &spawn.arguments {
            self.locals[local] = self.expr(value, Expected::Anything);
        }
        let result = self.terms.variable();
        let expected = Expected::Type(result, Reason::Thread(self.tail_span(spawn.body)));
        self.results.push(expected);
        self.expr(spawn.body, expected);
        self.results.pop();
        // A thread that never returns: its task has no value, and nothing is known of it.
        let unit = self.terms.unit;
        self.terms.default(result, unit);
        self.threads[id] = result;
        self.terms.of(Type::Task(result))
    }

    /// Where an expression's value stands: the last expression of a block.
    fn tail_span(&self, expr: ExprId) -> crate::source::Span {
        match &self.body.exprs[expr].kind {
            crate::hir::ExprKind::Block(block) => {
                block.value.map_or(self.span(expr), |value| self.tail_span(value))
            }
            _ => self.span(expr),
        }
    }
}
