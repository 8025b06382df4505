//! Checks that the compiler's time grows with the size of the program and not with its square.
//!
//! Each program is built at two sizes; the second is four times the first. The test measures processor time, which a
//! busy machine hardly affects. The limits are generous: the second build may take seven times as long as the first.
//! With quadratic time it would take sixteen times as long.

#[path = "harness/process.rs"]
mod process;
#[path = "../bench/src/shapes.rs"]
mod shapes;

use std::fs;
use std::path::Path;

use shapes::Shape;

/// The greatest permitted factor between the build times of the two sizes.
const GROWTH: f64 = 7.0;

/// The limit for the larger program in seconds of processor time. On a quiet machine each program takes less than one
/// second.
const LIMIT: f64 = 8.0;

/// The greatest number of repetitions in the smaller program, which otherwise has a quarter of the benchmark's
/// repetitions.
const MANY: usize = 300;

/// The least time that is assumed for the smaller program: shorter times are mostly start-up and noise.
const LEAST: f64 = 0.15;

/// The seconds of processor time of all processes that this process has waited for, including their children. The
/// system counts the time in hundredths of a second (`proc_pid_stat(5)`, fields 16 and 17).
fn seconds_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("the system tells of processes");
    let behind_name = stat.rsplit(')').next().expect("the name is in brackets");
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
    (ticks(13) + ticks(14)) / 100.0
}

/// Builds a program; returns the seconds of processor time.
fn build(shape: Shape, count: usize, level: &str) -> f64 {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_time");
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    let source = folder.join(format!("{}.weft", shape.name()));
    fs::write(&source, shape.text(count)).expect("the folder is writable");
    let before = seconds_of_children();
    let mut command = process::weft();
    command.arg("build").arg(level).arg(&source).arg("-o").arg(source.with_extension("out"));
    let finished = process::finish(&mut command, "").unwrap_or_else(|failed| panic!("{shape:?}: {failed:?}"));
    assert_eq!(finished.status, 0, "{shape:?}: {}", finished.stderr);
    seconds_of_children() - before
}

// This file has a single test, because the processes of a second test would be counted, too.
#[test]
fn no_program_takes_time_with_the_square_of_its_size() {
    let mut wrong = Vec::new();
    for (shape, count) in Shape::ALL {
        let small = (count / 4).min(MANY);
        let [first, second] = [small, 4 * small].map(|count| build(shape, count, "-O2"));
        if second > GROWTH * first.max(LEAST) || second > LIMIT {
            wrong.push(format!("{shape:?} of {small}: {first:.2} s, of {}: {second:.2} s", 4 * small));
        }
    }
    let spawns = build(Shape::Spawns, 1_000, "-O0");
    if spawns > LIMIT {
        wrong.push(format!("1,000 spawns at -O0: {spawns:.2} s"));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
