//! Cases: a test for each file. The file also contains the test's expectations; `harness::case` describes the format.
//!
//! | folder | expectation of a case |
//! |---|---|
//! | `tests/run` | output and status of a program, at every optimisation level; with `--slow` in every way to switch |
//! | `examples` | the same |
//! | `tests/errors` | the compiler's messages about a program |
//! | `tests/emit` | lines of an emitted form of the program, in FileCheck's language |
//!
//! `tests/run` and `tests/errors` have a folder for each subject. File names are unique within `tests/run` and within
//! `tests/errors`, so `cargo test --test cases channel_close` need not name the subject's folder.
//!
//! `BLESS=1 cargo test --test cases` rewrites the expectations in the first three of these folders. Read the changes
//! before you commit them.

mod harness;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use harness::case::{self, Case};
use harness::{emit, errors, run};
use libtest_mimic::{Arguments, Failed, Trial};

/// The function that tests a case.
type Test = fn(&Case) -> Result<(), Failed>;

fn main() -> ExitCode {
    let folders: [(&str, Test); 4] = [
        ("examples", run::test),
        ("tests/run", run::test),
        ("tests/errors", errors::test),
        ("tests/emit", emit::test),
    ];
    let mut trials = Vec::new();
    let mut names = Vec::new();
    for (folder, test) in folders {
        let files = case::files(folder);
        trials.extend(files.iter().map(|path| trial(path, test)));
        if ["examples", "tests/run"].contains(&folder) {
            trials.extend(files.iter().filter_map(|path| trial_of_ways(path)));
        }
        names.extend(files.into_iter().filter(|path| path.starts_with("tests/")));
    }
    trials.push(Trial::test("names_of_cases_are_unique", move || unique_names(&names)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(path: &str, test: Test) -> Trial {
    let name = Path::new(path).with_extension("");
    let kind = name.to_string_lossy().trim_start_matches("tests/").to_owned();
    let slow = Case::is_slow(path);
    let path = path.to_owned();
    Trial::test(kind, move || test(&Case::read(&path)?)).with_ignored_flag(slow)
}

/// A slow test of a case that switches between threads: in every way to switch, at every level.
fn trial_of_ways(path: &str) -> Option<Trial> {
    let case = Case::read(path).ok()?;
    if run::other_ways(&case).is_empty() {
        return None;
    }
    let name = Path::new(path).with_extension("");
    let name = format!("ways/{}", name.to_string_lossy().trim_start_matches("tests/"));
    Some(Trial::test(name, move || run::test_ways(&case)).with_ignored_flag(true))
}

/// Checks that two cases of one kind (`run`, `errors` or `emit`) never have the same file name in different folders.
fn unique_names(paths: &[String]) -> Result<(), Failed> {
    let mut known: HashMap<(&str, &str), &str> = HashMap::new();
    for path in paths {
        let kind = path.split('/').nth(1).unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        if let Some(other) = known.insert((kind, name), path) {
            return Err(format!("{other} and {path} have one name").into());
        }
    }
    Ok(())
}
