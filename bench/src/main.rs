//! Measures Weft and its peers with one command: `./x bench [options]`.
//!
//! Every program, of Weft and of the peers, is a process that is timed from outside. The modules:
//!
//! ```text
//!   benchmarks      lists the benchmarks with their bars
//!   computations    the benchmarks that only compute
//!   concurrency     the benchmarks of green threads
//!   ways            the ways to switch between green threads, compared
//!   steps           the programs of `docs/switch.md`, compared
//!   generators      the benchmarks of generators and continuations
//!   effects         the benchmarks of effect handlers
//!   texts           the benchmarks of strings and JSON
//!   network         the benchmarks of pipes, connections and servers
//!   limits          the benchmarks with an absolute limit
//!   large_program   generates input for the compiler, as does `shapes`
//!   toolchains      builds the programs of each language, or says why it cannot
//!   run             runs a program, and reads the clock, the memory and the output
//!   pattern         matches the expected outputs, as in the compiler's tests
//!   load            runs a server, and lets clients on many connections ask it
//!   measure         interleaves the rounds and takes differences, so that start-up does not count
//!   statistics      computes medians and quartiles
//!   report          writes Markdown and JSON
//!   machine         describes the machine
//!   last_report     reads the last report
//!   plot            draws the README's chart from the last report
//!   tables          writes the documentation's tables from the last report
//! ```

#[path = "../../tests/harness/pattern.rs"]
mod pattern;
mod computations;
mod benchmarks;
mod concurrency;
mod effects;
mod generators;
mod large_program;
mod shapes;
mod last_report;
mod limits;
mod load;
mod machine;
mod measure;
mod network;
mod plot;
mod report;
mod run;
mod statistics;
mod steps;
mod tables;
mod texts;
mod toolchains;
mod ways;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use benchmarks::Scale;
use clap::Parser;
use measure::Effort;
use toolchains::Toolchains;

/// Measures Weft against its peers and prints a Markdown report.
#[derive(Parser)]
#[command(name = "./x bench")]
struct Options {
    /// Small sizes and few rounds: shows that everything runs; the figures mean little.
    #[arg(long)]
    quick: bool,
    /// Only the benchmark NAME, and benchmarks whose names begin with NAME and a dash; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Rounds in which each program is measured [default: 5, or 2 with --quick].
    #[arg(long)]
    rounds: Option<usize>,
    /// Writes the same results as JSON, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Measures this compiler instead of building the repository's own.
    #[arg(long, value_name = "PATH")]
    weft: Option<PathBuf>,
    /// Installs no missing peers.
    #[arg(long)]
    no_install: bool,
    /// Prints the names of the benchmarks.
    #[arg(long)]
    list: bool,
    /// Measures nothing: draws `bench/RESULTS.md` as `docs/figures.svg`, and updates the tables of the documentation.
    #[arg(long)]
    plot: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.plot {
        return plot();
    }
    let (scale, target, rounds) = match options.quick {
        true => (Scale::Quick, Duration::from_millis(40), 2),
        false => (Scale::Full, Duration::from_millis(400), 5),
    };
    let wanted = |name: &str| {
        let is = |only: &String| {
            name.strip_prefix(only.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        options.only.is_empty() || options.only.iter().any(is)
    };
    let benchmarks: Vec<_> = benchmarks::all(scale)
        .into_iter()
        .chain(limits::all(scale))
        .chain(concurrency::all(scale))
        .chain(ways::all(scale))
        .chain(steps::all(scale))
        .chain(generators::all(scale))
        .chain(effects::all(scale))
        .chain(texts::all(scale))
        .chain(network::all(scale, load::raise_open_files()))
        .filter(|benchmark| wanted(&benchmark.name))
        .collect();
    if options.list {
        benchmarks.iter().for_each(|benchmark| println!("{}", benchmark.name));
        return ExitCode::SUCCESS;
    }
    if benchmarks.is_empty() {
        eprintln!("no benchmark has such a name; --list shows them");
        return ExitCode::from(2);
    }
    let contestants = benchmarks.iter().flat_map(|benchmark| &benchmark.contestants);
    let languages: Vec<_> = contestants.map(|contestant| contestant.language).collect();
    let toolchains = Toolchains::find(options.weft, !options.no_install, &languages);
    let effort = Effort { rounds: options.rounds.unwrap_or(rounds).max(1), target };
    let mut results = Vec::new();
    for benchmark in benchmarks {
        results.extend(measure::measure(benchmark, &toolchains, &effort));
    }
    let means: Vec<_> =
        benchmarks::means().into_iter().filter_map(|mean| measure::mean(mean, &results)).collect();
    results.extend(means);
    let report = report::Report::new(machine::describe(&toolchains), scale, effort.rounds, results);
    print!("{}", report.markdown());
    if let Some(file) = options.json
        && let Err(error) = fs::write(&file, report.json())
    {
        eprintln!("cannot write {}: {error}", file.display());
        return ExitCode::FAILURE;
    }
    if report.weft_is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Draws the figures of the last report, and writes the tables of the documentation.
fn plot() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("BUG: the runner lies in the project");
    let draw = || {
        let report = fs::read_to_string(root.join("bench/RESULTS.md"))?;
        for page in tables::PAGES.map(|page| root.join(page)) {
            let updated = tables::update(&fs::read_to_string(&page)?, &report);
            fs::write(page, updated)?;
        }
        fs::write(root.join("docs/figures.svg"), plot::chart(&report))
    };
    match draw() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot draw the figures: {error}");
            ExitCode::FAILURE
        }
    }
}
