//! Tests of lexer, layout and parser together.

mod random;
mod recovery;

use super::dump::dump_ast;
use super::*;
use crate::diagnostics::Diagnostic;

const WHOLE: &str = include_str!("tests/whole.weft");

fn parse_text(text: &str) -> (Ast, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("test.weft", text);
    parse(&sources, file)
}

/// Returns the diagnostics' messages, each with the text that it marks.
fn messages(text: &str) -> Vec<String> {
    let show = |diagnostic: &Diagnostic| {
        let span = diagnostic.primary.span;
        format!("{} @{:?}", diagnostic.message, &text[span.start as usize..span.end as usize])
    };
    parse_text(text).1.iter().map(show).collect()
}

/// Returns the tree of a function body, which must have no errors: one node per line, without positions.
fn body(statements: &str) -> String {
    let (ast, diagnostics) = parse_text(&format!("fn f() {{\n{statements}\n}}"));
    assert!(diagnostics.is_empty(), "{statements}: {diagnostics:?}");
    let dump = dump_ast(&ast);
    let lines = dump.lines().skip(2).map(|line| {
        let line = line.split(" @").next().unwrap_or(line);
        line.strip_prefix("    ").unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The same as [`body`], on one line and without indentation.
fn flat(statements: &str) -> String {
    body(statements).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_whole_language_has_no_errors() {
    let messages = messages(WHOLE);
    assert!(messages.is_empty(), "{messages:#?}");
}

#[test]
fn newlines_separate_where_the_next_line_can_begin_a_statement() {
    assert_eq!(flat("a\n-b"), "name a value unary - name b");
    assert_eq!(flat("a\n|b| c").matches("lambda").count(), 1);
    assert_eq!(flat("a\n|| c").matches("lambda").count(), 1);
    assert_eq!(flat("a\n+ b"), "value chain name a + name b");
    assert_eq!(flat("a -\nb"), "value chain name a - name b");
    assert_eq!(flat("a\n.b"), "value field b name a");
    assert_eq!(flat("(a\n-b)"), "value chain name a - name b");
    assert_eq!(flat("f(|| { a\n-b })").matches("unary").count(), 1);
    assert_eq!(flat("a;;\n;b;"), "name a value name b");
    assert_eq!(flat("a\r\nb"), "name a value name b");
}

/// In a dump, a chain lists its operands from the left; a right operand with a tighter operator is a chain of its own.
#[test]
fn operators_bind_as_the_table_says() {
    assert_eq!(flat("a + b * c"), "value chain name a + chain name b * name c");
    assert_eq!(flat("a * b + c"), "value chain name a * name b + name c");
    let levels = ["||", "&&", "==", "|", "^", "&", "<<", "+", "*"];
    for pair in levels.windows(2) {
        let (loose, tight) = (pair[0], pair[1]);
        let tree = flat(&format!("a {loose} b {tight} c"));
        assert_eq!(tree, format!("value chain name a {loose} chain name b {tight} name c"));
    }
    assert_eq!(flat("a == b..c | d"), "value chain name a == range name b chain name c | name d");
    assert_eq!(flat("-a.b?"), "value unary - try field b name a");
    assert_eq!(flat("-a * b"), "value chain unary - name a * name b");
    assert_eq!(flat("spawn a || b"), "value spawn chain name a || name b");
    assert_eq!(
        flat("|x| x = a + b"),
        "value lambda parameter binding x assign = name x chain name a + name b"
    );
}

#[test]
fn a_lone_name_after_break_is_a_label_if_a_loop_has_it() {
    assert_eq!(flat("a: loop { break a }"), "value loop a block value break a");
    assert_eq!(flat("a: loop { break (a) }"), "value loop a block value break name a");
    assert_eq!(flat("a: loop { break b }"), "value loop a block value break name b");
    assert_eq!(
        flat("a: loop { b: loop { break a } }"),
        "value loop a block value loop b block value break a"
    );
    assert_eq!(flat("a: loop { }\nloop { break a }"), "loop a block value loop block value break name a");
}

#[test]
fn yield_and_return_take_a_value_if_one_follows() {
    assert_eq!(flat("yield\nyield v"), "yield value yield value name v");
    assert_eq!(flat("yield from g"), "value yield from name g");
    assert_eq!(flat("yield from.x"), "value yield value field x name from");
    assert_eq!(flat("f(yield, return)"), "value call name f yield return");
    assert_eq!(flat("if a { return }"), "value if name a block value return");
}

#[test]
fn strings_come_apart_at_their_interpolations() {
    assert_eq!(flat(r#""a\n{b}}""#), r#"value string text "a\n" interpolation name b text "}""#);
    assert_eq!(flat(r#""{"{a}"}""#), "value string interpolation string interpolation name a");
    assert_eq!(flat(r#""{ {a /* } */} }""#), "value string interpolation block value name a");
    assert_eq!(flat("\"a\r\nb\""), r#"value string text "a\nb""#);
    let format = flat(r#""{f(x: 1):>8.2}""#);
    assert!(
        format.contains("align: Right, width: 8, fill: ' ', plus: false, zero: false, precision: Some(2)"),
        "{format}"
    );
}

#[test]
fn dots_after_numbers_are_what_they_look_like() {
    assert_eq!(flat("1..2"), "value range integer 1 integer 2");
    assert_eq!(flat("1.5"), "value float 1.5");
    assert_eq!(flat("t.0.1"), "value field 1 field 0 name t");
    assert_eq!(flat("1.max(2)"), "value call field max integer 1 integer 2");
    assert_eq!(flat("0x1e+1"), "value chain integer 30 + integer 1");
}

#[test]
fn documentation_belongs_to_its_item() {
    let (ast, _) = parse_text(WHOLE);
    assert_eq!(
        ast.doc.as_deref(),
        Some("The whole language in one file: every production of the grammar at least once.")
    );
    let documented: Vec<&str> = ast.items.iter().filter_map(|item| item.doc.as_deref()).collect();
    assert_eq!(documented, ["A counter.\nWith two lines."]);
}

#[test]
fn literals_are_checked() {
    let faults = [
        ("18446744073709551616", "this integer is too large"),
        ("0b102", "`2` is not a digit of a binary number"),
        ("0x", "this number has no digits"),
        ("12abc", "`a` is not a digit of a decimal number"),
        ("1e", "this is not a valid number"),
        ("1e999", "this float is too large"),
        ("''", "this character literal is empty"),
        ("'ab'", "this character literal has more than one character"),
        ("b'é'", "a byte literal must be an ASCII character"),
        (r#""\q""#, "unknown escape"),
        (r"'\u{d800}'", "this is not a Unicode character"),
        (r#""{x:q}""#, "`q` is not a format"),
        (r#""{x:8}""#, "the width 8 needs an alignment"),
        (r#""{x:>70000}""#, "this width is too large"),
        (r#""{x:.1101}""#, "this precision is too large"),
        ("größe", "a name may contain only ASCII letters, digits and `_`"),
        ("a \u{202e} b", "unexpected character U+202E"),
        ("a \u{0} b", "unexpected character U+0000"),
        ("\"abc", "this string is never closed"),
        ("\"{ {abc", "this interpolation is never closed"),
        ("/* /* */", "this comment is never closed"),
    ];
    for (literal, message) in faults {
        let found = messages(&format!("fn f() {{ let x = {literal} }}"));
        assert!(found.len() == 1 && found[0].starts_with(message), "{literal}: {found:?}");
    }
    assert!(messages("// \u{202e}\nconst A: String = \"\u{202e}\u{1}\"").is_empty());
}

#[test]
fn nesting_is_bounded_and_reported_once() {
    let n = 100_000;
    let nested =
        |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(n), close.repeat(n));
    let expressions = [
        nested("(", "1", ")"),
        "(".repeat(n),
        nested("[", "1", "]"),
        nested("{", "1", "}"),
        nested("-", "1", ""),
        nested("!-", "1", ""),
        nested("spawn ", "1", ""),
        nested("|x| ", "1", ""),
        nested("f(", "1", ")"),
        nested("\"{", "1", "}\""),
        nested("if a { ", "1", "}"),
        nested("match a { _ => ", "1", "}"),
        nested("1 + (", "1", ")"),
        nested("", "f", ".a"),
        nested("", "f", "?"),
        format!("{{ let {} = 1 }}", nested("(", "a", ",b)")),
        format!("{{ let {} = 1 }}", nested("", "a", " as b")),
        format!("{{ let x: {} = 1 }}", nested("[", "T", "]")),
        format!("{{ let x: {} = 1 }}", nested("", "T", "?")),
        format!("{{ let x: {} = 1 }}", nested("fn() -> ", "T", "")),
    ];
    for text in expressions {
        let found = messages(&format!("fn f() {{ let x = {text} }}"));
        let start = &text[..20.min(text.len())];
        assert!(found.len() == 1 && found[0].starts_with("this is nested too deeply"), "{start}: {found:?}");
    }
}

#[test]
fn long_programs_are_not_deep() {
    let sum = vec!["x"; 5_000].join(" + ");
    let chain = (0..500).map(|n| format!("if x == {n} {{ {n} }} else ")).collect::<String>();
    let (ast, diagnostics) = parse_text(&format!("fn f() {{ let y = {sum}\n{chain} {{ 0 }} }}"));
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert!(dump_ast(&ast).lines().count() > 10_000);
}
