//! Checks that each code of a diagnostic has a page in `docs/errors`, and that the page's examples are true.
//!
//! | block | what must hold |
//! |---|---|
//! | `weft-error` | the compiler reports exactly the page's code, once or several times |
//! | `weft` | the corrected program: the compiler reports nothing |
//!
//! Files that a program imports are in blocks above it; `weft-file geometry.weft` opens such a block.
//!
//! A page has one example and one correction, unless its code is about files and the system (`E0300` to `E0399`): the
//! text of a program alone cannot cause these errors.

#[path = "harness/pages.rs"]
mod pages;
#[path = "harness/process.rs"]
mod process;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pages::Block;
use process::Finished;

/// Whether the text is a code: `E` or `W` and four digits.
fn is_code(text: &str) -> bool {
    let digits = text.strip_prefix(['E', 'W']).unwrap_or_default();
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The codes in string literals of the compiler's sources, without its unit tests, which invent codes.
fn codes_of_the_compiler() -> BTreeSet<String> {
    let (mut codes, mut folders) = (BTreeSet::new(), vec![pages::root().join("compiler/src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources are readable") {
            let path = entry.expect("the sources are readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                let code = text.split("Code(\"").skip(1).filter_map(|rest| rest.split('"').next());
                codes.extend(code.map(str::to_owned));
            }
        }
    }
    codes
}

fn code_of(page: &Path) -> String {
    page.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8").to_owned()
}

fn weft(arguments: &[&str]) -> Finished {
    process::finish(process::weft().args(arguments), "").unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// The codes that the compiler reports for the block's program.
fn said(block: &Block) -> BTreeSet<String> {
    let file = block.write("explain");
    let file = file.to_str().expect("paths of tests are UTF-8");
    let messages = weft(&["check", "--message-format", "json", file]).stderr;
    let code = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).expect("each line is an object");
        message["code"].as_str().expect("each message has a code").to_owned()
    };
    messages.lines().map(code).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes = codes_of_the_compiler();
    assert!(codes.len() > 50 && codes.iter().all(|code| is_code(code)), "{codes:?}");
    let pages: BTreeSet<String> = pages::in_folder("docs/errors").iter().map(|page| code_of(page)).collect();
    let without_page: Vec<_> = codes.difference(&pages).collect();
    let without_code: Vec<_> = pages.difference(&codes).collect();
    assert!(without_page.is_empty(), "docs/errors has no page for {without_page:?}");
    assert!(without_code.is_empty(), "the compiler never says {without_code:?}");
}

#[test]
fn examples_are_wrong_and_cures_are_right() {
    for page in pages::in_folder("docs/errors") {
        let (code, blocks) = (code_of(&page), pages::blocks(&page));
        let languages: Vec<&str> = blocks.iter().map(|block| block.language.as_str()).collect();
        match languages[..] {
            [] => assert!(code.starts_with("E03"), "{code}: the page has no example"),
            ["weft-error", "weft"] => {}
            _ => panic!("{code}: the page has the blocks {languages:?}"),
        }
        for block in &blocks {
            let expected = match block.language.as_str() {
                "weft-error" => vec![code.clone()],
                _ => vec![],
            };
            assert!(said(block).into_iter().eq(expected), "{}:{}: {:?}", block.page, block.line, said(block));
        }
    }
}

#[test]
fn pages_begin_with_their_code() {
    for page in pages::in_folder("docs/errors") {
        let code = code_of(&page);
        let printed = weft(&["explain", &code]);
        assert_eq!((printed.status, printed.stderr.as_str()), (0, ""), "{code}");
        assert!(printed.stdout.starts_with(&format!("{code}: ")), "{}", printed.stdout);
        assert!(!printed.stdout.contains("```"), "{}", printed.stdout);
        assert_eq!(weft(&["explain", &code.to_lowercase()]).stdout, printed.stdout);
    }
}

#[test]
fn an_unknown_code_is_an_error() {
    for (code, message) in [
        ("E102", "weft: there is no code `E102`; did you mean `E0102`?\n"),
        ("E01O2", "weft: there is no code `E01O2`; did you mean `E0102`?\n"),
    ] {
        let finished = weft(&["explain", code]);
        assert_eq!((finished.status, finished.stdout.as_str(), finished.stderr.as_str()), (1, "", message));
    }
    for wrong in [&["explain"][..], &["explain", "E0102", "E0103"]] {
        assert_eq!(weft(wrong).status, 2, "{wrong:?}");
    }
}
