//! The module loader: finds and parses all files of a program.
//!
//! [`load`] parses the program's file and follows its imports, breadth first and each file once. The path of an import
//! is relative to the folder of the importing file or, if there is no such file, to the root: the folder of the
//! program's file, or the folder of `weft.toml`. The modules of the library are embedded in the compiler. [`load`]
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
pub const PUBLIC: [&str; 36] = [
    "atomic",
    "bigint",
    "bytes",
    "chan",
    "collections",
    "cont",
    "encoding",
    "foreign",
    "fs",
    "hash",
    "http",
    "io",
    "iterator",
    "json",
    "map",
    "mutex",
    "net",
    "operators",
    "option",
    "order",
    "path",
    "process",
    "random",
    "range",
    "regex",
    "result",
    "sequence",
    "set",
    "share",
    "show",
    "signal",
    "string",
    "switch",
    "sync",
    "time",
    "vec",
];

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
    /// The modules of the library by name.
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

/// The folder of the `weft.toml` around a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Project {
    /// The folder.
    pub folder: PathBuf,
    /// The program's folder, written so that it begins with `folder`. The program's path may be written otherwise.
    pub program: PathBuf,
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
/// nothing imports them; all given files are already in `sources`. `project` is the project around the program, if
/// there is one. `read` returns the text of another file, or the reason why there is no text. Every loaded file has a
/// syntax tree, even if the diagnostics report errors in it.
pub fn load(
    sources: &mut SourceMap,
    root: FileId,
    others: &[FileId],
    project: Option<&Project>,
    read: &mut dyn FnMut(&Path) -> Result<String, Unavailable>,
) -> (Modules, Vec<Diagnostic>) {
    let path = PathBuf::from(&sources.file(root).name);
    let mut loader = Loader {
        sources,
        read,
        roots: [
            Some(path.parent().unwrap_or(Path::new(""))),
            project.map(|project| project.folder.as_path()),
        ]
        .into_iter()
        .flatten()
        .map(Path::to_owned)
        .collect(),
        program: project.map(|project| project.program.clone()),
        modules: Modules { arena: Arena::new(), by_name: HashMap::new() },
        by_path: HashMap::new(),
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
    /// The folders in which an import is looked for that leads to no file beside the importing file: the folder of the
    /// program's file, and the folder of `weft.toml`.
    roots: Vec<PathBuf>,
    /// [`Project::program`]
    program: Option<PathBuf>,
    modules: Modules,
    /// The modules of the program by the paths of their files.
    by_path: HashMap<PathBuf, ModuleId>,
    /// The files that could not be read, so that each file is tried only once.
    failed: HashMap<PathBuf, Unavailable>,
    diagnostics: Vec<Diagnostic>,
}

impl Loader<'_> {
    fn add(&mut self, name: String, file: FileId, library: bool) -> ModuleId {
        let (ast, found) = syntax::parse(self.sources, file);
        self.diagnostics.extend(found);
        let module = Module { name: name.clone(), file, library, ast, imports: HashMap::new() };
        let id = self.modules.arena.push(module);
        match library {
            true => drop(self.modules.by_name.insert(name, id)),
            // No import leads to a file with a dot in its name, because `import a.b` means the file `a/b.weft`.
            false => drop(self.by_path.insert(PathBuf::from(&self.sources.file(file).name), id)),
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
            let suggestion = closest(name.as_str(), PUBLIC);
            self.diagnostics.push(errors::unknown_library_module(path, suggestion));
        }
        found
    }

    /// Loads the file that the module `from` imports as `path`: a path relative to the folder of `from` or, if that
    /// file does not exist, to a root. A module of the library cannot import files.
    fn import_file(&mut self, from: ModuleId, path: &ast::Path) -> Option<ModuleId> {
        let importer = &self.modules.arena[from];
        if importer.library {
            self.diagnostics.push(errors::unknown_library_module(path, None));
            return None;
        }
        let own = Path::new(&self.sources.file(importer.file).name);
        let own = own.parent().unwrap_or(Path::new("")).to_owned();
        let others = self.roots.iter().filter(|root| **root != own);
        let files: Vec<PathBuf> =
            [&own].into_iter().chain(others).map(|folder| self.as_written(file_in(folder, path))).collect();
        for file in &files {
            if let Some(loaded) = self.file(file) {
                return Some(loaded);
            }
            if let Some(Unavailable::Unreadable(_)) = self.failed.get(file) {
                break;
            }
        }
        let unreadable = files.iter().find(|&file| self.is_unreadable(file));
        let error = self.missing_file(path, unreadable.unwrap_or(&files[0]));
        self.diagnostics.push(error);
        None
    }

    /// The one name of a file: a file that is reached through the project's folder may lie in the program's folder.
    fn as_written(&self, file: PathBuf) -> PathBuf {
        let inside = self.program.as_ref().and_then(|program| file.strip_prefix(program).ok());
        inside.map(|inside| self.roots[0].join(inside)).unwrap_or(file)
    }

    fn is_unreadable(&self, file: &Path) -> bool {
        matches!(self.failed.get(file), Some(Unavailable::Unreadable(_)))
    }

    /// The module of a file, loaded if it was not loaded before; `None` if it cannot be read.
    fn file(&mut self, file: &Path) -> Option<ModuleId> {
        if let Some(&loaded) = self.by_path.get(file) {
            return Some(loaded);
        }
        if self.failed.contains_key(file) {
            return None;
        }
        match (self.read)(file) {
            Ok(text) => {
                let name = self.name_of(file);
                let id = self.sources.add(file.display().to_string(), text);
                Some(self.add(name, id, false))
            }
            Err(why) => {
                self.failed.insert(file.to_owned(), why);
                None
            }
        }
    }

    /// The name of a file's module: its path from the first root that contains the file.
    fn name_of(&self, file: &Path) -> String {
        let inside = self.roots.iter().find_map(|root| file.strip_prefix(root).ok());
        let path = inside.unwrap_or(file).with_extension("");
        let names: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
        names.join(".")
    }

    fn missing_file(&self, path: &ast::Path, file: &Path) -> Diagnostic {
        let siblings = match &self.failed[file] {
            Unavailable::Unreadable(reason) => return errors::unreadable_module(path, file, reason),
            Unavailable::Missing(siblings) => siblings,
        };
        let of_library = path.single().map(ast::Name::as_str).filter(|name| PUBLIC.contains(name));
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

/// The file in a folder to which the path of an import leads.
fn file_in(folder: &Path, path: &ast::Path) -> PathBuf {
    let mut file = folder.to_owned();
    file.extend(path.names.iter().map(ast::Name::as_str));
    file.set_extension("weft");
    file
}
