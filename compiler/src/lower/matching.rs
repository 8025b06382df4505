//! `match`: turns the trees that `decision` builds into branches.
//!
//! A guard may fail, so an arm with a guard is the last arm of its tree. If no arm of a tree matches, control continues
//! with the tree of the arms that follow. An arm's variables are bound after its pattern has matched and before its
//! guard runs. If a guard may change a part of the value that later patterns test or bind, the part is read before the
//! first tree.

use std::collections::HashMap;

use super::body::Lowering;
use super::body_state::Place;
use super::decision::{self, Decision, Node, Pattern, Step, SubjectId};
use crate::hir::{Arm, ExprId, PatternId, PatternKind};
use crate::mir::{BlockId, Operand, TerminatorKind};
use crate::source::Span;
use crate::types::TypeId;

/// The maximum number of rows of a tree whose arms are all lowered to blocks. In a tree with more rows, arms that are
/// only a constant may become a table, see `given`.
const FEW_ROWS: usize = 64;

/// A row of a tree: an arm, or one alternative of an arm whose alternatives bind variables.
struct Row {
    arm: usize,
    pattern: PatternId,
}

/// The state of the translation of one tree to branches.
struct Drawing<'d> {
    decision: &'d Decision,
    /// The parts of the value that are known at the current node, with their types.
    parts: HashMap<SubjectId, (Operand, TypeId)>,
    /// The keys of `parts` that were added on the path to the current node, in order.
    taken: Vec<SubjectId>,
    /// The first block of each row; `None` if no branch leads to the row.
    rows: Vec<Option<BlockId>>,
    /// The block to go to if no row matches.
    fails: Option<BlockId>,
    /// Whether every value that reaches the tree matches a row.
    certain: bool,
    span: Span,
}

/// The value that is matched.
struct Whole {
    /// The `match` expression.
    expr: ExprId,
    value: Operand,
    ty: TypeId,
    /// Whether parts of the value were read before the first test.
    is_seen: bool,
    span: Span,
}

impl Lowering<'_, '_> {
    /// `match scrutinee { arms }`
    pub fn lower_match(&mut self, expr: ExprId, scrutinee: ExprId, arms: &[Arm], place: Place) {
        let (ty, span) = (self.type_of(scrutinee), self.span(expr));
        let value = self.stable_value(scrutinee);
        if !self.graph.is_reachable() {
            return;
        }
        let guarded = arms.iter().position(|arm| arm.guard.is_some());
        let later = guarded.map_or(&[][..], |guarded| &arms[guarded + 1..]);
        let (value, is_seen) = self.snapshot(later, value, ty, span);
        let whole = Whole { expr, value, ty, is_seen, span };
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
        // The arms are exhaustive, so this code is never reached.
        self.graph.end(TerminatorKind::Unreachable, span);
        self.graph.enter_meeting(meeting);
    }

    /// Lowers consecutive arms of which only the last may have a guard. Returns the block for values that no arm
    /// matches, if there is any.
    fn some_arms(
        &mut self,
        arms: &[Arm],
        whole: &Whole,
        certain: bool,
        (place, meeting): (Place, &mut Option<BlockId>),
    ) -> Option<BlockId> {
        let rows = self.rows(arms);
        let patterns: Vec<Pattern> = rows.iter().map(|row| self.tested(row.pattern)).collect();
        let decision = if rows.len() > 1 { decision::decide(&patterns, whole.is_seen) } else { None };
        let Some(decision) = decision else {
            return self.arms_one_by_one(arms, whole, (place, meeting));
        };
        let begins = self.given_rows(&rows, arms, (whole.expr, place), meeting);
        let (begins, mut next) = self.draw_decision(&decision, begins, whole, certain);
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

    /// The rows of a tree. An arm is one row, unless it has alternatives that bind variables: then each alternative is
    /// a row.
    fn rows(&self, arms: &[Arm]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(arms.len());
        for (arm, Arm { pattern, .. }) in arms.iter().enumerate() {
            match &self.body.patterns[self.types.chosen_pattern(*pattern)].kind {
                PatternKind::Or(alternatives) if self.binds(*pattern) => {
                    rows.extend(alternatives.iter().map(|&pattern| Row { arm, pattern }));
                }
                _ => rows.push(Row { arm, pattern: *pattern }),
            }
        }
        rows
    }

    /// Lowers arms without a tree: tests their patterns one after the other.
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

    /// Lowers the guard and the body of an arm whose pattern matches.
    fn arm(&mut self, arm: &Arm, next: &mut Option<BlockId>, place: Place) {
        if let Some(guard) = arm.guard {
            let holds = self.value(guard);
            if self.graph.is_reachable() {
                self.test_condition(holds, self.span(guard), next);
            }
        }
        self.lower_into(arm.body, place);
    }

    /// The blocks of rows whose arms are only a constant; `None` for every other row, and for all rows if there are
    /// few.
    fn given_rows(
        &mut self,
        rows: &[Row],
        arms: &[Arm],
        (expr, place): (ExprId, Place),
        meeting: &mut Option<BlockId>,
    ) -> Vec<Option<BlockId>> {
        let (mut begins, mut given) = (vec![None; rows.len()], HashMap::new());
        if rows.len() > FEW_ROWS {
            for (row, begin) in rows.iter().zip(&mut begins) {
                if let Some(value) = self.given_by(&arms[row.arm]) {
                    let block = self.graph.block();
                    given.insert(block, value);
                    *begin = Some(block);
                }
            }
        }
        self.gives(given, (expr, place), meeting);
        begins
    }

    /// Turns a tree into branches, beginning in the current block. Returns the first block of each row, `None` for a
    /// row that no branch leads to, and the block for values that no row matches.
    fn draw_decision(
        &mut self,
        decision: &Decision,
        rows: Vec<Option<BlockId>>,
        whole: &Whole,
        certain: bool,
    ) -> (Vec<Option<BlockId>>, Option<BlockId>) {
        let mut drawing = Drawing {
            decision,
            parts: HashMap::from([(decision.whole(), (whole.value.clone(), whole.ty))]),
            taken: Vec::new(),
            rows,
            fails: None,
            certain,
            span: whole.span,
        };
        let root = self.target(&mut drawing, &decision.root);
        self.graph.goto(root, whole.span);
        self.draw(&mut drawing, &decision.root, root);
        (drawing.rows, drawing.fails)
    }

    /// The first block of a node. All nodes for the same row share a block, and all nodes without a row share a block.
    fn target(&mut self, drawing: &mut Drawing<'_>, node: &Node) -> BlockId {
        match node {
            Node::Nothing => *drawing.fails.get_or_insert_with(|| self.graph.block()),
            Node::Row(row) => *drawing.rows[*row].get_or_insert_with(|| self.graph.block()),
            Node::Test { .. } => self.graph.block(),
        }
    }

    /// Fills the block of a test, and the blocks of the nodes below it.
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

    /// A part of the value, read here if it is not known yet.
    fn part(&mut self, drawing: &mut Drawing<'_>, subject: SubjectId) -> (Operand, TypeId) {
        if let Some(known) = drawing.parts.get(&subject) {
            return known.clone();
        }
        let (of, step) = drawing.decision.subjects[subject].expect("BUG: the whole is not known");
        let (whole, ty) = self.part(drawing, of);
        let ty = match step {
            Step::Field { variant, field } => self.instances.field_types(ty, variant)[field],
            Step::Element(_) | Step::FromEnd(_) => self.elements_of(ty),
        };
        let part = self.part_of(&whole, step, ty, drawing.span);
        drawing.parts.insert(subject, (part.clone(), ty));
        drawing.taken.push(subject);
        (part, ty)
    }
}
