//! The runner of tests: `weft test` starts the program of the tests and follows it, as cargo-nextest does.
//!
//! ```text
//! the program        this process
//! seed 7         ->  the seed of the order of the tests; a later start of the program gets the same seed
//! begin 2        ->  the clock of test 2 starts
//! passed         ->  the clock stops
//! begin 0        ->  the clock of test 0 starts
//! (ends)         ->  test 0 has failed: it called `exit` or ended in a deadlock; the program is started again,
//!                    and continues after test 0
//! begin 1        ->  ...
//! end            ->  all tests have run
//! ```
//!
//! So a test that ends the process, waits forever or runs forever is a failed test, and all other tests still run.

use std::fs::File;
use std::io::{self, BufRead, BufReader, PipeWriter, Read};
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use super::{Request, output};

/// The exit status of a program in which every green thread waits.
const DEADLOCK: i32 = 102;
/// The time that a program gets to report its threads after a test has exceeded the limit, before the program is
/// killed.
const ANSWER: Duration = Duration::from_millis(500);
/// The time beyond the limit in which a program may still report that a test has ended within the limit.
const GRACE: Duration = Duration::from_millis(250);

/// A run of all tests.
pub struct Run<'a> {
    /// The program of the tests.
    pub program: &'a File,
    pub request: &'a Request,
    /// The names of the tests, indexed by their numbers.
    pub names: &'a [String],
    /// The time that each test may take.
    pub limit: Duration,
    /// Environment variables for the program.
    pub settings: &'a [(&'a str, String)],
    /// Receives the output of the tests, including standard error; if `None`, the tests write to the standard streams
    /// of this process.
    pub said: Option<&'a mut Vec<u8>>,
}

/// The results of a run so far, and its seed.
#[derive(Default)]
struct Progress {
    seed: Option<String>,
    passed: usize,
    failed: usize,
}

/// The outcome of one process of the program.
struct End {
    /// The test that was running at the end.
    test: Option<usize>,
    /// Whether all tests had run.
    complete: bool,
    timed_out: bool,
    status: ExitStatus,
}

impl Run<'_> {
    /// Runs all tests, and reports the result. Returns whether all tests passed.
    pub fn run(mut self) -> io::Result<bool> {
        let mut progress = Progress::default();
        loop {
            let end = self.start(&mut progress)?;
            if end.complete && end.status.success() {
                break;
            }
            let why = self.why(&end);
            match end.test {
                Some(test) => {
                    progress.failed += 1;
                    self.say(&format!("FAILED  {}: {why}\n", self.names[test]));
                }
                // The program ended before the first test or between two tests: another start would change nothing.
                None => {
                    progress.failed += 1;
                    self.say(&format!("FAILED  {why}\n"));
                    break;
                }
            }
        }
        let Progress { passed, failed, .. } = progress;
        let not_run = self.names.len().saturating_sub(passed + failed);
        let rest = if not_run > 0 { format!(", {not_run} not run") } else { String::new() };
        self.say(&format!("{passed} passed, {failed} failed{rest}\n"));
        Ok(failed == 0)
    }

    fn why(&self, end: &End) -> String {
        let seconds = self.limit.as_secs();
        match (end.status.code(), end.status.signal()) {
            _ if end.timed_out => format!("it takes longer than {seconds} s (`--timeout` sets the limit)"),
            (Some(DEADLOCK), _) => "deadlock: every green thread waits".to_owned(),
            (Some(status), _) => {
                format!("the process ended with status {status}: a test must not call `exit`")
            }
            (None, Some(signal)) => format!("the process was ended by signal {signal}"),
            (None, None) => "the process ended".to_owned(),
        }
    }

    fn say(&mut self, text: &str) {
        match &mut self.said {
            Some(said) => said.extend(text.bytes()),
            None => drop(output::print(text)),
        }
    }

    /// Starts the program, which skips the tests that have run, and follows it to its end.
    fn start(&mut self, progress: &mut Progress) -> io::Result<End> {
        let (steps, writer) = io::pipe()?;
        let mut command = output::command(self.program, self.request);
        command.env("WEFT_TEST_LIMIT", self.limit.as_millis().to_string());
        command.env("WEFT_TEST_SKIP", (progress.passed + progress.failed).to_string());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(seed) = &progress.seed {
            command.env("WEFT_SEED", seed);
        }
        inherit(&mut command, &writer)?;
        let captured = self.said.is_some().then(|| capture(&mut command)).transpose()?;
        let mut child = command.spawn()?;
        // From here on only the child has the write ends of the pipes, so reading ends when the child ends.
        drop((writer, command));
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(steps).lines().map_while(Result::ok);
            lines.into_iter().all(|line| sender.send(line).is_ok())
        });
        let (test, complete, timed_out) = self.follow(&child, &receiver, progress);
        if timed_out {
            child.kill()?;
        }
        let status = child.wait()?;
        if let (Some(said), Some(reader)) = (&mut self.said, captured) {
            said.extend(reader.join().expect("BUG: reading panicked")?);
        }
        Ok(End { test, complete, timed_out, status })
    }

    /// Follows the program to its end. Returns the test that was running at the end, whether all tests had run, and
    /// whether the time limit was exceeded.
    fn follow(
        &self,
        child: &Child,
        steps: &Receiver<String>,
        progress: &mut Progress,
    ) -> (Option<usize>, bool, bool) {
        let (mut test, mut complete) = (None, false);
        let mut deadline = Instant::now() + self.limit + GRACE;
        loop {
            let step = match steps.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(step) => step,
                Err(RecvTimeoutError::Disconnected) => return (test, complete, false),
                Err(RecvTimeoutError::Timeout) => {
                    // On `SIGQUIT` the program reports what its threads do, if it can.
                    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                    if process.is_some_and(|process| kill_process(process, Signal::QUIT).is_ok()) {
                        thread::sleep(ANSWER);
                    }
                    return (test, complete, true);
                }
            };
            deadline = Instant::now() + self.limit + GRACE;
            match step.split_once(' ').unwrap_or((step.as_str(), "")) {
                ("seed", seed) => progress.seed = Some(seed.to_owned()),
                ("begin", number) => test = number.parse().ok().filter(|&test| test < self.names.len()),
                ("passed", _) => {
                    progress.passed += 1;
                    test = None;
                }
                ("failed", _) => {
                    progress.failed += 1;
                    test = None;
                }
                ("end", _) => complete = true,
                _ => {}
            }
        }
    }
}

/// Lets the program inherit the pipe on which it reports its tests, and makes the program end when this process ends.
fn inherit(command: &mut Command, writer: &PipeWriter) -> io::Result<()> {
    fcntl_setfd(writer, FdFlags::empty())?;
    command.env("WEFT_TEST_VERDICTS", writer.as_raw_fd().to_string());
    // SAFETY: between `fork` and `exec`, the closure makes one system call and neither allocates nor locks.
    unsafe {
        command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
    }
    Ok(())
}

/// Sends standard output and standard error through one pipe, so that their output keeps its order. A new OS thread
/// reads the pipe to the end and returns the bytes.
fn capture(command: &mut Command) -> io::Result<JoinHandle<io::Result<Vec<u8>>>> {
    let (mut reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    Ok(thread::spawn(move || {
        let mut said = Vec::new();
        reader.read_to_end(&mut said)?;
        Ok(said)
    }))
}
