//! Runs a benchmark's programs one after another, round after round, so that a change of the machine's speed affects
//! all programs alike.
//!
//! A cost per operation is the difference between a large and a small run of the same program, divided by the
//! difference in operations. Process start, setup and the runtime's own memory are in both runs and cancel out. In the
//! benchmarks of rings, generators and continuations, the large size depends on the program's speed, so that the
//! difference takes about the same time for each program. With one worker, the time of these runs is processor time, in
//! which other processes do not count. With more workers, and for a command that is measured as a whole, it is elapsed
//! time. A server is started in each round; `load` measures it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::benchmarks::{Bar, Benchmark, Contestant, Figure, Mean, Method, Quantity, Work};
use crate::load::{self, Load};
use crate::run::{Sample, run, run_and_read};
use crate::statistics::Distribution;
use crate::toolchains::{Found, Toolchains, invoke, output_directory};

/// The least time in seconds that a round spends on a command that is measured as a whole; short commands are repeated.
const SHORT_RUNS: f64 = 0.1;

/// The processor time in seconds above which a round of [`Method::Difference`] is long. Most long rounds are mostly
/// setup, and fill nearly all memory of the system. To save time, a long round makes the large run only once, and a
/// peer that no bar names takes part in every second round only.
const LONG_ROUND: f64 = 10.0;

/// The effort of a measurement.
pub struct Effort {
    /// The number of times each program is measured.
    pub rounds: usize,
    /// The time that the operations of one round should take.
    pub target: Duration,
}

/// A figure, measured for every contestant.
pub struct Measured {
    /// The figure.
    pub figure: Figure,
    /// The outcomes, in the order of the benchmark's contestants.
    pub rows: Vec<(Contestant, Outcome)>,
}

/// The outcome of one contestant.
pub enum Outcome {
    /// The program ran.
    Measured(Distribution),
    /// The program ended with an error, was killed, or printed a wrong result.
    Failed(String),
    /// The program could not be built.
    Absent(String),
}

/// The costs of one contestant in one round.
struct Round {
    /// The small run: all costs except the cost of the operations.
    setup: Cost,
    /// The large run: setup and operations.
    whole: Cost,
}

/// The value of each [`Quantity`]. A quantity that a method does not measure is zero.
#[derive(Clone, Copy, Default)]
struct Cost {
    seconds: f64,
    processor: f64,
    latency: f64,
    bytes: f64,
}

/// A contestant's program, ready to run.
enum Entrant {
    Pair(Pair),
    /// A command that is measured as a whole, and the expected output, if the output is checked.
    Whole(Command, Option<&'static str>),
    Printing(Command, &'static str),
    File(PathBuf),
    Server(Serving),
}

/// The clock by which runs are timed.
#[derive(Clone, Copy)]
enum Clock {
    Processor,
    Elapsed,
}

impl Clock {
    fn of(self, sample: Sample) -> f64 {
        match self {
            Clock::Processor => sample.processor,
            Clock::Elapsed => sample.elapsed,
        }
    }
}

/// A program and the sizes of its two runs.
struct Pair {
    contestant: Contestant,
    executable: PathBuf,
    work: Work,
    clock: Clock,
    small: u64,
    large: u64,
    /// Whether a round is expected to take longer than [`LONG_ROUND`].
    is_long: bool,
}

/// A server and its load.
struct Serving {
    contestant: Contestant,
    executable: PathBuf,
    program: &'static str,
    load: Load,
}

enum State {
    Running(Box<Entrant>, Vec<Round>),
    Failed(String),
    Absent(String),
}

/// Measures one benchmark; returns its figures, each with an outcome for every contestant.
pub fn measure(benchmark: Benchmark, toolchains: &Toolchains, effort: &Effort) -> Vec<Measured> {
    eprintln!("measuring {}", benchmark.name);
    let Benchmark { method, contestants, figures, .. } = benchmark;
    let parallel = contestants.iter().any(|contestant| contestant.workers > 1);
    let clock = if parallel { Clock::Elapsed } else { Clock::Processor };
    let enter = |contestant: &Contestant| enter(method, clock, *contestant, toolchains, effort.target);
    let mut states: Vec<State> = contestants.iter().map(enter).collect();
    let held: Vec<&str> = figures.iter().flat_map(|figure| &figure.bars).flat_map(Bar::peers).collect();
    for round in 0..effort.rounds {
        for (place, (state, contestant)) in states.iter_mut().zip(&contestants).enumerate() {
            // The first contestant is Weft, which every bar is about.
            let is_judged = place == 0 || held.contains(&contestant.label);
            if round % 2 == 0 || !state.is_long() || is_judged {
                state.round();
            }
        }
    }
    let rows = |quantity: Quantity| {
        let outcomes = states.iter().map(|state| state.outcome(quantity));
        contestants.iter().copied().zip(outcomes).collect()
    };
    figures.into_iter().map(|figure| Measured { rows: rows(figure.quantity), figure }).collect()
}

/// Computes the mean for each contestant of the first figure; `None` unless all figures were measured.
pub fn mean(mean: Mean, results: &[Measured]) -> Option<Measured> {
    let find = |name: &&str| results.iter().find(|measured| measured.figure.name == *name);
    let parts: Vec<&Measured> = mean.of.iter().map(find).collect::<Option<_>>()?;
    let contestants = parts.first()?.rows.iter().map(|(contestant, _)| *contestant);
    let rows = contestants.map(|contestant| (contestant, mean_of(contestant, &parts))).collect();
    Some(Measured { figure: mean.figure, rows })
}

/// Computes the geometric mean, over all `parts`, of each statistic of the contestant: the median, the quartiles, the
/// minimum and the maximum.
fn mean_of(contestant: Contestant, parts: &[&Measured]) -> Outcome {
    let mut spreads = Vec::new();
    for part in parts {
        let row = part.rows.iter().find(|(other, _)| other.label == contestant.label);
        match row.map(|(_, outcome)| outcome) {
            Some(Outcome::Measured(spread)) => spreads.push(*spread),
            Some(Outcome::Failed(reason)) => return Outcome::Failed(reason.clone()),
            Some(Outcome::Absent(reason)) => return Outcome::Absent(reason.clone()),
            None => return Outcome::Absent(format!("takes no part in {}", part.figure.name)),
        }
    }
    Outcome::Measured(Distribution::geometric_mean(&spreads))
}

/// Builds a contestant's program and prepares its measurement.
fn enter(
    method: Method,
    clock: Clock,
    contestant: Contestant,
    toolchains: &Toolchains,
    target: Duration,
) -> State {
    let mut entrant = match prepare(method, clock, contestant, toolchains) {
        Ok(entrant) => entrant,
        Err(reason) => return State::Absent(reason),
    };
    match entrant.warm_up(target) {
        Ok(()) => State::Running(Box::new(entrant), Vec::new()),
        Err(reason) => State::Failed(reason),
    }
}

fn prepare(method: Method, clock: Clock, contestant: Contestant, toolchains: &Toolchains) -> Found<Entrant> {
    let Contestant { language, variant, .. } = contestant;
    Ok(match method {
        Method::Difference(work) => {
            let executable = toolchains.build(language, &format!("{}{variant}", work.program()))?;
            Entrant::Pair(Pair {
                contestant,
                executable,
                work,
                clock,
                small: work.small(),
                large: work.small(),
                is_long: false,
            })
        }
        Method::CompileAndRun(program) => {
            Entrant::Whole(toolchains.compile_and_run(language, program)?, None)
        }
        Method::Compile { command, lines } => Entrant::Whole(toolchains.compile(command, lines)?, None),
        Method::Repeat(shape, count) => Entrant::Whole(toolchains.repeat(shape, count)?, None),
        Method::StartToExit(program, run) => {
            let executable = toolchains.build(language, program)?;
            Entrant::Whole(invoke(language, &executable, program, run.arguments, 1), Some(run.output))
        }
        Method::Printed(program, run) => {
            let executable = toolchains.build(language, program)?;
            Entrant::Printing(invoke(language, &executable, program, run.arguments, 1), run.output)
        }
        Method::StrippedSize(program) => {
            Entrant::File(toolchains.strip(&toolchains.build(language, program)?)?)
        }
        Method::Serve(program, load) => {
            let executable = toolchains.build(language, program)?;
            Entrant::Server(Serving { contestant, executable, program, load })
        }
    })
}

impl State {
    fn round(&mut self) {
        if let State::Running(entrant, rounds) = self {
            match entrant.round() {
                Ok(round) => rounds.push(round),
                Err(reason) => *self = State::Failed(reason),
            }
        }
    }

    fn is_long(&self) -> bool {
        let State::Running(entrant, _) = self else { return false };
        matches!(**entrant, Entrant::Pair(Pair { is_long: true, .. }))
    }

    fn outcome(&self, quantity: Quantity) -> Outcome {
        match self {
            State::Running(entrant, rounds) => {
                Outcome::Measured(each(entrant.operations(), rounds, quantity))
            }
            State::Failed(reason) => Outcome::Failed(reason.clone()),
            State::Absent(reason) => Outcome::Absent(reason.clone()),
        }
    }
}

/// The cost of one operation in each round. Each round's large run is compared with the median of all small runs, so
/// that a disturbance of a single run spoils the value of one round at most.
fn each(operations: u64, rounds: &[Round], quantity: Quantity) -> Distribution {
    let of = |cost: Cost| match quantity {
        Quantity::Seconds => cost.seconds,
        Quantity::Processor => cost.processor,
        Quantity::Latency => cost.latency,
        Quantity::Bytes => cost.bytes,
    };
    let setup = Distribution::of(rounds.iter().map(|round| of(round.setup)).collect()).median;
    Distribution::of(rounds.iter().map(|round| (of(round.whole) - setup) / operations as f64).collect())
}

impl Entrant {
    /// Chooses the size of the large run, or runs a command once without counting it.
    fn warm_up(&mut self, target: Duration) -> Found<()> {
        match self {
            Entrant::Pair(pair) => match pair.work.large() {
                Some(large) => pair.large = large,
                None => pair.calibrate(target)?,
            },
            Entrant::Whole(command, expected) => drop(run(command, *expected, &errors()?)?),
            Entrant::Printing(command, expected) => drop(printed(command, expected)?),
            // Each round of a server has a warm-up of its own.
            Entrant::File(_) | Entrant::Server(..) => {}
        }
        Ok(())
    }

    /// The number of operations in the large run minus the number in the small run.
    fn operations(&self) -> u64 {
        match self {
            Entrant::Pair(pair) => pair.work.operations(pair.large) - pair.work.operations(pair.small),
            Entrant::Whole(..) | Entrant::Printing(..) | Entrant::File(_) | Entrant::Server(..) => 1,
        }
    }

    fn round(&mut self) -> Found<Round> {
        let nothing = Cost::default();
        match self {
            Entrant::Pair(pair) => {
                let clock = pair.clock;
                let cost = |sample| Cost { seconds: clock.of(sample), bytes: sample.peak_bytes, ..nothing };
                let setup = cost(pair.quickest(pair.small)?);
                Ok(Round { setup, whole: cost(pair.run_large()?) })
            }
            Entrant::Whole(command, expected) => {
                Ok(Round { setup: nothing, whole: repeat(command, *expected)? })
            }
            Entrant::Printing(command, expected) => {
                let (one, other) = (printed(command, expected)?, printed(command, expected)?);
                Ok(Round { setup: nothing, whole: Cost { seconds: one.min(other), ..nothing } })
            }
            Entrant::File(path) => {
                let metadata =
                    fs::metadata(&*path).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(Round { setup: nothing, whole: Cost { bytes: metadata.len() as f64, ..nothing } })
            }
            Entrant::Server(serving) => {
                let load::Costs { elapsed, processor, latency, bytes } = serving.measure()?;
                Ok(Round { setup: nothing, whole: Cost { seconds: elapsed, processor, latency, bytes } })
            }
        }
    }
}

/// The medians of several runs, because a single short run gives no reliable value.
fn repeat(command: &mut Command, expected: Option<&str>) -> Found<Cost> {
    let mut samples = vec![run(command, expected, &errors()?)?];
    while samples.iter().map(|sample| sample.elapsed).sum::<f64>() < SHORT_RUNS {
        samples.push(run(command, expected, &errors()?)?);
    }
    let median = |cost: fn(&Sample) -> f64| Distribution::of(samples.iter().map(cost).collect()).median;
    let (seconds, bytes) = (median(|sample| sample.elapsed), median(|sample| sample.peak_bytes));
    Ok(Cost { seconds, bytes, ..Cost::default() })
}

/// The seconds that a program has measured itself: the nanoseconds on the first line of its output.
fn printed(command: &mut Command, expected: &str) -> Found<f64> {
    let (_, output) = run_and_read(command, Some(expected), &errors()?)?;
    let first = output.lines().next().unwrap_or_default();
    first.parse::<u64>().map(|time| time as f64 * 1e-9).map_err(|error| format!("`{first}`: {error}"))
}

impl Pair {
    fn run(&self, size: u64) -> Found<Sample> {
        let Contestant { language, workers, .. } = self.contestant;
        let arguments = self.work.arguments(size);
        let mut command = invoke(language, &self.executable, self.work.program(), &arguments, workers);
        run(&mut command, Some(&self.work.output(size)), &errors()?)
    }

    /// Chooses a large size whose operations take `target`, or twice the time of the small run if that is longer. After
    /// a long setup, the noise would otherwise hide the time of the operations.
    fn calibrate(&mut self, target: Duration) -> Found<()> {
        let base = self.quickest(self.small)?.processor;
        let target = target.as_secs_f64().max(2.0 * base);
        self.is_long = 2.0 * base + 2.0 * (base + target) > LONG_ROUND;
        loop {
            self.large *= 4;
            let extra = self.quickest(self.large)?.processor - base;
            if extra >= target / 4.0 {
                self.large = ((self.large as f64 * target / extra) as u64).max(2 * self.small);
                return Ok(());
            }
        }
    }

    /// Makes the large run, twice unless it is long; returns the quicker run. A single large run is not slowed down
    /// like the first run in `quickest`, because the small run before it has already got the memory back.
    fn run_large(&mut self) -> Found<Sample> {
        let one = self.run(self.large)?;
        self.is_long |= 2.0 * one.processor > LONG_ROUND;
        if self.is_long {
            return Ok(one);
        }
        let other = self.run(self.large)?;
        Ok(self.quicker(one, other))
    }

    /// The quicker of two runs. The first run is slower if it must first get memory back that the kernel or a
    /// hypervisor has reclaimed.
    fn quickest(&self, size: u64) -> Found<Sample> {
        let (one, other) = (self.run(size)?, self.run(size)?);
        Ok(self.quicker(one, other))
    }

    fn quicker(&self, one: Sample, other: Sample) -> Sample {
        if self.clock.of(one) < self.clock.of(other) { one } else { other }
    }
}

impl Serving {
    fn measure(&self) -> Found<load::Costs> {
        let Contestant { language, workers, .. } = self.contestant;
        let command = invoke(language, &self.executable, self.program, &[], workers);
        load::measure(command, &self.load, &errors()?)
    }
}

fn errors() -> Found<PathBuf> {
    Ok(output_directory()?.join("standard-error"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchains::Language;

    fn of_two(name: &str, weft: f64, go: Outcome) -> Measured {
        let row = |label, outcome| {
            (Contestant { label, language: Language::Weft, variant: "", workers: 1 }, outcome)
        };
        let figure =
            Figure { name: name.into(), title: name.into(), quantity: Quantity::Seconds, bars: vec![] };
        Measured { figure, rows: vec![row("Weft", took(weft)), row("Go", go)] }
    }

    fn took(seconds: f64) -> Outcome {
        Outcome::Measured(Distribution::of(vec![seconds]))
    }

    #[test]
    fn a_mean_is_of_all_its_figures_or_there_is_none() {
        let of_both = || {
            let figure =
                Figure { name: "m".into(), title: "m".into(), quantity: Quantity::Seconds, bars: vec![] };
            Mean { figure, of: &["a", "b"] }
        };
        let a = of_two("a", 1.0, took(2.0));
        assert!(mean(of_both(), std::slice::from_ref(&a)).is_none());
        let b = of_two("b", 4.0, Outcome::Absent("no go".into()));
        let rows = mean(of_both(), &[a, b]).expect("both were measured").rows;
        assert!(matches!(&rows[0].1, Outcome::Measured(mean) if (mean.median - 2.0).abs() < 1e-9));
        assert!(matches!(&rows[1].1, Outcome::Absent(reason) if reason == "no go"));
    }

    #[test]
    fn a_round_that_was_held_up_does_not_move_the_median() {
        let cost = |seconds| Cost { seconds, ..Cost::default() };
        let round = |setup, whole| Round { setup: cost(setup), whole: cost(whole) };
        let rounds = [round(1.0, 3.0), round(9.0, 3.0), round(1.0, 8.0)];
        assert_eq!(each(2, &rounds, Quantity::Seconds).median, 1.0);
    }
}
