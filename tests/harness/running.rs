//! Programs that a test interacts with while they run.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use super::process;

/// A running program that has printed its first line. It is killed when its test ends, or at the time limit for
/// processes of tests.
pub struct Running {
    child: Arc<Mutex<Child>>,
    id: u32,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// The only reader of standard error. A second reader would miss the bytes that this reader has buffered.
    stderr: BufReader<ChildStderr>,
    /// The process that sends signals to the program.
    storm: Option<Child>,
    /// Keeps the guard waiting. The guard ends when this sender is dropped.
    _guarded: Sender<()>,
}

/// Starts a program with `workers` workers.
pub fn start(program: &Path, workers: &str) -> Running {
    start_by(Command::new(program).env("WEFT_WORKERS", workers))
}

/// Starts the program of a command.
pub fn start_by(command: &mut Command) -> Running {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let (id, stdin) = (child.id(), child.stdin.take());
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let child = Arc::new(Mutex::new(child));
    let mut running =
        Running { _guarded: guard(Arc::clone(&child)), child, id, stdin, stdout, stderr, storm: None };
    running.line();
    running
}

/// Kills the child at the time limit, so that readers of its output come to an end.
fn guard(child: Arc<Mutex<Child>>) -> Sender<()> {
    let (guarded, is_over) = channel();
    thread::spawn(move || {
        if is_over.recv_timeout(process::LIMIT) == Err(RecvTimeoutError::Timeout) {
            // `kill` does nothing after the child has been waited for.
            let _ = lock(&child).kill();
        }
    });
    guarded
}

fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().expect("who has it does not panic")
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end_storm();
        let mut child = lock(&self.child);
        // `kill` does nothing after the child has been waited for, because the child's id may then belong to another
        // process.
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[allow(dead_code, reason = "each test file uses some")]
impl Running {
    /// Sends a signal to the program.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id.to_string()]).status();
        assert!(status.expect("`kill` is a program everywhere").success());
    }

    /// Sends a signal to the process group that the program leads, as Ctrl-C does.
    pub fn signal_group(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, "--", &format!("-{}", self.id)]).status();
        assert!(status.expect("`kill` is a program everywhere").success());
    }

    /// Sends a signal to the program again and again, as fast as a shell can.
    pub fn signal_until_the_end(&mut self, name: &str) {
        let script = format!("while kill -s {name} {} 2>/dev/null; do :; done", self.id);
        self.storm = Some(Command::new("sh").args(["-c", &script]).spawn().expect("there is a shell"));
    }

    /// Ends the process that sends signals. Callers wait for the program only afterwards, so that no signal reaches
    /// another process that has got the program's id.
    fn end_storm(&mut self) {
        if let Some(mut storm) = self.storm.take() {
            let _ = storm.kill();
            let _ = storm.wait();
        }
    }

    /// Writes to the program's standard input.
    pub fn tell(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("it is open");
        std::io::Write::write_all(stdin, text.as_bytes()).expect("it reads");
    }

    /// Reads standard error up to a line for which `is_last` returns true.
    pub fn said_up_to(&mut self, is_last: impl Fn(&str) -> bool) -> String {
        let mut said = String::new();
        while !said.lines().last().is_some_and(&is_last) {
            assert!(self.stderr.read_line(&mut said).expect("it is text") > 0, "it ended: {said}");
        }
        said
    }

    /// Reads the next line of standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it is text");
        line
    }

    /// Closes the program's input. Returns its status, as in a shell, and the rest of its standard output and standard
    /// error.
    pub fn end(mut self) -> (i32, String, String) {
        drop(self.stdin.take());
        let (mut printed, mut said) = (String::new(), String::new());
        thread::scope(|scope| {
            let rest = scope.spawn(|| self.stderr.read_to_string(&mut said).expect("it is text"));
            self.stdout.read_to_string(&mut printed).expect("it is text");
            rest.join().expect("it does not panic");
        });
        self.end_storm();
        let status = process::wait(&mut lock(&self.child)).expect("it ends in time");
        (process::number_of(status), printed, said)
    }
}
