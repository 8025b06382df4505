//! The names of the stages, and the time that each takes.

use std::fmt::{self, Display};
use std::path::Path;
use std::time::{Duration, Instant};

use super::bug;

/// A stage of the pipeline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Read,
    Parse,
    Resolve,
    Check,
    Constants,
    Lower,
    VerifyMir,
    Generate,
    Optimise,
    Emit,
    Link,
    VerifyStacks,
    Explain,
}

impl Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Read => "read",
            Stage::Parse => "parse",
            Stage::Resolve => "resolve",
            Stage::Check => "check",
            Stage::Constants => "constants",
            Stage::Lower => "lower",
            Stage::VerifyMir => "verify MIR",
            Stage::Generate => "generate",
            Stage::Optimise => "optimise",
            Stage::Emit => "emit",
            Stage::Link => "link",
            Stage::VerifyStacks => "verify stacks",
            Stage::Explain => "explain",
        })
    }
}

/// The time that each stage took.
pub struct Stopwatch {
    file: String,
    times: Vec<(Stage, Duration)>,
}

impl Stopwatch {
    /// A stopwatch for the compilation of `file`.
    pub fn new(file: &Path) -> Stopwatch {
        Stopwatch { file: file.display().to_string(), times: Vec::new() }
    }

    /// Runs `work` as a stage, and records its time. If `work` panics, the report names the stage.
    pub fn stage<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        bug::enter(&stage.to_string(), &self.file);
        let start = Instant::now();
        let value = work();
        self.times.push((stage, start.elapsed()));
        value
    }
}

impl Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &dyn Display, time: Duration| {
            writeln!(f, "{:>14} {:8.2} ms", name.to_string(), time.as_secs_f64() * 1e3)
        };
        for (stage, time) in &self.times {
            line(f, stage, *time)?;
        }
        line(f, &"all", self.times.iter().map(|(_, time)| *time).sum())
    }
}
