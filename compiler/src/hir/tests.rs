//! What is wrong with names: each program with the code of what is found and the text it points at.

use crate::source::SourceMap;
use crate::syntax;

/// Errors and warnings of a program, as `E0102 prinln`.
fn found(source: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    let file = sources.add("test.weft", source);
    let (ast, syntax_errors) = syntax::parse(&sources, file);
    assert!(syntax_errors.is_empty(), "{syntax_errors:#?}");
    let (hir, diagnostics) = super::resolve(&ast);
    // The tree is whole whatever was wrong.
    super::dump(&hir, &|_, _| None);
    let text = |found: &crate::diagnostics::Diagnostic| {
        format!("{} {}", found.code.0, sources.text(found.primary.span))
    };
    diagnostics.iter().map(text).collect()
}

/// Each program, and what is found in it, separated by commas.
fn expect(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(found(source).join(", "), *expected, "in\n{source}");
    }
}

/// As [`expect`], for what stands in `main`.
fn expect_in_main(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        expect(&[(&format!("fn main() {{ {body} }}"), expected)]);
    }
}

#[test]
fn names_are_known() {
    expect_in_main(&[
        ("prinln(1)", "E0102 prinln"),
        // Once is enough.
        ("cuont + cuont", "E0102 cuont"),
        ("{ let a = 1; a }; a", "E0102 a"),
        ("let a = a", "E0102 a"),
        ("for i in 0..3 { }; i", "E0102 i"),
        ("let a: Strin = \"\"; a", "E0103 Strin"),
        ("let a: main = 1; a", "E0103 main"),
        ("let a: Int[Int] = 1; a", "E0112 Int[Int]"),
        ("let a: Task = spawn f(); a", "E0112 Task, E0102 f"),
        ("Int(2)", "E0113 Int"),
        ("let a = Int; a", "E0113 Int"),
        ("later(); fn_later()", "E0102 later, E0102 fn_later"),
    ]);
    expect(&[
        ("fn main() { later() }; fn later() { }", ""),
        ("fn f() { }; fn f() { }", "E0104 f"),
        ("fn f(a: Int, a: Int) { a }", "E0105 a"),
        ("fn println(x: Int) -> Int { x }; fn main() { println(1) }", ""),
    ]);
}

#[test]
fn suggestions_are_close() {
    let mut sources = SourceMap::new();
    let file = sources
        .add("test.weft", "fn total() { }; fn main() { let count = 1; tota(); coutn; prnit(count); zebra }");
    let (ast, _) = syntax::parse(&sources, file);
    let (_, diagnostics) = super::resolve(&ast);
    let fixes: Vec<_> =
        diagnostics.iter().map(|found| found.fixes.first().map(|fix| fix.replacement.as_str())).collect();
    assert_eq!(fixes, [Some("total"), Some("count"), Some("print"), None]);
}

#[test]
fn only_variables_are_assigned() {
    expect_in_main(&[
        ("let a = 1; a = 2", "E0106 a"),
        ("let a = 1; a += 2", "E0106 a"),
        ("for i in 0..3 { i = 1 }", "E0106 i"),
        ("main = 1", "E0106 main"),
        ("print = 1", "E0106 print"),
        ("a = 1", "E0102 a"),
        ("let a = 1; spawn { a = 2 }", "E0106 a"),
    ]);
    expect(&[("fn f(a: Int) { a = 1 }", "E0106 a")]);
}

#[test]
fn loops_are_there() {
    expect_in_main(&[
        ("break", "E0107 break"),
        ("continue", "E0107 continue"),
        ("loop { spawn { break } }", "E0107 break"),
        ("outer: loop { spawn { loop { continue outer } } }", "E0107 continue"),
        ("spawn { loop { break } }", ""),
        ("outer: loop { loop { continue outr } }", "E0108 outr"),
        ("while true { break (1) }", "E0109 1"),
        ("for i in 0..3 { break (i) }", "E0109 i"),
        ("loop { break (1) }", ""),
    ]);
}

#[test]
fn integers_fit() {
    expect_in_main(&[
        ("println(9223372036854775807)", ""),
        ("println(9223372036854775808)", "E0110 9223372036854775808"),
        ("println(-9223372036854775808)", ""),
        ("println(-9223372036854775809)", "E0110 9223372036854775809"),
        ("println(0x8000_0000_0000_0000)", "E0110 0x8000_0000_0000_0000"),
        ("println(- -9223372036854775808)", ""),
    ]);
}

#[test]
fn threads_read_lets_alone() {
    expect_in_main(&[
        ("var a = 1; spawn { println(a) }", "E0111 a"),
        ("var a = 1; spawn { spawn { println(a); a } }", "E0111 a"),
        ("var a = 1; a += 1; spawn println(a)", ""),
        ("let a = 1; spawn { spawn { println(a) } }", ""),
        ("spawn { var a = 1; a += 1; println(a) }", ""),
        ("var a = 1; spawn { a = 2 }", "E0111 a"),
    ]);
}

#[test]
fn labels_are_for_structs() {
    expect(&[
        ("fn f(a: Int) { a }; fn main() { f(a: 1) }", "E0114 a"),
        ("fn f(a: Int) { a }; fn main() { f(..1) }", "E0114 1"),
    ]);
}

#[test]
fn what_is_not_supported_yet_is_named_once() {
    expect(&[
        ("struct Point { x: Int }; fn f(p: Point) -> Point { Point(x: 1) }", "E0900 Point"),
        ("enum Shape { Empty, Round(Int) }; fn f() -> Shape { Round(Empty) }", "E0900 Shape"),
        ("import std.time; fn f() { println(time.now()) }", "E0900 std.time"),
        ("import geometry.{area, Point}; fn f(p: Point) { area(p) }", "E0900 geometry"),
        ("const LIMIT: Int = 1; fn f() -> Int { LIMIT + LIMIT }", "E0900 LIMIT"),
        ("type Grid = [[Int]]; fn f(g: Grid) { g }", "E0900 Grid"),
        ("trait Named { fn name(self) -> String }", "E0900 Named"),
        ("impl Int { fn twice(self) -> Int { self * 2 } }", "E0900 Int"),
        ("extern \"C\" { fn getpid() -> CInt }; fn f() { getpid() }", "E0900 extern"),
        ("test \"one\" { assert(true) }", "E0900 \"one\""),
        ("fn same[T: Eq](a: T, b: T) -> T { a }; fn f() { same(1, 2) }", "E0900 T"),
        ("gen fn walk() -> Int { yield 1 }; fn f() { for i in walk() { i } }", "E0900 walk"),
        ("fn f((a, b): (Int, Int)) -> Int { a + b }", "E0900 (a, b), E0900 (Int, Int)"),
        ("fn f(g: fn(Int) -> Int) { g(1) }", "E0900 fn(Int) -> Int"),
        ("fn f(v: Vec[Int], o: Int?) { v }", "E0900 Vec[Int], E0900 Int?"),
        ("fn f(p: geometry.Point) { p }", "E0900 geometry.Point"),
    ]);
    expect_in_main(&[
        ("match 1 { x => println(x) }", "E0900 match"),
        ("if let Some(x) = main() { println(x) }", "E0900 if"),
        ("while let Some(x) = main() { println(x) }", "E0900 while"),
        ("let (a, b) = 1; println(a + b)", "E0900 (a, b)"),
        ("let f = |x| x + 1; f(2)", "E0900 |x| x + 1"),
        ("let f = main; f()", "E0900 main"),
        ("let c = 'a'; let b = b'a'; c == b", "E0900 'a', E0900 b'a'"),
        ("let xs = [1, 2]; xs[0] = 3", "E0900 [1, 2], E0900 xs[0]"),
        ("let t = (1, 2); t.0", "E0900 (1, 2), E0900 0"),
        ("let r = 0..3; for i in r { i }", "E0900 0..3"),
        ("scope { spawn main() }", "E0900 scope"),
        ("select { else => 1 }", "E0900 select"),
        ("yield 1", "E0900 yield 1"),
        ("main()?", "E0900 ?"),
        ("println(Int.MAX + Float.max(1))", "E0900 Int.MAX, E0900 Float.max"),
        ("sleep(1); let c = chan(0); c.send(1)", "E0900 sleep, E0900 chan"),
        ("let s = \"abc\"; s[0..1]", "E0900 s[0..1]"),
    ]);
}

#[test]
fn lints_are_few() {
    expect_in_main(&[
        ("let count = 1", "W0002 count"),
        ("var count = 1; count += 1", "W0002 count"),
        ("let _count = 1; let _ = 2; for i in 0..3 { }", ""),
        ("let count = 1; spawn { count }", ""),
        ("let myCount = 1; println(myCount)", "W0001 myCount"),
        // Where there is an error, a variable may only seem unused.
        ("let count = 1; match count { _ => count }", "E0900 match"),
    ]);
    expect(&[("fn isReady(unused: Int) { }", "W0001 isReady")]);
}
