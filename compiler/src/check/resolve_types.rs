//! Converts terms to types after inference.

use std::collections::HashMap;

use super::infer::{Shape, Term, Terms};
use crate::types::{TypeId, TypeTable};

/// The deepest nesting of types that is allowed: later stages traverse types by recursion.
const DEEPEST: usize = 500;

/// The conversion of the terms of one body.
pub(super) struct Finish<'t> {
    table: &'t mut TypeTable,
    /// The terms converted so far, each with its type and the height of that type.
    finished: HashMap<Term, (Option<TypeId>, usize)>,
    /// Whether a type was nested too deeply. Such a type is converted to `None`.
    pub too_deep: bool,
}

impl<'t> Finish<'t> {
    pub fn new(table: &'t mut TypeTable) -> Finish<'t> {
        Finish { table, finished: HashMap::new(), too_deep: false }
    }

    /// Converts a term; `None` if the type contains an error or is nested too deeply.
    pub fn term(&mut self, terms: &Terms<'_>, term: Term) -> Option<TypeId> {
        self.nested(terms, term, 0).0
    }

    fn nested(&mut self, terms: &Terms<'_>, term: Term, depth: usize) -> (Option<TypeId>, usize) {
        let term = terms.find(term);
        if let Some(&finished) = self.finished.get(&term) {
            return finished;
        }
        let mut height = 0;
        let finished = match terms.shape(term) {
            // A type variable is still undecided only if an error was reported.
            Shape::Variable | Shape::Error => None,
            Shape::Type(_) if depth > DEEPEST => {
                self.too_deep = true;
                None
            }
            Shape::Type(ty) => {
                let mut parts = Vec::new();
                for part in ty.parts() {
                    let (part, its) = self.nested(terms, part, depth + 1);
                    height = height.max(its + 1);
                    parts.push(part);
                }
                self.too_deep |= height > DEEPEST;
                let parts: Option<Vec<TypeId>> = parts.into_iter().collect();
                parts.filter(|_| height <= DEEPEST).map(|parts| {
                    let mut parts = parts.into_iter();
                    self.table.intern(ty.map(|_| parts.next().expect("BUG: a type lost a part")))
                })
            }
        };
        self.finished.insert(term, (finished, height));
        (finished, height)
    }
}
