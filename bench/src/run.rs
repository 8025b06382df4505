//! Runs a program to its end and measures its cost.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::pattern;

/// The time limit for a program. A program that takes longer is taken to hang, and is killed.
const LIMIT: Duration = Duration::from_secs(300);

/// The cost of one run of a program.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The elapsed seconds, from before the process starts until it has ended.
    pub elapsed: f64,
    /// The seconds of processor time, user and system together, from `wait4`.
    pub processor: f64,
    /// The largest resident set, from `wait4`. On Linux it is at least as large as the runner's own (a few MiB),
    /// because the process starts as a copy of the runner.
    pub peak_bytes: f64,
}

/// Runs `command`, with its standard error in the file `errors`, and checks its output against the pattern `expected`,
/// if any. An error is a sentence for the report.
pub fn run(command: &mut Command, expected: Option<&str>, errors: &Path) -> Result<Sample, String> {
    run_and_read(command, expected, errors).map(|(sample, _)| sample)
}

/// Does the same as [`run`], and also returns the output.
pub fn run_and_read(
    command: &mut Command,
    expected: Option<&str>,
    errors: &Path,
) -> Result<(Sample, String), String> {
    let errors_file = File::create(errors).map_err(|error| format!("{}: {error}", errors.display()))?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors_file);
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| format!("does not start: {error}"))?;
    let ended = wait(&mut child);
    let elapsed = start.elapsed().as_secs_f64();
    let (status, usage) = ended?;
    if libc::WIFSIGNALED(status) {
        return Err(format!("killed by signal {}", libc::WTERMSIG(status)));
    }
    if libc::WEXITSTATUS(status) != 0 {
        return Err(format!("status {}{}", libc::WEXITSTATUS(status), first_line(errors)));
    }
    let mut output = String::new();
    let stdout = child.stdout.as_mut().expect("BUG: stdout is piped");
    stdout.read_to_string(&mut output).map_err(|error| format!("unreadable output: {error}"))?;
    if let Some(expected) = expected
        && !pattern::matches(expected, output.trim_end())
    {
        return Err(format!("printed `{}`, not `{}`", beginning(&output), beginning(expected)));
    }
    let processor = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    Ok((Sample { elapsed, processor, peak_bytes: usage.ru_maxrss as f64 * 1024.0 }, output))
}

/// The first 60 characters of an output, on one line, for a message.
fn beginning(text: &str) -> String {
    text.trim().replace('\n', " / ").chars().take(60).collect()
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 * 1e-6
}

/// Waits for the child's end and reaps it; kills it first if it takes longer than `LIMIT`.
fn wait(child: &mut Child) -> Result<(i32, libc::rusage), String> {
    let pid = child.id() as libc::pid_t;
    let ended = ends_in_time(pid).map_err(|error| format!("cannot wait: {error}"))?;
    if !ended {
        child.kill().map_err(|error| format!("cannot kill: {error}"))?;
    }
    let mut status = 0;
    // SAFETY: `rusage` is a C struct of numbers, for which zeroes are valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both out parameters live until the call returns; the child has not been reaped.
    let reaped = unsafe { libc::wait4(pid, &mut status, 0, &mut usage) };
    match (ended, reaped == pid) {
        (true, true) => Ok((status, usage)),
        (false, _) => Err(format!("killed after {} s", LIMIT.as_secs())),
        (true, false) => Err(format!("cannot reap: {}", io::Error::last_os_error())),
    }
}

fn ends_in_time(pid: libc::pid_t) -> io::Result<bool> {
    // SAFETY: the system call takes two integers and returns a new descriptor or -1.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just opened, and nothing else owns it.
    let _close = unsafe { OwnedFd::from_raw_fd(fd as i32) };
    let mut poll = libc::pollfd { fd: fd as i32, events: libc::POLLIN, revents: 0 };
    // SAFETY: the call gets one `pollfd`, which lives until the call returns.
    let ready = unsafe { libc::poll(&mut poll, 1, LIMIT.as_millis() as i32) };
    if ready < 0 { Err(io::Error::last_os_error()) } else { Ok(ready > 0) }
}

/// The first line of a program's standard error with a colon before it, for the end of a message; empty if there is
/// none.
pub fn first_line(errors: &Path) -> String {
    let text = std::fs::read(errors).unwrap_or_default();
    match String::from_utf8_lossy(&text).lines().find(|line| !line.trim().is_empty()) {
        Some(line) => format!(": {}", line.trim().chars().take(100).collect::<String>()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, expected: Option<&str>) -> Result<Sample, String> {
        let errors = std::env::temp_dir().join(format!("weft-bench-{:?}", std::thread::current().id()));
        run(Command::new("sh").args(["-c", script]), expected, &errors)
    }

    #[test]
    fn a_run_is_timed_and_its_output_checked() {
        let sample = shell("sleep 0.05; echo 42", Some("42")).expect("runs");
        assert!(sample.elapsed >= 0.05 && sample.processor > 0.0 && sample.processor < 0.05, "{sample:?}");
        assert!(sample.peak_bytes > 100_000.0, "{sample:?}");
        assert_eq!(shell("echo 41", Some("42")).expect_err("wrong output"), "printed `41`, not `42`");
    }

    #[test]
    fn failures_are_sentences() {
        assert_eq!(shell("echo broken >&2; exit 3", None).expect_err("fails"), "status 3: broken");
        assert_eq!(shell("kill -9 $$", None).expect_err("is killed"), "killed by signal 9");
    }
}
