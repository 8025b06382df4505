//! The report as text for a terminal of 100 columns: an overview of all points, then each point with what it saves, its
//! instructions and its costs in the other ways.
//!
//! ```text
//! p.weft:8  yield in turn: lets the other threads run
//!
//!     8 │     yield
//!
//!   saves 40 bytes: 16 pushed by the switch, 24 live in the frame
//!     +32      8  `sum`            24(%rsp)
//!      +8      8  stack limit      pushed
//!      +0      8  resume address   pushed
//! ```

use std::collections::HashMap;
use std::fmt::Write;

use weft_abi::layout::SHARED_SUFFIX;

use super::model::{Code, Instruction, Point, Side, Slot, Switches};
use super::sequence::title;

/// The width of the text.
const WIDTH: usize = 100;

/// The width of an instruction's text.
const CODE: usize = 34;

/// The printer of a report.
struct Text<'a> {
    report: &'a Switches,
    sources: HashMap<&'a str, &'a [String]>,
    color: bool,
    out: String,
}

/// A style of text; each style only repeats what the words say.
#[derive(Clone, Copy)]
enum Style {
    Strong,
    Name,
    Dim,
}

/// The line with a number; code that the compiler has made may have the number 0.
fn numbered(lines: &[String], number: u32) -> Option<&String> {
    lines.get((number as usize).checked_sub(1)?)
}

/// The report as text.
pub fn text(report: &Switches, color: bool) -> String {
    let sources = report.files.iter().map(|file| (file.name.as_str(), file.lines.as_slice())).collect();
    let mut text = Text { report, sources, color, out: String::new() };
    text.overview();
    let own: Vec<&Point> = report.points.iter().filter(|point| !point.library).collect();
    for point in own {
        text.point(point);
    }
    text.out
}

impl Text<'_> {
    fn styled(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Strong => "1",
            Style::Name => "36",
            Style::Dim => "2",
        };
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn line(&mut self, line: &str) {
        writeln!(self.out, "{}", line.trim_end()).expect("a string accepts all text");
    }

    /// A table with a row for each point.
    fn overview(&mut self) {
        let report = self.report;
        let own = report.points.iter().filter(|point| !point.library).count();
        let points = if own == 1 { "1 yield point".to_owned() } else { format!("{own} yield points") };
        let title = format!("{}: {points} at -O{}", report.program, report.level);
        let title = self.styled(Style::Strong, &title);
        self.line(&title);
        if own == 0 {
            self.line("No thread can switch here.");
            return;
        }
        let ways: Vec<String> = report.ways.iter().map(|way| format!("{:>14}", way.name)).collect();
        self.line("");
        self.line(
            &self.styled(Style::Dim, &format!("{:>5}  {:<16}{:<20}{}", "line", "kind", "in", ways.concat())),
        );
        for point in &report.points {
            if !point.library {
                let row = self.row(point);
                self.line(&row);
            }
        }
        for (name, of) in [("least", 0), ("median", 1), ("most", 2)] {
            let bytes = report.ways.iter().map(|way| [way.least, way.median, way.most][of]);
            let bytes: Vec<String> = bytes.map(|bytes| format!("{bytes:>14}")).collect();
            let row = format!("{:>5}  {:<36}{}", "", name, bytes.concat());
            let row = self.styled(Style::Dim, &row);
            self.line(&row);
        }
        let peers: Vec<String> =
            report.peers.iter().map(|peer| format!("{} saves {}", peer.name, peer.bytes)).collect();
        self.line(&format!("       Bytes saved at each point. At every point, {}.", peers.join(" and ")));
        let library = report.points.iter().filter(|point| point.library).count();
        if library > 0 {
            let are = if library == 1 { "point is" } else { "points are" };
            self.line(&format!(
                "       {library} more {are} in functions of the library that are not inlined."
            ));
        }
    }

    fn row(&self, point: &Point) -> String {
        let bytes = self.report.ways.iter().map(|way| {
            let of = point.code.iter().filter(|code| code.way == way.name).map(|code| code.bytes.total);
            let (least, most) = (of.clone().min(), of.max());
            let text = match (least, most) {
                (Some(least), Some(most)) if least == most => least.to_string(),
                (Some(least), Some(most)) => format!("{least} to {most}"),
                _ => "-".to_owned(),
            };
            format!("{text:>14}")
        });
        let bytes: String = bytes.collect();
        let function = cut(&point.place.function, 19);
        let file = if point.place.file == self.report.program {
            String::new()
        } else {
            format!(" {}", point.place.file)
        };
        format!("{:>5}  {:<16}{:<20}{bytes}{file}", point.place.line, point.kind, function)
    }

    fn point(&mut self, point: &Point) {
        let chosen: Vec<&Code> = point.code.iter().filter(|code| code.way == self.report.chosen).collect();
        let place = format!("{}:{}", point.place.file, point.place.line);
        self.line("");
        let place = self.styled(Style::Strong, &place);
        let title = format!("{place}  {} in {}: {}", point.kind, point.place.function, point.about);
        self.line(&title);
        let source = self.sources.get(point.place.file.as_str());
        if let Some(line) = source.and_then(|lines| numbered(lines, point.place.line)) {
            let line = cut(line, WIDTH - 8).to_owned();
            self.line(&format!("{:>5} │ {line}", point.place.line));
        }
        for inner in &point.inside {
            let source = self.sources.get(inner.file.as_str());
            let line = source.and_then(|lines| numbered(lines, inner.line));
            let at = format!("{}:{}", inner.file, inner.line);
            let text = format!("      └ {at:<22} {}", line.map_or("", |line| line.trim()));
            let text = self.styled(Style::Dim, cut(&text, WIDTH));
            self.line(&text);
        }
        for (index, code) in chosen.iter().enumerate() {
            if chosen.len() > 1 {
                self.line("");
                self.line(&format!("  copy {} of {}, in {}", index + 1, chosen.len(), code.symbol));
            }
            self.code(code);
        }
        if chosen.is_empty() {
            self.line(&format!("  no code of its own with `{}`", self.report.chosen));
        }
        self.ways(point);
    }

    fn code(&mut self, code: &Code) {
        let bytes = code.bytes;
        let total = self.styled(Style::Strong, &format!("{} bytes", bytes.total));
        self.line("");
        let by = if code.form == "call" { "by the call" } else { "by the switch" };
        self.line(&format!(
            "  saves {total}: {} pushed {by}, {} live in the frame",
            bytes.pushed, bytes.live
        ));
        for slot in code.stack.iter().filter(|slot| slot.saved) {
            let line = self.slot(slot);
            self.line(&line);
        }
        self.line("");
        let mut side = Side::Left;
        for instruction in &code.instructions {
            if instruction.stack != side {
                let heading = match instruction.stack {
                    Side::Left => "this stack",
                    Side::Entered => "on the other stack",
                    Side::Resumed if code.form == "call" => "after the call",
                    Side::Resumed => "when this thread runs again",
                };
                let heading = self.styled(Style::Dim, &format!("        {heading}"));
                self.line(&heading);
                side = instruction.stack;
            }
            let line = self.instruction(instruction);
            self.line(&line);
        }
    }

    fn slot(&self, slot: &Slot) -> String {
        let name = title(slot);
        let at = match &slot.operand {
            Some(operand) => operand.clone(),
            None => "pushed".to_owned(),
        };
        let name = format!("{:<50}", cut(&name, 50));
        let name = if slot.named { self.styled(Style::Name, &name) } else { name };
        format!("    {:>6}{:>7}  {name}  {at}", format!("+{}", slot.offset), slot.size)
    }

    fn instruction(&self, instruction: &Instruction) -> String {
        let gap = if instruction.gap { "…" } else { " " };
        // The mark of an outlined symbol says nothing to the reader.
        let text = instruction.text.replace(SHARED_SUFFIX, "");
        let code = cut(&text, CODE);
        let about = match (&instruction.symbol, instruction.about.is_empty()) {
            (_, false) => instruction.about.clone(),
            (Some(_), true) => String::new(),
            (None, true) => instruction.line.map_or_else(String::new, |line| format!("line {line}")),
        };
        let symbol = if instruction.symbol.is_some() { "│" } else { " " };
        let about = cut(&about, WIDTH - 14 - CODE - 2);
        let about =
            if instruction.about.is_empty() { self.styled(Style::Dim, about) } else { about.to_owned() };
        format!("  {gap} {:>6} {symbol} {code:<CODE$}  {about}", format!("+{}", instruction.address))
    }

    /// A line with the bytes in each way.
    fn ways(&mut self, point: &Point) {
        let mut parts = Vec::new();
        for way in &self.report.ways {
            let found = point.code.iter().find(|code| code.way == way.name);
            if let Some(code) = found {
                parts.push(format!(
                    "{} {} ({}+{})",
                    way.name, code.bytes.total, code.bytes.pushed, code.bytes.live
                ));
            }
        }
        let peers = self.report.peers.iter().map(|peer| format!("{} {}", peer.name, peer.bytes));
        parts.extend(peers);
        self.line("");
        for (row, pair) in parts.chunks(2).enumerate() {
            let label = if row == 0 { "bytes" } else { "" };
            let columns: String = pair.iter().map(|part| format!("{part:<34}")).collect();
            self.line(&format!("  {label:<7}{columns}"));
        }
    }
}

/// The first characters of a text.
fn cut(text: &str, width: usize) -> &str {
    match text.char_indices().nth(width) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
