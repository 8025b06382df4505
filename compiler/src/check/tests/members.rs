//! Methods, fields and elements.

use super::{check_files, expect, expect_in_main, found, replacements};

const DECLARED: &str = "
    struct Point { x: Int, y: Int }
    struct Counter { name: String, var n: Int }
    struct Rule { apply: fn(Int) -> Int }
    impl Point {
      fn origin() -> Point { Point(x: 0, y: 0) }
      fn norm(self) -> Int { self.x * self.x + self.y * self.y }
      fn moved(self, by: Int) -> Self { Point(x: self.x + by, ..self) }
    }
    struct Stack[T] { var items: [T] }
    impl Stack[T] { fn new() -> Stack[T] { Stack(items: []) }  fn push(self, x: T) { self.items = self.items + [x] } }
    impl Stack[T: Ord] { fn largest(self) -> T? { self.items.sort().last() } }";

fn expect_with_types(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        let text = DECLARED.replace("}  fn", "}\n fn");
        expect(&[(&format!("{text}\nfn main() {{ {body} }}"), expected)]);
    }
}

#[test]
fn methods_belong_to_types() {
    expect_with_types(&[
        ("println(Point.origin().moved(1).norm() + 1)", ""),
        ("println(Point.norm(Point.origin()))", ""),
        ("println([Point.origin()].map(Point.norm))", ""),
        ("let s = Stack.new(); s.push(1); println(s.largest())", ""),
        ("let s = Stack.new(); s.push(1); s.push(1.5)", "E0200 1.5"),
        ("let s = Stack.new(); s.push(|x: Int| x); println(s.largest())", "E0214 largest"),
        ("println(Point.origin().nrom())", "E0205 nrom"),
        ("println(Point.orgin())", "E0205 orgin"),
        ("println(Point.origin().origin())", "E0205 origin"),
        ("println(Point.origin().norm)", "E0206 norm"),
        ("println(Point.origin().moved())", "E0202 Point.origin().moved()"),
        ("println(Point.origin().moved(1.5))", "E0200 1.5"),
        ("println(Rule(apply: |n| n + 1).apply(1) + 1)", ""),
        ("println(Rule(apply: |n| n + 1).apply(_q))", "E0102 _q"),
        ("println(Point.origin().x(1))", "E0211 x"),
        ("println(1.show() + \"\".show()); println(1.eq(2)); println(1.cmp(2)); println((1, 2).hash())", ""),
        ("println(Int.MAX + Int.MIN); println(Int.MAXI)", "E0205 MAXI"),
        ("println(Int.MAX(1))", "E0211 MAX"),
    ]);
    assert_eq!(replacements("println([1].lenght())"), ["len"]);
    assert_eq!(replacements("let v = Vec.new(); v.append(1)"), ["push"]);
    assert_eq!(replacements("println(\"a\".trimm())"), ["trim"]);
}

#[test]
fn fields_belong_to_structs() {
    expect_with_types(&[
        ("let p = Point(x: 1, y: 2); println(p.x + p.y)", ""),
        ("println(Point(x: 1, y: 2).z)", "E0206 Point(x: 1, y: 2).z"),
        ("println(Point(x: 1, y: 1.5))", "E0200 1.5"),
        ("println(Point(x: 1, ..Counter(name: \"\", n: 1)))", "E0200 Counter(name: \"\", n: 1)"),
        ("let c = Counter(name: \"\", n: 1); c.n += 1; c.n = c.n * 2; println(c)", ""),
        ("let c = Counter(name: \"\", n: 1); c.name = \"a\"", "E0218 c.name"),
        ("let c = Counter(name: \"\", n: 1); c.n = \"a\"", "E0200 \"a\""),
        ("let c = Counter(name: \"\", n: 1); c.n += 1.5", "E0203 c.n += 1.5"),
        ("println((1, \"a\").1.len() + (1, \"a\").0)", ""),
        ("println((1, \"a\").2)", "E0206 2"),
        ("println(1.0.0)", "E0206 0"),
        ("println(same(Counter(name: \"\", n: 1), Counter(name: \"\", n: 1)))", ""),
        ("println(same(Point.origin(), Point.origin()))", "E0217 Point.origin()"),
    ]);
    let (diagnostics, sources) = check_files(&[
        (
            "test.weft",
            "import bank.{Account, open}\n\
             fn main() { let a = open(); println(a.owner); println(a.cents); println(a.worth()); \
             println(Account(owner: \"\", cents: 1)) }",
        ),
        (
            "bank.weft",
            "pub struct Account { pub owner: String, cents: Int }\n\
             impl Account { fn worth(self) -> Int { self.cents } }\n\
             pub fn open() -> Account { Account(owner: \"\", cents: 0) }",
        ),
    ]);
    assert_eq!(found(&diagnostics, &sources), "E0216 cents, E0216 1");
}

#[test]
fn elements_are_indexed_by_what_holds_them() {
    expect_in_main(&[
        (
            "let a: Int = [1][0]; let b: String = _s[0..1]; let c: [Int] = [1][0..=0]; println(\"{a}{b}{c}\")",
            "",
        ),
        ("let v = Vec.filled(3, 1); v[0] += v[1]; v[2] = 4; println(v[0..2])", ""),
        ("let m: Map[String, Int] = Map.new(); m[_s] = 1; m[_s] += 1; println(m[_s] + 1)", ""),
        ("let m: Map[String, Int] = Map.new(); m[1] = 1", "E0200 1"),
        ("let m: Map[String, Int] = Map.new(); m[_s] = _s", "E0200 _s"),
        ("let m = Map.new(); m[_s] = [1]; m[_s] += [2]; println(m)", ""),
        ("[1][_x]", "E0200 _x"),
        ("let xs = [1]; xs[0] = 2", "E0219 xs[0]"),
        ("let xs = [[1]]; xs[0][0] += 2", "E0219 xs[0][0]"),
        ("let v = Vec.filled(3, 1); v[0..2] = [1]", "E0219 v[0..2]"),
        ("(1, 2)[0]", "E0207 (1, 2)"),
    ]);
}

#[test]
fn loops_go_through_what_gives_elements() {
    let declared = "
        struct Countdown { var n: Int }
        impl Iter[Int] for Countdown {
          fn next(self) -> Int? { self.n -= 1; if self.n < 0 { None } else { Some(self.n) } }
        }
        struct Bag { items: [String] }
        impl Bag { fn iter(self) -> Iterator[String] { self.items.iter() } }
        fn sum[I: Iter[Int]](numbers: I) -> Int { var n = 0; for x in numbers { n += x }; n }";
    let cases = [
        ("for x in Countdown(n: 3) { let y: Int = x; println(y) }", ""),
        ("for x in Bag(items: []) { println(x.len()) }", ""),
        ("for c in \"abc\" { let d: Char = c; println(d) }", ""),
        ("for (k, v) in Map.new() { let a: Int = k; let b: Float = v; println(\"{a}{b}\") }", ""),
        ("for x in Set.new() { let a: Int = x; println(a) }", ""),
        ("for x in [1].iter().map(|x| x.to_float()) { println(x + 1.5) }", ""),
        ("for x in 0..=3 { println(x) }; let r = 0..3; for x in r { println(x) }", ""),
        ("println(sum(Countdown(n: 3)) + sum([1].iter()))", ""),
        ("println(sum([1.5].iter()))", "E0214 sum([1.5].iter())"),
        ("for x in Some(1) { println(x) }", "E0208 Some(1)"),
    ];
    for (body, expected) in cases {
        expect(&[(&format!("{declared}\nfn main() {{ {body} }}"), expected)]);
    }
}
