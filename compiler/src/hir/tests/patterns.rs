//! Patterns.

use super::{expect, expect_in_main, expect_inside, resolved};

const SHAPE: &str = "struct Point { x: Int, y: Int }\n\
     enum Shape { Circle(Int), Rect(Int, Int), Empty }\n\
     const LIMIT: Int = 9\n";

/// Checks arms of a `match`, with a struct, an enum and a constant in scope.
fn expect_arms(cases: &[(&str, &str)]) {
    expect_inside(&format!("{SHAPE}fn f(s: Shape) {{ match s {{"), cases, "} }");
}

#[test]
fn names_in_patterns_are_variants_constants_or_variables() {
    expect_arms(&[
        ("Circle(r) => r\n Rect(w, h) => w * h\n Empty => 0", ""),
        ("Shape.Circle(r) => r\n Shape.Empty => 0\n _ => 1", ""),
        ("LIMIT => 1\n other => other", ""),
        ("Emty => 0", "E0125 Emty"),
        ("Nothing => 0", "E0125 Nothing"),
        ("Circl(r) => r", "E0125 Circl"),
        ("Shape.Circl(r) => r", "E0125 Circl"),
        ("Point => 0", "E0113 Point"),
        ("Shape => 0", "E0113 Shape"),
        ("Int(x) => x", "E0113 Int"),
        ("f(x) => x", "E0113 f"),
        ("LIMIT(x) => x", "E0113 LIMIT"),
        ("Missing.Empty => 0", "E0125 Missing"),
        ("f => f", ""),
    ]);
}

#[test]
fn variants_and_structs_in_patterns_have_all_their_fields() {
    expect_arms(&[
        ("Circle => 0", "E0124 Circle"),
        ("Circle() => 0", "E0124 Circle()"),
        ("Circle(a, b) => a + b", "E0124 Circle(a, b)"),
        ("Empty(_) => 0", "E0124 Empty(_)"),
        ("Rect(w, ..) => w\n Rect(..) => 0\n Rect(_, _, ..) => 1", ""),
        ("Rect(a, b, c, ..) => a", "E0124 Rect(a, b, c, ..)"),
        ("Circle(r: x) => x", "E0114 r"),
        ("Point(x: 1, y) => y", ""),
        ("Point(y, ..) => y", ""),
        ("Point(y) => y", "E0123 Point(y)"),
        ("Point(x, y, z) => x", "E0120 z"),
        ("Point(x, x: 1, ..) => x", "E0121 x"),
        ("Point(1, ..) => 0", "E0122 1"),
    ]);
}

#[test]
fn alternatives_bind_the_same_names() {
    expect_arms(&[
        ("Circle(n) | Rect(n, _) => n", ""),
        ("Circle(n) | Empty => n", "E0127 Empty"),
        ("Empty | Circle(n) => n", "E0127 Empty"),
        ("Circle(n) | Rect(m, _) => n", "E0127 Circle(n), E0127 Rect(m, _)"),
        ("(Circle(n) | Rect(n, _)) as whole => (n, whole)", ""),
        ("(a, (Some(b) | Ok(b))) | (b, a) => a + b", ""),
        ("1 | 2 | 3 => 1", ""),
    ]);
    let source =
        format!("{SHAPE}fn f(s: Shape) -> Int {{ match s {{ Circle(n) | Rect(n, _) => n\n _ => 0 }} }}");
    let (_, hir, _) = resolved(&source);
    let f = hir
        .functions
        .iter()
        .find(|f| f.name.as_str() == "f")
        .and_then(|f| f.body.weft())
        .expect("it has a body");
    assert_eq!(f.locals.len(), 2);
}

#[test]
fn a_pattern_binds_a_name_once() {
    expect_arms(&[
        ("Rect(n, n) => n", "E0115 n"),
        ("(a, [b, ..a]) => a", "E0115 a"),
        ("Rect(n, _) as n => n", "E0115 n"),
        ("(_, _) => 0", ""),
    ]);
    expect(&[
        ("fn f((a, b): (Int, Int), a: Int) { a }", "E0105 a"),
        ("fn main() { let f = |a, (b, a)| a; f }", "E0105 a"),
    ]);
}

#[test]
fn ranges_have_two_ends_of_one_kind() {
    expect_arms(&[
        ("1..=9 => 0\n -5..5 => 1\n 'a'..='z' => 2\n b'0'..=b'9' => 3", ""),
        ("1..='z' => 0", "E0128 1..='z'"),
        ("1.0..=2.0 => 0", "E0128 1.0..=2.0"),
        ("9..=1 => 0", "E0128 9..=1"),
        ("1..1 => 0", "E0128 1..1"),
        ("1..=1 => 0", ""),
        ("9223372036854775808 => 0", "E0110 9223372036854775808"),
        ("-9223372036854775808 => 0", ""),
    ]);
}

#[test]
fn names_of_patterns_are_in_scope_where_they_match() {
    expect_in_main(&[
        ("if let Some(x) = Some(1) { println(x) }", ""),
        ("if let Some(x) = Some(1) { } else { println(x) }", "E0102 x"),
        ("if let Some(x) = x { }", "E0102 x"),
        ("while let Some(x) = Some(1) { println(x) }; x", "E0102 x"),
        ("match 1 { x if x > 1 => x\n _ => x }", "E0102 x"),
        ("let (a, b) = (1, 2); let [c, ..d] = [a]; println(\"{a}{b}{c}{d}\")", ""),
        ("for (i, x) in [1].enumerate() { println(i + x) }", ""),
        ("let (a, b) = (1, 2); println(a)", "W0002 b"),
        ("var (a, b) = (1, 2); a = b; println(a)", ""),
        ("let Total = 1; println(Total)", "W0001 Total"),
    ]);
}
