//! The form of the file: the JSON object format of Chrome's trace event format, one event a line.
//!
//! | part | events |
//! |---|---|
//! | worker | a thread of the format, with the worker's number as `tid`; `M` names it |
//! | time slice, sleep, collection | `X`, a complete event, of the worker |
//! | green thread and its states | `b` and `e`, nestable asynchronous events; the thread's number is their `id` |
//! | spawn, wake, message | `s` and `f`, a flow; it leaves one slice and arrives in another |
//! | stack growth; reading, writing, accepting; a file is ready | `i`, an instant event of the worker |
//!
//! Times are microseconds, with nanoseconds behind the point.

use std::fmt::Write;

use weft_abi::trace::TraceIo;

use super::Clock;
use super::log::Log;
use super::parts::{Flow, Part, Replayed};
use super::ring::EXACT;

/// The text of the file.
pub fn text(replayed: &Replayed, logs: &[Log], clock: Clock) -> String {
    let mut text = String::with_capacity(replayed.parts.len() * 110);
    let clock = match clock {
        Clock::Virtual => "virtual: each event takes 1 us".to_owned(),
        Clock::Real { .. } => format!(
            "real: after the first {EXACT} events of a worker, times between two readings are interpolated"
        ),
    };
    let lost: u64 = logs.iter().map(|log| log.lost).sum();
    let events: usize = logs.iter().map(|log| log.events.len()).sum();
    let (workers, threads) = (logs.len(), replayed.threads.len());
    text += "{\n\"displayTimeUnit\":\"ns\",\n";
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "\"otherData\":{{\"producer\":\"weft {}\",\"clock\":\"{clock}\",\"workers\":{workers},\"threads\":{threads},\
         \"channels\":{},\"events\":{events},\"lost\":{lost}}},",
        env!("CARGO_PKG_VERSION"),
        replayed.channels,
    );
    text += "\"traceEvents\":[\n";
    text += "{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"process_name\",\"args\":{\"name\":\"weft\"}}";
    for worker in 1..=workers {
        let _ = write!(
            text,
            ",\n{{\"ph\":\"M\",\"pid\":1,\"tid\":{worker},\"name\":\"thread_name\",\
             \"args\":{{\"name\":\"worker {worker}\"}}}},\n\
             {{\"ph\":\"M\",\"pid\":1,\"tid\":{worker},\"name\":\"thread_sort_index\",\
             \"args\":{{\"sort_index\":{worker}}}}}"
        );
    }
    for (time, worker, part) in &replayed.parts {
        text += ",\n";
        let _ = event(&mut text, replayed, *time, *worker, part);
    }
    text += "\n]}\n";
    text
}

/// Appends the event of a part.
fn event(text: &mut String, replayed: &Replayed, time: u64, worker: usize, part: &Part) -> std::fmt::Result {
    let phase = match part {
        Part::Slice { .. } | Part::Idle { .. } | Part::Collection { .. } | Part::Stopped { .. } => "X",
        Part::Begin(_) | Part::Enter(..) => "b",
        Part::End(..) | Part::Leave(..) => "e",
        Part::FlowFrom(..) => "s",
        Part::FlowTo(..) => "f",
        Part::Growth { .. } | Part::Transfer { .. } | Part::Change { .. } => "i",
    };
    write!(text, "{{\"ph\":\"{phase}\",\"pid\":1,\"tid\":{worker},\"ts\":{}", Microseconds(time))?;
    if let Part::Slice { to, .. } | Part::Idle { to } | Part::Collection { to, .. } | Part::Stopped { to } =
        part
    {
        write!(text, ",\"dur\":{}", Microseconds(to - time))?;
    }
    let name = |number: &u64| &*replayed.threads[number].0;
    match part {
        Part::Slice { thread, reason, .. } => {
            text.push_str(",\"cat\":\"run\",\"name\":");
            string(text, name(thread));
            write!(text, ",\"args\":{{\"thread\":{thread},\"ends\":\"{reason}\"}}}}")
        }
        Part::Idle { .. } => text.write_str(",\"cat\":\"worker\",\"name\":\"idle\"}"),
        Part::Stopped { .. } => text.write_str(",\"cat\":\"gc\",\"name\":\"stopped\"}"),
        Part::Collection { number, live, .. } => {
            write!(
                text,
                ",\"cat\":\"gc\",\"name\":\"collection {number}\",\"args\":{{\"collection\":{number}"
            )?;
            if let Some(live) = live {
                write!(text, ",\"live bytes\":{live}")?;
            }
            text.write_str("}}")
        }
        Part::Begin(number) => {
            write!(text, ",\"cat\":\"thread\",\"id\":\"{number:#x}\",\"name\":")?;
            string(text, name(number));
            write!(text, ",\"args\":{{\"thread\":{number}")?;
            if let Some(position) = &replayed.threads[number].1 {
                text.push_str(",\"spawned\":");
                string(text, position);
            }
            text.write_str("}}")
        }
        Part::End(number, how) => {
            write!(text, ",\"cat\":\"thread\",\"id\":\"{number:#x}\",\"name\":")?;
            string(text, name(number));
            write!(text, ",\"args\":{{\"end\":\"{how}\"}}}}")
        }
        Part::Enter(number, state) | Part::Leave(number, state) => {
            write!(text, ",\"cat\":\"thread\",\"id\":\"{number:#x}\",\"name\":\"{state}\"}}")
        }
        Part::FlowFrom(id, flow) => {
            write!(text, ",\"cat\":\"flow\",\"id\":{id},\"name\":\"{}\"}}", flow.name())
        }
        Part::FlowTo(id, flow) => {
            // The flow arrives in the slice that encloses this time, not in the next slice.
            write!(text, ",\"bp\":\"e\",\"cat\":\"flow\",\"id\":{id},\"name\":\"{}\"}}", flow.name())
        }
        Part::Growth { .. } | Part::Transfer { .. } | Part::Change { .. } => instant(text, part),
    }
}

/// Appends the rest of an instant event.
fn instant(text: &mut String, part: &Part) -> std::fmt::Result {
    let (category, name, arguments) = match part {
        Part::Growth { thread, from, to } => {
            let arguments = format!("\"thread\":{thread},\"from\":{from},\"to\":{to}");
            ("stack", "stack growth".to_owned(), arguments)
        }
        Part::Transfer { thread, what, file, bytes } => {
            let name = match what {
                TraceIo::Read => format!("read {bytes} bytes"),
                TraceIo::Write => format!("write {bytes} bytes"),
                TraceIo::Accept => "accept".to_owned(),
            };
            ("io", name, format!("\"thread\":{thread},\"file\":\"{file}\""))
        }
        Part::Change { what, file } => {
            let state = if *what == TraceIo::Write { "writable" } else { "readable" };
            ("io", format!("{file} is {state}"), format!("\"file\":\"{file}\""))
        }
        _ => return Ok(()),
    };
    write!(text, ",\"s\":\"t\",\"cat\":\"{category}\",\"name\":\"{name}\",\"args\":{{{arguments}}}}}")
}

impl Flow {
    fn name(self) -> &'static str {
        match self {
            Flow::Spawn => "spawn",
            Flow::Wake => "wake",
            Flow::Message => "message",
        }
    }
}

/// Nanoseconds, shown as microseconds.
struct Microseconds(u64);

impl std::fmt::Display for Microseconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000, self.0 % 1_000)
    }
}

/// Appends a string of JSON.
fn string(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            _ if c < ' ' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}
