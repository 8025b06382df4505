//! Patterns. So far one is a name or `_`; the names in any other are bound all the same, so that their uses cause no
//! other error.

use super::body::{Origin, Resolver};
use super::scope::Binding;
use crate::hir::tree::LocalId;
use crate::syntax::ast::{Name, PatternId, PatternKind, Symbol};

impl Resolver<'_, '_> {
    /// Binds the names of a pattern, and returns the variable that takes the whole value.
    pub fn bind_pattern(&mut self, pattern: PatternId, origin: Origin) -> LocalId {
        let ast = self.context.ast;
        let span = ast.patterns[pattern].span;
        let ignored = Name { text: Symbol::new("_"), span };
        match &ast.patterns[pattern].kind {
            PatternKind::Name(name) => return self.bind(name, origin),
            PatternKind::Wildcard | PatternKind::Error => {}
            PatternKind::Literal(_)
            | PatternKind::Range { .. }
            | PatternKind::Tuple(_)
            | PatternKind::Constructor { .. }
            | PatternKind::Array { .. }
            | PatternKind::Or(_)
            | PatternKind::As { .. } => {
                self.context.not_supported("a pattern that takes a value apart", span);
                self.bind_unknown(pattern);
            }
        }
        self.local(&ignored, origin)
    }

    fn bind_unknown(&mut self, pattern: PatternId) {
        let ast = self.context.ast;
        match &ast.patterns[pattern].kind {
            PatternKind::Wildcard
            | PatternKind::Error
            | PatternKind::Literal(_)
            | PatternKind::Range { .. } => {}
            PatternKind::Name(name) => self.bind_unknown_name(name),
            PatternKind::As { pattern, name } => {
                self.bind_unknown_name(name);
                self.bind_unknown(*pattern);
            }
            PatternKind::Tuple(parts) | PatternKind::Or(parts) => {
                parts.iter().for_each(|&part| self.bind_unknown(part));
            }
            PatternKind::Constructor { fields, .. } => {
                fields.iter().for_each(|field| self.bind_unknown(field.pattern));
            }
            PatternKind::Array { before, rest, after } => {
                if let Some(name) = rest.as_ref().and_then(|rest| rest.name.as_ref()) {
                    self.bind_unknown_name(name);
                }
                before.iter().chain(after).for_each(|&part| self.bind_unknown(part));
            }
        }
    }

    fn bind_unknown_name(&mut self, name: &Name) {
        let local = self.local(name, Origin::Unknown);
        let depth = self.depth();
        self.scopes.bind(name.text.clone(), Binding { local, depth });
    }
}
