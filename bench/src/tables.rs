//! The tables of the documentation that are generated from the text of `bench/RESULTS.md`.
//!
//! A page has a place for each of its tables, between two comments; the first one names the table of [`TABLES`]. `./x
//! bench --plot` writes the tables, and the tests of the documentation check that they are up to date.
//!
//! ```text
//!   <!-- `./x bench --plot` writes the lines from here: ways -->
//!   | program | swapstack | ...
//!   <!-- to here -->
//! ```

use crate::last_report::{Row, WEFT, figures, section, table};

/// The pages with tables.
pub const PAGES: [&str; 4] = ["README.md", "docs/runtime.md", "docs/switch.md", "docs/technique.md"];

/// A table: its name, and the function that makes it from the report.
type Table = (&'static str, fn(&str) -> String);

/// All tables.
const TABLES: [Table; 7] = [
    ("summary", summary),
    ("steps", steps),
    ("rings", rings),
    ("ways", ways),
    ("costs", costs),
    ("generators", generators),
    ("missed-by-generators", missed_by_generators),
];

/// The beginning of the comment before a table, and the comment behind it.
const AROUND: [&str; 2] = ["<!-- `./x bench --plot` writes the lines from here: ", "<!-- to here -->\n"];

/// A page with its tables replaced by those of a report.
///
/// # Panics
/// Panics if the page names a table that does not exist, or if a place for a table does not end.
pub fn update(page: &str, report: &str) -> String {
    let mut parts = page.split(AROUND[0]);
    let mut text = parts.next().expect("a split has a first part").to_owned();
    for part in parts {
        let (name, old) = part.split_once(" -->\n").expect("the comment before a table ends");
        let (_, after) = old.split_once(AROUND[1]).expect("the place for a table ends");
        let found = TABLES.iter().find(|(other, _)| *other == name);
        let (_, make) = found.unwrap_or_else(|| panic!("there is no table `{name}`"));
        text += &format!("{}{name} -->\n{}{}{after}", AROUND[0], make(report), AROUND[1]);
    }
    text
}

/// The least ratio at which the summary calls a peer ahead; smaller ratios are within the spread between runs.
const AHEAD: f64 = 1.1;

/// The prefix of the titles of figures that compare the programs of `docs/switch.md`, which are no peers.
const STEP: &str = "step: ";

/// The prefix of the titles of figures that compare the ways to switch.
const WAY: &str = "ways to switch: ";

/// The names in [`WAY`] figures of the default way and of the others.
const WAYS: [(&str, &str); 4] = [
    ("`swapstack`", WEFT),
    ("`preserve-none`", "Weft, --switch=preserve-none"),
    ("`callee-saved`", "Weft, --switch=callee-saved"),
    ("`ucontext`", "Weft, --switch=ucontext"),
];

/// The beginnings of the titles of the figures of generators and continuations.
const GENERATORS: [&str; 7] = [
    "an element of a ",
    "a node of a tree walk",
    "a resumption in a chain of ",
    "a generator made",
    "resident memory of a suspended generator",
    "resume + suspend",
    "a continuation made",
];

/// The figures in which a peer is ahead, with two figures in a row, and the number of missed bars.
fn summary(report: &str) -> String {
    let mut behind = Vec::new();
    for (title, rows) in figures(report).iter().filter(|(title, _)| !title.starts_with(STEP)) {
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

/// A table whose rows are contestants and whose columns are figures. A contestant is given by its name in the table and
/// by the beginning of its label; a figure by its heading and its title.
fn by_contestant(
    report: &str,
    first: &str,
    contestants: &[(&str, &str)],
    columns: &[(&str, &str)],
) -> String {
    let figures = figures(report);
    let rows_of = |title: &str| -> &[Row] {
        let found = figures.iter().find(|(other, _)| *other == title);
        found.map(|(_, rows)| rows.as_slice()).unwrap_or_else(|| panic!("bench/RESULTS.md lacks `{title}`"))
    };
    let headings: Vec<_> = columns.iter().map(|(heading, _)| format!(" {heading} |")).collect();
    let mut text = format!("| {first} |{}\n|---|{}\n", headings.concat(), "--:|".repeat(columns.len()));
    for (name, label) in contestants {
        let cells = columns.iter().map(|(_, title)| {
            let row = rows_of(title).iter().find(|row| row.contestant.starts_with(label));
            format!(" {} |", row.map_or("", |row| row.median))
        });
        text += &format!("| {name} |{}\n", cells.collect::<String>());
    }
    text
}

/// The costs of a switch in the programs of `docs/switch.md` with two stacks.
fn steps(report: &str) -> String {
    let contestants = [
        ("1: `swapcontext`", "C, swapcontext"),
        ("2: a call that ends in `ret`", "C, a call that ends in ret"),
        ("2: a call that ends in a jump", "C, a call that ends in a jump"),
        ("3: inline, live values only", "C, inline"),
        ("`std.switch` of Weft", WEFT),
    ];
    by_contestant(report, "step", &contestants, &[("a switch", "step: a switch between two stacks")])
}

/// The costs of a yield in the program of `docs/switch.md` with a run queue.
fn rings(report: &str) -> String {
    let contestants = [
        ("4: stacks of 4,096 bytes", "C, stacks of 4,096 bytes"),
        ("4: stacks of 4,160 bytes", "C, stacks of 4,160 bytes"),
        ("5: Weft", WEFT),
    ];
    let columns = [
        ("a yield among 8", "step: yield among 8"),
        ("among 9", "step: yield among 9"),
        ("among 1,000", "step: yield among 1,000"),
        ("among 10,000", "step: yield among 10,000"),
    ];
    by_contestant(report, "step", &contestants, &columns)
}

/// The ways to switch in all figures, and the figures in which the default way is not the faster one.
fn ways(report: &str) -> String {
    let mut text = String::from("| program |");
    WAYS.iter().for_each(|(name, _)| text += &format!(" {name} |"));
    text += " `swapstack` / `callee-saved` |\n|---|--:|--:|--:|--:|--:|\n";
    let (mut count, mut slower) = (0, Vec::new());
    for (title, rows) in figures(report) {
        let Some(program) = title.strip_prefix(WAY) else { continue };
        let find = |label: &str| rows.iter().find(|row| row.contestant == label);
        let cells = WAYS.iter().map(|(_, label)| format!(" {} |", find(label).map_or("", |row| row.median)));
        let ratio = find(WAYS[2].1).and_then(|row| row.weft_ratio).expect("each figure has `callee-saved`");
        text += &format!("| {program} |{} {ratio:.2} |\n", cells.collect::<String>());
        count += 1;
        if ratio >= 1.0 {
            slower.push(program);
        }
    }
    let faster = count - slower.len();
    text += &format!("\n`swapstack` is faster than `callee-saved` on {faster} of the {count} rows.");
    if !slower.is_empty() {
        text += &format!(" It is not faster on: {}.", slower.join("; "));
    }
    text + "\n"
}

/// The cost of a yield in each way to switch.
fn costs(report: &str) -> String {
    let columns = [
        ("yield among 10", "ways to switch: yield among 10"),
        ("with six integers live", "ways to switch: yield among 10, six integers live"),
    ];
    by_contestant(report, "way", &WAYS, &columns)
}

/// The forms of generators and their peers.
fn generators(report: &str) -> String {
    let contestants = [
        ("`stackless`", WEFT),
        ("`stack`", "Weft, --generators=stack"),
        ("`llvm`", "Weft, --generators=llvm"),
        ("C++20 by clang", "C++20"),
        ("Go", "Go"),
    ];
    let columns = [
        ("an element that escapes", "an element of a generator that escapes"),
        ("a node of a tree of 4 levels", "a node of a tree walk, depth 4"),
        ("of 20 levels", "a node of a tree walk, depth 20"),
        ("made, one element, dropped", "a generator made, its first element, dropped"),
        ("memory, suspended", "resident memory of a suspended generator, 1,000,000 alive"),
    ];
    by_contestant(report, "form", &contestants, &columns)
}

/// The missed bars of generators and continuations.
fn missed_by_generators(report: &str) -> String {
    let mut text = String::from("| missed | bar | measured |\n|---|---|--:|\n");
    for cells in table(section(report, "Bars")).filter(|cells| cells[4] == "**missed**") {
        if GENERATORS.iter().any(|beginning| cells[1].starts_with(beginning)) {
            text += &format!("| {} | {} | {} |\n", cells[1], cells[2], cells[3]);
        }
    }
    text
}
