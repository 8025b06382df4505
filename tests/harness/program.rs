//! Programs that are compiled once and run several times, in different ways.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use super::process::{self, Finished};

/// Compiles a program and returns the path of the executable. Names are unique within a test file.
pub fn build(name: &str, program: &str) -> PathBuf {
    build_with(name, program, &[], Path::new(""))
}

/// Does the same as `build` with further arguments, and with the folder of the libraries that the program links.
pub fn build_with(name: &str, program: &str, arguments: &[&str], libraries: &Path) -> PathBuf {
    static USED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let is_new = USED.lock().expect("who has it does not panic").insert(name.to_owned());
    // Tests run concurrently. If two tests used one name, a test could run the file while the other test writes it.
    assert!(is_new, "another program is called `{name}`");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(name);
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

/// Runs the program with at most `kib` KiB of address space, on one worker, since each worker takes address space.
#[allow(dead_code, reason = "not every test file does")]
pub fn run_in(kib: u64, program: &Path) -> Finished {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -v {kib}; exec \"$0\"")]).arg(program);
    finish(shell.env("WEFT_WORKERS", "1"))
}
