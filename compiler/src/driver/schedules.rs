//! Tests under many schedules: in each run the scheduler chooses the next green thread at random, with another seed.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use super::testing::Run;
use super::{Request, output};

/// Runs a program of tests under `count` schedules. Stops at the first schedule under which a test fails, and prints
/// the output and the seed. The seeds count up from `WEFT_SEED` or, without it, from a random number.
pub fn run(
    program: &File,
    request: &Request,
    names: &[String],
    limit: Duration,
    count: u32,
) -> io::Result<ExitCode> {
    let given = std::env::var("WEFT_SEED").ok().and_then(|text| text.parse::<u64>().ok());
    // Only 32 bits: a short number is easier to write down.
    let first = given.unwrap_or_else(|| RandomState::new().hash_one(()) >> 32);
    for number in 0..count {
        let seed = first.wrapping_add(number.into());
        let mut text = Vec::new();
        let settings = [
            ("WEFT_SCHEDULE", "random".to_owned()),
            ("WEFT_SEED", seed.to_string()),
            // A random schedule chooses among the threads of a single worker, so the program gets only one worker.
            ("WEFT_WORKERS", "1".to_owned()),
        ];
        let run = Run { program, request, names, limit, settings: &settings, said: Some(&mut text) };
        if !run.run()? {
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
