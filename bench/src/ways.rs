//! The benchmarks of the ways to switch between green threads: the same programs, compiled with each value of
//! `--switch`. The bar is that the default way is faster than the classical switch of a library.

use crate::benchmarks::{Bar, Benchmark, Contestant, Figure, Method, Quantity, Repeat, Scale, WEFT, Work};
use crate::computations::grouped;
use crate::concurrency;
use crate::toolchains::Language;

/// A way to switch as a contestant; the name is the value of `--switch`.
macro_rules! way {
    ($name:literal) => {
        Contestant {
            label: concat!("Weft, --switch=", $name),
            language: Language::WeftSwitch($name),
            variant: "",
            workers: 1,
        }
    };
}

const CALLEE_SAVED: Contestant = way!("callee-saved");

/// The contestants of programs.
const PROGRAMS: [Contestant; 3] = [WEFT, way!("preserve-none"), CALLEE_SAVED];

/// The contestants of yields. `ucontext` takes part only here, since a system call in each switch makes it a hundred
/// times slower.
const YIELDS: [Contestant; 4] = [WEFT, way!("preserve-none"), CALLEE_SAVED, way!("ucontext")];

/// The bar of all these benchmarks.
const FASTER: Bar = Bar::Times(&[CALLEE_SAVED], 1.0);

/// The number of threads of `ring_live`, and the sum of the integers that each of them holds.
const LIVE_THREADS: u64 = 10;
const LIVE_SUM: u64 = 21;

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> Vec<Benchmark> {
    let rings: &[u64] = match scale {
        Scale::Full => &[2, 10, 1_000, 100_000],
        Scale::Quick => &[10],
    };
    let mut all: Vec<_> = rings.iter().map(|&threads| ring(threads)).collect();
    all.push(live());
    all.extend(concurrency::switching(scale).map(program));
    all
}

fn yields(name: String, title: String, work: Work) -> Benchmark {
    Benchmark {
        name: name.clone(),
        method: Method::Difference(work),
        contestants: YIELDS.to_vec(),
        figures: vec![Figure { name, title, quantity: Quantity::Seconds, bars: vec![FASTER] }],
    }
}

fn ring(threads: u64) -> Benchmark {
    let title = format!("ways to switch: yield among {}", grouped(threads));
    yields(format!("switch-yield-{threads}"), title, Work::Ring { threads })
}

/// Threads that hold as many integers over a yield as there are callee-saved registers.
fn live() -> Benchmark {
    let repeat = Repeat {
        program: "ring_live",
        arguments: &[LIVE_THREADS],
        large: None,
        operations: LIVE_THREADS,
        output: |_, _| LIVE_THREADS * LIVE_SUM,
    };
    let title = format!("ways to switch: yield among {LIVE_THREADS}, six integers live");
    yields("switch-yield-live".into(), title, Work::Repeat(repeat))
}

/// The benchmark of a concurrent program, with the ways as its contestants.
fn program(mut benchmark: Benchmark) -> Benchmark {
    let workers = benchmark.contestants[0].workers;
    benchmark.name = format!("switch-{}", benchmark.name);
    benchmark.contestants = PROGRAMS.map(|way| Contestant { workers, ..way }).to_vec();
    benchmark.figures.truncate(1);
    for figure in &mut benchmark.figures {
        figure.name = format!("switch-{}", figure.name);
        figure.title = format!("ways to switch: {}", figure.title);
        figure.bars = vec![FASTER];
    }
    benchmark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).iter().for_each(Benchmark::check);
    }
}
