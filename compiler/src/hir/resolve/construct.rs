//! Construction of structs and variants.

use std::collections::HashMap;

use super::body::Resolver;
use super::declare::{Definition, NominalSource};
use crate::hir::body::ExprKind;
use crate::hir::errors;
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

    /// Resolves `Circle(1.0)`.
    pub fn build_variant(
        &mut self,
        nominal: NominalId,
        variant: usize,
        arguments: &'a [Argument],
        place: Span,
        span: Span,
    ) -> ExprKind {
        let values = self.arguments(arguments, false);
        let takes = self.variant_arity(nominal, variant);
        if values.len() != takes {
            let name = self.variant_name(nominal, variant);
            let declared = self.context.declared(Definition::Variant(nominal, variant)).map(|_| name.span);
            let used = Name { text: name.text.clone(), span: place };
            self.context.report(errors::variant_field_count(&used, takes, values.len(), span, declared));
            return ExprKind::Error;
        }
        ExprKind::Variant { nominal, variant, arguments: values }
    }

    /// The number of fields of a variant.
    pub fn variant_arity(&self, nominal: NominalId, variant: usize) -> usize {
        match self.context.items.nominals[nominal].source {
            NominalSource::Enum(declared) => declared.variants[variant].fields.len(),
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
