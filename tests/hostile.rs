//! Programs that no human would write. The compiler must accept or reject each one in time, and must never crash.

#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use process::Finished;

/// The time limit for a program of a few megabytes. A compiler that exceeds the limit most likely contains a quadratic
/// algorithm.
const SOON: Duration = Duration::from_secs(20);
/// The greatest number of bytes that the compiler may print about a program: about a hundred diagnostics.
const SHORT: usize = 60_000;

fn check(name: &str, program: &str) -> Finished {
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), program).expect("the folder for tests is writable");
    let start = Instant::now();
    let mut check = process::weft();
    let finished =
        process::finish(check.current_dir(&folder).args(["check", "p.weft", "--color", "never"]), "");
    let finished = finished.unwrap_or_else(|failed| panic!("{name}: {failed:?}"));
    assert!(start.elapsed() < SOON, "{name} took {:?}", start.elapsed());
    assert_eq!(finished.stdout, "", "{name}");
    assert!(!finished.stderr.contains("BUG:"), "{name}: {}", finished.stderr);
    finished
}

/// Checks that the compiler reports an error with a position, in fewer than `SHORT` bytes.
fn assert_refused(name: &str, program: &str) {
    let finished = check(name, program);
    assert_eq!(finished.status, 1, "{name}: {}", finished.stderr);
    assert!(finished.stderr.contains("p.weft:"), "{name}: {}", finished.stderr);
    let length = finished.stderr.len();
    assert!(length < SHORT, "{name}: a message of {length} bytes: {}...", &finished.stderr.as_str()[..1000]);
}

fn assert_accepted(name: &str, program: &str) {
    let finished = check(name, program);
    assert_eq!((finished.status, finished.stderr.as_str()), (0, ""), "{name}");
}

const DEEP: usize = 100_000;

#[test]
fn deep_nesting_is_refused() {
    let around = |before: &str, middle: &str, after: &str| {
        format!("fn main() {{ println({}{middle}{}) }}\n", before.repeat(DEEP), after.repeat(DEEP))
    };
    let nested = [
        ("parentheses", around("(", "1", ")")),
        ("unclosed parentheses", around("(", "1", "")),
        ("unopened parentheses", around("", "1", ")")),
        ("brackets", around("[", "1", "]")),
        ("blocks", around("{", "1", "}")),
        ("negations", around("- ", "1", "")),
        ("nots", around("!", "true", "")),
        ("ifs", around("if true { ", "1", " } else { 2 }")),
        ("spawns", around("spawn ", "1", "")),
        ("calls", around("f(", "1", ")")),
        ("strings", around("\"{", "1", "}\"")),
        (
            "types",
            format!("fn f(x: {}Int{}) {{ }}\nfn main() {{ }}\n", "Task[".repeat(DEEP), "]".repeat(DEEP)),
        ),
        (
            "array types",
            format!("fn f(x: {}Int{}) {{ }}\nfn main() {{ }}\n", "[".repeat(DEEP), "]".repeat(DEEP)),
        ),
        ("lambdas", around("|x| ", "1", "")),
        ("generics", format!("fn main() {{ f{}{} }}\n", "[f".repeat(DEEP), "]".repeat(DEEP))),
    ];
    for (name, program) in nested {
        assert_refused(name, &program);
    }
}

/// The compiler may accept or reject a long chain. It must not overflow its stack by a recursive call for each link.
#[test]
fn long_chains_are_no_trouble() {
    let chain = |part: &str, count: usize| part.repeat(count);
    let chains = [
        ("sum", format!("fn main() {{ println(1{}) }}\n", chain(" + 1", 20_000))),
        ("and", format!("fn main() {{ println(true{}) }}\n", chain(" && true", 20_000))),
        ("concatenation", format!("fn main() {{ println(\"\"{}) }}\n", chain(" + \"a\"", 20_000))),
        ("methods", format!("fn main() {{ println(1{}) }}\n", chain(".to_float().to_int()", 10_000))),
        ("else ifs", format!("fn main() {{ println({}{{ 1 }}) }}\n", chain("if true { 1 } else ", 20_000))),
        ("statements", format!("fn main() {{\n{}}}\n", chain("  println(1)\n", 20_000))),
        (
            "functions",
            format!(
                "{}fn main() {{ }}\n",
                (0..5_000).map(|n| format!("fn f{n}() {{ f{n}() }}\n")).collect::<String>()
            ),
        ),
    ];
    for (name, program) in chains {
        let finished = check(name, &program);
        let refused =
            finished.status == 1 && finished.stderr.contains("p.weft:") && finished.stderr.len() < SHORT;
        let accepted = finished.status == 0 && !finished.stderr.contains("error");
        assert!(refused || accepted, "{name}: status {}\n{:.1000}", finished.status, finished.stderr);
    }
}

#[test]
fn a_line_of_a_million_characters() {
    let million = "x".repeat(1_000_000);
    assert_accepted("long string", &format!("fn main() {{ println(\"{million}\") }}\n"));
    assert_accepted("long comment", &format!("fn main() {{ }} // {million}\n"));
    assert_refused("long name", &format!("fn main() {{ println({million}) }}\n"));
    assert_refused("error after a long string", &format!("fn main() {{ println(\"{million}\" + wrong) }}\n"));
    assert_refused(
        "error before a long string",
        &format!("fn main() {{ println(wrong + \"{million}\") }}\n"),
    );
    assert_refused("long number", &format!("fn main() {{ println({}) }}\n", "9".repeat(1_000_000)));
}

#[test]
fn many_errors_are_reported_in_few_words() {
    let wrong = "  let = ) ( } { \"\n".repeat(50_000);
    let finished = check("many errors", &format!("fn main() {{\n{wrong}}}\n"));
    assert_eq!(finished.status, 1);
    assert!(finished.stderr.len() < SHORT, "{} bytes of messages", finished.stderr.len());
}

/// Checks every third prefix of a program, and copies of the program that each lack one character: the first, the
/// fourth, and so on. The compiler must accept or reject each of them.
#[test]
fn damaged_programs_never_break_the_compiler() {
    let program = r#"//! doc
fn f(a: Int, b: [String]) -> Task[Int] {
  outer: for i in 0..=a { if i > 2 { break outer } else { continue } }
  let t = spawn { "x{a:>8}y{b[0]}\u{41}".len() }
  var n = -1 << 0x1f
  n += t.join() /* c */
  while n < 1_0 && !false { n = n *% 2; yield }
  t
}
fn main() { println(f(1, args()).join()) }
"#;
    let ends: Vec<usize> = program.char_indices().map(|(at, _)| at).collect();
    for end in ends.iter().step_by(3) {
        check("prefix", &program[..*end]);
    }
    for gone in ends.iter().step_by(3) {
        let next = ends.iter().find(|at| *at > gone).copied().unwrap_or(program.len());
        check("gap", &format!("{}{}", &program[..*gone], &program[next..]));
    }
}
