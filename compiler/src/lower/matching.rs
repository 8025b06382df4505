//! `match`: its arms as decision trees, and the trees as branches.
//!
//! A guard may fail after all, so an arm with one ends a tree: where none of its arms matches, the next tree begins, of
//! the arms behind. What an arm binds it takes out of the value after the tests.

use std::collections::HashMap;

use super::body::{Computed, Lowering, Place};
use super::decision::{self, Case, Decision, Node, Pattern, Step, SubjectId};
use crate::check::Value;
use crate::hir::{self, Arm, ExprId, PatternId, PatternKind};
use crate::mir::{BinaryOp, BlockId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// So many numbers that lead to one place are told one by one.
const FEW_NUMBERS: i128 = 32;
/// So many texts are compared one after the other.
const FEW_TEXTS: usize = 4;

/// A row of a tree: an arm, or one alternative of an arm that binds something else than the others.
struct Row {
    arm: usize,
    pattern: PatternId,
}

/// A tree while it becomes branches.
struct Drawing<'d> {
    decision: &'d Decision,
    /// The parts of the value that are known where the drawing is, with their types.
    parts: HashMap<SubjectId, (Operand, TypeId)>,
    /// Those among them that are not known in other branches, in the order they were taken out.
    taken: Vec<SubjectId>,
    /// Where each row begins, if something leads there.
    rows: Vec<Option<BlockId>>,
    /// Where to go if no row matches.
    fails: Option<BlockId>,
    /// Whether some row always matches.
    certain: bool,
    span: Span,
}

/// Numbers from the first to the last, and where they lead.
type Interval = (i128, i128, BlockId);

/// What is matched.
struct Whole {
    value: Operand,
    ty: TypeId,
    span: Span,
}

impl Lowering<'_, '_> {
    /// `match scrutinee { arms }`
    pub fn match_(&mut self, expr: ExprId, scrutinee: ExprId, arms: &[Arm], place: Place) {
        let (ty, span) = (self.type_of(scrutinee), self.span(expr));
        let value = self.stable_value(scrutinee);
        if !self.graph.is_reachable() {
            return;
        }
        let whole = Whole { value, ty, span };
        let mut meeting = None;
        let mut begin = 0;
        while begin < arms.len() {
            let guarded = arms[begin..].iter().position(|arm| arm.guard.is_some());
            let end = guarded.map_or(arms.len(), |at| begin + at + 1);
            let certain = end == arms.len() && guarded.is_none();
            let next = self.some_arms(&arms[begin..end], &whole, certain, (place, &mut meeting));
            match next {
                Some(next) => self.graph.enter(next),
                None => return self.graph.enter_meeting(meeting),
            }
            begin = end;
        }
        // The arms are exhaustive.
        self.graph.end(TerminatorKind::Unreachable, span);
        self.graph.enter_meeting(meeting);
    }

    /// Arms of which only the last may have a guard; gives the place where none of them matches.
    fn some_arms(
        &mut self,
        arms: &[Arm],
        whole: &Whole,
        certain: bool,
        (place, meeting): (Place, &mut Option<BlockId>),
    ) -> Option<BlockId> {
        let rows = self.rows(arms);
        let patterns: Vec<Pattern> = rows.iter().map(|row| self.tested(row.pattern)).collect();
        let decision = if rows.len() > 1 { decision::decide(&patterns) } else { None };
        let Some(decision) = decision else {
            return self.arms_one_by_one(arms, whole, (place, meeting));
        };
        let (begins, mut next) = self.draw_decision(&decision, rows.len(), whole, certain);
        let mut begun = rows.iter().zip(begins).peekable();
        for (number, arm) in arms.iter().enumerate() {
            let mut body = None;
            while let Some((row, begin)) = begun.next_if(|(row, _)| row.arm == number) {
                if let Some(begin) = begin {
                    self.graph.enter(begin);
                    self.bind_pattern(row.pattern, whole.value.clone(), whole.ty);
                    self.graph.meet(&mut body, whole.span);
                }
            }
            if body.is_some() {
                self.graph.enter_meeting(body);
                self.arm(arm, &mut next, place);
                self.graph.meet(meeting, whole.span);
            }
        }
        next
    }

    /// An arm is one row, unless it has alternatives that bind variables to different parts.
    fn rows(&self, arms: &[Arm]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(arms.len());
        for (arm, Arm { pattern, .. }) in arms.iter().enumerate() {
            match &self.body.patterns[*pattern].kind {
                PatternKind::Or(alternatives) if self.binds(*pattern) => {
                    rows.extend(alternatives.iter().map(|&pattern| Row { arm, pattern }));
                }
                _ => rows.push(Row { arm, pattern: *pattern }),
            }
        }
        rows
    }

    /// The arms without a tree.
    fn arms_one_by_one(
        &mut self,
        arms: &[Arm],
        whole: &Whole,
        (place, meeting): (Place, &mut Option<BlockId>),
    ) -> Option<BlockId> {
        let mut next = None;
        for (number, arm) in arms.iter().enumerate() {
            if number > 0 {
                self.graph.enter(next.take()?);
            }
            self.test(arm.pattern, whole.value.clone(), whole.ty, &mut next);
            self.arm(arm, &mut next, place);
            self.graph.meet(meeting, whole.span);
        }
        next
    }

    /// An arm whose pattern matches.
    fn arm(&mut self, arm: &Arm, next: &mut Option<BlockId>, place: Place) {
        if let Some(guard) = arm.guard {
            let holds = self.value(guard);
            if self.graph.is_reachable() {
                self.test_condition(holds, self.span(guard), next);
            }
        }
        self.lower_into(arm.body, place);
    }

    /// Draws a tree from here on. Gives the blocks in which its rows begin, those to which nothing leads without one,
    /// and the block to which it goes if no row matches.
    fn draw_decision(
        &mut self,
        decision: &Decision,
        rows: usize,
        whole: &Whole,
        certain: bool,
    ) -> (Vec<Option<BlockId>>, Option<BlockId>) {
        let mut drawing = Drawing {
            decision,
            parts: HashMap::from([(decision.whole(), (whole.value.clone(), whole.ty))]),
            taken: Vec::new(),
            rows: vec![None; rows],
            fails: None,
            certain,
            span: whole.span,
        };
        let root = self.target(&mut drawing, &decision.root);
        self.graph.goto(root, whole.span);
        self.draw(&mut drawing, &decision.root, root);
        (drawing.rows, drawing.fails)
    }

    /// The block in which a node begins: rows and failures are shared.
    fn target(&mut self, drawing: &mut Drawing<'_>, node: &Node) -> BlockId {
        match node {
            Node::Nothing => *drawing.fails.get_or_insert_with(|| self.graph.block()),
            Node::Row(row) => *drawing.rows[*row].get_or_insert_with(|| self.graph.block()),
            Node::Test { .. } => self.graph.block(),
        }
    }

    /// Fills the block of a node that is a test, and those of its nodes.
    fn draw(&mut self, drawing: &mut Drawing<'_>, node: &Node, block: BlockId) {
        let Node::Test { subject, cases, otherwise } = node else { return };
        self.graph.enter(block);
        let known = drawing.taken.len();
        let part = self.part(drawing, *subject);
        let targets: Vec<BlockId> = cases.iter().map(|(_, node)| self.target(drawing, node)).collect();
        let is_impossible = **otherwise == Node::Nothing && drawing.certain;
        let rest = if is_impossible { None } else { Some(self.target(drawing, otherwise)) };
        let told = cases.iter().zip(&targets);
        let told =
            told.flat_map(|((cases, _), &target)| cases.iter().map(move |case| (case, target))).collect();
        self.tell_apart(part, told, rest, drawing.span);
        for ((_, node), target) in cases.iter().zip(targets) {
            self.draw(drawing, node, target);
        }
        if let Some(rest) = rest {
            self.draw(drawing, otherwise, rest);
        }
        for part in drawing.taken.drain(known..) {
            drawing.parts.remove(&part);
        }
    }

    /// A part of the value, taken out here if it is not known yet.
    fn part(&mut self, drawing: &mut Drawing<'_>, subject: SubjectId) -> (Operand, TypeId) {
        if let Some(known) = drawing.parts.get(&subject) {
            return known.clone();
        }
        let (of, step) = drawing.decision.subjects[subject].expect("BUG: the whole is not known");
        let (whole, ty) = self.part(drawing, of);
        let span = drawing.span;
        let (part, ty) = match step {
            Step::Field { variant, field } => {
                let ty = self.programme.field_types(ty, variant)[field];
                (Rvalue::Field(whole, variant, field), ty)
            }
            Step::Element(at) => (Rvalue::Element(whole, Operand::Int(at as i64)), self.elements_of(ty)),
            Step::FromEnd(at) => {
                let length = self.temporary(Type::Int, Rvalue::Length(whole.clone()), span);
                let at = Rvalue::Binary(BinaryOp::WrappingSubtract, length, Operand::Int(at as i64));
                let at = self.temporary(Type::Int, at, span);
                (Rvalue::Element(whole, at), self.elements_of(ty))
            }
        };
        let part = self.settle(Computed::Rvalue(part), ty, span);
        drawing.parts.insert(subject, (part.clone(), ty));
        drawing.taken.push(subject);
        (part, ty)
    }

    /// Goes where the case leads that a part is of; without `otherwise` it is of one of them.
    fn tell_apart(
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
            // Then it is the only one.
            None => return self.graph.goto(otherwise.expect("BUG: a test of nothing"), span),
            Some((Case::Variant(_), only)) if self.variants_of(ty) == 1 => {
                return self.graph.goto(*only, span);
            }
            Some((Case::Variant(_), _)) => self.temporary(Type::Int, Rvalue::Variant(part), span),
            Some((Case::Lengths(..), _)) => self.temporary(Type::Int, Rvalue::Length(part), span),
            Some((Case::Numbers(..), _)) => part,
            Some((Case::Text(_) | Case::Float(_), _)) => {
                let otherwise = otherwise.unwrap_or_else(|| panic!("BUG: all texts or floats are matched"));
                return self.tell_values((part, ty), &values, otherwise, span);
            }
        };
        let is_part = matches!(cases.first(), Some((Case::Numbers(..), _)));
        let kind = if is_part { self.programme.ty(ty).clone() } else { Type::Int };
        let (numbers, otherwise) = with_default(numbers, otherwise);
        self.tell_numbers((&number, &kind), &numbers, otherwise, span);
    }

    /// Goes where the interval leads that a number is in.
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

    /// Whether a number is in a range. An end beyond which there are no numbers needs no test.
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

    /// Goes where the one of the values, which are in order, leads that equals the part.
    fn tell_values(
        &mut self,
        (part, ty): (Operand, TypeId),
        values: &[(Value, BlockId)],
        otherwise: BlockId,
        span: Span,
    ) {
        if values.len() > FEW_TEXTS {
            let (below, above) = values.split_at(values.len() / 2);
            let boundary = self.constant_value(&above[0].0);
            let is_below = self.operation(hir::BinaryOp::Less, ty, [part.clone(), boundary], span);
            let bool = self.programme.intern(Type::Bool);
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
}

/// Without `otherwise` the place to which most intervals lead is where all other numbers go; adjacent intervals that
/// lead to one place become one. The intervals are in order then.
fn with_default(mut intervals: Vec<Interval>, otherwise: Option<BlockId>) -> (Vec<Interval>, BlockId) {
    intervals.sort_unstable_by_key(|interval| interval.0);
    let otherwise = otherwise.unwrap_or_else(|| {
        let mut counts: HashMap<BlockId, usize> = HashMap::new();
        for (_, _, target) in &intervals {
            *counts.entry(*target).or_default() += 1;
        }
        // Of several the last, whatever the order in the map.
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

/// A number as a value of its type. Where there is no such `Char`, as ranges may have it, the next one on the way to
/// `towards`.
fn constant(kind: &Type, number: i128, towards: i128) -> Operand {
    const SURROGATES: (i128, i128) = (0xd800, 0xdfff);
    match kind {
        Type::Byte => Operand::Byte(number as u8),
        Type::Char => {
            let number = match number {
                _ if !(SURROGATES.0..=SURROGATES.1).contains(&number) => number,
                _ if towards < number => SURROGATES.0 - 1,
                _ => SURROGATES.1 + 1,
            };
            Operand::Char(char::from_u32(number as u32).expect("BUG: a pattern of no character"))
        }
        _ => Operand::Int(number as i64),
    }
}
