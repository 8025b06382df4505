//! The rules that keep the code readable, each as a test. `docs/architecture.md` gives the reasons.

#[path = "tidy/order.rs"]
mod order;
#[path = "tidy/prose.rs"]
mod prose;
#[path = "tidy/runtime.rs"]
mod runtime;

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The greatest number of lines of a file.
const FILE_LINES: usize = 500;
/// The greatest number of lines of a function.
const FUNCTION_LINES: usize = 70;
/// The greatest number of characters of a line.
const WIDTH: usize = 120;

/// The root of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own").to_owned()
}

/// The project's files whose names have one of the endings: for each file, its path from the root and its text.
fn sources(endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the project is readable") {
            let path = entry.expect("the project is readable").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8");
            if path.is_dir() {
                if name != "target" && name != ".git" {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let relative = path.strip_prefix(root()).expect("it was found there").display().to_string();
                found.push((relative, fs::read_to_string(&path).expect("sources are UTF-8")));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no files with {endings:?}");
    found
}

fn rust_sources() -> Vec<(String, syn::File)> {
    let parse = |(path, text): (String, String)| {
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        (path, file)
    };
    sources(&[".rs"]).into_iter().map(parse).collect()
}

fn assert_none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn files_are_short() {
    let mut faults = Vec::new();
    for (path, text) in sources(&[".rs", ".lalrpop", ".weft", ".js", ".css"]) {
        let lines = text.lines().count();
        if lines > FILE_LINES {
            faults.push(format!("{path}: {lines} lines, at most {FILE_LINES} are allowed"));
        }
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > WIDTH && !path.ends_with(".weft") {
                faults.push(format!("{path}:{}: wider than {WIDTH} characters", number + 1));
            }
        }
    }
    assert_none(faults);
}

#[test]
fn functions_are_short() {
    struct Lengths(Vec<(String, usize, usize)>);
    impl Lengths {
        fn measure(&mut self, name: &syn::Ident, body: &impl Spanned) {
            let (start, end) = (body.span().start().line, body.span().end().line);
            self.0.push((name.to_string(), start, end + 1 - start));
        }
    }
    impl<'ast> Visit<'ast> for Lengths {
        fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
            self.measure(&function.sig.ident, function);
            visit::visit_item_fn(self, function);
        }
        fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
            self.measure(&function.sig.ident, function);
            visit::visit_impl_item_fn(self, function);
        }
    }
    let mut faults = Vec::new();
    for (path, file) in rust_sources() {
        let mut lengths = Lengths(Vec::new());
        lengths.visit_file(&file);
        for (name, line, length) in lengths.0 {
            if length > FUNCTION_LINES {
                faults.push(format!(
                    "{path}:{line}: `{name}` has {length} lines, at most {FUNCTION_LINES} are allowed"
                ));
            }
        }
    }
    for (path, text) in sources(&[".weft"]).into_iter().filter(|(path, _)| !is_test_file(path)) {
        faults.extend(long_weft_functions(&path, &text));
    }
    assert_none(faults);
}

/// The functions of a Weft file that are too long. A function ends at the first `}` with the indentation of its `fn`.
fn long_weft_functions(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut start: Option<(usize, &str)> = None;
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        let is_function = code.starts_with("fn ") || code.starts_with("pub fn ");
        if is_function && !code.ends_with('}') {
            start = Some((number, indent));
        } else if code.starts_with('}')
            && let Some((first, _)) = start.take_if(|(_, outer)| *outer == indent)
        {
            let length = number + 1 - first;
            if length > FUNCTION_LINES {
                faults.push(format!(
                    "{path}:{}: {length} lines, at most {FUNCTION_LINES} are allowed",
                    first + 1
                ));
            }
        }
    }
    faults
}

/// Collects the names that follow `first` in paths, with their lines: `second` in `first::second`, and each name in
/// `first::{...}`. Ignores strings, comments and documentation.
fn paths(tokens: TokenStream, first: &str, found: &mut Vec<(String, usize)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => paths(group.stream(), first, found),
            TokenTree::Ident(ident) if ident == first && is_colons(&tokens[at + 1..]) => {
                match tokens.get(at + 3) {
                    Some(TokenTree::Ident(second)) => {
                        found.push((second.to_string(), second.span().start().line))
                    }
                    Some(TokenTree::Group(group)) => list(group.stream(), found),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    tokens.len() >= 2 && tokens[..2].iter().all(is_colon)
}

/// Collects the first name of each part of a `use` list.
fn list(tokens: TokenStream, found: &mut Vec<(String, usize)>) {
    let mut begins = true;
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if begins => found.push((ident.to_string(), ident.span().start().line)),
            _ => {}
        }
        begins = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
    }
}

/// The tokens of a file, without the items that are only for tests or documentation.
fn without_tests(file: &syn::File) -> TokenStream {
    let kept = file.items.iter().filter(|item| match item {
        syn::Item::Mod(module) => !is_test(&module.attrs),
        syn::Item::Fn(function) => !is_test(&function.attrs),
        syn::Item::Use(import) => !is_test(&import.attrs),
        _ => true,
    });
    kept.map(quote::ToTokens::to_token_stream).collect()
}

/// Whether an item with these attributes is only for tests or documentation.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && ["test", "doc"].contains(&list.tokens.to_string().as_str())
        }
        _ => false,
    })
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// Each foreign crate may be named only in the files that `DOORS` lists for it.
#[test]
fn foreign_crates_stay_behind_their_doors() {
    const DOORS: [(&str, &[&str]); 9] = [
        ("inkwell", &["compiler/src/codegen", "examples/minimal-switch"]),
        ("llvm_sys", &["compiler/src/codegen"]),
        ("ariadne", &["compiler/src/render"]),
        ("clap", &["compiler/src/main.rs"]),
        ("logos", &["compiler/src/syntax"]),
        ("lalrpop_util", &["compiler/src/syntax"]),
        ("lalrpop", &["compiler/build.rs"]),
        ("rustix", &["compiler/src/driver"]),
        // The module `image` asks the dynamic linker for the executable's tables, which is no system call.
        (
            "libc",
            &[
                "compiler/src/driver/signals.rs",
                "runtime/src/os",
                "runtime/src/trace/image.rs",
                "tests/harness/tracing.rs",
                "tests/switches",
            ],
        ),
    ];
    let mut faults = Vec::new();
    for (path, file) in rust_sources() {
        for (name, doors) in DOORS {
            let allowed = path.starts_with("bench/") || doors.iter().any(|door| path.starts_with(door));
            if allowed || is_test_file(&path) {
                continue;
            }
            let mut found = Vec::new();
            paths(without_tests(&file), name, &mut found);
            faults.extend(
                found.iter().map(|(_, line)| format!("{path}:{line}: only {doors:?} may name `{name}`")),
            );
        }
    }
    assert_none(faults);
}

/// Only the driver may use the parts of `std` that reach outside the compiler: files, the network, the environment,
/// processes and streams.
#[test]
fn only_the_driver_touches_the_world() {
    let mut faults = Vec::new();
    for (path, file) in rust_sources() {
        if !path.starts_with("compiler/src") || path.starts_with("compiler/src/driver") || is_test_file(&path)
        {
            continue;
        }
        let mut found = Vec::new();
        paths(without_tests(&file), "std", &mut found);
        let world = ["fs", "net", "env", "process", "io"];
        for (name, line) in found {
            // `main.rs` is exempt because it asks whether its output is a terminal.
            if world.contains(&name.as_str()) && path != "compiler/src/main.rs" {
                faults.push(format!("{path}:{line}: only the driver may use `std::{name}`"));
            }
        }
    }
    assert_none(faults);
}

/// Clippy has this rule, too, but Clippy does not run with the tests.
#[test]
fn unsafe_code_says_why_it_is_safe() {
    let mut faults = Vec::new();
    for (path, text) in sources(&[".rs"]) {
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        for (number, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !(code.contains("unsafe {") || code.starts_with("unsafe impl")) || path == "tests/tidy.rs" {
                continue;
            }
            // The comment may be some lines above the block: above the statement that contains the block.
            let said = lines[..number].iter().rev().take(8).any(|before| before.starts_with("// SAFETY:"));
            if !said {
                faults.push(format!("{path}:{}: no `// SAFETY:` above", number + 1));
            }
        }
    }
    assert_none(faults);
}
