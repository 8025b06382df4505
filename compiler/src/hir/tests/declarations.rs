//! Structs, enums, traits, `impl`s, aliases, constants, foreign functions and tests.

use super::{dumped, expect, resolved};
use crate::hir::{FunctionBody, NominalKind, Owner};
use crate::types::ForeignType;

#[test]
fn declarations_may_be_used_before_they_stand() {
    expect(&[
        ("fn f(p: Point) -> Point { Point(x: p.x) }; struct Point { x: Int }", ""),
        (
            "enum Shape { Empty, Round(Disc) }; fn f() -> Shape { Round(Disc(r: 1)) }; struct Disc { r: Int }",
            "",
        ),
        ("fn f() -> Int { LIMIT + LIMIT }; const LIMIT: Int = HALF * 2; const HALF: Int = 1", ""),
        ("type Grid = [Row]; type Row = [Int]; fn f(g: Grid) -> Row { g[0] }", ""),
        (
            "impl Named for Cat { fn name(self) -> String { self.title } }; struct Cat { title: String }\n\
             trait Named { fn name(self) -> String }",
            "",
        ),
        ("test \"one\" { assert(ready()) }; fn ready() -> Bool { true }", ""),
    ]);
}

#[test]
fn what_is_declared_twice_is_reported() {
    expect(&[
        ("struct A { x: Int }; enum A { B }", "E0104 A"),
        ("struct A { x: Int, x: Int }", "E0104 x"),
        ("enum A { B, B(Int) }", "E0104 B"),
        ("test \"a\" { assert(true) }; test \"b\" { assert(true) }; test \"a\" { }", "E0104 \"a\""),
        ("trait A { fn f(self); fn f(self) }", "E0104 f"),
        ("const N: Int = 1; const N: Int = 2", "E0104 N"),
        ("import std.vec; fn vec() { }; fn main() { vec() }", "E0104 vec"),
        ("fn f[T, T](x: T) { x }", "E0105 T"),
        ("struct S[T] { x: T }; impl S[T] { fn f[T](self, y: T) { y } }", "E0105 T"),
        // The variants of two enums do not hide each other, but they hide variants of the prelude.
        ("enum A { None, Other }; fn f() -> A { None }", ""),
        ("enum A { Leaf }; enum B { Leaf }; fn f() -> A { A.Leaf }", ""),
        // The checker chooses among variants of the same name.
        ("enum A { Leaf }; enum B { Leaf }; fn f() -> A { Leaf }", ""),
        ("enum A { Leaf }; enum B { Leaf }; fn f(a: A) -> Int { match a { Leaf => 1 } }", ""),
        ("enum A { B(x: Int, Int) }", "E0151 x"),
        ("enum A { B(x: Int, x: Int) }", "E0104 x"),
        ("trait A: B { }; trait B: A { }", "E0150 A"),
        // Items hide variants. Items and variants hide the names that the compiler provides.
        ("enum A { Leaf }; struct Leaf { x: Int }; fn f() -> Leaf { Leaf(x: 1) }", ""),
        ("struct Task { n: Int }; fn f(t: Task) -> Task { Task(n: 1, ..t) }", ""),
        ("fn min(a: Int) -> Int { a }; fn f() -> Int { min(1) }", ""),
    ]);
}

#[test]
fn types_are_resolved() {
    expect(&[
        ("fn f(a: (Int, [String]), b: Int?, c: fn(Int) -> Bool, d: share fn()) { a }", ""),
        ("fn f(v: Vec[Int], m: Map[String, Set[Char]], r: Result[(), Byte], g: Array[Float]) { v }", ""),
        ("fn f(x: Point) { x }", "E0103 Point"),
        ("fn f(x: Vec) { x }", "E0112 Vec"),
        ("fn f(x: Map[Int]) { x }", "E0112 Map[Int]"),
        ("fn f(x: Option[Int, Int]) { x }", "E0112 Option[Int, Int]"),
        ("fn f[T](x: T[Int]) { x }", "E0112 T[Int]"),
        ("fn f(x: f) { x }", "E0103 f"),
        ("fn f(x: Show) { x }", "E0103 Show"),
        ("fn f(x: println) { x }", "E0103 println"),
        ("const N: Int = 1; fn f(x: N) { x }", "E0103 N"),
        ("enum A { B }; fn f(x: B) { x }", "E0103 B"),
        ("enum A { B }; fn f(x: A.B) { x }", "E0103 B"),
        ("fn f(x: Int.Max) { x }", "E0119 Max"),
        ("fn f(x: Self) { x }", "E0130 Self"),
        ("struct A { x: Self }", "E0130 Self"),
        ("fn f(a: CInt, b: CLong, c: CSize, d: CString, e: CPtr) { a }", ""),
    ]);
}

#[test]
fn type_parameters_are_in_scope_where_they_are_declared() {
    expect(&[
        ("struct Pair[A, B] { first: A, second: B }; fn f(p: Pair[Int, [String]]) { p }", ""),
        ("fn f[T: Ord + Show](xs: [T]) -> T? { None }", ""),
        ("fn f[T: Iter[Int]](x: T) { x }", ""),
        ("fn f[T: Iter](x: T) { x }", "E0112 Iter"),
        ("fn f[T: Sow](x: T) { x }", "E0135 Sow"),
        ("fn f[T: Int](x: T) { x }", "E0135 Int"),
        ("fn f[T](x: T) { x }; fn g(x: T) { x }", "E0103 T"),
        ("enum Tree[T] { Leaf, Node(Tree[T], T, Tree[T]) }", ""),
        ("struct S[T] { x: T }; impl S[T] { fn f[U](self, g: fn(T) -> U) -> U { g(self.x) } }", ""),
        ("struct S[T] { x: T }; impl Show for S[T: Show] { fn show(self) -> String { \"{self.x}\" } }", ""),
        ("struct S[T] { x: T }; impl S { fn f(self) { } }", "E0112 S"),
        ("struct S[T] { x: T }; impl S[Int] { fn f(self) { } }", ""),
        ("struct S[T] { x: T }; impl S[Int: Show] { fn f(self) { } }", "E0136 Int"),
        ("struct S[T] { x: T }; impl S[Vec] { fn f(self) { } }", "E0112 Vec"),
        ("impl Missing { fn f(self) -> Self { self } }", "E0103 Missing"),
        ("struct S { x: Int }; impl Missing for S { fn f(self) { } }", "E0135 Missing"),
        ("struct S { x: Int }; impl S for S { fn f(self) { } }", "E0135 S"),
        (
            "trait Add[R] { fn add(self, other: R) -> Self }\n\
             impl Add[Int] for Int { fn add(self, other: Int) -> Int { self + other } }",
            "",
        ),
    ]);
}

#[test]
fn aliases_stand_for_what_they_name() {
    expect(&[
        ("type Table[V] = Map[String, V]; fn f(t: Table[Int]) -> Table[Table[Int]]? { None }", ""),
        ("type Table[V] = Map[String, V]; fn f(t: Table) { t }", "E0112 Table"),
        ("type A = B; type B = C; type C = A; fn f(a: A, b: B) { a }", "E0133 A"),
        ("type A = [A]", "E0133 A"),
        ("type A[T] = A[[T]]", "E0133 A"),
        ("type A = Missing; fn f(a: A) { a }", "E0103 Missing"),
        ("struct Point { x: Int }; type P = Point; fn f() -> P { P(x: 1) }", ""),
        ("enum Shape { Empty }; type S = Shape; fn f() -> S { S.Empty }", ""),
        ("type T = Int; fn f[T](x: T) { x }", ""),
    ]);
    let (_, hir, _) = resolved("type Table[V] = Map[String, V]; fn f(t: Table[[Int]]) { t }");
    let f = hir.functions.iter().find(|f| f.name.as_str() == "f").expect("it is declared");
    let shown = hir.types.display(f.parameters[0].ty.expect("it is right")).to_string();
    assert_eq!(shown, "Map[String, [Int]]");
}

#[test]
fn aliases_of_any_number_are_resolved_and_of_any_size_are_not() {
    let chain: String = (0..5_000).map(|n| format!("type A{n} = A{}\n", n + 1)).collect();
    expect(&[(&format!("{chain}type A5000 = Int\nfn f(a: A0) -> Int {{ a }}"), "")]);
    let doubling: String = (0..64).map(|n| format!("type D{} = (D{n}, D{n})\n", n + 1)).collect();
    let (_, _, found) = resolved(&format!("type D0 = Int\n{doubling}"));
    assert_eq!(found.iter().map(|found| found.code.0).collect::<Vec<_>>(), ["E0134"]);
    let nested = format!("type D[T] = (T, T); fn f(x: {}Int{}) {{ x }}", "D[".repeat(200), "]".repeat(200));
    let (_, _, found) = resolved(&nested);
    assert_eq!(found.iter().map(|found| found.code.0).collect::<Vec<_>>(), ["E0134"]);
}

#[test]
fn foreign_functions_have_types_of_c() {
    let (_, hir, found) = resolved(
        "extern \"C\" { fn f(a: CInt, b: CString, c: CSize, d: CLong, e: Byte, g: Bool, h: CPtr) -> Float\n fn g() }\n\
         extern \"C\" blocking { pub fn h(x: Int) -> CInt }",
    );
    assert_eq!(found, []);
    let foreign = |name: &str| {
        let found = hir.functions.iter().find(|f| {
            f.name.as_str() == name
                && f.module == hir.functions[hir.functions.ids().next().expect("there are functions")].module
        });
        match &found.expect("it is declared").body {
            FunctionBody::Foreign(foreign) => foreign.clone(),
            other => panic!("{other:?}"),
        }
    };
    use ForeignType::{Bool, Byte, CInt, CPtr, CSize, CString, Float, Int, Unit};
    assert_eq!(foreign("f").parameters, [CInt, CString, CSize, Int, Byte, Bool, CPtr]);
    assert_eq!((foreign("f").result, foreign("f").blocking), (Float, false));
    assert_eq!((foreign("g").result, foreign("h").result, foreign("h").blocking), (Unit, CInt, true));
    expect(&[
        ("extern \"C\" { fn f(s: String) }", "E0137 String"),
        ("extern \"C\" { fn f(s: [Int]) -> Int? }", "E0137 [Int], E0137 Int?"),
        ("extern \"C\" { fn f(s: Missing) }", "E0103 Missing"),
        ("extern \"C\" { fn f(s: ()) -> () }", "E0137 ()"),
        ("type Handle = CPtr; extern \"C\" { fn f() -> Handle }", ""),
        (
            "extern \"weft\" { fn array_new[T](n: Int) -> [T] }; fn f() -> [Int] { array_new(1) }",
            "E0131 extern",
        ),
        ("impl Int { const TWO: Int = 2 }", "E0132 TWO"),
    ]);
}

#[test]
fn functions_know_where_they_are_declared() {
    let (_, hir, found) = resolved(
        "pub struct S[T] { pub x: T, var n: Int }\n\
         impl S[T] { fn first[U](self, u: U) -> T { self.x } }\n\
         pub trait Named[R] { fn name(self) -> R\n fn twice(self) -> (R, R) { (self.name(), self.name()) } }\n\
         test \"adds\" { assert(true) }",
    );
    assert_eq!(found, []);
    let named = |name: &str| {
        let functions = hir.functions.iter().filter(|f| !hir.modules[f.module].library);
        functions.clone().find(|f| f.name.as_str() == name).expect("it is declared")
    };
    let shown = |name: &str| {
        let generics = named(name).generics.iter();
        generics.map(|&id| hir.parameters[id].name.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!((shown("first").as_str(), shown("name").as_str()), ("T U", "Self R"));
    assert!(matches!(named("first").owner, Owner::Impl(_)) && named("first").public);
    assert!(matches!(named("name").body, FunctionBody::Required) && named("twice").body.weft().is_some());
    assert!(named("first").has_receiver && named("first").parameters.len() == 2);
    assert_eq!((hir.tests.len(), &*hir.tests[0].name), (1, "adds"));
    assert_eq!(hir.functions[hir.tests[0].function].parameters.len(), 0);
    let nominal = hir.nominals.iter().find(|nominal| nominal.name.as_str() == "S").expect("it is declared");
    let NominalKind::Struct(fields) = &nominal.kind else { panic!("{nominal:?}") };
    assert!(nominal.public && fields[0].public && !fields[1].public && fields[1].mutable);
}

#[test]
fn the_tree_as_text_is_close_to_the_source() {
    let text = dumped(
        "struct Pair[A, B] { first: A, var second: B }\n\
         impl Show for Pair[A: Show, B] { fn show(self) -> String { \"{self.first}\" } }\n\
         const LIMIT: Int = 10\n\
         fn f[T: Ord](p: Pair[T, Int]) -> T {\n  match p {\n\
         Pair(first, second: 1..=9) => first\n  Pair(first, ..) => first }\n}\n",
    );
    for line in [
        "struct Pair[A, B] {",
        "  var second: B",
        "const LIMIT: Int =",
        "fn f[T: Ord](p$0: Pair[T, Int]) -> T {",
        "        Pair(first: first$1, second: 1..=9) =>",
        "impl[A: Show, B] Show for Pair[A, B] {",
        "  fn show[A: Show, B](self$0: Pair[A, B]) -> String {",
    ] {
        assert!(text.lines().any(|found| found == line), "no `{line}` in\n{text}");
    }
}
