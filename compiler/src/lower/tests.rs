//! Whole programs, from their text to their output: parsed, checked, lowered, verified and interpreted.

use super::Entry;
use crate::diagnostics::Severity;
use crate::mir::Program;
use crate::mir::interpret::{End, Options, Outcome, interpret};
use crate::mir::verify::verify;
use crate::source::SourceMap;
use crate::{check, hir, modules};

/// The MIR of a correct program.
pub(crate) fn lower(source: &str) -> (Program, SourceMap) {
    let mut sources = SourceMap::new();
    let file = sources.add("test.weft", source);
    let mut read = |_: &std::path::Path| Err(modules::Unavailable::Missing(Vec::new()));
    let (modules, syntax_errors) = modules::load(&mut sources, file, &[], None, &mut read);
    let (hir, name_errors) = hir::resolve(&modules);
    let (types, type_errors) = check::check(&hir);
    let diagnostics = syntax_errors.iter().chain(&name_errors).chain(&type_errors);
    let wrong: Vec<_> = diagnostics.filter(|found| found.severity == Severity::Error).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let main = hir.main.expect("every test has a main");
    let program = super::lower(&hir, &types, Entry::Main(main)).expect("its types come to an end");
    if let Err(faults) = verify(&program) {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        panic!("{}\n{program}", faults.join("\n"));
    }
    (program, sources)
}

fn run(source: &str) -> Outcome {
    let (program, sources) = lower(source);
    let options = Options { arguments: vec!["one".into(), "two".into()], ..Options::default() };
    interpret(&program, Some(&sources), &options)
}

/// The output of a program whose `main` has this body.
fn printed(body: &str) -> String {
    run(&format!("fn main() {{ {body} }}")).stdout
}

/// The MIR of one function.
fn dump(source: &str, name: &str) -> String {
    let (program, _) = lower(source);
    let id = program.functions.iter_enumerated().find(|(_, function)| function.name == name);
    program.display_function(id.expect("there is such a function").0).to_string()
}

#[test]
fn only_what_is_reached_is_lowered() {
    let (program, _) =
        lower("fn a() { b() }; fn b() { }; fn c() { }; fn main() { if false { a() }; return; c() }");
    let names: Vec<_> = program.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["main", "a", "b"]);
}

#[test]
fn main_may_take_arguments_and_give_a_status() {
    let outcome = run("fn main(args: [String]) -> Int { for a in args { println(a) }; args.len() }");
    assert_eq!((outcome.stdout.as_str(), outcome.end), ("one\ntwo\n", End::Status(2)));
}

#[test]
fn a_call_whose_value_is_the_result_is_a_tail_call() {
    let bodies = [
        "g(n)",
        "return g(n)",
        "{ { g(n) } }",
        "if n > 0 { g(n) } else if n < 0 { f(n) } else { g(0) }",
        "loop { break (g(n)) }",
        "loop { if n > 0 { break (g(n)) } else { return f(n) } }",
        "while true { return g(n) }; g(n)",
    ];
    for body in bodies {
        let source =
            format!("fn g(n: Int) -> Int {{ n }}; fn f(n: Int) -> Int {{ {body} }}; fn main() {{ f(1) }}");
        let dump = dump(&source, "f");
        let returns = dump.lines().filter(|line| line.contains("return"));
        assert!(
            returns.clone().count() > 0 && returns.clone().all(|line| line.ends_with(" in place")),
            "{dump}"
        );
    }
    // In a function that returns `()`, the last value is discarded, but the last call is a tail call if the callee
    // returns `()`, too.
    let source = "fn g() -> Int { 1 }; fn h() { g() }; fn f() { if true { h() } }; fn main() { f() }";
    assert!(dump(source, "f").contains("return h() in place"));
    assert!(!dump(source, "h").contains("in place"));
    let deep =
        "fn even(n: Int) -> Bool { n == 0 || odd(n - 1) }; fn odd(n: Int) -> Bool { n != 0 && even(n - 1) }
        fn main() { println(even(1_000_001)) }";
    assert_eq!(run(deep).stdout, "false\n");
}

#[test]
fn loops_count_to_the_last_integer() {
    assert_eq!(
        printed("for i in 9223372036854775806..=9223372036854775807 { print(\"{i} \") }"),
        "9223372036854775806 9223372036854775807 "
    );
    assert_eq!(
        printed("for i in 3..3 { print(i) }; for i in 3..=2 { print(i) }; for i in 3..=3 { print(i) }"),
        "3"
    );
    assert_eq!(printed("var n = 3; for i in 0..n { n = 1; if i == 1 { continue }; print(i) }"), "02");
    assert_eq!(printed("for i in 0..=9 { if i == 2 { continue }; if i == 4 { break }; print(i) }"), "013");
    assert_eq!(printed("for a in args() { print(a) }"), "onetwo");
    assert_eq!(
        printed("o: for i in 0..3 { for j in 0..3 { if j == i { continue o }; print(\"{i}{j} \") } }"),
        "10 20 21 "
    );
    let dump = dump("fn main() { for i in 0..9 { print(i) } }", "main");
    assert!(dump.contains("+%") && !dump.contains(" + "), "{dump}");
}

#[test]
fn values_are_taken_when_their_turn_comes() {
    assert_eq!(printed("var x = 1; println(x + { x = 10; x } + x)"), "21\n");
    assert_eq!(printed("var x = 1; assert_eq(x, { x = 2; 1 }); println(x)"), "2\n");
    assert_eq!(printed("var x = 1; println(\"{x} {{ x = 2; x }} {x}\")"), "1 2 2\n");
    assert_eq!(printed("var b = true; b = !b || { if b { print(1) }; b }; println(b)"), "1true\n");
    let copied = "var x = 5; let y = x; x = 6; let t = spawn { y }; println(t.join() + x)";
    assert_eq!(printed(copied), "11\n");
    assert_eq!(
        printed("var x = 1; let y = loop { x = x + 1; if x > 4 { break (x * 2) } }; println(y)"),
        "10\n"
    );
}

#[test]
fn every_kind_of_value_is_shown() {
    assert_eq!(printed("print(1); print(\" {1.5} \"); print(true); print(()); eprint(1)"), "1 1.5 true()");
    assert_eq!(
        printed("println(\"[{true:>6}][{():<4}][{\"a\":^3}][{255:04x}][{1.0:.2}]\")"),
        "[  true][()  ][ a ][00ff][1.00]\n"
    );
    assert_eq!(
        printed("println(1.to_string() + 2.5.to_string() + false.to_string() + \"s\".to_string())"),
        "12.5falses\n"
    );
}

#[test]
fn strings_are_compared_by_their_text() {
    assert_eq!(
        printed("let a = \"a\" + \"b\"; println(a == \"ab\" && a != \"ba\" && a < \"b\" && a >= \"ab\")"),
        "true\n"
    );
    assert_eq!(printed("println(\"\".is_empty()); println(\"abc\".len())"), "true\n3\n");
}

#[test]
fn failed_assertions_tell_both_values() {
    let outcome = run("fn main() { assert_eq(1 + 1, 3) }");
    assert_eq!(outcome.end, End::Status(101));
    assert!(outcome.stderr.contains('2') && outcome.stderr.contains('3'), "{}", outcome.stderr);
    assert!(run("fn main() { assert(1 > 2) }").stderr.contains("assertion failed"));
    assert_eq!(printed("assert_eq((), ()); assert_eq(\"a\", \"a\"); assert(true); println(1)"), "1\n");
}

#[test]
fn threads_begin_with_what_they_were_given() {
    assert_eq!(
        printed(
            "let a = 1; let u = (); let t = spawn { let s = spawn { u; a + 1 }; s.join() + a }; println(t.join())"
        ),
        "3\n"
    );
    assert_eq!(printed("for i in 0..3 { spawn { print(i) } }; yield"), "012");
    assert_eq!(
        printed("let t = spawn { if true { return 1 }; 2 }; println(t.join()); println(t.is_done())"),
        "1\ntrue\n"
    );
    assert_eq!(
        printed("let t = spawn println(7); t.join(); let s = spawn t.id(); println(s.join())"),
        "7\n2\n"
    );
    // A `spawn` that only calls a function starts its thread in that function.
    let (program, _) = lower("fn f(n: Int) -> Int { n }; fn main() { spawn f(1 + 1); spawn { f(2) } }");
    let names: Vec<_> = program.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["main", "f", "main.spawn1"]);
}

#[test]
fn long_chains_do_not_nest() {
    let sum = vec!["1"; 20_000].join(" + ");
    let all = vec!["true"; 20_000].join(" && ");
    assert_eq!(printed(&format!("println({sum}); println({all})")), "20000\ntrue\n");
}

#[test]
fn what_follows_a_way_out_is_left_out() {
    assert_eq!(printed("let x: Int = if true { println(1); return } else { 2 }; println(x)"), "1\n");
    assert_eq!(printed("println(1 + { println(2); return })"), "2\n");
    assert_eq!(printed("let x = loop { println(3); return }; spawn { x }"), "3\n");
    for body in
        ["for i in { return } { println(i) }", "{ return }(1)", "{ return }.x.y()", "{ return }[1] + 2"]
    {
        assert_eq!(printed(body), "");
    }
    assert_eq!(run("fn main() -> Int { exit(3) }").end, End::Status(3));
}

#[test]
fn deferred_blocks_run_on_every_way_out_the_latest_first() {
    let body = r#"
        for i in 0..3 {
            defer print("a{i} ")
            if i == 1 { continue }
            defer print("b{i} ")
            if i == 2 { break }
        }"#;
    assert_eq!(printed(body), "b0 a0 a1 b2 a2 ");
    let outcome =
        run("fn f(s: String) -> Int? { defer print(s); let n = s.to_int()?; defer print(n); Some(n) }
        fn main() { println([f(\"x\"), f(\"7\")]) }");
    assert_eq!(outcome.stdout, "x77[None, Some(7)]\n");
}

#[test]
fn a_panic_runs_what_is_deferred_and_the_first_one_counts() {
    let outcome = run(r#"
        fn f() -> Int {
            defer print("last ")
            defer { print("first "); panic("second") }
            panic("one")
        }
        fn main() {
            let t = spawn f()
            println(t.result())
            defer println("main")
            assert(false)
        }"#);
    assert_eq!((outcome.stdout.as_str(), outcome.end), ("first last Err(\"one\")\nmain\n", End::Status(101)));
    let reports: Vec<_> = outcome.stderr.lines().filter(|line| line.starts_with("panic: ")).collect();
    assert_eq!(reports, ["panic: one", "panic: second", "panic: assertion failed"]);
}

#[test]
fn ways_out_share_the_deferred_blocks_on_them() {
    let body = |count: usize| {
        let steps = (0..count).map(|n| format!("defer print({n}); if n == {n} {{ return {n} }}"));
        let steps: Vec<String> = steps.collect();
        format!("fn f(n: Int) -> Int {{ {}; -1 }}; fn main() {{ f(1) }}", steps.join("; "))
    };
    let runs = |count| dump(&body(count), "f").matches("cleanup Pop").count();
    assert_eq!([runs(1), runs(10), runs(100)], [1, 10, 100]);
}

#[test]
fn a_defer_in_a_loop_is_made_before_the_loop() {
    let source = "fn f(n: Int) { print(n); for i in 0..n { loop { defer print(i); if i == n { break } } } }
        fn main() { f(1) }";
    let dump = dump(source, "f");
    let place = |text: &str| dump.find(text).unwrap_or_else(|| panic!("no {text} in {dump}"));
    assert!(place("weft_print") < place("deferred f.defer0"), "{dump}");
    assert!(place("deferred f.defer0") < place("if "), "{dump}");
    assert!(place("if ") < place("register "), "{dump}");
}
