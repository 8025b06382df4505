//! Random hostile input to `std.json` and `std.http`, and a second opinion on each input that shares no code with them.
//!
//! The usual run takes seconds and uses fixed seeds. With `--ignored`, each test takes two minutes and starts at a new
//! seed, which it prints. `SEED=n` sets the first seed, and `FUZZ_SECONDS=n` the time. A failure names the seed of its
//! input, so `SEED=n FUZZ_SECONDS=0` repeats it.

#[path = "fuzz/budget.rs"]
mod budget;
#[path = "fuzz/documents.rs"]
mod documents;
#[path = "fuzz/exchange.rs"]
mod exchange;
#[path = "fuzz/framing.rs"]
mod framing;
#[path = "fuzz/hostile_server.rs"]
mod hostile_server;
#[path = "fuzz/messages.rs"]
mod messages;
#[path = "fuzz/mutation.rs"]
mod mutation;
#[path = "harness/process.rs"]
#[allow(dead_code, reason = "other tests need the rest of it")]
mod process;
#[path = "harness/program.rs"]
#[allow(dead_code, reason = "other tests need the rest of it")]
mod program;
#[path = "differential/random.rs"]
mod random;
#[path = "fuzz/requests.rs"]
mod requests;
#[path = "fuzz/responses.rs"]
mod responses;
#[path = "fuzz/service.rs"]
mod service;
#[path = "fuzz/values.rs"]
mod values;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use budget::Budget;
use exchange::{Ports, Teller};
use hostile_server::HostileServer;
use requests::Manner;
use service::Service;

/// Compiles a program of `tests/fuzz/`.
fn build(test: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz").join(name);
    program::build(test, &std::fs::read_to_string(path).expect("it is there"))
}

/// The number of documents that one process judges.
const DOCUMENTS: u64 = 500;
/// The greatest size of the process that judges them, in KiB. The longest document has 2 MiB.
const JSON_MEMORY: u64 = 400_000;

/// Starts the program with documents on its standard input. Returns its status, or `None` if it takes too long; its
/// lines of output; and its standard error.
fn judge(program: &Path, documents: &[Vec<u8>]) -> (Option<i32>, Vec<String>, String) {
    let mut command = Command::new(program);
    process::forget_variables(&mut command);
    command.env("WEFT_WORKERS", "1");
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    let (mut stdout, mut stderr) = (child.stdout.take().expect("it is piped"), child.stderr.take());
    let (mut printed, mut said) = (String::new(), String::new());
    let status = thread::scope(|scope| {
        scope.spawn(move || {
            for document in documents {
                let length = u32::try_from(document.len()).expect("it is short");
                // The write fails if the program ends early, which its status tells.
                let _ = stdin.write_all(&length.to_be_bytes()).and_then(|()| stdin.write_all(document));
            }
        });
        scope.spawn(|| stdout.read_to_string(&mut printed).expect("it prints text"));
        scope.spawn(|| stderr.as_mut().expect("it is piped").read_to_string(&mut said).expect("it is text"));
        process::wait(&mut child)
    });
    (status.map(process::number_of), printed.lines().map(str::to_owned).collect(), said)
}

/// Judges the documents of `count` seeds from `first` on. Returns the number of documents that are accepted, and the
/// greatest size of the process in KiB.
fn judge_documents(program: &Path, first: u64, count: u64) -> (u64, u64) {
    let documents: Vec<_> = (first..first + count).map(documents::document).collect();
    let texts: Vec<_> = documents.iter().map(|document| document.text.clone()).collect();
    let (status, lines, said) = judge(program, &texts);
    if status != Some(0) || !said.is_empty() || lines.len() != documents.len() + 1 {
        assert!(count > 1, "seed {first}: status {status:?}: {said}\n{}", documents[0]);
        for seed in first..first + count {
            judge_documents(program, seed, 1);
        }
        panic!("seeds from {first} on: status {status:?}, but not for each of them alone: {said}");
    }
    let mut accepted = 0;
    for ((seed, document), line) in (first..).zip(&documents).zip(&lines) {
        if let Err(fault) = values::check(document, line) {
            panic!("seed {seed}: {fault}\n{document}\n{line:.2000}");
        }
        accepted += u64::from(line.starts_with('='));
    }
    let peak: u64 = lines[documents.len()].parse().expect("it is the size of the memory");
    assert!(peak < JSON_MEMORY, "seeds from {first} on: {peak} KiB of memory");
    (accepted, peak)
}

fn fuzz_json(test: &str, mut budget: Budget) {
    let program = build(test, "json.weft");
    let (mut count, mut accepted, mut peak) = (0, 0, 0);
    while let Some(first) = budget.next(DOCUMENTS) {
        let (right, memory) = judge_documents(&program, first, DOCUMENTS);
        count += DOCUMENTS;
        accepted += right;
        peak = peak.max(memory);
    }
    eprintln!("{budget}: {count} documents, {accepted} of them JSON, at most {peak} KiB of memory");
    assert!(accepted > count / 10 && accepted < count * 9 / 10, "{accepted} of {count} are JSON");
}

#[test]
fn hostile_json_is_judged_as_another_parser_judges_it() {
    fuzz_json("json", Budget::usual());
}

#[test]
#[ignore = "takes minutes"]
fn much_hostile_json_is_judged_as_another_parser_judges_it() {
    fuzz_json("much json", Budget::slow());
}

/// The number of clients of a server at the same time. Most of them wait.
const CLIENTS: u64 = 8;
/// The number of inputs of a client between two requests that must be answered.
const INPUTS: u64 = 50;
/// The greatest size of a server, in KiB.
const HTTP_MEMORY: u64 = 200_000;

/// Counts of a run with requests.
#[derive(Default)]
struct Counts {
    inputs: AtomicU64,
    seen: AtomicU64,
    resets: AtomicU64,
}

/// Sends the inputs of `INPUTS` seeds from `first` on, and then a request that must be answered.
fn send_requests(ports: Ports, teller: &mut Teller, first: u64, counts: &Counts) {
    for seed in first..first + INPUTS {
        let input = requests::input(seed);
        let outcome = exchange::exchange(ports, teller, &input)
            .unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{input}"));
        if let Err(fault) = requests::check(&input, &outcome) {
            let (seen, answers) = (outcome.seen.join("\n"), mutation::shown(&outcome.answers));
            panic!("seed {seed}: {fault}\n{input}\nseen:\n{seen}\nanswers:\n{answers}");
        }
        counts.inputs.fetch_add(1, Ordering::Relaxed);
        counts.seen.fetch_add(outcome.seen.len() as u64, Ordering::Relaxed);
        counts.resets.fetch_add(u64::from(outcome.was_reset), Ordering::Relaxed);
    }
    let sane = b"POST /whole HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    let input = requests::Input { bytes: sane.to_vec(), cuts: Vec::new(), manner: Manner::HalfClose };
    let outcome = exchange::exchange(ports, teller, &input).expect("the server answers");
    assert!(
        outcome.answers.ends_with(b"\r\n\r\n5"),
        "after seed {first}: {}",
        mutation::shown(&outcome.answers)
    );
}

fn fuzz_requests(test: &str, budget: Budget) {
    let mut server = Service::start(&build(test, "server.weft"), "2");
    let ports: Vec<u16> = server
        .line()
        .expect("it prints them")
        .split_whitespace()
        .map(|port| port.parse().expect("it is a port"))
        .collect();
    let [patient, hasty, telling] = ports[..] else { panic!("there are three ports") };
    let ports = Ports { patient, hasty };
    let before = Teller::new(telling).ask("/descriptors");
    let (budget, counts) = (Mutex::new(budget), Counts::default());
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut teller = Teller::new(telling);
                // After a panic of another client there is no budget.
                while let Some(first) = budget.lock().ok().and_then(|mut budget| budget.next(INPUTS)) {
                    send_requests(ports, &mut teller, first, &counts);
                }
            });
        }
    });
    let mut teller = Teller::new(telling);
    // Connections whose clients were cut off end a little later.
    let start = Instant::now();
    while teller.ask("/descriptors") != before && start.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(teller.ask("/descriptors"), before, "descriptors are left open");
    let peak = teller.ask("/peak");
    let budget = budget.into_inner().expect("it does not panic");
    let Counts { inputs, seen, resets } = counts;
    eprintln!(
        "{budget}: {inputs:?} connections, {seen:?} requests seen, {resets:?} resets, {peak} KiB of memory"
    );
    assert!(peak.parse::<u64>().expect("it is a number") < HTTP_MEMORY, "{peak} KiB of memory");
    let (status, _, said) = server.end();
    assert_eq!(status, 0, "{said}");
    let is_wanted = |line: &str| !line.starts_with("panic: ") || line == "panic: as the request wants it";
    assert!(said.lines().all(is_wanted), "{said}");
}

#[test]
fn hostile_requests_are_read_as_another_parser_reads_them() {
    fuzz_requests("requests", Budget::usual());
}

#[test]
#[ignore = "takes minutes"]
fn many_hostile_requests_are_read_as_another_parser_reads_them() {
    fuzz_requests("many requests", Budget::slow());
}

/// The number of clients that each read the responses of a hostile server of their own.
const READERS: u64 = 4;

/// Lets a client read the inputs of seeds while there is time. Returns the number of inputs, the number of inputs whose
/// head the client accepted, and the client's greatest size in KiB.
fn send_responses(program: &Path, budget: &Mutex<Budget>) -> (u64, u64, u64) {
    let server = HostileServer::start();
    let mut client = Service::start(program, "1");
    let (mut count, mut accepted) = (0, 0);
    while let Some(first) = budget.lock().ok().and_then(|mut budget| budget.next(INPUTS)) {
        for seed in first..first + INPUTS {
            let input = Arc::new(responses::input(seed));
            server.answer(&input);
            client.tell(&format!("{} {} 100000 {}\n", server.port, input.method, input.redirects));
            let line = client.line().unwrap_or_default();
            let fault = match line.split_once(';') {
                Some((one, other)) => responses::check(&input, one, other).err(),
                None => Some("the client has ended".to_owned()),
            };
            if let Some(fault) = fault {
                let said = if line.is_empty() { client.end().2 } else { line };
                panic!("seed {seed}: {fault}\n{input}\n{said}");
            }
            count += 1;
            accepted += u64::from(!line.starts_with('-'));
        }
    }
    let (status, printed, said) = client.end();
    assert_eq!((status, said.as_str()), (0, ""));
    let (descriptors, peak) = printed.split_once(' ').expect("it prints two numbers");
    // The runtime has some of its own. A leak would leave hundreds.
    assert!(
        descriptors.parse::<u64>().expect("it is a number") <= 16,
        "{descriptors} descriptors are left open"
    );
    (count, accepted, peak.parse().expect("it is a number"))
}

fn fuzz_responses(test: &str, budget: Budget) {
    let program = build(test, "client.weft");
    let budget = Mutex::new(budget);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let readers: Vec<_> =
            (0..READERS).map(|_| scope.spawn(|| send_responses(&program, &budget))).collect();
        readers.into_iter().map(|reader| reader.join().expect("a reader says why it panics")).collect()
    });
    let budget = budget.into_inner().expect("it does not panic");
    let count: u64 = outcomes.iter().map(|outcome| outcome.0).sum();
    let accepted: u64 = outcomes.iter().map(|outcome| outcome.1).sum();
    let peak = outcomes.iter().map(|outcome| outcome.2).max().expect("there are readers");
    eprintln!("{budget}: {count} responses, {accepted} heads accepted, at most {peak} KiB of memory");
    assert!(peak < HTTP_MEMORY, "{peak} KiB of memory");
    assert!(accepted > count / 10 && accepted < count * 9 / 10, "{accepted} of {count} are accepted");
}

#[test]
fn hostile_responses_are_read_as_another_parser_reads_them() {
    fuzz_responses("responses", Budget::usual());
}

#[test]
#[ignore = "takes minutes"]
fn many_hostile_responses_are_read_as_another_parser_reads_them() {
    fuzz_responses("many responses", Budget::slow());
}
