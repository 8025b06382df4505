use super::*;
use crate::check;
use crate::generators;
use crate::hir;
use crate::lower::{self, Entry};
use crate::mir::FunctionId;
use crate::modules;
use crate::source::{SourceMap, Span};
use crate::yields;

/// The MIR of the program with the given text, and the span of a library function. The program must be valid.
fn lowered(source: String) -> (Program, Span) {
    let mut sources = SourceMap::new();
    let file = sources.add("test.weft", source);
    let mut read = |_: &std::path::Path| Err(modules::Unavailable::Missing(Vec::new()));
    let (modules, _) = modules::load(&mut sources, file, &[], None, &mut read);
    let (hir, _) = hir::resolve(&modules);
    let (types, errors) = check::check(&hir);
    let entry = Entry::Main(hir.main.unwrap_or_else(|| panic!("{errors:?}")));
    let program = lower::lower(&hir, &types, entry).expect("its types come to an end");
    (program, hir.functions[hir.lang_items.close_generator].span)
}

/// The operations on cleanups that both removals leave in a function `f` with the given body, in order. The program
/// must be valid.
fn left(declarations: &str, body: &str) -> Vec<&'static str> {
    let source = format!("{declarations}; fn f(p: P, n: Int) {{ {body} }}; fn main() {{ f(P(n: 1), 2) }}");
    let (mut program, _) = lowered(format!("struct P {{ var n: Int }}; {source}"));
    remove_registrations(&mut program);
    let yields = yields::analyse(&program);
    remove_shields(&mut program, &yields);
    crate::mir::verify::verify(&program).unwrap_or_else(|faults| panic!("{} faults", faults.len()));
    let is_f = |id: &FunctionId| program.functions[*id].name == "f";
    let f = program.functions.ids().find(is_f).expect("it is reached");
    let statements = program.functions[f].blocks.iter().flat_map(|block| &block.statements);
    #[expect(clippy::wildcard_enum_match_arm, reason = "only these are looked for")]
    let left = |statement: &Statement| match &statement.value {
        Rvalue::Deferred(_) => Some("made"),
        Rvalue::Register(..) => Some("registered"),
        Rvalue::Cleanup(CleanupOp::Pop, _) => Some("taken back"),
        Rvalue::Cleanup(CleanupOp::Shield, _) => Some("shielded"),
        Rvalue::Cleanup(CleanupOp::Unshield, _) => Some("not shielded"),
        _ => None,
    };
    statements.filter_map(left).collect()
}

const REGISTERED: [&str; 3] = ["made", "registered", "taken back"];
const SHIELDED: [&str; 2] = ["shielded", "not shielded"];
const NOTHING: [&str; 0] = [];

#[test]
fn what_nothing_can_interrupt_is_a_plain_call() {
    for body in [
        "defer print(n)",
        "defer p.n = 1; p.n = 2",
        "defer print(n); if n == 3 { return }; while n == 4 { if p.n == 5 { return } }",
        "defer print(n); let x = (n +% 2, n < 3); p.n = x.0",
        "defer print(n); let x = 2.5; let y = x * x - -x; p.n = if y > x { 1 } else { 2 }",
        "for i in 0..n { defer print(i); if i == 5 { continue }; if i == p.n { break } }",
    ] {
        assert_eq!(left("", body), NOTHING, "{body}");
    }
}

#[test]
fn what_can_panic_or_wait_is_registered() {
    for statement in [
        "p.n = n + 1",
        "p.n = -n",
        "p.n = n / 2",
        "p.n = 1 << n",
        "p.n = n >> n",
        "p.n = 2.5.to_int()",
        "print(n)",
        "g()",
        "yield",
        "let xs = [n]",
        "p.n = [1, 2, 3][n]",
        "sleep(n)",
        "spawn g()",
        "let q = P(n: 1); q.n = 2",
        "assert(n == 2)",
    ] {
        let body = format!("defer print(n); {statement}");
        assert_eq!(left("fn g() { }", &body), REGISTERED, "{statement}");
    }
}

#[test]
fn a_shield_is_up_where_a_deferred_block_may_wait() {
    for block in ["yield", "sleep(1)", "g()", "let f = || 1; f()"] {
        assert_eq!(left("fn g() { yield }", &format!("defer {{ {block} }}")), SHIELDED, "{block}");
    }
}

/// The state machine of a generator has no slot for the function value of a deferred block that is not registered.
#[test]
fn a_generator_keeps_nothing_of_a_block_that_is_not_registered() {
    let numbers = "gen fn numbers(p: P, n: Int) -> Int { defer p.n = n; for i in 0..n { yield i } }";
    let main = "fn main() { let g = numbers(P(n: 1), 3); println(g.take(g.count()).to_array()) }";
    let (mut program, library) = lowered(format!("struct P {{ var n: Int }}; {numbers}; {main}"));
    remove_registrations(&mut program);
    assert!(generators::lower(&mut program, generators::Form::Stackless, library));
    crate::mir::verify::verify(&program).unwrap_or_else(|faults| panic!("{} faults", faults.len()));
    let slots: Vec<usize> = program.frames.iter().map(|frame| frame.slots.len()).collect();
    assert_eq!(slots, [3], "a slot each for `p`, `n` and `i`");
}
