//! The benchmarks of the programs in `examples/switch`, which `docs/switch.md` explains step by step: the same work in
//! C with each kind of switch, and in Weft. They have no bars, because they compare ideas and not products.

use crate::benchmarks::{Benchmark, Contestant, Figure, Method, Quantity, Repeat, Scale, WEFT, Work};
use crate::computations::grouped;
use crate::toolchains::Language;

/// A program in C; `variant` is the suffix of its file name, `option` the option with which it is built.
const fn c(label: &'static str, variant: &'static str, option: &'static str) -> Contestant {
    Contestant { label, language: Language::CStep(option), variant, workers: 1 }
}

const SWITCHES: [Contestant; 5] = [
    WEFT,
    c("C, swapcontext", "_ucontext", ""),
    c("C, a call that ends in ret", "_library", "-DRETURN"),
    c("C, a call that ends in a jump", "_library", ""),
    c("C, inline", "_inline", ""),
];

const RINGS: [Contestant; 3] = [
    WEFT,
    c("C, stacks of 4,160 bytes", "", "-DSTACK=4160"),
    c("C, stacks of 4,096 bytes", "", "-DSTACK=4096"),
];

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> Vec<Benchmark> {
    let rings: &[u64] = match scale {
        Scale::Full => &[8, 9, 1_000, 10_000],
        Scale::Quick => &[9],
    };
    [switches()].into_iter().chain(rings.iter().map(|&threads| ring(threads))).collect()
}

fn step(name: String, title: String, work: Work, contestants: &[Contestant]) -> Benchmark {
    Benchmark {
        name: name.clone(),
        method: Method::Difference(work),
        contestants: contestants.to_vec(),
        figures: vec![Figure { name, title, quantity: Quantity::Seconds, bars: Vec::new() }],
    }
}

/// A stack sends the numbers from 1 to the size, and another one answers with the sum so far: two switches each.
fn switches() -> Benchmark {
    let output: fn(u64, &[u64]) -> u64 = |rounds, _| rounds * (rounds + 1) / 2;
    let repeat = Repeat { program: "adder", arguments: &[], large: None, operations: 2, output };
    step("step-switch".into(), "step: a switch between two stacks".into(), Work::Repeat(repeat), &SWITCHES)
}

fn ring(threads: u64) -> Benchmark {
    let title = format!("step: yield among {}", grouped(threads));
    step(format!("step-yield-{threads}"), title, Work::Ring { threads }, &RINGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).iter().for_each(Benchmark::check);
    }
}
