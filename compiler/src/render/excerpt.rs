//! The lines that a diagnostic is about, escaped and shortened.

use std::collections::BTreeMap;
use std::ops::Range;

use super::is_bidirectional;
use crate::source::{File, Span};

/// The longest line, in characters, that is shown whole: three rows of a terminal with 80 columns.
const LONG_LINE: usize = 240;
/// In a longer line, only the characters up to this distance from the start or the end of a span are shown.
const MARGIN: usize = 60;

/// The lines of a file up to the last line with the start or end of a span. All lines without the start or end of a
/// span are empty; they are there to keep the line numbers right.
pub(super) struct Excerpt {
    pub(super) text: String,
    /// The range of each span in `text`, in characters.
    pub(super) places: Vec<Range<usize>>,
}

impl Excerpt {
    /// The excerpt for spans of this file.
    pub(super) fn new(file: &File, spans: &[Span]) -> Excerpt {
        let mut lines: BTreeMap<usize, Line> = BTreeMap::new();
        let ends: Vec<[Point; 2]> = spans.iter().map(|span| points(file, *span)).collect();
        for point in ends.iter().flatten() {
            let line = lines
                .entry(point.line)
                .or_insert_with(|| Line { bytes: point.bytes.clone(), points: Vec::new() });
            line.points.push(point.offset);
        }
        let mut excerpt = Text { text: String::new(), length: 0, places: BTreeMap::new() };
        let mut next = 0;
        for (number, line) in lines {
            excerpt.push(&"\n".repeat(number - next));
            excerpt.line(&file.text[line.bytes.clone()], line.bytes.start, line.points);
            next = number;
        }
        if excerpt.text.is_empty() || excerpt.text.ends_with('\n') {
            // Ariadne does not show an empty line after the last newline, so the line gets a space.
            excerpt.push(" ");
        }
        let places = &excerpt.places;
        let place = |[start, end]: &[Point; 2]| places[&start.offset]..places[&end.offset];
        let places = ends.iter().map(place).collect();
        Excerpt { text: excerpt.text, places }
    }
}

/// The start or the end of a span.
struct Point {
    offset: usize,
    line: usize,
    /// The bytes of the line that the offset is in.
    bytes: Range<usize>,
}

/// The start and the end of a span. A span that ends with a newline ends on the line of that newline, not on the next.
fn points(file: &File, span: Span) -> [Point; 2] {
    let clamp = |offset: u32| file.text.floor_char_boundary(offset as usize);
    let start = clamp(span.start);
    let end = clamp(span.end).max(start);
    let (line, bytes) = file.line(start);
    let start = start.min(bytes.end);
    let last = if end > start { file.line(end - 1) } else { (line, bytes.clone()) };
    [Point { offset: start, line, bytes }, Point { offset: end.min(last.1.end), line: last.0, bytes: last.1 }]
}

struct Line {
    bytes: Range<usize>,
    points: Vec<usize>,
}

/// The text of an excerpt while it is built.
struct Text {
    text: String,
    /// The length of the text in characters.
    length: usize,
    /// The places of the points: maps an offset in the file, in bytes, to an offset in `text`, in characters.
    places: BTreeMap<usize, usize>,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.chars().count();
    }

    fn line(&mut self, line: &str, start: usize, mut points: Vec<usize>) {
        points.sort_unstable();
        let kept = kept(line, start, &points);
        let mut elided = false;
        for (number, (at, character)) in line.char_indices().enumerate() {
            if kept.iter().any(|range| range.contains(&number)) {
                if points.binary_search(&(start + at)).is_ok() {
                    self.places.insert(start + at, self.length);
                }
                self.push(&visible(character));
                elided = false;
            } else if !elided {
                self.push("…");
                elided = true;
            }
        }
        if points.last() == Some(&(start + line.len())) {
            self.places.insert(start + line.len(), self.length);
        }
    }
}

/// The parts of a line that are shown, as ranges of character numbers.
fn kept(line: &str, start: usize, points: &[usize]) -> Vec<Range<usize>> {
    let length = line.chars().count();
    if length <= LONG_LINE {
        return std::iter::once(0..length).collect();
    }
    let around = |point: &usize| {
        let at = line[..point - start].chars().count();
        at.saturating_sub(MARGIN)..at + MARGIN
    };
    points.iter().map(around).collect()
}

/// Escapes a character that is invisible, ends the line, or changes how the rest is shown; returns all other characters
/// unchanged.
fn visible(character: char) -> String {
    let hidden = match character {
        '\t' => false,
        '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{feff}' => true,
        _ => character.is_control() || is_bidirectional(character),
    };
    if hidden { character.escape_unicode().to_string() } else { character.to_string() }
}
