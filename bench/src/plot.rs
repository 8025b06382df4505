//! The bar chart of the README, generated from the text of `bench/RESULTS.md`.
//!
//! The chart has a panel for each figure in [`SHOWN`], with a bar for each contestant except the variants of Weft. `./x
//! bench --plot` writes the chart, and the tests of the documentation check that it is up to date.
//!
//! ```text
//!   | yield among 10 | **Weft** | 2.86 ns | ...          yield among 10
//!   |                | Go       | 127 ns  | ...    ==>     Weft  ▌ 2.86 ns
//!   |                | Weft, 2 workers | ...                  Go  ██████████ 127 ns
//! ```

use std::fmt::Write;

use crate::last_report::{Row, WEFT, figures};

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
