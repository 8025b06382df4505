//! The pictures of the README: a bar chart and a summary, both generated from the text of `bench/RESULTS.md`.
//!
//! The chart has a panel for each figure in [`SHOWN`], with a bar for each contestant except the variants of Weft. The
//! summary names every figure in which a peer is ahead, whether the chart shows the figure or not. `./x bench --plot`
//! writes the chart and the summary, and the tests of the documentation check that both are up to date.
//!
//! ```text
//!   | yield among 10 | **Weft** | 2.86 ns | ...          yield among 10
//!   |                | Go       | 127 ns  | ...    ==>     Weft  ▌ 2.86 ns
//!   |                | Weft, 2 workers | ...                  Go  ██████████ 127 ns
//! ```

use std::fmt::Write;

/// The figures of the chart: the title in the report, and the heading in the chart.
const SHOWN: [(&str, &str); 8] = [
    ("yield among 10", "a yield, 10 threads"),
    ("yield among 1,000,000", "a yield, 1,000,000 threads"),
    ("spawn + join, warm", "spawn and join, on a reused stack"),
    ("resident memory of a parked thread, 1,000,000 alive", "memory of a parked thread"),
    ("ping_pong(2,000,000)", "ping-pong, 2,000,000 times"),
    ("skynet(1,000,000)", "skynet, 1,000,000 threads"),
    (
        "geometric mean of nbody, queens, spectral-norm, fannkuch, mandelbrot",
        "geometric mean of five computations",
    ),
    ("life(1,103)", "life, 1,103 generations"),
];

/// The least ratio at which the summary calls a peer ahead; smaller ratios are within the spread between runs.
const AHEAD: f64 = 1.1;

/// The name of Weft's own row in the report.
const WEFT: &str = "**Weft**";

/// A row of the report's table of figures.
struct Row<'a> {
    contestant: &'a str,
    /// The median with its unit, or the reason why there is none.
    median: &'a str,
    /// Weft's median divided by this row's median.
    weft_ratio: Option<f64>,
}

impl Row<'_> {
    /// Whether the row belongs to another language or library, and not to a variant of Weft.
    fn is_peer(&self) -> bool {
        self.contestant != WEFT && !self.contestant.starts_with("Weft,")
    }

    /// The contestant's name in the chart and the summary.
    fn name(&self) -> &str {
        match self.contestant {
            WEFT => "Weft",
            "C, clang -O2" => "C",
            "C, clang -O2 -ftrapv" => "C -ftrapv",
            "Boost.Context jump_fcontext" => "Boost.Context",
            other => other,
        }
    }

    /// The median in seconds or bytes; `None` if the contestant failed or was absent.
    fn value(&self) -> Option<f64> {
        let (number, unit) = self.median.split_once(' ')?;
        let scale = match unit {
            "s" | "B" => 1.0,
            "ms" => 1e-3,
            "us" => 1e-6,
            "ns" => 1e-9,
            "KiB" => 1024.0,
            "MiB" => 1024.0 * 1024.0,
            _ => return None,
        };
        Some(number.parse::<f64>().ok()? * scale)
    }
}

/// The section of the report under a second-level heading.
fn section<'a>(report: &'a str, heading: &str) -> &'a str {
    let (_, rest) = report.split_once(&format!("\n## {heading}\n")).expect("the report has the section");
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The cells of each row of a table, without the header.
fn table(section: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.split('|').map(str::trim).collect())
}

/// The figures of a report by title, in the report's order.
fn figures(report: &str) -> Vec<(&str, Vec<Row<'_>>)> {
    let mut figures: Vec<(&str, Vec<Row>)> = Vec::new();
    for cells in table(section(report, "Figures")) {
        let weft_ratio = cells[5].strip_suffix(" x").and_then(|ratio| ratio.parse().ok());
        if !cells[1].is_empty() {
            figures.push((cells[1], Vec::new()));
        }
        let (_, rows) = figures.last_mut().expect("a figure begins with its title");
        rows.push(Row { contestant: cells[2], median: cells[3], weft_ratio });
    }
    figures
}

/// The figures in which a peer is ahead, as a Markdown table with two figures in a row, and the number of missed bars.
fn summary(report: &str) -> String {
    let mut behind = Vec::new();
    for (title, rows) in figures(report) {
        let mut ahead: Vec<_> = rows.iter().filter(|row| row.is_peer()).collect();
        ahead.retain(|row| row.weft_ratio.is_some_and(|ratio| ratio >= AHEAD));
        ahead
            .sort_by(|one, other| other.weft_ratio.partial_cmp(&one.weft_ratio).expect("ratios are numbers"));
        if !ahead.is_empty() {
            let peers: Vec<_> = ahead.iter().map(|row| format!("{} {}", row.name(), row.median)).collect();
            behind.push(format!("| {title} | {} | {} ", rows[0].median, peers.join(", ")));
        }
    }
    let mut text =
        "| others lead in | Weft | the others ".repeat(2) + "|\n" + &"|---|--:|---".repeat(2) + "|\n";
    for pair in behind.chunks(2) {
        text += &format!("{}|\n", pair.concat());
    }
    let bars: Vec<_> = table(section(report, "Bars")).collect();
    let missed = bars.iter().filter(|cells| cells[4] == "**missed**").count();
    text + &format!("\nWeft misses {missed} of the {} bars that the benchmarks hold it to.\n", bars.len())
}

/// The lines before and after the summary in the README.
const AROUND: [&str; 2] = ["<!-- `./x bench --plot` writes the lines from here -->\n", "<!-- to here -->\n"];

/// The README with its summary replaced by the summary of a report.
///
/// # Panics
/// Panics if the README has no place for the summary.
pub fn readme(readme: &str, report: &str) -> String {
    let (before, rest) = readme.split_once(AROUND[0]).expect("the README has a place for the summary");
    let (_, after) = rest.split_once(AROUND[1]).expect("the place for the summary ends");
    format!("{before}{}{}{}{after}", AROUND[0], summary(report), AROUND[1])
}

/// Lengths in the chart, in pixels.
mod size {
    /// The distance between the left edges of two panels.
    pub const PANEL: usize = 430;
    /// The right edge of the contestants' names, from the panel's left edge.
    pub const NAMES: usize = 120;
    /// The length of the longest bar. It leaves room for a median of ten characters behind the bar.
    pub const BAR: f64 = 210.0;
    /// The distance between two bars.
    pub const LINE: usize = 19;
    /// The height of a panel's heading.
    pub const HEADING: usize = 26;
    /// The space below a panel.
    pub const GAP: usize = 16;
}

/// The style of the chart. The colours have enough contrast on white and on black, so one chart serves both.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#75808c}.h{font-weight:600;font-size:13px}\
                     .n{text-anchor:end}.w{font-weight:600;fill:#2f81f7}rect{fill:#8b949e}rect.w{fill:#2f81f7}";

/// The bar chart as SVG.
///
/// # Panics
/// Panics if the report lacks a figure of [`SHOWN`].
pub fn chart(report: &str) -> String {
    let figures = figures(report);
    let (mut body, mut top) = (String::new(), 0);
    for pair in SHOWN.chunks(2) {
        let mut height = 0;
        for (column, (title, heading)) in pair.iter().enumerate() {
            let found = figures.iter().find(|(other, _)| other == title);
            let (_, rows) = found.unwrap_or_else(|| panic!("bench/RESULTS.md has no figure `{title}`"));
            let rows: Vec<&Row> = rows.iter().filter(|row| row.contestant == WEFT || row.is_peer()).collect();
            panel(&mut body, (column * size::PANEL, top), heading, &rows);
            height = height.max(size::HEADING + rows.len() * size::LINE + size::GAP);
        }
        top += height;
    }
    let width = 2 * size::PANEL;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {top}\" role=\"img\">\n\
         <title>Eight figures of Weft and its peers; shorter bars are better</title>\n\
         <style>{STYLE}</style>\n{body}</svg>\n"
    )
}

/// Appends a panel: its heading, and for each row a name, a bar and a median.
fn panel(body: &mut String, (left, top): (usize, usize), heading: &str, rows: &[&Row]) {
    let longest = rows.iter().filter_map(|row| row.value()).fold(f64::MIN_POSITIVE, f64::max);
    let mut line = |arguments: std::fmt::Arguments| {
        writeln!(body, "{arguments}").expect("writing to a string succeeds");
    };
    line(format_args!("<text class=\"h\" x=\"{left}\" y=\"{}\">{}</text>", top + 15, escape(heading)));
    for (index, row) in rows.iter().enumerate() {
        let class = if row.contestant == WEFT { " w" } else { "" };
        let (y, bar) = (top + size::HEADING + index * size::LINE, left + size::NAMES + 8);
        let length = row.value().map_or(0.0, |value| (value / longest * size::BAR).max(1.0));
        let names = left + size::NAMES;
        line(format_args!(
            "<text class=\"n{class}\" x=\"{names}\" y=\"{}\">{}</text>",
            y + 11,
            escape(row.name())
        ));
        line(format_args!(
            "<rect class=\"{}\" x=\"{bar}\" y=\"{}\" width=\"{length:.1}\" height=\"11\"/>",
            class.trim(),
            y + 1
        ));
        let after = bar as f64 + length + 6.0;
        let median = escape(row.median);
        line(format_args!(
            "<text class=\"{}\" x=\"{after:.1}\" y=\"{}\">{median}</text>",
            class.trim(),
            y + 11
        ));
    }
}

/// The text with `&`, `<` and `>` escaped, as XML requires.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
