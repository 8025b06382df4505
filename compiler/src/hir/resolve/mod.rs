//! Name resolution: builds the HIR from the syntax trees.
//!
//! First the declarations of all modules get ids and names (`declare`). Then the imports bring names from one module
//! into another (`imports`). Only then is each declaration resolved (`types`, `aliases`, `items`, and `body` for
//! function bodies), so an item may be used before its declaration. A name whose import or lookup has failed is defined
//! as `Definition::Failed`, so that its uses cause no other error.

/// Ids and names of all items; builds the scope of each module, without imports.
mod declare;
/// Imports, which add names of other modules to a module's scope.
mod imports;
/// Lang items, found by name.
mod lang_items;
/// Lookup of names and paths, in the order in which names hide each other.
mod lookup;
/// Types: from type nodes of the source to interned types.
mod types;
/// Type aliases, each resolved after the aliases that it names.
mod aliases;
/// C functions and their types.
mod foreign;
/// Scopes: the variables by name, each with the number of lambdas and spawned threads around it.
mod scope;
/// The resolver of a body: its variables, blocks and statements.
mod body;
/// Expressions by kind.
mod expression;
/// Names and member accesses: paths to declarations, values and fields.
mod reference;
/// Calls.
mod call;
/// Construction of structs and variants.
mod construct;
/// Assignments to variables, fields and elements.
mod assign;
/// Lambdas and spawned threads.
mod lambda;
/// Patterns.
mod pattern;
/// Control flow: `if`, `match`, loops, `break` and `continue`.
mod control;
/// The arms of `select`.
mod select;
/// Supertraits: reports traits that are supertraits of themselves.
mod supertraits;
/// Items: signatures, fields, bounds and bodies.
mod items;

use std::collections::{HashMap, HashSet};

use self::aliases::ResolvedAlias;
use self::declare::{AliasId, Declarations, Definition, ImportId, SharedId};
use self::lookup::SharedVariant;
use self::scope::AroundFunction;
use super::ids::{FunctionId, NamedType};
use super::lang_items::LangItems;
use super::lints;
use super::tree::{Foreign, Hir, Module, TypeParameter};
use crate::arena::Arena;
use crate::diagnostics::{Diagnostic, Severity};
use crate::modules::{ModuleId, Modules};
use crate::source::Span;
use crate::syntax::ast::{Ast, ItemKind, Name, Symbol};
use crate::types::{ParameterId, TypeId, TypeTable};

/// Resolves all names of a program. The diagnostics are in the order of the files, and in a file in source order. The
/// HIR is complete even if there are errors: `Error` nodes and unknown types replace whatever is erroneous.
pub fn resolve(modules: &Modules) -> (Hir, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut items = Declarations::collect(modules, &mut diagnostics);
    items.import(&mut diagnostics);
    let mut context = Context::new(&items, diagnostics);
    context.resolve_aliases();
    let headers = context.headers();
    let constants = context.constants(&headers);
    let functions = context.functions(&headers);
    context.lint_imports();
    context.diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    let Context { diagnostics, parameters, types, lang_items, .. } = context;
    let hir = Hir {
        modules: modules.arena.iter().map(module).collect(),
        functions,
        nominals: headers.nominals,
        parameters,
        traits: headers.traits,
        impls: headers.impls,
        constants,
        tests: items.tests(),
        main: items.main(),
        types,
        lang_items,
    };
    lang_items::check_order(&hir);
    (hir, diagnostics)
}

fn module(module: &crate::modules::Module) -> Module {
    Module { name: module.name.clone(), file: module.file, library: module.library }
}

/// The state of name resolution: data of the whole program, and the scope of the declaration that is being resolved.
struct Context<'a> {
    items: &'a Declarations<'a>,
    lang_items: LangItems,
    types: TypeTable,
    /// The sizes of the types that were examined so far. The size of a type is the number of its type constructors.
    sizes: HashMap<TypeId, u32>,
    parameters: Arena<ParameterId, TypeParameter>,
    /// The type parameters with an erroneous bound; not all of their traits are known.
    unbounded: HashSet<ParameterId>,
    aliases: Arena<AliasId, ResolvedAlias>,
    used_imports: HashSet<ImportId>,
    /// The names of variants that were found in several enums.
    shared: Arena<SharedId, SharedVariant>,
    /// C functions by symbol, each with its first declaration in the program.
    symbols: HashMap<Symbol, (Foreign, Span)>,
    /// The unknown type names that were reported, each once per module.
    unknown_types: HashSet<(ModuleId, Symbol)>,
    diagnostics: Vec<Diagnostic>,
    /// The number of errors among `diagnostics`.
    error_count: usize,
    module: ModuleId,
    ast: &'a Ast,
    /// The names around each local function whose enclosing body has been resolved.
    around_functions: HashMap<FunctionId, AroundFunction>,
    /// The type parameters in scope.
    generics: HashMap<Symbol, ParameterId>,
    /// The type `Self`, inside an `impl` or a trait.
    self_type: Option<NamedType>,
}

impl<'a> Context<'a> {
    fn new(items: &'a Declarations<'a>, diagnostics: Vec<Diagnostic>) -> Context<'a> {
        let root = items.modules.root();
        let mut types = TypeTable::new();
        for nominal in items.nominals.iter() {
            types.names.nominals.push(nominal.source.name().text.to_string());
        }
        Context {
            items,
            lang_items: items.lang_items(),
            types,
            sizes: HashMap::new(),
            parameters: Arena::new(),
            unbounded: HashSet::new(),
            aliases: Arena::new(),
            used_imports: HashSet::new(),
            shared: Arena::new(),
            symbols: HashMap::new(),
            unknown_types: HashSet::new(),
            error_count: diagnostics.iter().filter(|found| found.severity == Severity::Error).count(),
            diagnostics,
            module: root,
            around_functions: HashMap::new(),
            ast: &items.modules.arena[root].ast,
            generics: HashMap::new(),
            self_type: None,
        }
    }

    /// Makes the names of `module` the current scope, without type parameters and without `Self`.
    fn enter_module(&mut self, module: ModuleId) {
        self.module = module;
        self.ast = &self.items.modules.arena[module].ast;
        self.generics.clear();
        self.self_type = None;
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.error_count += usize::from(diagnostic.severity == Severity::Error);
        self.diagnostics.push(diagnostic);
    }

    /// Reports a warning, unless the current module belongs to the library, which users cannot change.
    fn warn(&mut self, warning: Option<Diagnostic>) {
        if !self.items.modules.arena[self.module].library {
            self.diagnostics.extend(warning);
        }
    }

    /// The kind of a definition in words, for messages.
    fn describe(&self, found: Definition) -> &'static str {
        match found {
            Definition::Module(_) => "a module",
            Definition::Function(_) | Definition::Builtin(_) => "a function",
            Definition::Constant(_) => "a constant",
            Definition::Variant(..) | Definition::Shared(_) => "a variant",
            Definition::Nominal(nominal) if self.items.is_enum(nominal) => "an enum",
            Definition::Nominal(_) => "a struct",
            Definition::Alias(_) | Definition::SelfType | Definition::Primitive(_) => "a type",
            Definition::Trait(_) => "a trait",
            Definition::Parameter(_) => "a type parameter",
            Definition::Failed => "unknown",
        }
    }

    /// The place of a definition's declaration, if the program declares it and not the library.
    fn declared(&self, found: Definition) -> Option<Span> {
        let items = self.items;
        let name: &Name = match found {
            Definition::Function(function) => {
                let source = items.functions[function].source.function();
                &source.expect("BUG: a test has a name in scope").name
            }
            Definition::Constant(constant) => &items.constants[constant].source.name,
            Definition::Nominal(nominal) | Definition::Variant(nominal, _) => {
                items.nominals[nominal].source.name()
            }
            Definition::Alias(alias) => &items.aliases[alias].source.name,
            Definition::Trait(id) => &items.traits[id].source.name,
            Definition::Parameter(parameter) => &self.parameters[parameter].name,
            Definition::Module(_)
            | Definition::Shared(_)
            | Definition::SelfType
            | Definition::Primitive(_)
            | Definition::Builtin(_)
            | Definition::Failed => return None,
        };
        let library =
            items.modules.arena.iter().any(|module| module.library && module.file == name.span.file);
        (!library).then_some(name.span)
    }

    /// Warns about unused imports. An import of a module that implements traits gets no warning, because the module may
    /// be imported for its `impl`s.
    fn lint_imports(&mut self) {
        if self.error_count > 0 {
            return;
        }
        let items = self.items;
        for (module, _) in items.modules.arena.iter_enumerated().filter(|(_, source)| !source.library) {
            for (name, entry) in &items.scopes[module].names {
                if entry.import.is_none_or(|import| self.used_imports.contains(&import)) {
                    continue;
                }
                if let Definition::Module(from) = entry.definition
                    && implements_traits(&items.modules.arena[from].ast)
                {
                    continue;
                }
                self.diagnostics.push(lints::unused_import(entry.span, name));
            }
        }
    }
}

fn implements_traits(ast: &Ast) -> bool {
    let is_impl = |kind: &ItemKind| matches!(kind, ItemKind::Impl(of) if of.implemented.is_some());
    ast.top_level.iter().any(|&item| is_impl(&ast.items[item].kind))
}

/// The place of the keyword `text` at the start of `span`: its first `text.len()` bytes.
fn keyword(span: Span, text: &str) -> Span {
    Span { end: (span.start + text.len() as u32).min(span.end), ..span }
}
