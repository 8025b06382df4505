//! Tests of name resolution: programs, with the code of each expected diagnostic and the text that it marks.

mod declarations;
mod lambdas;
mod imports;
mod intrinsics;
mod patterns;
mod values;

use super::Hir;
use crate::diagnostics::Diagnostic;
use crate::modules::{self, Unavailable};
use crate::source::SourceMap;

/// Resolves a program of one file, with the library.
fn resolved(source: &str) -> (SourceMap, Hir, Vec<Diagnostic>) {
    resolved_files(&[("test.weft", source)])
}

/// Resolves a program of several files; the first is the program's file.
fn resolved_files(files: &[(&str, &str)]) -> (SourceMap, Hir, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let root = sources.add(files[0].0, files[0].1);
    let (modules, errors) = modules::load(&mut sources, root, &[], None, &mut |path| {
        let found = files.iter().find(|(name, _)| path.to_str() == Some(name));
        found.map(|(_, text)| text.to_string()).ok_or(Unavailable::Missing(Vec::new()))
    });
    assert!(errors.is_empty(), "{errors:#?}");
    let (hir, diagnostics) = super::resolve(&modules);
    (sources, hir, diagnostics)
}

/// Returns the errors and warnings of a program, each as its code and the text that it marks: `E0102 prinln`.
fn found(source: &str) -> Vec<String> {
    let (sources, hir, diagnostics) = resolved(source);
    // The HIR is complete even after errors, so it can be dumped.
    super::dump(&hir, &|_, _| None);
    diagnostics.iter().map(|found| format!("{} {}", found.code.0, sources.text(found.primary.span))).collect()
}

/// Checks programs. Each case is a program and a list of the expected diagnostics with commas between them.
fn expect(cases: &[(&str, &str)]) {
    let differs = |&(source, expected): &(&str, &str)| {
        let found = found(source).join(", ");
        (found != expected).then(|| format!("{source}\n  has `{found}`, not `{expected}`"))
    };
    let faults: Vec<String> = cases.iter().filter_map(differs).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The same as [`expect`], for bodies of `main`.
fn expect_in_main(cases: &[(&str, &str)]) {
    expect_inside("fn main() {", cases, "}");
}

/// The same as [`expect`], with `before` and `after` around each program.
fn expect_inside(before: &str, cases: &[(&str, &str)], after: &str) {
    let programs: Vec<String> = cases.iter().map(|(body, _)| format!("{before} {body} {after}")).collect();
    let cases: Vec<(&str, &str)> =
        programs.iter().zip(cases).map(|(program, (_, expected))| (program.as_str(), *expected)).collect();
    expect(&cases);
}

#[test]
fn names_are_known() {
    expect_in_main(&[
        ("prinln(1)", "E0102 prinln"),
        // An unknown name is reported once.
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
    let (_, _, diagnostics) =
        resolved("fn total() { }; fn main() { let count = 1; tota(); coutn; prnit(count); zebra }");
    let fixes: Vec<_> =
        diagnostics.iter().map(|found| found.fixes.first().map(|fix| fix.replacement.as_str())).collect();
    assert_eq!(fixes, [Some("total"), Some("count"), Some("print"), None]);
}

#[test]
fn names_of_other_languages_and_of_fields_lead_to_those_here() {
    let (_, _, diagnostics) = resolved(
        "struct Point { x: Int }; impl Point { fn f(self) -> i32 { x } }; \
         fn main() { let a: double = null; len(a); time.now() }",
    );
    let fixes: Vec<_> =
        diagnostics.iter().map(|found| found.fixes.first().map(|fix| fix.replacement.as_str())).collect();
    assert_eq!(fixes, [Some("Int"), Some("self.x"), Some("Float"), Some("None"), None, None]);
    let note = |at: usize| diagnostics[at].notes[0].as_str();
    assert_eq!(note(4), "use the method: `x.len()`");
    assert_eq!(note(5), "the library has a module of this name: `import std.time`");
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
        ("println(0x8000_0000_0000_0000)", ""),
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
fn only_the_body_of_a_generator_gives_elements() {
    expect(&[
        ("gen fn f() -> Int { yield 1; yield; yield from f() }", ""),
        ("gen fn f() -> Int { [1].map(|x| { yield x }) }", "E0144 yield"),
        ("gen fn f() -> Int { spawn { yield from f() } }", "E0144 yield from"),
        ("gen fn f() -> Int { defer { yield 1 } }", "E0144 yield"),
        ("gen fn f() -> Int { scope { yield 1 }; scope { 1 }; yield 2 }", "E0144 yield"),
        ("gen fn f() { yield 1 }", "E0145 f"),
    ]);
    expect_in_main(&[("yield 1", "E0144 yield"), ("yield from main()", "E0144 yield from")]);
}

#[test]
fn arms_of_a_select_wait_for_something() {
    expect_in_main(&[
        ("let c = chan(0); select { v = c.recv() => v; c.send(1) => 1; after 5 => 2; else => 3 }", ""),
        ("let c = chan(0); select { _ = c.recv() => 1; c.recv() => 2 }", ""),
        ("select { }", "E0139 select"),
        ("select { else => 1; else => 2 }", "E0139 else"),
        ("let c = chan(0); select { v = c.send(1) => v }", "E0140 v"),
        ("let c = chan(0); select { c.close() => 1 }", "E0140 c.close()"),
        ("let c = chan(0); select { c.recv(1) => 1 }", "E0140 c.recv(1)"),
        ("let c = chan(0); select { c.send() => 1 }", "E0140 c.send()"),
        ("let c = chan(0); select { v = c => v }", "E0140 c"),
        // The variable that an arm binds is in scope only in the arm's body.
        ("let c = chan(0); select { v = c.recv() => v; c.send(v) => 1 }", "E0102 v"),
        ("let c = chan(0); select { v = c.recv() => v }; println(v)", "E0102 v"),
        ("let c = chan(0); select { v = c.recv() => { v = None } }", "E0106 v"),
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
        // After an error there is no warning about unused variables: the error may hide a use.
        ("let count = 1; yield count", "E0144 yield"),
    ]);
    expect(&[("fn isReady(unused: Int) { }", "W0001 isReady")]);
}

/// Returns a program without errors as the text of its HIR.
fn dumped(source: &str) -> String {
    let (_, hir, diagnostics) = resolved(source);
    assert_eq!(diagnostics, [], "{source}");
    super::dump(&hir, &|_, _| None)
}
