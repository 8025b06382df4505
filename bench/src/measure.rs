//! Runs a benchmark's programs in turn, round after round, so that a machine that changes its speed changes it for
//! all of them.
//!
//! A cost per operation is the difference between a large and a small run of the same program, divided by the
//! difference in operations: process start, setup and the runtime's own memory are in both and cancel. Programs of
//! unequal speed get unequal sizes, chosen such that the difference takes about the same time. It is a difference of
//! processor time: the programs keep one thread busy from start to end, and what else runs on the machine does not
//! count. Where more than one worker takes part it is elapsed time.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::benchmarks::{Benchmark, Contestant, Figure, Method, Quantity, Work};
use crate::run::{Sample, run};
use crate::statistics::Distribution;
use crate::toolchains::{Found, Toolchains, invoke, output_directory};

/// A command that is measured as a whole is repeated for so many seconds in each round.
const SHORT_RUNS: f64 = 0.1;

/// How long to measure.
pub struct Effort {
    /// How many times each program is measured.
    pub rounds: usize,
    /// How long the operations of one round should take.
    pub target: Duration,
}

/// A figure of every contestant.
pub struct Measured {
    /// What it is.
    pub figure: Figure,
    /// In the order of the benchmark's contestants.
    pub rows: Vec<(Contestant, Outcome)>,
}

/// What became of one contestant.
pub enum Outcome {
    /// It ran.
    Measured(Distribution),
    /// It ran and did not end well.
    Failed(String),
    /// It could not be built.
    Absent(String),
}

/// What one round says of one contestant.
struct Round {
    /// What is not the operations': the small run.
    setup: Cost,
    /// Setup and operations: the large run.
    whole: Cost,
}

#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    bytes: f64,
}

/// A contestant ready to run.
enum Entrant {
    Pair(Pair),
    Whole(Command),
    File(PathBuf),
}

/// Which time counts.
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
}

enum State {
    Running(Entrant, Vec<Round>),
    Failed(String),
    Absent(String),
}

/// Measures one benchmark.
pub fn measure(benchmark: Benchmark, toolchains: &Toolchains, effort: &Effort) -> Vec<Measured> {
    eprintln!("measuring {}", benchmark.name);
    let Benchmark { method, contestants, figures, .. } = benchmark;
    let parallel = contestants.iter().any(|contestant| contestant.workers > 1);
    let clock = if parallel { Clock::Elapsed } else { Clock::Processor };
    let enter = |contestant: &Contestant| enter(method, clock, *contestant, toolchains, effort.target);
    let mut states: Vec<State> = contestants.iter().map(enter).collect();
    for _ in 0..effort.rounds {
        states.iter_mut().for_each(State::round);
    }
    let rows = |quantity: Quantity| {
        let outcomes = states.iter().map(|state| state.outcome(quantity));
        contestants.iter().copied().zip(outcomes).collect()
    };
    figures.into_iter().map(|figure| Measured { rows: rows(figure.quantity), figure }).collect()
}

/// Builds a contestant's program and finds its size.
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
        Ok(()) => State::Running(entrant, Vec::new()),
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
            })
        }
        Method::CompileAndRun(program) => Entrant::Whole(toolchains.compile_and_run(language, program)?),
        Method::StartToExit(program) => {
            Entrant::Whole(invoke(language, &toolchains.build(language, program)?, program, &[], 1))
        }
        Method::StrippedSize(program) => {
            Entrant::File(toolchains.strip(&toolchains.build(language, program)?)?)
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

/// What one operation costs. Each round's large run is compared with the median of the small ones: a round in which
/// something held up only one of its two runs then spoils no more than its own value.
fn each(operations: u64, rounds: &[Round], quantity: Quantity) -> Distribution {
    let of = |cost: Cost| match quantity {
        Quantity::Seconds => cost.seconds,
        Quantity::Bytes => cost.bytes,
    };
    let setup = Distribution::of(rounds.iter().map(|round| of(round.setup)).collect()).median;
    Distribution::of(rounds.iter().map(|round| (of(round.whole) - setup) / operations as f64).collect())
}

impl Entrant {
    /// A first run that does not count, and the size of the large runs.
    fn warm_up(&mut self, target: Duration) -> Found<()> {
        match self {
            Entrant::Pair(pair) => match pair.work.large() {
                Some(large) => pair.large = large,
                None => pair.calibrate(target)?,
            },
            Entrant::Whole(command) => drop(run(command, None, &errors()?)?),
            Entrant::File(_) => {}
        }
        Ok(())
    }

    /// By how many operations the large run is larger than the small one.
    fn operations(&self) -> u64 {
        match self {
            Entrant::Pair(pair) => pair.work.operations(pair.large) - pair.work.operations(pair.small),
            Entrant::Whole(_) | Entrant::File(_) => 1,
        }
    }

    fn round(&mut self) -> Found<Round> {
        let nothing = Cost { seconds: 0.0, bytes: 0.0 };
        match self {
            Entrant::Pair(pair) => {
                let clock = pair.clock;
                let cost = |sample| Cost { seconds: clock.of(sample), bytes: sample.peak_bytes };
                let setup = cost(pair.quickest(pair.small)?);
                Ok(Round { setup, whole: cost(pair.quickest(pair.large)?) })
            }
            Entrant::Whole(command) => Ok(Round { setup: nothing, whole: repeat(command)? }),
            Entrant::File(path) => {
                let metadata =
                    fs::metadata(&*path).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(Round { setup: nothing, whole: Cost { bytes: metadata.len() as f64, ..nothing } })
            }
        }
    }
}

/// The median of several runs: one alone is too short to say much.
fn repeat(command: &mut Command) -> Found<Cost> {
    let mut samples = vec![run(command, None, &errors()?)?];
    while samples.iter().map(|sample| sample.elapsed).sum::<f64>() < SHORT_RUNS {
        samples.push(run(command, None, &errors()?)?);
    }
    let median = |cost: fn(&Sample) -> f64| Distribution::of(samples.iter().map(cost).collect()).median;
    Ok(Cost { seconds: median(|sample| sample.elapsed), bytes: median(|sample| sample.peak_bytes) })
}

impl Pair {
    fn run(&self, size: u64) -> Found<Sample> {
        let Contestant { language, workers, .. } = self.contestant;
        let arguments = self.work.arguments(size);
        let mut command = invoke(language, &self.executable, self.work.program(), &arguments, workers);
        run(&mut command, Some(&self.work.output(size)), &errors()?)
    }

    /// Chooses a large size whose operations take `target`, or twice as long as the small run where that is more:
    /// the noise of a long setup must not drown them.
    fn calibrate(&mut self, target: Duration) -> Found<()> {
        let base = self.quickest(self.small)?.processor;
        let target = target.as_secs_f64().max(2.0 * base);
        loop {
            self.large *= 4;
            let extra = self.quickest(self.large)?.processor - base;
            if extra >= target / 4.0 {
                self.large = ((self.large as f64 * target / extra) as u64).max(2 * self.small);
                return Ok(());
            }
        }
    }

    /// Of two runs: the first one pays for memory that the kernel or a hypervisor took back since the last time.
    fn quickest(&self, size: u64) -> Found<Sample> {
        let (one, other) = (self.run(size)?, self.run(size)?);
        Ok(if self.clock.of(one) < self.clock.of(other) { one } else { other })
    }
}

fn errors() -> Found<PathBuf> {
    Ok(output_directory()?.join("standard-error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_that_was_held_up_does_not_move_the_median() {
        let cost = |seconds| Cost { seconds, bytes: 0.0 };
        let round = |setup, whole| Round { setup: cost(setup), whole: cost(whole) };
        let rounds = [round(1.0, 3.0), round(9.0, 3.0), round(1.0, 8.0)];
        assert_eq!(each(2, &rounds, Quantity::Seconds).median, 1.0);
    }
}
