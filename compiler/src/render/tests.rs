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

/// For every span of a text with unusual characters, the message has the position that Weft computes, and no characters
/// that control a terminal.
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
fn the_lines_are_shown_in_order_with_their_marks() {
    let (sources, file) = one_file("fn f() {\n  here\n\n  a.wrong\n}\n");
    let error = Diagnostic::error(Code("E0999"), "this is wrong", Span::new(file, 21, 26), "not this")
        .with_label(Span::new(file, 11, 15), "because of this")
        .with_note("a note");
    let expected = "\
error[E0999]: this is wrong
   ╭─[ dir/p.weft:4:5 ]
   │
 2 │   here
   │   ──┬─
   │     ╰─── because of this
   │
 4 │   a.wrong
   │     ──┬──
   │       ╰──── not this
   │
   │ Note: a note
───╯

";
    assert_eq!(human(error, &sources), expected);
}

#[test]
fn hidden_characters_are_shown_as_escapes() {
    let (sources, file) = one_file("\u{202e}\u{7}é wrong \u{2028}\r\nnext");
    let shown = human(Diagnostic::error(Code("E0999"), "m", Span::new(file, 7, 12), "l"), &sources);
    assert!(shown.contains("\\u{202e}\\u{7}é wrong \\u{2028}"), "{shown}");
    assert!(shown.contains("dir/p.weft:1:5 ]"), "{shown}");
}

/// The fault is shown with the text around it, but not with the rest of the line.
#[test]
fn long_lines_and_names_are_shortened() {
    let filler = "xyz ".repeat(250_000);
    let (sources, file) = one_file(&format!("{filler}wrong{filler}here{filler}"));
    let at = filler.len();
    let error =
        Diagnostic::error(Code("E0001"), "y".repeat(1_000_000), Span::new(file, at, at + 5), "not this")
            .with_label(Span::new(file, 2 * at + 5, 2 * at + 9), "related");
    let shown = human(error, &sources);
    assert!(
        shown.contains("dir/p.weft:1:1000001 ]") && shown.len() < 6_000,
        "{} bytes: {shown}",
        shown.len()
    );
    assert!(shown.contains("z wrongxyz") && shown.contains("z herexyz") && shown.contains('…'), "{shown}");
}

/// With byte positions, ariadne would misplace or lose the labels of the second file.
#[test]
fn labels_in_two_files_are_shown() {
    let text = "é\u{1F9F5}\n".repeat(3);
    let (mut sources, first) = one_file(&text);
    let second = sources.add("q.weft", text.clone());
    for (start, _) in text.char_indices() {
        let error = Diagnostic::error(Code("E0999"), "m", Span::new(first, start, start), "one")
            .with_label(Span::new(second, start, text.len()), "two");
        let shown = human(error, &sources);
        assert!(shown.contains("one") && shown.contains("two"), "{start}: {shown}");
    }
}

#[test]
fn what_is_too_much_is_counted() {
    let (sources, file) = one_file("x");
    let many = vec![Diagnostic::error(Code("E0001"), "m", Span::new(file, 0, 1), ""); 150];
    let text = render(&many, &sources, MessageFormat::Short, false);
    assert_eq!(text.lines().count(), MOST + 1);
    assert!(text.ends_with("and 50 more\n"));
}
