//! Construction of structs and variants.

use std::collections::HashMap;

use super::body::Resolver;
use super::declare::{Definition, NominalSource, SharedId};
use super::lookup::SharedVariant;
use crate::diagnostics::Diagnostic;
use crate::hir::body::ExprKind;
use crate::hir::errors;
use crate::hir::ids::ExprId;
use crate::hir::shared::Shared;
use crate::source::Span;
use crate::syntax::ast::{Argument, ExpressionKind, Name, StructField};
use crate::types::NominalId;

impl<'a> Resolver<'_, 'a> {
    /// Resolves `Point(x: 1.0, ..p)`.
    pub fn build_struct(&mut self, nominal: NominalId, arguments: &'a [Argument], place: Span) -> ExprKind {
        let mut first: HashMap<usize, Span> = HashMap::new();
        let (mut fields, mut rest, mut failed) = (Vec::new(), None, false);
        let mut unnamed: Vec<(Option<&Name>, Span)> = Vec::new();
        for (at, argument) in arguments.iter().enumerate() {
            let value = self.expression(argument.value());
            let value_span = self.span(argument.value());
            match argument {
                Argument::Labelled(label, _) => match self.field_number(nominal, label) {
                    Some(number) => match first.insert(number, label.span) {
                        Some(first) => {
                            self.context.report(errors::duplicate_label(label, first));
                            failed = true;
                        }
                        None => fields.push((number, value)),
                    },
                    None => failed = true,
                },
                Argument::Rest(_) if at + 1 == arguments.len() => rest = Some(value),
                Argument::Rest(_) => {
                    self.context.report(errors::rest_not_last(value_span));
                    failed = true;
                }
                Argument::Positional(value) => {
                    let declared = self.struct_fields(nominal);
                    // A variable with a field's name is most likely meant for that field.
                    let same = match self.context.ast.expression(*value) {
                        ExpressionKind::Name(name) => {
                            declared.iter().find(|field| field.name.text == name.text)
                        }
                        _ => None,
                    };
                    unnamed.push((same.or(declared.get(at)).map(|field| &field.name), value_span));
                }
            }
        }
        if !unnamed.is_empty() {
            let name = self.context.items.nominals[nominal].source.name();
            self.context.report(errors::positional_fields(name, &unnamed));
            failed = true;
        }
        if failed {
            return ExprKind::Error;
        }
        let lacking = self.lacking_fields(nominal, &first);
        if rest.is_none() && !lacking.is_empty() {
            let name = self.context.items.nominals[nominal].source.name();
            let declared = self.context.declared(Definition::Nominal(nominal));
            self.context.report(errors::missing_fields(name, &lacking, place, declared));
            return ExprKind::Error;
        }
        ExprKind::Struct { nominal, fields, rest }
    }

    fn struct_fields(&self, nominal: NominalId) -> &'a [StructField] {
        match self.context.items.nominals[nominal].source {
            NominalSource::Struct(declared) => &declared.fields,
            NominalSource::Enum(_) => panic!("BUG: an enum has no fields of its own"),
        }
    }

    /// The number of the struct's field with that name; reports an unknown field.
    pub fn field_number(&mut self, nominal: NominalId, label: &Name) -> Option<usize> {
        let items = self.context.items;
        let found = items.member(nominal, &label.text);
        if found.is_none() {
            let names = items.nominals[nominal].members.keys().map(|name| name.as_str());
            let suggestion = items.suggest(&label.text, names);
            let declared = self.context.declared(Definition::Nominal(nominal));
            let name = items.nominals[nominal].source.name();
            let fields: Vec<&Name> = self.struct_fields(nominal).iter().map(|field| &field.name).collect();
            self.context.report(errors::unknown_field(label, name, &fields, suggestion, declared));
        }
        found
    }

    /// The fields of a struct that are not in `given`.
    pub fn lacking_fields(&self, nominal: NominalId, given: &HashMap<usize, Span>) -> Vec<&'a Name> {
        let fields = self.struct_fields(nominal).iter().enumerate();
        // If two fields have the same name, an error was reported, and only the first field counts.
        let counts = |at: usize, name: &Name| self.context.items.member(nominal, &name.text) == Some(at);
        let lacking = fields.filter(|(at, field)| !given.contains_key(at) && counts(*at, &field.name));
        lacking.map(|(_, field)| &field.name).collect()
    }

    /// Resolves the values in the parentheses after a variant, each with its label, if any. Reports `..`.
    pub fn variant_arguments(&mut self, arguments: &'a [Argument]) -> Vec<(Option<&'a Name>, ExprId)> {
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.expression(argument.value());
            match argument {
                Argument::Positional(_) => given.push((None, value)),
                Argument::Labelled(label, _) => given.push((Some(label), value)),
                Argument::Rest(_) => {
                    let span = self.span(argument.value());
                    self.context.report(errors::rest_argument(span));
                    given.push((None, value));
                }
            }
        }
        given
    }

    /// Builds `Circle(1.0)` or `Circle(radius: 1.0)` from values that are resolved; returns an error if they do not fit
    /// the variant's fields.
    pub fn build_variant(
        &mut self,
        (nominal, variant): (NominalId, usize),
        given: &[(Option<&'a Name>, ExprId)],
        place: Span,
        span: Span,
    ) -> Result<ExprKind, Box<Diagnostic>> {
        let labels: Vec<_> = given.iter().map(|&(label, value)| (label, self.exprs[value].span)).collect();
        let used = Name { text: self.variant_name(nominal, variant).text.clone(), span: place };
        let fields = self.numbered_fields((nominal, variant), &labels, (&used, span))?;
        if let Some(lacking) = self.lacking_labels((nominal, variant), &fields) {
            return Err(Box::new(errors::missing_variant_fields(&used, &lacking, span)));
        }
        let arguments = fields.into_iter().zip(given).map(|(field, &(_, value))| (field, value)).collect();
        Ok(ExprKind::Variant { nominal, variant, arguments })
    }

    /// The numbers of the fields that are given in the parentheses after a variant: by label, else by position. Returns
    /// an error for an unknown label, for a field that is given twice, and for a wrong number of fields without labels.
    /// `given`: the labels, if any, and the places of the values; `used`: the variant's name; `whole`: the place of the
    /// whole expression or pattern.
    pub fn numbered_fields(
        &mut self,
        (nominal, variant): (NominalId, usize),
        given: &[(Option<&Name>, Span)],
        (used, whole): (&Name, Span),
    ) -> Result<Vec<usize>, Box<Diagnostic>> {
        let takes = self.variant_arity(nominal, variant);
        let names = self.variant_labels(nominal, variant);
        let labelled = given.iter().any(|(label, _)| label.is_some());
        let declared = self.context.declared(Definition::Variant(nominal, variant));
        let declared = declared.map(|_| self.variant_name(nominal, variant).span);
        if let (None, Some(label)) = (&names, given.iter().find_map(|(label, _)| *label)) {
            return Err(Box::new(errors::label_in_variant(label, used)));
        }
        if given.len() > takes || (given.len() < takes && !(labelled && names.is_some())) {
            let error = errors::variant_field_count(used, takes, given.len(), whole, declared);
            return Err(Box::new(error));
        }
        let mut first: Vec<Option<Span>> = vec![None; takes];
        let mut numbers = Vec::with_capacity(given.len());
        for (at, &(label, place)) in given.iter().enumerate() {
            let number = match (label, &names) {
                (None, _) | (_, None) => at,
                (Some(label), Some(names)) => match names.iter().position(|name| name.text == label.text) {
                    Some(number) => number,
                    None => {
                        let known = names.iter().map(|name| name.as_str());
                        let suggestion = self.context.items.suggest(&label.text, known);
                        let error = errors::unknown_field(label, used, names, suggestion, declared);
                        return Err(Box::new(error));
                    }
                },
            };
            let place = label.map_or(place, |label| label.span);
            if let (Some(earlier), Some(names)) = (first[number].replace(place), &names) {
                let again = Name { text: names[number].text.clone(), span: place };
                return Err(Box::new(errors::duplicate_label(&again, earlier)));
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// The labels of a variant's fields that are not in `given`; `None` if no field is lacking.
    pub fn lacking_labels(
        &self,
        (nominal, variant): (NominalId, usize),
        given: &[usize],
    ) -> Option<Vec<&'a Name>> {
        let labels = self.variant_labels(nominal, variant)?.into_iter().enumerate();
        let lacking: Vec<_> = labels.filter(|(at, _)| !given.contains(at)).map(|(_, label)| label).collect();
        (!lacking.is_empty()).then_some(lacking)
    }

    /// Resolves a name that several enums have for a variant: `candidate` makes a node for each of them.
    pub fn shared(
        &mut self,
        id: SharedId,
        span: Span,
        mut candidate: impl FnMut(&mut Self, NominalId, usize) -> ExprKind,
    ) -> ExprKind {
        let SharedVariant { name, candidates, has_default } = &self.context.shared[id];
        let (name, default, variants) = (name.clone(), has_default.then_some(0), candidates.clone());
        let mut candidates = Vec::with_capacity(variants.len());
        for (nominal, variant) in variants {
            let kind = candidate(self, nominal, variant);
            candidates.push((nominal, self.push(kind, span)));
        }
        ExprKind::Shared(Shared { name, candidates, default })
    }

    /// A variant that is not called.
    pub fn variant_value(&self, nominal: NominalId, variant: usize) -> ExprKind {
        match self.variant_arity(nominal, variant) {
            0 => ExprKind::Variant { nominal, variant, arguments: Vec::new() },
            _ => ExprKind::VariantFunction(nominal, variant),
        }
    }

    /// The number of fields of a variant.
    pub fn variant_arity(&self, nominal: NominalId, variant: usize) -> usize {
        match self.context.items.nominals[nominal].source {
            NominalSource::Enum(declared) => declared.variants[variant].fields.len(),
            NominalSource::Struct(_) => panic!("BUG: a variant of no enum"),
        }
    }

    /// The labels of a variant's fields; `None` if not all fields have one.
    pub fn variant_labels(&self, nominal: NominalId, variant: usize) -> Option<Vec<&'a Name>> {
        match self.context.items.nominals[nominal].source {
            NominalSource::Enum(declared) => declared.variants[variant].labels(),
            NominalSource::Struct(_) => panic!("BUG: a variant of no enum"),
        }
    }

    pub fn variant_name(&self, nominal: NominalId, variant: usize) -> &'a Name {
        match self.context.items.nominals[nominal].source {
            NominalSource::Enum(declared) => &declared.variants[variant].name,
            NominalSource::Struct(_) => panic!("BUG: a variant of no enum"),
        }
    }

    /// The names of an enum's variants; empty for a struct.
    pub fn variant_names(&self, nominal: NominalId) -> Vec<&'a Name> {
        match self.context.items.nominals[nominal].source {
            NominalSource::Enum(declared) => declared.variants.iter().map(|variant| &variant.name).collect(),
            NominalSource::Struct(_) => Vec::new(),
        }
    }
}
