//! LLVM IR and debug information, as verified by LLVM's own tools.

#[allow(dead_code, reason = "cases need the rest of it")]
mod harness;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::case::{self, Case};
use harness::emit::llvm_tool;
use harness::process::{self, Finished};

/// The step from one tested case to the next. Testing all cases at each level would take minutes.
const CASES: usize = 7;
/// The compiler's three levels. Successive cases use successive levels.
const LEVELS: [&str; 3] = ["-O0", "-O2", "-O3"];

fn finish(command: &mut Command) -> Finished {
    process::finish(command, "").unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// Writes the program of a case into a folder of its own; returns the folder, and the program's path in it. Returns
/// `None` for a case that is not a program.
fn unpacked(path: &str) -> Option<(PathBuf, String)> {
    let case = Case::read(path).expect("it is readable");
    // A case for `weft test` has no `main`.
    let is_program = case.setting("weft").is_none();
    is_program.then(|| (case.unpack().expect("the folder for tests is writable"), case.path.clone()))
}

/// Emits a form of a program and lets LLVM verify it.
fn verify(path: &str, form: &str, level: &str) {
    let Some((folder, file)) = unpacked(path) else { return };
    let emitted = finish(process::weft().current_dir(&folder).args(["emit", form, level, &file]));
    assert_eq!(emitted.status, 0, "{path} {form} {level}: {}", emitted.stderr);
    let ir = folder.join(format!("{form}{level}.ll"));
    fs::write(&ir, emitted.stdout).expect("the folder for tests is writable");
    let verified =
        finish(Command::new(llvm_tool("opt")).args(["-passes=verify", "-disable-output"]).arg(&ir));
    let said = verified.stderr.lines().take(8).collect::<Vec<&str>>().join("\n");
    assert_eq!((verified.status, said.as_str()), (0, ""), "{path} {form} {level}");
}

/// Builds a program and lets LLVM verify its debug information.
fn verify_debug_info(path: &str, level: &str) {
    let Some((folder, file)) = unpacked(path) else { return };
    let program = folder.join(format!("verified{level}"));
    let built =
        finish(process::weft().current_dir(&folder).args(["build", &file, level, "-o"]).arg(&program));
    assert_eq!(built.status, 0, "{path} {level}: {}", built.stderr);
    let verified = finish(Command::new(llvm_tool("llvm-dwarfdump")).arg("--verify").arg(&program));
    assert_eq!(verified.status, 0, "{path} {level}: {}{}", verified.stdout, verified.stderr);
    assert!(verified.stdout.contains("No errors."), "{path} {level}: {}", verified.stdout);
}

/// A selection of the cases, with a level for each.
fn some_cases() -> impl Iterator<Item = (String, &'static str)> {
    let cases = case::files("tests/run").into_iter().step_by(CASES);
    cases.zip(LEVELS.into_iter().cycle())
}

#[test]
fn llvm_accepts_all_ir_of_the_examples() {
    for path in case::files("examples") {
        for level in LEVELS {
            verify(&path, "llvm-ir", level);
            verify(&path, "llvm-ir-opt", level);
        }
    }
}

#[test]
fn llvm_accepts_the_ir_of_many_cases() {
    for (path, level) in some_cases() {
        verify(&path, "llvm-ir", level);
        verify(&path, "llvm-ir-opt", level);
    }
}

#[test]
fn debug_information_is_well_formed() {
    let examples = case::files("examples").into_iter().zip(LEVELS.into_iter().cycle());
    for (path, level) in examples.chain(some_cases().step_by(3)) {
        verify_debug_info(&path, level);
    }
}

/// A debugger that is started in another folder needs the path of the program and the folder of the compilation.
#[test]
fn debug_information_names_the_program_and_where_it_was_compiled() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emitted");
    fs::create_dir_all(folder.join("src")).expect("the folder for tests is writable");
    let folder = folder.canonicalize().expect("it is there");
    fs::write(folder.join("src/p.weft"), "fn main() {\n  println(\"hello\")\n}\n").expect("it is writable");
    let built = finish(process::weft().current_dir(&folder).args(["build", "src/p.weft", "-o", "p"]));
    assert_eq!((built.status, built.stderr.as_str()), (0, ""));
    let dump = |arguments: &[&str]| {
        let dumped = finish(Command::new(llvm_tool("llvm-dwarfdump")).args(arguments).arg(folder.join("p")));
        assert_eq!(dumped.status, 0, "{}", dumped.stderr);
        dumped.stdout
    };
    let units = dump(&["--debug-info"]);
    assert!(units.contains("DW_AT_name\t(\"src/p.weft\")"), "{units}");
    assert!(units.contains(&format!("DW_AT_comp_dir\t(\"{}\")", folder.display())), "{units}");
    let lines = dump(&["--debug-line"]);
    // A debugger resolves these two paths from the unit's folder, `DW_AT_comp_dir`.
    assert!(lines.contains("include_directories[  1] = \"src\""), "{lines}");
    assert!(lines.contains("name: \"p.weft\"\n      dir_index: 1"), "{lines}");
    let panics = "fn main() {\n  panic(\"here\")\n}\n";
    fs::write(folder.join("src/panics.weft"), panics).expect("it is writable");
    let built =
        finish(process::weft().current_dir(&folder).args(["build", "src/panics.weft", "-o", "panics"]));
    assert_eq!((built.status, built.stderr.as_str()), (0, ""));
    // Traces show file names as they were passed to the compiler, wherever the program runs.
    let ran = finish(Command::new(folder.join("panics")).current_dir("/"));
    assert!(ran.stderr.contains("  at src/panics.weft:2:3\n"), "{}", ran.stderr);
}
