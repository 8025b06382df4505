//! The benchmarks of generators and of continuations, and their bars.
//!
//! Each program prints a number that the runner computes from the size: mostly the sum of the elements. The tree walk
//! is also an example in `docs/language.md`, and the chain of primes is `examples/lazy_primes.weft`.

use crate::benchmarks::{
    Bar, Benchmark, COROSENSEI, CPP, Contestant, Figure, GO, Method, Quantity, Repeat, Scale, WEFT, Work,
};
use crate::computations::grouped;
use crate::toolchains::Language;

/// A form of generators as a contestant; the name is the value of `--generators`.
macro_rules! form {
    ($name:literal) => {
        Contestant {
            label: concat!("Weft, --generators=", $name),
            language: Language::WeftGenerators($name),
            variant: "",
            workers: 1,
        }
    };
}

/// The forms of generators that take part as contestants of their own, besides the default form.
const FORMS: &[Contestant] = &[form!("stack"), form!("llvm")];

const WEFT_LOOP: Contestant = Contestant { label: "Weft, a loop", variant: "_loop", ..WEFT };
const CPP_CHAIN: Contestant = Contestant { label: "C++20, clang -O2, a chain", ..CPP };
const GO_PULL: Contestant = Contestant { label: "Go, iter.Pull", ..GO };
const GO_RANGE: Contestant = Contestant { label: "Go, range over a function", ..GO };

/// The numbers of levels of the trees that are walked. At depth 20, making the outermost generator is a negligible part
/// of a walk; on smaller trees, it counts.
const DEPTHS: [(&str, &[u64]); 6] =
    [("3", &[3]), ("4", &[4]), ("8", &[8]), ("12", &[12]), ("16", &[16]), ("20", &[20])];

/// The number of resumptions of all generators of `gen-primes` until the last of them has given the 600th prime.
const RESUMES: u64 = 188_953;
/// The sum of the first 600 primes.
const SUM_OF_PRIMES: u64 = 1_223_095;

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> Vec<Benchmark> {
    let mut all = vec![known(), escaping()];
    all.extend(DEPTHS.map(|(name, depth)| walk(name, depth)));
    all.extend([primes(), create(), parked(if scale == Scale::Full { 1_000_000 } else { 10_000 })]);
    all.extend([flat(), deep(), make()]);
    all
}

/// The work of a program whose only argument is the size.
const fn each(program: &'static str, output: fn(u64, &[u64]) -> u64) -> Repeat {
    Repeat { program, arguments: &[], large: None, operations: 1, output }
}

fn benchmark(
    name: &str,
    title: String,
    repeat: Repeat,
    contestants: &[&[Contestant]],
    bars: &[Bar],
) -> Benchmark {
    let figure = Figure { name: name.to_owned(), title, quantity: Quantity::Seconds, bars: bars.to_vec() };
    Benchmark {
        name: name.to_owned(),
        method: Method::Difference(Work::Repeat(repeat)),
        contestants: contestants.concat(),
        figures: vec![figure],
    }
}

/// The sum of the numbers below `n`.
fn sum_below(n: u64, _: &[u64]) -> u64 {
    n * (n - 1) / 2
}

/// The sum of the values of a tree that is walked `times` times. The values are 1, 2, ...
fn sum_of_walks(times: u64, depth: &[u64]) -> u64 {
    let nodes = (1 << depth[0]) - 1;
    times * nodes * (nodes + 1) / 2
}

fn known() -> Benchmark {
    let peers: &[_] = &[WEFT_LOOP, CPP, GO_RANGE];
    let repeat = each("gen_known", sum_below);
    // If the compiler turns the generator into a loop, both programs in Weft have the same code. The 2 percent allow
    // for the inaccuracy of the clock.
    let bars = &[Bar::Times(&[WEFT_LOOP], 1.02)];
    benchmark("gen-known", "an element of a known generator".into(), repeat, &[&[WEFT], FORMS, peers], bars)
}

fn escaping() -> Benchmark {
    let title = "an element of a generator that escapes".into();
    let bars = &[Bar::Times(&[CPP], 1.0)];
    let contestants: &[&[_]] = &[&[WEFT], FORMS, &[CPP, GO_PULL]];
    benchmark("gen-escaping", title, each("gen_escaping", sum_below), contestants, bars)
}

fn walk(name: &str, depth: &'static [u64]) -> Benchmark {
    let bars: &[_] = match depth[0] {
        20 => &[Bar::Times(&[CPP_CHAIN], 0.25), Bar::Times(&[GO_PULL], 0.1)],
        _ => &[Bar::Times(&[CPP_CHAIN], 0.25)],
    };
    let operations = (1 << depth[0]) - 1;
    let repeat = Repeat { arguments: depth, operations, ..each("gen_walk", sum_of_walks) };
    let title = format!("a node of a tree walk, depth {name}");
    let contestants: &[&[_]] = &[&[WEFT], FORMS, &[CPP_CHAIN, GO_PULL]];
    benchmark(&format!("gen-walk-{name}"), title, repeat, contestants, bars)
}

fn primes() -> Benchmark {
    let output: fn(u64, &[u64]) -> u64 = |times, _| times * SUM_OF_PRIMES;
    let repeat = Repeat { operations: RESUMES, ..each("gen_primes", output) };
    let title = "a resumption in a chain of 600 generators".into();
    let contestants: &[&[_]] = &[&[WEFT], FORMS, &[CPP, GO_PULL]];
    benchmark("gen-primes", title, repeat, contestants, &[Bar::Times(&[CPP], 0.7)])
}

fn create() -> Benchmark {
    let title = "a generator made, its first element, dropped".into();
    let contestants: &[&[_]] = &[&[WEFT], FORMS, &[CPP, GO_PULL]];
    benchmark("gen-create", title, each("gen_create", sum_below), contestants, &[Bar::Times(&[CPP], 0.3)])
}

fn parked(generators: u64) -> Benchmark {
    let repeat = Repeat { large: Some(generators), ..each("gen_parked", |n, _| n) };
    let title = format!("resident memory of a suspended generator, {} alive", grouped(generators));
    let contestants: &[&[_]] = &[&[WEFT], FORMS, &[CPP, GO_PULL]];
    let mut benchmark = benchmark("gen-parked", title, repeat, contestants, &[Bar::AtMost(150.0)]);
    benchmark.figures[0].quantity = Quantity::Bytes;
    benchmark
}

fn flat() -> Benchmark {
    let title = "resume + suspend of a continuation".into();
    let bars = &[Bar::Times(&[COROSENSEI], 1.5)];
    benchmark("cont-flat", title, each("cont_flat", |n, _| n), &[&[WEFT, COROSENSEI]], bars)
}

fn deep() -> Benchmark {
    let title = "resume + suspend, three calls deep".into();
    let bars = &[Bar::Times(&[COROSENSEI], 0.3)];
    benchmark("cont-deep", title, each("cont_deep", |n, _| n), &[&[WEFT, COROSENSEI]], bars)
}

fn make() -> Benchmark {
    let title = "a continuation made, suspended once, finished".into();
    let bars = &[Bar::Times(&[COROSENSEI], 0.4)];
    benchmark("cont-make", title, each("cont_make", |n, _| n), &[&[WEFT, COROSENSEI]], bars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).iter().for_each(Benchmark::check);
    }

    #[test]
    fn the_chain_of_primes_is_resumed_as_often_as_the_constant_says() {
        let (mut primes, mut resumes) = (Vec::new(), 0);
        for n in 2.. {
            let passed = primes.iter().take_while(|prime| n % **prime != 0).count();
            // One resumption for each generator that gives the number: the source, and each filter that passes it.
            resumes += 1 + passed as u64;
            if passed == primes.len() {
                primes.push(n);
            }
            if primes.len() == 600 {
                break;
            }
        }
        assert_eq!((resumes, primes.iter().sum::<u64>()), (RESUMES, SUM_OF_PRIMES));
    }
}
