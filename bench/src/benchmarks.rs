//! The benchmarks: their programs, their contestants, and Weft's bars (the targets that it must reach).

use crate::computations::{self, Computation, FIVE, Run, grouped};
use crate::load::Load;
use crate::shapes::Shape;
use crate::toolchains::Language;

/// Weft, as the compiler of this project builds it.
pub const WEFT: Contestant = contestant("Weft", Language::Weft);
/// Go, with its goroutines.
pub const GO: Contestant = contestant("Go", Language::Go);
const BOOST: Contestant = contestant("Boost.Context jump_fcontext", Language::Boost);
const SWAPCONTEXT: Contestant = contestant("swapcontext", Language::C);
/// Stackful coroutines in Rust.
pub const COROSENSEI: Contestant = contestant("corosensei", Language::Corosensei);
/// C with clang's default behaviour: no checks of overflow or bounds.
pub const C: Contestant = contestant("C, clang -O2", Language::C);
const C_TRAPPING: Contestant = contestant("C, clang -O2 -ftrapv", Language::CTrapping);
const WEFT_WITHOUT_POLLS: Contestant =
    contestant("Weft, no checks for safepoints in loops", Language::WeftWithoutPolls);
/// Coroutines of C++20, as clang compiles them.
pub const CPP: Contestant = contestant("C++20, clang -O2", Language::Cpp);
const GO_WAITGROUP: Contestant = Contestant { label: "Go, WaitGroup", variant: "_waitgroup", ..GO };
const GO_CHANNEL: Contestant = Contestant { label: "Go, channel", variant: "_channel", ..GO };

/// A contestant with one worker.
pub const fn contestant(label: &'static str, language: Language) -> Contestant {
    Contestant { label, language, variant: "", workers: 1 }
}

/// The scale of the programs' sizes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// The sizes at which Weft is held to its targets, see [`Bar`].
    Full,
    /// Small enough for a test.
    Quick,
}

/// A benchmark: a program for each contestant, and the figures that are computed from the programs' rounds.
pub struct Benchmark {
    /// The name for `--only`.
    pub name: String,
    /// The way the programs are measured.
    pub method: Method,
    /// The contestants, Weft first.
    pub contestants: Vec<Contestant>,
    /// The figures that the benchmark yields.
    pub figures: Vec<Figure>,
}

#[cfg(test)]
impl Benchmark {
    /// Checks that Weft is the first contestant, and that the bars name only contestants.
    pub fn check(&self) {
        assert_eq!(self.contestants[0].label, "Weft");
        let labels: Vec<_> = self.contestants.iter().map(|contestant| contestant.label).collect();
        let mut peers = self.figures.iter().flat_map(|figure| &figure.bars).flat_map(Bar::peers);
        assert!(peers.all(|peer| labels.contains(&peer)), "{}", self.name);
    }
}

/// A program that takes part in a benchmark.
#[derive(Clone, Copy)]
pub struct Contestant {
    /// The name in the report, by which bars refer to the contestant.
    pub label: &'static str,
    /// The language of the program.
    pub language: Language,
    /// The suffix of the program's file name, which tells apart two programs of one language.
    pub variant: &'static str,
    /// The number of OS threads that the program may use.
    pub workers: u32,
}

/// The way a benchmark is measured.
#[derive(Clone, Copy)]
pub enum Method {
    /// A small and a large run of one program. The figure is the difference between their costs, per operation.
    Difference(Work),
    /// Compilation, linking and execution of a source file by a single command.
    CompileAndRun(&'static str),
    /// A command of the compiler for a generated program of `lines` lines, from start to exit.
    Compile {
        /// `check`, or `build` with an optimisation level.
        command: &'static [&'static str],
        /// The number of lines.
        lines: usize,
    },
    /// `weft build` of a program that repeats one construct, with the number of repetitions.
    Repeat(Shape, usize),
    /// A program, measured from start to exit.
    StartToExit(&'static str, &'static Run),
    /// A program that measures its own time and prints nanoseconds on its first line.
    Printed(&'static str, &'static Run),
    /// The size of the executable without symbols.
    StrippedSize(&'static str),
    /// A server under a load.
    Serve(&'static str, Load),
}

/// The work of a program that [`Method::Difference`] measures; `size` is the size of a run.
#[derive(Clone, Copy)]
pub enum Work {
    /// `threads` green threads yield `size` times each.
    Ring {
        /// The number of threads.
        threads: u64,
    },
    /// `size` times: spawn a trivial function and join the thread.
    Spawn {
        /// The size of the large run.
        times: u64,
    },
    /// `size` threads wait at once, then all threads end.
    Park {
        /// The size of the large run.
        threads: u64,
    },
    /// The Fibonacci number of `size`.
    Fib {
        /// The size of the large run.
        n: u64,
    },
    /// A recursion `size` calls deep.
    Deep {
        /// The size of the large run.
        calls: u64,
    },
    /// Repeats the same operations `size` times, and prints a checksum of their results.
    Repeat(Repeat),
    /// A whole computation: size 1 is the small run, any other size the large run.
    Compute {
        /// The file name without extension.
        program: &'static str,
        /// The run whose cost is subtracted: it contains little more than the program's start and end.
        small: &'static Run,
        /// The run that is measured.
        large: &'static Run,
    },
}

/// The work of [`Work::Repeat`].
#[derive(Clone, Copy)]
pub struct Repeat {
    /// The file name without extension.
    pub program: &'static str,
    /// The arguments before the size.
    pub arguments: &'static [u64],
    /// The size of the large run. If `None`, it depends on the program's speed.
    pub large: Option<u64>,
    /// The number of operations in one repetition.
    pub operations: u64,
    /// Computes the number that a run prints, from the size and the arguments.
    pub output: fn(u64, &[u64]) -> u64,
}

impl Work {
    /// The program's file name without extension and variant.
    pub fn program(self) -> &'static str {
        match self {
            Work::Ring { .. } => "ring",
            Work::Spawn { .. } => "spawn",
            Work::Park { .. } => "park",
            Work::Fib { .. } => "fib",
            Work::Deep { .. } => "deep",
            Work::Repeat(repeat) => repeat.program,
            Work::Compute { program, .. } => program,
        }
    }

    /// The size of the small run.
    pub fn small(self) -> u64 {
        1
    }

    /// The size of the large run. If `None`, the size depends on the program's speed.
    pub fn large(self) -> Option<u64> {
        match self {
            Work::Ring { .. } => None,
            Work::Spawn { times } => Some(times),
            Work::Park { threads } => Some(threads),
            Work::Fib { n } => Some(n),
            Work::Deep { calls } => Some(calls),
            Work::Repeat(repeat) => repeat.large,
            Work::Compute { .. } => Some(2),
        }
    }

    /// The program's arguments.
    pub fn arguments(self, size: u64) -> Vec<u64> {
        match self {
            Work::Ring { threads } => vec![threads, size],
            Work::Spawn { .. } | Work::Park { .. } | Work::Fib { .. } | Work::Deep { .. } => vec![size],
            Work::Repeat(repeat) => repeat.arguments.iter().copied().chain([size]).collect(),
            Work::Compute { small, large, .. } => (if size == 1 { small } else { large }).arguments.to_vec(),
        }
    }

    /// The number of operations in a run.
    pub fn operations(self, size: u64) -> u64 {
        match self {
            Work::Ring { threads } => threads * size,
            Work::Spawn { .. } | Work::Park { .. } | Work::Deep { .. } => size,
            Work::Repeat(repeat) => repeat.operations * size,
            Work::Fib { .. } | Work::Compute { .. } => u64::from(size > self.small()),
        }
    }

    /// The text that the program must print.
    pub fn output(self, size: u64) -> String {
        match self {
            Work::Ring { .. } | Work::Spawn { .. } | Work::Park { .. } | Work::Deep { .. } => {
                self.operations(size).to_string()
            }
            Work::Fib { .. } => (0..size).fold((0, 1), |(a, b), _| (b, a + b)).0.to_string(),
            Work::Repeat(repeat) => (repeat.output)(size, repeat.arguments).to_string(),
            Work::Compute { small, large, .. } => (if size == 1 { small } else { large }).output.to_owned(),
        }
    }
}

/// A number that a benchmark yields.
pub struct Figure {
    /// The name in JSON.
    pub name: String,
    /// The title in the report.
    pub title: String,
    /// The cost that is measured.
    pub quantity: Quantity,
    /// The bars for Weft.
    pub bars: Vec<Bar>,
}

/// A kind of cost.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Time: processor time or elapsed time, see `measure`. Of a server, the elapsed time of a request.
    Seconds,
    /// The processor time that a server spends on a request.
    Processor,
    /// The time from request to response that 99 percent of the requests do not exceed.
    Latency,
    /// Resident memory or file size.
    Bytes,
}

/// A figure that combines other figures: for each contestant, the geometric mean of its medians.
pub struct Mean {
    /// The mean as a figure.
    pub figure: Figure,
    /// The names of the combined figures. The mean exists only if all of them were measured.
    pub of: &'static [&'static str],
}

/// A bar: the target for a figure that Weft has to reach at full scale.
#[derive(Clone, Copy)]
pub enum Bar {
    /// At most this factor times the lowest cost among these peers.
    Times(&'static [Contestant], f64),
    /// At most this number of seconds or bytes.
    AtMost(f64),
    /// The program ends normally with the right result.
    Works,
}

impl Bar {
    /// The labels of the peers with which Weft is compared.
    pub fn peers(&self) -> impl Iterator<Item = &'static str> {
        let peers: &'static [Contestant] = match self {
            Bar::Times(peers, _) => peers,
            Bar::AtMost(_) | Bar::Works => &[],
        };
        peers.iter().map(|peer| peer.label)
    }
}

/// The benchmarks of yields, spawns, waits, calls and computations, in the order of the report. The modules `limits`,
/// `concurrency`, `ways`, `steps`, `generators`, `effects`, `texts` and `network` contain the other benchmarks.
pub fn all(scale: Scale) -> Vec<Benchmark> {
    let rings: &[u64] = match scale {
        Scale::Full => &[2, 10, 1_000, 100_000, 1_000_000],
        Scale::Quick => &[2, 10, 1_000],
    };
    let mut all: Vec<_> = rings.iter().map(|threads| ring(*threads)).collect();
    match scale {
        Scale::Full => all.extend([spawn(5_000_000), park(1_000_000), fib(40), deep(10_000_000)]),
        Scale::Quick => all.extend([spawn(1_000_000), park(10_000), fib(30), deep(100_000)]),
    }
    all.extend(computations::ALL.iter().map(|computation| compute(computation, scale)));
    all
}

/// The means, which come after all other figures in the report.
pub fn means() -> Vec<Mean> {
    let figure = Figure {
        name: "five-computations".into(),
        title: format!("geometric mean of {}", FIVE.join(", ")),
        quantity: Quantity::Seconds,
        bars: vec![Bar::Times(&[GO], 1.0)],
    };
    vec![Mean { figure, of: &FIVE }]
}

fn ring(threads: u64) -> Benchmark {
    let bars = match threads {
        10 => vec![Bar::Times(&[BOOST], 0.5), Bar::Times(&[GO], 0.04)],
        1_000_000 => vec![Bar::Times(&[GO], 0.25)],
        _ => vec![],
    };
    let title = format!("yield among {}", grouped(threads));
    Benchmark {
        name: format!("yield-{threads}"),
        method: Method::Difference(Work::Ring { threads }),
        contestants: vec![WEFT, BOOST, SWAPCONTEXT, COROSENSEI, GO],
        figures: vec![Figure { name: format!("yield-{threads}"), title, quantity: Quantity::Seconds, bars }],
    }
}

fn spawn(times: u64) -> Benchmark {
    Benchmark {
        name: "spawn".into(),
        method: Method::Difference(Work::Spawn { times }),
        contestants: vec![WEFT, BOOST, COROSENSEI, GO_WAITGROUP, GO_CHANNEL],
        figures: vec![Figure {
            name: "spawn-warm".into(),
            title: "spawn + join, warm".into(),
            quantity: Quantity::Seconds,
            bars: vec![Bar::Times(&[GO_WAITGROUP, GO_CHANNEL], 0.15)],
        }],
    }
}

fn park(threads: u64) -> Benchmark {
    Benchmark {
        name: "park".into(),
        method: Method::Difference(Work::Park { threads }),
        contestants: vec![WEFT, COROSENSEI, GO],
        figures: vec![
            Figure {
                name: "spawn-cold".into(),
                title: format!("spawn + wait + end, cold, {} alive at once", grouped(threads)),
                quantity: Quantity::Seconds,
                bars: vec![],
            },
            Figure {
                name: "resident-bytes".into(),
                title: format!("resident memory of a parked thread, {} alive", grouped(threads)),
                quantity: Quantity::Bytes,
                bars: vec![Bar::AtMost(1_200.0)],
            },
        ],
    }
}

fn fib(n: u64) -> Benchmark {
    Benchmark {
        name: "fib".into(),
        method: Method::Difference(Work::Fib { n }),
        contestants: vec![WEFT, C, C_TRAPPING, GO],
        figures: vec![Figure {
            name: "fib".into(),
            title: format!("fib({n})"),
            quantity: Quantity::Seconds,
            bars: vec![Bar::Times(&[C_TRAPPING], 1.1), Bar::Times(&[GO], 1.0)],
        }],
    }
}

fn deep(calls: u64) -> Benchmark {
    Benchmark {
        name: "deep".into(),
        method: Method::Difference(Work::Deep { calls }),
        contestants: vec![WEFT, C_TRAPPING, GO],
        figures: vec![
            Figure {
                name: "deep-time".into(),
                title: format!("a call, recursion {} deep", grouped(calls)),
                quantity: Quantity::Seconds,
                bars: vec![Bar::Works],
            },
            Figure {
                name: "deep-bytes".into(),
                title: "peak memory of such a call".into(),
                quantity: Quantity::Bytes,
                bars: vec![],
            },
        ],
    }
}

fn compute(computation: &'static Computation, scale: Scale) -> Benchmark {
    let Computation { program, small, large, quick, in_c } = computation;
    let large = match scale {
        Scale::Full => large,
        Scale::Quick => quick,
    };
    let title = format!("{program}{}", large.shown());
    let name = program.replace('_', "-");
    let (contestants, mut bars) = match in_c {
        true => {
            (vec![WEFT, WEFT_WITHOUT_POLLS, C, C_TRAPPING, GO], vec![Bar::Times(&[WEFT_WITHOUT_POLLS], 1.02)])
        }
        false => (vec![WEFT, GO], vec![Bar::Times(&[GO], 1.0)]),
    };
    if FIVE.contains(&name.as_str()) {
        bars.push(Bar::Times(&[C], 1.3));
    }
    Benchmark {
        name: name.clone(),
        method: Method::Difference(Work::Compute { program, small, large }),
        contestants,
        figures: vec![Figure { name, title, quantity: Quantity::Seconds, bars }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_what_the_programs_print() {
        assert_eq!(Work::Fib { n: 40 }.output(40), "102334155");
        assert_eq!(Work::Ring { threads: 10 }.output(5), "50");
    }

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).iter().for_each(Benchmark::check);
    }
}
