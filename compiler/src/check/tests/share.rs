//! Values that may cross from one thread to another.

use super::{expect, notes};

#[test]
fn threads_capture_what_never_changes() {
    let declared = "
        struct Point { x: Int, y: Int }
        struct Counter { var n: Int }
        struct Shop { name: String, tills: [Counter] }
        enum Either { Left(Point), Right(Vec[Int]) }";
    let cases = [
        ("let p = (Point(x: 1, y: 2), [Some(\"\")]); println((spawn { p }).join())", ""),
        ("let n = 0..3; let t = spawn { n }; let u = spawn { t.join() }; println(u.join())", ""),
        ("let v = Vec.filled(1, 1); let t = spawn { v.len() }; t.join()", "E0215 v"),
        ("let c = Counter(n: 1); let t = spawn { c.n }; t.join()", "E0215 c"),
        ("let s = Shop(name: \"\", tills: []); let t = spawn { s.name }; t.join()", "E0215 s"),
        ("let e = Left(Point(x: 1, y: 2)); let t = spawn { println(e) }; t.join()", "E0215 e"),
        ("let t = spawn { Vec.filled(1, 1) }; println(t.join())", "E0215 Vec.filled(1, 1)"),
        ("let t = spawn Vec.filled(1, 1).len(); println(t.join())", "E0215 Vec.filled(1, 1)"),
        ("let t = spawn { let v = Vec.filled(1, 1); v.push(2); v.freeze() }; println(t.join())", ""),
        // Functions: a thread may capture a `share fn`, but no other function value.
        ("let f = |x: Int| x + 1; let t = spawn { f(1) }; t.join()", ""),
        ("let c = Counter(n: 1); let f = |x: Int| x + c.n; let t = spawn { f(1) }; t.join()", "E0215 f"),
        ("var n = 1; let f = |x: Int| x + n; n = 2; let t = spawn { f(1) }; t.join()", "E0215 f"),
        (
            "let k = None; let f = || k; let t = spawn { f() }; let j: Int? = k; println(j); println(t.join())",
            "",
        ),
        ("let f: fn(Int) -> Int = |x| x + 1; let t = spawn { f(1) }; t.join()", "E0215 f"),
        ("let f: share fn(Int) -> Int = |x| x + 1; let t = spawn { f(1) }; t.join()", ""),
    ];
    for (body, expected) in cases {
        expect(&[(&format!("{declared}\nfn main() {{ {body} }}"), expected)]);
    }
    expect(&[
        ("fn f[T](x: T) { let t = spawn { println(x) }; t.join() }", "E0215 x"),
        ("fn f[T: Share](x: T) -> Task[T] { spawn { x } }", ""),
        (
            "fn f[T: Share](x: T) { println(x) }; fn main() { f(1); f(Vec.filled(1, 1)) }",
            "E0215 f(Vec.filled(1, 1))",
        ),
        ("fn g(f: share fn() -> Int) -> fn() -> Int { f }", ""),
        ("fn g(f: fn() -> Int) -> share fn() -> Int { f }", "E0200 f"),
        ("fn g() -> share fn() -> Int { var n = 1; || { n += 1; n } }", "E0215 n"),
        ("fn g(v: Vec[Int]) -> share fn() -> Int { || v.len() }", "E0215 v"),
        ("fn g(v: Vec[Int]) -> fn() -> Int { || v.len() }", ""),
        ("fn h() -> Int { 1 }; fn g() -> share fn() -> Int { h }", ""),
        (
            "struct A { a: [A], v: Int }; fn f[T: Share](x: T) { println(x) }; fn main() { f(A(a: [], v: 1)) }",
            "",
        ),
    ]);
}

#[test]
fn what_is_to_blame_is_named() {
    let shop = "struct C { var n: Int }; struct T { cs: [C] }; struct S { t: T }
        fn f(s: S) { let t = spawn { println(s) }; t.join() }";
    assert_eq!(
        notes(shop),
        [
            "reached through `t` of `S`, `cs` of `T`, which contains `C`",
            "a `C` can change: put it in a `Mutex`, or let one thread own it"
        ]
    );
    let vector = "fn f(v: Vec[Int]) { let t = spawn { println(v) }; t.join() }";
    assert!(notes(vector)[0].contains("`.freeze()`"), "{:?}", notes(vector));
    let function = "struct B { f: fn() -> () }; fn g(b: B) { let t = spawn { (b.f)() }; t.join() }";
    assert!(notes(function).iter().any(|note| note.contains("`share fn`")), "{:?}", notes(function));
}

#[test]
fn what_threads_share_is_shareable() {
    expect(&[
        (
            "fn f(c: Chan[Int], m: Mutex[Vec[Int]], a: Atomic) { spawn { c.len() + m.with(|v| v.len()) + a.get() } }",
            "",
        ),
        ("fn main() { let c = chan(1); c.send(Vec.filled(1, 1)) }", "E0215 send"),
        ("fn f(c: Chan[Vec[Int]]) { c }", "E0215 Chan[Vec[Int]]"),
        ("fn f[T](x: T, c: Chan[T]) { c.send(x) }", "E0215 Chan[T]"),
        // The value of a mutex is created inside the mutex, and stays there.
        ("fn f(v: Vec[Int]) { let m = Mutex.new(|| v); m.with(|v| v.len()) }", "E0215 v"),
        ("fn f(m: Mutex[Vec[Int]]) { m.with(|v| v) }", "E0215 with"),
        ("fn f(m: Mutex[Vec[Int]]) { let kept = Vec.new(); m.with(|v| kept.push(v.len())) }", "E0215 kept"),
        ("fn f(m: Mutex[Vec[Int]]) { var n = 0; m.with(|v| { n = v.len() }) }", "W0002 n, E0215 n"),
    ]);
}

#[test]
fn arms_of_a_select_are_of_channels() {
    expect(&[
        ("fn f(c: Chan[Int]) -> Int { select { v = c.recv() => v.unwrap_or(0); after 5 => 1 } }", ""),
        ("fn f(c: Chan[Int]) -> Int { select { v = c.recv() => v; after 5 => 1 } }", "E0200 v"),
        ("fn f(c: Chan[Int]) { let x = select { c.recv() => 1; else => \"\" }; println(x) }", "E0200 \"\""),
        ("fn f(c: Chan[Int]) { select { c.send(\"\") => 1; else => 2 } }", "E0200 \"\""),
        ("fn f() { select { after \"soon\" => 1 } }", "E0200 \"soon\""),
        ("fn f(c: [Int]) { select { c.recv() => 1; c.send(1) => 2 } }", "E0230 c, E0230 c"),
        ("fn f(c: Chan[Int]) -> Int { select { c.recv() => return 1; else => return 2 } }", ""),
        ("fn f(c: Chan[Int]) -> Int { scope { spawn { c.send(1) }; if c.len() > 0 { return 1 }; 2 } }", ""),
        ("fn f() -> Int { scope { \"\" } }", "E0200 \"\""),
    ]);
}
