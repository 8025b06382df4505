//! `weft test`: each test gets a verdict, whatever it does to the process, and all other tests run.

#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::path::{Path, PathBuf};

use process::Finished;

/// A folder with these files for one test.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("testing").join(name);
    let _ = fs::remove_dir_all(&folder);
    for (file, text) in files {
        let file = folder.join(file);
        fs::create_dir_all(file.parent().expect("it has a folder")).expect("the folder is writable");
        fs::write(file, text).expect("the folder is writable");
    }
    folder
}

fn weft(folder: &Path, arguments: &[&str]) -> Finished {
    let mut command = process::weft();
    command.current_dir(folder).env("WEFT_SEED", "7").args(["test", "-O0"]).args(arguments);
    process::finish(&mut command, "").unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// The verdicts, sorted, such as `ok one` and `FAILED two: why`.
fn verdicts(finished: &Finished) -> Vec<String> {
    let is_verdict = |line: &&str| line.starts_with("ok ") || line.starts_with("FAILED ");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut verdicts: Vec<String> = finished.stdout.lines().filter(is_verdict).map(words).collect();
    verdicts.sort();
    verdicts
}

fn assert_verdicts(finished: &Finished, expected: &[&str], summary: &str) {
    assert_eq!(verdicts(finished), expected, "{}{}", finished.stdout, finished.stderr);
    let last = finished.stdout.lines().last();
    assert_eq!((finished.status, last), (1, Some(summary)), "{}", finished.stdout);
}

#[test]
fn what_has_no_tests_says_so() {
    let files = [
        ("a.weft", "fn main() { println(1) }\n"),
        ("b.weft", "pub fn f() -> Int { 1 }\n"),
        ("with/c.weft", "test \"one\" { assert(true) }\n"),
    ];
    let folder = folder("none", &files);
    for (arguments, message) in [
        (
            &["a.weft"][..],
            "weft: there are no tests in `a.weft`: a test is written `test \"name\" { ... }`\n",
        ),
        (
            &["./"],
            "weft: there are no tests in `a.weft` and another file: a test is written `test \"name\" { ... }`\n",
        ),
        (&["with", "two"], "weft: no test in `with/c.weft` has `two` in its name\n"),
        (&["with", "--schedules", "2", "two"], "weft: no test in `with/c.weft` has `two` in its name\n"),
    ] {
        let finished = weft(&folder, arguments);
        assert_eq!((finished.status, finished.stdout.as_str()), (1, ""), "{arguments:?}");
        assert_eq!(finished.stderr, message, "{arguments:?}");
    }
    assert_eq!(weft(&folder, &["with"]).status, 0);
}

#[test]
fn a_test_that_ends_the_process_has_failed_and_the_others_run() {
    let text = "test \"first\" { assert(true) }
test \"leaves\" { exit(0) }
test \"leaves in a thread\" { (spawn { exit(3) }).join() }
test \"fails\" { assert_eq(1, 2) }
test \"last\" { assert(true) }
";
    let folder = folder("exit", &[("p.weft", text)]);
    let finished = weft(&folder, &["p.weft"]);
    let expected = [
        "FAILED fails: assertion failed: the values are not equal",
        "FAILED leaves in a thread: the process ended with status 3: a test must not call `exit`",
        "FAILED leaves: the process ended with status 0: a test must not call `exit`",
        "ok first",
        "ok last",
    ];
    assert_verdicts(&finished, &expected, "2 passed, 3 failed");
    assert_eq!(finished.stdout.matches("running 5 tests").count(), 1, "{}", finished.stdout);
    // The test also fails when it runs alone.
    assert_verdicts(&weft(&folder, &["p.weft", "leaves in"]), &expected[1..2], "0 passed, 1 failed");
}

#[test]
fn a_deadlock_is_a_failure_of_its_test() {
    let text = "test \"first\" { assert(true) }
test \"waits\" {
  let c: Chan[Int] = chan(0)
  c.recv()
}
test \"last\" { assert(true) }
";
    let folder = folder("deadlock", &[("p.weft", text)]);
    let finished = weft(&folder, &["p.weft"]);
    let expected = ["FAILED waits: deadlock: every green thread waits", "ok first", "ok last"];
    assert_verdicts(&finished, &expected, "2 passed, 1 failed");
    assert!(finished.stderr.contains("deadlock: "), "{}", finished.stderr);
    let found = weft(&folder, &["p.weft", "--schedules", "3"]);
    let last = found.stdout.lines().last().expect("it says something");
    assert!(found.status == 1 && last.starts_with("FAILED under schedule 1 of 3: "), "{}", found.stdout);
    assert!(found.stdout.contains("deadlock: every green thread waits"), "{}", found.stdout);
}

#[test]
fn a_test_that_ends_after_its_limit_has_failed_and_no_other_runs_twice() {
    let text = "extern \"C\" { fn pause() -> CInt }
test \"ends late\" { sleep(1_100) }
test \"waits for a signal\" { let _ = pause() }
test \"other\" { println(\"other ran\") }
test \"last\" { println(\"last ran\") }
";
    let folder = folder("late", &[("p.weft", text)]);
    let finished = weft(&folder, &["p.weft", "--timeout", "1"]);
    let expected = [
        "FAILED ends late: it takes longer than 1 s (`--timeout` sets the limit)",
        "FAILED waits for a signal: it takes longer than 1 s (`--timeout` sets the limit)",
        "ok last",
        "ok other",
    ];
    assert_verdicts(&finished, &expected, "2 passed, 2 failed");
    for line in ["other ran\n", "last ran\n"] {
        assert_eq!(finished.stdout.matches(line).count(), 1, "{}", finished.stdout);
    }
}

#[test]
fn a_test_has_a_limit_of_time() {
    let text = "test \"first\" { assert(true) }
test \"never stops\" {
  var n = 0
  loop { n = n +% 1 }
}
test \"sleeps\" { sleep(1_000_000) }
test \"last\" { assert(true) }
";
    let folder = folder("limit", &[("p.weft", text)]);
    let finished = weft(&folder, &["p.weft", "--timeout", "1"]);
    let expected = [
        "FAILED never stops: it takes longer than 1 s (`--timeout` sets the limit)",
        "FAILED sleeps: it takes longer than 1 s (`--timeout` sets the limit)",
        "ok first",
        "ok last",
    ];
    assert_verdicts(&finished, &expected, "2 passed, 2 failed");
    assert_eq!(weft(&folder, &["p.weft", "--timeout", "0"]).status, 2);
}

#[test]
fn names_and_messages_cannot_control_a_terminal() {
    let text = "test \"red \\u{1b}[31m\\nok      forged\" { panic(\"\\u{1b}[2J gone\\u{9b}m\\nsecond \\u{202e}line\") }
test \"leaves \\u{7}\" { exit(0) }
";
    let folder = folder("escapes", &[("p.weft", text)]);
    let finished = weft(&folder, &["p.weft"]);
    let controls = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!finished.stdout.contains(controls), "{:?}", finished.stdout);
    assert!(!finished.stderr.contains(controls), "{:?}", finished.stderr);
    let expected = [
        "FAILED leaves \\u{7}: the process ended with status 0: a test must not call `exit`",
        "FAILED red \\u{1b}[31m\\u{a}ok forged: \\u{1b}[2J gone\\u{9b}m",
    ];
    assert_verdicts(&finished, &expected, "0 passed, 2 failed");
    assert!(finished.stdout.contains("\n        second \\u{202e}line\n"), "{}", finished.stdout);
}

#[test]
fn a_seed_repeats_the_order() {
    let tests: String = (0..9).map(|n| format!("test \"t{n}\" {{ if {n} == 4 {{ exit(1) }} }}\n")).collect();
    let folder = folder("order", &[("p.weft", &tests)]);
    let lines = |finished: Finished| finished.stdout.lines().map(str::to_owned).collect::<Vec<_>>();
    let first = lines(weft(&folder, &["p.weft"]));
    assert_eq!(first.len(), 11, "{first:?}");
    assert!(first[0].ends_with("WEFT_SEED=7"), "{first:?}");
    assert_eq!(lines(weft(&folder, &["p.weft"])), first);
}
