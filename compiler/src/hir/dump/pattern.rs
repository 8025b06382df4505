//! Patterns, each on one line.

use super::{Place, Printer};
use crate::hir::body::{Literal, PatternKind};
use crate::hir::ids::PatternId;
use crate::hir::tree::NominalKind;
use crate::types::NominalId;

impl Printer<'_> {
    pub(super) fn pattern(&self, place: Place<'_>, pattern: PatternId) -> String {
        let list = |parts: &[PatternId]| {
            parts.iter().map(|&part| self.pattern(place, part)).collect::<Vec<_>>().join(", ")
        };
        match &place.body.patterns[pattern].kind {
            PatternKind::Error => "error".into(),
            PatternKind::Misfit(_) => "misfit".into(),
            PatternKind::Shared(shared) => {
                let candidates: Vec<PatternId> =
                    shared.candidates.iter().map(|&(_, candidate)| candidate).collect();
                format!("shared {} of {}", shared.name, list(&candidates))
            }
            PatternKind::Wildcard => "_".into(),
            PatternKind::Bind(local) => place.local(*local),
            PatternKind::As(pattern, local) => {
                format!("{} as {}", self.pattern(place, *pattern), place.local(*local))
            }
            PatternKind::Literal(value) => literal(value),
            PatternKind::Constant(constant) => self.hir.constants[*constant].name.to_string(),
            PatternKind::Range { start, end, inclusive } => {
                let dots = if *inclusive { "..=" } else { ".." };
                format!("{}{dots}{}", literal(start), literal(end))
            }
            PatternKind::Unit => "()".into(),
            PatternKind::Tuple(parts) => format!("({})", list(parts)),
            PatternKind::Struct(nominal, fields) => {
                let field = |&(number, part): &(usize, PatternId)| {
                    format!("{}: {}", self.field_name(*nominal, number), self.pattern(place, part))
                };
                let fields: Vec<String> = fields.iter().map(field).collect();
                format!("{}({})", self.hir.nominals[*nominal].name, fields.join(", "))
            }
            PatternKind::Variant(nominal, variant, parts) => {
                let name = self.variant_name(*nominal, *variant);
                if parts.is_empty() { name } else { format!("{name}({})", list(parts)) }
            }
            PatternKind::Array { before, rest, after } => {
                let rest = rest.map(|local| match local {
                    Some(local) => format!("..{}", place.local(local)),
                    None => "..".to_string(),
                });
                let parts = before.iter().map(|&part| self.pattern(place, part));
                let after = after.iter().map(|&part| self.pattern(place, part));
                format!("[{}]", parts.chain(rest).chain(after).collect::<Vec<_>>().join(", "))
            }
            PatternKind::Or(parts) => {
                parts.iter().map(|&part| self.pattern(place, part)).collect::<Vec<_>>().join(" | ")
            }
        }
    }

    pub(super) fn variant_name(&self, nominal: NominalId, variant: usize) -> String {
        let declared = &self.hir.nominals[nominal];
        match &declared.kind {
            NominalKind::Enum(variants) => format!("{}.{}", declared.name, variants[variant].name),
            NominalKind::Struct(_) => panic!("BUG: a variant of no enum"),
        }
    }

    pub(super) fn field_name(&self, nominal: NominalId, field: usize) -> &str {
        match &self.hir.nominals[nominal].kind {
            NominalKind::Struct(fields) => fields[field].name.as_str(),
            NominalKind::Enum(_) => panic!("BUG: an enum has no fields of its own"),
        }
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        Literal::Char(value) => format!("{value:?}"),
        Literal::Byte(value) => format!("byte {value}"),
        Literal::String(value) => format!("{value:?}"),
    }
}
