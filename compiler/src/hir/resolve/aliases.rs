//! Type aliases. An alias may name other aliases, which must be resolved first. A depth-first search finds the order
//! and reports cycles.

use super::Context;
use super::declare::{AliasId, Definition};
use crate::arena::Arena;
use crate::hir::errors;
use crate::hir::ids::NamedType;
use crate::syntax::ast::{Path, TypeNodeId, TypeNodeKind};
use crate::types::ParameterId;

/// The type of an alias.
#[derive(Clone, Default)]
pub(super) struct ResolvedAlias {
    pub parameters: Vec<ParameterId>,
    pub ty: NamedType,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    /// On the current path of the search.
    Open,
    Done,
}

impl Context<'_> {
    /// Resolves all aliases. The search keeps its path in a vector instead of recursing, because a path may be as long
    /// as the program.
    pub fn resolve_aliases(&mut self) {
        let items = self.items;
        self.aliases = items.aliases.iter().map(|_| ResolvedAlias::default()).collect();
        let mut states: Arena<AliasId, State> = items.aliases.iter().map(|_| State::New).collect();
        for start in items.aliases.ids() {
            if states[start] != State::New {
                continue;
            }
            states[start] = State::Open;
            let mut way = vec![(start, self.aliases_named_by(start))];
            while let Some((alias, pending)) = way.last_mut() {
                let alias = *alias;
                match pending.pop() {
                    Some(next) if states[next] == State::New => {
                        states[next] = State::Open;
                        let named = self.aliases_named_by(next);
                        way.push((next, named));
                    }
                    Some(next) if states[next] == State::Open => {
                        let cycle = way.iter().map(|(alias, _)| *alias).skip_while(|&alias| alias != next);
                        let names: Vec<_> = cycle.map(|alias| &items.aliases[alias].source.name).collect();
                        self.report(errors::alias_cycle(&names));
                        // The alias stays without a type, so that its uses cause no other error.
                        states[next] = State::Done;
                    }
                    Some(_) => {}
                    None => {
                        if states[alias] == State::Open {
                            states[alias] = State::Done;
                            self.resolve_alias(alias);
                        }
                        way.pop();
                    }
                }
            }
        }
    }

    fn resolve_alias(&mut self, alias: AliasId) {
        let declared = &self.items.aliases[alias];
        self.enter_module(declared.module);
        let parameters = self.declare_generics(&declared.source.generics);
        self.resolve_bounds(&declared.source.generics, &parameters);
        let ty = self.named_type(declared.source.ty);
        let ty = ty.and_then(|ty| self.within_size(&declared.source.name, ty));
        self.generics.clear();
        self.aliases[alias] = ResolvedAlias { parameters, ty };
    }

    /// The aliases that the type of an alias names. Reports no errors: unknown names are reported when the alias is
    /// resolved.
    fn aliases_named_by(&self, alias: AliasId) -> Vec<AliasId> {
        let declared = &self.items.aliases[alias];
        let ast = &self.items.modules.arena[declared.module].ast;
        let (mut named, mut nodes): (Vec<AliasId>, Vec<TypeNodeId>) = (Vec::new(), vec![declared.source.ty]);
        while let Some(node) = nodes.pop() {
            match &ast.types[node].kind {
                TypeNodeKind::Named { path, arguments } => {
                    named.extend(self.alias_named(alias, path));
                    nodes.extend(arguments);
                }
                TypeNodeKind::Tuple(parts) => nodes.extend(parts),
                TypeNodeKind::Array(part) | TypeNodeKind::Option(part) => nodes.push(*part),
                TypeNodeKind::Function { parameters, result, .. } => {
                    nodes.extend(parameters.iter().chain(result));
                }
                TypeNodeKind::Error => {}
            }
        }
        named
    }

    fn alias_named(&self, within: AliasId, path: &Path) -> Option<AliasId> {
        let declared = &self.items.aliases[within];
        let first = &path.names[0];
        if declared.source.generics.iter().any(|parameter| parameter.name.text == first.text) {
            return None;
        }
        let scopes = &self.items.scopes;
        let scope = [declared.module, self.items.modules.prelude()].map(|module| &scopes[module]);
        let mut found = scope.iter().find_map(|scope| scope.names.get(&first.text))?.definition;
        for name in &path.names[1..] {
            let Definition::Module(module) = found else { return None };
            found = scopes[module].names.get(&name.text)?.definition;
        }
        match found {
            Definition::Alias(alias) => Some(alias),
            _ => None,
        }
    }
}
