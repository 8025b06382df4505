//! A second opinion on a program: MIR's interpreter, which shares no code with code generation and the runtime.

use std::path::Path;
use std::thread;

use libtest_mimic::Failed;
use weft::lower::{self, Entry};
use weft::mir::Program;
use weft::mir::interpret::{self, End, Options};
use weft::source::SourceMap;
use weft::{check, hir, mir, modules};

use super::case::Case;

/// The limits of the interpreter: programs that take more steps, or more bytes for a thread's frames, are not compared.
const STEPS: u64 = 20_000_000;
const STACK: usize = 64 << 20;

/// The part of a run's visible outcome in which the interpreter must agree with compiled code.
#[derive(PartialEq, Eq, Debug)]
pub struct Opinion {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// The first lines of reports on standard error.
    pub reports: Vec<String>,
}

impl Opinion {
    /// Makes the opinion from a run's status and output. Leaves out traces, because the interpreter has none.
    pub fn new(status: i32, stdout: &str, stderr: &str) -> Opinion {
        let is_report = |line: &&str| line.starts_with("panic: ") || line.starts_with("deadlock: ");
        let reports = stderr.lines().filter(is_report).map(str::to_owned).collect();
        Opinion { status, stdout: stdout.to_owned(), reports }
    }

    /// Removes differences that come from the schedule: sorts the reports and replaces the thread ids in them by `N`.
    #[allow(dead_code, reason = "cases have one schedule")]
    pub fn of_any_schedule(mut self) -> Opinion {
        self.reports.iter_mut().for_each(|report| *report = without_numbers_of_threads(report));
        self.reports.sort();
        self
    }
}

fn without_numbers_of_threads(report: &str) -> String {
    let mut parts = report.split("green thread ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "green thread N" + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
    })
}

/// Interprets the case's program with the runtime's schedule. Returns `None` if the program takes too many steps or too
/// much memory, or uses something that the interpreter does not support.
pub fn opinion(case: &Case) -> Result<Option<Opinion>, Failed> {
    let opinions = opinions(case, &[None])?;
    Ok(opinions.and_then(|opinions| opinions.into_iter().next()))
}

/// Interprets the case's program once for each schedule: `Some` is the seed of a random schedule, and `None` is the
/// runtime's schedule. Returns `None` if one of the interpretations has no result.
pub fn opinions(case: &Case, seeds: &[Option<u64>]) -> Result<Option<Vec<Opinion>>, Failed> {
    thread::scope(|scope| {
        let interpreting = || {
            let (program, sources) = lower(case)?;
            seeds.iter().map(|seed| interpret(case, &program, &sources, *seed)).collect()
        };
        let thread = thread::Builder::new().stack_size(256 << 20).spawn_scoped(scope, interpreting)?;
        thread.join().map_err(|_| Failed::from("the interpreter panicked"))?
    })
}

/// The program in MIR.
fn lower(case: &Case) -> Result<(Program, SourceMap), Failed> {
    let mut sources = SourceMap::new();
    let file = sources.add(&case.path, case.program.trim_start_matches('\u{feff}'));
    let mut read = |path: &Path| case.module(path).map_err(|_| modules::Unavailable::Missing(Vec::new()));
    let (modules, _) = modules::load(&mut sources, file, &[], None, &mut read);
    let (hir, _) = hir::resolve(&modules);
    let (types, _) = check::check(&hir);
    let entry = Entry::Main(hir.main.ok_or("there is no main")?);
    let program = lower::lower(&hir, &types, entry).map_err(|errors| format!("not lowered: {errors:?}"))?;
    mir::verify::verify(&program).map_err(|faults| format!("malformed MIR: {faults:?}"))?;
    Ok((program, sources))
}

fn interpret(
    case: &Case,
    program: &Program,
    sources: &SourceMap,
    seed: Option<u64>,
) -> Result<Option<Opinion>, Failed> {
    let arguments = case.setting("args").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let options =
        Options { arguments, step_limit: Some(STEPS), stack_max: STACK, seed, ..Options::default() };
    let outcome = interpret::interpret(program, Some(sources), &options);
    match outcome.end {
        End::Status(_) if outcome.stderr.contains("the stack is exhausted") => Ok(None),
        End::Status(status) => Ok(Some(Opinion::new(status.into(), &outcome.stdout, &outcome.stderr))),
        End::StepLimit | End::Unsupported => Ok(None),
    }
}
