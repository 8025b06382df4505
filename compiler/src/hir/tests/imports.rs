//! Programs of several files: imports and private items.

use super::{resolved, resolved_files};
use crate::diagnostics::Diagnostic;

const GEOMETRY: (&str, &str) = (
    "geometry.weft",
    "pub struct Point { pub x: Int }\n\
     impl Point { fn origin() -> Point { Point(x: 0) } }\n\
     pub enum Shape { Circle(Int), Empty }\n\
     pub fn area(s: Shape) -> Int { secret() }\n\
     fn secret() -> Int { LIMIT }\n\
     pub const LIMIT: Int = 1\n\
     enum Hidden { Ghost }\n\
     pub trait Named { fn name(self) -> String }\n\
     pub type Points = [Point]\n",
);

/// Compares the diagnostics of a program of several files with `expected`; returns a report if they differ.
fn differs(files: &[(&str, &str)], expected: &str) -> Option<String> {
    let (sources, hir, diagnostics) = resolved_files(files);
    crate::hir::dump(&hir, &|_, _| None);
    let text = |found: &Diagnostic| {
        let span = found.primary.span;
        format!("{} {}:{}", found.code.0, sources.file(span.file).name, sources.text(span))
    };
    let found = diagnostics.iter().map(text).collect::<Vec<_>>().join(", ");
    (found != expected).then(|| format!("{}\n  has `{found}`, not `{expected}`", files[0].1))
}

fn expect_files(files: &[(&str, &str)], expected: &str) {
    assert_eq!(differs(files, expected), None);
}

/// Checks the diagnostics of programs that may import `geometry`.
fn expect_main(cases: &[(&str, &str)]) {
    let differs = |&(main, expected): &(&str, &str)| differs(&[("main.weft", main), GEOMETRY], expected);
    let faults: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn modules_and_names_are_imported() {
    expect_main(&[
        ("import geometry; fn f(p: geometry.Point) -> Int { geometry.area(geometry.Shape.Circle(p.x)) }", ""),
        ("import geometry as g; fn f() -> g.Points { [g.Point(x: g.LIMIT), g.Point.origin()] }", ""),
        ("import geometry.{area, Shape}; fn f() -> Int { area(Circle(1)) + area(Shape.Empty) }", ""),
        (
            "import geometry.{Circle, Shape}; fn f(s: Shape) -> Int { match s { Circle(r) => r\n Empty => 0 } }",
            "",
        ),
        (
            "import geometry; fn f(s: geometry.Shape) -> Int { match s {\n\
             geometry.Shape.Circle(r) => r\n geometry.Empty => 0 } }",
            "",
        ),
        ("import geometry; fn f(n: Int) -> Int { match n { geometry.LIMIT => 1\n _ => 0 } }", ""),
        ("import geometry; fn f(p: geometry.Point) -> Int { match p { geometry.Point(x) => x } }", ""),
        ("import geometry.{Point}; impl Point { fn twice(self) -> Int { self.x * 2 } }", ""),
        (
            "import geometry; struct A { x: Int }; impl geometry.Named for A { fn name(self) -> String { \"\" } }",
            "",
        ),
        ("import geometry; fn f[T: geometry.Named](x: T) -> String { x.name() }", ""),
        ("import geometry; fn f() -> Int { let geometry = 1; geometry }", "W0005 main.weft:geometry"),
        ("import geometry; fn f() { geometry.area }; fn g() { let h = geometry.area; h }", ""),
    ]);
}

#[test]
fn private_items_are_found_and_refused() {
    expect_main(&[
        ("import geometry; fn f() -> Int { geometry.secret() }", "E0118 main.weft:secret"),
        ("import geometry.{secret}; fn f() -> Int { secret() }", "E0118 main.weft:secret"),
        ("import geometry; fn f() { geometry.Ghost }", "E0118 main.weft:Ghost"),
        ("import geometry; fn f(h: geometry.Hidden) { h }", "E0118 main.weft:Hidden"),
        ("import std.intrinsics; fn f() { intrinsics.now() }", "E0118 main.weft:std.intrinsics"),
        ("import std.intrinsics.{array_new}; fn f() { array_new(1) }", "E0118 main.weft:std.intrinsics"),
    ]);
}

#[test]
fn what_a_module_does_not_have_is_reported() {
    expect_main(&[
        ("import geometry; fn f() -> Int { geometry.aera() }", "E0119 main.weft:aera"),
        ("import geometry.{aera}; fn f() -> Int { aera() }", "E0119 main.weft:aera"),
        ("import geometry; fn f(p: geometry.Pont) { p }", "E0119 main.weft:Pont"),
        (
            "import geometry; fn f(n: Int) { match n { geometry.Squar => 1\n _ => 0 } }",
            "E0119 main.weft:Squar",
        ),
        // Other modules see the items that a module declares, but not the names that it imports.
        ("import geometry; fn f() { geometry.Option }", "E0119 main.weft:Option"),
        ("import geometry; fn f() { geometry }", "E0113 main.weft:geometry"),
        ("import geometry; fn f() { geometry() }", "E0113 main.weft:geometry"),
        ("import geometry; fn f(g: geometry) { g }", "E0103 main.weft:geometry"),
        ("import geometry; fn f() { geometry = 1 }", "E0106 main.weft:geometry"),
    ]);
    let files = [("main.weft", "import geometry; fn f() { geometry.aera() }"), GEOMETRY];
    let (_, _, found) = resolved_files(&files);
    assert_eq!(found[0].fixes[0].replacement, "area");
}

#[test]
fn imports_that_nothing_uses_are_warned_of() {
    expect_main(&[
        ("import geometry.{area, Shape}; fn f(s: Shape) { s }", "W0005 main.weft:area"),
        // The use of a variant is a use of its enum's import.
        ("import geometry.{area, Shape}; fn f() -> Int { area(Empty) }", ""),
        ("import geometry.{area}; fn f() -> Int { area(missing) }", "E0102 main.weft:missing"),
    ]);
    // A module may be imported for its `impl`s alone, so there is no warning.
    let shows = ("shows.weft", "struct A { x: Int }; impl Show for A { fn show(self) -> String { \"\" } }");
    expect_files(&[("main.weft", "import shows; fn f() { }"), shows], "");
}

#[test]
fn modules_may_import_each_other() {
    let files = [
        (
            "main.weft",
            "import other; pub fn even(n: Int) -> Bool { n == 0 || other.odd(n - 1) }\nfn main() { even(2) }",
        ),
        ("other.weft", "import main; pub fn odd(n: Int) -> Bool { n != 0 && main.even(n - 1) }"),
    ];
    expect_files(&files, "");
    let (_, hir, _) = resolved_files(&files);
    assert_eq!(hir.functions[hir.main.expect("it has a main")].name.as_str(), "main");
    // An imported `main` is not the program's `main`.
    let (_, hir, _) = resolved_files(&[
        ("main.weft", "import other.{main}; fn f() { main() }"),
        ("other.weft", "pub fn main() { }"),
    ]);
    assert_eq!(hir.main, None);
}

#[test]
fn two_enums_may_bring_in_one_variant() {
    let left = ("left.weft", "pub enum Left { Leaf, Twig }");
    let right = ("right.weft", "pub enum Right { Leaf }");
    let import = "import left.{Left}; import right.{Right};";
    for (items, expected) in [
        ("fn f() { (Left.Leaf, Right.Leaf, Twig) }", ""),
        ("fn f() { (Leaf, Left.Twig, Right.Leaf) }", ""),
        ("enum Own { Leaf }; fn f() { (Leaf, Left.Twig, Right.Leaf) }", ""),
    ] {
        let main = format!("{import} {items}");
        expect_files(&[("main.weft", &main), left, right], expected);
    }
}

#[test]
fn the_library_is_without_fault_and_its_names_are_known() {
    let (_, hir, found) = resolved("fn main() { }");
    assert_eq!(found, []);
    let items = hir.lang_items;
    let name = |id| hir.nominals[id].name.as_str();
    assert_eq!((name(items.option), name(items.vec), name(items.c_ptr)), ("Option", "Vec", "CPtr"));
    assert_eq!(hir.functions[items.hash_combine].parameters.len(), 2);
    assert!(hir.modules.iter().filter(|module| !module.library).count() == 1);
    // Every public module of the library resolves without errors, also modules that no program here uses.
    let imports: String =
        crate::modules::PUBLIC.iter().map(|name| format!("import std.{name} as {name}_module\n")).collect();
    let (_, _, found) = resolved(&imports);
    let errors: Vec<_> = found.iter().filter(|found| found.code.0.starts_with('E')).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
