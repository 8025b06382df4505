//! Collects the declarations of all modules: each item gets an id and a name before anything inside it is resolved.

use std::cell::Cell;
use std::collections::HashMap;

use crate::arena::Arena;
use crate::define_id;
use crate::diagnostics::Diagnostic;
use crate::hir::errors;
use crate::hir::ids::{ConstantId, FunctionId, ImplId, TraitId};
use crate::hir::prelude::{Builtin, Primitive};
use crate::hir::tree::Owner;
use crate::modules::{ModuleId, Modules};
use crate::source::Span;
use crate::suggest::closest;
use crate::syntax::ast::{self, Abi, Ast, Item, ItemId, ItemKind, Name, Symbol};
use crate::types::{NominalId, ParameterId};

define_id! {
    /// A type alias.
    AliasId "alias";
    /// A name that an import brings into scope.
    ImportId "import";
    /// A name that several enums have for a variant.
    SharedId "shared";
}

/// The declaration that a name refers to, if the name is not a variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Definition {
    Module(ModuleId),
    Function(FunctionId),
    Constant(ConstantId),
    Variant(NominalId, usize),
    /// A variant whose name several enums have.
    Shared(SharedId),
    Nominal(NominalId),
    Alias(AliasId),
    Trait(TraitId),
    Parameter(ParameterId),
    SelfType,
    Primitive(Primitive),
    Builtin(Builtin),
    /// An erroneous declaration or name, whose error was reported; its uses cause no other error.
    Failed,
}

/// The definition of a name in a module's scope.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub definition: Definition,
    /// The place where the name is declared or imported.
    pub span: Span,
    pub public: bool,
    /// The import that brought the name into the scope, if any.
    pub import: Option<ImportId>,
}

/// Variants by name; several enums may have a variant of the same name. Each element of a list is an enum, the number
/// of the variant in this enum, and the import that brought the enum into scope, if any.
pub(super) type Variants = HashMap<Symbol, Vec<(NominalId, usize, Option<ImportId>)>>;

/// The scope of a module. Where the same name is in several of the maps, an earlier map hides a later one.
#[derive(Default)]
pub(super) struct ModuleScope {
    /// The module's items and its imported names.
    pub names: HashMap<Symbol, Entry>,
    /// The variants of the module's own enums.
    pub variants: Variants,
    /// The variants of imported enums.
    pub imported_variants: Variants,
}

/// The declaration of a function in the syntax tree.
#[derive(Clone, Copy)]
pub(super) enum FunctionSource<'a> {
    Weft(&'a ast::Function),
    Foreign { function: &'a ast::Function, blocking: bool },
    Intrinsic(&'a ast::Function),
    Test(&'a ast::Test),
}

impl<'a> FunctionSource<'a> {
    /// The function in the syntax tree; `None` for a test.
    pub fn function(self) -> Option<&'a ast::Function> {
        match self {
            FunctionSource::Weft(function)
            | FunctionSource::Foreign { function, .. }
            | FunctionSource::Intrinsic(function) => Some(function),
            FunctionSource::Test(_) => None,
        }
    }
}

pub(super) struct DeclaredFunction<'a> {
    pub module: ModuleId,
    pub owner: Owner,
    pub public: bool,
    pub span: Span,
    pub source: FunctionSource<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum NominalSource<'a> {
    Struct(&'a ast::Struct),
    Enum(&'a ast::Enum),
}

impl<'a> NominalSource<'a> {
    pub fn name(self) -> &'a Name {
        match self {
            NominalSource::Struct(declared) => &declared.name,
            NominalSource::Enum(declared) => &declared.name,
        }
    }

    pub fn generics(self) -> &'a [ast::TypeParameter] {
        match self {
            NominalSource::Struct(declared) => &declared.generics,
            NominalSource::Enum(declared) => &declared.generics,
        }
    }
}

pub(super) struct DeclaredNominal<'a> {
    pub module: ModuleId,
    pub public: bool,
    pub source: NominalSource<'a>,
    /// The numbers of the struct's fields or the enum's variants, by name.
    pub members: HashMap<Symbol, usize>,
}

pub(super) struct DeclaredTrait<'a> {
    pub module: ModuleId,
    pub public: bool,
    pub source: &'a ast::Trait,
    pub functions: Vec<FunctionId>,
}

pub(super) struct DeclaredImpl<'a> {
    pub module: ModuleId,
    pub span: Span,
    pub source: &'a ast::Impl,
    pub functions: Vec<FunctionId>,
    pub constants: Vec<ConstantId>,
}

pub(super) struct DeclaredConstant<'a> {
    pub module: ModuleId,
    pub public: bool,
    pub owner: Owner,
    pub source: &'a ast::Constant,
}

pub(super) struct DeclaredAlias<'a> {
    pub module: ModuleId,
    pub source: &'a ast::Alias,
}

/// All declarations of all modules.
pub(super) struct Declarations<'a> {
    pub modules: &'a Modules,
    pub functions: Arena<FunctionId, DeclaredFunction<'a>>,
    /// The functions in blocks, by their items. An outer function has a smaller id than the functions in it.
    pub local_functions: HashMap<(ModuleId, ItemId), FunctionId>,
    pub nominals: Arena<NominalId, DeclaredNominal<'a>>,
    pub traits: Arena<TraitId, DeclaredTrait<'a>>,
    pub impls: Arena<ImplId, DeclaredImpl<'a>>,
    pub constants: Arena<ConstantId, DeclaredConstant<'a>>,
    pub aliases: Arena<AliasId, DeclaredAlias<'a>>,
    pub scopes: Arena<ModuleId, ModuleScope>,
    /// The imported names, each with the module that it is imported from.
    pub imports: Arena<ImportId, (Name, ModuleId)>,
    suggestions: Cell<u32>,
}

/// The maximum number of unknown names for which a similar name is suggested. It bounds compile time: each suggestion
/// compares the unknown name with all known names.
const MAX_SUGGESTIONS: u32 = 50;

impl<'a> Declarations<'a> {
    /// Collects the declarations of all modules; adds an error to `diagnostics` for each duplicate declaration.
    pub fn collect(modules: &'a Modules, diagnostics: &mut Vec<Diagnostic>) -> Declarations<'a> {
        let mut declarations = Declarations {
            modules,
            functions: Arena::new(),
            local_functions: HashMap::new(),
            nominals: Arena::new(),
            traits: Arena::new(),
            impls: Arena::new(),
            constants: Arena::new(),
            aliases: Arena::new(),
            scopes: modules.arena.iter().map(|_| ModuleScope::default()).collect(),
            imports: Arena::new(),
            suggestions: Cell::new(MAX_SUGGESTIONS),
        };
        for (module, source) in modules.arena.iter_enumerated() {
            let mut collector = Collector {
                declarations: &mut declarations,
                module,
                ast: &source.ast,
                tests: HashMap::new(),
                diagnostics,
            };
            source.ast.top_level.iter().for_each(|&item| collector.item(item));
            collector.local_functions();
        }
        declarations
    }

    /// The candidate that is most similar to `name`, if any is similar enough. Sorts the candidates first, because they
    /// often come from a hash map in an arbitrary order.
    pub fn suggest<'n>(&self, name: &str, candidates: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let left = self.suggestions.get().checked_sub(1)?;
        self.suggestions.set(left);
        let mut candidates: Vec<&str> = candidates.into_iter().collect();
        candidates.sort_unstable();
        closest(name, candidates)
    }

    pub fn is_enum(&self, nominal: NominalId) -> bool {
        matches!(self.nominals[nominal].source, NominalSource::Enum(_))
    }

    /// The number of the field or variant with that name.
    pub fn member(&self, nominal: NominalId, name: &str) -> Option<usize> {
        self.nominals[nominal].members.get(name).copied()
    }
}

/// Collects the declarations of one module.
struct Collector<'c, 'a> {
    declarations: &'c mut Declarations<'a>,
    module: ModuleId,
    ast: &'a Ast,
    /// The names of the module's tests, each with its place.
    tests: HashMap<&'a str, Span>,
    diagnostics: &'c mut Vec<Diagnostic>,
}

impl<'a> Collector<'_, 'a> {
    fn item(&mut self, id: ItemId) {
        let item = &self.ast.items[id];
        let (module, public) = (self.module, item.public);
        match &item.kind {
            ItemKind::Function(function) => {
                let id = self.function(item, public, Owner::Module, FunctionSource::Weft(function));
                self.define(&function.name, Definition::Function(id), public);
            }
            ItemKind::Constant(source) => {
                let declared = DeclaredConstant { module, public, owner: Owner::Module, source };
                let id = self.declarations.constants.push(declared);
                self.define(&source.name, Definition::Constant(id), public);
            }
            ItemKind::Struct(source) => {
                let fields = source.fields.iter().map(|field| &field.name);
                self.nominal(NominalSource::Struct(source), fields, "fields", public);
            }
            ItemKind::Enum(source) => {
                let variants = source.variants.iter().map(|variant| &variant.name);
                let id = self.nominal(NominalSource::Enum(source), variants, "variants", public);
                let own = &mut self.declarations.scopes[module].variants;
                for (name, &number) in &self.declarations.nominals[id].members {
                    own.entry(name.clone()).or_default().push((id, number, None));
                }
            }
            ItemKind::Alias(source) => {
                let id = self.declarations.aliases.push(DeclaredAlias { module, source });
                self.define(&source.name, Definition::Alias(id), public);
            }
            ItemKind::Trait(source) => self.declare_trait(source, public),
            ItemKind::Impl(source) => self.implementation(item.span, source),
            ItemKind::Extern(source) => self.foreign(source, item.span),
            ItemKind::Test(test) => {
                match self.tests.get(&*test.name) {
                    Some(&first) => {
                        self.diagnostics.push(errors::duplicate_test(&test.name, test.name_span, first));
                    }
                    None => drop(self.tests.insert(&*test.name, test.name_span)),
                }
                self.function(item, false, Owner::Module, FunctionSource::Test(test));
            }
            // Imports are resolved after all declarations are collected.
            ItemKind::Import(_) | ItemKind::Error => {}
        }
    }

    /// Collects the functions in blocks, the outer functions first: a block comes after the blocks in it.
    fn local_functions(&mut self) {
        let ast = self.ast;
        for expression in ast.expressions.iter().rev() {
            let ast::ExpressionKind::Block(block) = &expression.kind else { continue };
            for statement in &block.statements {
                let ast::Statement::Function(id) = *statement else { continue };
                let item = &ast.items[id];
                let ItemKind::Function(function) = &item.kind else { continue };
                let function = self.function(item, false, Owner::Module, FunctionSource::Weft(function));
                self.declarations.local_functions.insert((self.module, id), function);
            }
        }
    }

    fn function(
        &mut self,
        item: &Item,
        public: bool,
        owner: Owner,
        source: FunctionSource<'a>,
    ) -> FunctionId {
        let declared = DeclaredFunction { module: self.module, owner, public, span: item.span, source };
        self.declarations.functions.push(declared)
    }

    fn nominal(
        &mut self,
        source: NominalSource<'a>,
        names: impl Iterator<Item = &'a Name>,
        what: &str,
        public: bool,
    ) -> NominalId {
        let mut first = HashMap::new();
        let mut members = HashMap::new();
        for (number, name) in names.enumerate() {
            match first.get(&name.text) {
                Some(&first) => self.diagnostics.push(errors::duplicate_member(what, name, first)),
                None => {
                    first.insert(name.text.clone(), name.span);
                    members.insert(name.text.clone(), number);
                }
            }
        }
        let declared = DeclaredNominal { module: self.module, public, source, members };
        let id = self.declarations.nominals.push(declared);
        self.define(source.name(), Definition::Nominal(id), public);
        id
    }

    fn declare_trait(&mut self, source: &'a ast::Trait, public: bool) {
        let functions = Vec::new();
        let id =
            self.declarations.traits.push(DeclaredTrait { module: self.module, public, source, functions });
        self.define(&source.name, Definition::Trait(id), public);
        let (functions, _) = self.members(&source.members, Owner::Trait(id), public);
        self.declarations.traits[id].functions = functions;
    }

    fn implementation(&mut self, item: Span, source: &'a ast::Impl) {
        let target = self.ast.types[source.target].span;
        let span = Span { end: target.end.max(item.start), ..item };
        let (functions, constants) = (Vec::new(), Vec::new());
        let declared = DeclaredImpl { module: self.module, span, source, functions, constants };
        let id = self.declarations.impls.push(declared);
        let (functions, constants) = self.members(&source.members, Owner::Impl(id), false);
        self.declarations.impls[id].functions = functions;
        self.declarations.impls[id].constants = constants;
    }

    /// Collects the functions and constants of a trait or an `impl`; reports duplicate names in a trait.
    fn members(
        &mut self,
        members: &'a [ItemId],
        owner: Owner,
        public: bool,
    ) -> (Vec<FunctionId>, Vec<ConstantId>) {
        let (mut functions, mut constants) = (Vec::new(), Vec::new());
        let mut first: HashMap<Symbol, Span> = HashMap::new();
        for &member in members {
            let item = &self.ast.items[member];
            let public = public || item.public;
            let name = match &item.kind {
                ItemKind::Function(function) => {
                    functions.push(self.function(item, public, owner, FunctionSource::Weft(function)));
                    &function.name
                }
                ItemKind::Constant(source) => {
                    if !self.declarations.modules.arena[self.module].library {
                        self.diagnostics.push(errors::constant_in_impl(&source.name));
                    }
                    let declared = DeclaredConstant { module: self.module, public, owner, source };
                    constants.push(self.declarations.constants.push(declared));
                    &source.name
                }
                // The parser has reported items of these kinds.
                ItemKind::Import(_)
                | ItemKind::Struct(_)
                | ItemKind::Enum(_)
                | ItemKind::Alias(_)
                | ItemKind::Trait(_)
                | ItemKind::Impl(_)
                | ItemKind::Extern(_)
                | ItemKind::Test(_)
                | ItemKind::Error => continue,
            };
            // Duplicates in an `impl` are not reported here. The checker compares the members of different `impl`s.
            match first.get(&name.text) {
                Some(&first) if matches!(owner, Owner::Trait(_)) => {
                    self.diagnostics.push(errors::duplicate_member("functions", name, first));
                }
                _ => drop(first.insert(name.text.clone(), name.span)),
            }
        }
        (functions, constants)
    }

    fn foreign(&mut self, source: &'a ast::Extern, span: Span) {
        let is_intrinsics = self.declarations.modules.is_intrinsics(self.module);
        if source.abi == Abi::Weft && !is_intrinsics {
            self.diagnostics.push(errors::intrinsics_outside_library(super::keyword(span, "extern")));
        }
        for &member in &source.members {
            let item = &self.ast.items[member];
            let ItemKind::Function(function) = &item.kind else { continue };
            if source.abi == Abi::Weft && !is_intrinsics {
                self.define(&function.name, Definition::Failed, true);
                continue;
            }
            let (kind, public) = match source.abi {
                Abi::Weft => (FunctionSource::Intrinsic(function), true),
                Abi::C => (FunctionSource::Foreign { function, blocking: source.blocking }, item.public),
            };
            let id = self.function(item, public, Owner::Module, kind);
            self.define(&function.name, Definition::Function(id), public);
        }
    }

    fn define(&mut self, name: &Name, definition: Definition, public: bool) {
        let entry = Entry { definition, span: name.span, public, import: None };
        let names = &mut self.declarations.scopes[self.module].names;
        match names.get(&name.text) {
            Some(first) => self.diagnostics.push(errors::duplicate_item(name, first.span)),
            None => drop(names.insert(name.text.clone(), entry)),
        }
    }
}
