//! Explanations of the codes of diagnostics: the pages of `docs/errors`, which `build.rs` embeds in the compiler.

use std::fmt;

use crate::suggest::closest;

/// Each page's file name and text, sorted.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/explain.rs"));

/// The error for a code that no diagnostic has.
#[derive(Debug)]
pub struct UnknownCode {
    code: String,
    suggestion: Option<&'static str>,
}

/// The page about a code, as text for a terminal. The code may be in upper or lower case.
pub fn page(code: &str) -> Result<String, UnknownCode> {
    match pages().find(|(name, _)| name.eq_ignore_ascii_case(code)) {
        Some((_, page)) => Ok(plain(page)),
        None => {
            let suggestion = closest(code, pages().map(|(name, _)| name));
            Err(UnknownCode { code: code.to_string(), suggestion })
        }
    }
}

fn pages() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().map(|(file, page)| (file.trim_end_matches(".md"), *page))
}

/// Markdown without its marks: programs are indented, and the title is a line like any other.
fn plain(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut in_program = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_program = !in_program;
            continue;
        }
        if in_program && !line.is_empty() {
            text.push_str("    ");
        }
        text.push_str(if in_program { line } else { line.trim_start_matches("# ") });
        text.push('\n');
    }
    text
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no code `{}`", self.code.escape_debug())?;
        match self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => write!(f, "; a code looks like `E0102`, and messages begin with it: `error[E0102]`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{page, plain};

    #[test]
    fn pages_lose_their_marks() {
        let page = "# A title\n\nWhy.\n\n```weft\nfn main() {\n\n  # f()\n}\n```\n";
        assert_eq!(plain(page), "A title\n\nWhy.\n\n    fn main() {\n\n      # f()\n    }\n");
    }

    #[test]
    fn codes_are_found_in_any_case_and_proposed_when_misspelt() {
        assert_eq!(page("e0102").expect("it has a page"), page("E0102").expect("it has a page"));
        for (code, message) in [
            ("E102", "there is no code `E102`; did you mean `E0102`?"),
            (
                "soup",
                "there is no code `soup`; a code looks like `E0102`, and messages begin with it: `error[E0102]`",
            ),
        ] {
            assert_eq!(page(code).expect_err("it has none").to_string(), message);
        }
    }
}
