//! Lambdas and spawned threads, and their captures.

use super::{expect_in_main, resolved};

#[test]
fn lambdas_use_what_is_around_them() {
    expect_in_main(&[
        ("let a = 1; let f = |x| x + a; f(2)", ""),
        ("var n = 0; let f = || n += 1; f(); println(n)", ""),
        ("var n = 0; [1].map(|x| { n = x; n }); println(n)", ""),
        ("let a = 1; let f = || { a = 2 }; f()", "E0106 a"),
        ("let f = |x: Int, y: Strin| x; f", "E0103 Strin"),
        ("let f = |x| x; x", "E0102 x"),
        ("loop { let f = || break; f() }", "E0107 break"),
        ("outer: loop { let f = || { loop { continue outer } }; f() }", "E0107 continue"),
        ("let f = || loop { break }; f()", ""),
        ("let f = || { return 1 }; f()", ""),
        ("var n = 1; spawn { let f = || n; f() }", "E0111 n"),
        ("var n = 1; let f = || { spawn { n } }; f()", "E0111 n"),
        ("let f = |x| { spawn { x = 1 } }; f", "E0106 x"),
    ]);
}

/// Returns the captures of each lambda in `|` and the arguments of each spawned thread in `<>`; a `*` marks a `var` in
/// a cell.
fn captures(body: &str) -> String {
    let (_, hir, found) = resolved(&format!("fn main() {{ {body} }}"));
    assert!(found.iter().all(|found| found.code.0.starts_with('W')), "{found:#?}");
    let main = &hir.functions[hir.main.expect("it has a main")];
    let body = main.body.weft().expect("it has a body");
    let name = |local| {
        let local: &crate::hir::Local = &body.locals[local];
        format!("{}{}", if local.in_cell { "*" } else { "" }, local.name)
    };
    let lambdas = body.lambdas.iter().map(|lambda| {
        let names: Vec<String> = lambda.captures.iter().map(|&(local, _)| name(local)).collect();
        format!("|{}|", names.join(" "))
    });
    let threads = body.spawns.iter().map(|spawn| {
        let names: Vec<String> = spawn.arguments.iter().map(|&(local, _)| name(local)).collect();
        format!("<{}>", names.join(" "))
    });
    lambdas.chain(threads).collect::<Vec<_>>().join(" ")
}

#[test]
fn captures_are_each_variable_once() {
    for (body, expected) in [
        ("let a = 1; let b = 2; let f = || a + b + a; f()", "|a b|"),
        ("var n = 0; let f = || { n += 1; n }; f()", "|*n|"),
        ("let f = |x| { let y = x; y }; f(1)", "||"),
        // The outer lambda also captures the variables that the inner lambda captures from outside of both.
        ("let a = 1; let f = || { let b = 2; || a + b }; f()", "|a b| |a|"),
        ("let a = 1; spawn { a + a }", "<a>"),
        ("let a = 1; let f = || spawn { a }; f()", "|a| <a>"),
        ("let a = 1; spawn { let f = || a; f() }", "|a| <a>"),
        ("let a = 1; let f = || a; spawn f()", "|a| <argument0>"),
        ("var n = 0; n += 1; println(n)", ""),
        ("var n = 0; let f = || { var m = 1; let g = || { m += n }; g() }; f()", "|*m *n| |*n|"),
    ] {
        assert_eq!(captures(body), expected, "{body}");
    }
}
