//! Traces of schedules: what they say must be what the program did.

#[path = "harness/process.rs"]
mod process;
#[path = "harness/program.rs"]
mod program;
#[path = "harness/running.rs"]
#[allow(dead_code, reason = "other tests start programs without a command of their own")]
mod running;
#[path = "harness/trace.rs"]
mod trace;

use std::fs;
use std::mem::offset_of;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use program::{build, build_with, finish};
use trace::Trace;
use weft_abi::Worker;

/// Compiles a program for tracing.
fn traced(name: &str, program: &str) -> PathBuf {
    build_with(name, program, &["--trace"], Path::new(""))
}

/// Runs a program with settings; returns its status and the text of its trace.
fn text(program: &Path, settings: &[(&str, &str)]) -> (i32, String) {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let file = program.with_extension(format!("{number}.json"));
    let finished = finish(Command::new(program).envs(settings.iter().copied()).env("WEFT_TRACE", &file));
    let text = fs::read_to_string(&file).unwrap_or_else(|_| panic!("no trace: {}", finished.stderr));
    (finished.status, text)
}

/// Runs a program that ends without an error; returns its trace.
fn trace(program: &Path, settings: &[(&str, &str)]) -> Trace {
    let (status, text) = text(program, settings);
    assert_eq!(status, 0);
    Trace::read(&text)
}

const RENDEZVOUS: &str = include_str!("traces/rendezvous.weft");

#[test]
fn a_trace_says_what_the_program_did() {
    for level in ["-O0", "-O2", "-O3"] {
        let program =
            build_with(&format!("rendezvous{level}"), RENDEZVOUS, &["--trace", level], Path::new(""));
        for settings in [&[("WEFT_WORKERS", "1")][..], &[("WEFT_SEED", "7")], &[("WEFT_WORKERS", "2")]] {
            let trace = trace(&program, settings);
            assert_eq!(trace.lost(), 0);
            let threads: Vec<_> = trace.threads().into_iter().collect();
            assert_eq!(
                threads,
                [
                    (1, ("#1 main", "", "exit")),
                    (2, ("#2 produce", "p.weft:18:3", "returned")),
                    (3, ("#3 consume", "p.weft:19:13", "returned")),
                ]
            );
            assert!(trace.flows_between("message").iter().all(|&flow| flow == (2, 3)));
            assert_eq!((trace.flows("message"), trace.flows("spawn")), (100, 2));
            assert_eq!(trace.flows_between("spawn"), [(1, 2), (1, 3)]);
            assert_eq!(trace.ended_by("yield"), 1);
            assert_eq!((trace.ended_by("end"), trace.ended_by("exit")), (2, 1));
            // Perhaps the other threads have ended before the main thread runs again; then the join does not wait.
            let joins = trace.ended_by("join #3");
            assert!(joins <= 1);
            let waits = trace.ended_by("send on channel 1") + trace.ended_by("receive on channel 1");
            let preempted = trace.ended_by("preempted");
            assert_eq!(trace.ends().len(), waits + joins + preempted + 4);
            assert_eq!(trace.ends()[0], ("#1 main", "yield"));
        }
    }
}

#[test]
fn ways_to_switch_have_the_same_trace() {
    // `ucontext` needs larger stacks, so its trace has more stack growths.
    let texts: Vec<String> = ["swapstack", "preserve-none", "callee-saved"]
        .into_iter()
        .map(|way| {
            let way = format!("--switch={way}");
            let program = build_with(&format!("way{way}"), RENDEZVOUS, &["--trace", &way], Path::new(""));
            text(&program, &[("WEFT_SEED", "1")]).1
        })
        .collect();
    assert!(texts.iter().all(|text| *text == texts[0]));
}

const TRANSFERS: &str = "import std.io

fn answer(from: io.PipeReader, to: io.PipeWriter) {
  to.write_all(from.read(10).unwrap()).unwrap()
  to.close()
}

fn main() {
  let (here, there) = (io.pipe().unwrap(), io.pipe().unwrap())
  let answering = spawn answer(here.0, there.1)
  yield
  here.1.write_all(b\"hello\").unwrap()
  println(there.0.read(10))
  println(there.0.read(10))
  answering.join()
}
";

#[test]
fn transfers_and_what_wakes_their_threads_are_events() {
    let program = traced("transfers", TRANSFERS);
    for workers in ["1", "2"] {
        let trace = trace(&program, &[("WEFT_WORKERS", workers)]);
        let mut transfers = trace.transfers();
        transfers.sort_unstable();
        let expected = [(1, "read 0 bytes"), (1, "read 5 bytes"), (1, "write 5 bytes")];
        assert_eq!(transfers, [&expected[..], &[(2, "read 5 bytes"), (2, "write 5 bytes")]].concat());
        // The thread has waited before there was anything to read, so the system has reported the change.
        assert!(
            trace.reports().iter().any(|name| name.starts_with("pipe ") && name.ends_with(" is readable"))
        );
        assert!(trace.ended_by("read of an open file") >= 1);
    }
}

const MIXTURE: &str = include_str!("traces/mixture.weft");

#[test]
fn equal_seeds_have_equal_traces() {
    let program = traced("seeded", RENDEZVOUS);
    let mut seen = Vec::new();
    for seed in ["1", "2", "3"] {
        let settings = [("WEFT_SCHEDULE", "random"), ("WEFT_SEED", seed)];
        let texts: Vec<String> = (0..3).map(|_| text(&program, &settings).1).collect();
        assert!(texts.iter().all(|text| *text == texts[0]), "seed {seed}");
        let trace = Trace::read(&texts[0]);
        assert_eq!(trace.flows("message"), 100);
        assert!(trace.about["clock"].as_str().expect("a text").starts_with("virtual"));
        seen.extend(texts);
    }
    assert!(seen[0] != seen[3] || seen[3] != seen[6], "the seed changes nothing");
}

#[test]
fn a_full_ring_loses_the_oldest_events() {
    let program = traced("overflow", RENDEZVOUS);
    let whole = trace(&program, &[("WEFT_SEED", "5")]);
    let events = |trace: &Trace| trace.about["events"].as_u64().expect("a number");
    for size in [16, 17, 64, 100] {
        let size = format!("{size}");
        let some = trace(&program, &[("WEFT_SEED", "5"), ("WEFT_TRACE_EVENTS", &size)]);
        assert_eq!(events(&some).to_string(), size);
        assert_eq!(events(&some) + some.lost(), events(&whole));
        // What is left is the end of the whole trace.
        let (left, all) = (some.ends(), whole.ends());
        let ends = |all: &[(&str, &str)]| all.iter().map(|(_, ends)| ends.to_string()).collect::<Vec<_>>();
        assert!(ends(&all).ends_with(&ends(&left)[1..]), "{left:?}");
        let real = trace(&program, &[("WEFT_WORKERS", "1"), ("WEFT_TRACE_EVENTS", &size)]);
        assert_eq!(events(&real) + real.lost(), events(&whole));
    }
}

const PANICS: &str = "fn fails(n: Int) {
  assert(n < 0)
}

fn waits(c: Chan[Int]) {
  c.recv()
}

fn main() {
  let c: Chan[Int] = chan(0)
  let failing = spawn fails(1)
  let waiting = spawn waits(c)
  yield
  waiting.cancel()
  failing.join()
}
";

#[test]
fn panics_and_cancellations_are_ends() {
    let (status, text) = text(&traced("panics", PANICS), &[("WEFT_SEED", "1")]);
    assert_eq!(status, 101);
    let trace = Trace::read(&text);
    let ends: Vec<&str> = trace.threads().into_values().map(|thread| thread.2).collect();
    assert_eq!(ends, ["exit", "panicked", "cancelled"]);
    assert_eq!(trace.ends().last(), Some(&("#1 main", "exit")));
}

#[test]
fn a_deadlock_and_an_exit_leave_a_trace() {
    let deadlock = "fn main() {
  let c: Chan[Int] = chan(0)
  let other = spawn { c.recv() }
  other.join()
}
";
    let (status, text_of_deadlock) = text(&traced("deadlock", deadlock), &[]);
    assert_eq!(status, 102);
    let trace = Trace::read(&text_of_deadlock);
    let ends = trace.ends();
    let other = trace.threads()[&2].0;
    assert_eq!(ends, [("#1 main", "join #2"), (other, "receive on channel 1")]);
    assert_eq!(trace.threads()[&2].2, "exit");

    let exit = "import std.process.{exit}
fn main() {
  spawn { exit(3) }
  yield
}
";
    let (status, text_of_exit) = text(&traced("exit", exit), &[("WEFT_WORKERS", "1")]);
    assert_eq!(status, 3);
    let ends = Trace::read(&text_of_exit);
    assert_eq!(ends.ends().last().map(|end| end.1), Some("exit"));
}

const SPINS: &str = "fn spin(n: Int) {
  var i = n
  loop { i = i +% n }
}

fn main() {
  spawn spin(2)
  println(\"started\")
  spin(3)
}
";

#[test]
fn preemption_and_signals() {
    let program = traced("spins", SPINS);
    for (signal, status, workers) in [("INT", 130, "1"), ("TERM", 143, "2")] {
        let file = program.with_extension(format!("{signal}.json"));
        let mut command = Command::new(&program);
        command.env("WEFT_TRACE", &file).env("WEFT_WORKERS", workers).env("WEFT_PREEMPT", "2000");
        let running = running::start_by(&mut command);
        std::thread::sleep(std::time::Duration::from_millis(300));
        running.signal(signal);
        assert_eq!(running.end().0, status);
        let trace = Trace::read(&fs::read_to_string(&file).expect("the trace is written"));
        if workers == "1" {
            assert!(trace.ended_by("preempted") > 2, "{:?}", trace.ends());
        }
        assert!(trace.threads().values().all(|thread| thread.2 == "exit"));
    }
}

#[test]
fn messages_through_buffers_and_selects_on_several_workers() {
    let program = traced("mixture", MIXTURE);
    for workers in ["1", "2", "3"] {
        for preempt in ["10000", "20"] {
            let settings = [("WEFT_WORKERS", workers), ("WEFT_PREEMPT", preempt)];
            let trace = trace(&program, &settings);
            if trace.lost() == 0 {
                let messages = trace.flows("message");
                // A waker may be so fast that the thread of a `select` has not parked yet: there is no flow then.
                assert!(messages == 200 || workers != "1" && (190..200).contains(&messages), "{messages}");
            }
            assert!(trace.threads().values().skip(1).all(|thread| thread.2 == "returned"));
            assert!(trace.count("stack") > 0, "no stack has grown");
        }
    }
}

#[test]
fn timers_are_no_part_of_the_slice_that_comes_next() {
    let program = "import std.time.{sleep}
fn doze(millis: Int) {
  for _ in 0..3 { sleep(millis) }
}
fn main() {
  let tasks = [spawn doze(20), spawn doze(20)]
  for task in tasks { task.join() }
}
";
    let trace = trace(&traced("timers", program), &[("WEFT_SEED", "1")]);
    let wakes = trace.flows_between("wake");
    assert!(wakes.iter().all(|&(_, to)| to == 1), "{wakes:?}");
}

#[test]
fn collections_are_slices() {
    let program = "struct Node { next: Node?, value: Int }
fn main() {
  var node: Node? = None
  for n in 0..3_000_000 {
    node = Some(Node(next: if n % 1000 == 0 { None } else { node }, value: n))
  }
  println(node.is_none())
}
";
    let program = traced("collections", program);
    let first = trace(&program, &[("WEFT_WORKERS", "2")]);
    assert!(first.count("gc") > 0);
    let seeded = || text(&program, &[("WEFT_SEED", "1")]).1;
    assert_eq!(seeded(), seeded());
}

#[test]
fn generators_and_continuations_are_part_of_their_thread() {
    let program = "gen fn count(to: Int) -> Int {
  for n in 0..to { yield n }
}
fn sum(to: Int) -> Int {
  var sum = 0
  for n in count(to) { sum = sum + n }
  sum
}
fn main() {
  println((spawn sum(10)).join())
}
";
    for form in process::FORMS {
        let form = format!("--generators={form}");
        let program = build_with(&format!("gen{form}"), program, &["--trace", &form], Path::new(""));
        let trace = trace(&program, &[("WEFT_SEED", "1")]);
        assert_eq!(trace.ends(), [("#1 main", "join #2"), ("#2 sum", "end"), ("#1 main", "exit")]);
    }
}

#[test]
fn a_program_that_cannot_write_a_trace_says_so() {
    let plain = build("plain", RENDEZVOUS);
    let run = |program: &Path, settings: &[(&str, &str)]| {
        let finished = finish(Command::new(program).envs(settings.iter().copied()));
        (finished.status, finished.stdout, finished.stderr)
    };
    let (status, printed, said) = run(&plain, &[("WEFT_TRACE", "t.json")]);
    assert_eq!((status, printed.as_str()), (2, ""));
    assert!(said.contains("was not compiled for tracing: use `weft trace`"), "{said}");
    assert!(!Path::new("t.json").exists());
    let printed = || (0, "4950\n".to_owned(), String::new());
    assert_eq!(run(&plain, &[("WEFT_TRACE", "")]), printed());
    let program = traced("unwritable", RENDEZVOUS);
    assert_eq!(run(&program, &[]), printed());
    let (status, _, said) = run(&program, &[("WEFT_TRACE", "/no/such/folder/t.json")]);
    assert_eq!(status, 2);
    assert!(
        said.starts_with("weft: cannot write the trace `/no/such/folder/t.json`: No such file"),
        "{said}"
    );
    let (status, _, said) = run(&program, &[("WEFT_TRACE", "/dev/null"), ("WEFT_TRACE_EVENTS", "x")]);
    assert_eq!(status, 2);
    assert!(
        said.contains("WEFT_TRACE_EVENTS is `x`, but it must be a number of events from 16 to 268435456"),
        "{said}"
    );
    let (status, _, said) = run(&program, &[("WEFT_TRACE", "/dev/full")]);
    assert_eq!(status, 0);
    assert!(said.starts_with("weft: cannot write the trace `/dev/full`: No space left"), "{said}");
}

#[test]
fn the_command_line() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces/command");
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), RENDEZVOUS).expect("the folder for tests is writable");
    let weft = |arguments: &[&str], trace: Option<&str>| {
        let mut command = process::weft();
        command.current_dir(&folder).args(arguments).env("WEFT_SEED", "1");
        let finished = finish(command.envs(trace.map(|file| ("WEFT_TRACE", file))));
        (finished.status, finished.stdout, finished.stderr)
    };
    let text = |file: &str| fs::read_to_string(folder.join(file)).expect("it is written");
    let said = |count: &str, file: &str| {
        format!("weft: {count} of 3 threads in `{file}`; https://ui.perfetto.dev opens it\n")
    };
    let (status, printed, first) = weft(&["trace", "p.weft"], None);
    assert_eq!((status, printed.as_str()), (0, "4950\n"), "{first}");
    let events =
        first.split_inclusive("events").next().expect("a start").trim_start_matches("weft: ").to_owned();
    assert_eq!(first, said(&events, "p.trace.json"));
    let trace = text("p.trace.json");
    Trace::read(&trace);
    let (.., second) = weft(&["trace", "-o", "q.json", "--html", "q.html", "p.weft", "--", "-x"], None);
    assert_eq!((second, text("q.json")), (said(&events, "q.json"), trace.clone()));
    assert!(text("q.html").contains("#2 produce"));
    assert_eq!(weft(&["run", "p.weft"], Some("r.json")), (0, "4950\n".to_owned(), String::new()));
    assert_eq!(text("r.json"), trace);
    let (status, _, said) = weft(&["trace", "-o", "p.weft", "p.weft"], None);
    assert_eq!(
        (status, said.as_str()),
        (1, "weft: cannot write to `p.weft`: it is a source file; name another file\n")
    );
    let (status, _, said) = weft(&["trace", "-o", "no/t.json", "p.weft"], None);
    assert!(status == 1 && said.starts_with("weft: cannot write to `no/t.json`: No such file"), "{said}");
    assert_eq!(text("p.weft"), RENDEZVOUS);
}

#[test]
fn an_interrupted_run_has_its_trace_and_its_page() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces/interrupted");
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), SPINS).expect("the folder for tests is writable");
    let _ = fs::remove_file(folder.join("p.html"));
    let mut command = process::weft();
    command.current_dir(&folder).args(["trace", "--html", "p.html", "p.weft"]).process_group(0);
    command.env("WEFT_WORKERS", "1").env("WEFT_PREEMPT", "2000");
    let running = running::start_by(&mut command);
    std::thread::sleep(std::time::Duration::from_millis(300));
    running.signal_group("INT");
    let (status, _, said) = running.end();
    assert_eq!(status, 130, "{said}");
    assert!(said.contains("of 2 threads in `p.trace.json`"), "{said}");
    Trace::read(&fs::read_to_string(folder.join("p.trace.json")).expect("the trace is written"));
    assert!(fs::read_to_string(folder.join("p.html")).expect("the page is written").contains("#1 main"));
}

#[test]
fn a_page_needs_a_trace_and_a_file_of_its_own() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces/pages");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("a.b.weft"), RENDEZVOUS).expect("the folder for tests is writable");
    fs::write(folder.join("old.html"), "old").expect("the folder for tests is writable");
    // A wrong setting ends the program before it does anything.
    let weft = |arguments: &[&str], events: &str| {
        let mut command = process::weft();
        command.current_dir(&folder).arg("trace").args(arguments).env("WEFT_TRACE_EVENTS", events);
        let finished = finish(&mut command);
        (finished.status, finished.stderr)
    };
    for page in ["old.html", "new.html"] {
        let (status, said) = weft(&["--html", page, "a.b.weft"], "x");
        let end = "weft: the program has ended without a trace\nweft: no page: there is no trace to show\n";
        assert!(status == 2 && said.ends_with(end), "{said}");
    }
    assert_eq!(fs::read_to_string(folder.join("old.html")).expect("it stays"), "old");
    assert!(!folder.join("new.html").exists());
    for trace in ["x", "./x"] {
        let (status, said) = weft(&["-o", trace, "--html", "x", "a.b.weft"], "100");
        let why = "it is the file of the trace; name another file for the page";
        assert_eq!((status, said), (1, format!("weft: cannot write to `x`: {why}\n")));
        assert!(!folder.join("x").exists());
    }
    let (status, said) = weft(&["a.b.weft"], "100");
    assert!(status == 0 && said.contains("in `a.b.trace.json`"), "{said}");
}

/// A program that is not compiled for tracing has not one instruction for it. The fast paths are compiled without the
/// feature `trace`, and the library's statements for traces are removed from MIR.
#[test]
fn without_tracing_nothing_is_left_of_it() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces/unchanged");
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    fs::write(folder.join("p.weft"), MIXTURE).expect("the folder for tests is writable");
    let emit = |arguments: &[&str]| {
        let finished = finish(process::weft().current_dir(&folder).arg("emit").args(arguments).arg("p.weft"));
        assert_eq!((finished.status, finished.stderr.as_str()), (0, ""));
        finished.stdout
    };
    let is_traced = |line: &&str| ["BufferPut", "BufferGet", "BufferMove"].iter().any(|op| line.contains(op));
    let (plain, traced) = (emit(&["mir"]), emit(&["mir", "--trace"]));
    assert!(traced.lines().any(|line| is_traced(&line)));
    assert!(plain.lines().eq(traced.lines().filter(|line| !is_traced(line))));
    for level in ["-O0", "-O2"] {
        let places = [0, 8].map(|word| format!("\t{}(%r", offset_of!(Worker, trace) + word));
        let uses = |arguments: &[&str]| {
            let code = emit(arguments);
            let is_use = |line: &&str| {
                let line = line.replace(", ", ",\t");
                !line.contains("(%rsp)") && places.iter().any(|place| line.contains(place.as_str()))
            };
            let symbols = code.matches("weft_trace").count();
            (code.lines().filter(|line| is_use(line)).count(), symbols)
        };
        assert_eq!(uses(&["asm", "--raw", level]), (0, 0));
        let (uses, symbols) = uses(&["asm", "--raw", level, "--trace"]);
        assert!(uses > 10 && symbols > 2, "{uses} {symbols}");
    }
}
