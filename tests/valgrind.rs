//! Compiled programs under Valgrind's tools: the tools recognise green threads as threads and report no false errors.
//!
//! `./x` installs Valgrind. If Valgrind is missing nevertheless, the tests print a message and pass.

#[path = "harness/process.rs"]
mod process;
#[path = "harness/program.rs"]
#[allow(dead_code, reason = "other tests need the rest of it")]
mod program;

use std::fs;
use std::path::Path;
use std::process::Command;

use program::{build_with, finish};

/// A program whose threads have few or many arguments, run on stacks that grow and are reused, and wait for each other
/// by joins, channels, `select` and mutexes. The program also drops most of its objects.
const THREADS: &str = r#"
struct Node { value: Int, next: Node? }
fn list(n: Int) -> Node? {
  var head: Node? = None
  for i in 0..n { head = Some(Node(value: i, next: head)) }
  head
}
fn length(list: Node?) -> Int {
  match list {
    Some(node) => 1 + length(node.next)
    None => 0
  }
}
fn few(n: Int) -> Int { n }
fn many(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int, g: Int, h: Int, i: Int, j: Int, k: Int, l: Int) -> Int {
  yield
  a + b + c + d + e + f + g + h + i + j + k + l
}
fn deep(n: Int) -> Int {
  if n == 0 {
    yield
    return 0
  }
  1 + deep(n - 1)
}
fn produce(n: Int, to: Chan[String]) {
  for i in 0..n { to.send("item {i}") }
  to.close()
}
fn main() {
  var sum = 0
  for round in 0..30 {
    let a = spawn few(round)
    let b = spawn many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    let c = spawn deep(20 * round)
    sum += a.join() + b.join() + c.join()
  }
  println("threads gave {sum}")
  let items: Chan[String] = chan(0)
  spawn produce(100, items)
  var bytes = 0
  for item in items { bytes += item.len() }
  println("{bytes} bytes came")
  let never: Chan[Int] = chan(0)
  select {
    v = never.recv() => println("{v} came")
    after 5 => println("nothing came")
  }
  let counter = Mutex.new(|| 0)
  let adders = [1, 2, 3].map(|n| spawn { counter.with(|_| yield); n })
  for adder in adders { sum += adder.join() }
  var lengths = 0
  for _ in 0..40 { lengths += length(list(3000)) }
  println("{lengths} nodes, {sum}")
}
"#;

const PRINTED: &str = "threads gave 11475\n690 bytes came\nnothing came\n120000 nodes, 11481\n";

/// Whether Valgrind is installed; prints a message if it is not.
fn is_there() -> bool {
    let is_there =
        Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        eprintln!("SKIPPED: there is no valgrind on this machine");
    }
    is_there
}

/// Runs a program under a tool; returns the tool's messages.
fn run(tool: &[&str], program: &Path, workers: &str, printed: &str) -> String {
    let mut valgrind = Command::new("valgrind");
    let run =
        finish(valgrind.args(tool).arg(program).env("WEFT_WORKERS", workers).env("WEFT_GC_STRESS", "20"));
    assert_eq!((run.status, run.stdout.as_str()), (0, printed), "{tool:?}: {}", run.stderr);
    run.stderr
}

fn is_without_errors(said: &str) -> bool {
    said.contains("ERROR SUMMARY: 0 errors") && !said.contains("client switching stacks")
}

#[test]
fn memcheck_finds_nothing_in_programs_of_many_threads() {
    if !is_there() {
        return;
    }
    for level in ["-O0", "-O2"] {
        let program = build_with(&format!("memcheck{level}"), THREADS, &[level], Path::new(""));
        for workers in ["1", "2"] {
            let said = run(&["--leak-check=no"], &program, workers, PRINTED);
            assert!(is_without_errors(&said), "{level}, {workers} workers: {said}");
        }
    }
}

/// Shows that Memcheck can find errors at all. Otherwise the test of programs without errors would prove nothing.
#[test]
fn memcheck_finds_what_c_does_wrong_on_a_stack_of_a_worker() {
    if !is_there() {
        return;
    }
    let wrong = r#"
extern "C" {
  fn malloc(size: CSize) -> CPtr
  fn memcmp(a: CPtr, b: CPtr, size: CSize) -> CInt
}
fn main() {
  println(memcmp(malloc(8), malloc(8), 8) == 77)
}
"#;
    let program = build_with("memcheck of c", wrong, &[], Path::new(""));
    let said = run(&["--leak-check=no"], &program, "1", "false\n");
    assert!(said.contains("depends on uninitialised value"), "{said}");
    assert!(said.contains("ERROR SUMMARY: 1 errors"), "{said}");
}

#[test]
fn callgrind_names_functions() {
    if !is_there() {
        return;
    }
    let program = build_with("callgrind", THREADS, &["-O0"], Path::new(""));
    let profile = program.with_file_name("callgrind.out");
    let out = format!("--callgrind-out-file={}", profile.display());
    run(&["--tool=callgrind", &out], &program, "1", PRINTED);
    let profile = fs::read_to_string(profile).expect("callgrind has written it");
    for function in ["deep", "many", "produce", "length"] {
        assert!(profile.contains(&format!("weft.{function}")), "{function} is not in the profile");
    }
    assert!(profile.contains("p.weft"), "the profile names no source");
}

#[test]
fn massif_runs_to_the_end() {
    if !is_there() {
        return;
    }
    let program = build_with("massif", THREADS, &[], Path::new(""));
    let out = format!("--massif-out-file={}", program.with_file_name("massif.out").display());
    run(&["--tool=massif", "--pages-as-heap=yes", &out], &program, "1", PRINTED);
}
