//! The benchmarks of pipes, connections and servers, and their bars.

use crate::benchmarks::{Bar, Benchmark, Figure, GO, Method, Quantity, Scale, WEFT, Work};
use crate::computations::{Run, grouped, run};

/// The run of `copy` whose cost is subtracted. The argument is the number of mebibytes, the output that of bytes.
static ONE_MEBIBYTE: Run = run(&[1], "1048576");
/// The measured run of `copy`, at full and at quick scale.
static COPIES: [Run; 2] = [run(&[1_024], "1073741824"), run(&[16], "16777216")];

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> Vec<Benchmark> {
    vec![copy(scale)]
}

fn copy(scale: Scale) -> Benchmark {
    let large = &COPIES[scale as usize];
    let figure = Figure {
        name: "copy".into(),
        title: format!("{} MiB through a pipe and a connection", grouped(large.arguments[0])),
        quantity: Quantity::Seconds,
        bars: vec![Bar::Times(&[GO], 1.0)],
    };
    Benchmark {
        name: "copy".into(),
        method: Method::Difference(Work::Compute { program: "copy", small: &ONE_MEBIBYTE, large }),
        contestants: vec![WEFT, GO],
        figures: vec![figure],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).iter().for_each(Benchmark::check);
    }
}
