//! The report of `weft explain switch`, compared with what programs really do.

#[path = "switches/measured.rs"]
mod measured;
#[path = "harness/process.rs"]
mod process;
#[path = "harness/tracing.rs"]
mod tracing;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use process::Finished;
use serde_json::Value;

/// The ways to switch.
const WAYS: [&str; 4] = ["swapstack", "preserve-none", "callee-saved", "ucontext"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own").to_owned()
}

/// A folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("switches").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    folder
}

fn weft(folder: &Path, arguments: &[&str]) -> Finished {
    let finished = process::finish(process::weft().current_dir(folder).args(arguments), "");
    finished.unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// The output of a command that succeeds.
fn output(folder: &Path, arguments: &[&str]) -> String {
    let finished = weft(folder, arguments);
    assert_eq!((finished.status, finished.stderr.as_str()), (0, ""), "{arguments:?}");
    finished.stdout
}

/// The report on a program, as data.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let text = output(folder, &[&["explain", "switch", "--format", "json"], arguments].concat());
    serde_json::from_str(&text).expect("the report is JSON")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} is no list in {value}"))
}

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("{name} is no number in {value}"))
}

/// The bytes that a point saves, in each copy of its code in the default way.
fn totals(point: &Value) -> Vec<i64> {
    let code = list(point, "code").iter().filter(|code| code["way"] == "swapstack");
    code.map(|code| number(&code["bytes"], "total")).collect()
}

/// The number after a text in a page.
fn figure(page: &str, before: &str) -> i64 {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("the page does not say `{before}`")).1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect("a number follows")
}

/// The figures of `docs/technique.md` about the bytes at all yield points of all examples.
#[test]
fn the_documented_figures_are_those_of_the_examples() {
    let mut bytes = Vec::new();
    let mut examples: Vec<PathBuf> = fs::read_dir(root().join("examples"))
        .expect("the examples are readable")
        .map(|entry| entry.expect("the examples are readable").path())
        .filter(|path| path.extension().is_some_and(|end| end == "weft"))
        .collect();
    examples.sort();
    for example in &examples {
        let path = example.strip_prefix(root()).expect("it is in the project");
        let report = report(&root(), &[path.to_str().expect("names are UTF-8")]);
        let own = list(&report, "points").iter().filter(|point| point["library"] == false);
        bytes.extend(own.flat_map(totals));
    }
    bytes.sort_unstable();
    let [least, median, most] = [bytes[0], bytes[(bytes.len() - 1) / 2], bytes[bytes.len() - 1]];
    println!("{} points: least {least}, median {median}, most {most} bytes", bytes.len());
    let page = fs::read_to_string(root().join("docs/technique.md")).expect("the page is readable");
    let page = page.split_whitespace().collect::<Vec<&str>>().join(" ");
    let documented = ["the least is ", "the median ", "the most "].map(|text| figure(&page, text));
    assert_eq!(documented, [least, median, most]);
}

const PROGRAM: &str = "fn worker(a: Int, b: Int) {
  var sum = 0
  for i in 0..10 {
    sum += a * i
    yield
    sum += b
  }
  println(sum)
}

fn main() {
  let t = spawn worker(1, 2)
  t.join()
}
";

#[test]
fn values_have_the_names_of_the_source() {
    let folder = folder("names");
    fs::write(folder.join("p.weft"), PROGRAM).expect("the folder is writable");
    for level in ["-O0", "-O2", "-O3"] {
        let report = report(&folder, &[level, "p.weft:5"]);
        let points = list(&report, "points");
        assert_eq!(points.len(), 1, "{level}");
        assert_eq!(points[0]["kind"], "yield");
        let ways: Vec<&str> =
            list(&points[0], "code").iter().filter_map(|code| code["way"].as_str()).collect();
        assert_eq!(ways, WAYS);
        let stack = list(&list(&points[0], "code")[0], "stack");
        let names: Vec<&str> = stack.iter().filter_map(|slot| slot["name"].as_str()).collect();
        // Without optimisation, LLVM does not tell where `sum` is.
        let variables: &[&str] = if level == "-O0" { &["a", "b", "i"] } else { &["a", "b", "i", "sum"] };
        for name in ["stack limit", "resume address"].iter().chain(variables) {
            assert!(names.contains(name), "{level}: {names:?}");
        }
    }
}

#[test]
fn the_text_shows_the_values_and_the_instructions() {
    let folder = folder("text");
    fs::write(folder.join("p.weft"), PROGRAM).expect("the folder is writable");
    let text = output(&folder, &["explain", "switch", "p.weft:5"]);
    assert!(text.starts_with("p.weft: 1 yield point at -O2\n"), "{text}");
    for part in ["    5 │     yield\n", "`sum`", " pushed by the switch, ", "jmpq *%rax", "Boost.Context 72"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(!text.contains('\x1b'));
    let colored = output(&folder, &["explain", "switch", "p.weft:5", "--color", "always"]);
    let plain: String = colored
        .split('\x1b')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('m').expect("it is a style").1 })
        .collect();
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
    assert_eq!(words(&plain), words(&text));
}

#[test]
fn wrong_usage_gets_a_message() {
    let folder = folder("usage");
    fs::write(folder.join("p.weft"), PROGRAM).expect("the folder is writable");
    let without_file = weft(&folder, &["explain", "switch"]);
    assert_eq!((without_file.status, without_file.stdout.as_str()), (2, ""));
    assert!(without_file.stderr.contains("<FILE>"), "{}", without_file.stderr);
    for (file, message) in [
        ("p.weft:99", "weft: `p.weft` has no line 99; write a line from 1 to 14\n"),
        (
            "p.weft:2",
            "weft: no code of line 2 of `p.weft` can switch; without the line, all yield points are shown\n",
        ),
    ] {
        let refused = weft(&folder, &["explain", "switch", file]);
        assert_eq!((refused.status, refused.stdout.as_str(), refused.stderr.as_str()), (1, "", message));
    }
    assert_eq!(weft(&folder, &["explain", "switch", "p.weft", "--format", "soup"]).status, 2);
    assert!(output(&folder, &["explain", "E0102"]).starts_with("E0102: "));
}

#[test]
fn a_page_is_written_to_a_file() {
    let folder = folder("page");
    fs::write(folder.join("p.weft"), PROGRAM).expect("the folder is writable");
    assert_eq!(output(&folder, &["explain", "switch", "p.weft", "--html", "out.html"]), "");
    let page = fs::read_to_string(folder.join("out.html")).expect("it is written");
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(page.contains("sum"), "{page}");
    let refused = weft(&folder, &["explain", "switch", "p.weft", "--html", "p.weft"]);
    let why = "name another file with `--html`, one that does not end in `.weft`";
    let message = format!("weft: the output would replace the source file `p.weft`; {why}\n");
    assert_eq!((refused.status, refused.stdout.as_str(), refused.stderr), (1, "", message));
    assert_eq!(fs::read_to_string(folder.join("p.weft")).expect("it is there"), PROGRAM);
}

/// Functions with names of the library's, which do something else.
const NAMESAKES: &str = "struct Box { n: Int }

impl Box {
  fn send(self, n: Int) -> Int {
    for i in 0..n { yield }
    if n > 1 { self.send(n - 1) + self.n } else { 0 }
  }

  fn acquire(self, n: Int) -> Int {
    for i in 0..n { yield }
    if n > 1 { self.acquire(n - 1) + self.n } else { 0 }
  }
}

fn sleep(n: Int) -> Int {
  for i in 0..n { yield }
  if n > 1 { sleep(n - 1) + n } else { 0 }
}

fn main() {
  println(Box(n: 2).send(3))
  println(Box(n: 2).acquire(3))
  println(sleep(3))
}
";

#[test]
fn functions_of_the_program_have_no_kind_of_the_library() {
    let folder = folder("namesakes");
    fs::write(folder.join("p.weft"), NAMESAKES).expect("the folder is writable");
    for level in ["-O0", "-O2"] {
        let report = report(&folder, &[level, "p.weft"]);
        let own = list(&report, "points").iter().filter(|point| point["library"] == false);
        let kinds: Vec<(&Value, &Value)> =
            own.map(|point| (&point["kind"], &point["place"]["line"])).collect();
        for line in [6, 11, 17] {
            let on_line = || kinds.iter().filter(|(_, at)| **at == line);
            assert!(on_line().count() > 0, "{level} {line}: {kinds:?}");
            assert!(on_line().all(|(kind, _)| *kind == "call"), "{level} {line}: {kinds:?}");
        }
    }
}

/// A program of a thousand lines, with a yield point in each third line.
fn long_program() -> String {
    let mut text = String::new();
    for number in 0..100 {
        text += &format!("fn work{number}(c: Chan[Int], n: Int) -> Int {{\n  var sum = n\n");
        for _ in 0..2 {
            text += "  for i in 0..n {\n    sum += i\n    yield\n  }\n";
        }
        text += "  sum\n}\n";
    }
    text += "fn main() {\n  let c: Chan[Int] = chan(1)\n  var sum = 0\n";
    for number in 0..100 {
        text += &format!("  sum += work{number}(c, {number})\n");
    }
    text + "  println(sum)\n}\n"
}

#[test]
fn a_long_program_is_explained_quickly() {
    let folder = folder("long");
    let program = long_program();
    assert!(program.lines().count() > 1_000);
    fs::write(folder.join("p.weft"), program).expect("the folder is writable");
    let start = Instant::now();
    let text = output(&folder, &["explain", "switch", "p.weft"]);
    let took = start.elapsed();
    println!("{took:?} for a program of a thousand lines");
    assert!(text.contains("yield"), "{text}");
    // The bar is two seconds on a quiet machine.
    assert!(took.as_secs_f64() < 30.0, "{took:?}");
}
