use super::*;
use crate::diagnostics::{Applicability, Code, Fix};
use crate::source::{FileId, Span};

fn one_file(text: &str) -> (SourceMap, FileId) {
    let mut sources = SourceMap::new();
    let file = sources.add("dir/p.weft", text);
    (sources, file)
}

fn human(diagnostic: Diagnostic, sources: &SourceMap) -> String {
    render(&[diagnostic], sources, MessageFormat::Human, false)
}

fn sample(file: FileId) -> Diagnostic {
    let fix = Fix {
        message: "did you mean `total`?".into(),
        span: Span::new(file, 16, 21),
        replacement: "total".into(),
        applicability: Applicability::Likely,
    };
    Diagnostic::error(Code("E0102"), "no `totel` in scope", Span::new(file, 16, 21), "unknown")
        .with_label(Span::new(file, 4, 9), "like this one")
        .with_note("a note")
        .with_fix(fix)
}

#[test]
fn short_is_a_line() {
    let (sources, file) = one_file("let total = 1\n  totel\n");
    let text = render(&[sample(file)], &sources, MessageFormat::Short, false);
    assert_eq!(text, "dir/p.weft:2:3: error[E0102]: no `totel` in scope\n");
}

#[test]
fn human_shows_source_notes_and_fixes() {
    let (sources, file) = one_file("let total = 1\n  totel\n");
    let text = human(sample(file), &sources);
    for part in [
        "error[E0102]",
        "dir/p.weft:2:3",
        "let total = 1",
        "unknown",
        "like this one",
        "a note",
        "did you mean",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn json_has_every_field() {
    let (sources, file) = one_file("let total = 1\n  totel\n");
    let text = render(&[sample(file)], &sources, MessageFormat::Json, true);
    let value: serde_json::Value = serde_json::from_str(text.trim_end()).expect("it is one object");
    assert_eq!(value["primary"]["start_line"], 2);
    assert_eq!(value["primary"]["end_column"], 8);
    assert_eq!(value["secondary"][0]["message"], "like this one");
    assert_eq!(value["fixes"][0]["applicability"], "likely");
}

/// Whatever a span covers, and whatever stands there, nothing breaks and the position is Weft's.
#[test]
fn any_span_of_any_text_is_shown() {
    let text = "a\r\nä\u{2028}b\u{85}\u{202e}c\td\u{1b}[31m\r\n\n🧵\n\nend";
    let (sources, file) = one_file(text);
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for &start in &boundaries {
        for &end in boundaries.iter().filter(|&&end| end >= start) {
            let span = Span::new(file, start, end);
            let position = sources.position(span);
            let text = human(Diagnostic::error(Code("E0001"), "m", span, "label"), &sources);
            let place = format!("dir/p.weft:{}:{} ", position.line, position.column);
            assert!(text.contains(&place), "{start}..{end}: no {place} in\n{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        }
    }
}

#[test]
fn long_lines_and_names_are_not_repeated() {
    let (sources, file) = one_file(&"x".repeat(1_000_000));
    let name = "y".repeat(1_000_000);
    let text = human(Diagnostic::error(Code("E0001"), name, Span::new(file, 500_000, 500_001), ""), &sources);
    assert!(text.contains("dir/p.weft:1:500001") && text.len() < 5_000, "{} bytes", text.len());
}

#[test]
fn what_is_too_much_is_counted() {
    let (sources, file) = one_file("x");
    let many = vec![Diagnostic::error(Code("E0001"), "m", Span::new(file, 0, 1), ""); 150];
    let text = render(&many, &sources, MessageFormat::Short, false);
    assert_eq!(text.lines().count(), MOST + 1);
    assert!(text.ends_with("and 50 more\n"));
}
