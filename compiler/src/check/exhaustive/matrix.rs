//! The pattern matrix: rows of patterns, specialised column by column.

use super::constructor::{Constructor, Context, Pattern, Split};
use crate::types::TypeId;

/// The maximum number of rows that are examined. A `match` whose patterns have too many combinations needs more rows,
/// and is rejected. The bound limits compile time.
const MOST_STEPS: usize = 2_000_000;
/// The maximum number of examples of missing values that are collected.
const MOST_WITNESSES: usize = 20;

/// A row: an alternative of an arm, with a pattern for each column.
#[derive(Clone)]
pub(super) struct Row {
    /// The patterns by column, with the first column last, so that the first column can be popped.
    pub patterns: Vec<Pattern>,
    /// Whether the arm has a guard: then a value may match the patterns but not the row.
    pub guarded: bool,
    /// The index of the arm.
    pub arm: usize,
}

/// The result of examining the arms of a `match`.
pub(super) enum Outcome {
    Examined {
        /// For each arm, whether it is the first arm that matches some value.
        useful: Vec<bool>,
        /// Examples of values that no arm matches.
        witnesses: Vec<String>,
    },
    TooComplex,
}

/// Examines arms that match values of one type.
pub(super) fn examine(context: &mut Context<'_>, rows: Vec<Row>, ty: TypeId) -> Outcome {
    let arms = rows.len();
    let mut examination = Examination { context, useful: vec![false; arms], steps: 0 };
    let witnesses = examination.take_apart(rows, vec![ty]);
    if examination.steps > MOST_STEPS {
        return Outcome::TooComplex;
    }
    let witnesses = witnesses.into_iter().map(|mut witness| witness.remove(0)).collect();
    Outcome::Examined { useful: examination.useful, witnesses }
}

struct Examination<'e, 'a> {
    context: &'e mut Context<'a>,
    useful: Vec<bool>,
    steps: usize,
}

impl Examination<'_, '_> {
    /// Returns the witnesses: examples of values that no row matches. A witness has one pattern per column; as in a
    /// row, the first column is last.
    fn take_apart(&mut self, rows: Vec<Row>, mut columns: Vec<TypeId>) -> Vec<Vec<String>> {
        self.steps += rows.len() + 1;
        if self.steps > MOST_STEPS {
            return Vec::new();
        }
        // Without rows, or if the first row matches everything, the remaining columns need no tests.
        if rows.first().is_none_or(|row| !row.guarded && row.matches_everything()) {
            let anything = vec!["_".to_string(); columns.len()];
            let is_impossible = columns.iter().any(|&ty| self.context.is_impossible(ty));
            return if is_impossible { Vec::new() } else { self.all_columns_matched(&rows, anything) };
        }
        let Some(ty) = columns.pop() else { return self.all_columns_matched(&rows, Vec::new()) };
        let mut expanded = Vec::with_capacity(rows.len());
        for row in rows {
            expand(row, &mut expanded);
        }
        let heads = expanded.iter().map(|row| &row.patterns[row.patterns.len() - 1]);
        let split = self.context.split(ty, heads);
        let mut witnesses = Vec::new();
        for (constructor, rows) in split.named.iter().zip(matching(&split, &expanded)) {
            let found = self.under(constructor, ty, &rows, &columns);
            extend(&mut witnesses, found);
        }
        if !split.missing.is_empty() {
            let others = expanded.iter().filter(|row| matches!(row.patterns.last(), Some(Pattern::Any)));
            let others = others
                .map(|row| {
                    let mut row = row.clone();
                    row.patterns.pop();
                    row
                })
                .collect();
            let found = self.take_apart(others, columns);
            // If no pattern tests this column, the witnesses need not name its constructors.
            let all = ["_".to_string()];
            let shown = if split.named.is_empty() { &all[..] } else { &split.missing };
            for missing in shown {
                extend(&mut witnesses, found.iter().map(|rest| with(rest, missing.clone())).collect());
            }
        }
        witnesses
    }

    /// Returns the witnesses whose value in the first column has this constructor.
    fn under(
        &mut self,
        constructor: &Constructor,
        ty: TypeId,
        rows: &[&Row],
        columns: &[TypeId],
    ) -> Vec<Vec<String>> {
        let fields = self.context.fields(ty, constructor);
        let specialised = rows
            .iter()
            .filter_map(|row| {
                let (head, rest) = row.patterns.split_last()?;
                let fields = constructor.specialise(head, fields.len())?;
                let patterns = rest.iter().cloned().chain(fields.into_iter().rev()).collect();
                Some(Row { patterns, guarded: row.guarded, arm: row.arm })
            })
            .collect();
        let columns = columns.iter().copied().chain(fields.iter().rev().copied()).collect();
        let found = self.take_apart(specialised, columns);
        found
            .into_iter()
            .map(|mut witness| {
                let mut parts = witness.split_off(witness.len() - fields.len());
                parts.reverse();
                with(&witness, self.context.show(ty, constructor, &parts))
            })
            .collect()
    }

    /// Marks the arms of `rows` as useful, up to and including the first row without a guard. The patterns of the
    /// marked rows match everything. If every row has a guard, returns the witness `anything`.
    fn all_columns_matched(&mut self, rows: &[Row], anything: Vec<String>) -> Vec<Vec<String>> {
        for row in rows {
            self.useful[row.arm] = true;
            if !row.guarded {
                return Vec::new();
            }
        }
        vec![anything]
    }
}

impl Row {
    fn matches_everything(&self) -> bool {
        self.patterns.iter().all(|pattern| matches!(pattern, Pattern::Any))
    }
}

/// For each named constructor, the rows whose first column matches it. Each row is visited once, not once per
/// constructor: there can be thousands of rows and of constructors.
fn matching<'r>(split: &Split, rows: &'r [Row]) -> Vec<Vec<&'r Row>> {
    let mut matching = vec![Vec::new(); split.named.len()];
    for row in rows {
        let head = row.patterns.last().expect("BUG: a row without a first column");
        for at in split.matched(head) {
            matching[at].push(row);
        }
    }
    matching
}

/// Adds to `rows` a copy of a row for each alternative in its first column.
fn expand(mut row: Row, rows: &mut Vec<Row>) {
    match row.patterns.pop() {
        Some(Pattern::Or(alternatives)) => {
            for alternative in alternatives {
                let mut row = row.clone();
                row.patterns.push(alternative);
                expand(row, rows);
            }
        }
        Some(pattern) => {
            row.patterns.push(pattern);
            rows.push(row);
        }
        None => panic!("BUG: a row without a first column"),
    }
}

fn with(rest: &[String], first: String) -> Vec<String> {
    rest.iter().cloned().chain([first]).collect()
}

fn extend(witnesses: &mut Vec<Vec<String>>, more: Vec<Vec<String>>) {
    let room = MOST_WITNESSES.saturating_sub(witnesses.len());
    witnesses.extend(more.into_iter().take(room));
}
