//! Control flow: `if`, `match`, `select`, loops, `break`, `return` and `?`.

use weft_abi::library::{ERR, NONE};

use super::body_state::{Expected, Iterated, LoopState, Reason};
use super::bounds::Answer;
use super::errors;
use super::function::Checker;
use super::infer::{Shape, Term};
use crate::hir::{
    Arm, Branch, Condition, ExprId, ExprKind, LoopId, LoopKind, PatternId, SelectArm, SelectEvent,
};
use crate::source::Span;
use crate::types::{NominalId, Type};

/// The index of `None` in `Option` and of `Err` in `Result`, the variants that a `?` returns from the function. The two
/// indices are equal.
const FAILURE: usize = ERR;
const _: () = assert!(ERR == NONE);

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
                branch.conditions.iter().for_each(|&condition| self.condition(condition));
                self.expr(branch.body, Expected::Discarded);
            }
            let unit = self.terms.unit;
            self.exprs[expr] = unit;
            return self.coerce(expr, unit, expected);
        };
        let expected = self.branches_expect(expected, branches[0].body);
        let mut leaves = true;
        for branch in branches {
            branch.conditions.iter().for_each(|&condition| self.condition(condition));
            let ty = self.expr(branch.body, expected);
            leaves &= self.terms.is_never(ty);
        }
        let last = self.expr(otherwise, expected);
        leaves &= self.terms.is_never(last);
        self.joined(expected, leaves)
    }

    pub fn check_match(&mut self, scrutinee: ExprId, arms: &[Arm], expected: Expected) -> Term {
        let matched = self.expr(scrutinee, Expected::Anything);
        let reason = Reason::Matched(self.span(scrutinee));
        let Some(first) = arms.first() else { return self.terms.never };
        let expected = self.branches_expect(expected, first.body);
        let mut leaves = true;
        for arm in arms {
            self.pattern(arm.pattern, matched, reason);
            if let Some(guard) = arm.guard {
                self.expr(guard, Expected::Type(self.terms.bool, Reason::Condition));
            }
            let ty = self.expr(arm.body, expected);
            leaves &= self.terms.is_never(ty);
        }
        if self.terms.is_never(matched) {
            return self.terms.never;
        }
        self.joined(expected, leaves)
    }

    pub fn select(&mut self, arms: &[SelectArm], expected: Expected) -> Term {
        self.selects = true;
        let expected = self.branches_expect(expected, arms[0].body);
        let mut leaves = true;
        for arm in arms {
            self.select_event(arm.event);
            let ty = self.expr(arm.body, expected);
            leaves &= self.terms.is_never(ty);
        }
        self.joined(expected, leaves)
    }

    fn select_event(&mut self, event: SelectEvent) {
        match event {
            SelectEvent::Receive(channel, pattern) => {
                let element = self.selected_channel(channel);
                if let Some(pattern) = pattern {
                    let received = self.terms.of(Type::Nominal(self.hir.lang_items.option, vec![element]));
                    self.pattern(pattern, received, Reason::Matched(self.span(channel)));
                }
            }
            SelectEvent::Send(channel, value) => {
                let element = self.selected_channel(channel);
                self.expr(value, Expected::Type(element, Reason::Sent(self.span(channel))));
            }
            SelectEvent::After(time) => {
                self.expr(time, Expected::Type(self.terms.int, Reason::After));
            }
            SelectEvent::Else => {}
        }
    }

    /// Checks the channel of an arm of a `select`. Returns the type of the channel's elements.
    fn selected_channel(&mut self, channel: ExprId) -> Term {
        let actual = self.expr(channel, Expected::Anything);
        let shape = self.known_shape(actual);
        let span = self.span(channel);
        let error = match shape {
            Shape::Type(Type::Nominal(found, arguments)) if found == self.hir.lang_items.chan => {
                return arguments[0];
            }
            Shape::Error => return self.terms.error,
            Shape::Type(Type::Never) => {
                let element = self.terms.variable();
                self.never_given.push(element);
                return element;
            }
            Shape::Type(_) => errors::select_on(span, &self.terms.text(actual)),
            Shape::Variable => errors::unknown_type(span, "_"),
        };
        self.report(error);
        self.terms.error
    }

    /// The expectation for each branch: all branches have the same type.
    fn branches_expect(&mut self, expected: Expected, first: ExprId) -> Expected {
        match expected {
            Expected::Anything => {
                Expected::Type(self.terms.variable(), Reason::Branch(self.tail_span(first)))
            }
            Expected::Discarded | Expected::Type(..) => expected,
        }
    }

    /// The type of an expression that joins branches. `leaves` means that no branch completes; the type is then
    /// `Never`.
    fn joined(&mut self, expected: Expected, leaves: bool) -> Term {
        match expected {
            _ if leaves => self.terms.never,
            Expected::Type(ty, _) => ty,
            Expected::Discarded | Expected::Anything => self.terms.unit,
        }
    }

    fn condition(&mut self, condition: Condition) {
        match condition {
            Condition::Expr(expr) => {
                self.expr(expr, Expected::Type(self.terms.bool, Reason::Condition));
            }
            Condition::Let(pattern, value) => {
                let matched = self.expr(value, Expected::Anything);
                self.pattern(pattern, matched, Reason::Matched(self.span(value)));
            }
        }
    }

    /// Checks a `loop`, or a `while`, which name resolution has turned into a loop with a `break`.
    pub fn check_loop(&mut self, expr: ExprId, id: LoopId, iteration: ExprId, expected: Expected) -> Term {
        let inside = match expected {
            Expected::Anything => {
                Expected::Type(self.terms.variable(), Reason::Break(self.body.loops[id].span))
            }
            Expected::Discarded | Expected::Type(..) => expected,
        };
        let is_while = self.body.loops[id].kind == LoopKind::While;
        let inside = if is_while { Expected::Discarded } else { inside };
        self.loops.insert(id, LoopState { expected: inside, broken: false });
        self.expr(iteration, Expected::Discarded);
        let broken = self.loops[&id].broken;
        let ty = self.joined(inside, !broken);
        if !is_while {
            return ty;
        }
        self.exprs[expr] = self.terms.unit;
        self.coerce(expr, self.terms.unit, expected)
    }

    pub fn check_for(&mut self, id: LoopId, pattern: PatternId, iterable: ExprId, body: ExprId) -> Term {
        let ty = self.expr(iterable, Expected::Anything);
        let element = self.iterated(id, iterable, ty);
        self.pattern(pattern, element, Reason::Matched(self.span(iterable)));
        self.loops.insert(id, LoopState { expected: Expected::Discarded, broken: false });
        self.expr(body, Expected::Discarded);
        self.terms.unit
    }

    /// The type of the elements over which a `for` iterates.
    fn iterated(&mut self, id: LoopId, value: ExprId, ty: Term) -> Term {
        let items = &self.hir.lang_items;
        let shape = match self.known_shape(ty) {
            Shape::Type(shape) => shape,
            Shape::Error => return self.terms.error,
            Shape::Variable => {
                let error = errors::unknown_type(self.span(value), "_");
                self.report(error);
                return self.terms.error;
            }
        };
        let simple = match &shape {
            Type::Never => return ty,
            Type::Array(element) => Some((Iterated::Array, *element)),
            Type::Nominal(range, _) if *range == items.range => Some((Iterated::Range, self.terms.int)),
            Type::Nominal(vec, arguments) if *vec == items.vec => Some((Iterated::Vec, arguments[0])),
            _ => None,
        };
        if let Some((iterated, element)) = simple {
            self.iterations.insert(id, iterated);
            return element;
        }
        let span = self.span(value);
        if let Some((next, element)) = self.next_of(ty, span) {
            self.iterations.insert(id, Iterated::Next(next));
            return element;
        }
        if let Some((iter, iterator)) = self.method_of_no_arguments(ty, "iter", span)
            && let Some((next, element)) = self.next_of(iterator, span)
        {
            self.iterations.insert(id, Iterated::Iter(iter, next));
            return element;
        }
        let is_int = matches!(shape, Type::Int);
        let found = self.terms.text(ty);
        let error = errors::not_iterable(span, &found, is_int);
        self.report(error);
        self.terms.error
    }

    /// The type arguments of a term whose type is `nominal`; `None` for any other type.
    pub fn arguments_of(&self, term: Term, nominal: NominalId) -> Option<Vec<Term>> {
        match self.terms.shape(term) {
            Shape::Type(Type::Nominal(found, arguments)) if found == nominal => Some(arguments),
            Shape::Type(_) | Shape::Variable | Shape::Error => None,
        }
    }

    pub fn check_break(&mut self, expr: ExprId, id: LoopId, value: Option<ExprId>) -> Term {
        let state = self.loops.get_mut(&id).expect("BUG: a `break` outside of its loop");
        state.broken = true;
        let expected = state.expected;
        let given = match value {
            Some(value) => self.expr(value, expected),
            None => self.without_value(expr, expected, "break"),
        };
        // For the next `break`, the reason for the expected type is the value of this `break`.
        if let (Expected::Type(ty, Reason::Break(_)), false) = (expected, self.terms.is_never(given)) {
            let span = self.span(value.unwrap_or(expr));
            let state = self.loops.get_mut(&id).expect("BUG: a loop vanished");
            state.expected = Expected::Type(ty, Reason::Break(span));
        }
        self.terms.never
    }

    pub fn check_return(&mut self, expr: ExprId, value: Option<ExprId>) -> Term {
        let Some(&expected) = self.results.last() else {
            // A `return` in a constant; the evaluation of the constant reports it as not constant.
            return self.terms.error;
        };
        match value {
            Some(value) => self.expr(value, expected),
            None => self.without_value(expr, expected, "return"),
        };
        self.terms.never
    }

    /// Checks `yield value`.
    pub fn yield_value(&mut self, value: ExprId) -> Term {
        let (element, span) = self.yielded();
        self.expr(value, Expected::Type(element, Reason::Yielded(span)));
        self.terms.unit
    }

    /// Checks `yield from generator`.
    pub fn yield_from(&mut self, generator: ExprId) -> Term {
        let (element, span) = self.yielded();
        let wanted = self.terms.of(Type::Generator(element));
        self.expr(generator, Expected::Type(wanted, Reason::HandedOn(span)));
        self.terms.unit
    }

    /// The type of the elements of the `gen fn` that is being checked, and the place of this type. Name resolution has
    /// reported each `yield` with a value outside of a `gen fn`.
    fn yielded(&mut self) -> (Term, Option<Span>) {
        let function = self.function.filter(|function| function.element.is_some());
        let function = function.expect("BUG: an element outside of a `gen fn`");
        let element = self.terms.named(function.element.flatten());
        (element, function.result_span)
    }

    /// Checks a `break` or `return` without a value, which counts as `()`.
    fn without_value(&mut self, expr: ExprId, expected: Expected, word: &'static str) -> Term {
        let unit = self.terms.unit;
        let Expected::Type(wanted, reason) = expected else { return unit };
        if self.terms.is_never(wanted) || self.terms.unify(unit, wanted) {
            return unit;
        }
        let wanted = self.terms.text(wanted);
        let error = errors::no_value_given(word, self.span(expr), &wanted, reason);
        self.report(error);
        self.terms.error
    }

    /// The span of an expression's value: for a block, the span of the block's last expression.
    pub fn tail_span(&self, expr: ExprId) -> Span {
        match &self.body.exprs[expr].kind {
            ExprKind::Block(block) => block.value.map_or(self.span(expr), |value| self.tail_span(value)),
            _ => self.span(expr),
        }
    }

    /// Checks `e?`, which unwraps `Some` or `Ok`, and returns `None` or `Err` from the enclosing function.
    pub fn check_try(&mut self, expr: ExprId, value: ExprId) -> Term {
        let items = &self.hir.lang_items;
        let actual = self.expr(value, Expected::Anything);
        match self.known_shape(actual) {
            Shape::Error => return self.terms.error,
            Shape::Type(Type::Never) => return actual,
            Shape::Type(_) | Shape::Variable => {}
        }
        if let Some(arguments) = self.arguments_of(actual, items.option) {
            let given = self.terms.variable();
            let result = self.terms.of(Type::Nominal(items.option, vec![given]));
            self.leaves_with(expr, value, actual, result);
            self.tried(value, arguments[0])
        } else if let Some(arguments) = self.arguments_of(actual, items.result) {
            if !self.leaves_with_converted(expr, arguments[1]) {
                let given = self.terms.variable();
                let result = self.terms.of(Type::Nominal(items.result, vec![given, arguments[1]]));
                self.leaves_with(expr, value, actual, result);
            }
            self.tried(value, arguments[0])
        } else {
            let error = match self.terms.is_variable(actual) {
                true => errors::unknown_type(self.span(value), "_"),
                false => errors::try_on(self.span(value), &self.terms.text(actual)),
            };
            self.report(error);
            self.terms.error
        }
    }

    /// The type of a `?` expression. `Err(..)?` and `None?` have no value, so their type may stay unknown; it then
    /// becomes `()`.
    fn tried(&mut self, value: ExprId, given: Term) -> Term {
        if matches!(self.kind(value), ExprKind::Variant { variant: FAILURE, .. }) {
            self.never_given.push(given);
        }
        given
    }

    /// Whether the error of a `?` has another type than the error of the function around it, which `From` converts it
    /// to.
    fn leaves_with_converted(&mut self, expr: ExprId, error: Term) -> bool {
        let items = &self.hir.lang_items;
        let Some(&Expected::Type(wanted, _)) = self.results.last() else { return false };
        let Some(declared) = self.arguments_of(wanted, items.result) else { return false };
        if self.terms.can_unify(error, declared[1]) {
            return false;
        }
        let mark = self.terms.mark();
        if let Answer::No(_) = self.terms.holds(declared[1], items.from, &[error]) {
            self.terms.undo(mark);
            return false;
        }
        let function = self.hir.traits[items.from].functions[0];
        let instance = self.of_trait(declared[1], items.from, function, self.span(expr));
        if let Some(&(_, argument)) = instance.substitution.get(1) {
            let _ = self.terms.unify(argument, error);
        }
        self.calls.insert(expr, instance);
        self.never_given.push(declared[0]);
        true
    }

    /// Requires that the function around a `?` can return the `None` or `Err`.
    fn leaves_with(&mut self, expr: ExprId, value: ExprId, actual: Term, result: Term) {
        let Some(&Expected::Type(wanted, reason)) = self.results.last() else { return };
        if self.terms.unify(result, wanted) {
            self.never_given.push(result_value(&self.terms.shape(result)));
            return;
        }
        let (found, wanted) = (self.terms.text(actual), self.terms.text(wanted));
        let is_main = self.hir.main.is_some_and(|main| {
            self.results.len() == 1
                && self.function.is_some_and(|function| function.span == self.hir.functions[main].span)
        });
        let mark = Span { start: self.span(expr).end.saturating_sub(1), ..self.span(expr) };
        let is_result = self.arguments_of(actual, self.hir.lang_items.result).is_some();
        let error =
            errors::try_result(mark, (self.span(value), &found), &wanted, reason, is_main && is_result);
        self.report(error);
    }
}

/// The type argument for the value of an `Option` or a `Result`.
fn result_value(shape: &Shape) -> Term {
    match shape {
        Shape::Type(Type::Nominal(_, arguments)) => arguments[0],
        Shape::Type(_) | Shape::Variable | Shape::Error => {
            unreachable!("BUG: `?` leaves with an `Option` or a `Result`")
        }
    }
}
