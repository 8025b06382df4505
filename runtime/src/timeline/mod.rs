//! Traces of schedules: what each worker ran and when, as a file in the Chrome trace event format, which Perfetto
//! opens.
//!
//! ```text
//!   fast paths, `record`            at the end of the process
//!   Yield 3, Wait 1, Wake 2, ... ──▶ log: events with times ──▶ replay: slices, states, flows ──▶ json: the file
//! ```
//!
//! The fast paths of a program that was compiled for tracing record events, see `weft_abi::trace`; the runtime's own
//! code records events with [`record`]. Each worker has a ring buffer of its own, so recording needs no lock and no
//! atomic operation. In a program that was not compiled for tracing, workers have no ring, and `record` does nothing.

/// The ring buffer of a worker.
mod ring;
/// The events of a worker, with their times.
mod log;
/// The names of threads, and the words for states.
mod names;
/// The parts of a replayed trace.
mod parts;
/// The order of the events of all workers, and what follows from it: time slices, states, flows.
mod replay;
/// The form of the file.
mod json;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Once, OnceLock};
use std::thread;

use crate::arch;
use crate::os;

pub use ring::{create, has_ring, more, record, record_now};

/// The number of events that a ring holds if `WEFT_TRACE_EVENTS` is not set. The ring takes 128 KiB: with larger
/// rings, the program loses more of the processor's cache, and is slower. The file has at most 4 MiB for each worker,
/// which a browser opens at once.
const DEFAULT_EVENTS: usize = 1 << 13;

/// The largest number of events that `WEFT_TRACE_EVENTS` can set: a ring of 4 GiB.
const MOST_EVENTS: usize = 1 << 28;

/// The trace that the process writes.
struct Recording {
    path: PathBuf,
    file: File,
    clock: Clock,
    /// The number of events in the ring of each worker.
    events: usize,
}

/// The times of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Clock {
    /// Every event takes a microsecond, so equal schedules have equal traces.
    Virtual,
    /// The processor's time stamps, with the first of them, and the time of the system's clock in nanoseconds then.
    Real { stamp: u64, time: i64 },
}

static RECORDING: OnceLock<Recording> = OnceLock::new();
static WRITTEN: Once = Once::new();

/// Begins a trace if there is `path`, the text of `WEFT_TRACE`, which names the file. `events` is the text of
/// `WEFT_TRACE_EVENTS`. `repeats` tells whether the schedule has to be reproducible. Call once, before the first worker
/// is made.
pub fn start(path: Option<&str>, events: Option<&str>, repeats: bool) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    if arch::trace_spawns().is_null() {
        return Err(format!(
            "WEFT_TRACE is `{path}`, but this program was not compiled for tracing: use `weft trace`, \
             `WEFT_TRACE={path} weft run` or `weft build --trace`"
        ));
    }
    let events = match events {
        None => DEFAULT_EVENTS,
        Some(text) => {
            text.parse().ok().filter(|events| (16..=MOST_EVENTS).contains(events)).ok_or_else(|| {
                format!(
                    "WEFT_TRACE_EVENTS is `{text}`, but it must be a number of events from 16 to {MOST_EVENTS}"
                )
            })?
        }
    };
    let file = File::create(path).map_err(|error| format!("cannot write the trace `{path}`: {error}"))?;
    let clock =
        if repeats { Clock::Virtual } else { Clock::Real { stamp: arch::time_stamp(), time: os::now() } };
    let recording = Recording { path: path.into(), file, clock, events };
    assert!(RECORDING.set(recording).is_ok(), "BUG: two traces");
    os::at_exit(write_at_exit);
    if let Some(signals) = os::EndSignals::block() {
        let builder = thread::Builder::new().name("weft-trace".to_owned());
        let watches = builder.spawn(move || {
            let signal = signals.wait();
            write_at_exit();
            signal.end_process()
        });
        if let Err(error) = watches {
            os::warn_of_no_thread("to write the trace after a signal", &error);
        }
    }
    Ok(())
}

/// Whether equal schedules have equal traces: the trace must not contain what may differ from run to run.
pub fn repeats() -> bool {
    RECORDING.get().is_some_and(|recording| recording.clock == Clock::Virtual)
}

/// Writes the trace, unless it is written already. If another OS thread writes it, waits.
extern "C" fn write_at_exit() {
    WRITTEN.call_once(|| {
        let Some(recording) = RECORDING.get() else { return };
        if let Err(error) = write(recording) {
            eprintln!("weft: cannot write the trace `{}`: {error}", recording.path.display());
        }
    });
}

fn write(recording: &Recording) -> io::Result<()> {
    let logs = log::all(recording.clock, arch::current_worker());
    let replayed = replay::replay(&logs, &names::Spawns::of_program());
    let text = json::text(&replayed, &logs, recording.clock);
    (&recording.file).write_all(text.as_bytes())
}

/// The number of the green thread that a worker runs; `None` if the worker is not in one.
type Running = Option<u64>;
