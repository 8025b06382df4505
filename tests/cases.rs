//! One file, one test, its expectation inside: see `harness::case` for the form of a case.
//!
//! | folder | what a case says |
//! |---|---|
//! | `tests/run` | what a program prints and its status, at every optimisation level |
//! | `examples` | the same |
//! | `tests/errors` | what the compiler says about a program |
//! | `tests/emit` | what a form of the program must contain, in FileCheck's language |
//!
//! `BLESS=1 cargo test --test cases` rewrites the expectations of the first three. Read the change before you commit
//! it.

mod harness;

use std::path::Path;
use std::process::ExitCode;

use harness::case::{self, Case};
use harness::{emit, errors, run};
use libtest_mimic::{Arguments, Failed, Trial};

/// What is done with a case.
type Test = fn(&Case) -> Result<(), Failed>;

fn main() -> ExitCode {
    let folders: [(&str, Test); 4] = [
        ("examples", run::test),
        ("tests/run", run::test),
        ("tests/errors", errors::test),
        ("tests/emit", emit::test),
    ];
    let mut trials = Vec::new();
    for (folder, test) in folders {
        for path in case::files(folder) {
            trials.push(trial(&path, test));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(path: &str, test: Test) -> Trial {
    let name = Path::new(path).with_extension("");
    let kind = name.to_string_lossy().trim_start_matches("tests/").to_owned();
    let slow = Case::is_slow(path);
    let path = path.to_owned();
    Trial::test(kind, move || test(&Case::read(&path)?)).with_ignored_flag(slow)
}
