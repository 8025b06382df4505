//! Types without values: no arm need match what cannot be.

use super::constructor::Context;
use crate::hir::NominalKind;
use crate::types::{Type, TypeId};

/// The most types that are looked at in a body: a type may hold ever larger ones. Types beyond count as possible.
const MOST_TYPES: usize = 10_000;
/// And one in another no deeper than this.
const MOST_DEPTH: usize = 50;

impl Context<'_> {
    /// Whether there is no value of the type: an enum without variants, or what cannot be without a part of which there
    /// is none. What is a part of itself counts as possible.
    pub fn is_impossible(&mut self, ty: TypeId) -> bool {
        self.lacks_values(ty, MOST_DEPTH)
    }

    /// Whether there is no value of one of the types.
    pub fn is_one_impossible(&mut self, types: &[TypeId]) -> bool {
        types.iter().any(|&ty| self.is_impossible(ty))
    }

    fn lacks_values(&mut self, ty: TypeId, depth: usize) -> bool {
        if let Some(&known) = self.impossible.get(&ty) {
            return known;
        }
        if depth == 0 || self.impossible.len() == MOST_TYPES {
            return false;
        }
        // While its parts are looked at.
        self.impossible.insert(ty, false);
        let one_lacks = |context: &mut Self, parts: Vec<TypeId>| {
            parts.into_iter().any(|part| context.lacks_values(part, depth - 1))
        };
        let lacks = match self.table.get(ty).clone() {
            Type::Tuple(parts) => one_lacks(self, parts),
            Type::Nominal(id, arguments) => {
                let variants = match &self.hir.nominals[id].kind {
                    NominalKind::Struct(_) => 1,
                    NominalKind::Enum(variants) => variants.len(),
                };
                (0..variants).all(|variant| {
                    let fields = self.nominal_fields(id, &arguments, variant);
                    one_lacks(self, fields)
                })
            }
            _ => false,
        };
        self.impossible.insert(ty, lacks);
        lacks
    }
}
