//! The parts of forms that `weft emit` prints: functions, lines, passes, the file for the output, and the errors.

#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::path::{Path, PathBuf};

use process::Finished;
use weft::driver::PASSES;

const PROGRAM: &str = "fn half(n: Int) -> Int {
  n / 2
}

fn worker(a: Int, b: Int) {
  var sum = 0
  for i in 0..10 {
    sum += a * i + half(i)
    yield
  }
  println(sum)
}

fn main() {
  let words: Vec[String] = Vec.new()
  let numbers: Vec[Int] = Vec.new()
  words.push(\"a\")
  numbers.push(1)
  let tripled = [1, 2].map(|n: Int| n * 3)
  println(tripled)
  let t = spawn worker(1, 2)
  t.join()
}
";

/// An empty folder for one test, with the program `p.weft`.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("listings").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), PROGRAM).expect("the folder is writable");
    folder
}

fn emit(folder: &Path, arguments: &[&str]) -> Finished {
    let mut weft = process::weft();
    let finished = process::finish(weft.current_dir(folder).arg("emit").args(arguments), "");
    finished.unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// The output of a command that succeeds.
fn listing(folder: &Path, arguments: &[&str]) -> String {
    let emitted = emit(folder, arguments);
    assert_eq!((emitted.status, emitted.stderr.as_str()), (0, ""), "{arguments:?}");
    emitted.stdout
}

/// Checks that a command prints nothing but a message.
fn refused(folder: &Path, arguments: &[&str], status: i32, message: &str) {
    let emitted = emit(folder, arguments);
    assert_eq!((emitted.status, emitted.stdout.as_str()), (status, ""), "{arguments:?}");
    let said = &emitted.stderr;
    assert!(said.lines().any(|line| line.ends_with(message)), "{arguments:?}: {said}");
}

#[test]
fn functions_are_listed_alone_in_each_form() {
    let folder = folder("functions");
    let forms = [
        ("mir", "fn worker(", "fn half("),
        ("llvm-ir", "@weft.worker(", "define internal tailcc i64 @weft.half("),
        ("before:llvm", "@weft.worker(", "define internal tailcc i64 @weft.half("),
        ("after:llvm", "@weft.worker.entry(", "@weft.main("),
        ("llvm-ir-opt", "@weft.worker.entry(", "@weft.main("),
        ("asm", "weft.worker.entry:", "weft.main:"),
    ];
    for (form, present, absent) in forms {
        let text = listing(&folder, &[form, "p.weft", "--function", "worker"]);
        assert!(text.contains(present) && !text.contains(absent), "{form}: {text}");
        assert_eq!(text, listing(&folder, &[form, "p.weft", "--function=main.worker"]), "{form}");
    }
    let raw = listing(&folder, &["asm", "p.weft", "--raw", "--function", "worker"]);
    assert!(raw.starts_with("weft.worker.entry:") && raw.contains("\t.cfi_startproc\n"), "{raw}");
    assert!(!raw.contains("weft.main:"), "{raw}");
}

#[test]
fn a_function_is_found_by_the_end_of_its_name() {
    let folder = folder("names");
    let of = |name: &str| listing(&folder, &["mir", "p.weft", "--function", name]);
    assert!(of("lambda0").starts_with("fn main.lambda0("));
    assert!(of("main.lambda0").starts_with("fn main.lambda0("));
    assert!(of("Vec[Int].push").starts_with("fn Vec[Int].push("));
    assert!(of("Array[Int].map").starts_with("fn Array[Int].map[Int]("));
    let two = listing(&folder, &["mir", "p.weft", "--function", "half", "--function", "main"]);
    assert_eq!(two.lines().filter(|line| line.starts_with("fn ")).count(), 2, "{two}");
}

#[test]
fn unknown_functions_get_suggestions() {
    let folder = folder("unknown");
    let with = |name: &'static str| ["mir", "p.weft", "--function", name];
    refused(&folder, &with("wroker"), 1, "weft: the program calls no function `wroker`; write `worker`");
    let several = "weft: `push` may be any of several functions; write `Vec[String].push`, `Vec[Int].push`, \
                   `std.shown.push` or `StringBuilder.push`";
    refused(&folder, &with("push"), 1, several);
    let said = emit(&folder, &with("zzzzzzzz")).stderr;
    for name in ["`half`", "`worker`", "`main`", "`main.lambda0`"] {
        assert!(said.contains(name), "{said}");
    }
}

#[test]
fn a_function_that_is_inlined_everywhere_has_no_code() {
    let folder = folder("inlined");
    let advice = "weft: `half` has no code of its own here, because it is inlined into its callers; write `-O0`, or \
                  `--line 1` for its code in its callers";
    refused(&folder, &["asm", "p.weft", "--function", "half"], 1, advice);
    assert!(listing(&folder, &["asm", "-O0", "p.weft", "--function", "half"]).contains("weft.half:"));
}

#[test]
fn a_line_is_listed_where_it_is_inlined() {
    let folder = folder("lines");
    let text = listing(&folder, &["asm", "p.weft:2"]);
    assert!(text.starts_with(";     1 | fn half"), "{text}");
    assert!(text.contains("\n; >   2 |   n / 2\n;     3 | }\n;     4 |\n"), "{text}");
    assert!(text.contains("\nweft.worker.entry:\n    ...\n"), "{text}");
    assert!(!text.contains("weft.main:") && !text.contains("switch"), "{text}");
    assert_eq!(text, listing(&folder, &["asm", "p.weft", "--line", "2"]));
    let switch = listing(&folder, &["asm", "p.weft:9"]);
    assert!(switch.contains("\n; switch: yield\n    movq    %fs:112, %rcx\n"), "{switch}");
    assert!(!switch.contains("imulq"), "{switch}");
    for form in ["mir", "llvm-ir"] {
        let text = listing(&folder, &[form, "p.weft:2"]);
        assert!(
            text.contains("half(") && !text.contains("define internal tailcc void @weft.main("),
            "{text}"
        );
    }
    let inlined = listing(&folder, &["llvm-ir-opt", "p.weft:2"]);
    assert!(inlined.contains("@weft.worker.entry("), "{inlined}");
}

#[test]
fn a_line_without_code_gets_suggestions() {
    let folder = folder("no-code");
    refused(&folder, &["mir", "p.weft:4"], 1, "weft: no code comes from line 4 of `p.weft`; try line 2 or 5");
    refused(&folder, &["asm", "p.weft:99"], 1, "weft: `p.weft` has no line 99; write a line from 1 to 23");
    refused(&folder, &["asm", "p.weft:0"], 1, "weft: `p.weft` has no line 0; write a line from 1 to 23");
}

#[test]
fn output_goes_to_a_file() {
    let folder = folder("output");
    for form in ["tokens", "hir", "mir", "asm"] {
        let out = format!("{form}.txt");
        assert_eq!(listing(&folder, &[form, "p.weft", "-o", &out]), "");
        let written = fs::read_to_string(folder.join(out)).expect("it is written");
        assert_eq!(written, listing(&folder, &[form, "p.weft"]), "{form}");
    }
    let source = "weft: the output would replace the source file `p.weft`; name another file with `-o`, one that does \
                  not end in `.weft`";
    refused(&folder, &["asm", "p.weft", "-o", "p.weft"], 1, source);
    assert_eq!(fs::read_to_string(folder.join("p.weft")).expect("it is still there"), PROGRAM);
    let missing = "weft: cannot write to `no/such/folder`: No such file or directory (os error 2)";
    refused(&folder, &["mir", "p.weft", "-o", "no/such/folder"], 1, missing);
}

#[test]
fn options_that_a_form_does_not_have_are_wrong_usage() {
    let folder = folder("usage");
    let forms = "write `mir`, `llvm-ir`, `llvm-ir-opt`, `before:PASS`, `after:PASS` or `asm`";
    let function = format!("this form is printed as a whole; with `--function`, {forms}");
    refused(&folder, &["hir", "p.weft", "--function", "main"], 2, &function);
    let line = format!("this form is printed as a whole; with a line, {forms}");
    refused(&folder, &["tokens", "p.weft:3"], 2, &line);
    refused(
        &folder,
        &["mir", "p.weft", "--raw"],
        2,
        "this form has no other view; write `--raw` only with `asm`",
    );
    let raw = "`--raw` shows no lines of the source; leave out `--raw` or the line";
    refused(&folder, &["asm", "p.weft:3", "--raw"], 2, raw);
}

/// The IR before a pass is the IR after the pass above it.
#[test]
fn ir_is_listed_before_and_after_each_pass() {
    let folder = folder("passes");
    let mut last = listing(&folder, &["llvm-ir", "p.weft"]);
    for pass in &PASSES {
        let before = listing(&folder, &[&format!("before:{}", pass.name), "p.weft"]);
        assert!(before == last, "{}", pass.name);
        last = listing(&folder, &[&format!("after:{}", pass.name), "p.weft"]);
    }
    let unknown = emit(&folder, &["before:soup", "p.weft"]);
    assert_eq!((unknown.status, unknown.stdout.as_str()), (2, ""));
    for pass in &PASSES {
        assert!(unknown.stderr.contains(&format!("before:{}, ", pass.name)), "{}", unknown.stderr);
    }
}
