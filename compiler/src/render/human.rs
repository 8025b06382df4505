//! For people, by ariadne: the lines in question, with marks and words beside them.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::ops::Range;

use ariadne::{Cache, Color, Config, IndexType, Label, Report, ReportKind, Source};

use super::{clipped, head, place};
use crate::diagnostics::{Diagnostic, Fix, Severity};
use crate::source::{FileId, SourceMap, Span};

/// The longest line that is shown, in bytes. A diagnostic on a longer one is written without its source.
const LONGEST_LINE: usize = 400;

/// Writes diagnostics and keeps what ariadne needs of each file.
pub struct Renderer<'a> {
    color: bool,
    files: Files<'a>,
}

type Place = (FileId, Range<usize>);

impl<'a> Renderer<'a> {
    /// A renderer for diagnostics about `sources`.
    pub fn new(sources: &'a SourceMap, color: bool) -> Renderer<'a> {
        Renderer { color, files: Files { sources, shown: HashMap::new() } }
    }

    /// One diagnostic, with a blank line after it.
    pub fn report(&mut self, diagnostic: &Diagnostic) -> String {
        let mut labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        if labels.any(|label| self.files.is_on_long_line(label.span)) {
            return self.without_source(diagnostic);
        }
        if self.files.sources.file(diagnostic.primary.span.file).text.is_empty() {
            // Of a file that could not be read there is nothing to show.
            return self.without_source(diagnostic);
        }
        self.with_source(diagnostic)
    }

    fn with_source(&mut self, diagnostic: &Diagnostic) -> String {
        let color = match diagnostic.severity {
            Severity::Error => Color::Red,
            Severity::Warning => Color::Yellow,
        };
        let config = Config::default().with_color(self.color).with_index_type(IndexType::Char);
        let mut report =
            Report::build(ReportKind::Error, self.files.place(diagnostic.primary.span)).with_config(config);
        let primary = std::iter::once((&diagnostic.primary, color, 1));
        let secondary = diagnostic.secondary.iter().map(|label| (label, Color::Cyan, 0));
        for (label, color, priority) in primary.chain(secondary) {
            let place = self.files.place(label.span);
            let mark = Label::new(place).with_color(color).with_priority(priority);
            // Without words ariadne would still draw the line that leads to them.
            report.add_label(match label.message.as_str() {
                "" => mark,
                message => mark.with_message(clipped(message)),
            });
        }
        report.with_notes(diagnostic.notes.iter().map(|note| clipped(note)));
        report.with_helps(diagnostic.fixes.iter().map(fix));
        let mut text = Vec::new();
        report.finish().write(&mut self.files, &mut text).expect("BUG: a vector takes any bytes");
        let text = String::from_utf8(text).expect("BUG: ariadne writes UTF-8");
        // Ariadne's first line cannot be had without colour. It leaves blanks at the ends of lines.
        let lines = text.lines().skip(1).map(|line| line.trim_end().to_owned() + "\n");
        [self.first_line(diagnostic)].into_iter().chain(lines).chain(["\n".to_owned()]).collect()
    }

    /// `error[E0001]: message`, the first part in red or yellow.
    fn first_line(&self, diagnostic: &Diagnostic) -> String {
        let (on, off) = match (self.color, diagnostic.severity) {
            (false, _) => ("", ""),
            (true, Severity::Error) => ("\x1b[1;31m", "\x1b[0m"),
            (true, Severity::Warning) => ("\x1b[1;33m", "\x1b[0m"),
        };
        format!("{on}{}{off}: {}\n", head(diagnostic), clipped(&diagnostic.message))
    }

    fn without_source(&self, diagnostic: &Diagnostic) -> String {
        let mut text = String::new();
        let mut line = |arguments: fmt::Arguments<'_>| {
            writeln!(text, "{arguments}").expect("BUG: a String takes any text");
        };
        line(format_args!("{}", self.first_line(diagnostic).trim_end()));
        line(format_args!("  at {}", place(diagnostic, self.files.sources)));
        if !diagnostic.primary.message.is_empty() {
            line(format_args!("  {}", clipped(&diagnostic.primary.message)));
        }
        for note in &diagnostic.notes {
            line(format_args!("  note: {}", clipped(note).replace('\n', "\n  ")));
        }
        for advice in diagnostic.fixes.iter().map(fix) {
            line(format_args!("  help: {advice}"));
        }
        text + "\n"
    }
}

fn fix(fix: &Fix) -> String {
    clipped(&fix.message)
}

/// The files as ariadne sees them: with the same characters at the same places, but for those that would end a line
/// there and not in Weft, or do things to a terminal.
struct Files<'a> {
    sources: &'a SourceMap,
    shown: HashMap<FileId, Source<String>>,
}

impl Files<'_> {
    /// The span in characters. It never ends behind a line's last newline, where ariadne would show one more line.
    fn place(&self, span: Span) -> Place {
        let text = &self.sources.file(span.file).text;
        let (start, end) = (span.start as usize, span.end as usize);
        let inside = text[start..end].trim_end_matches(['\n', '\r']).len();
        let first = text[..start].chars().count();
        (span.file, first..first + text[start..start + inside].chars().count())
    }

    fn is_on_long_line(&self, span: Span) -> bool {
        let text = &self.sources.file(span.file).text;
        [span.start as usize, span.end as usize].into_iter().any(|at| {
            let before =
                text[..at].bytes().rev().take_while(|byte| *byte != b'\n').take(LONGEST_LINE + 1).count();
            let after = text[at..].bytes().take_while(|byte| *byte != b'\n').take(LONGEST_LINE + 1).count();
            before + after > LONGEST_LINE
        })
    }
}

impl Cache<FileId> for Files<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl fmt::Debug> {
        let text = &self.sources.file(*id).text;
        let shown =
            |char: char| if char == '\t' || char == '\n' || !ends_line_or_worse(char) { char } else { ' ' };
        let source = self
            .shown
            .entry(*id)
            .or_insert_with(|| Source::from(text.chars().map(shown).collect::<String>()));
        Ok::<_, String>(source)
    }

    fn display<'b>(&self, id: &'b FileId) -> Option<impl fmt::Display + 'b> {
        Some(clipped(&self.sources.file(*id).name))
    }
}

fn ends_line_or_worse(char: char) -> bool {
    char.is_control() || super::is_bidirectional(char) || matches!(char, '\u{2028}' | '\u{2029}')
}
