//! The benchmarks of effect handlers that need only one-shot continuations: the sizes and the expected outputs.
//!
//! The problems, sizes and outputs are from github.com/effect-handlers/effect-handlers-bench, except the scheduler,
//! which is our own problem; its size is the size of the scheduler in the benchmarks of the language Lexa. Weft's
//! programs use `std.cont`. Where users of Weft would write a generator, a second program does so.
//! `fibonacci_recursive` has no effects.

use crate::benchmarks::{Benchmark, CPP, Contestant, Figure, GO, Method, Quantity, Scale, WEFT, Work};
use crate::computations::{Run, run};
use crate::toolchains::Language;

const WEFT_GEN: Contestant = Contestant { label: "Weft, gen fn", variant: "_gen", ..WEFT };
const OCAML: Contestant = Contestant { label: "OCaml 5", language: Language::OCaml, ..WEFT };

/// A problem with its sizes.
struct Problem {
    /// The file name without extension; the benchmark has the same name, with dashes.
    program: &'static str,
    /// The run whose cost is subtracted.
    small: Run,
    /// The run that is measured.
    large: Run,
    /// The run that is measured by `--quick`.
    quick: Run,
    /// Whether Weft has a second program, which uses generators.
    as_generator: bool,
}

static ALL: [Problem; 9] = [
    problem("effect_countdown", [run(&[5], "0"), run(&[200_000_000], "0"), run(&[1_000], "0")]),
    as_generator(problem(
        "effect_iterator",
        [run(&[5], "15"), run(&[40_000_000], "800000020000000"), run(&[1_000], "500500")],
    )),
    as_generator(problem("effect_generator", [run(&[5], "57"), run(&[25], "67108837"), run(&[10], "2036")])),
    problem("effect_product_early", [run(&[5], "0"), run(&[100_000], "0"), run(&[100], "0")]),
    as_generator(problem(
        "effect_parsing_dollars",
        [run(&[10], "55"), run(&[20_000], "200010000"), run(&[100], "5050")],
    )),
    problem("effect_resume_nontail", [run(&[5], "37"), run(&[10_000], "860"), run(&[5], "37")]),
    problem("effect_handler_sieve", [run(&[10], "17"), run(&[60_000], "171848738"), run(&[1_000], "76127")]),
    problem("effect_fibonacci_recursive", [run(&[5], "8"), run(&[42], "433494437"), run(&[20], "10946")]),
    problem("effect_scheduler", [run(&[5], "25"), run(&[3_000], "9000000"), run(&[100], "10000")]),
];

const fn problem(program: &'static str, [small, large, quick]: [Run; 3]) -> Problem {
    Problem { program, small, large, quick, as_generator: false }
}

const fn as_generator(problem: Problem) -> Problem {
    Problem { as_generator: true, ..problem }
}

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> impl Iterator<Item = Benchmark> {
    ALL.iter().map(move |problem| benchmark(problem, scale))
}

fn benchmark(problem: &'static Problem, scale: Scale) -> Benchmark {
    let Problem { program, small, .. } = problem;
    let name = program.replace('_', "-");
    let large = match scale {
        Scale::Full => &problem.large,
        Scale::Quick => &problem.quick,
    };
    let mut contestants = vec![WEFT];
    if problem.as_generator {
        contestants.push(WEFT_GEN);
    }
    contestants.extend([OCAML, CPP]);
    // Go's chain of 6,057 coroutines takes more than the five minutes after which the runner kills a program.
    if name != "effect-handler-sieve" {
        contestants.push(GO);
    }
    let title = format!("{}{}", program.trim_start_matches("effect_"), large.shown());
    Benchmark {
        name: name.clone(),
        method: Method::Difference(Work::Compute { program, small, large }),
        contestants,
        figures: vec![Figure { name, title, quantity: Quantity::Seconds, bars: Vec::new() }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weft_comes_first() {
        all(Scale::Full).for_each(|benchmark| benchmark.check());
    }
}
