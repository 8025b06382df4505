//! Lookup of names and paths. Definitions hide each other in this order: type parameters, the module's items and
//! imports, the variants of its enums, the variants of imported enums, the prelude, and the names that the compiler
//! provides. A hidden variant can still be meant where a value of its enum is expected.

use super::Context;
use super::declare::{Declarations, Definition, Entry, ModuleScope};
use crate::hir::errors;
use crate::hir::prelude::{Builtin, Primitive};
use crate::modules::ModuleId;
use crate::syntax::ast::{Name, Path};
use crate::types::NominalId;

/// A name that several enums in scope have for a variant.
pub(super) struct SharedVariant {
    /// The name, where it is used.
    pub name: Name,
    /// The enums and the numbers of their variants, those of the innermost scope first.
    pub candidates: Vec<(NominalId, usize)>,
    /// Whether the first candidate is the only one in its scope, so that it is meant if nothing else decides.
    pub has_default: bool,
}

impl<'a> Context<'a> {
    /// Looks up a name in the current module, variables excepted; `None` if the name is unknown.
    pub fn lookup(&mut self, name: &Name) -> Option<Definition> {
        self.lookup_among(name, true)
    }

    /// Looks up a name in a type or before a dot. A variant does not hide a type there, so an enum may have variants
    /// such as `Int(Int)` and `Map`.
    pub fn lookup_type(&mut self, name: &Name) -> Option<Definition> {
        self.lookup_among(name, false).or_else(|| self.lookup(name))
    }

    fn lookup_among(&mut self, name: &Name, variants: bool) -> Option<Definition> {
        if let Some(&parameter) = self.generics.get(&name.text) {
            return Some(Definition::Parameter(parameter));
        }
        let items = self.items;
        if let Some(found) = self.in_scope(name, self.module, variants) {
            return Some(found);
        }
        if let Some(found) = self.in_scope(name, items.modules.prelude(), variants) {
            return Some(found);
        }
        if name.as_str() == "Self" {
            return Some(Definition::SelfType);
        }
        if let Some(primitive) = Primitive::named(&name.text) {
            return Some(Definition::Primitive(primitive));
        }
        if let Some(builtin) = Builtin::named(&name.text) {
            return Some(Definition::Builtin(builtin));
        }
        None
    }

    fn in_scope(&mut self, name: &Name, module: ModuleId, variants: bool) -> Option<Definition> {
        if let Some(entry) = self.items.scopes[module].names.get(&name.text) {
            self.used_imports.extend(entry.import);
            return Some(entry.definition);
        }
        if variants { self.variant(name, module) } else { None }
    }

    /// Looks up a variant that is in scope in a module. If other enums have a variant of this name, too, also those in
    /// the scopes that the found scope hides, the type that is expected will decide.
    fn variant(&mut self, name: &Name, module: ModuleId) -> Option<Definition> {
        let items = self.items;
        let scopes = [module, items.modules.prelude()].map(|module| &items.scopes[module]);
        let levels = scopes.into_iter().flat_map(|scope| [&scope.variants, &scope.imported_variants]);
        let mut levels = levels.filter_map(|level| level.get(&name.text));
        let first = levels.next()?;
        let is_own = [&scopes[0].variants, &scopes[0].imported_variants];
        if !is_own.iter().any(|level| level.contains_key(&name.text)) {
            return None;
        }
        let mut candidates: Vec<(NominalId, usize)> = Vec::new();
        for &(nominal, variant, import) in first.iter().chain(levels.flatten()) {
            self.used_imports.extend(import);
            if !candidates.contains(&(nominal, variant)) {
                candidates.push((nominal, variant));
            }
        }
        if let &[(nominal, variant)] = candidates.as_slice() {
            return Some(Definition::Variant(nominal, variant));
        }
        let has_default = first.len() == 1;
        Some(Definition::Shared(self.shared.push(SharedVariant {
            name: name.clone(),
            candidates,
            has_default,
        })))
    }

    /// Resolves `geometry.area`; reports a name that the module does not declare, or that is private.
    pub fn member_of_module(&mut self, module: ModuleId, name: &Name) -> Definition {
        self.items.exported(module, name, self.module).unwrap_or_else(|found| {
            let (definition, error) = *found;
            self.report(error);
            definition
        })
    }

    /// Resolves a path in a type; `unknown` reports an unknown first name.
    pub fn path_of_type(&mut self, path: &Path, unknown: impl FnOnce(&mut Self, &Name)) -> Definition {
        let first = self.lookup_type(&path.names[0]);
        self.path_from(first, path, unknown)
    }

    /// Resolves a path in a pattern; `unknown` reports an unknown first name.
    pub fn path_of_pattern(&mut self, path: &Path, unknown: impl FnOnce(&mut Self, &Name)) -> Definition {
        let first = match &path.names[..] {
            [alone] => self.lookup(alone),
            names => self.lookup_type(&names[0]),
        };
        self.path_from(first, path, unknown)
    }

    fn path_from(
        &mut self,
        first: Option<Definition>,
        path: &Path,
        unknown: impl FnOnce(&mut Self, &Name),
    ) -> Definition {
        let Some(mut found) = first else {
            unknown(self, &path.names[0]);
            return Definition::Failed;
        };
        for pair in path.names.windows(2) {
            let (base, name) = (&pair[0], &pair[1]);
            found = match found {
                Definition::Failed => return Definition::Failed,
                Definition::Module(module) => self.member_of_module(module, name),
                other => match self.member_of_enum(other, name) {
                    Some(found) => found,
                    None => {
                        self.report(errors::no_such_path(base, name));
                        return Definition::Failed;
                    }
                },
            };
        }
        found
    }

    /// Resolves `Shape.Circle`, and reports an unknown variant; `None` if `base` is no enum.
    fn member_of_enum(&mut self, base: Definition, name: &Name) -> Option<Definition> {
        let nominal = self.nominal_of(base).filter(|&nominal| self.items.is_enum(nominal))?;
        Some(self.variant_of(nominal, name))
    }

    /// The variant with that name; reports an unknown variant.
    pub fn variant_of(&mut self, nominal: NominalId, name: &Name) -> Definition {
        if let Some(number) = self.items.member(nominal, &name.text) {
            return Definition::Variant(nominal, number);
        }
        let declared = &self.items.nominals[nominal];
        let suggestion = self.items.suggest(&name.text, declared.members.keys().map(|name| name.as_str()));
        self.report(errors::unknown_variant(name, declared.source.name(), suggestion));
        Definition::Failed
    }

    /// All names that are known in the current module, without variables and type parameters.
    pub fn known_names(&self) -> impl Iterator<Item = &'a str> {
        let items = self.items;
        let own = names_of(items, self.module);
        let prelude = names_of(items, items.modules.prelude());
        let primitives = Primitive::ALL.iter().map(|primitive| primitive.name());
        own.chain(prelude).chain(primitives).chain(Builtin::ALL.iter().map(|builtin| builtin.name()))
    }

    /// Whether the name is known in the current module, variables excepted.
    pub fn is_known(&self, name: &Name) -> bool {
        let scopes = [self.module, self.items.modules.prelude()].map(|module| &self.items.scopes[module]);
        let declared = |scope: &&ModuleScope| {
            scope.names.contains_key(&name.text)
                || scope.variants.contains_key(&name.text)
                || scope.imported_variants.contains_key(&name.text)
        };
        self.generics.contains_key(&name.text)
            || scopes.iter().any(declared)
            || Primitive::named(&name.text).is_some()
            || Builtin::named(&name.text).is_some()
    }

    /// Whether the name is a type in the current module.
    pub fn is_type(&self, name: &str) -> bool {
        let scopes = [self.module, self.items.modules.prelude()].map(|module| &self.items.scopes[module]);
        let entry = scopes.iter().find_map(|scope| scope.names.get(name));
        self.generics.contains_key(name) || entry.map_or(Primitive::named(name).is_some(), is_type)
    }

    /// All names of types that are known in the current module, without type parameters.
    pub fn known_types(&self) -> impl Iterator<Item = &'a str> {
        let items = self.items;
        let of = |module: ModuleId| {
            let scope: &'a ModuleScope = &items.scopes[module];
            scope.names.iter().filter(|(_, entry)| is_type(entry)).map(|(name, _)| name.as_str())
        };
        let primitives = Primitive::ALL.iter().map(|primitive| primitive.name());
        of(self.module).chain(of(items.modules.prelude())).chain(primitives)
    }
}

fn names_of<'a>(items: &'a Declarations<'_>, module: ModuleId) -> impl Iterator<Item = &'a str> {
    let scope = &items.scopes[module];
    let names = scope.names.keys().chain(scope.variants.keys()).chain(scope.imported_variants.keys());
    names.map(|name| name.as_str())
}

fn is_type(entry: &Entry) -> bool {
    match entry.definition {
        Definition::Nominal(_) | Definition::Alias(_) | Definition::Primitive(_) => true,
        Definition::Module(_)
        | Definition::Function(_)
        | Definition::Constant(_)
        | Definition::Variant(..)
        | Definition::Shared(_)
        | Definition::Trait(_)
        | Definition::Parameter(_)
        | Definition::SelfType
        | Definition::Builtin(_)
        | Definition::Failed => false,
    }
}
