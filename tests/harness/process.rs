//! Processes with a time limit: each ends at the latest when its test ends.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

/// The time limit for each process of a test. It is generous, as the machine may be busy.
pub const LIMIT: Duration = Duration::from_secs(120);

/// The forms of generators that `--generators` selects. Tests compile a program with generators once for each form. The
/// first form is the compiler's default.
#[allow(dead_code, reason = "not every test file has generators")]
pub const FORMS: [&str; 3] = ["stackless", "stack", "llvm"];

/// The output and the status of a process that has ended.
pub struct Finished {
    /// The status as in a shell: 128 plus the signal's number if a signal ended the process.
    pub status: i32,
    /// Standard output, with invalid UTF-8 replaced.
    #[allow(dead_code, reason = "not every test file reads it")]
    pub stdout: String,
    /// Standard error, with invalid UTF-8 replaced.
    pub stderr: String,
}

/// The command of the compiler that cargo built for this test, without the variables `WEFT_...` of the environment.
pub fn weft() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weft"));
    forget_variables(&mut command);
    command
}

/// Removes the variables `WEFT_...` from the environment of a command.
pub fn forget_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WEFT_") {
            command.env_remove(name);
        }
    }
}

/// Runs the command to its end, with `input` on its standard input.
pub fn finish(command: &mut Command, input: &str) -> Result<Finished, Failed> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let stdout = reader(child.stdout.take().expect("it is piped"));
    let stderr = reader(child.stderr.take().expect("it is piped"));
    // The write fails if the program does not read its input; that is no error.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let status = wait(&mut child).ok_or_else(|| format!("{command:?} took more than {LIMIT:?}"))?;
    let text = |reader: thread::JoinHandle<Vec<u8>>| {
        String::from_utf8_lossy(&reader.join().expect("a reader does not panic")).into_owned()
    };
    Ok(Finished { status: number_of(status), stdout: text(stdout), stderr: text(stderr) })
}

/// The status as in a shell.
pub fn number_of(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).expect("one of the two")
}

fn reader(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // After an error, the bytes that were read before the error are still useful.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// Waits for the child's end; kills the child and returns `None` after `LIMIT`.
pub fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if start.elapsed() < LIMIT => {}
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}
