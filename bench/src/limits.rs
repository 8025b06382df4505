//! Benchmarks with an absolute limit: the start-up time and size of a program, the time of the compiler, the pauses of
//! the collector, and the reuse of memory.

use crate::benchmarks::{Bar, Benchmark, C, Contestant, Figure, GO, Method, Quantity, Scale, WEFT};
use crate::computations::{Run, grouped, run};
use crate::shapes::Shape;

const MIB: f64 = 1024.0 * 1024.0;

/// A run without arguments. Any output is right, because each language's greeting differs.
static HELLO: Run = run(&[], "...");

/// The runs at full and at quick scale. The argument, n, is the number of green threads that wait while the collector
/// runs. The last line of the output is the total number of digits of the numbers 0 to n - 1.
static WAITING: [Run; 2] = [run(&[1_000_000], "[..]\n5888890"), run(&[10_000], "[..]\n38890")];

/// The runs at full and at quick scale. The argument is the number of objects that are allocated. The output is the sum
/// of the numbers in the last thousand lists.
static DROPPED: [Run; 2] = [run(&[50_000_000], "499949995000"), run(&[1_000_000], "9949995000")];

/// The benchmarks of this module, in the order of the report.
pub fn all(scale: Scale) -> Vec<Benchmark> {
    let lines = match scale {
        Scale::Full => 50_000,
        Scale::Quick => 2_000,
    };
    let repeated = Shape::ALL.into_iter().flat_map(|(shape, count)| match scale {
        Scale::Full => [repeat(shape, count, true), repeat(shape, 2 * count, false)],
        Scale::Quick => [repeat(shape, 10, false), repeat(shape, 20, false)],
    });
    let others = vec![
        compile_and_run(),
        start_to_exit(),
        stripped_size(),
        check(lines),
        build(lines),
        collection(&WAITING[scale as usize]),
        soak(&DROPPED[scale as usize]),
    ];
    others.into_iter().chain(repeated).collect()
}

/// The build of a program that repeats a construct `count` times. `all` measures each shape at two sizes. The larger
/// size is twice the smaller size and should take at most twice as long.
fn repeat(shape: Shape, count: usize, has_bar: bool) -> Benchmark {
    let seconds = if shape == Shape::Tuples { 5.0 } else { 1.0 };
    let name = format!("repeat-{}-{count}", shape.name());
    let figure = Figure {
        name: name.clone(),
        title: format!("weft build, {} {}", grouped(count as u64), shape.name()),
        quantity: Quantity::Seconds,
        bars: if has_bar { vec![Bar::AtMost(seconds)] } else { Vec::new() },
    };
    one(&name, Method::Repeat(shape, count), vec![WEFT], figure)
}

fn compile_and_run() -> Benchmark {
    let figure = Figure {
        name: "compile-and-run".into(),
        title: "hello: compile, link and run".into(),
        quantity: Quantity::Seconds,
        bars: vec![Bar::AtMost(0.25)],
    };
    one("hello-run", Method::CompileAndRun("hello"), vec![WEFT, C, GO], figure)
}

fn start_to_exit() -> Benchmark {
    let figure = Figure {
        name: "start-to-exit".into(),
        title: "hello: start to exit".into(),
        quantity: Quantity::Seconds,
        bars: vec![Bar::AtMost(0.005)],
    };
    one("hello-start", Method::StartToExit("hello", &HELLO), vec![WEFT, C, GO], figure)
}

fn stripped_size() -> Benchmark {
    let figure = Figure {
        name: "stripped-size".into(),
        title: "hello: stripped executable".into(),
        quantity: Quantity::Bytes,
        bars: vec![Bar::AtMost(4.0 * MIB)],
    };
    one("hello-size", Method::StrippedSize("hello"), vec![WEFT, C, GO], figure)
}

fn check(lines: usize) -> Benchmark {
    let figure = Figure {
        name: "check".into(),
        title: format!("weft check, {} lines", grouped(lines as u64)),
        quantity: Quantity::Seconds,
        bars: vec![Bar::AtMost(1.0)],
    };
    one("check", Method::Compile { command: &["check"], lines }, vec![WEFT], figure)
}

fn build(lines: usize) -> Benchmark {
    let figure = Figure {
        name: "build".into(),
        title: format!("weft build -O0, {} lines", grouped(lines as u64)),
        quantity: Quantity::Seconds,
        bars: vec![Bar::AtMost(15.0)],
    };
    one("build", Method::Compile { command: &["build", "-O0"], lines }, vec![WEFT], figure)
}

fn collection(run: &'static Run) -> Benchmark {
    let figure = Figure {
        name: "collection".into(),
        title: format!("a collection, {} threads waiting", grouped(run.arguments[0])),
        quantity: Quantity::Seconds,
        bars: vec![Bar::AtMost(0.3)],
    };
    one("collection", Method::Printed("collection", run), vec![WEFT, GO], figure)
}

fn soak(run: &'static Run) -> Benchmark {
    let figure = Figure {
        name: "soak-bytes".into(),
        title: format!("peak memory of {} objects made and dropped", grouped(run.arguments[0])),
        quantity: Quantity::Bytes,
        bars: vec![Bar::AtMost(256.0 * MIB)],
    };
    one("soak", Method::StartToExit("soak", run), vec![WEFT, GO], figure)
}

fn one(name: &str, method: Method, contestants: Vec<Contestant>, figure: Figure) -> Benchmark {
    Benchmark { name: name.into(), method, contestants, figures: vec![figure] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full).iter().for_each(Benchmark::check);
    }
}
