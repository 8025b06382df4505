//! The tokens of a program, for the colours of the editor.

use serde::Serialize;
use weft::source::SourceMap;
use weft::syntax::{self, Token, TokenKind};

/// A part of the text that has a class.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The offset of the part's start, in UTF-16 units, as JavaScript counts.
    pub start: usize,
    /// The offset of its end.
    pub end: usize,
    /// `comment`, `keyword`, `number`, `string` or `type`.
    pub class: &'static str,
}

/// The classified parts of a text, in order. The rest of the text has no class.
pub fn parts(text: &str) -> Vec<Part> {
    let mut sources = SourceMap::new();
    let file = sources.add("", text);
    let (tokens, _) = syntax::tokens(&sources, file);
    let mut classified: Vec<(usize, usize, &'static str)> = Vec::new();
    let mut end = 0;
    for token in &tokens {
        let (from, to) = (token.start as usize, token.end as usize);
        // Tokens that the layout inserts have no text of their own.
        if from < end || to <= from {
            continue;
        }
        comments(text, end, from, &mut classified);
        classified.extend(class(token, &text[from..to]).map(|class| (from, to, class)));
        end = to;
    }
    comments(text, end, text.len(), &mut classified);
    in_utf16(text, &classified)
}

/// The comments between two tokens: the text from the first slash to the end, without the space around it.
fn comments(text: &str, from: usize, to: usize, parts: &mut Vec<(usize, usize, &'static str)>) {
    let gap = &text[from..to];
    if let Some(start) = gap.find("//").into_iter().chain(gap.find("/*")).min() {
        parts.push((from + start, from + gap.trim_end().len(), "comment"));
    }
}

fn class(token: &Token, text: &str) -> Option<&'static str> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other tokens have no class")]
    match &token.kind {
        TokenKind::Doc(_) => Some("comment"),
        TokenKind::Integer(_) | TokenKind::Float(_) | TokenKind::True | TokenKind::False => Some("number"),
        TokenKind::Char(_)
        | TokenKind::Byte(_)
        | TokenKind::String(_)
        | TokenKind::StringOpen
        | TokenKind::StringText(_)
        | TokenKind::StringClose => Some("string"),
        TokenKind::ReturnAlone
        | TokenKind::BreakAlone
        | TokenKind::YieldAlone
        | TokenKind::Share
        | TokenKind::From
        | TokenKind::After => Some("keyword"),
        TokenKind::Identifier(_) if text.starts_with(char::is_uppercase) => Some("type"),
        kind if kind.is_keyword() => Some("keyword"),
        _ => None,
    }
}

/// Converts offsets in bytes to offsets in UTF-16 units.
fn in_utf16(text: &str, parts: &[(usize, usize, &'static str)]) -> Vec<Part> {
    let (mut bytes, mut units) = (0, 0);
    let mut offset = |byte: usize| {
        units += text[bytes..byte].encode_utf16().count();
        bytes = byte;
        units
    };
    parts.iter().map(|&(start, end, class)| Part { start: offset(start), end: offset(end), class }).collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_have_classes_and_offsets_of_utf16() {
        let text = "// 😀\nfn f(x: Int) -> Int { \"a{x}\" + 1 } /* b */";
        let units: Vec<u16> = text.encode_utf16().collect();
        let shown: Vec<(String, &str)> = parts(text)
            .iter()
            .map(|part| (String::from_utf16_lossy(&units[part.start..part.end]), part.class))
            .collect();
        let expected = [
            ("// 😀", "comment"),
            ("fn", "keyword"),
            ("Int", "type"),
            ("Int", "type"),
            ("\"", "string"),
            ("a", "string"),
            ("\"", "string"),
            ("1", "number"),
            ("/* b */", "comment"),
        ];
        assert_eq!(shown, expected.map(|(text, class)| (text.to_owned(), class)));
    }
}
