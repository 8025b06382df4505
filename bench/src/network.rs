//! The benchmarks of pipes, connections and servers, and their bars.

use std::time::Duration;

use crate::benchmarks::{Bar, Benchmark, Figure, GO, Method, Quantity, Scale, WEFT, Work};
use crate::computations::{Run, grouped, run};
use crate::load::{Load, Protocol};

/// The run of `copy` whose cost is subtracted. The argument is the number of mebibytes, the output that of bytes.
static ONE_MEBIBYTE: Run = run(&[1], "1048576");
/// The measured run of `copy`, at full and at quick scale.
static COPIES: [Run; 2] = [run(&[1_024], "1073741824"), run(&[16], "16777216")];

/// The open files of a server or its clients besides the connections.
const OTHER_FILES: u64 = 100;
/// The bar for echoed messages: at least 1.1 times as many in a second.
const MORE_MESSAGES: &[Bar] = &[Bar::Times(&[GO], 1.0 / 1.1)];
const AS_GOOD: &[Bar] = &[Bar::Times(&[GO], 1.0)];
const LITTLE_MEMORY: &[Bar] = &[Bar::Times(&[GO], 0.4)];

/// The benchmarks of this module, in the order of the report. A process may have `open_files` files open, which limits
/// the number of connections.
pub fn all(scale: Scale, open_files: u64) -> Vec<Benchmark> {
    let (many, idle) = match scale {
        Scale::Full => (1_000, 10_000),
        Scale::Quick => (100, 100),
    };
    let most = open_files.saturating_sub(OTHER_FILES).max(2);
    let http = |name: &str, connections| http(name, asking(Protocol::Http, connections, scale));
    vec![
        copy(scale),
        echo(asking(Protocol::Echo, 64, scale)),
        http("http-64", 64),
        http("http-1000", many.min(most)),
        idle_connections(idle.min(most)),
    ]
}

/// A load of clients that ask all the time.
fn asking(protocol: Protocol, connections: u64, scale: Scale) -> Load {
    let (warm_up, time) = match scale {
        Scale::Full => (500, 2_000),
        Scale::Quick => (10, 50),
    };
    let [warm_up, time] = [warm_up, time].map(Duration::from_millis);
    Load { protocol, connections: connections as usize, warm_up, time }
}

fn served(name: &str, program: &'static str, load: Load, figures: Vec<Figure>) -> Benchmark {
    Benchmark {
        name: name.into(),
        method: Method::Serve(program, load),
        contestants: vec![WEFT, GO],
        figures,
    }
}

fn figure(name: &str, title: String, quantity: Quantity, bars: &[Bar]) -> Figure {
    Figure { name: name.into(), title, quantity, bars: bars.to_vec() }
}

fn echo(load: Load) -> Benchmark {
    let what = format!("echoed message, {} connections", load.connections);
    let time = format!("elapsed time for each {what}");
    let processor = format!("processor time for each {what}");
    let figures = vec![
        figure("echo", time, Quantity::Seconds, MORE_MESSAGES),
        figure("echo-processor", processor, Quantity::Processor, AS_GOOD),
    ];
    served("echo", "serve_echo", load, figures)
}

fn http(name: &str, load: Load) -> Benchmark {
    let what = format!("HTTP request, {} connections", grouped(load.connections as u64));
    let time = format!("elapsed time for each {what}");
    let latency = format!("99th percentile of the latency of an {what}");
    let figures = vec![
        figure(name, time, Quantity::Seconds, AS_GOOD),
        figure(&format!("{name}-latency"), latency, Quantity::Latency, AS_GOOD),
    ];
    served(name, "serve_http", load, figures)
}

fn idle_connections(connections: u64) -> Benchmark {
    let title = format!("resident memory of an idle connection, {} open", grouped(connections));
    let [warm_up, time] = [Duration::ZERO; 2];
    let load = Load { protocol: Protocol::Echo, connections: connections as usize, warm_up, time };
    served("idle", "serve_echo", load, vec![figure("idle-bytes", title, Quantity::Bytes, LITTLE_MEMORY)])
}

fn copy(scale: Scale) -> Benchmark {
    let large = &COPIES[scale as usize];
    let title = format!("{} MiB through a pipe and a connection", grouped(large.arguments[0]));
    Benchmark {
        name: "copy".into(),
        method: Method::Difference(Work::Compute { program: "copy", small: &ONE_MEBIBYTE, large }),
        contestants: vec![WEFT, GO],
        figures: vec![figure("copy", title, Quantity::Seconds, AS_GOOD)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_name_contestants() {
        all(Scale::Full, 20_000).iter().for_each(Benchmark::check);
    }

    #[test]
    fn open_files_limit_the_connections() {
        let idle = all(Scale::Full, 4_096).pop().expect("it is the last one");
        assert_eq!(idle.figures[0].title, "resident memory of an idle connection, 3,996 open");
    }
}
