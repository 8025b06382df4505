//! Constructors: the cases into which the patterns of a column divide the values.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

use super::super::tables::{BodyTypes, ConstantTypes, Value};
use crate::arena::Arena;
use crate::hir::{self, Body, ConstantId, Hir, NominalKind, PatternId, PatternKind};
use crate::types::{NominalId, Type, TypeId, TypeTable};

/// A pattern without variables.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// Matches everything.
    Any,
    /// A tuple, a struct or one variant, with a pattern for each field.
    Variant(usize, Vec<Pattern>),
    /// An inclusive range of values of `Int`, `Char`, `Byte` or `Bool`, as numbers.
    Numbers(i128, i128),
    /// A string or a float, as text.
    Other(String),
    /// An array: the elements before `..`, whether there is a `..`, and the elements after it.
    Array(Vec<Pattern>, bool, Vec<Pattern>),
    /// Alternatives: a value matches if it matches one of them.
    Or(Vec<Pattern>),
}

/// A constructor: the outermost part of a value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Constructor {
    /// The variant of this index; 0 for a tuple or a struct.
    Variant(usize),
    /// A number of this inclusive range. No pattern distinguishes two numbers of the range.
    Numbers(i128, i128),
    /// This string or float, as text.
    Other(String),
    /// An array of this length. With `Some(rest)`, also every longer array: a `..` in a pattern matches its additional
    /// elements, which follow its first `rest` elements.
    Length(usize, Option<usize>),
}

/// The tables that are needed to split patterns.
pub(super) struct Context<'a> {
    pub hir: &'a Hir,
    pub constants: &'a Arena<ConstantId, ConstantTypes>,
    pub body: &'a Body,
    pub types: &'a BodyTypes,
    pub table: &'a mut TypeTable,
    /// For each type that was examined so far, whether the type has no values.
    pub impossible: HashMap<TypeId, bool>,
}

/// The constructors of a type that the patterns of a column distinguish.
pub(super) struct Split {
    /// The constructors that patterns name, in order.
    pub named: Vec<Constructor>,
    /// Examples of constructors that no pattern names. A value of such a constructor matches only patterns that match
    /// everything.
    pub missing: Vec<String>,
}

impl Context<'_> {
    /// Converts a pattern, without its variables; `None` if the pattern is part of an error.
    pub fn pattern(&self, id: PatternId) -> Option<Pattern> {
        let all =
            |patterns: &[PatternId]| patterns.iter().map(|&id| self.pattern(id)).collect::<Option<Vec<_>>>();
        self.types.patterns[id]?;
        Some(match &self.body.patterns[self.types.chosen_pattern(id)].kind {
            PatternKind::Error | PatternKind::Shared(_) | PatternKind::Misfit(_) => return None,
            PatternKind::Wildcard | PatternKind::Bind(_) | PatternKind::Unit => Pattern::Any,
            PatternKind::As(inner, _) => self.pattern(*inner)?,
            PatternKind::Literal(literal) => of_value(&literal.into()),
            PatternKind::Constant(id) => of_value(self.constants[*id].value.as_ref()?),
            PatternKind::Range { start, end, inclusive } => {
                let (start, end) = (Value::from(start).number()?, Value::from(end).number()?);
                Pattern::Numbers(start, if *inclusive { end } else { end - 1 })
            }
            PatternKind::Tuple(parts) => Pattern::Variant(0, all(parts)?),
            PatternKind::Struct(nominal, fields) => {
                let NominalKind::Struct(declared) = &self.hir.nominals[*nominal].kind else { return None };
                let mut patterns = vec![Pattern::Any; declared.len()];
                for &(field, pattern) in fields {
                    patterns[field] = self.pattern(pattern)?;
                }
                Pattern::Variant(0, patterns)
            }
            PatternKind::Variant(_, variant, fields) => Pattern::Variant(*variant, all(fields)?),
            PatternKind::Array { before, rest, after } => {
                Pattern::Array(all(before)?, rest.is_some(), all(after)?)
            }
            PatternKind::Or(alternatives) => Pattern::Or(all(alternatives)?),
        })
    }

    /// The types of the fields of a constructor.
    pub fn fields(&mut self, ty: TypeId, constructor: &Constructor) -> Vec<TypeId> {
        match (self.table.get(ty).clone(), constructor) {
            (Type::Tuple(parts), _) => parts,
            (Type::Array(element), Constructor::Length(length, _)) => vec![element; *length],
            (Type::Nominal(id, arguments), Constructor::Variant(variant)) => {
                self.nominal_fields(id, &arguments, *variant)
            }
            _ => Vec::new(),
        }
    }

    /// The types of the fields of a struct, or of a variant of an enum.
    pub fn nominal_fields(&mut self, id: NominalId, arguments: &[TypeId], variant: usize) -> Vec<TypeId> {
        let declared = &self.hir.nominals[id];
        let arguments: HashMap<_, _> =
            declared.parameters.iter().copied().zip(arguments.iter().copied()).collect();
        let fields: Vec<hir::NamedType> = match &declared.kind {
            NominalKind::Struct(fields) => fields.iter().map(|field| field.ty).collect(),
            NominalKind::Enum(variants) => variants[variant].fields.iter().map(|&(ty, _)| ty).collect(),
        };
        // A field whose type was reported gets the type `Never`, which is not split into constructors.
        let unknown = self.table.intern(Type::Never);
        fields.into_iter().map(|ty| ty.map_or(unknown, |ty| self.table.substitute(ty, &arguments))).collect()
    }

    /// Splits a type into the constructors that the patterns distinguish. No pattern may be an `Or`.
    pub fn split<'p>(&mut self, ty: TypeId, patterns: impl Iterator<Item = &'p Pattern> + Clone) -> Split {
        match self.table.get(ty) {
            Type::Nominal(id, _) => match &self.hir.nominals[*id].kind {
                NominalKind::Struct(_) => Split::single(),
                NominalKind::Enum(variants) => self.split_variants(ty, variants, patterns),
            },
            Type::Tuple(_) => Split::single(),
            Type::Bool => split_numbers(&[(0, 1)], patterns, |number, _| (number != 0).to_string()),
            Type::Byte => split_numbers(&[(0, 255)], patterns, |first, last| {
                show_range(first, last, |byte| format!("b'{}'", (byte as u8).escape_ascii()))
            }),
            Type::Char => split_numbers(&[(0, 0xd7ff), (0xe000, 0x10_ffff)], patterns, |first, last| {
                show_range(first, last, |code| {
                    char::from_u32(code as u32).map_or(String::new(), |c| format!("{c:?}"))
                })
            }),
            Type::Int => split_numbers(&[(i64::MIN.into(), i64::MAX.into())], patterns, show_ints),
            Type::Array(_) => split_lengths(patterns),
            Type::String | Type::Float => split_others(patterns),
            Type::Unit
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Parameter(_)
            | Type::Cell(_)
            | Type::Never => Split { named: Vec::new(), missing: vec!["_".to_string()] },
        }
    }

    fn split_variants<'p>(
        &mut self,
        ty: TypeId,
        variants: &[hir::Variant],
        patterns: impl Iterator<Item = &'p Pattern>,
    ) -> Split {
        let mut is_named = vec![false; variants.len()];
        for pattern in patterns {
            if let Pattern::Variant(variant, _) = pattern {
                is_named[*variant] = true;
            }
        }
        let mut split = Split { named: Vec::new(), missing: Vec::new() };
        for (at, variant) in variants.iter().enumerate() {
            let constructor = Constructor::Variant(at);
            if is_named[at] {
                split.named.push(constructor);
                continue;
            }
            let fields = self.fields(ty, &constructor);
            if !self.is_one_impossible(&fields) {
                let shown = vec!["_".to_string(); fields.len()];
                split.missing.push(match shown.is_empty() {
                    true => variant.name.to_string(),
                    false => format!("{}({})", variant.name, shown.join(", ")),
                });
            }
        }
        split
    }

    /// The text of a pattern that consists of a constructor and its fields.
    pub fn show(&self, ty: TypeId, constructor: &Constructor, fields: &[String]) -> String {
        let list = fields.join(", ");
        match (self.table.get(ty), constructor) {
            (Type::Nominal(id, _), Constructor::Variant(variant)) => {
                let declared = &self.hir.nominals[*id];
                match &declared.kind {
                    NominalKind::Struct(names) => {
                        let told = names.iter().zip(fields).filter(|(_, shown)| *shown != "_");
                        let told: Vec<_> =
                            told.map(|(field, shown)| format!("{}: {shown}", field.name)).collect();
                        match told.len() == names.len() {
                            true => format!("{}({})", declared.name, told.join(", ")),
                            false => {
                                let told = told.into_iter().chain(["..".to_string()]).collect::<Vec<_>>();
                                format!("{}({})", declared.name, told.join(", "))
                            }
                        }
                    }
                    NominalKind::Enum(variants) if fields.is_empty() => variants[*variant].name.to_string(),
                    NominalKind::Enum(variants) => format!("{}({list})", variants[*variant].name),
                }
            }
            (Type::Tuple(_), _) => format!("({list})"),
            (Type::Bool, Constructor::Numbers(number, _)) => (*number != 0).to_string(),
            (_, Constructor::Numbers(first, last)) => show_ints(*first, *last),
            (_, Constructor::Other(text)) => text.clone(),
            (_, Constructor::Length(_, Some(rest))) => {
                let (before, after) = fields.split_at(*rest);
                let parts: Vec<&str> = before
                    .iter()
                    .map(String::as_str)
                    .chain([".."])
                    .chain(after.iter().map(String::as_str))
                    .collect();
                format!("[{}]", parts.join(", "))
            }
            (_, Constructor::Length(_, None)) => format!("[{list}]"),
            (_, Constructor::Variant(_)) => "_".to_string(),
        }
    }
}

impl Split {
    /// The constructors that a pattern matches, as a range of indices of `named`. The pattern must not be an `Or`.
    pub fn matched(&self, pattern: &Pattern) -> Range<usize> {
        let one = |found: Result<usize, usize>| found.map_or(0..0, |at| at..at + 1);
        match pattern {
            Pattern::Any => 0..self.named.len(),
            Pattern::Variant(variant, _) => {
                one(self.named.binary_search_by_key(variant, |named| match named {
                    Constructor::Variant(variant) => *variant,
                    _ => 0,
                }))
            }
            Pattern::Numbers(from, to) => {
                let start = self
                    .named
                    .partition_point(|named| matches!(named, Constructor::Numbers(first, _) if first < from));
                let end = self
                    .named
                    .partition_point(|named| matches!(named, Constructor::Numbers(_, last) if last <= to));
                start..end.max(start)
            }
            Pattern::Other(text) => one(self.named.binary_search_by(|named| match named {
                Constructor::Other(named) => named.cmp(text),
                _ => Ordering::Less,
            })),
            Pattern::Array(before, true, after) => before.len() + after.len()..self.named.len(),
            Pattern::Array(before, false, _) => before.len()..before.len() + 1,
            Pattern::Or(_) => panic!("BUG: alternatives are expanded first"),
        }
    }

    fn single() -> Split {
        Split { named: vec![Constructor::Variant(0)], missing: Vec::new() }
    }
}

/// Splits the numbers of a type where the range of a pattern begins or ends. For `Int`, the patterns `0..=9` and
/// `5..=20` give the named ranges `0..=4`, `5..=9` and `10..=20`, and the missing ranges below 0 and above 20.
fn split_numbers<'p>(
    all: &[(i128, i128)],
    patterns: impl Iterator<Item = &'p Pattern>,
    show: impl Fn(i128, i128) -> String,
) -> Split {
    let mut ranges: Vec<(i128, i128)> = patterns
        .filter_map(|pattern| match pattern {
            Pattern::Numbers(first, last) if first <= last => Some((*first, *last)),
            _ => None,
        })
        .collect();
    ranges.sort_unstable();
    // A sweep line: `open` is the number of ranges that contain the numbers between one cut and the next.
    let mut cuts: Vec<(i128, i32)> =
        ranges.iter().flat_map(|&(first, last)| [(first, 1), (last + 1, -1)]).collect();
    cuts.extend(all.iter().flat_map(|&(first, last)| [(first, 0), (last + 1, 0)]));
    cuts.sort_unstable();
    let mut split = Split { named: Vec::new(), missing: Vec::new() };
    let mut open = 0;
    for (at, &(from, change)) in cuts.iter().enumerate() {
        open += change;
        let Some(&(to, _)) = cuts.get(at + 1) else { break };
        if from == to || !all.iter().any(|&(first, last)| first <= from && to - 1 <= last) {
            continue;
        }
        match open {
            0 => split.missing.push(show(from, to - 1)),
            _ => split.named.push(Constructor::Numbers(from, to - 1)),
        }
    }
    split
}

fn split_lengths<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Split {
    let (mut looked_at, mut exact, mut most_before, mut most_after) = (false, 0, 0, 0);
    for pattern in patterns {
        if let Pattern::Array(before, rest, after) = pattern {
            looked_at = true;
            most_before = most_before.max(before.len());
            most_after = most_after.max(after.len());
            exact = exact.max(if *rest { 0 } else { before.len() + 1 });
        }
    }
    match looked_at {
        false => Split { named: Vec::new(), missing: vec!["_".to_string()] },
        true => {
            // In an array of at least this length, no element is both among the first elements that one pattern tests
            // and among the last elements that another pattern tests.
            let longest = exact.max(most_before + most_after);
            let named = (0..=longest)
                .map(|length| {
                    Constructor::Length(length, (length == longest).then_some(longest - most_after))
                })
                .collect();
            Split { named, missing: Vec::new() }
        }
    }
}

fn split_others<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Split {
    let mut named: Vec<String> = patterns
        .filter_map(|pattern| match pattern {
            Pattern::Other(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    Split { named: named.into_iter().map(Constructor::Other).collect(), missing: vec!["_".to_string()] }
}

impl Constructor {
    /// The patterns of the fields if `pattern` matches the constructor; otherwise `None`. The pattern must not be an
    /// `Or`.
    pub fn specialise(&self, pattern: &Pattern, fields: usize) -> Option<Vec<Pattern>> {
        match (self, pattern) {
            (_, Pattern::Any) => Some(vec![Pattern::Any; fields]),
            (Constructor::Variant(one), Pattern::Variant(other, patterns)) => {
                (one == other).then(|| patterns.clone())
            }
            (Constructor::Numbers(first, last), Pattern::Numbers(from, to)) => {
                (from <= first && last <= to).then(Vec::new)
            }
            (Constructor::Other(one), Pattern::Other(other)) => (one == other).then(Vec::new),
            (Constructor::Length(length, longest), Pattern::Array(before, rest, after)) => {
                let told = before.len() + after.len();
                let fits = if *rest { told <= *length } else { told == *length && longest.is_none() };
                fits.then(|| {
                    let between = vec![Pattern::Any; length - told];
                    before.iter().cloned().chain(between).chain(after.iter().cloned()).collect()
                })
            }
            _ => None,
        }
    }
}

fn of_value(value: &Value) -> Pattern {
    match (value, value.number()) {
        (_, Some(number)) => Pattern::Numbers(number, number),
        (Value::String(text), _) => Pattern::Other(format!("{text:?}")),
        // Equal floats have the same text, except for the two zeros, which become one.
        (Value::Float(value), _) => Pattern::Other(format!("{:?}", if *value == 0.0 { 0.0 } else { *value })),
        (Value::Bool(_) | Value::Int(_) | Value::Char(_) | Value::Byte(_), None) => Pattern::Any,
    }
}

fn show_range(first: i128, last: i128, show: impl Fn(i128) -> String) -> String {
    if first == last { show(first) } else { format!("{}..={}", show(first), show(last)) }
}

fn show_ints(first: i128, last: i128) -> String {
    let show = |number: i128| match number {
        _ if number == i128::from(i64::MIN) => "Int.MIN".to_string(),
        _ if number == i128::from(i64::MAX) => "Int.MAX".to_string(),
        _ => number.to_string(),
    };
    match (first == i128::from(i64::MIN), last == i128::from(i64::MAX)) {
        (true, true) => "_".to_string(),
        _ => show_range(first, last, show),
    }
}
