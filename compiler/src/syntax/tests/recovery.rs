//! Tests of error recovery: one message per mistake, in the user's words, and all mistakes of a file in one run.

use super::{messages, parse_text};
use crate::syntax::ast::{ExpressionKind, ItemKind};

/// Returns the message about a program, which must be the only one.
#[track_caller]
fn only(text: &str) -> String {
    let found = messages(text);
    assert_eq!(found.len(), 1, "{text}: {found:#?}");
    found[0].clone()
}

/// Returns the message about statements in a function body, which must be the only one.
#[track_caller]
fn in_body(statements: &str) -> String {
    only(&format!("fn f() {{\n{statements}\nafter()\n}}\nfn g() {{ }}"))
}

#[test]
fn messages_say_what_was_expected_where() {
    let expectations = [
        ("let x = (a + )", "expected an expression after `+`, found `)` @\")\""),
        ("let x =\nlet y = 1", "expected an expression after `=`, found `let` @\"let\""),
        ("foo(a b)", "expected `,` or `)` after `a`, found `b` @\"b\""),
        ("let = 5", "expected a pattern after `let`, found `=` @\"=\""),
        ("let x: = 5", "expected a type after `:`, found `=` @\"=\""),
        ("a b", "expected the end of the statement after `a`, found `b` @\"b\""),
        ("if x\n{ y }", "expected `{` after `x`, found the end of the line @\"\""),
        ("a.match", "expected a name or a number after `.`, found `match` @\"match\""),
        ("for x xs { }", "expected `in` after `x`, found `xs` @\"xs\""),
        ("if x = 5 { }", "an assignment cannot be used as a value @\"=\""),
        ("a + b = 5", "this cannot be assigned @\"=\""),
        ("f() = 5", "this cannot be assigned @\"f()\""),
        ("a < b < c", "comparisons cannot be chained @\"<\""),
        ("a == b != c", "comparisons cannot be chained @\"!=\""),
        ("/// text\nlet x = 1", "this doc comment documents nothing @\"/// text\""),
        ("a && spawn b", "expected an expression after `&&`, found `spawn` @\"spawn\""),
        ("match x { a -> 1 }", "expected `if` or `=>` after `a`, found `->` @\"->\""),
        ("\"{a b}\"", "expected `{`, `:` or `}` after `a`, found `b` @\"b\""),
        ("a $ b", "unexpected character `$` @\"$\""),
        ("let [.., ..] = a", "an array pattern can have only one `..` @\"..\""),
    ];
    for (statements, message) in expectations {
        assert_eq!(in_body(statements), message, "{statements}");
    }
    assert!(messages("fn f() { (a < b) == c; a == (b < c); (a < b) == (c < d) }").is_empty());
}

#[test]
fn items_are_checked() {
    let expectations = [
        ("const X: Int", "expected `=` after `Int`, found the end of the file"),
        ("let x = 5\nlet y = 6", "expected an item, found `let`"),
        ("fn f(a) { }", "expected `:` after `a`, found `)`"),
        ("fn f()", "this function has no body"),
        ("fn f(self) { }", "only functions in an `impl` or a `trait` have `self`"),
        ("impl A { fn f(a: Int, self) { } }", "`self` must be the first parameter"),
        ("impl A { fn f() }", "this function has no body"),
        ("extern \"C\" { fn f() { } }", "a foreign function has no body"),
        ("extern \"C\" { fn f[T](x: T) }", "a foreign function cannot be generic, a generator or a method"),
        ("extern \"weft\" { fn f(self) }", "a foreign function cannot be generic, a generator or a method"),
        ("trait A { const B: Int = 1 }", "expected a function, found another item"),
        ("extern \"D\" { }", "unknown calling convention"),
        ("pub test \"a\" { }", "`pub` has no meaning before `test`"),
        ("struct A { x }", "expected `:` after `x`, found `}`"),
        ("fn type() { }", "expected a name after `fn`, found `type`"),
        ("trait A { struct B { } }", "expected a function, found another item"),
    ];
    for (text, message) in expectations {
        let found = only(text);
        assert!(found.starts_with(message), "{text}: {found}");
    }
}

#[test]
fn brackets_point_to_where_they_open() {
    let expectations = [
        ("println(\"a\"", "this `(` is never closed @\"(\""),
        ("foo(a))", "this `)` has no opening bracket @\")\""),
        ("foo(a]", "`]` does not close `(` @\"]\""),
        ("foo([a)", "this `[` is never closed @\"[\""),
        ("if a {\n b", "this `{` is never closed @\"{\""),
        ("a\n}\nfn h(x: Int -> Int {\n", "this `(` is never closed @\"(\""),
        ("\"{f(a}\"", "this `(` is never closed @\"(\""),
    ];
    for (statements, message) in expectations {
        let found = messages(&format!("fn f() {{\n{statements}\nafter()\n}}\nfn g() {{ }}"));
        assert_eq!(found.first().map(String::as_str), Some(message), "{statements}: {found:#?}");
        assert!(found.len() <= 2, "{statements}: {found:#?}");
    }
    // The line after the missing bracket is parsed as usual, so its own mistake is reported.
    assert_eq!(messages("fn f() {\n  g(1\n  a b\n}").len(), 2);
    assert_eq!(only("fn f() {\n  a\n  b\n}\n}\nfn g() { }"), "this `}` has no opening bracket @\"}\"");
    assert_eq!(only("fn f() {\n  a }\n  b\n  c\n}\nfn g() { }"), "this `}` has no opening bracket @\"}\"");
    assert_eq!(only("fn f() {\n  if a {\n}\nfn g() { }\n"), "this `{` is never closed @\"{\"");
}

#[test]
fn every_mistake_is_reported_in_one_run() {
    let text = "
fn f() {
  let a = 1 +
  let b = (2 * )
  if x { y z } else { let = 3 }
  match a {
    1 => ,
    2 => 5 5
    3 => ok
  }
  good(a)
}
struct S { x: , y: Int }
fn g( { }
const = 1
fn good() { }
";
    let found = messages(text);
    assert_eq!(found.len(), 8, "{found:#?}");
    let (ast, _) = parse_text(text);
    let functions =
        ast.top_level.iter().filter(|&&item| matches!(ast.items[item].kind, ItemKind::Function(_)));
    assert!(functions.count() >= 2);
    // Recovery keeps the correct code around the mistakes, such as the third arm.
    let arms = ast.expressions.iter().find_map(|expression| match &expression.kind {
        ExpressionKind::Match { arms, .. } => Some(arms.len()),
        _ => None,
    });
    assert_eq!(arms, Some(3));
}

/// Syntax errors before an unterminated string are reported, errors after it are not.
#[test]
fn an_unterminated_string_hides_what_follows_it_alone() {
    let found = messages("fn f() { a b }\nfn g() { let x = \"abc }\nfn h() { c d }\n");
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].ends_with("found `b` @\"b\"") && found[1].starts_with("this string is never closed"));
}

#[test]
fn what_the_end_of_the_file_cuts_off_is_reported_once() {
    assert_eq!(only("fn main("), "this `(` is never closed @\"(\"");
    assert_eq!(only("fn f() { g(\"a\\"), "this string is never closed @\"\\\"\"");
    assert_eq!(only("fn f() { g(\"{1:"), "this interpolation is never closed @\"{\"");
    assert_eq!(
        only("fn f() { g(\"\\u{12\") }"),
        "expected hexadecimal digits in braces after `\\u` @\"\\\\u{12\""
    );
}

#[test]
fn the_number_of_errors_is_bounded() {
    let text = format!("fn f() {{\n{}}}", "a b\n".repeat(10_000));
    assert!(messages(&text).len() <= 50);
}
