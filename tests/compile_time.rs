//! The time that the compiler takes grows with the size of the program and not with its square.
//!
//! Each program is built in two sizes, the second four times the first. What counts is time on the processor, which a
//! busy machine stretches little, and the limits are generous: four times the size may take seven times as long, where
//! the square would take sixteen times.

#[path = "harness/process.rs"]
mod process;
#[path = "../bench/src/shapes.rs"]
mod shapes;

use std::fs;
use std::path::Path;

use shapes::Shape;

/// The factor by which four times the size may take longer.
const GROWTH: f64 = 7.0;

/// Seconds of processor time for the larger program; on a quiet machine each takes less than one.
const LIMIT: f64 = 8.0;

/// The smaller program has a quarter of what the bench measures, but no more than this.
const MANY: usize = 300;

/// No less counts as the time for the smaller program: below that it is start and noise.
const LEAST: f64 = 0.15;

/// Seconds on the processor of all processes that this one has waited for, with theirs (`proc_pid_stat(5)`: fields 16
/// and 17, in hundredths).
fn seconds_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("the system tells of processes");
    let behind_name = stat.rsplit(')').next().expect("the name is in brackets");
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().expect("a number");
    (ticks(13) + ticks(14)) / 100.0
}

/// Builds a program, and gives the seconds that this took on the processor.
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

// One test: the processes of another would count as well.
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
