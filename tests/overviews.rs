//! Thread dumps on `SIGQUIT`, after which the program continues.

#[path = "harness/process.rs"]
mod process;
#[path = "harness/program.rs"]
mod program;
#[path = "harness/running.rs"]
mod running;

use std::cell::Cell;
use std::path::Path;
use std::process::Command;

use process::FORMS;
use program::{build, build_with};
use running::{start, start_by};

/// A program whose main thread waits for the end of its input, while other threads wait to receive. The argument is the
/// number of these threads.
const WAITING: &str = "import std.io
fn receive(c: Chan[Int]) -> Int { c.recv().unwrap_or(0) }
fn spin() {
  var n = 0
  loop { n = n +% 1 }
}
fn main(args: [String]) {
  let c: Chan[Int] = chan(0)
  for _ in 0..args[0].to_int().unwrap() { spawn receive(c) }
  yield
  println(\"started\")
  println(io.read_all())
  spawn spin()
  spawn spin()
  c.close()
}
";

fn waiting(program: &Path, count: u32) -> running::Running {
    start_by(Command::new(program).arg(count.to_string()).env("WEFT_WORKERS", "1"))
}

#[test]
fn a_program_that_waits_answers_and_goes_on() {
    let mut running = waiting(&build("overview of waiting", WAITING), 1_000);
    for _ in 0..3 {
        running.signal("QUIT");
        let said = running.said_up_to(|line| line == "    0: receive at p.weft:2:35");
        let expected = "1,001 green threads on 1 worker
  green thread 1 (main) waits for a call outside of the program at p.weft:12:11
    0: main at p.weft:12:11
  1,000 green threads, the first is 2, wait to receive from a channel at p.weft:2:35, spawned at p.weft:9:43
    0: receive at p.weft:2:35
";
        assert_eq!(said, expected);
    }
    running.tell("what was written");
    assert_eq!(running.end(), (0, "what was written\n".to_owned(), String::new()));
}

/// The dump of a million threads has only five lines. A second request prints the same dump.
#[test]
fn a_million_threads_are_told_in_groups() {
    let mut running = waiting(&build("overview of a million", WAITING), 1_000_000);
    running.signal("QUIT");
    let said = running.said_up_to(|line| line == "    0: receive at p.weft:2:35");
    assert!(said.starts_with("1,000,001 green threads on 1 worker\n"), "{said}");
    let group = "  1,000,000 green threads, the first is 2, wait to receive from a channel at p.weft:2:35, ";
    assert!(said.contains(group) && said.lines().count() == 5, "{said}");
    running.signal("QUIT");
    assert_eq!(running.said_up_to(|line| line == "    0: receive at p.weft:2:35"), said);
}

/// The program has only the main thread, which computes, calls functions, yields, or sleeps.
#[test]
fn a_program_of_one_thread_answers_wherever_it_is() {
    let bodies = [
        ("computes", "var n = 1\n  loop { n = n *% 3 }"),
        ("calls", "loop { deep(20) }"),
        ("yields", "loop { yield }"),
        ("sleeps", "sleep(1_000_000)"),
    ];
    // Each pause is 0.1 ms longer than the pause before. So it is likely that a request coincides with the last
    // reminder that the monitor sends about the previous request.
    let pause = |number: u64| std::thread::sleep(std::time::Duration::from_micros(100 * number));
    for (name, body) in bodies {
        let text = format!(
            "fn deep(n: Int) -> Int {{ if n == 0 {{ 0 }} else {{ 1 + deep(n - 1) }} }}\n\
             fn main() {{\n  println(\"started {{deep(1)}}\")\n  {body}\n}}\n"
        );
        let mut running = start(&build(&format!("overview of one that {name}"), &text), "1");
        for number in 0..20 {
            pause(number);
            running.signal("QUIT");
            let said = running.said_up_to(|line| line.contains(": main at p.weft:"));
            let begins = "1 green thread on 1 worker\n  green thread 1 (main) ";
            assert!(said.starts_with(begins), "{name}: {said}");
        }
    }
}

/// More threads than workers. A thread's state is part of its group: the groups of running threads come first, then the
/// groups of runnable threads, which the dump calls ready.
#[test]
fn those_that_run_and_those_that_are_ready_are_shown() {
    let text = "fn spin(started: Atomic) {
  started.add(1)
  var i = 1
  loop { i = i *% 3 }
}
fn main() {
  let started = Atomic.new(0)
  for _ in 0..5 { spawn spin(started) }
  while started.get() < 5 { yield }
  println(\"started\")
  loop { yield }
}
";
    let program = build("overview of running", text);
    for workers in ["1", "2"] {
        let mut running = start(&program, workers);
        for _ in 0..5 {
            running.signal("QUIT");
            let (mut said, mut seen) = (String::new(), 0);
            while seen < 6 {
                // Each group has a line with the number of threads, and a line for its only call.
                let group = running.said_up_to(|line| line.starts_with("    0: "));
                let head = group.lines().rev().nth(1).expect("it has a head").trim_start().to_owned();
                let count = head.split_once(" green threads, the first is ").map_or("1", |(count, _)| count);
                seen += count.parse::<u32>().expect("it is a number");
                said += &group;
            }
            assert_eq!(seen, 6, "{said}");
            assert!(said.starts_with("6 green threads on "), "{said}");
            let second = said.lines().nth(1).expect("it has a group");
            assert!(second.contains(" runs at ") || second.contains(" run at "), "{said}");
            assert!(said.contains(" ready at ") || workers == "2", "{said}");
            assert!(said.contains("spin at p.weft:4:") && said.contains("main at p.weft:11:"), "{said}");
        }
    }
}

/// The names of the calls in a dump of `inside.weft`, innermost first, without the function `spin` or `wait` and
/// without `main`; `place` is the program's first argument. Lambdas are left out, since they may be tail calls. If LLVM
/// compiles generators to coroutines, each nested body is a call of its own; nested state machines are a single call.
fn calls_inside(place: &str, form: &str) -> String {
    let nested = |depth: usize| "nested ".repeat(if form == "llvm" { depth + 1 } else { 1 });
    match place {
        "flat" => "flat ask place".into(),
        "nested" => nested(3) + "ask place",
        "inlined" => "flat inlined place".into(),
        "resumed" => "resume resumed place".into(),
        "past" => "resume past resume place".into(),
        _ => nested(1) + "ask resume resumed flat ask place",
    }
}

#[test]
fn a_thread_in_a_generator_or_a_continuation_is_shown_with_all_its_stacks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/threads");
    let text = std::fs::read_to_string(folder.join("inside.weft")).expect("the program is there");
    for form in FORMS {
        let option = format!("--generators={form}");
        let program = build_with(&format!("overview of {form}"), &text, &[&option], Path::new(""));
        for place in ["flat", "nested", "inlined", "resumed", "past", "both"] {
            for what in ["spin", "wait"] {
                let mut command = Command::new(&program);
                let mut running = start_by(command.args([place, what]).env("WEFT_WORKERS", "1"));
                for _ in 0..3 {
                    running.signal("QUIT");
                    let said = running.said_up_to(|line| line.contains(": main at p.weft:"));
                    let heads = said.lines().skip(2).filter_map(|line| line.trim_start().split_once(": "));
                    let names = heads.filter_map(|(_, call)| call.split(" at ").next());
                    let names = names.filter(|name| !name.contains(".lambda"));
                    let names: Vec<&str> =
                        names.map(|name| name.rsplit("].").next().unwrap_or(name)).collect();
                    let expected = format!("{what} {} main", calls_inside(place, form));
                    assert_eq!(names.join(" "), expected, "{place} with {form}: {said}");
                    let verb = if what == "spin" { " runs at " } else { " waits for a time at " };
                    assert!(said.lines().nth(1).is_some_and(|line| line.contains(verb)), "{said}");
                }
            }
        }
    }
}

/// A thread that waits for a socket is shown with the socket, and with the time for which it has waited.
#[test]
fn who_waits_for_a_socket_is_shown_with_it() {
    let text = "import std.net.{TcpListener, TcpStream}
fn main() {
  let listener = TcpListener.bind(\"127.0.0.1:0\").unwrap()
  let client = TcpStream.connect(listener.local_addr()).unwrap()
  let server = listener.accept().unwrap()
  let text = \"x\".repeat(50_000_000)
  spawn { let _ = client.write(text) }
  spawn { let _ = listener.accept() }
  yield
  println(\"started\")
  println(client.read(1))
  server.close()
}
";
    let mut running = start(&build("overview of sockets", text), "1");
    std::thread::sleep(std::time::Duration::from_millis(150));
    running.signal("QUIT");
    let shown = Cell::new(0);
    let said = running.said_up_to(|line| {
        shown.set(shown.get() + usize::from(line.starts_with("    0: ")));
        shown.get() == 3
    });
    let line = |number: &str| {
        let start = format!("  green thread {number} waits ");
        said.lines().find_map(|line| line.strip_prefix(start.as_str())).unwrap_or_else(|| panic!("{said}"))
    };
    for (number, does, peer) in
        [("1 (main)", "to read from", true), ("2", "to write to", true), ("3", "to read from", false)]
    {
        let line = line(number);
        assert!(line.starts_with(&format!("{does} socket 127.0.0.1:")), "{line}");
        assert_eq!(line.contains(", connected to 127.0.0.1:"), peer, "{line}");
        let (_, time) = line.split_once(", for ").expect("the time is shown");
        assert!(time.starts_with("0.") && !time.starts_with("0.0 s"), "{line}");
    }
}
