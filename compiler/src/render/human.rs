//! Diagnostics for people, drawn by the crate `ariadne`: the lines in question, with marks and messages beside them.

use std::collections::BTreeMap;
use std::fmt;

use ariadne::{Cache, Color, Config, IndexType, Report, ReportKind, Source};

use super::excerpt::Excerpt;
use super::{clipped, head, place};
use crate::diagnostics::{Diagnostic, Label, Severity};
use crate::source::{FileId, SourceMap, Span};

/// The text of a diagnostic, with a blank line after it.
pub(super) fn report(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    // The text of a file that could not be read is empty, so there is no source to show.
    if sources.file(diagnostic.primary.span.file).text.is_empty() {
        without_source(diagnostic, sources, color)
    } else {
        with_source(diagnostic, sources, color)
    }
}

fn with_source(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let labels = labels(diagnostic, sources);
    let (excerpts, places) = Excerpts::new(&labels, sources);
    let primary = labels.iter().position(|label| std::ptr::eq(*label, &diagnostic.primary));
    let primary = primary.expect("BUG: the primary label is one of the labels");
    let main_color = match diagnostic.severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
    };
    // Positions count characters. If they counted bytes, ariadne 0.6 would misplace the labels of a second file,
    // because it takes their byte positions for character positions.
    let config = Config::new().with_color(color).with_index_type(IndexType::Char);
    let mut report = Report::build(ReportKind::Error, places[primary].clone()).with_config(config);
    for (at, (label, place)) in labels.iter().zip(&places).enumerate() {
        let color = if at == primary { main_color } else { Color::Cyan };
        let mark = ariadne::Label::new(place.clone()).with_color(color).with_order(at as i32);
        // Among several labels, a label without a message gets no mark: ariadne would not draw the mark, but the mark
        // could hide other marks.
        match label.message.as_str() {
            "" if labels.len() > 1 => {}
            "" => report.add_label(mark.with_message("here")),
            message => report.add_label(mark.with_message(clipped(message))),
        }
    }
    report.with_notes(diagnostic.notes.iter().map(|note| clipped(note)));
    report.with_helps(diagnostic.fixes.iter().map(|fix| clipped(&fix.message)));
    let shown = excerpts.position(&places[primary]);
    let mut text = Vec::new();
    report.finish().write(excerpts, &mut text).expect("BUG: a vector takes any bytes");
    let text = String::from_utf8(text).expect("BUG: ariadne writes UTF-8");
    // If a line was shortened or contains escapes, its columns differ from the columns in the file. So ariadne's
    // position is replaced with the position in the file.
    let text = text.replacen(&format!("{shown} "), &format!("{} ", place(diagnostic, sources)), 1);
    // The first line is replaced, because ariadne always colours it. Spaces at the ends of lines are removed.
    let lines = text.lines().skip(1).map(|line| line.trim_end().to_owned() + "\n");
    [first_line(diagnostic, color)].into_iter().chain(lines).chain(["\n".to_owned()]).collect()
}

/// The labels in source order, beginning with the labels in the file of the primary label. In any other order ariadne
/// would show a file in several pieces.
fn labels<'a>(diagnostic: &'a Diagnostic, sources: &SourceMap) -> Vec<&'a Label> {
    let mut labels: Vec<&Label> = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).collect();
    let main_file = diagnostic.primary.span.file;
    labels.sort_by_key(|label| {
        let span = label.span;
        let last_line = sources.file(span.file).line(span.end.saturating_sub(1).max(span.start) as usize).0;
        (span.file != main_file, span.file, last_line, span.start)
    });
    labels
}

/// `error[E0001]: message`. With `color`, the part before the colon is red for errors and yellow for warnings.
fn first_line(diagnostic: &Diagnostic, color: bool) -> String {
    let (on, off) = match (color, diagnostic.severity) {
        (false, _) => ("", ""),
        (true, Severity::Error) => ("\x1b[1;31m", "\x1b[0m"),
        (true, Severity::Warning) => ("\x1b[1;33m", "\x1b[0m"),
    };
    format!("{on}{}{off}: {}\n", head(diagnostic), clipped(&diagnostic.message))
}

fn without_source(diagnostic: &Diagnostic, sources: &SourceMap, color: bool) -> String {
    let mut text = first_line(diagnostic, color);
    let mut line = |arguments: fmt::Arguments<'_>| text += &format!("  {arguments}\n");
    line(format_args!("at {}", place(diagnostic, sources)));
    if !diagnostic.primary.message.is_empty() {
        line(format_args!("{}", clipped(&diagnostic.primary.message)));
    }
    for note in &diagnostic.notes {
        line(format_args!("note: {}", clipped(note).replace('\n', "\n  ")));
    }
    for fix in &diagnostic.fixes {
        line(format_args!("help: {}", clipped(&fix.message)));
    }
    text + "\n"
}

/// A file, and a range of characters in its excerpt.
type Place = (FileId, std::ops::Range<usize>);

/// The input of ariadne: the name and the excerpt of each file.
struct Excerpts(BTreeMap<FileId, (String, Source<String>)>);

impl Excerpts {
    /// The excerpts for `labels`, and the place of each label in them.
    fn new(labels: &[&Label], sources: &SourceMap) -> (Excerpts, Vec<Place>) {
        let mut files: BTreeMap<FileId, Vec<usize>> = BTreeMap::new();
        for (at, label) in labels.iter().enumerate() {
            files.entry(label.span.file).or_default().push(at);
        }
        let mut excerpts = BTreeMap::new();
        let mut places: Vec<Place> = labels.iter().map(|label| (label.span.file, 0..0)).collect();
        for (id, of_file) in files {
            let file = sources.file(id);
            let spans: Vec<Span> = of_file.iter().map(|&at| labels[at].span).collect();
            let excerpt = Excerpt::new(file, &spans);
            of_file.into_iter().zip(excerpt.places).for_each(|(at, place)| places[at].1 = place);
            excerpts.insert(id, (clipped(&file.name), Source::from(excerpt.text)));
        }
        (Excerpts(excerpts), places)
    }

    /// `file:line:column` as ariadne shows it.
    fn position(&self, place: &Place) -> String {
        let (name, source) = &self.0[&place.0];
        let (_, line, column) =
            source.get_offset_line(place.1.start).expect("BUG: a label stands outside of its excerpt");
        format!("{name}:{}:{}", line + 1, column + 1)
    }
}

impl Cache<FileId> for Excerpts {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl fmt::Debug> {
        self.0.get(id).map(|(_, source)| source).ok_or("a file without an excerpt")
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl fmt::Display + 'a> {
        self.0.get(id).map(|(name, _)| name.clone())
    }
}
