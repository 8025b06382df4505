//! The module loader: finds and parses all files of a program.
//!
//! [`load`] parses the program's file and follows its imports, breadth first and each file once. The path of an import
//! is relative to the folder of the importing file; the modules of the library are embedded in the compiler. [`load`]
//! itself reads no files: its caller passes a function that does.

/// Errors in imports. One function per error.
mod errors;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::arena::{Arena, Id};
use crate::define_id;
use crate::diagnostics::Diagnostic;
use crate::library;
use crate::source::{FileId, SourceMap};
use crate::suggest::closest;
use crate::syntax;
use crate::syntax::ast::{self, Ast, ItemId, ItemKind};

define_id! {
    /// A file of the program or of the library.
    ModuleId "module";
}

/// The name of the library: the first segment of every path to one of its modules.
pub const LIBRARY: &str = "std";

/// The module of the library whose names are in scope everywhere.
const PRELUDE: &str = "prelude";

/// The module of the library that only the library may import.
const INTRINSICS: &str = "intrinsics";

/// The modules of the library that are loaded with every program, even if nothing imports them, because the language
/// refers to their declarations.
const KNOWN: [&str; 17] = [
    PRELUDE,
    "option",
    "result",
    "order",
    "show",
    "shown",
    "hash",
    "iterator",
    "range",
    "vec",
    "map",
    "set",
    "foreign",
    "share",
    "test",
    "operators",
    "bytes",
];

/// The modules of the library that a program may import; the documentation lists them. Only the library uses the other
/// modules, so their functions need not check their arguments.
pub const PUBLIC: [&str; 26] = [
    "atomic",
    "bytes",
    "chan",
    "cont",
    "foreign",
    "fs",
    "hash",
    "io",
    "iterator",
    "map",
    "mutex",
    "operators",
    "option",
    "order",
    "process",
    "random",
    "range",
    "result",
    "set",
    "share",
    "show",
    "string",
    "switch",
    "sync",
    "time",
    "vec",
];

/// Modules of the library that the language defines. If this compiler does not have such a module, as with `net`, an
/// import of the module is reported as not supported yet.
const PLANNED: [&str; 6] = ["io", "fs", "net", "time", "random", "process"];

/// A file before its names are resolved.
#[derive(Clone, Debug)]
pub struct Module {
    /// The path by which the program's file imports the module: `shapes.circle`, `std.vec`. For the program's file, the
    /// name of the file without `.weft`.
    pub name: String,
    /// The text of the module.
    pub file: FileId,
    /// Whether the module belongs to the library.
    pub library: bool,
    /// The syntax tree.
    pub ast: Ast,
    /// The module that each import leads to; no entry for an import that was reported.
    pub imports: HashMap<ItemId, ModuleId>,
}

/// All files of a program, and the modules of the library that are loaded with the program.
#[derive(Clone, Debug)]
pub struct Modules {
    /// The modules in the order in which they were loaded; the first is the program's file.
    pub arena: Arena<ModuleId, Module>,
    by_name: HashMap<String, ModuleId>,
}

impl Modules {
    /// The program's file.
    pub fn root(&self) -> ModuleId {
        ModuleId::new(0)
    }

    /// The module `std.NAME` of the library, if it was loaded.
    pub fn library(&self, name: &str) -> Option<ModuleId> {
        self.by_name.get(&format!("{LIBRARY}.{name}")).copied()
    }

    /// Whether the module is the one that declares the intrinsics.
    pub fn is_intrinsics(&self, module: ModuleId) -> bool {
        self.library(INTRINSICS) == Some(module)
    }

    /// Whether the module belongs to the library and programs may not import it.
    pub fn is_private(&self, module: ModuleId) -> bool {
        let Module { name, library, .. } = &self.arena[module];
        *library && !PUBLIC.iter().any(|public| name.strip_prefix(LIBRARY) == Some(&format!(".{public}")))
    }

    /// The module whose names are in scope everywhere.
    pub fn prelude(&self) -> ModuleId {
        self.library(PRELUDE).expect("BUG: the library has no prelude")
    }
}

/// The reason why a module's file has no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unavailable {
    /// The file does not exist. Lists the modules in the folder where the file should be.
    Missing(Vec<String>),
    /// The file exists, but cannot be read as text. Contains the reason.
    Unreadable(String),
}

/// Loads the program whose first file is `root`. `others` are files beside `root` that belong to the program even if
/// nothing imports them; all given files are already in `sources`. `read` returns the text of another file, or the
/// reason why there is no text. Every loaded file has a syntax tree, even if the diagnostics report errors in it.
pub fn load(
    sources: &mut SourceMap,
    root: FileId,
    others: &[FileId],
    read: &mut dyn FnMut(&Path) -> Result<String, Unavailable>,
) -> (Modules, Vec<Diagnostic>) {
    let path = PathBuf::from(&sources.file(root).name);
    let mut loader = Loader {
        sources,
        read,
        folder: path.parent().map_or_else(PathBuf::new, Path::to_owned),
        modules: Modules { arena: Arena::new(), by_name: HashMap::new() },
        given: 1 + others.len(),
        failed: HashMap::new(),
        diagnostics: Vec::new(),
    };
    for &file in [&root].into_iter().chain(others) {
        let path = Path::new(&loader.sources.file(file).name);
        let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        loader.add(name, file, false);
    }
    for name in KNOWN {
        loader.library(name).unwrap_or_else(|| panic!("BUG: the library has no module `{name}`"));
    }
    let mut next = 0;
    while next < loader.modules.arena.len() {
        loader.follow_imports(ModuleId::new(next));
        next += 1;
    }
    (loader.modules, loader.diagnostics)
}

struct Loader<'a> {
    sources: &'a mut SourceMap,
    read: &'a mut dyn FnMut(&Path) -> Result<String, Unavailable>,
    /// The folder of the program's file.
    folder: PathBuf,
    modules: Modules,
    /// The number of files that `load` was given; they are the first in `modules`.
    given: usize,
    /// The files that could not be read, by the names of their modules, so that each file is tried only once.
    failed: HashMap<String, (PathBuf, Unavailable)>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader<'_> {
    /// Whether the module is one of the files that `load` was given, not one that an import led to.
    fn is_given(&self, module: ModuleId) -> bool {
        module.raw() < self.given
    }

    fn add(&mut self, name: String, file: FileId, library: bool) -> ModuleId {
        let (ast, found) = syntax::parse(self.sources, file);
        self.diagnostics.extend(found);
        let module = Module { name: name.clone(), file, library, ast, imports: HashMap::new() };
        let id = self.modules.arena.push(module);
        // A given file may have a dot in its name: `a.b.weft`. No import leads to that file, because `import a.b` means
        // the file `a/b.weft`.
        if !self.is_given(id) || !name.contains('.') {
            self.modules.by_name.insert(name, id);
        }
        id
    }

    fn library(&mut self, name: &str) -> Option<ModuleId> {
        if let Some(loaded) = self.modules.library(name) {
            return Some(loaded);
        }
        let text = library::source(name)?;
        let file = self.sources.add(format!("{LIBRARY}/{name}.weft"), text);
        Some(self.add(format!("{LIBRARY}.{name}"), file, true))
    }

    fn follow_imports(&mut self, from: ModuleId) {
        let ast = &self.modules.arena[from].ast;
        let imports: Vec<(ItemId, ast::Path)> = ast
            .top_level
            .iter()
            .filter_map(|&item| match &ast.items[item].kind {
                ItemKind::Import(import) => Some((item, import.path.clone())),
                _ => None,
            })
            .collect();
        for (item, path) in imports {
            let found = match path.names.as_slice() {
                [first, rest @ ..] if first.as_str() == LIBRARY => self.import_library(&path, rest),
                _ => self.import_file(from, &path),
            };
            if let Some(found) = found {
                self.modules.arena[from].imports.insert(item, found);
            }
        }
    }

    fn import_library(&mut self, path: &ast::Path, rest: &[ast::Name]) -> Option<ModuleId> {
        let [name] = rest else {
            self.diagnostics.push(errors::unknown_library_module(path, None));
            return None;
        };
        let found = self.library(name.as_str());
        if found.is_none() {
            let planned = PLANNED.contains(&name.as_str());
            let error = match closest(name.as_str(), PUBLIC.into_iter().chain(PLANNED)) {
                _ if planned => errors::planned_module(path),
                suggestion => errors::unknown_library_module(path, suggestion),
            };
            self.diagnostics.push(error);
        }
        found
    }

    /// Loads the file that the module `from` imports as `path`, a path relative to the folder of `from`. A module of
    /// the library cannot import files.
    fn import_file(&mut self, from: ModuleId, path: &ast::Path) -> Option<ModuleId> {
        let importer = &self.modules.arena[from];
        let inside = importer.name.rsplit_once('.').filter(|_| !self.is_given(from));
        let name = match inside {
            Some((folder, _)) => format!("{folder}.{path}"),
            None => path.to_string(),
        };
        if importer.library {
            self.diagnostics.push(errors::unknown_library_module(path, None));
            return None;
        }
        if let Some(&loaded) = self.modules.by_name.get(&name) {
            return Some(loaded);
        }
        if !self.failed.contains_key(&name) {
            let mut file = self.folder.clone();
            file.extend(name.split('.'));
            file.set_extension("weft");
            match (self.read)(&file) {
                Ok(text) => {
                    let id = self.sources.add(file.display().to_string(), text);
                    return Some(self.add(name, id, false));
                }
                Err(why) => {
                    self.failed.insert(name.clone(), (file, why));
                }
            }
        }
        let error = self.missing_file(path, &name);
        self.diagnostics.push(error);
        None
    }

    fn missing_file(&self, path: &ast::Path, name: &str) -> Diagnostic {
        let (file, why) = &self.failed[name];
        let siblings = match why {
            Unavailable::Unreadable(reason) => return errors::unreadable_module(path, file, reason),
            Unavailable::Missing(siblings) => siblings,
        };
        let of_library = path
            .single()
            .map(ast::Name::as_str)
            .filter(|name| PUBLIC.contains(name) || PLANNED.contains(name));
        match of_library {
            Some(name) => errors::missing_module(path, file, Some(&format!("{LIBRARY}.{name}"))),
            None => {
                let (folder, last) = match path.names.as_slice() {
                    [folder @ .., last] => (folder, last),
                    [] => panic!("BUG: a path without names"),
                };
                let close = closest(last.as_str(), siblings.iter().map(String::as_str));
                let folder: String = folder.iter().map(|name| format!("{name}.")).collect();
                let close = close.map(|close| format!("{folder}{close}"));
                errors::missing_module(path, file, close.as_deref())
            }
        }
    }
}
