//! Random programs, compiled at every level and interpreted in MIR: output and status must agree.
//!
//! There are four kinds of programs. Programs of the first kind compute, and run with the schedule that the runtime
//! promises. The second kind has green threads, whose output does not depend on the schedule; these programs run with
//! many schedules. The third kind has generators, continuations and stacks that swap; these programs are compiled
//! with each form of generators. The fourth kind consists of random matches.
//!
//! The usual run uses fixed seeds. With `--ignored`, a run uses many seeds, starting at a new seed, which it prints.
//! `SEED=n` runs only the programs of that seed.

#[path = "differential/actions.rs"]
mod actions;
#[path = "differential/bodies.rs"]
mod bodies;
#[path = "differential/concurrent.rs"]
mod concurrent;
#[path = "differential/expression.rs"]
mod expression;
#[path = "differential/generators.rs"]
mod generators;
#[allow(dead_code, reason = "cases need the rest of it")]
mod harness;
#[path = "differential/matches.rs"]
mod matches;
#[path = "differential/program.rs"]
mod program;
#[path = "differential/random.rs"]
mod random;
#[path = "differential/stacks.rs"]
mod stacks;
#[path = "differential/statement.rs"]
mod statement;
#[path = "differential/waits.rs"]
mod waits;

use std::time::{Duration, Instant, SystemTime};

use harness::case::Case;
use harness::interpreter::{self, Opinion};
use harness::process::FORMS;
use harness::run;
use libtest_mimic::Failed;
use weft::driver::WAYS;

/// The time limit for the usual run of one kind of programs. On a slow machine the run tests fewer programs.
const USUAL: Duration = Duration::from_secs(20);
/// The greatest number of programs of each of the first three kinds in the usual run.
const PROGRAMS: u64 = 24;
/// The greatest number of programs of random matches in the usual run.
const MATCHES: u64 = 8;
/// The greatest number of programs that may be skipped because interpreting them takes too long.
const SKIPPED: u64 = PROGRAMS / 4;
const LEVELS: [&str; 3] = ["-O0", "-O2", "-O3"];

/// The interpreter's schedules for a program of threads: the runtime's schedule (`None`), and random schedules by seed.
const ORDERS: [Option<u64>; 6] = [None, Some(1), Some(2), Some(3), Some(4), Some(5)];
/// The environments in which a program of threads runs at each level: one and two workers, short time slices, random
/// schedules, and a collection at every allocation that can cause one.
const SCHEDULES: [&[(&str, &str)]; 7] = [
    &[("WEFT_WORKERS", "1")],
    &[("WEFT_WORKERS", "2")],
    &[("WEFT_WORKERS", "2"), ("WEFT_PREEMPT", "20")],
    &[("WEFT_WORKERS", "1"), ("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "1")],
    &[("WEFT_WORKERS", "1"), ("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "2")],
    &[("WEFT_WORKERS", "1"), ("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "3"), ("WEFT_GC_STRESS", "1")],
    &[("WEFT_WORKERS", "2"), ("WEFT_PREEMPT", "50"), ("WEFT_GC_STRESS", "1")],
];

/// The environments in which a program of generators runs. Collections at every possible place expose references that
/// the collector misses. The shortest time slices preempt threads as often as possible.
const COLLECTIONS: [&[(&str, &str)]; 6] = [
    &[("WEFT_WORKERS", "1")],
    &[("WEFT_WORKERS", "1"), ("WEFT_GC_STRESS", "1")],
    &[("WEFT_WORKERS", "2"), ("WEFT_GC_STRESS", "2")],
    &[("WEFT_WORKERS", "2"), ("WEFT_PREEMPT", "1")],
    &[("WEFT_WORKERS", "1"), ("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "1"), ("WEFT_GC_STRESS", "2")],
    &[("WEFT_WORKERS", "2"), ("WEFT_PREEMPT", "1"), ("WEFT_GC_STRESS", "1")],
];

/// The case of a seed's program.
fn case_of(kind: &str, seed: u64, program: String) -> Case {
    let path = format!("differential/{kind}{seed}.weft");
    Case { path, program, files: Vec::new(), expected: Vec::new(), settings: Vec::new() }
}

/// Returns the value of `attempt`. If it failed, panics with the name of the program, `place`.
fn succeeds<T>(place: &str, attempt: Result<T, Failed>) -> T {
    attempt.unwrap_or_else(|failed| panic!("{place}: {}", failed.message().unwrap_or_default()))
}

/// Compares the compiled program with the interpreter; panics if they disagree. Returns false if interpreting takes too
/// long.
fn agree(seed: u64) -> bool {
    let case = case_of("seed", seed, program::program(seed));
    let folder = case.unpack().expect("the folder for tests is writable");
    let place = folder.join(&case.path).display().to_string();
    let runs = LEVELS.map(|level| {
        let run = succeeds(&format!("{place} at {level}"), run::build_and_run(&case, &folder, level));
        Opinion::new(run.status, &run.stdout, &run.stderr)
    });
    let Some(interpreted) = succeeds(&place, interpreter::opinion(&case)) else { return false };
    for (level, compiled) in LEVELS.iter().zip(runs) {
        assert_eq!(compiled, interpreted, "{place} at {level}");
    }
    true
}

/// Does the same as `agree` for a program of threads, with all schedules, and with another way to switch. The message
/// of a failure shows the program.
fn agree_in_every_order(seed: u64) -> bool {
    let case = case_of("threads", seed, concurrent::program(seed));
    // Each seed selects another way to switch and another level for it.
    let ways = (WAYS.len() - 1) as u64;
    let way = WAYS[1 + (seed % ways) as usize].name;
    let level = LEVELS[(seed / ways % LEVELS.len() as u64) as usize];
    let options: Vec<String> =
        LEVELS.iter().map(|&level| level.to_owned()).chain([run::with_way(level, way)]).collect();
    agree_everywhere(seed, &case, &ORDERS, &options, &SCHEDULES)
}

/// Does the same as `agree` for a program of generators and continuations, with every form of generators.
fn agree_in_every_form(seed: u64) -> bool {
    let case = case_of("generators", seed, generators::program(seed));
    agree_everywhere(seed, &case, &ORDERS[..2], &options_of_forms(), &COLLECTIONS)
}

/// Does the same as `agree_in_every_form`, but with only two combinations of level and form, which the seed selects. In
/// the same time, a run of many seeds tests more programs this way.
fn agree_in_two_forms(seed: u64) -> bool {
    let case = case_of("generators", seed, generators::program(seed));
    let options = options_of_forms();
    let at = |number: u64| options[(number % options.len() as u64) as usize].clone();
    agree_everywhere(seed, &case, &ORDERS[..2], &[at(seed), at(seed + 1 + seed / 9 % 8)], &COLLECTIONS)
}

fn options_of_forms() -> Vec<String> {
    LEVELS.iter().flat_map(|level| FORMS.map(|form| run::with_form(level, form))).collect()
}

/// Interprets the program in each of the orders, compiles it with each of the options, and runs the results in each of
/// the environments; panics if any two outcomes differ. Returns false if interpreting takes too long.
fn agree_everywhere(
    seed: u64,
    case: &Case,
    orders: &[Option<u64>],
    options: &[String],
    environments: &[&[(&str, &str)]],
) -> bool {
    let folder = case.unpack().expect("the folder for tests is writable");
    let place = format!("seed {seed}:\n{}\n{}", case.program, folder.join(&case.path).display());
    let Some(interpreted) = succeeds(&place, interpreter::opinions(case, orders)) else { return false };
    let mut interpreted = interpreted.into_iter().map(Opinion::of_any_schedule);
    let first = interpreted.next().expect("there is an order");
    for (other, order) in interpreted.zip(&orders[1..]) {
        assert_eq!(other, first, "{place} interpreted in the order {order:?}");
    }
    for options in options {
        let program = succeeds(&format!("{place} at {options}"), run::build(case, &folder, options));
        for settings in environments {
            let place = format!("{place} at {options} with {settings:?}");
            let run = succeeds(&place, run::run(case, &folder, &program, settings));
            let compiled = Opinion::new(run.status, &run.stdout, &run.stderr).of_any_schedule();
            assert_eq!(compiled, first, "{place}\n{}", run.stderr);
        }
    }
    true
}

/// Tests programs of fixed seeds, up to the time limit of the usual run.
fn usual(agree: impl Fn(u64) -> bool) {
    let (start, mut skipped) = (Instant::now(), 0);
    for seed in 0..PROGRAMS {
        if start.elapsed() > USUAL {
            break;
        }
        skipped += u64::from(!agree(seed));
    }
    assert!(skipped <= SKIPPED, "{skipped} programs took the interpreter too long");
}

/// Tests the programs of `count` seeds, starting at a new seed; tests only the program of `SEED` if it is set.
fn soak(count: u64, agree: impl Fn(u64) -> bool) {
    if let Some(seed) = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        assert!(agree(seed), "the interpreter takes too long for seed {seed}");
        return;
    }
    let first = first_seed();
    for seed in first..first + count {
        agree(seed);
    }
}

/// Chooses a seed from the current time, so that no earlier run has used it, and prints it.
fn first_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is later than 1970");
    let first = now.as_secs() << 16;
    eprintln!("the first seed is {first}");
    first
}

#[test]
fn random_programs_do_what_the_interpreter_does() {
    usual(agree);
}

#[test]
fn random_threads_do_what_the_interpreter_does_in_every_order() {
    usual(agree_in_every_order);
}

#[test]
fn random_generators_do_what_the_interpreter_does_in_every_form() {
    usual(agree_in_every_form);
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
fn many_random_programs_do_what_the_interpreter_does() {
    soak(500, agree);
}

#[test]
#[ignore = "takes minutes"]
fn many_random_threads_do_what_the_interpreter_does_in_every_order() {
    soak(200, agree_in_every_order);
}

#[test]
#[ignore = "takes minutes"]
fn many_random_generators_do_what_the_interpreter_does_in_every_form() {
    soak(300, agree_in_two_forms);
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
