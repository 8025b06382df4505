//! Decision trees (Luc Maranget, "Compiling pattern matching to good decision trees", ML 2008): the order in which the
//! patterns of a `match` are tested, so that no part of the value is tested twice on one path.
//!
//! ```text
//! match (a, b) {            rows       a     b
//!   (None, _)       => x    row 0      None  _
//!   (_, None)       => y    row 1      _     None
//!   (Some(1), _)    => z    row 2      Some  _        and part 0 of `a` is 1
//!   _               => w    row 3      _     _
//! }
//!
//! 1. Row 0 tests only `a`, so `a` is tested first:
//!      case None:        rows 0, 1, 3; row 0 has no tests left               -> row 0
//!      otherwise Some:   row 1 [b: None], row 2 [a.0: 1], row 3
//! 2. Row 1 comes first now and tests `b`:
//!      case None:        row 1 has no tests left                             -> row 1
//!      otherwise:        row 2 [a.0: 1], row 3
//! 3. Row 2 tests `a.0`:   case 1                                             -> row 2
//!                         otherwise                                          -> row 3
//! ```
//!
//! A row is a list of tests. Each step chooses, among the parts of the value that the first row tests, the part that
//! most rows test, and splits the rows by its cases. Cases that leave the same tests share a node. If the tree would
//! become much larger than the patterns, no tree is built.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::arena::{Arena, Id};
use crate::define_id;

#[cfg(test)]
mod tests;

define_id! {
    /// A part of the value that is matched.
    SubjectId "part";
}

/// The number of rows that the construction of a tree may visit per pattern. It trades fewer tests at run time against
/// compile time and the size of the code.
const STEPS_PER_PATTERN: usize = 32;
/// The number of rows that the construction may visit in addition, so that small matches always have a tree.
const LEAST_STEPS: usize = 4_000;

/// A pattern, as a test of a value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Pattern {
    Any,
    /// The variant with index `number` of a type with `of` variants, and patterns for some of its fields, by the index
    /// of the field. A tuple or a struct has one variant.
    Variant {
        number: usize,
        of: usize,
        fields: Vec<(usize, Pattern)>,
    },
    /// An inclusive range of numbers, which stand for values of type `Int`, `Char`, `Byte` or `Bool`.
    Numbers(i128, i128),
    Text(Arc<str>),
    Float(f64),
    /// Patterns of the first elements, whether more elements may follow, and patterns of the last elements.
    Array {
        before: Vec<Pattern>,
        rest: bool,
        after: Vec<Pattern>,
    },
    Or(Vec<Pattern>),
}

/// A step from a value to a part of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Step {
    Field {
        variant: usize,
        field: usize,
    },
    /// An element, counted from the first.
    Element(usize),
    /// An element, counted back from the length: 1 is the last.
    FromEnd(usize),
}

/// A case of a test.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Case {
    Variant(usize),
    Numbers(i128, i128),
    Text(Arc<str>),
    Float(f64),
    /// An inclusive range of array lengths; with `None`, the range has no upper bound.
    Lengths(usize, Option<usize>),
}

/// A node of a decision tree.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Node {
    /// No row matches.
    Nothing,
    /// The row with this number matches.
    Row(usize),
    /// A test of a part of the value.
    Test { subject: SubjectId, cases: Vec<(Vec<Case>, Node)>, otherwise: Box<Node> },
}

/// A decision tree and the parts of the value that it tests; the first part is the whole.
pub(super) struct Decision {
    pub(super) root: Node,
    /// For each part, the part that contains it and the step to it; `None` for the whole.
    pub(super) subjects: Arena<SubjectId, Option<(SubjectId, Step)>>,
}

impl Decision {
    /// The part that is the whole value.
    pub(super) fn whole(&self) -> SubjectId {
        SubjectId::new(0)
    }
}

/// Builds the decision tree that finds the first row that matches; returns `None` if the tree would be too large. With
/// `keeps_ends`, elements that patterns count from the end are counted from the end even where the length is known.
pub(super) fn decide(rows: &[Pattern], keeps_ends: bool) -> Option<Decision> {
    let mut subjects = Arena::new();
    let whole = subjects.push(None);
    let patterns: usize = rows.iter().map(size).sum();
    let steps = LEAST_STEPS + STEPS_PER_PATTERN * patterns;
    let mut builder = Builder { subjects, parts: HashMap::new(), keeps_ends, steps };
    let rows = rows.iter().enumerate().map(|(number, pattern)| {
        let mut row = Row { tests: Vec::new(), number };
        builder.add(&mut row, whole, pattern);
        row
    });
    let rows = rows.collect();
    let root = builder.tree(rows)?;
    Some(Decision { root, subjects: builder.subjects })
}

/// The number of patterns in a pattern, itself included.
fn size(pattern: &Pattern) -> usize {
    1 + match pattern {
        Pattern::Any | Pattern::Numbers(..) | Pattern::Text(_) | Pattern::Float(_) => 0,
        Pattern::Variant { fields, .. } => fields.iter().map(|(_, field)| size(field)).sum(),
        Pattern::Array { before, after, .. } => before.iter().chain(after).map(size).sum(),
        Pattern::Or(alternatives) => alternatives.iter().map(size).sum(),
    }
}

/// A row: the remaining tests of an arm, or of one alternative of an arm.
#[derive(Clone)]
struct Row<'p> {
    /// At most one test per part.
    tests: Vec<(SubjectId, &'p Pattern)>,
    number: usize,
}

struct Builder {
    subjects: Arena<SubjectId, Option<(SubjectId, Step)>>,
    parts: HashMap<(SubjectId, Step), SubjectId>,
    keeps_ends: bool,
    /// The number of rows that may still be visited.
    steps: usize,
}

/// A row that tests the current part: its index, and the alternatives of its test.
type Looking<'p> = (usize, Vec<&'p Pattern>);

impl Builder {
    fn part(&mut self, of: SubjectId, step: Step) -> SubjectId {
        let subjects = &mut self.subjects;
        *self.parts.entry((of, step)).or_insert_with(|| subjects.push(Some((of, step))))
    }

    /// Adds the tests of a pattern for a part to a row. A pattern that matches everything adds no test; a pattern of a
    /// tuple or struct adds the tests of its fields.
    fn add<'p>(&mut self, row: &mut Row<'p>, subject: SubjectId, pattern: &'p Pattern) {
        match pattern {
            Pattern::Any => {}
            Pattern::Variant { number, of: 1, fields } => self.add_fields(row, subject, *number, fields),
            Pattern::Or(_) if alternatives(pattern).contains(&&Pattern::Any) => {}
            _ => row.tests.push((subject, pattern)),
        }
    }

    fn add_fields<'p>(
        &mut self,
        row: &mut Row<'p>,
        subject: SubjectId,
        variant: usize,
        fields: &'p [(usize, Pattern)],
    ) {
        for (field, pattern) in fields {
            let part = self.part(subject, Step::Field { variant, field: *field });
            self.add(row, part, pattern);
        }
    }

    fn tree(&mut self, rows: Vec<Row<'_>>) -> Option<Node> {
        let Some(first) = rows.first() else { return Some(Node::Nothing) };
        if first.tests.is_empty() {
            return Some(Node::Row(first.number));
        }
        let subject = most_tested(first, &rows);
        let (mut looking, mut others) = (Vec::new(), Vec::new());
        for (at, row) in rows.iter().enumerate() {
            match row.tests.iter().find(|test| test.0 == subject) {
                Some((_, pattern)) => looking.push((at, alternatives(pattern))),
                None => others.push(at),
            }
        }
        let cases = cases(&looking);
        let matching = matching(&cases, &looking);
        let otherwise = self.rows_without(&rows, &others)?;
        let mut groups: Vec<(Vec<Case>, Vec<Row<'_>>)> = Vec::new();
        let mut known: HashMap<Key, Option<usize>> = HashMap::new();
        known.insert(key(&otherwise), None);
        for (case, matching) in cases.into_iter().zip(matching) {
            let rows = self.rows_under(&rows, subject, &case, &matching, &others)?;
            match known.entry(key(&rows)) {
                std::collections::hash_map::Entry::Occupied(group) => {
                    if let Some(group) = *group.get() {
                        groups[group].0.push(case);
                    }
                }
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(Some(groups.len()));
                    groups.push((vec![case], rows));
                }
            }
        }
        let mut tested = Vec::with_capacity(groups.len());
        for (cases, rows) in groups {
            tested.push((cases, self.tree(rows)?));
        }
        let otherwise = Box::new(self.tree(otherwise)?);
        Some(Node::Test { subject, cases: tested, otherwise })
    }

    /// The rows that do not test the part, up to the first row that matches everything. `others` contains the indices
    /// of all rows that do not test the part.
    fn rows_without<'p>(&mut self, rows: &[Row<'p>], others: &[usize]) -> Option<Vec<Row<'p>>> {
        let mut found = Vec::new();
        for &at in others {
            self.step()?;
            found.push(rows[at].clone());
            if rows[at].tests.is_empty() {
                break;
            }
        }
        Some(found)
    }

    /// The rows that may match in a case of the part, without the tests that the case decides; up to the first row that
    /// certainly matches.
    fn rows_under<'p>(
        &mut self,
        rows: &[Row<'p>],
        subject: SubjectId,
        case: &Case,
        matching: &[(usize, &'p Pattern)],
        others: &[usize],
    ) -> Option<Vec<Row<'p>>> {
        let mut found: Vec<Row<'p>> = Vec::new();
        let (mut matching, mut others) = (matching.iter().peekable(), others.iter().peekable());
        loop {
            self.step()?;
            let row = match (matching.peek(), others.peek()) {
                (Some((at, _)), Some(other)) if at > other => None,
                (Some(&&(at, pattern)), _) => Some((at, pattern)),
                (None, _) => None,
            };
            let row = match row {
                None => match others.next() {
                    None => break,
                    Some(&other) => rows[other].clone(),
                },
                Some((at, pattern)) => {
                    matching.next();
                    let tests = rows[at].tests.iter().filter(|test| test.0 != subject).copied().collect();
                    let mut row = Row { tests, number: rows[at].number };
                    self.add_parts(&mut row, subject, case, pattern);
                    // Another alternative of the same row may have left the same tests.
                    if found.last().is_some_and(|last| {
                        key(std::slice::from_ref(last)) == key(std::slice::from_ref(&row))
                    }) {
                        continue;
                    }
                    row
                }
            };
            let is_certain = row.tests.is_empty();
            found.push(row);
            if is_certain {
                break;
            }
        }
        Some(found)
    }

    /// Adds the tests of a pattern's fields or elements. The part `subject` is known to be in the case.
    fn add_parts<'p>(&mut self, row: &mut Row<'p>, subject: SubjectId, case: &Case, pattern: &'p Pattern) {
        match pattern {
            Pattern::Variant { number, fields, .. } => self.add_fields(row, subject, *number, fields),
            Pattern::Array { before, after, .. } => {
                for (at, pattern) in before.iter().enumerate() {
                    let part = self.part(subject, Step::Element(at));
                    self.add(row, part, pattern);
                }
                for (at, pattern) in after.iter().enumerate() {
                    let from_end = after.len() - at;
                    let step = match case {
                        Case::Lengths(length, Some(last)) if length == last && !self.keeps_ends => {
                            Step::Element(length - from_end)
                        }
                        _ => Step::FromEnd(from_end),
                    };
                    let part = self.part(subject, step);
                    self.add(row, part, pattern);
                }
            }
            Pattern::Any | Pattern::Numbers(..) | Pattern::Text(_) | Pattern::Float(_) | Pattern::Or(_) => {}
        }
    }

    fn step(&mut self) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        Some(())
    }
}

/// The remaining tests of each row: cases that leave the same tests share a node. Patterns are identified by their
/// addresses.
type Key = Vec<(usize, Vec<(SubjectId, *const Pattern)>)>;

fn key(rows: &[Row<'_>]) -> Key {
    let left =
        |row: &Row<'_>| row.tests.iter().map(|&(subject, pattern)| (subject, pattern as *const _)).collect();
    rows.iter().map(|row| (row.number, left(row))).collect()
}

/// The part that most rows test, chosen from the parts that the first row tests; in a tie, the first such part.
fn most_tested(first: &Row<'_>, rows: &[Row<'_>]) -> SubjectId {
    let mut counts: HashMap<SubjectId, usize> = first.tests.iter().map(|test| (test.0, 0)).collect();
    if let [only] = first.tests.as_slice() {
        return only.0;
    }
    for row in rows {
        for (subject, _) in &row.tests {
            if let Some(count) = counts.get_mut(subject) {
                *count += 1;
            }
        }
    }
    let mut best = first.tests[0].0;
    for (subject, _) in &first.tests {
        if counts[subject] > counts[&best] {
            best = *subject;
        }
    }
    best
}

/// The alternatives in a pattern, in order.
fn alternatives(pattern: &Pattern) -> Vec<&Pattern> {
    match pattern {
        Pattern::Or(several) => several.iter().flat_map(alternatives).collect(),
        one => vec![one],
    }
}

/// The cases that the patterns distinguish, in ascending order. No value is in two cases.
fn cases(looking: &[Looking<'_>]) -> Vec<Case> {
    let patterns = || looking.iter().flat_map(|(_, alternatives)| alternatives.iter().copied());
    let first = patterns().find(|pattern| **pattern != Pattern::Any);
    match first {
        Some(Pattern::Variant { .. }) => {
            let mut variants: Vec<usize> = patterns()
                .filter_map(|pattern| match pattern {
                    Pattern::Variant { number, .. } => Some(*number),
                    _ => None,
                })
                .collect();
            variants.sort_unstable();
            variants.dedup();
            variants.into_iter().map(Case::Variant).collect()
        }
        Some(Pattern::Numbers(..)) => ranges(patterns()),
        Some(Pattern::Text(_)) => {
            let mut texts: Vec<&Arc<str>> = patterns()
                .filter_map(|pattern| match pattern {
                    Pattern::Text(text) => Some(text),
                    _ => None,
                })
                .collect();
            texts.sort_unstable();
            texts.dedup();
            texts.into_iter().cloned().map(Case::Text).collect()
        }
        Some(Pattern::Float(_)) => {
            let mut floats: Vec<f64> = patterns()
                .filter_map(|pattern| match pattern {
                    // NaN equals nothing, so its pattern never matches.
                    Pattern::Float(float) if !float.is_nan() => Some(*float),
                    _ => None,
                })
                .collect();
            floats.sort_unstable_by(f64::total_cmp);
            floats.dedup();
            floats.into_iter().map(Case::Float).collect()
        }
        Some(Pattern::Array { .. }) => lengths(patterns()),
        Some(Pattern::Any | Pattern::Or(_)) | None => Vec::new(),
    }
}

/// The numbers in the patterns, split wherever a pattern's range begins or ends.
fn ranges<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Vec<Case> {
    let mut cuts: Vec<(i128, i32)> = patterns
        .filter_map(|pattern| match pattern {
            Pattern::Numbers(first, last) if first <= last => Some([(*first, 1), (*last + 1, -1)]),
            _ => None,
        })
        .flatten()
        .collect();
    cuts.sort_unstable();
    let mut open = 0;
    let mut cases = Vec::new();
    for window in cuts.windows(2) {
        let [(from, change), (to, _)] = *window else { continue };
        open += change;
        if open > 0 && from < to {
            cases.push(Case::Numbers(from, to - 1));
        }
    }
    cases
}

/// A case for each short length, and one case for all longer lengths, which no pattern distinguishes from each other.
fn lengths<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Vec<Case> {
    let (mut exact, mut most_before, mut most_after) = (0, 0, 0);
    for pattern in patterns {
        if let Pattern::Array { before, rest, after } = pattern {
            most_before = most_before.max(before.len());
            most_after = most_after.max(after.len());
            exact = exact.max(if *rest { 0 } else { before.len() + 1 });
        }
    }
    // From this length on, no element is both among the first of one pattern and among the last of another.
    let longest = exact.max(most_before + most_after);
    let exact = (0..longest).map(|length| Case::Lengths(length, Some(length)));
    exact.chain([Case::Lengths(longest, None)]).collect()
}

/// The alternatives that match each case, with the indices of their rows, in order.
fn matching<'p>(cases: &[Case], looking: &[Looking<'p>]) -> Vec<Vec<(usize, &'p Pattern)>> {
    let mut matching = vec![Vec::new(); cases.len()];
    for (row, alternatives) in looking {
        for &pattern in alternatives {
            for at in matched(cases, pattern) {
                matching[at].push((*row, pattern));
            }
        }
    }
    matching
}

/// The range of the sorted `cases` that an alternative matches.
fn matched(cases: &[Case], pattern: &Pattern) -> Range<usize> {
    let one = |found: Result<usize, usize>| found.map_or(0..0, |at| at..at + 1);
    let below = |holds: &dyn Fn(&Case) -> bool| cases.partition_point(holds);
    match pattern {
        Pattern::Any => 0..cases.len(),
        Pattern::Variant { number, .. } => {
            let start = below(&|case| matches!(case, Case::Variant(other) if other < number));
            start..start + 1
        }
        Pattern::Numbers(from, to) => {
            let start = below(&|case| matches!(case, Case::Numbers(first, _) if first < from));
            let end = below(&|case| matches!(case, Case::Numbers(_, last) if last <= to));
            start..end.max(start)
        }
        Pattern::Text(text) => one(cases.binary_search_by(|case| match case {
            Case::Text(other) => other.cmp(text),
            _ => panic!("BUG: a text among other cases"),
        })),
        Pattern::Float(float) => one(cases.binary_search_by(|case| match case {
            Case::Float(other) => other.total_cmp(float),
            _ => panic!("BUG: a float among other cases"),
        })),
        Pattern::Array { before, rest: true, after } => before.len() + after.len()..cases.len(),
        Pattern::Array { before, rest: false, .. } => before.len()..before.len() + 1,
        Pattern::Or(_) => panic!("BUG: an alternative of alternatives"),
    }
}
