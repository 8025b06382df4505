//! Green threads under stress: signals, reproducible and random schedules, and everything at once on several workers.

#[path = "harness/process.rs"]
mod process;
#[path = "harness/program.rs"]
mod program;
#[path = "harness/running.rs"]
mod running;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use process::FORMS;
use program::{build, build_with, finish, run_in};
use running::{start, start_by};
use weft::driver::{WAYS, Way};

/// Builds the program of that name in `tests/threads/`.
fn build_file(name: &str) -> PathBuf {
    build(name, &text_of(name))
}

/// The text of the program of that name in `tests/threads/`.
fn text_of(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/threads");
    std::fs::read_to_string(folder.join(format!("{name}.weft"))).expect("the program is there")
}

/// The program `mixture.weft`: waits for channels, timers, tasks and blocking calls, all at once.
fn mixture() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| build_file("mixture"));
    &BUILT
}

/// The program `rounds.weft`: random operations, checked against a model.
fn rounds_program() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| build_file("rounds"));
    &BUILT
}

/// A signal may arrive at any instruction of a switch, of the runtime, or of another signal's handler.
#[test]
fn a_storm_of_signals_changes_nothing() {
    for workers in ["1", "2"] {
        let mut running = start(mixture(), workers);
        running.signal_until_the_end("QUIT");
        let (status, printed, _) = running.end();
        assert_eq!((status, printed.as_str()), (0, MIXTURE), "on {workers} workers");
    }
}

/// Signals, collections, the ends of time slices and the growth of stacks occur at many places within resumptions of
/// generators and continuations.
#[test]
fn nothing_that_comes_in_the_middle_of_a_resumption_changes_it() {
    let environments: [&[(&str, &str)]; 5] = [
        &[("WEFT_WORKERS", "1"), ("WEFT_GC_STRESS", "1")],
        &[("WEFT_WORKERS", "2"), ("WEFT_PREEMPT", "1"), ("WEFT_GC_STRESS", "7")],
        &[("WEFT_WORKERS", "2"), ("WEFT_PREEMPT", "1")],
        &[("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "1")],
        &[("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "2"), ("WEFT_GC_STRESS", "3")],
    ];
    let text = text_of("resumptions");
    for (form, level) in FORMS.iter().flat_map(|form| [(form, "-O0"), (form, "-O2")]) {
        let arguments = [&format!("--generators={form}"), level];
        let program = build_with(&format!("resumptions {form} {level}"), &text, &arguments, Path::new(""));
        let expected = "[862, 863, 864, 865]\n";
        for environment in environments {
            let run = finish(Command::new(&program).arg("40").envs(environment.iter().copied()));
            let printed = run.stdout.strip_prefix("started\n").expect("it begins so");
            assert_eq!(
                (run.status, printed),
                (0, expected.repeat(40).as_str()),
                "{arguments:?} {environment:?}"
            );
        }
        let mut command = Command::new(&program);
        let mut running = start_by(command.arg("500").env("WEFT_WORKERS", "1").env("WEFT_PREEMPT", "20"));
        running.signal_until_the_end("QUIT");
        let (status, printed, _) = running.end();
        assert_eq!((status, printed), (0, expected.repeat(500)), "{arguments:?} with signals");
    }
}

/// The output of `mixture.weft`.
const MIXTURE: &str = "79600\n0\ntrue\n40\nend\n";

#[test]
fn no_deadlock_is_seen_where_there_is_none() {
    for workers in ["1", "2", "3", "4"] {
        for turn in ["10000", "100"] {
            let run = finish(Command::new(mixture()).env("WEFT_WORKERS", workers).env("WEFT_PREEMPT", turn));
            let printed = run.stdout.strip_prefix("started\n").expect("it begins so");
            assert_eq!((run.status, printed, run.stderr.as_str()), (0, MIXTURE, ""), "{workers} {turn}");
        }
    }
}

/// Runs `count` rounds of random operations, starting at `seed`, with these environment variables.
fn rounds(seed: u64, count: u64, environment: &[(&str, &str)]) {
    rounds_of(rounds_program(), seed, count, environment);
}

/// Runs the rounds with an executable of `rounds.weft`.
fn rounds_of(program: &Path, seed: u64, count: u64, environment: &[(&str, &str)]) {
    let mut command = Command::new(program);
    command.args([seed.to_string(), count.to_string()]).envs(environment.iter().copied());
    let run = finish(&mut command);
    assert_eq!((run.status, run.stdout), (0, format!("{count} rounds\n")), "{environment:?} {}", run.stderr);
}

/// Runs ten thousand rounds for each number of workers: 7,000 with the usual settings, 2,500 with short time slices,
/// and 500 with many collections. Then runs 100 rounds with each of three random schedules.
#[test]
fn random_operations_do_what_a_model_allows() {
    std::thread::scope(|scope| {
        for workers in ["1", "2"] {
            let with = move |seed, count, more: &[(&str, &str)]| {
                rounds(seed, count, &[[("WEFT_WORKERS", workers)].as_slice(), more].concat());
            };
            scope.spawn(move || with(1, 7_000, &[]));
            scope.spawn(move || with(10_000, 2_500, &[("WEFT_PREEMPT", "50")]));
            scope.spawn(move || with(20_000, 500, &[("WEFT_GC_STRESS", "5")]));
        }
    });
    for seed in ["1", "2", "3"] {
        rounds(30_000, 100, &[("WEFT_SCHEDULE", "random"), ("WEFT_SEED", seed)]);
    }
}

/// The executables of a program of `tests/threads` in all ways to switch but the default, with the names of the ways.
fn in_other_ways(name: &str) -> impl Iterator<Item = (&'static str, PathBuf)> {
    let text = text_of(name);
    let name = name.to_owned();
    WAYS[1..].iter().map(move |Way { name: way, .. }| {
        let option = format!("--switch={way}");
        (*way, build_with(&format!("{name} by {way}"), &text, &[&option], Path::new("")))
    })
}

#[test]
fn random_operations_do_what_a_model_allows_in_every_way_to_switch() {
    for (_, program) in in_other_ways("rounds") {
        for workers in ["1", "2"] {
            let with = |seed, count, more: &[(&str, &str)]| {
                rounds_of(&program, seed, count, &[[("WEFT_WORKERS", workers)].as_slice(), more].concat());
            };
            with(1, 500, &[]);
            with(10_000, 200, &[("WEFT_PREEMPT", "50")]);
            with(20_000, 50, &[("WEFT_GC_STRESS", "5")]);
        }
        rounds_of(&program, 30_000, 30, &[("WEFT_SCHEDULE", "random"), ("WEFT_SEED", "1")]);
    }
}

/// Signals arrive within each kind of switch, and threads change workers there.
#[test]
fn no_signal_and_no_worker_changes_a_switch_of_any_way() {
    for (way, program) in in_other_ways("mixture") {
        let mut running = start(&program, "2");
        running.signal_until_the_end("QUIT");
        let (status, printed, _) = running.end();
        assert_eq!((status, printed.as_str()), (0, MIXTURE), "{way} with signals");
        for workers in ["1", "4"] {
            let run =
                finish(Command::new(&program).envs([("WEFT_WORKERS", workers), ("WEFT_PREEMPT", "100")]));
            let printed = run.stdout.strip_prefix("started\n").expect("it begins so");
            assert_eq!((run.status, printed, run.stderr.as_str()), (0, MIXTURE, ""), "{way} {workers}");
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn many_random_operations_do_what_a_model_allows_in_every_way_to_switch() {
    for (_, program) in in_other_ways("rounds") {
        for workers in ["1", "2", "4"] {
            for (number, turn) in (0..).zip(["10000", "100", "20"]) {
                let environment = [("WEFT_WORKERS", workers), ("WEFT_PREEMPT", turn)];
                rounds_of(&program, 100_000 * number, 3_000, &environment);
            }
        }
    }
}

#[test]
#[ignore = "takes minutes"]
fn many_random_operations_do_what_a_model_allows() {
    for workers in ["1", "2"] {
        for (number, turn) in (0..).zip(["10000", "1000", "100", "20"]) {
            let environment = [("WEFT_WORKERS", workers), ("WEFT_PREEMPT", turn)];
            rounds(100_000 * number, 10_000, &environment);
        }
    }
    for seed in 0..20_u64 {
        let seed = seed.to_string();
        rounds(0, 1_000, &[("WEFT_SCHEDULE", "random"), ("WEFT_SEED", &seed)]);
    }
}

/// Each thread can end only by cancellation. The cancellation comes at a random moment: for example before a wait,
/// during a wait, or while the thread is handed over to another worker.
#[test]
fn cancellation_ends_every_wait() {
    let program = build_file("cancelled");
    let expected = "(false, None, 1, Some(0), None)\nSemaphore(1)\n";
    for (seed, workers, turn) in
        [("1", "1", "10000"), ("2", "1", "100"), ("3", "2", "10000"), ("4", "2", "10000"), ("5", "2", "100")]
    {
        let mut command = Command::new(&program);
        let run = finish(command.args([seed, "100"]).env("WEFT_WORKERS", workers).env("WEFT_PREEMPT", turn));
        let came = (run.status, run.stdout.as_str(), run.stderr.as_str());
        assert_eq!(came, (0, expected, ""), "seed {seed}, {workers} workers, turns of {turn}");
    }
}

#[test]
fn who_is_cancelled_on_the_way_into_a_list_ends() {
    let program = build_file("cancelled_early");
    let run = finish(Command::new(&program).arg("2000").env("WEFT_WORKERS", "2"));
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "all ended\n", ""));
}

/// A program whose output shows all that the seed decides: the order of threads, the choices of `select`, and hashes.
const TOLD: &str = "fn work(n: Int, log: Mutex[Vec[Int]], a: Chan[Int], b: Chan[Int]) {
  for i in 0..20 {
    log.with(|v| v.push(n * 100 + i))
    select {
      a.send(i) => ()
      b.send(-i) => ()
    }
    if i % 3 == 0 { yield }
  }
}
fn main() {
  let log = Mutex.new(|| Vec.new())
  let (a, b): (Chan[Int], Chan[Int]) = (chan(1), chan(2))
  let tasks = Array.build(5, |n| spawn work(n, log, a, b))
  for _ in 0..100 {
    select {
      v = a.recv() => log.with(|l| l.push(v.unwrap()))
      v = b.recv() => log.with(|l| l.push(v.unwrap()))
    }
  }
  for t in tasks { t.join() }
  println(log.with(|v| v.freeze()))
  println(\"text\".hash())
}
";

#[test]
fn a_seed_repeats_everything() {
    let program = build("seeds", TOLD);
    let run = |seed: &str, schedule: Option<&str>| {
        let mut command = Command::new(&program);
        command.env("WEFT_SEED", seed).env("WEFT_WORKERS", "1");
        schedule.map(|schedule| command.env("WEFT_SCHEDULE", schedule));
        let run = finish(&mut command);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        run.stdout
    };
    for schedule in [None, Some("random")] {
        let first = run("1", schedule);
        assert!((0..3).all(|_| run("1", schedule) == first), "{schedule:?}");
        assert_ne!(run("2", schedule), first, "{schedule:?}");
    }
    assert_ne!(run("1", None), run("1", Some("random")));
}

#[test]
fn settings_of_the_schedule() {
    let program = build("settings of the schedule", "fn main() { println(1) }\n");
    let refused = |environment: &[(&str, &str)]| {
        let run = finish(Command::new(&program).envs(environment.iter().copied()));
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        run.stderr
    };
    let random = ("WEFT_SCHEDULE", "random");
    let text = "weft: WEFT_SCHEDULE is `random`, but there is no WEFT_SEED to repeat it\n";
    assert_eq!(refused(&[random]), text);
    let text = "weft: WEFT_SCHEDULE is `fifo`, but it must be `random`\n";
    assert_eq!(refused(&[("WEFT_SCHEDULE", "fifo"), ("WEFT_SEED", "1")]), text);
    let text = "weft: WEFT_SCHEDULE=random is for one worker, but WEFT_WORKERS is 2\n";
    assert_eq!(refused(&[random, ("WEFT_SEED", "1"), ("WEFT_WORKERS", "2")]), text);
}

/// A test that fails only if a thread is preempted between its `get` and its `set`.
#[test]
fn schedules_find_what_the_usual_one_does_not() {
    let text = "fn twice(n: Atomic) {
  let before = n.get()
  n.set(before + count(1))
}
fn count(n: Int) -> Int { if n == 0 { 0 } else { 1 + count(n - 1) } }
test \"nothing is lost\" {
  let n = Atomic.new(0)
  let tasks = Array.build(2, |_| spawn twice(n))
  for t in tasks { t.join() }
  assert_eq(n.get(), 2)
}
test \"fine\" { assert(true) }
fn main() { }
";
    let program = build("schedules", text);
    let folder = program.parent().expect("it is in a folder");
    let weft = |arguments: &[&str], seed: Option<&str>| {
        let mut command = process::weft();
        command.current_dir(folder).args(["test", "p.weft", "-O0"]).args(arguments);
        seed.map(|seed| command.env("WEFT_SEED", seed));
        finish(&mut command)
    };
    let usual = weft(&[], Some("1"));
    assert_eq!(usual.status, 0, "{}", usual.stdout);
    let found = weft(&["--schedules", "200"], Some("1"));
    assert_eq!(found.status, 1, "{}", found.stdout);
    let last = found.stdout.lines().last().expect("it says something");
    let seed = last.split("WEFT_SEED=").nth(1).expect("it says the seed");
    assert!(last.starts_with("FAILED under schedule ") && last.contains(" of 200: "), "{last}");
    assert!(found.stdout.contains("FAILED  nothing is lost: "), "{}", found.stdout);
    // The failing schedule is reproducible.
    let again = weft(&["--schedules", "1"], Some(seed));
    assert_eq!(again.status, 1);
    assert!(again.stdout.contains("FAILED under schedule 1 of 1: "), "{}", again.stdout);
    let fine = weft(&["--schedules", "5", "fine"], None);
    assert_eq!(fine.status, 0);
    assert!(fine.stdout.starts_with("passed under 5 schedules, those from WEFT_SEED="), "{}", fine.stdout);
}

/// With each limit, the memory runs out at a different number of stacks.
#[test]
fn without_memory_for_its_stack_only_the_spawning_thread_panics() {
    let text = "fn wait() { loop { yield } }
fn many() { loop { spawn wait() } }
fn main() {
  let t = spawn many()
  println(t.result())
}
";
    let program = build("no memory for one stack", text);
    for kib in [70_000, 90_000, 120_000, 150_000] {
        let run = run_in(kib, &program);
        let message = "no memory for the stack of another green thread: ";
        assert!(
            run.status == 0 && run.stdout.starts_with(&format!("Err(\"{message}")),
            "{kib}: {}",
            run.stderr
        );
        assert!(run.stderr.starts_with(&format!("panic: {message}")), "{kib}: {}", run.stderr);
    }
}
