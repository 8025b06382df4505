//! The results as Markdown and as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::benchmarks::{Bar, Quantity, Scale};
use crate::last_report::WEFT;
use crate::machine::Machine;
use crate::measure::{Measured, Outcome};
use crate::statistics::Distribution;

/// The results of one run of the benchmarks.
#[derive(Serialize)]
pub struct Report {
    machine: Machine,
    quick: bool,
    rounds: usize,
    figures: Vec<Figure>,
    bars: Vec<BarResult>,
}

#[derive(Serialize)]
struct Figure {
    name: String,
    title: String,
    /// The unit of a cost per operation: `seconds` or `bytes`.
    unit: &'static str,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    contestant: &'static str,
    #[serde(flatten)]
    result: RowResult,
    /// Weft's median divided by this row's median.
    weft_ratio: Option<f64>,
    #[serde(skip)]
    is_weft: bool,
}

#[derive(Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
enum RowResult {
    Measured(Distribution),
    Failed { reason: String },
    Absent { reason: String },
}

#[derive(Serialize)]
struct BarResult {
    figure: String,
    title: String,
    bar: String,
    measured: String,
    verdict: Verdict,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Met,
    Missed,
    Unknown,
}

impl Report {
    /// Makes the report of `rounds` rounds. Only runs at full scale are held to the bars.
    pub fn new(machine: Machine, scale: Scale, rounds: usize, results: Vec<Measured>) -> Report {
        let bars = match scale {
            Scale::Full => results.iter().flat_map(judge).collect(),
            Scale::Quick => Vec::new(),
        };
        let figures = results.into_iter().map(figure).collect();
        Report { machine, quick: scale == Scale::Quick, rounds, figures, bars }
    }

    /// Whether all figures of Weft were measured.
    pub fn weft_is_complete(&self) -> bool {
        let rows = self.figures.iter().flat_map(|figure| &figure.rows);
        rows.filter(|row| row.is_weft).all(|row| matches!(row.result, RowResult::Measured(_)))
    }

    /// The report as JSON, for programs.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("BUG: a report is plain data") + "\n"
    }

    /// The report as Markdown, for people.
    pub fn markdown(&self) -> String {
        let mut text = String::from("## Machine\n\n");
        for (what, which) in &self.machine.facts {
            line(&mut text, format_args!("- {what}: {which}"));
        }
        line(&mut text, format_args!("\n## Figures\n\nMedians of {} interleaved rounds.", self.rounds));
        if self.quick {
            line(&mut text, format_args!("Quick sizes: this shows that everything runs, not how fast."));
        }
        text.push_str("\n| what | who | median | quartiles | Weft is |\n|---|---|--:|--:|--:|\n");
        self.figures.iter().for_each(|figure| figure.write(&mut text));
        if !self.bars.is_empty() {
            text.push_str("\n## Bars\n\n| what | bar | measured | |\n|---|---|---|---|\n");
        }
        for BarResult { title, bar, measured, verdict, .. } in &self.bars {
            let verdict = match verdict {
                Verdict::Met => "met",
                Verdict::Missed => "**missed**",
                Verdict::Unknown => "not measured",
            };
            line(&mut text, format_args!("| {title} | {bar} | {measured} | {verdict} |"));
        }
        text
    }
}

impl Figure {
    fn write(&self, text: &mut String) {
        for (i, row) in self.rows.iter().enumerate() {
            let title = if i == 0 { &self.title } else { "" };
            let who = if row.is_weft { WEFT } else { row.contestant };
            let ratio = row.weft_ratio.map_or(String::new(), |ratio| format!("{} x", significant(ratio)));
            let cells = match &row.result {
                RowResult::Measured(spread) if spread.median <= 0.0 => "lost in noise | ".into(),
                RowResult::Measured(spread) => {
                    let [median, lower, upper] =
                        [spread.median, spread.lower_quartile, spread.upper_quartile]
                            .map(|value| amount(value, self.unit));
                    format!("{median} | {lower} to {upper}")
                }
                RowResult::Failed { reason } => format!("fails | {}", cell(reason)),
                RowResult::Absent { reason } => format!("absent | {}", cell(reason)),
            };
            line(text, format_args!("| {title} | {who} | {cells} | {ratio} |"));
        }
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments) {
    writeln!(text, "{arguments}").expect("BUG: a string takes everything");
}

/// The text of a table cell, with each `|` escaped, because a bare `|` would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn figure(measured: Measured) -> Figure {
    let weft = measured.weft();
    let rows = measured.rows.into_iter().enumerate().map(|(place, (contestant, outcome))| {
        // Variants of Weft, for example Weft with fewer workers, count as peers.
        let is_weft = place == 0;
        let result = match outcome {
            Outcome::Measured(distribution) => RowResult::Measured(distribution),
            Outcome::Failed(reason) => RowResult::Failed { reason },
            Outcome::Absent(reason) => RowResult::Absent { reason },
        };
        let weft_ratio = match (&result, weft) {
            (RowResult::Measured(peer), Some(weft)) if !is_weft && peer.median > 0.0 => {
                Some(weft / peer.median)
            }
            _ => None,
        };
        Row { contestant: contestant.label, result, weft_ratio, is_weft }
    });
    let rows = rows.collect();
    Figure {
        name: measured.figure.name,
        title: measured.figure.title,
        unit: unit(measured.figure.quantity),
        rows,
    }
}

/// Checks Weft's result against the bars of a figure.
fn judge(measured: &Measured) -> Vec<BarResult> {
    let weft = measured.weft();
    let unit = unit(measured.figure.quantity);
    let bars = measured.figure.bars.iter().map(|bar| {
        let (bar, value, limit, measured_text) = match *bar {
            Bar::Times(peers, limit) => {
                let best = peers.iter().filter_map(|peer| measured.median_of(peer.label)).reduce(f64::min);
                let names: Vec<_> = peers.iter().map(|peer| peer.label).collect();
                let ratio = weft.zip(best).map(|(weft, best)| weft / best);
                let shown = ratio.map(|ratio| format!("{} x", significant(ratio)));
                (format!("at most {} x {}", shortest(limit), names.join(" or ")), ratio, limit, shown)
            }
            Bar::AtMost(limit) => {
                (format!("at most {}", amount(limit, unit)), weft, limit, weft.map(|weft| amount(weft, unit)))
            }
            Bar::Works => ("works".into(), weft, f64::INFINITY, weft.map(|_| "works".into())),
        };
        let verdict = match value {
            Some(value) if value <= limit => Verdict::Met,
            Some(_) => Verdict::Missed,
            None => Verdict::Unknown,
        };
        let (figure, title) = (measured.figure.name.clone(), measured.figure.title.clone());
        BarResult { figure, title, bar, measured: measured_text.unwrap_or_default(), verdict }
    });
    bars.collect()
}

impl Measured {
    /// The median of Weft, which is the first contestant.
    fn weft(&self) -> Option<f64> {
        self.median_of(self.rows.first()?.0.label)
    }

    /// The median of a contestant; `None` if the contestant was not measured, or if the difference was lost in noise.
    fn median_of(&self, label: &str) -> Option<f64> {
        let (_, outcome) = self.rows.iter().find(|(contestant, _)| contestant.label == label)?;
        match outcome {
            Outcome::Measured(distribution) => Some(distribution.median).filter(|median| *median > 0.0),
            Outcome::Failed(_) | Outcome::Absent(_) => None,
        }
    }
}

fn unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Seconds | Quantity::Processor | Quantity::Latency => "seconds",
        Quantity::Bytes => "bytes",
    }
}

/// A cost with a suitable unit: `0.0000000123` seconds as `12.3 ns`.
fn amount(value: f64, unit: &str) -> String {
    let scales: &[(f64, &str)] = match unit {
        "seconds" => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")],
        _ => &[(1024.0 * 1024.0, "MiB"), (1024.0 * 10.0, "KiB"), (1.0, "B")],
    };
    let (scale, name) =
        scales.iter().find(|(scale, _)| value.abs() >= *scale).unwrap_or(&scales[scales.len() - 1]);
    let scale = if *name == "KiB" { 1024.0 } else { *scale };
    format!("{} {name}", significant(value / scale))
}

/// The shorter of two texts: the number with all its digits, or with three significant digits. Most limits have few
/// digits.
fn shortest(value: f64) -> String {
    let (written, rounded) = (value.to_string(), significant(value));
    if written.len() < rounded.len() { written } else { rounded }
}

/// The number with three significant digits, because the measurements are not more precise.
fn significant(value: f64) -> String {
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    format!("{value:.*}", (2 - magnitude).clamp(0, 4) as usize)
}

#[cfg(test)]
mod tests;
