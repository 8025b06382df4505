//! The order rule: a module uses only modules that are declared above it, in its own `mod.rs` or in a module around it.
//!
//! ```text
//! lower/mod.rs          lower/instances.rs: use super::measures::Measures;      measures is above: allowed
//!   mod measures;       lower/measures.rs:  use super::instances::Instances;    instances is below: a fault
//!   mod instances;
//! ```
//!
//! Two modules are compared at the point where their paths diverge. So the rule orders all files of a crate, and there
//! are no cycles between files. A module may use all its submodules, and they may use it.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::{assert_none, root, without_tests};

/// The crates: the folders of their `lib.rs`.
const CRATES: [&str; 4] = ["compiler/src", "runtime/src", "runtime/hot/src", "runtime/abi/src"];

/// The path of a module from the root of its crate.
type ModulePath = Vec<String>;

/// A module that is not part of tests.
struct Module {
    file: PathBuf,
    syntax: syn::File,
    /// The submodules in the order of their declarations, without test modules.
    children: Vec<String>,
}

/// The modules of a crate.
struct Crate(HashMap<ModulePath, Module>);

impl Crate {
    fn read(source: &str) -> Crate {
        let mut modules = Crate(HashMap::new());
        modules.add(root().join(source).join("lib.rs"), Vec::new());
        modules
    }

    fn add(&mut self, file: PathBuf, path: ModulePath) {
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut children = Vec::new();
        for module in syntax.items.iter().filter_map(declared) {
            let name = module.ident.to_string();
            let child = file_of(&file, &name);
            children.push(name.clone());
            if let Some(child) = child.filter(|_| module.content.is_none()) {
                self.add(child, path.iter().cloned().chain([name]).collect());
            }
        }
        self.0.insert(path, Module { file, syntax, children });
    }

    /// The module to which the path `used` refers in the module `from`.
    fn target(&self, from: &ModulePath, used: &[String]) -> Option<ModulePath> {
        let (mut at, rest) = match used.first()?.as_str() {
            "crate" => (Vec::new(), &used[1..]),
            "self" => (from.clone(), &used[1..]),
            "super" => {
                let steps = used.iter().take_while(|step| *step == "super").count();
                (from[..from.len().checked_sub(steps)?].to_vec(), &used[steps..])
            }
            name if self.0[from].children.iter().any(|child| child == name) => (from.clone(), used),
            _ => return None,
        };
        for name in rest {
            at.push(name.clone());
            if !self.0.contains_key(&at) {
                at.pop();
                break;
            }
        }
        Some(at)
    }

    /// Compares a use of `to` in `from` with the order. If `to` is declared below `from`, returns both modules at the
    /// point where their paths diverge.
    fn against_order(&self, from: &ModulePath, to: &ModulePath) -> Option<[String; 2]> {
        let common = from.iter().zip(to).take_while(|(one, other)| one == other).count();
        let (own, other) = (from.get(common)?, to.get(common)?);
        let order = &self.0[&from[..common]].children;
        let place = |name| order.iter().position(|child| child == name);
        (place(other)? > place(own)?).then(|| [own.clone(), other.clone()])
    }
}

/// The module that an item declares, unless it is a test module.
fn declared(item: &syn::Item) -> Option<&syn::ItemMod> {
    match item {
        syn::Item::Mod(module) if !super::is_test(&module.attrs) => Some(module),
        _ => None,
    }
}

/// The file of a module that is declared in `file`.
fn file_of(file: &Path, name: &str) -> Option<PathBuf> {
    let folder = match file.file_name()?.to_str()? {
        "lib.rs" | "mod.rs" => file.parent()?.to_owned(),
        _ => file.with_extension(""),
    };
    [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")]
        .into_iter()
        .find(|path| path.is_file())
}

/// Collects all paths in tokens, with their lines; `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths(tokens: TokenStream, prefix: &[String], found: &mut Vec<(Vec<String>, usize)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => paths(group.stream(), &[], found),
            TokenTree::Ident(first) => {
                let line = first.span().start().line;
                let mut path = prefix.to_vec();
                path.push(first.to_string());
                while super::is_colons(&tokens[at + 1..]) {
                    match tokens.get(at + 3) {
                        Some(TokenTree::Ident(next)) => path.push(next.to_string()),
                        Some(TokenTree::Group(group)) => {
                            paths(group.stream(), &path, found);
                            at += 3;
                            break;
                        }
                        _ => break,
                    }
                    at += 3;
                }
                found.push((path, line));
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

fn relative(file: &Path) -> String {
    file.strip_prefix(root()).expect("it is in the project").display().to_string()
}

#[test]
fn modules_use_only_those_above_them() {
    let mut faults = Vec::new();
    for source in CRATES {
        let modules = Crate::read(source);
        for (path, module) in &modules.0 {
            let file = relative(&module.file);
            let mut used = Vec::new();
            paths(without_tests(&module.syntax), &[], &mut used);
            let mut told = HashSet::new();
            for (to, line) in used {
                let Some(to) = modules.target(path, &to) else { continue };
                let Some([own, other]) = modules.against_order(path, &to) else { continue };
                if told.insert(to) {
                    faults.push(format!("{file}:{line}: `{own}` uses `{other}`, which is declared below it"));
                }
            }
        }
    }
    faults.sort();
    assert_none(faults);
}

/// Each declaration of a module needs a line of documentation, so that readers can find the module that they need.
#[test]
fn modules_are_declared_with_a_line_of_documentation() {
    let mut faults = Vec::new();
    for source in CRATES {
        for module in Crate::read(source).0.values() {
            let file = relative(&module.file);
            for child in module.syntax.items.iter().filter_map(declared) {
                let is_documented = child.attrs.iter().any(|attribute| attribute.path().is_ident("doc"));
                if !is_documented {
                    let line = child.ident.span().start().line;
                    faults.push(format!("{file}:{line}: `mod {}` without a line about it", child.ident));
                }
            }
        }
    }
    faults.sort();
    assert_none(faults);
}

/// The function `paths` finds the paths in lists, nested lists and macros.
#[test]
fn paths_are_found_wherever_they_stand() {
    let text = "use a::{b, c::{d, e}}; fn f() { g!(crate::h::i(super::j)); }";
    let file = syn::parse_file(text).expect("it is Rust");
    let mut found = Vec::new();
    paths(file.to_token_stream(), &[], &mut found);
    let found: HashSet<String> = found.into_iter().map(|(path, _)| path.join("::")).collect();
    for path in ["a::b", "a::c::d", "a::c::e", "crate::h::i", "super::j"] {
        assert!(found.contains(path), "{path} is not in {found:?}");
    }
}
