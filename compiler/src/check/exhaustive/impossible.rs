//! Types without values, for which a `match` needs no arm.

use super::constructor::Context;
use crate::hir::NominalKind;
use crate::types::{Type, TypeId};

/// The maximum number of types that are examined for one body. A bound is needed, because a type may contain ever
/// larger types. Further types count as having values.
const MOST_TYPES: usize = 10_000;
/// The maximum depth to which the parts of a type are examined. Deeper types count as having values.
const MOST_DEPTH: usize = 50;

impl Context<'_> {
    /// Whether the type has no values. A tuple or a struct has no values if the type of a field has none. An enum has
    /// no values if each variant has such a field, or if there are no variants. Where a type occurs inside itself, it
    /// counts as having values.
    pub fn is_impossible(&mut self, ty: TypeId) -> bool {
        self.lacks_values(ty, MOST_DEPTH)
    }

    /// Whether at least one of the types has no values.
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
        // While the parts of the type are examined, the type itself counts as having values.
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
