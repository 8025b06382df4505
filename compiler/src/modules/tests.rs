//! The loading of a program's files, and errors about missing files.

use std::path::Path;

use super::{KNOWN, Modules, PUBLIC, Project, Unavailable, load};
use crate::arena::Id;
use crate::diagnostics::Diagnostic;
use crate::library;
use crate::source::SourceMap;

/// Loads `app/main.weft`, the first of `files`. Also returns the paths that were read.
fn loaded(files: &[(&str, &str)]) -> (SourceMap, Modules, Vec<Diagnostic>, Vec<String>) {
    loaded_in(None, files)
}

/// Loads `app/main.weft` with a `weft.toml` in the folder `project`.
fn loaded_in(
    project: Option<&str>,
    files: &[(&str, &str)],
) -> (SourceMap, Modules, Vec<Diagnostic>, Vec<String>) {
    let mut sources = SourceMap::new();
    let root = sources.add("app/main.weft", files[0].1);
    let project =
        project.map(|folder| Project { folder: folder.into(), program: Path::new(folder).join("app") });
    let mut asked = Vec::new();
    let (modules, diagnostics) = load(&mut sources, root, &[], project.as_ref(), &mut |path| {
        let path = path.to_str().expect("a path of the test");
        asked.push(path.to_string());
        match files.iter().find(|(name, _)| *name == path) {
            Some((_, "unreadable")) => Err(Unavailable::Unreadable("denied".to_string())),
            Some((_, text)) => Ok(text.to_string()),
            None => {
                let stem = |name: &str| {
                    name.strip_suffix(".weft").and_then(|name| name.rsplit('/').next().map(str::to_owned))
                };
                Err(Unavailable::Missing(files.iter().filter_map(|(name, _)| stem(name)).collect()))
            }
        }
    });
    (sources, modules, diagnostics, asked)
}

fn own_names(modules: &Modules) -> Vec<&str> {
    modules.arena.iter().filter(|module| !module.library).map(|module| module.name.as_str()).collect()
}

#[test]
fn imports_are_followed_breadth_first_and_each_file_is_read_once() {
    let (_, modules, diagnostics, asked) = loaded(&[
        (
            "app/main.weft",
            "import shapes.circle; import geometry.{area}; import geometry as g; fn main() { }",
        ),
        ("app/shapes/circle.weft", "import square; import deep.er"),
        ("app/geometry.weft", "import main; import geometry"),
        ("app/shapes/square.weft", "import circle"),
        ("app/shapes/deep/er.weft", ""),
    ]);
    assert_eq!(diagnostics, []);
    assert_eq!(own_names(&modules), ["main", "shapes.circle", "geometry", "shapes.square", "shapes.deep.er"]);
    let read =
        ["app/shapes/circle.weft", "app/geometry.weft", "app/shapes/square.weft", "app/shapes/deep/er.weft"];
    assert_eq!(asked, read);
    let imports: Vec<usize> = modules.arena.iter().map(|module| module.imports.len()).collect();
    assert_eq!(imports[0], 3);
}

#[test]
fn imports_fall_back_to_the_roots() {
    let (_, modules, diagnostics, asked) = loaded_in(
        Some(""),
        &[
            ("app/main.weft", "import shapes.circle; import geometry; import app.geometry as same"),
            ("app/shapes/circle.weft", "import geometry; import main; import colours"),
            ("app/geometry.weft", "import colours"),
            ("geometry.weft", ""),
            ("colours.weft", "import app.main; import geometry as other"),
        ],
    );
    assert_eq!(own_names(&modules), ["main", "shapes.circle", "geometry", "colours", "geometry"]);
    assert_eq!(diagnostics, []);
    assert!(asked.contains(&"app/shapes/geometry.weft".to_string()), "{asked:?}");
    let targets = |id: usize| {
        let module = modules.arena.iter().nth(id).expect("it is loaded");
        let mut targets: Vec<usize> = module.imports.values().map(|target| target.raw()).collect();
        targets.sort_unstable();
        targets
    };
    let at = |name: &str| modules.arena.iter().position(|module| module.name == name).expect("it is loaded");
    let (circle, geometry, colours) = (at("shapes.circle"), at("geometry"), at("colours"));
    assert_eq!(targets(0), [circle, geometry, geometry]);
    assert_eq!(targets(circle), [0, geometry, colours]);
    assert_eq!(targets(colours), [0, modules.arena.iter().count() - 1]);
}

#[test]
fn a_file_that_two_paths_lead_to_is_one_module() {
    let (_, modules, diagnostics, _) = loaded_in(
        Some("/whole"),
        &[
            ("app/main.weft", "import geometry; import colours"),
            ("app/geometry.weft", ""),
            ("/whole/app/geometry.weft", ""),
            ("/whole/colours.weft", "import app.geometry"),
        ],
    );
    assert_eq!(diagnostics, []);
    assert_eq!(own_names(&modules), ["main", "geometry", "colours"]);
}

#[test]
fn only_library_modules_that_are_reached_are_loaded() {
    let (sources, modules, diagnostics, _) = loaded(&[("app/main.weft", "import std.intrinsics")]);
    assert_eq!(diagnostics, []);
    for name in KNOWN {
        let module = modules.library(name).expect("it is always loaded");
        assert!(modules.arena[module].library);
        assert_eq!(sources.file(modules.arena[module].file).name, format!("std/{name}.weft"));
    }
    assert!(modules.library("intrinsics").is_some());
    assert!(modules.arena.iter().filter(|module| module.library).count() <= library::FILES.len());
}

#[test]
fn the_modules_that_a_program_may_import_are_documented() {
    assert!(PUBLIC.iter().all(|name| library::source(name).is_some()));
    let page = include_str!("../../../docs/language.md");
    let (_, list) =
        page.split_once("The modules of `std` that a program can import: `").expect("it has a list");
    let (list, _) = list.split_once('`').expect("the list ends");
    assert_eq!(list.split_whitespace().collect::<Vec<_>>(), PUBLIC);
}

/// The message of each diagnostic, and the replacement of its fix.
fn said(files: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    let (_, _, diagnostics, _) = loaded(files);
    let fix = |found: &Diagnostic| found.fixes.first().map(|fix| fix.replacement.clone());
    diagnostics
        .iter()
        .map(|found| (format!("{} {}", found.code.0, found.primary.message), fix(found)))
        .collect()
}

#[test]
fn missing_modules_are_reported_with_where_they_were_looked_for() {
    let cases = [
        ("import geomtry; import geometry", "E0116 there is no file `app/geomtry.weft`", Some("geometry")),
        ("import a.b", "E0116 there is no file `app/a/b.weft`", None),
        ("import option", "E0116 there is no file `app/option.weft`", Some("std.option")),
        ("import time", "E0116 there is no file `app/time.weft`", Some("std.time")),
        ("import std.optoin", "E0116 no module of this name", Some("std.option")),
        ("import std", "E0116 no module of this name", None),
        ("import std.a.b", "E0116 no module of this name", None),
        ("import secret", "E0117 `app/secret.weft`: denied", None),
    ];
    for (program, label, fix) in cases {
        let files =
            [("app/main.weft", program), ("app/geometry.weft", ""), ("app/secret.weft", "unreadable")];
        assert_eq!(said(&files), [(label.to_string(), fix.map(str::to_owned))], "{program}");
    }
    // An error is reported for each import, but the file is searched for only once.
    let (_, _, diagnostics, asked) = loaded(&[("app/main.weft", "import a; import a as b")]);
    assert_eq!((diagnostics.len(), asked.len()), (2, 1));
}

#[test]
fn errors_of_syntax_are_those_of_all_files() {
    let files = [("app/main.weft", "import other; fn"), ("app/other.weft", "struct")];
    assert_eq!(said(&files).len(), 2);
}
