//! Tests of the type checker: programs with the codes of their diagnostics and the text to which each points, and
//! the types of correct programs.

mod constants;
mod inference;
mod members;
mod patterns;
mod share;
mod traits;

use crate::diagnostics::Diagnostic;
use crate::hir::{self, Hir};
use crate::modules::{self, Unavailable};
use crate::source::SourceMap;

/// Loads a program of several files, which must load without errors, and resolves its names; the first file is the
/// program's file.
fn load(files: &[(&str, &str)]) -> (Hir, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::new();
    let root = sources.add(files[0].0, files[0].1);
    let (modules, mut diagnostics) = modules::load(&mut sources, root, &[], None, &mut |path| {
        let found = files.iter().find(|(name, _)| path.to_str() == Some(name));
        found.map(|(_, text)| text.to_string()).ok_or(Unavailable::Missing(Vec::new()))
    });
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let (hir, errors) = hir::resolve(&modules);
    diagnostics.extend(errors);
    (hir, diagnostics, sources)
}

/// The diagnostics of a program of several files.
fn check_files(files: &[(&str, &str)]) -> (Vec<Diagnostic>, SourceMap) {
    let (hir, mut diagnostics, sources) = load(files);
    let (types, errors) = super::check(&hir);
    diagnostics.extend(errors);
    super::dump(&hir, &types);
    (diagnostics, sources)
}

fn check(source: &str) -> (Vec<Diagnostic>, SourceMap) {
    check_files(&[("test.weft", source)])
}

#[test]
fn the_library_is_right() {
    let text: String = crate::modules::PUBLIC.map(|name| format!("import std.{name}\n")).concat();
    let (hir, mut diagnostics, sources) = load(&[("test.weft", &text)]);
    // Every module of the library is loaded: each is public, or loaded with every program, or imported by a loaded
    // module.
    assert_eq!(hir.modules.len(), 1 + crate::library::FILES.len());
    diagnostics.extend(super::check_reachable(&hir, true).1);
    // The imports are here to load the modules, and are not used.
    diagnostics.retain(|found| found.code.0 != "W0005");
    for found in &diagnostics {
        let span = found.primary.span;
        println!(
            "{} {}: {} [{}]",
            found.code.0,
            sources.file(span.file).name,
            found.message,
            sources.text(span)
        );
    }
    assert!(diagnostics.is_empty());
}

/// Checks each program, and compares the diagnostics with the expected text.
fn expect(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let (mut diagnostics, sources) = check(source);
        // Most cases are about types and discard values, so the warning about a discarded value is ignored unless the
        // case expects it.
        diagnostics.retain(|found| found.code.0 != "W0004" || expected.contains("W0004"));
        let (found, source) = (found(&diagnostics, &sources), excerpt(source));
        assert_eq!(found, *expected, "in\n{source}");
    }
}

/// The diagnostics as text: for each diagnostic, its code and the source text at its span.
fn found(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let found = diagnostics.iter();
    let found: Vec<_> =
        found.map(|found| format!("{} {}", found.code.0, sources.text(found.primary.span))).collect();
    found.join(", ")
}

/// The part of a source that a failing test shows.
fn excerpt(source: &str) -> &str {
    source.get(..2000).unwrap_or(source)
}

/// The notes of a program's diagnostics.
fn notes(source: &str) -> Vec<String> {
    check(source).0.into_iter().flat_map(|found| found.notes).collect()
}

/// The replacement texts of a program's fixes.
fn fixes(source: &str) -> Vec<String> {
    check(source).0.into_iter().flat_map(|found| found.fixes).map(|fix| fix.replacement).collect()
}

/// Calls [`expect`] with programs whose `main` declares a few variables before the body of each case.
fn expect_in_main(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        let variables = "let _n = 1; let _x = 1.5; let _s = \"\"; let _b = true";
        let source = format!("fn f(a: Int, b: Int) -> Int {{ a + b }}; fn main() {{ {variables}; {body} }}");
        expect(&[(&source, expected)]);
    }
}

/// The messages about a body of `main`.
fn messages(body: &str) -> Vec<String> {
    let (diagnostics, _) = check(&format!("fn main() {{ {body} }}"));
    diagnostics.into_iter().map(|found| found.message).collect()
}

/// The replacement texts of the fixes for a body of `main`.
fn replacements(body: &str) -> Vec<String> {
    fixes(&format!("fn main() {{ {body} }}"))
}

#[test]
fn values_have_the_type_that_is_asked_for() {
    expect_in_main(&[
        ("let a: Int = _x; a", "E0200 _x"),
        ("let a: Float = 1; a", "E0200 1"),
        ("let a: [String] = args(); let t: Task[Int] = spawn f(1, 2); a[t.join()]", ""),
        ("let t: Task[Float] = spawn f(1, 2); t", "E0200 spawn f(1, 2)"),
        ("var _a = 1; _a = 1.5", "E0200 1.5"),
        ("var a = 1; a += 1.5; a", "E0203 a += 1.5"),
        ("f(1, _s)", "E0200 _s"),
        ("f(1)", "E0202 f(1)"),
        ("f(1, 2, _q)", "E0102 _q, E0202 f(1, 2, _q)"),
        ("println(1, 2)", "E0202 println(1, 2)"),
        ("println()", "E0202 println()"),
        ("if _n { }", "E0200 _n"),
        ("while _n { }", "E0200 _n"),
        ("assert(1)", "E0200 1"),
        ("panic(1)", "E0200 1"),
        ("exit(_s)", "E0200 _s"),
        ("assert_eq(1, 1.0)", "E0200 1.0"),
        ("for i in 0..1.5 { i }", "E0200 1.5"),
        ("for i in _n { println(i) }", "E0208 _n"),
        ("for i in args() { let a: Int = i; a }", "E0200 i"),
        ("args()[_x]", "E0200 _x"),
        ("_n[0]", "E0207 _n"),
        ("_s[0]", "E0207 _s"),
        ("_n(1)", "E0211 _n"),
        ("return 1", "E0200 1"),
    ]);
}

#[test]
fn branches_and_loops_have_one_type() {
    expect_in_main(&[
        ("let a = if _b { 1 } else { 1.5 }; a", "E0200 1.5"),
        ("let a = if _b { 1 }; a", ""),
        ("let a: Int = if _b { 1 }; a", "E0200 if _b { 1 }"),
        ("let a = if _b { 1 } else if _b { panic(_s) } else { return }; a + 1", ""),
        ("let a = if _b { return } else { return }; a", "W0003 a"),
        ("if _b { 1 } else { _s }; println(1)", ""),
        ("let a = loop { break }; a", ""),
        ("let a = loop { if _b { break (1) }; break (_x) }; a + 1", "E0200 _x"),
        ("let a: Int = loop { break }; a", "E0201 break"),
        ("let a: Int = loop { }; a", "W0003 a"),
        ("let a: Int = while _b { }; a", "E0200 while _b { }"),
        ("let a: Int = { let _c = 1 }; a", "E0201 }"),
        ("let t = spawn { if _b { return 1 }; 2 }; t.join() + 1", ""),
        ("let t = spawn { if _b { return 1 }; _s }; t", "E0200 _s"),
        ("let t = spawn { loop { } }; t.join()", ""),
    ]);
}

#[test]
fn functions_return_what_they_say() {
    expect(&[
        ("fn f() -> Int { }", "E0201 }"),
        ("fn f() -> Int { let _a = 1 }", "E0201 }"),
        ("fn f(a: Int) -> Int { if a > 0 { return 1 } }", "E0200 if a > 0 { return 1 }"),
        ("fn f() -> Int { while true { return 1 } }", "E0200 while true { return 1 }"),
        ("fn f() -> Int { loop { return 1 } }", ""),
        ("fn f() -> Int { return 1 }", ""),
        ("fn f() -> Int { panic(\"no\") }", ""),
        ("fn f() -> Int { \"a\" }", "E0200 \"a\""),
        ("fn f() -> Int { return }", "E0201 return"),
        ("fn f() -> Int { if true { 1 } else { \"a\" } }", "E0200 \"a\""),
        ("fn f() { 42 }", "W0004 42"),
        ("fn f() { if true { 42 } else { \"a\" } }", ""),
        ("fn f() -> () { f() }", ""),
    ]);
}

#[test]
fn main_is_called_by_the_system() {
    expect(&[
        ("fn main() -> Int { 1 }", ""),
        ("fn main(a: [String]) { println(a.len()) }", ""),
        ("fn main(a: Int) { println(a) }", "E0210 Int"),
        ("fn main(a: [String], b: Int) { println(a.len() + b) }", "E0210 Int"),
        ("fn main() -> Float { 1.0 }", "E0210 Float"),
    ]);
}

#[test]
fn operators_take_what_they_can() {
    expect_in_main(&[
        ("println(_n + 1 - 2 * 3 / 4 % 5)", ""),
        ("println(_x + 1.0 - 2.0 * 3.0 / 4.0 % 5.0)", ""),
        ("println(_s + _s + \"a\")", ""),
        ("println(_n +% 1 -% 2 *% 3 & 4 | 5 ^ 6 << 7 >> 8)", ""),
        ("println(~_n); println(-_x); println(!_b)", ""),
        ("println(_n < 1 && _x < 1.0 || _s < \"a\" && _b >= false)", ""),
        ("println(() == ())", ""),
        ("_n + _x", "E0203 _n + _x"),
        ("_s + _n", "E0203 _s + _n"),
        ("_n == _x", "E0203 _n == _x"),
        ("_s - _s", "E0204 _s - _s"),
        ("_b + _b", "E0204 _b + _b"),
        ("_b & _b", "E0204 _b & _b"),
        ("_x << _x", "E0204 _x << _x"),
        ("_x +% _x", "E0204 _x +% _x"),
        ("_n && _b", "E0200 _n"),
        ("_b && _n", "E0200 _n"),
        ("_n + 1 && _b", "E0200 _n + 1"),
        ("!_n", "E0204 !_n"),
        ("-_s", "E0204 -_s"),
        ("~_b", "E0204 ~_b"),
        ("println(args() == args() && [1] < [2] && (1, _s) >= (2, _s)); println([1] + [2])", ""),
        ("println(b'a' + b'b' * b'c' & ~b'd' << b'e' < b'f'); println('a' < 'b')", ""),
        ("println('a' + 'b')", "E0204 'a' + 'b'"),
        ("println(b'a' + 1)", "E0203 b'a' + 1"),
        ("let t = spawn main(); println(t == t)", "E0204 t == t"),
        // Each mistake is reported once.
        ("let a: Int = (_n + _x) * 2 + 1; a", "E0203 _n + _x"),
        ("if _n == _x { }", "E0203 _n == _x"),
    ]);
}

#[test]
fn methods_are_known() {
    expect_in_main(&[
        ("println(_n.to_float() + _x.to_int().to_float())", ""),
        ("println(_n.to_string() + _x.to_string() + _b.to_string() + _s.to_string())", ""),
        ("println(_s.len() + args().len()); println(_s.is_empty() || args().is_empty())", ""),
        ("let t = spawn main(); t.join(); println(t.is_done() == (t.id() == 2))", ""),
        ("_n.to_flaot()", "E0205 to_flaot"),
        ("_n.len()", "E0205 len"),
        ("_s.split(1)", "E0200 1"),
        ("_n.to_float(1)", "E0202 _n.to_float(1)"),
        ("_s.len + 1", "E0206 len"),
        ("_s.size + 1", "E0206 _s.size"),
        ("_s.trim", "E0206 trim"),
    ]);
}

#[test]
fn what_is_shown_and_how() {
    expect_in_main(&[
        ("println(\"{_n} {_x} {_s} {_b} {()}\")", ""),
        ("println(\"{_n:x} {_n:b} {_n:08} {_n:>8} {_x:.3} {_x:08.2} {_s:<8} {_b:^8}\")", ""),
        ("println(\"{_n:.3}\")", "E0209 :.3"),
        ("println(\"{_b:.3}\")", "E0209 :.3"),
        ("println(\"{_x:x}\")", "E0209 :x"),
        ("println(\"{_s:08}\")", "E0209 :08"),
        ("println(args()); println((1, Some('a'))); println(|x: Int| x)", ""),
        ("println(\"{Some(1):>8} {args():^9} {b'a':x}\")", ""),
        ("println(\"{Some(1):.3}\")", "E0209 :.3"),
        ("let f = |x| \"{x:x}\"; println(f(1) + f(2))", ""),
        ("let f = |x| \"{x:x}\"; println(f(1.5))", "E0209 :x"),
    ]);
}

#[test]
fn lints_are_few() {
    expect_in_main(&[
        ("return; println(1); println(2)", "W0003 println(1)"),
        ("loop { }; println(1)", "W0003 println(1)"),
        ("loop { break }; println(1)", ""),
        ("_n == 1; println(1)", "W0004 _n == 1"),
        ("_n; println(1)", "W0004 _n"),
        ("f(1, 2); println(1)", "W0004 f(1, 2)"),
        ("_n + 1; println(1)", "W0004 _n + 1"),
    ]);
}

#[test]
fn messages_say_what_to_write() {
    assert_eq!(messages("let a: Int = 1.5; a"), ["expected `Int`, found `Float`"]);
    assert_eq!(messages("if 1 { }"), ["a condition must be `Bool`, but this is `Int`"]);
    assert_eq!(messages("1 + 1.5"), ["`+` needs the same type on both sides"]);
    assert_eq!(replacements("let n = 1; println(n + 1.5)"), [".to_float()"]);
    assert_eq!(replacements("println(1 + 1.5)"), [".0"]);
    assert_eq!(replacements("let n = 1; println(\"\" + n)"), [".to_string()"]);
    assert_eq!(replacements("let n = 1; println(n.to_flaot())"), ["to_float"]);
    assert_eq!(replacements("for i in 3 { println(i) }"), ["0.."]);
    assert_eq!(replacements("println()"), ["\"\""]);
    assert_eq!(replacements("println(\"\".len)"), ["()"]);
}

#[test]
fn types_are_written_into_the_tree() {
    let text = "fn main() { let t = spawn { 1.5 }; if t.is_done() { println(t.join() + 1.0) } else { panic(\"\") } }";
    let (hir, ..) = load(&[("test.weft", text)]);
    let (types, diagnostics) = super::check(&hir);
    assert_eq!(diagnostics, []);
    let dump = super::dump(&hir, &types);
    let lines: Vec<_> = dump.lines().map(str::trim).collect();
    for line in
        ["spawn0: Task[Float]", "call method join: Float", "+: Float", "call builtin panic: !", "if: ()"]
    {
        assert!(lines.contains(&line), "no `{line}` in\n{dump}");
    }
}

#[test]
fn long_chains_do_not_nest() {
    let terms = |operator: &str, term: &str| vec![term; 100_000].join(operator);
    let source = format!(
        "fn main() {{ let b = {}; let n = {}; println(b && n > 0) }}",
        terms(" && ", "true"),
        terms(" + ", "1")
    );
    expect(&[(&source, "")]);
}
