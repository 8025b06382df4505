//! Random programs, compiled at every level, against the interpreter of MIR: all must print and end the same.
//!
//! The usual run takes fixed seeds. With `--ignored` it takes many, from one that it prints; `SEED=n` repeats the
//! program of that seed alone.

#[path = "differential/expression.rs"]
mod expression;
#[allow(dead_code, reason = "cases need the rest of it")]
mod harness;
#[path = "differential/matches.rs"]
mod matches;
#[path = "differential/program.rs"]
mod program;
#[path = "differential/random.rs"]
mod random;
#[path = "differential/statement.rs"]
mod statement;

use std::time::{Duration, Instant, SystemTime};

use harness::case::Case;
use harness::interpreter::{self, Opinion};
use harness::run;

/// How long the usual run may go on. The machine may be slow: then it tests less.
const USUAL: Duration = Duration::from_secs(20);
/// How many programs it tests at most.
const PROGRAMS: u64 = 24;
/// How many programs of random matches it tests at most.
const MATCHES: u64 = 8;
/// The most that may be left to the compiler alone because interpreting them takes too long.
const SKIPPED: u64 = PROGRAMS / 4;

/// Whether the interpreter had an opinion. Panics if the compiled program has another.
fn agree(seed: u64) -> bool {
    let program = program::program(seed);
    let path = format!("differential/seed{seed}.weft");
    let case = Case { path, program, files: Vec::new(), expected: Vec::new(), settings: Vec::new() };
    let folder = case.unpack().expect("the folder for tests is writable");
    let place = folder.join(&case.path).display().to_string();
    let runs = ["-O0", "-O2", "-O3"].map(|level| {
        let run = run::build_and_run(&case, &folder, level)
            .unwrap_or_else(|failed| panic!("{place} at {level}: {}", failed.message().unwrap_or_default()));
        Opinion::new(run.status, &run.stdout, &run.stderr)
    });
    let opinion = interpreter::opinion(&case);
    let interpreted =
        opinion.unwrap_or_else(|failed| panic!("{place}: {}", failed.message().unwrap_or_default()));
    let Some(interpreted) = interpreted else { return false };
    for (level, compiled) in ["-O0", "-O2", "-O3"].iter().zip(runs) {
        assert_eq!(compiled, interpreted, "{place} at {level}");
    }
    true
}

#[test]
fn random_programs_do_what_the_interpreter_does() {
    let (start, mut skipped) = (Instant::now(), 0);
    for seed in 0..PROGRAMS {
        if start.elapsed() > USUAL {
            break;
        }
        skipped += u64::from(!agree(seed));
    }
    assert!(skipped <= SKIPPED, "{skipped} programs took the interpreter too long");
}

#[test]
fn random_matches_take_the_first_arm_that_fits() {
    let start = Instant::now();
    for seed in 0..MATCHES {
        if start.elapsed() > USUAL {
            break;
        }
        matches::agree(seed);
    }
}

#[test]
#[ignore = "takes minutes"]
fn many_random_matches_take_the_first_arm_that_fits() {
    if let Some(seed) = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        return matches::agree(seed);
    }
    let first = first_seed();
    (first..first + 200).for_each(matches::agree);
}

#[test]
#[ignore = "takes minutes"]
fn many_random_programs_do_what_the_interpreter_does() {
    if let Some(seed) = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        assert!(agree(seed), "the interpreter takes too long for seed {seed}");
        return;
    }
    let first = first_seed();
    for seed in first..first + 500 {
        agree(seed);
    }
}

/// A seed that no run had before; it is printed.
fn first_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    let first = now.as_secs() << 16;
    eprintln!("the first seed is {first}");
    first
}
