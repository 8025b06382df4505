//! The last report, `bench/RESULTS.md`, as data: the reverse of `report`.

/// The name of Weft's own row in the report.
pub const WEFT: &str = "**Weft**";

/// A row of the report's table of figures.
pub struct Row<'a> {
    /// The contestant's label in the benchmarks.
    pub contestant: &'a str,
    /// The median with its unit, or the reason why there is none.
    pub median: &'a str,
    /// Weft's median divided by this row's median.
    pub weft_ratio: Option<f64>,
}

impl Row<'_> {
    /// Whether the row belongs to another language or library, and not to a variant of Weft.
    pub fn is_peer(&self) -> bool {
        self.contestant != WEFT && !self.contestant.starts_with("Weft,")
    }

    /// The contestant's name in the chart and the summary.
    pub fn name(&self) -> &str {
        match self.contestant {
            WEFT => "Weft",
            "C, clang -O2" => "C",
            "C, clang -O2 -ftrapv" => "C -ftrapv",
            "Boost.Context jump_fcontext" => "Boost.Context",
            other => other,
        }
    }

    /// The median in seconds or bytes; `None` if the contestant failed or was absent.
    pub fn value(&self) -> Option<f64> {
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
pub fn section<'a>(report: &'a str, heading: &str) -> &'a str {
    let (_, rest) = report.split_once(&format!("\n## {heading}\n")).expect("the report has the section");
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

/// The cells of each row of a table, without the header.
pub fn table(section: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.split('|').map(str::trim).collect())
}

/// The figures of a report by title, in the report's order.
pub fn figures(report: &str) -> Vec<(&str, Vec<Row<'_>>)> {
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
