//! Construction of structs and variants, paths, functions as values, and constants.

use super::{expect, expect_in_main, expect_inside};

const POINT: &str = "struct Point { x: Int, y: Int }; enum Shape { Circle(Int), Rect(Int, Int), Empty }\n\
     impl Point { fn origin() -> Point { Point(x: 0, y: 0) }; fn norm(self) -> Int { self.x } }\n";

/// The same as [`expect_in_main`], with a struct and an enum in scope.
fn expect_with_point(cases: &[(&str, &str)]) {
    expect_inside(&format!("{POINT}fn main() {{"), cases, "}");
}

#[test]
fn structs_are_built_with_labels() {
    expect_with_point(&[
        ("let p = Point(y: 1, x: 2); p", ""),
        ("let p = Point(x: 1, ..Point.origin()); p", ""),
        ("Point(x: 1, y: 2, z: 3)", "E0120 z"),
        ("Point(x: 1, y: 2, x: 3)", "E0121 x"),
        ("Point(1, y: 2)", "E0122 1"),
        ("let x = 1; Point(x, y: 2)", "E0122 x"),
        ("Point(1, 2)", "E0122 1"),
        ("Point(x: 1)", "E0123 Point"),
        ("Point()", "E0123 Point"),
        ("let p = Point.origin(); Point(..p, x: 1)", "E0114 p"),
        ("Point", "E0113 Point"),
        ("let p = Point; p", "E0113 Point"),
    ]);
}

#[test]
fn variants_are_built_with_what_they_have() {
    expect_with_point(&[
        ("let s = [Circle(1), Shape.Rect(1, 2), Empty, Shape.Empty]; s", ""),
        ("let f = Circle; f(1)", ""),
        ("Circle()", "E0124 Circle()"),
        ("Rect(1)", "E0124 Rect(1)"),
        ("Empty(1)", "E0124 Empty(1)"),
        ("Circle(r: 1)", "E0114 r"),
        ("Shape.Circl(1)", "E0125 Circl"),
        ("let s = Shape.Round; s", "E0125 Round"),
        ("Shape(1)", "E0113 Shape"),
        ("Shape", "E0113 Shape"),
        ("let o = Some(1); let n = None; let e = Err(\"\"); (o, n, e, Ok(1), Less)", ""),
        ("Option.Some(1); Option.Nothing", "E0125 Nothing"),
    ]);
}

#[test]
fn what_stands_before_a_dot_may_be_a_type() {
    expect_with_point(&[
        ("Point.origin().norm() + Point.norm(Point.origin()) + Int.MAX", ""),
        ("let v = Vec.new(); let a = Array.build(3, |i| i); (v, a, Float.PI, String.join([], \"\"))", ""),
        ("let v = Vec[Int].new(); v", "E0138 [Int]"),
        ("let v = Vec[Int](); v", "E0138 [Int]"),
        ("let f = Point.origin; f()", ""),
        ("Show.show(1)", "E0113 Show"),
        ("Int", "E0113 Int"),
        ("Int(1)", "E0113 Int"),
        ("Int.x = 1", "E0106 x"),
        ("Point.x = 1", "E0106 x"),
        ("let point = Point.origin(); point.x = 1; point.x += 1", ""),
    ]);
    expect(&[
        ("trait Zero { fn zero() -> Self }; fn f[T: Zero]() -> T { T.zero() }", ""),
        ("trait Zero { fn zero() -> Self; fn one() -> Self { Self.zero() } }", ""),
        ("struct A { x: Int }; impl A { fn new() -> Self { Self(x: 1) }; fn two() -> A { Self.new() } }", ""),
        (
            "enum A { B, C(Int) }; impl A { fn f(self) -> Self {\n\
             match self { Self.B => Self.C(1)\n Self.C(_) => Self.B } } }",
            "",
        ),
        ("fn f() { Self.new() }", "E0130 Self"),
        ("impl Missing { fn f() -> Int { Self.new(); Self(x: 1); 1 } }", "E0103 Missing"),
    ]);
}

#[test]
fn functions_and_constants_are_values() {
    expect(&[
        ("fn f(x: Int) -> Int { x }; fn main() { let g = f; println(g(1)); [1].map(f) }", ""),
        ("const N: Int = 1; fn main() { let n = N; n + N }", ""),
        ("const N: Int = 1; fn main() { N = 2 }", "E0106 N"),
        ("const N: Int = M; const M: Int = P", "E0102 P"),
        ("const N: Int = self", "E0129 self"),
        ("fn main() { let p = println; p }", ""),
        ("struct A { n: Int }; impl A { fn f() -> Int { self.n } }", "E0129 self"),
        ("fn f() -> Int { self }", "E0129 self"),
        ("fn main() { min(1, 2); max(1, 2); same(Vec.new(), Vec.new()) }", ""),
    ]);
}

#[test]
fn assignments_go_to_variables_fields_and_elements() {
    expect_in_main(&[
        ("let xs = Vec.new(); xs[0] = 1; xs[0] += 1; xs[1][2] = 3", ""),
        ("var t = 1; t <<= 2; t +%= 1; println(t)", ""),
        ("for i in 0..3 { i += 1 }", "E0106 i"),
        ("if let Some(x) = None { x = 1 }", "E0106 x"),
        ("match 1 { x => { x = 2 } }", "E0106 x"),
        ("Missing.x = 1", "E0102 Missing"),
        ("xs[0] = 1", "E0102 xs"),
    ]);
}
