//! Starting child processes, which pool threads do.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

use weft_abi::processes::{
    CLEAR_ENVIRONMENT, ENDED_BY_SIGNAL, STREAM_BITS, STREAM_FILE, STREAM_INHERIT, STREAM_NULL, STREAM_PIPE,
};

use super::descriptors::Use;
use super::outcome::{Outcome, closed};
use crate::os::children::{self, End};

/// Starts a process. `command` consists of the working directory (or nothing), the program and its arguments,
/// `environment` of variables, `NAME=value` or `NAME` to remove one; zero bytes separate them. `streams` is a number of
/// [`weft_abi::processes`], and `files` are the files for the streams.
pub fn start(command: &[u8], environment: &[u8], streams: i64, files: [Option<Use>; 3]) -> Outcome {
    let started = command_of(command, environment, streams, files).and_then(|mut command| {
        let child = children::start(&mut command)?;
        Ok(Outcome {
            numbers: vec![child.number.into()],
            process: Some(child.process).into(),
            files: RefCell::new(child.pipes.into()),
            ..Outcome::default()
        })
    });
    Outcome::from(started)
}

fn command_of(
    command: &[u8],
    environment: &[u8],
    streams: i64,
    files: [Option<Use>; 3],
) -> io::Result<Command> {
    let mut words = parts(command);
    let directory = words.next().filter(|word| !word.is_empty());
    let mut command = Command::new(words.next().ok_or(ErrorKind::InvalidInput)?);
    command.args(words);
    if let Some(directory) = directory {
        command.current_dir(directory);
    }
    if streams & CLEAR_ENVIRONMENT != 0 {
        command.env_clear();
    }
    for variable in parts(environment).filter(|variable| !variable.is_empty()) {
        let bytes = variable.as_bytes();
        match bytes.iter().position(|byte| *byte == b'=') {
            Some(at) => command.env(OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 1..])),
            None => command.env_remove(variable),
        };
    }
    let [input, output, errors] = files;
    command.stdin(stream(streams, 0, input)?);
    command.stdout(stream(streams, 1, output)?);
    command.stderr(stream(streams, 2, errors)?);
    Ok(command)
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = &OsStr> {
    bytes.split(|byte| *byte == 0).map(OsStr::from_bytes)
}

fn stream(streams: i64, index: u32, file: Option<Use>) -> io::Result<Stdio> {
    match streams >> (index * STREAM_BITS) & ((1 << STREAM_BITS) - 1) {
        STREAM_INHERIT => Ok(Stdio::inherit()),
        STREAM_NULL => Ok(Stdio::null()),
        STREAM_PIPE => Ok(Stdio::piped()),
        STREAM_FILE => {
            let file = file.ok_or_else(closed)?;
            Ok(children::duplicate(file.as_raw_fd())?.into())
        }
        _ => unreachable!("BUG: a stream of an unknown kind"),
    }
}

/// The number of [`weft_abi::processes`] for the end of a process.
pub fn number_of(end: End) -> i64 {
    match end {
        End::Exit(status) => status.into(),
        End::Signal(signal) => ENDED_BY_SIGNAL + i64::from(signal),
    }
}
