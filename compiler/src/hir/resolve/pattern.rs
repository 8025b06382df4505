//! Patterns. The variables of a pattern come into scope after the whole pattern is resolved.

use std::collections::HashMap;

use super::body::{Origin, Resolver};
use super::declare::{Definition, SharedId};
use super::lookup::SharedVariant;
use crate::diagnostics::Diagnostic;
use crate::hir::body::{Literal, PatternKind};
use crate::hir::ids::{LocalId, PatternId};
use crate::hir::shared::Shared;
use crate::hir::{errors, lints};
use crate::source::Span;
use crate::syntax::ast::{self, FieldPattern, Name, Path, Symbol};
use crate::types::NominalId;

/// The variables that a pattern has bound so far.
pub(super) struct Names {
    origin: Origin,
    /// Whether the pattern may fail to match in its position.
    may_fail: bool,
    /// The variables in source order.
    bound: Vec<(Name, LocalId)>,
    by_name: HashMap<Symbol, (LocalId, Span)>,
    /// For each enclosing `A | B`, the variables of alternative `A`, which the other alternatives must bind, too.
    first_alternatives: Vec<HashMap<Symbol, (LocalId, Span)>>,
    /// Whether an error in the variables was reported.
    failed: bool,
}

impl Names {
    fn new(origin: Origin, may_fail: bool) -> Names {
        Names {
            origin,
            may_fail,
            bound: Vec::new(),
            by_name: HashMap::new(),
            first_alternatives: Vec::new(),
            failed: false,
        }
    }
}

impl<'a> Resolver<'_, 'a> {
    /// Resolves a pattern, and brings its variables into scope.
    pub fn pattern(&mut self, id: ast::PatternId, origin: Origin) -> PatternId {
        self.pattern_that(id, origin, origin == Origin::Match)
    }

    /// Resolves a pattern, which may fail to match if `may_fail` is set, and brings its variables into scope.
    pub fn pattern_that(&mut self, id: ast::PatternId, origin: Origin, may_fail: bool) -> PatternId {
        let mut names = Names::new(origin, may_fail);
        let pattern = self.pattern_part(id, &mut names);
        names.bound.iter().for_each(|(name, local)| self.bring(name, *local));
        // A pattern with an error in its variables becomes an `Error` node, which causes no other error.
        if names.failed {
            self.push_pattern(PatternKind::Error, self.patterns[pattern].span)
        } else {
            pattern
        }
    }

    /// Resolves the patterns of a function's or lambda's parameters, whose names must all differ.
    pub fn parameter_patterns(&mut self, ids: &[ast::PatternId]) -> Vec<PatternId> {
        let mut names = Names::new(Origin::Parameter, false);
        let patterns = ids.iter().map(|&id| self.pattern_part(id, &mut names)).collect();
        names.bound.iter().for_each(|(name, local)| self.bring(name, *local));
        patterns
    }

    fn pattern_part(&mut self, id: ast::PatternId, names: &mut Names) -> PatternId {
        let ast = self.context.ast;
        let span = ast.patterns[id].span;
        let kind = match &ast.patterns[id].kind {
            ast::PatternKind::Wildcard => PatternKind::Wildcard,
            ast::PatternKind::Error => PatternKind::Error,
            ast::PatternKind::Name(name) => self.name_pattern(name, names),
            ast::PatternKind::Literal(literal) => match self.literal(literal, span) {
                Some(literal) => PatternKind::Literal(literal),
                None => PatternKind::Error,
            },
            ast::PatternKind::Range { start, end, inclusive } => {
                self.range_pattern(start, end, *inclusive, span)
            }
            ast::PatternKind::Tuple(parts) if parts.is_empty() => PatternKind::Unit,
            ast::PatternKind::Tuple(parts) => PatternKind::Tuple(self.pattern_parts(parts, names)),
            ast::PatternKind::Constructor { path, fields, rest } => {
                self.constructor_pattern(path, fields, *rest, span, names)
            }
            ast::PatternKind::Array { before, rest, after } => {
                let before = self.pattern_parts(before, names);
                let rest =
                    rest.as_ref().map(|rest| rest.name.as_ref().map(|name| self.bind_name(name, names)));
                PatternKind::Array { before, rest, after: self.pattern_parts(after, names) }
            }
            ast::PatternKind::Or(alternatives) => self.alternatives(alternatives, names),
            ast::PatternKind::As { pattern, name } => {
                let pattern = self.pattern_part(*pattern, names);
                PatternKind::As(pattern, self.bind_name(name, names))
            }
        };
        self.push_pattern(kind, span)
    }

    fn pattern_parts(&mut self, parts: &[ast::PatternId], names: &mut Names) -> Vec<PatternId> {
        parts.iter().map(|&part| self.pattern_part(part, names)).collect()
    }

    /// Binds a name: creates a variable, or, if the first alternative has bound the name, returns the same variable.
    fn bind_name(&mut self, name: &Name, names: &mut Names) -> LocalId {
        if let Some(&(local, first)) = names.by_name.get(&name.text) {
            let error = match names.origin {
                Origin::Parameter => errors::duplicate_parameter(name, first),
                _ => errors::duplicate_binding(name, first),
            };
            self.context.report(error);
            names.failed = true;
            return local;
        }
        let known = names.first_alternatives.iter().rev().find_map(|first| first.get(&name.text));
        let local = match known {
            Some(&(local, _)) => local,
            None => {
                self.context.warn(lints::snake_case(name));
                self.local(name, names.origin)
            }
        };
        names.bound.push((name.clone(), local));
        names.by_name.insert(name.text.clone(), (local, name.span));
        local
    }

    /// Resolves `A | B`, whose alternatives must all bind the same names.
    fn alternatives(&mut self, alternatives: &[ast::PatternId], names: &mut Names) -> PatternKind {
        let before = names.bound.len();
        let mut first: Option<(Vec<(Name, LocalId)>, Span)> = None;
        let mut extras = Vec::new();
        let mut resolved = Vec::with_capacity(alternatives.len());
        for &alternative in alternatives {
            resolved.push(self.pattern_part(alternative, names));
            let bound = names.bound.split_off(before);
            let taken = bound.iter().map(|(name, _)| names.by_name.remove_entry(&name.text));
            let these: HashMap<Symbol, (LocalId, Span)> = taken.flatten().collect();
            let span = self.context.ast.patterns[alternative].span;
            match &first {
                None => {
                    names.first_alternatives.push(these);
                    first = Some((bound, span));
                }
                Some((first_bound, first_span)) => {
                    let expected = names.first_alternatives.last().expect("BUG: no first alternative");
                    let lacking = first_bound.iter().filter(|(name, _)| !these.contains_key(&name.text));
                    let lacking = lacking.map(|(name, _)| errors::missing_binding(name, span));
                    let extra = bound.iter().filter(|(name, _)| !expected.contains_key(&name.text));
                    let extra: Vec<(Name, LocalId)> = extra.cloned().collect();
                    let superfluous =
                        extra.iter().map(|(name, _)| errors::missing_binding(name, *first_span));
                    for error in lacking.chain(superfluous).collect::<Vec<_>>() {
                        self.context.report(error);
                        names.failed = true;
                    }
                    extras.extend(extra);
                }
            }
        }
        names.by_name.extend(names.first_alternatives.pop().unwrap_or_default());
        names.bound.extend(first.map(|(bound, _)| bound).unwrap_or_default());
        // Variables that only a later alternative binds are in scope, too, so that their uses cause no other error.
        names.bound.extend(extras);
        PatternKind::Or(resolved)
    }

    /// Resolves a pattern that is a single name: a variant or constant of this name, or else a new variable. In a
    /// pattern that may fail to match, an unknown name with a capital letter is an error.
    fn name_pattern(&mut self, name: &Name, names: &mut Names) -> PatternKind {
        let capital = name.text.starts_with(|first: char| first.is_ascii_uppercase());
        let found = if capital { self.context.lookup(name) } else { self.lookup_constant(name) };
        match found {
            Some(Definition::Constant(constant)) => PatternKind::Constant(constant),
            Some(Definition::Variant(nominal, variant)) => {
                self.variant_pattern((nominal, variant), &[], None, name.span).unwrap_or_else(|error| {
                    self.context.report(*error);
                    PatternKind::Error
                })
            }
            Some(Definition::Shared(shared)) => self.shared_pattern(shared, &[], None, name.span),
            Some(Definition::Failed) => PatternKind::Error,
            Some(found) if capital => {
                let what = self.context.describe(found);
                let is_struct =
                    matches!(found, Definition::Nominal(nominal) if !self.context.items.is_enum(nominal));
                self.context.report(errors::type_as_pattern(name, what, is_struct));
                PatternKind::Error
            }
            None if capital && names.may_fail => {
                let items = self.context.items;
                let candidates = self.context.known_names();
                let candidates = candidates.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
                let suggestion = items.suggest(&name.text, candidates);
                self.context.report(errors::unknown_constructor(name, suggestion));
                PatternKind::Error
            }
            _ => PatternKind::Bind(self.bind_name(name, names)),
        }
    }

    /// Looks up a constant or variant whose name does not begin with a capital letter: an item or imported name of the
    /// module, or a variant of the module's own enums. Other definitions are not returned, because the variable that
    /// the pattern binds hides them.
    fn lookup_constant(&mut self, name: &Name) -> Option<Definition> {
        let scope = &self.context.items.scopes[self.context.module];
        let of_items = scope.names.get(&name.text).is_some_and(|entry| {
            matches!(
                entry.definition,
                Definition::Constant(_) | Definition::Variant(..) | Definition::Shared(_)
            )
        });
        let of_variants = !scope.names.contains_key(&name.text) && scope.variants.contains_key(&name.text);
        if of_items || of_variants { self.context.lookup(name) } else { None }
    }

    /// Resolves `Circle(r)`, `Point(x: 0.0, y)`, `Shape.Empty` or `geometry.LIMIT`.
    fn constructor_pattern(
        &mut self,
        path: &'a Path,
        fields: &'a [FieldPattern],
        rest: Option<Span>,
        span: Span,
        names: &mut Names,
    ) -> PatternKind {
        let found = self.context.path_of_pattern(path, |context, name| {
            let suggestion = context.items.suggest(&name.text, context.known_names());
            context.report(errors::unknown_constructor(name, suggestion));
        });
        let last = path.names.last().expect("BUG: a path without names");
        match found {
            Definition::Variant(nominal, variant) => {
                let given = self.field_patterns(fields, names);
                self.variant_pattern((nominal, variant), &given, rest, span).unwrap_or_else(|error| {
                    self.context.report(*error);
                    PatternKind::Error
                })
            }
            Definition::Shared(shared) => {
                let given = self.field_patterns(fields, names);
                self.shared_pattern(shared, &given, rest, span)
            }
            Definition::Constant(constant) if fields.is_empty() && rest.is_none() => {
                PatternKind::Constant(constant)
            }
            Definition::Failed => self.reported_pattern(fields, names),
            _ => match self.context.nominal_of(found) {
                Some(nominal) if !self.context.items.is_enum(nominal) => {
                    self.struct_pattern(nominal, fields, rest, span, names)
                }
                _ => {
                    let what = self.context.describe(found);
                    self.context.report(errors::type_as_pattern(last, what, false));
                    self.reported_pattern(fields, names)
                }
            },
        }
    }

    /// Binds the names in an erroneous pattern whose error was reported, so that uses of the names cause no other
    /// error.
    fn reported_pattern(&mut self, fields: &'a [FieldPattern], names: &mut Names) -> PatternKind {
        for field in fields {
            self.pattern_part(field.pattern, names);
        }
        PatternKind::Error
    }

    /// Resolves the patterns in the parentheses after a variant, each with its label, if any.
    fn field_patterns(
        &mut self,
        fields: &'a [FieldPattern],
        names: &mut Names,
    ) -> Vec<(Option<&'a Name>, PatternId)> {
        let part = |field: &'a FieldPattern| (field.label.as_ref(), self.pattern_part(field.pattern, names));
        fields.iter().map(part).collect()
    }

    /// Makes the pattern of a variant from the patterns of its fields; returns an error if they do not fit the variant.
    fn variant_pattern(
        &mut self,
        (nominal, variant): (NominalId, usize),
        given: &[(Option<&'a Name>, PatternId)],
        rest: Option<Span>,
        span: Span,
    ) -> Result<PatternKind, Box<Diagnostic>> {
        let takes = self.variant_arity(nominal, variant);
        let name = self.variant_name(nominal, variant);
        let labels: Vec<_> = given.iter().map(|&(label, part)| (label, self.patterns[part].span)).collect();
        let numbers = if rest.is_some() && given.len() < takes {
            // `..` stands for wildcards after the patterns.
            let mut padded = labels;
            let labelled = padded.iter().any(|(label, _)| label.is_some());
            if !labelled {
                padded.resize(takes, (None, span));
            }
            let mut numbers = self.numbered_fields((nominal, variant), &padded, (name, span))?;
            numbers.truncate(given.len());
            numbers
        } else {
            self.numbered_fields((nominal, variant), &labels, (name, span))?
        };
        if rest.is_none()
            && let Some(lacking) = self.lacking_labels((nominal, variant), &numbers)
        {
            return Err(Box::new(errors::missing_field_patterns(name, &lacking, span)));
        }
        let mut parts: Vec<Option<PatternId>> = vec![None; takes];
        for (number, &(_, part)) in numbers.into_iter().zip(given) {
            parts[number] = Some(part);
        }
        let place = rest.unwrap_or(span);
        let parts = parts.into_iter();
        let parts = parts.map(|part| part.unwrap_or_else(|| self.push_pattern(PatternKind::Wildcard, place)));
        Ok(PatternKind::Variant(nominal, variant, parts.collect()))
    }

    /// Makes a pattern for each enum that has a variant of the name.
    fn shared_pattern(
        &mut self,
        id: SharedId,
        given: &[(Option<&'a Name>, PatternId)],
        rest: Option<Span>,
        span: Span,
    ) -> PatternKind {
        let SharedVariant { name, candidates, has_default } = &self.context.shared[id];
        let (name, default, variants) = (name.clone(), has_default.then_some(0), candidates.clone());
        let mut candidates = Vec::with_capacity(variants.len());
        for (nominal, variant) in variants {
            let kind = self.variant_pattern((nominal, variant), given, rest, span);
            let kind = kind.unwrap_or_else(PatternKind::Misfit);
            candidates.push((nominal, self.push_pattern(kind, span)));
        }
        PatternKind::Shared(Shared { name, candidates, default })
    }

    fn struct_pattern(
        &mut self,
        nominal: NominalId,
        fields: &'a [FieldPattern],
        rest: Option<Span>,
        span: Span,
        names: &mut Names,
    ) -> PatternKind {
        let ast = self.context.ast;
        let mut first: HashMap<usize, Span> = HashMap::new();
        let mut parts = Vec::with_capacity(fields.len());
        for field in fields {
            let label = field.label.as_ref().or(match &ast.patterns[field.pattern].kind {
                ast::PatternKind::Name(name) => Some(name),
                _ => None,
            });
            // A name without a label is the field's name and a new variable, even if a constant has the same name.
            let part = match (label, &field.label) {
                (Some(name), None) => {
                    let local = self.bind_name(name, names);
                    self.push_pattern(PatternKind::Bind(local), name.span)
                }
                _ => self.pattern_part(field.pattern, names),
            };
            let Some(label) = label else {
                let place = ast.patterns[field.pattern].span;
                self.context.report(errors::field_pattern_without_label(place));
                continue;
            };
            let Some(number) = self.field_number(nominal, label) else { continue };
            match first.get(&number) {
                Some(&first) => self.context.report(errors::duplicate_label(label, first)),
                None => {
                    first.insert(number, label.span);
                    parts.push((number, part));
                }
            }
        }
        if rest.is_none() && parts.len() == fields.len() {
            let lacking = self.lacking_fields(nominal, &first);
            if !lacking.is_empty() {
                let name = self.context.items.nominals[nominal].source.name();
                self.context.report(errors::missing_field_patterns(name, &lacking, span));
            }
        }
        PatternKind::Struct(nominal, parts)
    }

    fn range_pattern(
        &mut self,
        start: &ast::Literal,
        end: &ast::Literal,
        inclusive: bool,
        span: Span,
    ) -> PatternKind {
        let (Some(start), Some(end)) = (self.literal(start, span), self.literal(end, span)) else {
            return PatternKind::Error;
        };
        let order = match (&start, &end) {
            (Literal::Int(start), Literal::Int(end)) => start.cmp(end),
            (Literal::Char(start), Literal::Char(end)) => start.cmp(end),
            (Literal::Byte(start), Literal::Byte(end)) => start.cmp(end),
            _ => {
                self.context.report(errors::range_of_literals(span));
                return PatternKind::Error;
            }
        };
        if order.is_gt() || (order.is_eq() && !inclusive) {
            self.context.report(errors::empty_range(span));
            return PatternKind::Error;
        }
        PatternKind::Range { start, end, inclusive }
    }

    fn literal(&mut self, literal: &ast::Literal, span: Span) -> Option<Literal> {
        Some(match literal {
            ast::Literal::Integer { negative, magnitude } => {
                let value = match negative {
                    true if *magnitude <= 1 << 63 => Some(0i64.wrapping_sub_unsigned(*magnitude)),
                    true => None,
                    false => i64::try_from(*magnitude).ok(),
                };
                if value.is_none() {
                    self.context.report(errors::integer_out_of_range(*magnitude, span));
                }
                Literal::Int(value?)
            }
            ast::Literal::Float(value) => Literal::Float(*value),
            ast::Literal::Char(value) => Literal::Char(*value),
            ast::Literal::Byte(value) => Literal::Byte(*value),
            ast::Literal::Bool(value) => Literal::Bool(*value),
            ast::Literal::String(value) => Literal::String(value.clone()),
        })
    }
}
