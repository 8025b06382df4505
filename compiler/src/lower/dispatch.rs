//! Multiway branches: the cases of a test become a switch, a binary search in code, or a binary search in a table.
//!
//! ```text
//! match s { "a" | "e" => 0, "b" => 1, "c" => 2, "d" => 3, _ => 9 }
//!
//! sorted:   "a" -> 0, "b" -> 1, "c" -> 2, "d" -> 3, "e" -> 0
//! branches: s < "c" ? { s == "a" ? 0 : s == "b" ? 1 : 9 } : { s == "c" ? 2 : s == "d" ? 3 : s == "e" ? 0 : 9 }
//! ```
//!
//! Cases come grouped by target. A binary search needs cases in the order of their values, so they are sorted here. No
//! case is a NaN, which equals nothing.

use std::cmp::Ordering;
use std::collections::HashMap;

use weft_abi::RuntimeFunction;

use super::body::Lowering;
use super::body_state::Computed;
use super::decision::Case;
use super::operators::{Kind, Pair};
use crate::check::Value;
use crate::hir;
use crate::mir::{BinaryOp, BlockId, LocalId, Operand, Rvalue, TerminatorKind, UnaryOp};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The length of the longest interval whose numbers become cases of a `switch`, one case for each number. For a longer
/// interval, the number is compared with the interval's bounds.
const FEW_NUMBERS: i128 = 32;
/// The maximum number of values that are compared one after the other. Four comparisons cost about as much as one more
/// halving.
const FEW_VALUES: usize = 4;
/// The maximum number of values that are searched for in code. More values go into a table, because LLVM's time grows
/// with the square of the number of branches in a function.
const MOST_COMPARED: usize = 64;

/// The maximum number of intervals with constant arms that become a `switch`, with a block for each arm. More intervals
/// become a table of the constants.
const MOST_ARMS: usize = 512;

/// The first and the last number of an interval, and its target.
type Interval = (i128, i128, BlockId);

/// Texts or floats with their targets, in ascending order.
type Values = [(Value, BlockId)];

impl Lowering<'_, '_> {
    /// Jumps to the target of the case that contains the part, or to `otherwise`. Without `otherwise`, one of the cases
    /// must contain the part.
    pub fn tell_apart(
        &mut self,
        (part, ty): (Operand, TypeId),
        cases: Vec<(&Case, BlockId)>,
        otherwise: Option<BlockId>,
        span: Span,
    ) {
        let (mut numbers, mut values) = (Vec::new(), Vec::new());
        for &(case, target) in &cases {
            match case {
                Case::Variant(number) => numbers.push((*number as i128, *number as i128, target)),
                Case::Numbers(first, last) => numbers.push((*first, *last, target)),
                Case::Lengths(first, last) => {
                    numbers.push((*first as i128, last.map_or(i64::MAX.into(), |last| last as i128), target));
                }
                Case::Text(text) => values.push((Value::String(text.clone()), target)),
                Case::Float(float) => values.push((Value::Float(*float), target)),
            }
        }
        let number = match cases.first() {
            // Without cases, `otherwise` is the only target.
            None => return self.graph.goto(otherwise.expect("BUG: a test of nothing"), span),
            Some((Case::Variant(_), only)) if self.variants_of(ty) == 1 => {
                return self.graph.goto(*only, span);
            }
            Some((Case::Variant(_), _)) => self.temporary(Type::Int, Rvalue::Variant(part), span),
            Some((Case::Lengths(..), _)) => self.temporary(Type::Int, Rvalue::Length(part), span),
            Some((Case::Numbers(..), _)) => part,
            Some((Case::Text(_) | Case::Float(_), _)) => {
                // Cases cannot contain all texts or floats, so without `otherwise` nothing leads here: another part has
                // a value that its type does not have.
                let otherwise = otherwise.unwrap_or(cases[0].1);
                values.sort_unstable_by(|(one, _), (other, _)| order(one, other));
                return self.tell_values((part, ty), &values, otherwise, span);
            }
        };
        let is_part = matches!(cases.first(), Some((Case::Numbers(..), _)));
        let ty = if is_part { ty } else { self.instances.intern(Type::Int) };
        let kind = self.instances.ty(ty).clone();
        let (numbers, otherwise) = with_default(numbers, otherwise);
        if self.are_given(&numbers) {
            return self.tell_given((number, ty), &numbers, otherwise, span);
        }
        self.tell_numbers((&number, &kind), &numbers, otherwise, span);
    }

    /// Whether to look the number up in a table of constants: no interval is long, and the intervals that lead to arms
    /// that are only a constant are more than [`MOST_ARMS`] and more than half of all.
    fn are_given(&self, intervals: &[Interval]) -> bool {
        let given = intervals.iter().filter(|(_, _, target)| self.given.get(*target).is_some()).count();
        let are_few = intervals.iter().all(|(first, last, _)| last - first < FEW_NUMBERS);
        are_few && given > MOST_ARMS && given > intervals.len() / 2
    }

    /// Looks a number up in a table. If the numbers are dense, the index is the distance from the least number;
    /// otherwise a binary search finds the index.
    fn tell_given(
        &mut self,
        (number, ty): (Operand, TypeId),
        intervals: &[Interval],
        otherwise: BlockId,
        span: Span,
    ) {
        let kind = self.instances.ty(ty).clone();
        let all =
            intervals.iter().flat_map(|&(first, last, target)| (first..=last).map(move |at| (at, target)));
        let all: Vec<(i128, BlockId)> = all.collect();
        let (least, most) = (all[0].0, all[all.len() - 1].0);
        if most - least >= 2 * all.len() as i128 {
            let value = |&(number, target): &(i128, BlockId)| match kind {
                Type::Char => (Value::Char(a_char(number, number)), target),
                _ => (Value::Int(number as i64), target),
            };
            let values: Vec<(Value, BlockId)> = all.iter().map(value).collect();
            return self.look_up((number, ty), &values, otherwise, span);
        }
        let inside = self.graph.block();
        self.tell_range((&number, &kind), (least, most), [inside, otherwise], span);
        self.graph.enter(inside);
        let number = match kind {
            Type::Char => self.temporary(Type::Int, Rvalue::Unary(UnaryOp::CharToInt, number), span),
            _ => number,
        };
        let distance = Rvalue::Binary(BinaryOp::WrappingSubtract, number, Operand::Int(least as i64));
        let distance = self.temporary(Type::Int, distance, span);
        let mut targets = vec![None; (most - least + 1) as usize];
        for (number, target) in all {
            targets[(number - least) as usize] = Some(target);
        }
        self.go_to_place(distance, targets, otherwise, span);
    }

    /// Jumps to the target of the interval that a number is in.
    fn tell_numbers(
        &mut self,
        (number, kind): (&Operand, &Type),
        intervals: &[Interval],
        otherwise: BlockId,
        span: Span,
    ) {
        let are_few = intervals.iter().all(|(first, last, _)| last - first < FEW_NUMBERS);
        match intervals {
            [] => self.graph.goto(otherwise, span),
            _ if *kind == Type::Bool => {
                let to = |value| intervals.iter().find(|(first, last, _)| (*first..=*last).contains(&value));
                let [else_block, then_block] =
                    [0, 1].map(|value| to(value).map_or(otherwise, |found| found.2));
                let condition = number.clone();
                self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
            }
            &[(first, last, then_block)] if first == last => {
                let is = Rvalue::Binary(BinaryOp::Equal, number.clone(), constant(kind, first, first));
                self.branch(is, then_block, otherwise, span);
            }
            &[(first, last, target)] => {
                self.tell_range((number, kind), (first, last), [target, otherwise], span)
            }
            _ if are_few => {
                let each = |&(first, last, target): &Interval| {
                    (first..=last).map(move |number| (number as i64, target))
                };
                let targets = intervals.iter().flat_map(each).collect();
                self.graph.end(TerminatorKind::Switch { value: number.clone(), targets, otherwise }, span);
            }
            _ => {
                let (below, above) = intervals.split_at(intervals.len() / 2);
                let [below_block, above_block] = [self.graph.block(), self.graph.block()];
                let boundary = constant(kind, above[0].0, above[0].0);
                let is_below = Rvalue::Binary(BinaryOp::Less, number.clone(), boundary);
                self.branch(is_below, below_block, above_block, span);
                for (block, intervals) in [(below_block, below), (above_block, above)] {
                    self.graph.enter(block);
                    self.tell_numbers((number, kind), intervals, otherwise, span);
                }
            }
        }
    }

    /// Tests whether a number is in a range. A bound of the range that is also a bound of the type needs no test.
    fn tell_range(
        &mut self,
        (number, kind): (&Operand, &Type),
        (first, last): (i128, i128),
        [inside, outside]: [BlockId; 2],
        span: Span,
    ) {
        let (least, most) = match kind {
            Type::Byte => (0, u8::MAX.into()),
            Type::Char => (0, char::MAX as i128),
            _ => (i64::MIN.into(), i64::MAX.into()),
        };
        if first > least {
            let above = self.graph.block();
            let is_above =
                Rvalue::Binary(BinaryOp::GreaterEqual, number.clone(), constant(kind, first, last));
            self.branch(is_above, above, outside, span);
            self.graph.enter(above);
        }
        match last < most {
            true => {
                let is_below =
                    Rvalue::Binary(BinaryOp::LessEqual, number.clone(), constant(kind, last, first));
                self.branch(is_below, inside, outside, span);
            }
            false => self.graph.goto(inside, span),
        }
    }

    /// Jumps to the target of the value that equals the part.
    fn tell_values(
        &mut self,
        (part, ty): (Operand, TypeId),
        values: &Values,
        otherwise: BlockId,
        span: Span,
    ) {
        if values.len() > MOST_COMPARED {
            return self.look_up((part, ty), values, otherwise, span);
        }
        if values.len() > FEW_VALUES {
            let (below, above) = values.split_at(values.len() / 2);
            let boundary = self.constant_value(&above[0].0);
            let is_below = self.operation(hir::BinaryOp::Less, ty, [part.clone(), boundary], span);
            let bool = self.instances.intern(Type::Bool);
            let condition = self.settle(is_below, bool, span);
            let [then_block, else_block] = [self.graph.block(), self.graph.block()];
            self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
            for (block, values) in [(then_block, below), (else_block, above)] {
                self.graph.enter(block);
                self.tell_values((part.clone(), ty), values, otherwise, span);
            }
            return;
        }
        for (value, target) in values {
            let wanted = self.constant_value(value);
            let mut next = None;
            self.test_equal(part.clone(), wanted, ty, span, &mut next);
            self.graph.goto(*target, span);
            self.graph.enter_meeting(next);
        }
        self.graph.goto(otherwise, span);
    }

    /// Does a binary search for the part in a constant array of the values, and jumps to the target at its index.
    fn look_up(&mut self, (part, ty): (Operand, TypeId), values: &Values, otherwise: BlockId, span: Span) {
        let array = self.instances.intern(Type::Array(ty));
        let constants = values.iter().map(|(value, _)| self.constant_value(value)).collect();
        let table = self.settle(Computed::Rvalue(Rvalue::NewArray(array, constants)), array, span);
        let int = self.instances.intern(Type::Int);
        let [start, end] = [self.graph.local(int, None), self.graph.local(int, None)];
        self.graph.push(Some(start), Rvalue::Use(Operand::Int(0)), span);
        self.graph.push(Some(end), Rvalue::Use(Operand::Int(values.len() as i64)), span);
        let [head, probe, found] = std::array::from_fn(|_| self.graph.block());
        self.graph.goto(head, span);
        self.graph.enter(head);
        let is_some = Rvalue::Binary(BinaryOp::Less, Operand::Local(start), Operand::Local(end));
        self.branch(is_some, probe, otherwise, span);
        self.graph.enter(probe);
        let sum = Rvalue::Binary(BinaryOp::WrappingAdd, Operand::Local(start), Operand::Local(end));
        let sum = self.temporary(Type::Int, sum, span);
        let half = Rvalue::Binary(BinaryOp::ShiftRight, sum, Operand::Int(1));
        let middle = self.temporary(Type::Int, half, span);
        let value = Computed::Rvalue(Rvalue::Element(table, middle.clone()));
        let value = self.settle(value, ty, span);
        let pair = match self.instances.kind(ty) {
            // The runtime compares the two texts once; `halve` then compares the result with zero.
            Kind::String => {
                let order = Rvalue::Runtime(RuntimeFunction::StringCompare, vec![part, value]);
                [self.temporary(Type::Int, order, span), Operand::Int(0)]
            }
            Kind::Nothing | Kind::Scalar | Kind::Other => [part, value],
        };
        self.halve(pair, (start, middle.clone(), end), [head, found], span);
        self.graph.enter(found);
        let targets = values.iter().map(|(_, target)| Some(*target)).collect();
        self.go_to_place(middle, targets, otherwise, span);
    }

    /// Jumps to the target at the index `place`, or to `otherwise` if there is no target; at least one index has a
    /// target. Instead of jumps to targets that only store a constant, reads these constants from an array.
    fn go_to_place(&mut self, place: Operand, targets: Vec<Option<BlockId>>, otherwise: BlockId, span: Span) {
        let known = self.given.clone();
        let given = |target: &Option<BlockId>| target.and_then(|target| known.get(target));
        let Some(any) = targets.iter().find_map(given) else {
            let targets = (0i64..).zip(targets.into_iter().map(|target| target.unwrap_or(otherwise)));
            let mut targets: Vec<(i64, BlockId)> = targets.collect();
            let (_, last) = targets.pop().expect("BUG: a table of nothing");
            let kind = TerminatorKind::Switch { value: place, targets, otherwise: last };
            return self.graph.end(kind, span);
        };
        let values = targets.iter().map(|target| given(target).unwrap_or(any.clone())).collect();
        let others = (0i64..).zip(&targets).filter(|(_, target)| given(target).is_none());
        let others: Vec<(i64, BlockId)> =
            others.map(|(number, target)| (number, target.unwrap_or(otherwise))).collect();
        let gives = self.graph.block();
        match others.is_empty() {
            true => self.graph.goto(gives, span),
            false => {
                let kind = TerminatorKind::Switch { value: place.clone(), targets: others, otherwise: gives };
                self.graph.end(kind, span);
            }
        }
        self.graph.enter(gives);
        self.give(values, place);
    }

    /// Jumps to `found` if `left` and `right` are equal. Otherwise selects the half that may contain `left`, and jumps
    /// to `head`.
    fn halve(
        &mut self,
        [left, right]: Pair,
        (start, middle, end): (LocalId, Operand, LocalId),
        [head, found]: [BlockId; 2],
        span: Span,
    ) {
        let [unequal, below, above] = std::array::from_fn(|_| self.graph.block());
        self.branch(Rvalue::Binary(BinaryOp::Equal, left.clone(), right.clone()), found, unequal, span);
        self.graph.enter(unequal);
        self.branch(Rvalue::Binary(BinaryOp::Less, left, right), below, above, span);
        self.graph.enter(below);
        self.graph.push(Some(end), Rvalue::Use(middle.clone()), span);
        self.graph.goto(head, span);
        self.graph.enter(above);
        let after = Rvalue::Binary(BinaryOp::WrappingAdd, middle, Operand::Int(1));
        self.graph.push(Some(start), after, span);
        self.graph.goto(head, span);
    }
}

/// The order of two texts or two floats, as by `<`.
fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Float(one), Value::Float(other)) => {
            one.partial_cmp(other).expect("BUG: a test for what equals nothing")
        }
        (
            Value::String(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Char(_)
            | Value::Byte(_),
            _,
        ) => panic!("BUG: {one:?} and {other:?} in one search"),
    }
}

/// Sorts the intervals, and joins adjacent intervals of the same target. Without `otherwise`, the most frequent target
/// becomes `otherwise`. Intervals that lead to `otherwise` are left out.
fn with_default(mut intervals: Vec<Interval>, otherwise: Option<BlockId>) -> (Vec<Interval>, BlockId) {
    intervals.sort_unstable_by_key(|interval| interval.0);
    let otherwise = otherwise.unwrap_or_else(|| {
        let mut counts: HashMap<BlockId, usize> = HashMap::new();
        for (_, _, target) in &intervals {
            *counts.entry(*target).or_default() += 1;
        }
        // In a tie, takes the target with the highest number, so that the order in the map does not matter.
        let most = counts.into_iter().max_by_key(|&(target, count)| (count, target));
        most.expect("BUG: a test without cases").0
    });
    let mut joined: Vec<Interval> = Vec::with_capacity(intervals.len());
    for (first, last, target) in intervals.into_iter().filter(|interval| interval.2 != otherwise) {
        match joined.last_mut() {
            Some(before) if before.2 == target && before.1 + 1 == first => before.1 = last,
            _ => joined.push((first, last, target)),
        }
    }
    (joined, otherwise)
}

/// A number as a constant of the type `kind`; for `towards` see [`a_char`].
fn constant(kind: &Type, number: i128, towards: i128) -> Operand {
    match kind {
        Type::Byte => Operand::Byte(number as u8),
        Type::Char => Operand::Char(a_char(number, towards)),
        _ => Operand::Int(number as i64),
    }
}

/// A number as a `Char`. A range may begin or end at a surrogate, which is no `Char`; a surrogate becomes the nearest
/// `Char` in the direction of `towards`.
fn a_char(number: i128, towards: i128) -> char {
    const SURROGATES: (i128, i128) = (0xd800, 0xdfff);
    let number = match number {
        _ if !(SURROGATES.0..=SURROGATES.1).contains(&number) => number,
        _ if towards < number => SURROGATES.0 - 1,
        _ => SURROGATES.1 + 1,
    };
    char::from_u32(number as u32).expect("BUG: a pattern of no character")
}
