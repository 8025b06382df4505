//! Tests of decision trees: for every value, the tree finds the same row as a test of one pattern after the other.

use super::{Case, Decision, Node, Pattern, Step, SubjectId, decide};

/// Values of tuples, enums of two variants, numbers, texts and arrays.
#[derive(Clone, PartialEq, Debug)]
enum Value {
    Variant(usize, Vec<Value>),
    Number(i128),
    Text(&'static str),
    Array(Vec<Value>),
}

fn matches(pattern: &Pattern, value: &Value) -> bool {
    let all =
        |patterns: &[Pattern], values: &[Value]| patterns.iter().zip(values).all(|(p, v)| matches(p, v));
    match (pattern, value) {
        (Pattern::Any, _) => true,
        (Pattern::Or(several), _) => several.iter().any(|pattern| matches(pattern, value)),
        (Pattern::Variant { number, fields, .. }, Value::Variant(variant, values)) => {
            number == variant && fields.iter().all(|(field, pattern)| matches(pattern, &values[*field]))
        }
        (Pattern::Numbers(first, last), Value::Number(number)) => (first..=last).contains(&number),
        (Pattern::Text(text), Value::Text(value)) => **text == **value,
        (Pattern::Array { before, rest, after }, Value::Array(values)) => {
            let told = before.len() + after.len();
            (told == values.len() || *rest && told < values.len())
                && all(before, values)
                && all(after, &values[values.len() - after.len()..])
        }
        _ => panic!("{pattern:?} of {value:?}"),
    }
}

/// The row to which the tree leads for `value`. Asserts that no part is tested twice on this path.
fn row_of(decision: &Decision, value: &Value) -> Option<usize> {
    let mut seen: Vec<SubjectId> = Vec::new();
    let mut at = &decision.root;
    loop {
        match at {
            Node::Nothing => return None,
            Node::Row(row) => return Some(*row),
            Node::Test { subject, cases, otherwise } => {
                assert!(!seen.contains(subject), "{subject} is tested twice");
                seen.push(*subject);
                let part = part(decision, *subject, value);
                let found = cases.iter().find(|(cases, _)| cases.iter().any(|case| is(case, &part)));
                at = found.map_or(otherwise, |(_, node)| node);
            }
        }
    }
}

fn part(decision: &Decision, subject: SubjectId, whole: &Value) -> Value {
    let Some((of, step)) = decision.subjects[subject] else { return whole.clone() };
    match (part(decision, of, whole), step) {
        (Value::Variant(is, fields), Step::Field { variant, field }) if is == variant => {
            fields[field].clone()
        }
        (Value::Array(values), Step::Element(at)) => values[at].clone(),
        (Value::Array(values), Step::FromEnd(at)) => values[values.len() - at].clone(),
        (value, step) => panic!("{step:?} of {value:?}"),
    }
}

fn is(case: &Case, value: &Value) -> bool {
    match (case, value) {
        (Case::Variant(number), Value::Variant(variant, _)) => number == variant,
        (Case::Numbers(first, last), Value::Number(number)) => (first..=last).contains(&number),
        (Case::Text(text), Value::Text(value)) => **text == **value,
        (Case::Lengths(first, last), Value::Array(values)) => {
            *first <= values.len() && last.is_none_or(|last| values.len() <= last)
        }
        _ => panic!("{case:?} of {value:?}"),
    }
}

/// Pseudo-random numbers (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn several(&mut self, end: usize, of: fn(&mut Chance, usize) -> Pattern, depth: usize) -> Vec<Pattern> {
        (0..self.below(end)).map(|_| of(self, depth)).collect()
    }

    /// A pattern for `(enum, [0..4], 0..4, text)`, where the enum is `A(enum, 0..4)` or `B`.
    fn tuple(&mut self, depth: usize) -> Pattern {
        let parts = [Chance::of_enum, Chance::array, Chance::number, Chance::text];
        let fields = parts.iter().enumerate().map(|(at, of)| (at, self.maybe(*of, depth))).collect();
        Pattern::Variant { number: 0, of: 1, fields }
    }

    fn maybe(&mut self, of: fn(&mut Chance, usize) -> Pattern, depth: usize) -> Pattern {
        match self.below(6) {
            0 | 1 => Pattern::Any,
            2 if depth > 0 => {
                Pattern::Or((0..2 + self.below(2)).map(|_| self.maybe(of, depth - 1)).collect())
            }
            _ => of(self, depth),
        }
    }

    fn of_enum(&mut self, depth: usize) -> Pattern {
        match self.below(2) {
            0 if depth > 0 => {
                let inner = self.maybe(Chance::of_enum, depth - 1);
                let number = self.maybe(Chance::number, 0);
                Pattern::Variant { number: 0, of: 2, fields: vec![(0, inner), (1, number)] }
            }
            _ => Pattern::Variant { number: 1, of: 2, fields: Vec::new() },
        }
    }

    fn array(&mut self, _: usize) -> Pattern {
        let element = |chance: &mut Chance, depth| chance.maybe(Chance::number, depth);
        let before = self.several(3, element, 1);
        let rest = self.below(2) == 0;
        let after = if rest { self.several(3, element, 1) } else { Vec::new() };
        Pattern::Array { before, rest, after }
    }

    fn number(&mut self, _: usize) -> Pattern {
        let first = self.below(4) as i128;
        Pattern::Numbers(first, first + self.below(3) as i128)
    }

    fn text(&mut self, _: usize) -> Pattern {
        Pattern::Text(["a", "b", "c"][self.below(3)].into())
    }

    fn value_of_enum(&mut self, depth: usize) -> Value {
        match self.below(2) {
            0 if depth > 0 => {
                Value::Variant(0, vec![self.value_of_enum(depth - 1), Value::Number(self.below(5) as i128)])
            }
            _ => Value::Variant(1, Vec::new()),
        }
    }

    fn value(&mut self) -> Value {
        let numbers = (0..self.below(6)).map(|_| Value::Number(self.below(5) as i128)).collect();
        let fields = vec![
            self.value_of_enum(3),
            Value::Array(numbers),
            Value::Number(self.below(5) as i128),
            Value::Text(["a", "b", "c", "d"][self.below(4)]),
        ];
        Value::Variant(0, fields)
    }
}

#[test]
fn trees_do_what_their_rows_do_in_order() {
    let mut chance = Chance(1);
    let mut trees = 0;
    for round in 0..2_000 {
        let keeps_ends = round % 2 == 1;
        let rows: Vec<Pattern> = (0..1 + chance.below(6)).map(|_| chance.tuple(2)).collect();
        let Some(decision) = decide(&rows, keeps_ends) else { continue };
        trees += 1;
        for _ in 0..200 {
            let value = chance.value();
            let expected = rows.iter().position(|row| matches(row, &value));
            assert_eq!(row_of(&decision, &value), expected, "{value:?} in {rows:#?}");
        }
    }
    assert!(trees > 1_900, "{trees}");
}

#[test]
fn thousands_of_rows_are_one_test() {
    let number = |at: usize| Pattern::Numbers(at as i128, at as i128);
    let mut rows: Vec<Pattern> = (0..20_000).map(number).collect();
    rows.push(Pattern::Any);
    let decision = decide(&rows, false).expect("it is no larger than its rows");
    let Node::Test { cases, otherwise, .. } = decision.root else { panic!("there is no test") };
    assert_eq!((cases.len(), *otherwise), (20_000, Node::Row(20_000)));
    let several = [Pattern::Or((0..20_000).map(number).collect()), Pattern::Any];
    let decision = decide(&several, false).expect("it is no larger than its rows");
    let Node::Test { cases, .. } = decision.root else { panic!("there is no test") };
    assert_eq!(cases.len(), 1, "what leads to one row is one case");
}

/// Each row tests two of twenty parts, and each node of the tree tests one part. So most rows do not test the node's
/// part, and go to all branches of the node: the tree would be far larger than its rows.
#[test]
fn there_is_no_tree_that_is_much_larger_than_its_rows() {
    let row = |at: usize| {
        let fields = [(at, Pattern::Numbers(0, 0)), ((at * 7 + 3) % 20, Pattern::Numbers(1, 1))];
        Pattern::Variant { number: 0, of: 1, fields: fields.to_vec() }
    };
    let rows: Vec<Pattern> = (0..20).map(row).collect();
    assert!(decide(&rows, false).is_none());
}
