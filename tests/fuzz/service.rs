//! A program that runs as long as a test with random input: longer than other processes of tests may.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};

use crate::process;

/// The greatest number of bytes of standard error that are kept.
const MOST_KEPT: usize = 1_000_000;

/// A running program. It is killed when its test ends.
pub struct Service {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Reads standard error all the time, since a program stops when nobody does.
    said: Option<JoinHandle<String>>,
}

impl Service {
    /// Starts a program with `workers` workers.
    pub fn start(program: &Path, workers: &str) -> Service {
        let mut command = Command::new(program);
        process::forget_variables(&mut command);
        command.env("WEFT_WORKERS", workers);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, lines) = channel();
        thread::spawn(move || stdout.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        let stderr = child.stderr.take().expect("it is piped");
        Service { child, stdin, lines, said: Some(thread::spawn(|| read_all(stderr))) }
    }

    /// Reads the next line of standard output; `None` if the program has ended. Panics if the program prints nothing
    /// within the time limit.
    pub fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(process::LIMIT) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the program prints nothing"),
        }
    }

    /// Writes to standard input.
    pub fn tell(&mut self, text: &str) {
        self.stdin.as_mut().expect("it is open").write_all(text.as_bytes()).expect("it reads");
    }

    /// Closes the program's input, and waits for its end. Returns its status, the rest of its standard output in one
    /// line, and the beginning of its standard error.
    pub fn end(mut self) -> (i32, String, String) {
        drop(self.stdin.take());
        let status = process::wait(&mut self.child).expect("it ends in time");
        let said = self.said.take().expect("it is taken once").join().expect("it does not panic");
        (process::number_of(status), self.lines.iter().collect(), said)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(mut pipe: impl Read) -> String {
    let (mut kept, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(count) = pipe.read(&mut part) {
        if count == 0 {
            break;
        }
        if kept.len() < MOST_KEPT {
            kept.extend_from_slice(&part[..count]);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}
