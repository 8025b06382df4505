//! Constants: the expressions that they may consist of, and their values.

use super::super::tables::Value;
use super::{expect, load};

#[test]
fn constants_are_values() {
    expect(&[
        ("const A: Int = 1 + 2 * 3; const B: Int = A << 2; fn main() { println(B) }", ""),
        (
            "const A: [Int] = [1, B]; const B: Int = 2; const C: (Int, [Int]) = (B, A); fn main() { println(C) }",
            "",
        ),
        ("const A: Int = \"\"; fn main() { println(A) }", "E0200 \"\""),
        ("fn f() -> Int { 1 }; const A: Int = f(); fn main() { println(A) }", ""),
        ("const A: Int = if true { 1 } else { 2 }; fn main() { println(A) }", ""),
        ("const A: Int = loop { break 1 }; fn main() { println(A) }", "E0227 loop { break 1 }"),
        ("const A: [Int] = [1].map(|n| n); fn main() { println(A) }", "E0227 |n| n"),
        ("const A: Vec[Int] = [1].to_vec(); fn main() { println(A) }", "E0227 Vec[Int]"),
        ("fn f() -> Int { 1 }; const A: Int = f(); fn main() { match 3 { A => (), _ => () } }", "E0227 A"),
        ("const A: Int = A; fn main() { println(A) }", "E0228 A"),
        ("const A: Int = B + 1; const B: Int = C; const C: Int = A; fn main() { println(A) }", "E0228 A"),
        ("const A: Int = Int.MAX + 1; fn main() { println(A) }", "E0229 Int.MAX + 1"),
        ("const A: Int = 1 / B; const B: Int = 0; fn main() { println(A) }", "E0229 1 / B"),
        ("const A: Int = 1 << 64; fn main() { println(A) }", "E0229 1 << 64"),
        ("const A: Byte = b'z' * b'z'; fn main() { println(A) }", "E0229 b'z' * b'z'"),
        ("const A: Bool = false && 1 / 0 == 1; fn main() { println(A) }", ""),
        ("const A: Int = 3; fn main() { match 3 { A => println(1), _ => () } }", ""),
        ("const A: [Int] = [3]; fn main() { match [3] { A => println(1), _ => () } }", "E0227 A"),
        ("const A: Int = 3; fn main() { match \"\" { A => println(1), _ => () } }", "E0200 A"),
    ]);
    // A long chain of constants: `C0` names `C1`, and so on up to `C20000`.
    let chain: String = (0..20_000).map(|n| format!("const C{n}: Int = C{} + 1\n", n + 1)).collect();
    expect(&[(&format!("{chain}const C20000: Int = 0\nfn main() {{ println(C0) }}"), "")]);
}

#[test]
fn values_are_computed_as_a_program_would() {
    let source = "
        const A: Int = -7 / 2 + -7 % 2
        const B: Float = 1.5 * 2.0 - 0.5
        const C: String = \"a\" + \"b\"
        const D: Bool = \"a\" < \"b\" && (1, 2) < (1, 3) && !(0.0 / 0.0 == 0.0 / 0.0)
        const E: Byte = ~b'a' & b'0' | b'A'
        const F: Int = Int.MAX +% 1
        const G: Char = 'x'";
    let (hir, ..) = load(&[("test.weft", source)]);
    let (types, diagnostics) = super::super::check(&hir);
    assert_eq!(diagnostics, []);
    let value = |name: &str| {
        let of_name = |of: &crate::hir::Constant| {
            of.name.as_str() == name && of.module == hir.modules.ids().next().unwrap()
        };
        let (id, _) = hir.constants.iter_enumerated().find(|(_, of)| of_name(of)).expect("it is declared");
        types.constants[id].value.clone()
    };
    assert_eq!(value("A"), Some(Value::Int(-4)));
    assert_eq!(value("B"), Some(Value::Float(2.5)));
    assert_eq!(value("C"), Some(Value::String("ab".into())));
    assert_eq!(value("D"), Some(Value::Bool(true)));
    assert_eq!(value("E"), Some(Value::Byte(!b'a' & b'0' | b'A')));
    assert_eq!(value("F"), Some(Value::Int(i64::MIN)));
    assert_eq!(value("G"), Some(Value::Char('x')));
}
