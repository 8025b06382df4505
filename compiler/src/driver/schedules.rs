//! Tests under many schedules: each time chance decides which green thread is next, by another seed.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, PipeReader, Read};
use std::process::{Child, ExitCode, Stdio};

use super::{Request, output};

/// Runs the program of tests so many times, and ends with the first time that it fails: prints what it has said then,
/// and the seed. The seeds are those from `WEFT_SEED` on, or from any.
pub fn run(program: &File, request: &Request, count: u32) -> io::Result<ExitCode> {
    let given = std::env::var("WEFT_SEED").ok().and_then(|text| text.parse::<u64>().ok());
    // Few digits are easier to write down.
    let first = given.unwrap_or_else(|| RandomState::new().hash_one(()) >> 32);
    for number in 0..count {
        let seed = first.wrapping_add(number.into());
        let (mut child, mut said) = start(program, request, seed)?;
        let mut text = Vec::new();
        said.read_to_end(&mut text)?;
        if !child.wait()?.success() {
            let number = number + 1;
            text.extend(
                format!("FAILED under schedule {number} of {count}: WEFT_SCHEDULE=random WEFT_SEED={seed}\n")
                    .bytes(),
            );
            output::print_bytes(&text);
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(output::print(&format!("passed under {count} schedules, those from WEFT_SEED={first} on\n")))
}

/// Starts the program under a schedule; its output and its errors come through one pipe, so in their order.
fn start(program: &File, request: &Request, seed: u64) -> io::Result<(Child, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let mut command = output::command(program, request);
    command.env("WEFT_SCHEDULE", "random").env("WEFT_SEED", seed.to_string()).env_remove("WEFT_WORKERS");
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let child = command.spawn()?;
    Ok((child, reader))
}
