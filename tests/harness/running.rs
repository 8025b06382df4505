//! Programs that run while a test does something to them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};

/// A program that was started and has printed its first line. It ends with the test at the latest.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// One reader for all its life: it may have read more than was asked for.
    stderr: BufReader<ChildStderr>,
}

/// Starts a program with so many workers.
pub fn start(program: &Path, workers: &str) -> Running {
    start_by(Command::new(program).env("WEFT_WORKERS", workers))
}

/// Starts a program by a command.
pub fn start_by(command: &mut Command) -> Running {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let stdin = child.stdin.take();
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    stdout.read_line(&mut String::new()).expect("it prints a line");
    Running { child, stdin, stdout, stderr }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Of one that has ended the number may be another's; `Child` knows.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[allow(dead_code, reason = "each test file uses some")]
impl Running {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.id().to_string()]).status();
        assert!(status.expect("`kill` is a program everywhere").success());
    }

    /// Writes to its standard input.
    pub fn tell(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().expect("it is open");
        std::io::Write::write_all(stdin, text.as_bytes()).expect("it reads");
    }

    /// What it has said on standard error up to a line for which `is_last` holds.
    pub fn said_up_to(&mut self, is_last: impl Fn(&str) -> bool) -> String {
        let mut said = String::new();
        while !said.lines().last().is_some_and(&is_last) {
            assert!(self.stderr.read_line(&mut said).expect("it is text") > 0, "it ended: {said}");
        }
        said
    }

    /// The next line on standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("it is text");
        line
    }

    /// Closes its input, and gives its status and the rest of what it prints and says.
    pub fn end(mut self) -> (Option<i32>, String, String) {
        drop(self.stdin.take());
        let (mut printed, mut said) = (String::new(), String::new());
        std::thread::scope(|scope| {
            let rest = scope.spawn(|| self.stderr.read_to_string(&mut said).expect("it is text"));
            self.stdout.read_to_string(&mut printed).expect("it is text");
            rest.join().expect("it does not panic");
        });
        (self.child.wait().expect("it is ours").code(), printed, said)
    }
}
