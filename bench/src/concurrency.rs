//! Benchmarks of green threads: the programs' sizes, the output that they must print, and their bars.
//!
//! Thread-ring and chameneos-redux are from the Computer Language Benchmarks Game, skynet is from
//! github.com/atemerev/skynet. The prime sieve is Go's, with channels of capacity 1 as in hanabi1224's Programming
//! Language Benchmarks. In chameneos-redux, each creature's number of meetings depends on the scheduler, but the sum of
//! these numbers does not.

use crate::benchmarks::{Bar, Benchmark, Contestant, Figure, GO, Method, Quantity, Scale, WEFT, Work};
use crate::computations::{Run, run};
use crate::toolchains::Language;

/// The output of chameneos-redux: the complements of colours, then each creature's number of meetings and the sum of
/// these numbers, first for three creatures and then for ten. `$total` is the sum in words. No creature meets itself.
macro_rules! chameneos {
    ($total:literal) => {
        concat!(
            "blue + blue -> blue\nblue + red -> yellow\nblue + yellow -> red\n",
            "red + blue -> yellow\nred + red -> red\nred + yellow -> blue\n",
            "yellow + blue -> red\nyellow + red -> blue\nyellow + yellow -> yellow\n\n",
            " blue red yellow\n[..] zero\n[..] zero\n[..] zero\n",
            $total,
            "\n\n blue red yellow red yellow blue red yellow red blue\n",
            "[..] zero\n[..] zero\n[..] zero\n[..] zero\n[..] zero\n",
            "[..] zero\n[..] zero\n[..] zero\n[..] zero\n[..] zero\n",
            $total
        )
    };
}

const GO_2: Contestant = Contestant { workers: 2, ..GO };
const WEFT_2: Contestant = Contestant { workers: 2, ..WEFT };
const WEFT_1: Contestant = Contestant { label: "Weft, 1 worker", ..WEFT };
const GO_1: Contestant = Contestant { label: "Go, 1 worker", ..GO };
const ERLANG: Contestant =
    Contestant { label: "Erlang", language: Language::Erlang, variant: "", workers: 1 };

/// The bar for a second worker: a speed-up of at least 1.8.
const TWICE: &[Bar] = &[Bar::Times(&[WEFT_1], 1.0 / 1.8)];
/// The milliseconds that each thread sleeps: so long that the last thread begins to sleep before the first wakes.
const SLEEP: u64 = 4_000;

/// A program with its sizes and its contestants.
struct Concurrent {
    /// The name for `--only`.
    name: &'static str,
    /// The file name without extension.
    program: &'static str,
    /// The run whose cost is subtracted: it contains little more than the program's start and end.
    small: Run,
    /// The run that is measured.
    large: Run,
    /// The run that is measured by `--quick`.
    quick: Run,
    /// The contestants, Weft first.
    contestants: &'static [Contestant],
    /// The bars for the time.
    bars: &'static [Bar],
    /// The bars for memory, if memory is measured.
    memory: Option<&'static [Bar]>,
}

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> impl Iterator<Item = Benchmark> {
    let all = EXCHANGE.iter().chain(&CREATION).chain(&PARALLEL);
    all.map(move |concurrent| benchmark(concurrent, scale))
}

/// The benchmarks that switch often, in the order of the report.
pub fn switching(scale: Scale) -> impl Iterator<Item = Benchmark> {
    EXCHANGE.iter().chain(&CREATION).map(move |concurrent| benchmark(concurrent, scale))
}

fn benchmark(concurrent: &'static Concurrent, scale: Scale) -> Benchmark {
    let Concurrent { name, program, small, contestants, bars, memory, .. } = concurrent;
    let large = match scale {
        Scale::Full => &concurrent.large,
        Scale::Quick => &concurrent.quick,
    };
    let workers = if contestants[0].workers > 1 { ", 2 workers" } else { "" };
    let title = format!("{program}{}{workers}", large.shown());
    let mut figures = vec![Figure {
        name: (*name).to_owned(),
        title: title.clone(),
        quantity: Quantity::Seconds,
        bars: bars.to_vec(),
    }];
    figures.extend(memory.map(|bars| Figure {
        name: format!("{name}-bytes"),
        title: format!("resident memory of {title}"),
        quantity: Quantity::Bytes,
        bars: bars.to_vec(),
    }));
    Benchmark {
        name: (*name).to_owned(),
        method: Method::Difference(Work::Compute { program, small, large }),
        contestants: contestants.to_vec(),
        figures,
    }
}

/// Programs whose threads wait for one another.
static EXCHANGE: [Concurrent; 4] = [
    Concurrent {
        name: "ping-pong",
        program: "ping_pong",
        small: run(&[1], "1"),
        large: run(&[2_000_000], "2000000"),
        quick: run(&[10_000], "10000"),
        contestants: &[WEFT, GO, ERLANG],
        bars: &[Bar::Times(&[GO], 0.06)],
        memory: None,
    },
    Concurrent {
        name: "thread-ring",
        program: "thread_ring",
        small: run(&[503, 1], "2"),
        large: run(&[503, 5_000_000], "181"),
        quick: run(&[503, 1_000], "498"),
        contestants: &[WEFT, GO, ERLANG],
        bars: &[Bar::Times(&[GO], 0.06), Bar::Times(&[ERLANG], 0.1)],
        memory: None,
    },
    Concurrent {
        name: "chameneos-redux",
        program: "chameneos_redux",
        small: run(&[1], chameneos!(" two")),
        large: run(&[1_000_000], chameneos!(" two zero zero zero zero zero zero")),
        quick: run(&[600], chameneos!(" one two zero zero")),
        contestants: &[WEFT, GO, ERLANG],
        bars: &[Bar::Times(&[GO], 0.1)],
        memory: None,
    },
    Concurrent {
        name: "prime-sieve",
        program: "prime_sieve",
        small: run(&[1], "2"),
        large: run(&[4_000], "2\n3\n5\n7\n11\n...\n37799\n37811\n37813"),
        quick: run(&[100], "2\n3\n5\n7\n11\n...\n521\n523\n541"),
        contestants: &[WEFT, GO],
        bars: &[Bar::Times(&[GO], 0.1)],
        memory: None,
    },
];

/// Programs that create many threads.
static CREATION: [Concurrent; 4] = [
    Concurrent {
        name: "skynet",
        program: "skynet",
        small: run(&[1], "0"),
        large: run(&[1_000_000], "499999500000"),
        quick: run(&[10_000], "49995000"),
        contestants: &[WEFT, GO, ERLANG],
        bars: &[Bar::Times(&[GO], 0.1)],
        memory: None,
    },
    Concurrent {
        name: "skynet-2-workers",
        program: "skynet",
        small: run(&[1], "0"),
        large: run(&[1_000_000], "499999500000"),
        quick: run(&[10_000], "49995000"),
        contestants: &[WEFT_2, GO_2],
        bars: &[Bar::Times(&[GO_2], 0.1)],
        memory: None,
    },
    Concurrent {
        name: "spawn-join",
        program: "spawn_join",
        small: run(&[1], "1"),
        large: run(&[1_000_000], "1000000"),
        quick: run(&[10_000], "10000"),
        contestants: &[WEFT, GO, ERLANG],
        bars: &[Bar::Times(&[GO], 0.1)],
        memory: None,
    },
    Concurrent {
        name: "sleepers",
        program: "sleepers",
        small: run(&[1, 1], "1"),
        large: run(&[1_000_000, SLEEP], "1000000"),
        quick: run(&[10_000, 100], "10000"),
        contestants: &[WEFT, GO, ERLANG],
        bars: &[Bar::Times(&[GO], 0.5)],
        memory: Some(&[Bar::Times(&[GO], 0.5)]),
    },
];

/// Programs that each run on two workers and on one worker.
static PARALLEL: [Concurrent; 3] = [
    Concurrent {
        name: "parallel-quicksort",
        program: "parallel_quicksort",
        small: run(&[1], "0"),
        large: run(&[10_000_000], "5053553919281686167"),
        quick: run(&[1_000], "1447278783565031"),
        contestants: &[WEFT_2, WEFT_1, GO_2, GO_1],
        bars: TWICE,
        memory: None,
    },
    Concurrent {
        name: "parallel-life",
        program: "parallel_life",
        small: run(&[1_024, 1], "6"),
        large: run(&[1_024, 300], "168"),
        quick: run(&[1_024, 20], "32"),
        contestants: &[WEFT_2, WEFT_1, GO_2, GO_1],
        bars: TWICE,
        memory: None,
    },
    Concurrent {
        name: "parallel-mandelbrot",
        program: "parallel_mandelbrot",
        small: run(&[8], "1405099380"),
        large: run(&[4_000], "2418021795"),
        quick: run(&[200], "3419197333"),
        contestants: &[WEFT_2, WEFT_1, GO_2, GO_1],
        bars: TWICE,
        memory: None,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).for_each(|benchmark| benchmark.check());
    }
}
