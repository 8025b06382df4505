//! Traits: the types that implement them, and invalid `impl`s.

use super::{expect, fixes, notes};

#[test]
fn impls_fit_their_traits() {
    let shape = "
        trait Shape {
          fn area(self) -> Float
          fn scale(self, by: Float) -> Self
          fn name(self) -> String { \"shape\" }
          fn unit() -> Self
        }
        struct S { side: Float }";
    let whole = "fn area(self) -> Float { self.side }
        fn scale(self, by: Float) -> S { S(side: by) }
        fn unit() -> S { S(side: 1.0) }";
    let cases: Vec<(String, &str)> = vec![
        (whole.to_string(), ""),
        (whole.replace("-> S", "-> Self"), ""),
        (format!("{whole}\n fn name(self) -> String {{ \"\" }}"), ""),
        (whole.replace("fn unit() -> S { S(side: 1.0) }", ""), "E0221 impl Shape for S"),
        (format!("{whole}\n fn nmae(self) -> String {{ \"\" }}"), "E0222 nmae"),
        (whole.replace("by: Float", "by: Int").replace("side: by", "side: by.to_float()"), "E0223 Int"),
        (whole.replace("area(self) -> Float { self.side }", "area(self) -> Int { 1 }"), "E0223 Int"),
        (whole.replace("unit()", "unit(self)"), "E0223 unit"),
        (whole.replace("unit()", "unit(n: Int)").replace("side: 1.0", "side: n.to_float()"), "E0223 unit"),
        (whole.replace("area(", "area[T]("), "E0223 area"),
    ];
    for (body, expected) in cases {
        expect(&[(&format!("{shape}\nimpl Shape for S {{ {body} }}"), expected)]);
    }
    expect(&[
        (
            "trait A { fn f[T: Show](self, x: T) }; impl A for Int { fn f[T: Show](self, x: T) { println(x) } }",
            "",
        ),
        (
            "trait A { fn f[T](self, x: T) }; impl A for Int { fn f[T: Ord](self, x: T) { println(x) } }",
            "E0223 Ord",
        ),
        (
            "trait A { fn f(self) }; impl A for Int { fn f(self) { } }; impl A for Int { fn f(self) { } }",
            "E0224 impl A for Int",
        ),
        ("impl Show for Int { fn show(self) -> String { \"n\" } }", "E0224 impl Show for Int"),
        ("impl Eq for String { fn eq(self, other: String) -> Bool { true } }", "E0224 impl Eq for String"),
        ("impl Ord for () { fn cmp(self, other: ()) -> Ordering { Equal } }", "E0224 impl Ord for ()"),
        ("impl Show for (Int, Int) { fn show(self) -> String { \"n\" } }", ""),
        ("struct S { n: Int }; impl S { fn f(self) { } }; impl S { fn f(self) { } }", "E0225 f"),
        ("struct S { n: Int }; impl Share for S { }", "E0215 impl Share for S"),
        (
            "struct S { f: fn() -> () }; impl Ord for S { fn cmp(self, other: S) -> Ordering { Equal } }",
            "E0214 S",
        ),
    ]);
}

#[test]
fn bounds_hold_where_they_are_asked_for() {
    let declared = "
        struct Point { x: Int, y: Int }
        struct Callback { run: fn() -> () }
        enum List { Nil, Cons(Int, List) }
        fn largest[T: Ord](a: T, b: T) -> T { if a < b { b } else { a } }
        fn is_in[T: Eq](x: T, xs: [T]) -> Bool { for y in xs { if x == y { return true } }; false }
        fn hash[T: Hash](x: T) -> Int { if x == x { x.hash() } else { 0 } }";
    let cases = [
        ("println(largest(1, 2)); println(largest(Point(x: 1, y: 2), Point(x: 2, y: 1)))", ""),
        (
            "println(largest(Nil, Cons(1, Nil))); println(largest([1], [2])); println(largest((1, 'a'), (2, 'b')))",
            "",
        ),
        ("println(is_in(Some(1), [None])); println(hash((1, \"\")))", ""),
        ("let c = Callback(run: || ()); println(largest(c, c))", "E0214 largest(c, c)"),
        ("let c = Callback(run: || ()); println(c == c)", "E0204 c == c"),
        ("let c = [Some(Callback(run: || ()))]; println(c == c)", "E0204 c == c"),
        ("println(Cons(1, Nil) == Nil); println(Point(x: 1, y: 1) < Point(x: 1, y: 2))", ""),
        ("let c = Callback(run: || ()); assert_eq(c, c)", "E0214 c"),
        ("let f = |x: Int| x; println(f == f)", "E0204 f == f"),
        ("let m: Map[fn() -> (), Int] = Map.new(); println(m)", "E0214 "),
    ];
    for (body, expected) in cases {
        let source = format!("{declared}\nfn main() {{ {body} }}");
        match expected {
            // The span of the error depends on the bounds of the library's `Map`, so only the code is compared.
            "E0214 " => {
                assert!(super::check(&source).0.iter().any(|found| found.code.0 == "E0214"), "{source}")
            }
            expected => expect(&[(&source, expected)]),
        }
    }
    expect(&[
        ("fn f[T](a: T, b: T) -> Bool { a == b }", "E0204 a == b"),
        ("fn f[T: Eq](a: T, b: T) -> Bool { a < b }", "E0204 a < b"),
        ("fn f[T](a: T, b: T) -> T { a + b }", "E0204 a + b"),
        ("fn f[T](a: T) -> String { \"{a}\" + a.show() }", ""),
        ("fn f[T](a: T) -> Int { a.len() }", "E0205 len"),
        ("fn g[T: Ord](a: T) { println(a) }; fn f[T](a: T) { g(a) }", "E0214 g(a)"),
        ("struct S[T: Ord] { x: T }; fn f(s: S[fn() -> ()]) { println(s) }", "E0214 S[fn() -> ()]"),
        (
            "struct S[T: Ord] { x: T }; fn f() { let s = S(x: |x: Int| x); println(s) }",
            "E0214 S(x: |x: Int| x)",
        ),
    ]);
    let unequal = "struct A { b: B }; struct B { f: fn() -> () }; fn f(a: A) -> Bool { a == a }";
    assert_eq!(notes(unequal), ["reached through `b` of `A`, `f` of `B`, which contains `fn() -> ()`"]);
    assert_eq!(fixes("fn f[T](a: T, b: T) -> Bool { a == b }"), [": Eq"]);
    assert_eq!(fixes("fn f[T: Show](a: T, b: T) -> Bool { a == b }"), [" + Eq"]);
}

#[test]
fn functions_of_traits_are_found_by_type() {
    expect(&[
        ("trait Zero { fn zero() -> Self }; impl Zero for Int { fn zero() -> Int { 0 } }
          fn sum[T: Zero]() -> T { T.zero() }; fn main() { let n: Int = sum(); println(n + Int.zero()) }", ""),
        ("trait Named { fn name(self) -> String\n fn greet(self) -> String { \"hello \" + self.name() } }
          impl Named for Int { fn name(self) -> String { \"{self}\" } }
          fn main() { println(3.greet()) }", ""),
        ("trait A { fn f(self) }; trait B { fn f(self) }; impl A for Int { fn f(self) { } }
          impl B for Int { fn f(self) { } }; fn main() { 1.f() }", "E0213 f"),
        ("trait A { fn f(self) }; trait B { fn f(self) }; impl A for Int { fn f(self) { } }
          impl B for Float { fn f(self) { } }; fn main() { 1.f(); 1.5.f(); true.f() }", "E0205 f"),
        ("trait Into[T] { fn into(self) -> T }; impl Into[String] for Int { fn into(self) -> String { \"\" } }
          fn f[A, B: Into[A]](b: B) -> A { b.into() }
          fn main() { println(f(1).len()); println(1.into().len()) }", ""),
        ("struct S[T] { x: T }; impl Show for S[T: Show] { fn show(self) -> String { \"{self.x}\" } }
          fn main() { println(S(x: [1])); println(S(x: 1).show().len()) }", ""),
        ("struct A { n: Int }; impl Eq for A { fn eq(self, other: A) -> Bool { self.n == other.n } }
          fn main() { println([A(n: 1)] == [A(n: 2)]) }", "W0007 impl Eq for A"),
        ("struct S { next: S }", "E0226 S"),
        ("struct A { b: (Int, B) }; struct B { a: A }; struct C { b: B }; enum D { X(D) }", "E0226 A, E0226 D"),
        ("struct A { b: B? }; struct B { a: [A] }; enum D { X(D), Y }; enum Never { }", ""),
    ]);
}
