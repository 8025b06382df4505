//! Lexical and syntax errors, one function each.

use super::MAX_NESTING;
use super::format::FormatFault;
use crate::diagnostics::{Applicability, Code, Diagnostic, Fix};
use crate::source::Span;

const CHARACTER: Code = Code("E0001");
const UNTERMINATED_STRING: Code = Code("E0002");
const UNTERMINATED_COMMENT: Code = Code("E0003");
const NUMBER: Code = Code("E0004");
const NUMBER_RANGE: Code = Code("E0005");
const CHARACTER_LITERAL: Code = Code("E0006");
const ESCAPE: Code = Code("E0007");
const FORMAT: Code = Code("E0008");
const UNEXPECTED: Code = Code("E0010");
const UNCLOSED: Code = Code("E0011");
const UNOPENED: Code = Code("E0012");
const NESTING: Code = Code("E0013");
const COMPARISON_CHAIN: Code = Code("E0014");
const ASSIGNMENT_TARGET: Code = Code("E0015");
const FUNCTION_BODY: Code = Code("E0016");
const VISIBILITY: Code = Code("E0017");
const IMPL_PARAMETERS: Code = Code("E0018");
const ITEM_IN_BLOCK: Code = Code("E0019");
const STATEMENT_OUTSIDE: Code = Code("E0020");
const ABI: Code = Code("E0021");
const DOC_COMMENT: Code = Code("E0022");
const RECEIVER: Code = Code("E0023");
const PATTERN_REST: Code = Code("E0024");
const LET_BEFORE_OR: Code = Code("E0025");

fn replace(span: Span, with: &str, applicability: Applicability) -> Fix {
    Fix { message: format!("write `{with}`"), span, replacement: with.to_string(), applicability }
}

/// `if let p = e || c`
pub(super) fn let_before_or(operator: Span) -> Diagnostic {
    Diagnostic::error(LET_BEFORE_OR, "`||` cannot join a condition with `let`", operator, "")
        .with_note("the variables of a `let` exist only if its pattern matches: join conditions with `&&`")
}

// Characters and literals.

pub(super) fn unexpected_character(character: char, span: Span) -> Diagnostic {
    let shown = match character {
        ' '..='~' => format!("`{character}`"),
        _ => format!("U+{:04X}", character as u32),
    };
    let error = Diagnostic::error(CHARACTER, format!("unexpected character {shown}"), span, "");
    match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => error
            .with_note(
                "it changes the direction of the text: the code would look different from what it does",
            ),
        '\u{201c}' | '\u{201d}' => error.with_fix(replace(span, "\"", Applicability::Likely)),
        '\u{2018}' | '\u{2019}' => error.with_fix(replace(span, "'", Applicability::Likely)),
        '\r' => error.with_note("end the line with a line feed, or with a carriage return and a line feed"),
        character if character.is_control() => {
            error.with_note("remove it: it is an invisible control character")
        }
        _ => error,
    }
}

pub(super) fn foreign_identifier(span: Span) -> Diagnostic {
    Diagnostic::error(CHARACTER, "a name may contain only ASCII letters, digits and `_`", span, "not a name")
        .with_note("other characters are allowed in strings and comments")
}

pub(super) fn unterminated_string(opening: Span, multi_line: Option<Span>) -> Diagnostic {
    let error =
        Diagnostic::error(UNTERMINATED_STRING, "this string is never closed", opening, "it begins here");
    match multi_line {
        Some(span) => {
            error.with_label(span, "this string spans several lines: perhaps its closing quote is missing")
        }
        None => error,
    }
}

pub(super) fn unterminated_interpolation(brace: Span, quote: Span) -> Diagnostic {
    let message = "this interpolation is never closed";
    Diagnostic::error(UNTERMINATED_STRING, message, brace, "it begins here")
        .with_label(quote, "in this string")
        .with_note("write `\\{` for a brace that begins no interpolation")
}

pub(super) fn unterminated_comment(opening: Span) -> Diagnostic {
    Diagnostic::error(UNTERMINATED_COMMENT, "this comment is never closed", opening, "it begins here")
        .with_note("comments nest: every `/*` needs a `*/`")
}

pub(super) fn bad_digit(digit: char, radix: u32, span: Span) -> Diagnostic {
    let kind = match radix {
        2 => "a binary",
        8 => "an octal",
        16 => "a hexadecimal",
        _ => "a decimal",
    };
    Diagnostic::error(NUMBER, format!("`{digit}` is not a digit of {kind} number"), span, "")
}

pub(super) fn no_digits(span: Span) -> Diagnostic {
    Diagnostic::error(NUMBER, "this number has no digits", span, "")
}

pub(super) fn bad_exponent(span: Span) -> Diagnostic {
    Diagnostic::error(NUMBER, "this is not a valid number", span, "")
        .with_note("a float looks like `1.5`, `1e9` or `2.5e-3`")
}

pub(super) fn integer_too_large(span: Span) -> Diagnostic {
    Diagnostic::error(NUMBER_RANGE, "this integer is too large", span, "more than 64 bits")
        .with_note(format!("the largest `Int` is {}", i64::MAX))
}

pub(super) fn float_too_large(span: Span) -> Diagnostic {
    Diagnostic::error(NUMBER_RANGE, "this float is too large", span, "it would be infinite")
        .with_note("for infinity write `Float.INFINITY`")
}

pub(super) fn empty_character(span: Span) -> Diagnostic {
    Diagnostic::error(CHARACTER_LITERAL, "this character literal is empty", span, "")
        .with_note("write a quote itself as `'\\''`")
}

pub(super) fn long_character(span: Span) -> Diagnostic {
    let message = "this character literal has more than one character";
    Diagnostic::error(CHARACTER_LITERAL, message, span, "").with_note("write a string in double quotes")
}

pub(super) fn unterminated_character(span: Span) -> Diagnostic {
    Diagnostic::error(
        CHARACTER_LITERAL,
        "this character literal is never closed",
        span,
        "expected a `'` after it",
    )
}

pub(super) fn byte_not_ascii(span: Span) -> Diagnostic {
    Diagnostic::error(CHARACTER_LITERAL, "a byte literal must be an ASCII character", span, "")
        .with_note("write other bytes with two hexadecimal digits: `b'\\x80'`")
}

pub(super) fn byte_string_not_ascii(character: char, span: Span) -> Diagnostic {
    let mut encoded = [0; 4];
    let encoded = character.encode_utf8(&mut encoded).bytes();
    let escapes: String = encoded.map(|byte| format!("\\x{byte:02x}")).collect();
    Diagnostic::error(CHARACTER_LITERAL, "a byte string consists of ASCII characters and escapes", span, "")
        .with_note(format!("write the bytes of its UTF-8 encoding as `{escapes}`"))
}

pub(super) fn unknown_byte_escape(span: Span) -> Diagnostic {
    Diagnostic::error(ESCAPE, "unknown escape in a byte string", span, "")
        .with_note("the escapes are `\\n \\r \\t \\\\ \\\" \\' \\0` and `\\x80` with two hexadecimal digits")
}

pub(super) fn hexadecimal_escape_form(span: Span) -> Diagnostic {
    Diagnostic::error(ESCAPE, "expected two hexadecimal digits after `\\x`", span, "")
        .with_note("write it like this: `\\x0a`")
}

pub(super) fn unknown_escape(span: Span) -> Diagnostic {
    Diagnostic::error(ESCAPE, "unknown escape", span, "")
        .with_note("the escapes are `\\n \\r \\t \\\\ \\\" \\' \\0 \\{ \\}` and `\\u{...}`")
}

pub(super) fn unicode_escape_form(span: Span) -> Diagnostic {
    Diagnostic::error(ESCAPE, "expected hexadecimal digits in braces after `\\u`", span, "")
        .with_note("write it like this: `\\u{1F9F5}`")
}

pub(super) fn not_a_scalar_value(span: Span) -> Diagnostic {
    Diagnostic::error(ESCAPE, "this is not a Unicode character", span, "")
        .with_note("valid codes are 0 to D7FF and E000 to 10FFFF")
}

pub(super) fn bad_format(text: &str, fault: FormatFault, span: Span) -> Diagnostic {
    let (message, label) = match fault {
        FormatFault::Form => (format!("`{}` is not a format", text.escape_debug()), String::new()),
        FormatFault::NoAlignment => {
            let message = format!("the width {text} needs an alignment");
            (message, format!("write `:>{text}`, `:<{text}` or `:^{text}`"))
        }
        FormatFault::Width => ("this width is too large".to_string(), "at most 65535".to_string()),
        FormatFault::Precision => ("this precision is too large".to_string(), "at most 1100".to_string()),
    };
    let error = Diagnostic::error(FORMAT, message, span, label);
    match fault {
        FormatFault::Form => error
            .with_note(
                "a format is a fill and an alignment (`*>`, `<`, `^`), a sign (`+`), `0`, a width, `.` and digits, and \
                 a letter (`x` `X` `b` `e` `?`), in this order",
            )
            .with_note("put a colon that belongs to the expression in brackets"),
        FormatFault::NoAlignment | FormatFault::Width | FormatFault::Precision => error,
    }
}

// Syntax.

pub(super) fn unexpected(expected: &str, after: Option<&str>, found: &str, span: Span) -> Diagnostic {
    let after = after.map(|token| format!(" after {token}")).unwrap_or_default();
    let message = format!("expected {expected}{after}, found {found}");
    Diagnostic::error(UNEXPECTED, message, span, format!("expected {expected}"))
}

pub(super) fn unclosed(opening: &str, span: Span, until: Option<Span>) -> Diagnostic {
    let error =
        Diagnostic::error(UNCLOSED, format!("this `{opening}` is never closed"), span, "it opens here");
    match until {
        Some(until) => error.with_label(until, "it should be closed before this"),
        None => error,
    }
}

pub(super) fn unopened(closing: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        UNOPENED,
        format!("this `{closing}` has no opening bracket"),
        span,
        "no bracket is open here",
    )
}

pub(super) fn mismatched(closing: &str, span: Span, opening: &str, opening_span: Span) -> Diagnostic {
    let wanted = if opening == "(" { ")" } else { "]" };
    Diagnostic::error(UNOPENED, format!("`{closing}` does not close `{opening}`"), span, "")
        .with_label(opening_span, "opened here")
        .with_fix(replace(span, wanted, Applicability::Likely))
}

pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(NESTING, "this is nested too deeply", span, format!("more than {MAX_NESTING} levels"))
        .with_note("give its parts names, or move them into functions")
}

pub(super) fn and_more(last: Diagnostic) -> Diagnostic {
    last.with_note("this file has more errors that are not shown")
}

pub(super) fn with_opening(error: Diagnostic, opening: &str, span: Span) -> Diagnostic {
    error.with_label(span, format!("this `{opening}` is open"))
}

// Constructs that the grammar accepts only so that a precise error can be reported.

pub(super) fn comparison_chain(second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(COMPARISON_CHAIN, "comparisons cannot be chained", second, "a second comparison")
        .with_label(first, "the first one")
        .with_note("join them with `&&`: `a < b && b < c`")
}

pub(super) fn assignment_target(span: Span) -> Diagnostic {
    Diagnostic::error(ASSIGNMENT_TARGET, "this cannot be assigned", span, "")
        .with_note("only a variable, a field or an indexed element can be assigned")
        .with_note("to compare two values write `==`")
}

pub(super) fn assignment_as_value(span: Span) -> Diagnostic {
    Diagnostic::error(ASSIGNMENT_TARGET, "an assignment cannot be used as a value", span, "it has no value")
        .with_fix(replace(span, "==", Applicability::Likely))
}

pub(super) fn missing_body(name: Span) -> Diagnostic {
    Diagnostic::error(FUNCTION_BODY, "this function has no body", name, "")
        .with_note("only functions in a `trait` or an `extern` block may have none")
        .with_note("write the `{` on the line where the signature ends")
}

pub(super) fn foreign_body(body: Span) -> Diagnostic {
    Diagnostic::error(FUNCTION_BODY, "a foreign function has no body", body, "it is defined in C")
}

pub(super) fn foreign_form(name: Span) -> Diagnostic {
    let message = "a foreign function cannot be generic, a generator or a method";
    Diagnostic::error(FUNCTION_BODY, message, name, "C has only plain functions")
}

pub(super) fn misplaced_pub(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(VISIBILITY, format!("`pub` has no meaning before {what}"), span, "")
}

pub(super) fn bound_in_trait(span: Span) -> Diagnostic {
    Diagnostic::error(IMPL_PARAMETERS, "a bound is not allowed here", span, "")
        .with_note("write it in the brackets of the type after `for`")
}

pub(super) fn not_a_trait(span: Span) -> Diagnostic {
    Diagnostic::error(IMPL_PARAMETERS, "this type is not a trait", span, "expected a trait")
}

pub(super) fn item_in_block(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(ITEM_IN_BLOCK, format!("{what} cannot be declared in a block"), span, "")
        .with_note("declare it at the top of the file")
}

pub(super) fn statement_outside(found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(STATEMENT_OUTSIDE, format!("expected an item, found {found}"), span, "")
}

pub(super) fn unknown_abi(span: Span) -> Diagnostic {
    Diagnostic::error(ABI, "unknown calling convention", span, "only `\"C\"` is supported")
}

pub(super) fn unknown_extern_word(span: Span) -> Diagnostic {
    Diagnostic::error(ABI, "expected `blocking` or `{`", span, "")
}

pub(super) fn misplaced_doc(span: Span) -> Diagnostic {
    Diagnostic::error(DOC_COMMENT, "this doc comment documents nothing", span, "")
        .with_note("write `///` before an item, a field or a variant, and `//` for other comments")
}

pub(super) fn misplaced_receiver(span: Span) -> Diagnostic {
    Diagnostic::error(RECEIVER, "`self` must be the first parameter", span, "")
}

pub(super) fn receiver_outside(span: Span) -> Diagnostic {
    Diagnostic::error(RECEIVER, "only functions in an `impl` or a `trait` have `self`", span, "")
}

pub(super) fn misplaced_rest(span: Span) -> Diagnostic {
    Diagnostic::error(PATTERN_REST, "`..` must come last in these parentheses", span, "")
}

pub(super) fn second_rest(span: Span) -> Diagnostic {
    Diagnostic::error(PATTERN_REST, "an array pattern can have only one `..`", span, "the second one")
}
