//! Calling conventions. In random programs, functions take and return 0 to 20 scalars, of every kind and in many
//! mixtures, through calls, function values, closures, tail calls, threads and channels. Each program checks that the
//! values arrive as they were passed.
//!
//! The usual run uses fixed seeds; with `SEED=n`, a run uses only the seed `n`.

#[path = "harness/process.rs"]
#[allow(dead_code, reason = "other tests need the rest of it")]
mod process;
#[path = "conventions/program.rs"]
mod program;
#[path = "differential/random.rs"]
#[allow(dead_code, reason = "other tests need the rest of it")]
mod random;
#[path = "conventions/values.rs"]
mod values;

use std::fs;
use std::path::Path;
use std::process::Command;

/// The seeds of the usual run. Each program has hundreds of functions, so more programs would find little more.
const SEEDS: [u64; 2] = [1, 2];

/// Compiles the program of a seed at a level and runs it. The program prints wrong values and the number of its checks.
fn run(seed: u64, program: &program::Program, level: &str) {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("conventions").join(format!("seed{seed}{level}"));
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), &program.text).expect("the folder for tests is writable");
    let at = format!("seed {seed} at {level}, {}", folder.display());
    let finish = |command: &mut Command| {
        process::finish(command.current_dir(&folder), "").unwrap_or_else(|failed| panic!("{at}: {failed:?}"))
    };
    let built = finish(process::weft().args(["build", "p.weft", "-o", "p", "--verify-stacks", level]));
    assert_eq!((built.status, built.stderr.as_str()), (0, ""), "{at}");
    let ran = finish(Command::new(folder.join("p")).env("WEFT_WORKERS", "1"));
    let expected = format!("{} calls\n", program.calls);
    assert_eq!((ran.status, ran.stdout, ran.stderr), (0, expected, String::new()), "{at}");
}

/// Runs the programs of all seeds at one level.
fn run_at(level: &str) {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in seed.map_or(SEEDS.to_vec(), |seed| vec![seed]) {
        println!("seed {seed}");
        run(seed, &program::program(seed), level);
    }
}

#[test]
fn values_arrive_as_they_were_without_optimisation() {
    run_at("-O0");
}

#[test]
fn values_arrive_as_they_were_at_level_2() {
    run_at("-O2");
}

#[test]
fn values_arrive_as_they_were_at_level_3() {
    run_at("-O3");
}
