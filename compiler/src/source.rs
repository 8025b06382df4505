//! Files, spans, lines and columns. This module reads no files: the driver does.

use crate::arena::{Arena, Id};
use crate::define_id;

define_id! {
    /// A file of the compilation.
    FileId "file";
}

/// A range of bytes in one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to `end`, in bytes.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        let narrow =
            |offset: usize| u32::try_from(offset).expect("BUG: the driver admits no file over 4 GiB");
        Span { file, start: narrow(start), end: narrow(end) }
    }

    /// The span from the start of `self` to the end of `last`, which comes later in the same file.
    pub fn to(self, last: Span) -> Span {
        Span { end: last.end.max(self.end), ..self }
    }
}

/// A source text.
#[derive(Clone, Debug)]
pub struct File {
    /// The name as the user gave it, for messages.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: String,
    line_starts: Vec<u32>,
    /// The offsets of UTF-8 continuation bytes. A binary search in them yields a column. It is faster than counting the
    /// line's characters each time: columns are often computed, and a line may be the whole text.
    inner_bytes: Vec<u32>,
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1, in characters.
    pub column: u32,
}

impl File {
    fn new(name: String, text: String) -> File {
        let (mut line_starts, mut inner_bytes) = (vec![0], Vec::new());
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'\n' {
                line_starts.push(at as u32 + 1);
            } else if byte & 0xc0 == 0x80 {
                inner_bytes.push(at as u32);
            }
        }
        File { name, text, line_starts, inner_bytes }
    }

    /// The number of the line that contains the byte at `offset`, and the range of the line's bytes without the
    /// newline. Lines are counted from 0.
    pub fn line(&self, offset: usize) -> (usize, std::ops::Range<usize>) {
        let line = self.line_starts.partition_point(|&start| start as usize <= offset) - 1;
        let next = self.line_starts.get(line + 1).map(|&start| start as usize - 1);
        (line, self.line_starts[line] as usize..next.unwrap_or(self.text.len()))
    }

    /// The position of the byte at `offset`; an offset past the end is treated as the end.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|&start| start <= offset) - 1;
        let start = self.line_starts[line];
        let end = offset.min(self.text.len() as u32);
        let inner = |offset| self.inner_bytes.partition_point(|&inner| inner < offset);
        let column = end - start - (inner(end) - inner(start)) as u32;
        Position { line: line as u32 + 1, column: column + 1 }
    }
}

/// All files of a compilation.
#[derive(Clone, Default, Debug)]
pub struct SourceMap {
    files: Arena<FileId, File>,
}

impl SourceMap {
    /// A map without files.
    pub fn new() -> SourceMap {
        SourceMap::default()
    }

    /// Adds a text under the name that messages use.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(File::new(name.into(), text.into()))
    }

    /// The file that `id` stands for.
    pub fn file(&self, id: FileId) -> &File {
        &self.files[id]
    }

    /// All files, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> {
        self.files.iter_enumerated()
    }

    /// The position of a span's first byte.
    pub fn position(&self, span: Span) -> Position {
        self.files[span.file].position(span.start)
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> &str {
        &self.files[span.file].text[span.start as usize..span.end as usize]
    }

    /// Whether the file is in the map. The span of generated code may name a file outside the map.
    pub fn contains(&self, id: FileId) -> bool {
        id.raw() < self.files.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = File::new("f".into(), "aé\n🧵b\n".into());
        let places =
            [(0, 1, 1), (1, 1, 2), (3, 1, 3), (4, 2, 1), (8, 2, 2), (9, 2, 3), (10, 3, 1), (99, 3, 1)];
        for (offset, line, column) in places {
            assert_eq!(file.position(offset), Position { line, column }, "at {offset}");
        }
    }
}
