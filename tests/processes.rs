//! Compiled programs under adverse conditions: signals, full disks, little memory.

#[path = "harness/process.rs"]
mod process;
#[path = "harness/program.rs"]
mod program;
#[path = "harness/running.rs"]
mod running;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use program::{build, finish, run_in};
use running::start;

/// Starts the program, waits for its first line, and sends the signal. Returns the signal that ended the program and
/// its standard error.
fn end_by(signal: &str, program: &Path) -> (i32, String) {
    let running = start(program, "1");
    running.signal(signal);
    let (status, _, said) = running.end();
    (status - 128, said)
}

const SIGINT: i32 = 2;
const SIGSEGV: i32 = 11;
const SIGPIPE: i32 = 13;
const SIGTERM: i32 = 15;

/// Two green threads that never end. The program prints a line only after both have started, because a signal handler
/// cannot tell to which thread a stack belongs while the stack is being set up.
const ENDLESS: &str = "fn spin(n: Int) {
  var i = n
  loop {
    i = i +% n
    yield
  }
}
fn main() {
  let _other = spawn spin(2)
  yield
  println(\"started\")
  spin(3)
}
";

#[test]
fn a_fault_is_reported_and_ends_the_process() {
    let program = build("fault", ENDLESS);
    for _ in 0..5 {
        let (signal, said) = end_by("SEGV", &program);
        assert_eq!(signal, SIGSEGV, "{said}");
        assert!(said.starts_with("fatal: segmentation fault in green thread "), "{said}");
        assert!(said.contains(" at p.weft:") && said.lines().count() == 1, "{said}");
    }
}

/// The signal arrives while runtime code runs, mostly inside the function that prints.
#[test]
fn a_fault_while_the_runtime_prints_is_reported_too() {
    let program = build("fault while printing", "fn main() { loop { println(\"line\"); yield } }\n");
    for _ in 0..20 {
        let (signal, said) = end_by("SEGV", &program);
        assert_eq!(signal, SIGSEGV, "{said}");
        assert!(said.starts_with("fatal: segmentation fault in "), "{said}");
    }
}

#[test]
fn other_signals_end_the_process_without_a_word() {
    let program = build("signals", ENDLESS);
    for (name, number) in [("INT", SIGINT), ("TERM", SIGTERM)] {
        assert_eq!(end_by(name, &program), (number, String::new()));
    }
}

#[test]
fn a_full_disk_is_a_panic_of_who_prints() {
    let program = "fn talk() { println(\"lost\") }
fn main() {
  let t = spawn talk()
  yield
  eprintln(\"main goes on: {t.is_done()}\")
  println(\"lost too\")
}
";
    let program = build("full disk", program);
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let output = Command::new(&program).stdout(full).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    let reports: Vec<&str> = said.lines().filter(|line| !line.starts_with(' ')).collect();
    let report = "panic: cannot write to standard output: No space left on device (os error 28)";
    assert_eq!(reports, [report, "main goes on: true", report]);
    assert!(said.contains("  at p.weft:1:13\n  in green thread 2, spawned at p.weft:3:11\n"), "{said}");
    assert_eq!(output.status.code(), Some(101));
}

#[test]
fn a_pipe_that_nobody_reads_ends_the_process_as_usual() {
    let program = build("closed pipe", "fn main() { loop { println(\"line\"); yield } }\n");
    let mut command = Command::new(&program);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it is ours");
    assert_eq!((output.status.signal(), output.stderr.as_slice()), (Some(SIGPIPE), b"".as_slice()));
}

/// The shell redirections that close each of the standard descriptors, and all of them.
const CLOSED: [&str; 4] = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"];

/// The first file that is opened must not get the descriptor of standard output, or printed text would go to that file.
#[test]
fn with_a_standard_descriptor_closed_nothing_goes_into_files() {
    let program = "extern \"C\" {
  fn creat(path: CString, mode: CInt) -> CInt
  fn write(file: CInt, bytes: CString, count: CSize) -> CLong
}
fn main() {
  let file = creat(\"file\", 420)
  println(\"printed\")
  eprintln(\"said\")
  let line = read_line()
  let _ = write(file, \"{file} {line}\", 6)
}
";
    let program = build("closed descriptors", program);
    let folder = program.parent().expect("it has a folder");
    for closed in CLOSED {
        let mut shell = Command::new("sh");
        let run = finish(shell.args(["-c", &format!("exec ./p {closed}")]).current_dir(folder));
        assert_eq!(run.status, 0, "{closed}: {}", run.stderr);
        let file = fs::read_to_string(folder.join("file")).expect("it was written");
        assert_eq!(file, "3 None", "{closed}");
    }
}

#[test]
fn with_a_standard_descriptor_closed_the_compiler_writes_only_programs_into_programs() {
    let program = build("closed descriptors of the compiler", "fn main() { println(1) }\n");
    let folder = program.parent().expect("it has a folder");
    // A warning goes to standard error while the program is being written.
    fs::write(folder.join("p.weft"), "fn main() {\n  let unused = 1\n  println(2)\n}\n")
        .expect("it is writable");
    for closed in CLOSED {
        let mut shell = Command::new("sh");
        let build = format!("exec \"$0\" build p.weft -o made {closed}");
        let built = finish(shell.args(["-c", &build]).arg(process::weft().get_program()).current_dir(folder));
        assert_eq!(built.status, 0, "{closed}: {}", built.stderr);
        let run = finish(&mut Command::new(folder.join("made")));
        assert_eq!((run.status, run.stdout.as_str()), (0, "2\n"), "{closed}");
    }
}

/// A prompt must be visible before the program waits for the answer, even if a yielding thread keeps the worker busy.
#[test]
fn a_question_is_seen_before_its_answer_is_awaited() {
    let program = "import std.io
fn spin() { loop { yield } }
fn main() {
  spawn spin()
  print(\"name? \")
  let name = io.read_line()
  println(\"{name} {io.read_line()}\")
}
";
    let mut command = Command::new(build("question", program));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut question = [0; 6];
    stdout.read_exact(&mut question).expect("it asks");
    assert_eq!(&question, b"name? ");
    child.stdin.take().expect("it is piped").write_all(b"Ada\n").expect("it reads");
    let mut answer = String::new();
    stdout.read_to_string(&mut answer).expect("it is text");
    assert_eq!(answer, "Some(\"Ada\") None\n");
    assert!(child.wait().expect("it is ours").success());
}

#[test]
fn settings_that_are_no_numbers_are_refused() {
    let program = build("settings that are refused", "fn main() { }\n");
    for name in ["WEFT_SEED", "WEFT_STACK_MAX"] {
        let finished = finish(Command::new(&program).env(name, "many"));
        assert_eq!(finished.status, 2);
        assert!(
            finished.stderr.starts_with(&format!("weft: {name} is `many`, but it must be ")),
            "{}",
            finished.stderr
        );
    }
}

#[test]
fn arguments_that_are_no_text_are_made_text() {
    let program =
        build("arguments", "fn main(args: [String]) { for i in 0..args.len() { println(args[i]) } }\n");
    let arguments =
        [b"a\xffb".as_slice(), b"", b"\xf0\x9f\xa7", "\u{1F9F5}".as_bytes()].map(OsStr::from_bytes);
    let finished = finish(Command::new(&program).args(arguments));
    assert_eq!((finished.status, finished.stdout.as_str()), (0, "a\u{FFFD}b\n\n\u{FFFD}\n\u{1F9F5}\n"));
}

#[test]
fn without_memory_for_an_object_only_its_thread_panics() {
    let program = "fn double(s: String) -> Int {
  var t = s
  loop { t = t + t }
}
fn interpolate(s: String) -> Int {
  var t = s
  loop { t = \"{t}{t}\" }
}
fn main() {
  let a = spawn double(\"0123456789\")
  let b = spawn interpolate(\"0123456789\")
  let _ = a.result()
  let _ = b.result()
  println(\"main goes on: {a.is_done()} {b.is_done()} {1 + 2}\")
}
";
    let finished = run_in(300_000, &build("no memory", program));
    assert_eq!((finished.status, finished.stdout.as_str()), (0, "main goes on: true true 3\n"));
    let reports: Vec<&str> = finished.stderr.lines().filter(|line| line.starts_with("panic: ")).collect();
    assert_eq!(reports.len(), 2, "{}", finished.stderr);
    assert!(reports.iter().all(|report| report.starts_with("panic: no memory for an object of ")));
}

#[test]
fn without_memory_for_stacks_spawn_and_calls_panic() {
    let program = "fn wait() { loop { yield } }
fn main() {
  loop { spawn wait() }
}
";
    let finished = run_in(100_000, &build("no memory for threads", program));
    let report = "panic: no memory for the stack of another green thread: out of memory\n  at p.weft:3:10\n";
    assert!(finished.status == 101 && finished.stderr.starts_with(report), "{}", finished.stderr);

    let program = "fn deep(n: Int) -> Int { 1 + deep(n + 1) }
fn main() { println(deep(0)) }
";
    let finished = run_in(100_000, &build("no memory for a stack", program));
    let report = "panic: no memory for a larger stack: out of memory\n  at p.weft:1:30\n";
    assert!(finished.status == 101 && finished.stderr.starts_with(report), "{}", finished.stderr);
}

/// C code allocates nearly all memory that the process may have, so that the collector can get none from the system.
#[test]
fn a_collection_needs_no_memory_of_the_system() {
    let program = "extern \"C\" { fn malloc(size: CSize) -> CPtr }
struct Node { var next: Node?, var n: Int }
fn main() {
  let nodes: Vec[Node] = Vec.new()
  for n in 0..200_000 { nodes.push(Node(next: Some(Node(next: None, n: n)), n: n)) }
  for size in [1 << 24, 1 << 20, 1 << 17] {
    for _ in 0..400 { let _ = malloc(size) }
  }
  for _ in 0..5 {
    var text = \"\"
    for n in 0..1_000_000 { text = \"garbage {n}\" }
    println(text)
  }
  var sum = 0
  for node in nodes { sum += node.n + node.next.unwrap().n }
  println(sum)
}
";
    let finished = run_in(300_000, &build("no memory for a collection", program));
    let expected = "garbage 999999\n".repeat(5) + "39999800000\n";
    assert_eq!((finished.status, finished.stdout, finished.stderr), (0, expected, String::new()));
}

/// If the queue of timers cannot grow, no thread is at fault: the process ends with a message.
#[test]
fn without_memory_for_the_runtime_itself_a_message_says_so() {
    let program = "extern \"C\" { fn malloc(size: CSize) -> CPtr }
fn main() {
  for size in [1 << 24, 1 << 20, 1 << 17, 1 << 14, 1 << 10, 64] {
    for _ in 0..4000 { let _ = malloc(size) }
  }
  for n in 0..200_000 { spawn sleep(1_000_000 + n) }
  yield
  println(\"not reached\")
}
";
    let finished = run_in(300_000, &build("no memory for the runtime", program));
    let (status, said) = (finished.status, finished.stderr);
    let is_reported = said.starts_with("fatal: no memory for ") && said.ends_with(" bytes of the runtime\n");
    assert!(status == 101 && is_reported, "{status}: {said}");
}

#[test]
fn without_memory_to_start_a_message_says_so() {
    let finished = run_in(20_000, &build("no memory to start", "fn main() { }\n"));
    let report = "fatal: the runtime cannot start: Cannot allocate memory (os error 12)\n";
    assert_eq!((finished.status, finished.stderr.as_str()), (101, report));
}

/// The kernel limits a process to 65,530 mappings, so the runtime cannot make a mapping for each stack.
#[test]
fn neither_many_stacks_nor_large_ones_need_many_mappings() {
    for (name, threads, depth) in [("many stacks", 20_000, 1), ("large stacks", 100, 100_000)] {
        let program = format!(
            "fn deep(n: Int) -> Int {{
  if n == 0 {{ loop {{ yield }} }}
  1 + deep(n - 1)
}}
fn main() {{
  for _ in 0..{threads} {{ spawn deep({depth}) }}
  yield
  println(\"all are alive\")
  loop {{ yield }}
}}
"
        );
        let mappings = mappings(&build(name, &program));
        assert!(mappings < 60, "{name}: {mappings}");
    }
}

/// Runs the program until it has printed a line; returns the number of mappings that its process has then.
fn mappings(program: &Path) -> usize {
    let mut child = Command::new(program).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    stdout.read_line(&mut line).expect("it prints a line");
    let maps = fs::read_to_string(format!("/proc/{}/maps", child.id())).expect("it is ours");
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    assert_eq!(line, "all are alive\n");
    maps.lines().count()
}

#[test]
fn garbage_does_not_pile_up() {
    // The program makes a gigabyte of strings, and half a million tasks. At most an eighth of these objects fits into
    // memory.
    let program = r#"
        fn length(text: String) -> Int { text.len() }
        fn main() {
          var sum = 0
          for i in 0..500_000 {
            let text = "{i:>2000}"
            sum += (spawn length(text)).join()
          }
          println(sum)
        }"#;
    let program = build("garbage", program);
    let run = run_in(128 << 10, &program);
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "1000000000\n", ""));
}

#[test]
fn settings_of_the_collector() {
    let program = r#"fn main() {
        var text = ""
        for i in 0..100 { text = "text {i}" }
        println(text)
      }"#;
    let program = build("settings of the collector", program);
    let run = |name: &str, value: &str| finish(Command::new(&program).env(name, value));
    let silent = run("WEFT_GC_LOG", "1");
    assert_eq!((silent.status, silent.stderr.as_str()), (0, ""), "so little makes no collection");
    let refused = run("WEFT_GC_STRESS", "often");
    assert_eq!((refused.status, refused.stdout.as_str()), (2, ""));
    assert!(refused.stderr.contains("WEFT_GC_STRESS is `often`"), "{}", refused.stderr);
    let both = finish(Command::new(&program).env("WEFT_GC_LOG", "1").env("WEFT_GC_STRESS", "1"));
    assert_eq!((both.status, both.stdout.as_str()), (0, "text 99\n"));
    assert!(both.stderr.lines().count() > 5, "{}", both.stderr);
    assert!(both.stderr.starts_with("gc 1: ") && both.stderr.ends_with(" ms\n"), "{}", both.stderr);
}

/// Files that the program has forgotten do not count against the limit: a collection closes them. A program that keeps
/// its files gets an error.
#[test]
fn with_too_many_open_files_forgotten_ones_are_closed() {
    let text = "import std.fs.{File}
fn main() {
  for _ in 0..400 { File.open(\"/dev/null\").unwrap() }
  let kept: Vec[File] = Vec.new()
  let error = loop {
    match File.open(\"/dev/null\") {
      Ok(file) => kept.push(file)
      Err(error) => break error
    }
  }
  println(\"{error}, {error.kind}, {kept.len() > 20}\")
  kept[0].close()
  println(File.open(\"/dev/null\").is_ok())
}
";
    let finished = finish(&mut with_few_files(&build("too-many-files", text)));
    let expected = "cannot open /dev/null: Too many open files, TooManyOpenFiles, true\ntrue\n";
    assert_eq!((finished.status, finished.stdout.as_str(), finished.stderr.as_str()), (0, expected, ""));
}

/// A program that may have 40 open files.
fn with_few_files(program: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 40; exec \"$0\""]).arg(program);
    shell
}

/// A server accepts no connection while it has no file descriptor left, goes on when there is one again, and does not
/// compute meanwhile.
#[test]
fn a_server_without_descriptors_waits_for_one() {
    let text = "import std.net.{TcpListener, TcpStream}
fn main() {
  let listener = TcpListener.bind(\"127.0.0.1:0\").unwrap()
  let open: Vec[TcpStream] = Vec.new()
  let waiting = TcpStream.connect(listener.local_addr()).unwrap()
  let error = loop {
    match TcpStream.connect(listener.local_addr()) {
      Ok(stream) => open.push(stream)
      Err(error) => break error
    }
  }
  println(\"{error.kind} {open.len() > 10}\")
  println(listener.with_deadline(30).accept().map_err(|e| e.kind).is_err())
  let accepted = spawn listener.accept()
  sleep(200)
  println(accepted.is_done())
  open[0].close()
  let server = accepted.join().unwrap()
  println(server.peer_addr() == waiting.local_addr())
}
";
    let finished = finish(&mut with_few_files(&build("server-without-files", text)));
    let expected = "TooManyOpenFiles true\ntrue\nfalse\ntrue\n";
    assert_eq!((finished.status, finished.stdout.as_str(), finished.stderr.as_str()), (0, expected, ""));
}
