//! The benchmarks of strings and of JSON: the programs' sizes, the numbers that they must print, and their bars.
//!
//! A program makes its input, then repeats one operation on all of it. Each repetition adds a number to the sum that
//! the program prints. The number follows from the result of the operation, and Weft and Go agree on it.

use crate::benchmarks::{Bar, Benchmark, Figure, GO, Method, Quantity, Repeat, Scale, WEFT, Work};

/// An operation on a text, as a program in Weft and one in Go.
struct Text {
    /// The file name without extension; the benchmark has the same name, with dashes.
    program: &'static str,
    /// The title in the report, at full and at quick scale.
    titles: [&'static str; 2],
    /// The size of the input at full and at quick scale.
    sizes: [&'static [u64]; 2],
    /// Computes the number that the program prints, at full and at quick scale.
    outputs: [Output; 2],
    /// The greatest cost of Weft's operation, as a factor of Go's cost.
    factor: f64,
}

/// See [`Repeat::output`].
type Output = fn(u64, &[u64]) -> u64;

/// The sum of `times` repetitions, each of which adds `EACH`.
fn sum<const EACH: u64>(times: u64, _: &[u64]) -> u64 {
    times * EACH
}

/// An operation whose input is small enough for quick runs.
const fn text(program: &'static str, title: &'static str, size: &'static [u64], output: Output) -> Text {
    Text { program, titles: [title; 2], sizes: [size; 2], outputs: [output; 2], factor: 1.0 }
}

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> impl Iterator<Item = Benchmark> {
    ALL.iter().map(move |text| benchmark(text, scale))
}

fn benchmark(text: &'static Text, scale: Scale) -> Benchmark {
    let place = scale as usize;
    let repeat = Repeat {
        program: text.program,
        arguments: text.sizes[place],
        large: None,
        operations: 1,
        output: text.outputs[place],
    };
    let name = text.program.replace('_', "-");
    let title = text.titles[place].to_owned();
    let bars = vec![Bar::Times(&[GO], text.factor)];
    Benchmark {
        name: name.clone(),
        method: Method::Difference(Work::Repeat(repeat)),
        contestants: vec![WEFT, GO],
        figures: vec![Figure { name, title, quantity: Quantity::Seconds, bars }],
    }
}

static ALL: [Text; 8] = [
    text("text_split", "split a line of 100,000 fields", &[100_000], sum::<1_048_815>),
    text("text_replace", "replace a word in a text of 100,000 words", &[100_000], sum::<675_061>),
    text("text_number", "read the integers in 100,000 slices", &[100_000], sum::<13_435_011_284_259>),
    text("text_chars", "count kinds of characters in 200,000 words", &[200_000], sum::<221_620_099>),
    text("text_format", "write 100,000 floats in two formats", &[100_000], sum::<2_536_448>),
    text("text_parse", "read 100,000 floats", &[100_000], sum::<66_875_821_383>),
    Text {
        program: "text_sort",
        titles: ["sort 1,000,000 strings", "sort 10,000 strings"],
        sizes: [&[1_000_000], &[10_000]],
        outputs: [sum::<4_867_250_534_569>, sum::<49_083_911_654>],
        factor: 1.0,
    },
    Text {
        program: "json",
        titles: ["parse and write 5 MB of JSON", "parse and write 150 KB of JSON"],
        sizes: [&[32_000], &[1_000]],
        outputs: [sum::<5_033_014>, sum::<152_714>],
        factor: 1.0 / 1.5,
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
