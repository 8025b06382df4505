//! Imports: bring names of other modules into scope, after all declarations are collected.

use super::declare::{Declarations, Definition, Entry, ImportId, NominalSource};
use crate::diagnostics::Diagnostic;
use crate::hir::errors;
use crate::modules::ModuleId;
use crate::syntax::ast::{Imported, ItemKind, Name};

impl Declarations<'_> {
    /// Adds the imported names of each module to its scope.
    pub fn import(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let modules = self.modules;
        for (module, source) in modules.arena.iter_enumerated() {
            for &item in &source.ast.top_level {
                let ItemKind::Import(import) = &source.ast.items[item].kind else { continue };
                let from = source.imports.get(&item).copied();
                let last = import.path.names.last().expect("BUG: a path without names");
                match (&import.what, from) {
                    (_, Some(from)) if modules.is_private(from) && !source.library => {
                        diagnostics.push(errors::private_module(&import.path));
                        self.import_failed(module, &import.what, last);
                    }
                    (what, None) => self.import_failed(module, what, last),
                    (Imported::Module, Some(from)) => self.import_module(module, last, from, diagnostics),
                    (Imported::As(name), Some(from)) => self.import_module(module, name, from, diagnostics),
                    (Imported::Names(names), Some(from)) => {
                        names.iter().for_each(|name| self.import_name(module, name, from, diagnostics));
                    }
                }
            }
        }
    }

    /// Declares the names of an erroneous import as `Failed`, so that their uses cause no other error.
    fn import_failed(&mut self, module: ModuleId, what: &Imported, last: &Name) {
        let names = match what {
            Imported::Module => std::slice::from_ref(last),
            Imported::As(name) => std::slice::from_ref(name),
            Imported::Names(names) => names,
        };
        for name in names {
            let failed =
                Entry { definition: Definition::Failed, span: name.span, public: false, import: None };
            self.scopes[module].names.entry(name.text.clone()).or_insert(failed);
        }
    }

    fn import_module(
        &mut self,
        module: ModuleId,
        name: &Name,
        from: ModuleId,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let import = self.imports.push((name.clone(), from));
        self.bring(module, name, Definition::Module(from), import, diagnostics);
    }

    fn import_name(
        &mut self,
        module: ModuleId,
        name: &Name,
        from: ModuleId,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let definition = match self.exported(from, name, module) {
            Ok(definition) => definition,
            Err(found) => {
                let (definition, error) = *found;
                diagnostics.push(error);
                definition
            }
        };
        let import = self.imports.push((name.clone(), from));
        self.bring(module, name, definition, import, diagnostics);
    }

    fn bring(
        &mut self,
        module: ModuleId,
        name: &Name,
        definition: Definition,
        import: ImportId,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let scope = &mut self.scopes[module];
        if let Some(first) = scope.names.get(&name.text) {
            return diagnostics.push(errors::duplicate_item(name, first.span));
        }
        let entry = Entry { definition, span: name.span, public: false, import: Some(import) };
        scope.names.insert(name.text.clone(), entry);
        if let Definition::Nominal(nominal) = definition
            && matches!(self.nominals[nominal].source, NominalSource::Enum(_))
        {
            for (variant, &number) in &self.nominals[nominal].members {
                let found = scope.imported_variants.entry(variant.clone()).or_default();
                // The variants of an enum are added once, however often the module imports the enum.
                if found.iter().all(|&(other, ..)| other != nominal) {
                    found.push((nominal, number, Some(import)));
                }
            }
        }
    }

    /// Looks up the item or variant `name` of `module` for a use in the module `to`. The library's modules may use each
    /// other's private items.
    ///
    /// # Errors
    /// If there is no such name, or if `to` may not use it: the definition with which to continue, and the diagnostic
    /// to report.
    pub fn exported(
        &self,
        module: ModuleId,
        name: &Name,
        to: ModuleId,
    ) -> Result<Definition, Box<(Definition, Diagnostic)>> {
        let scope = &self.scopes[module];
        let its_name = &self.modules.arena[module].name;
        let within_library = [module, to].iter().all(|&module| self.modules.arena[module].library);
        let shown = |declared| (!self.modules.arena[module].library).then_some(declared);
        let fail = |definition, error| Err(Box::new((definition, error)));
        if let Some(entry) = scope.names.get(&name.text).filter(|entry| entry.import.is_none()) {
            let is_shown = entry.public || within_library || entry.definition == Definition::Failed;
            return match is_shown {
                true => Ok(entry.definition),
                false => fail(entry.definition, errors::private_item(name, its_name, shown(entry.span))),
            };
        }
        match scope.variants.get(&name.text).map(Vec::as_slice) {
            Some(&[(nominal, variant, _)]) => {
                let (definition, of) = (Definition::Variant(nominal, variant), &self.nominals[nominal]);
                let span = of.source.name().span;
                match of.public {
                    true => Ok(definition),
                    false => fail(definition, errors::private_item(name, its_name, shown(span))),
                }
            }
            Some(several) => {
                let enums: Vec<_> =
                    several.iter().map(|&(nominal, ..)| self.nominals[nominal].source.name()).collect();
                fail(Definition::Failed, errors::ambiguous_variant(name, &enums))
            }
            None => {
                let shown = scope.names.iter().filter(|(_, entry)| entry.public && entry.import.is_none());
                let suggestion = self.suggest(&name.text, shown.map(|(name, _)| name.as_str()));
                let error = errors::unknown_member_of_module(name, its_name, suggestion);
                fail(Definition::Failed, error)
            }
        }
    }
}
