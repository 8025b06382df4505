//! Faults that green threads survive: signals that C code handles, and a system that starts no OS threads.

#[path = "harness/process.rs"]
mod process;
#[path = "harness/program.rs"]
mod program;
#[path = "harness/running.rs"]
mod running;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use program::{build, build_with, finish};
use running::start;

/// The path of a file in `tests/faults/`.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/faults").join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).expect("it is there")
}

/// Compiles a shared C library that a program links or preloads; returns the library's folder.
fn library(source: &str, name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults").join(name);
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-shared", "-fPIC", "-o"]).arg(folder.join(format!("lib{name}.so"))).arg(file(source));
    let made = finish(cc.arg("-ldl"));
    assert_eq!((made.status, made.stderr.as_str()), (0, ""), "{source}");
    folder
}

/// A signal puts hundreds of bytes on the stack of the interrupted code, and its handler needs more. The stack of a
/// green thread has no room for them, so handlers of C code must not run there. The C code installs its handler with
/// `sigaction` and with `signal`, both without the flag that selects another stack.
#[test]
fn handlers_of_c_find_room_wherever_they_interrupt() {
    let folder = library("storm.c", "storm");
    let program = build_with("storm", &text("storm.weft"), &["-l", "storm"], &folder);
    for (how, microseconds, count) in [("0", "100", "3000"), ("1", "100", "1000")] {
        for workers in ["1", "2"] {
            let mut command = Command::new(&program);
            command.args([how, microseconds, count]);
            let run = finish(command.env("LD_LIBRARY_PATH", &folder).env("WEFT_WORKERS", workers));
            let came = (run.status, run.stdout.as_str(), run.stderr.as_str());
            assert_eq!(came, (0, "(250400, 4000)\n", ""), "{how} on {workers} workers");
        }
    }
}

/// A program starts OS threads for the monitor, for concurrent blocking calls, and for workers. If the system starts
/// too few OS threads, the program prints the same output, and one warning.
#[test]
fn without_os_threads_the_program_goes_on() {
    let folder = library("no_threads.c", "no_threads");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/threads/mixture.weft");
    let program = build("no threads", &fs::read_to_string(path).expect("it is there"));
    for threads in 0..8 {
        let mut command = Command::new(&program);
        command.env("LD_PRELOAD", folder.join("libno_threads.so")).env("THREADS", threads.to_string());
        let run = finish(command.env("WEFT_WORKERS", "4"));
        assert_eq!((run.status, run.stdout.as_str()), (0, "started\n79600\n0\ntrue\n40\nend\n"), "{threads}");
        let warning = "weft: warning: the system gives no thread ";
        let said = &run.stderr;
        // No green thread computes for long. Whether the program needs another worker, and therefore whether it warns,
        // depends on how busy the machine is.
        let is_one = said.starts_with(warning) && said.lines().count() == 1;
        assert!(is_one || (threads > 1 && said.is_empty()), "{threads}: {said}");
        assert!(threads > 0 || said.starts_with(&format!("{warning}to end time slices: ")), "{said}");
    }
}

/// Threads that compute need four workers, but the system starts too few OS threads.
#[test]
fn without_a_thread_for_another_worker_there_are_fewer() {
    let folder = library("no_threads.c", "no_threads");
    let text = "import std.time.{now}
fn compute(end: Int) -> Int {
  var x = 1
  while now() < end { x = x *% 31 }
  x
}
fn main() {
  let end = now() + 200_000_000
  let tasks = Array.build(8, |_| spawn compute(end))
  println(tasks.map(|t| t.join()).len())
}
";
    let program = build("fewer workers", text);
    // The first OS thread becomes the monitor, so the program gets at most one further worker.
    for threads in 1..3 {
        let mut command = Command::new(&program);
        command.env("LD_PRELOAD", folder.join("libno_threads.so")).env("THREADS", threads.to_string());
        let run = finish(command.env("WEFT_WORKERS", "4").env("WEFT_PREEMPT", "1000"));
        let error = "Resource temporarily unavailable (os error 11)";
        let warning = format!("weft: warning: the system gives no thread for another worker: {error}\n");
        assert_eq!((run.status, run.stdout.as_str(), run.stderr), (0, "8\n", warning), "{threads}");
    }
}

/// While one worker is idle, the monitor asks the other worker to hand over work. The busy worker's run queue may then
/// contain only the pseudo-thread that polls for finished blocking calls. That pseudo-thread must still run.
#[test]
fn the_end_of_a_call_is_seen_though_a_thread_computes_and_a_worker_is_idle() {
    let text = "import std.time.{now}
extern \"C\" blocking {
  fn usleep(microseconds: CInt) -> CInt
}
fn compute(stop: Atomic) -> Int {
  var x = 1
  while stop.get() == 0 { x = x *% 31 }
  x
}
fn main() {
  let all = Atomic.new(0)
  let tasks = Array.build(2, |_| spawn compute(all))
  sleep(50)
  all.set(1)
  for t in tasks { t.join() }
  var longest = 0
  for _ in 0..20 {
    let stop = Atomic.new(0)
    let task = spawn compute(stop)
    let begin = now()
    usleep(100)
    longest = max(longest, now() - begin)
    stop.set(1)
    task.join()
  }
  // Two time slices should suffice, but the machine may be busy. Without the poll, a call took ten seconds and more.
  println(if longest < 1_000_000_000 { \"seen\" } else { \"seen after {longest} ns\" })
}
";
    let program = build("the end of a call", text);
    let run = finish(Command::new(&program).env("WEFT_WORKERS", "2"));
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "seen\n", ""));
}

/// A thread that is cancelled while it waits for input must not consume a line: the line is for the next reader.
#[test]
fn input_that_a_cancelled_thread_waited_for_is_not_lost() {
    let text = "import std.io
fn main() {
  let t = spawn io.read_line()
  println(\"started\")
  sleep(20)
  t.cancel()
  println(t.result())
  println(io.read_line())
  println(io.read_line())
}
";
    let mut running = start(&build("input after a cancellation", text), "1");
    assert_eq!(running.line(), "Err(\"cancelled\")\n");
    running.tell("one\ntwo\n");
    let came = running.end();
    assert_eq!(came, (0, "Some(\"one\")\nSome(\"two\")\n".to_owned(), String::new()));
}
