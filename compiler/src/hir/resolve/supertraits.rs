//! Supertraits. A trait that is its own supertrait is reported, and its cycle of supertraits is broken.

use super::Context;
use crate::arena::Arena;
use crate::hir::errors;
use crate::hir::ids::TraitId;
use crate::hir::tree::Trait;

/// The state of a trait in the depth-first search.
#[derive(Clone, Copy, PartialEq)]
enum Visit {
    Unseen,
    /// The trait is on the path from the trait where the search began.
    Open,
    Done,
}

impl Context<'_> {
    /// Reports each supertrait that closes a cycle, and removes it.
    pub fn break_cycles(&mut self, traits: &mut Arena<TraitId, Trait>) {
        let mut visits: Arena<TraitId, Visit> = traits.iter().map(|_| Visit::Unseen).collect();
        for start in traits.ids() {
            // The path of the search: traits, each with the number of its supertraits that were visited.
            let mut path: Vec<(TraitId, usize)> = Vec::new();
            if visits[start] == Visit::Unseen {
                visits[start] = Visit::Open;
                path.push((start, 0));
            }
            while let Some((id, at)) = path.last_mut() {
                let id = *id;
                let Some(next) = traits[id].supertraits.get(*at).map(|of| of.id) else {
                    visits[id] = Visit::Done;
                    path.pop();
                    continue;
                };
                match visits[next] {
                    Visit::Done => *at += 1,
                    Visit::Unseen => {
                        *at += 1;
                        visits[next] = Visit::Open;
                        path.push((next, 0));
                    }
                    Visit::Open => {
                        let closing = traits[id].supertraits.remove(*at);
                        let cycle = path.iter().skip_while(|(id, _)| *id != next);
                        let names: Vec<_> = cycle.map(|&(id, _)| &traits[id].name).collect();
                        self.report(errors::cyclic_supertraits(&names, closing.span));
                    }
                }
            }
        }
    }
}
