//! Programs that are compiled once and run in many ways.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{self, Finished};

/// Compiles a program and returns where it is.
pub fn build(name: &str, program: &str) -> PathBuf {
    build_with(name, program, &[], Path::new(""))
}

/// The same with more arguments, such as libraries in a folder.
pub fn build_with(name: &str, program: &str, arguments: &[&str], libraries: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("processes").join(name);
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), program).expect("the folder for tests is writable");
    let mut build = process::weft();
    build.current_dir(&folder).args(["build", "p.weft", "-o", "p", "--verify-stacks"]);
    build.args(arguments).env("LIBRARY_PATH", libraries);
    let built = finish(&mut build);
    assert_eq!((built.status, built.stderr.as_str()), (0, ""), "{name}");
    folder.join("p")
}

/// Runs the command to its end.
pub fn finish(command: &mut Command) -> Finished {
    process::finish(command, "").unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// Runs the program with at most so many KiB of address space.
#[allow(dead_code, reason = "not every test file does")]
pub fn run_in(kib: u64, program: &Path) -> Finished {
    finish(Command::new("sh").args(["-c", &format!("ulimit -v {kib}; exec \"$0\"")]).arg(program))
}
