//! Type inference: types that are inferred, and types that cannot be inferred.

use super::{expect, expect_in_main, load, messages, replacements};

#[test]
fn generic_calls_find_their_types() {
    let declared = "
        fn id[T](x: T) -> T { x }
        fn pair[A, B](a: A, b: B) -> (A, B) { (a, b) }
        fn apply[A, B](f: fn(A) -> B, x: A) -> B { f(x) }
        fn first[T](xs: [T]) -> T? { xs.first() }
        struct Box[T] { value: T }
        enum Tree[T] { Leaf, Node(Tree[T], T, Tree[T]) }";
    let in_main = |cases: &[(&str, &str)]| {
        for (body, expected) in cases {
            expect(&[(&format!("{declared}\nfn main() {{ {body} }}"), expected)]);
        }
    };
    in_main(&[
        ("let a: Int = id(1); let b: String = id(\"\"); println(\"{a} {b}\")", ""),
        ("let a: (Int, Float) = pair(1, 2.0); println(a)", ""),
        ("let a: String = id(1); println(a)", "E0200 1"),
        ("let a: (Int, Float) = pair(1, 2); println(a)", "E0200 2"),
        // A lambda is checked after the other arguments.
        ("println(apply(|x| x + 1, 1) + 1)", ""),
        ("println(apply(|x| x.len(), \"a\"))", ""),
        ("println(apply(id, 1) + 1)", ""),
        ("println([1].map(id).map(Some))", ""),
        ("let b = Box(value: 1); println(b.value + 1)", ""),
        ("let b: Box[Float] = Box(value: 1); println(b.value)", "E0200 1"),
        ("var t = Leaf; t = Node(t, 1, Leaf); t = Node(t, \"\", Leaf)", "E0200 \"\""),
        ("let x = None; let y: Int? = x; println(y)", ""),
        ("let v = Vec.new(); v.push(1); v.push(\"\"); println(v)", "E0200 \"\""),
        ("println(first([]) == Some(1))", ""),
        ("let add = |a, b| a + b; println(add(1, 2) + 3)", ""),
        ("let add = |a, b| a + b; println(add(true, false))", "E0204 a + b"),
        ("let f = |x| -x; println(f(1.5)); println(f(1))", "E0200 1"),
    ]);
}

#[test]
fn what_nothing_says_is_asked_for() {
    expect_in_main(&[
        ("let v = []; println(v)", "E0212 v"),
        ("let v = Vec.new(); println(v)", "E0212 v"),
        ("println(None)", "E0212 None"),
        ("let f = |x| x.len(); println(f(_s))", "E0212 x"),
        ("let f = |x| x.name; println(f(_s))", "E0212 x"),
        ("let f = |x| x; println(1)", "W0002 f, E0212 x"),
        // An unknown type is reported once.
        ("let a = None; let b = a; println(\"{a} {b}\")", "E0212 a"),
        ("let a = None; println(a); println(_q)", "E0102 _q"),
        // An expression that never completes may have any type.
        ("let f = || panic(_s); f()", ""),
        ("println(Some(panic(_s)))", ""),
        ("let f = |x| x(x); println(f(_n))", "E0212 x"),
        ("let v = Vec.new(); v.push(v)", "E0200 v"),
    ]);
    assert_eq!(replacements("let v = Vec.new(); println(v)"), [": Vec[Int]"]);
}

#[test]
fn lambdas_are_functions() {
    expect_in_main(&[
        ("let f: fn(Int) -> Int = |x| x + 1; println(f(1))", ""),
        ("let f: fn(Int) -> Int = |x| _s; println(f(1))", "E0200 _s"),
        ("let f: fn(Int) -> Int = |x: Float| 1; println(f(1))", "E0200 |x: Float| 1"),
        ("let f: fn(Int) -> Int = |x, y| 1; println(f(1))", "E0202 |x, y| 1"),
        ("let f = |x: Int| x + 1; println(f(1, 2))", "E0202 f(1, 2)"),
        ("let f = |x: Int| { if x > 1 { return 1 }; 2 }; println(f(1))", ""),
        ("let f = |x: Int| { if x > 1 { return _s }; 2 }; println(f(1))", "E0200 2"),
        // If the expected result is `()`, the lambda's value is discarded.
        ("let f: fn(Int) -> () = |x| x + 1; f(1)", "W0004 x + 1"),
        ("let f = println; f(1)", "E0211 println"),
        ("println([1].map(|x| x.to_float()).map(|x| x * 1.5))", ""),
        ("let f = |x: Int| |y: Int| x + y; println(f(1)(2))", ""),
        ("let fs = [|x| x + 1, |x| x * 2]; println(fs[0](1))", ""),
        ("var n = 0; let fs = [|x| x + 1, |x| { n += x; n }]; println(fs[0](1))", ""),
        ("var n = 0; let f = if _b { |x| x + n } else { |x| x + 1 }; n = f(1)", ""),
    ]);
    assert_eq!(
        messages("let f: fn(Int, Int) -> Int = |x| x; f(1, 2)"),
        ["this lambda takes one argument, but it is called with 2"]
    );
}

#[test]
fn patterns_have_the_type_of_what_they_match() {
    expect_in_main(&[
        ("let (a, b) = (1, 1.5); println(a + 1); println(b + 1.5)", ""),
        ("let (a, b, c) = (1, 2); println(a + b + c)", "E0200 (a, b, c)"),
        ("match _n { 1 => (), \"a\" => (), _ => () }", "E0200 \"a\""),
        ("match Some(_n) { Some(x) if x > 1 => println(x), Some(_) | None => () }", ""),
        ("match (_n, _s) { (1, x) | (_, x) => println(x.len()) }", ""),
        ("match (_n, _s) { (1, x) => (), (x, \"\") | (_, x) => () }", "E0200 x"),
        ("match [1, 2] { [a, ..rest] => println(a + rest.len()), [] => () }", ""),
        ("match Vec.filled(1, 1) { [a] => println(a), _ => () }", "E0200 [a]"),
        ("if let Some(x) = [1].first() { println(x + 1) }", ""),
        ("if let Some(x) = _n { println(x + 1) }", "E0200 Some(x)"),
        ("for (i, x) in [1.5].enumerate() { println(i + 1); println(x + 1.5) }", ""),
        ("let a = match _n { 0 => 1, _ => \"\" }; println(a)", "E0200 \"\""),
        ("let f = |(a, b): (Int, Int)| a + b; println(f((1, 2)))", ""),
        ("match 'x' { 'a'..='z' => (), b'a' => (), _ => () }", "E0200 b'a'"),
    ]);
}

#[test]
fn a_question_mark_needs_a_way_out() {
    expect(&[
        ("fn f(x: Int?) -> Float? { Some(x?.to_float()) }", ""),
        ("fn f(x: Int?) -> Int { x? }", "E0220 ?"),
        ("fn f(x: Int?) { println(x?) }", "E0220 ?"),
        ("fn f(x: Int) -> Int? { Some(x?) }", "E0220 x"),
        ("fn f(x: Result[Int, String]) -> Result[(), String] { println(x?); Ok(()) }", ""),
        ("fn f(x: Result[Int, String]) -> Result[(), Int] { println(x?); Ok(()) }", "E0220 ?"),
        ("fn f(x: Result[Int, String]) -> Int? { Some(x?) }", "E0220 ?"),
        ("fn f(x: Int?) -> Int { let g = || Some(x? + 1); g().unwrap_or(0) }", ""),
        ("fn f(x: Int?) -> Task[Int?] { spawn { Some(x? + 1) } }", ""),
        ("fn main() -> Result[(), String] { let x: Result[Int, String] = Ok(1); println(x?); Ok(()) }", ""),
    ]);
}

#[test]
fn deep_types_are_refused_in_no_time() {
    let nested = |count: usize| -> String {
        let lets: String = (0..count).map(|n| format!("let x{} = [x{n}]\n", n + 1)).collect();
        format!("fn main() {{\nlet x0 = 1\n{lets}println(x{count}.len())\n}}")
    };
    expect(&[(&nested(400), ""), (&nested(10_000), "E0134 [x500]")]);
    // Each type is twice as large as the previous; the text of the last would fill the memory.
    let doubled: String = (0..60).map(|n| format!("let x{} = (x{n}, x{n})\n", n + 1)).collect();
    let source = format!("fn main() {{\nlet x0 = 1\n{doubled}let y = x60\nprintln(y == x60)\n}}");
    let (hir, ..) = load(&[("test.weft", &source)]);
    assert_eq!(super::super::check(&hir).1, []);
}
