//! Cases about the behaviour of programs: the same at every optimisation level, and in MIR's interpreter.
//!
//! Settings: `args`, `env` (`NAME=value`, a section for each variable), `stdin` (the section's text), `levels` (default
//! `0 2 3`), `generators` (the forms of generators, default `FORMS`), `switch` (the ways to switch between threads,
//! besides the default), and `weft test` (the case is not built and run: `weft test` runs its tests, at each level).

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Failed;
use weft::driver::WAYS;

use super::case::{Case, Section};
use super::interpreter::{self, Opinion};
use super::process::{self, FORMS, Finished};

/// Compiles and runs the case at each of its levels and with each form of generators, and compares each outcome. If the
/// case switches between threads, also compiles it at one level in other ways to switch: in those that it names or in
/// one, so that each way gets some of the cases.
pub fn test(case: &Case) -> Result<(), Failed> {
    let mut ways = other_ways(case);
    if case.setting("switch").is_none() && !ways.is_empty() {
        let number = case.path.bytes().fold(0, |sum, byte| sum + usize::from(byte));
        ways = vec![ways[number % ways.len()]];
    }
    let level = levels(case).find(|level| *level == "2").or_else(|| levels(case).next()).unwrap_or("2");
    let in_ways = ways.iter().map(|way| with_way(&format!("-O{level}"), way));
    test_with(case, options(case).into_iter().chain(in_ways))
}

/// Compiles and runs the case at each of its levels in each way to switch but the default, and compares each outcome.
pub fn test_ways(case: &Case) -> Result<(), Failed> {
    let ways = other_ways(case);
    let at = |level| ways.iter().map(move |way| with_way(&format!("-O{level}"), way));
    test_with(case, levels(case).flat_map(at))
}

/// The ways to switch besides the default in which the case can be tested.
pub fn other_ways(case: &Case) -> Vec<&'static str> {
    let text = &case.program;
    let yields = text.contains("yield") && !text.contains("gen fn ");
    let switches = yields || ["spawn ", "sleep("].iter().any(|word| text.contains(word));
    let named = case.setting("switch");
    let is_wanted =
        |way: &&str| switches && named.is_none_or(|named| named.split_whitespace().any(|one| one == *way));
    WAYS[1..].iter().map(|way| way.name).filter(is_wanted).collect()
}

fn levels(case: &Case) -> impl Iterator<Item = &str> {
    case.setting("levels").unwrap_or("0 2 3").split_whitespace()
}

/// The options for a level and a way to switch.
pub fn with_way(level: &str, way: &str) -> String {
    format!("{level} --switch={way}")
}

/// Compiles and runs the case with each of the options, and compares each outcome with the case's expectations and with
/// the outcome in the interpreter.
fn test_with(case: &Case, options: impl Iterator<Item = String>) -> Result<(), Failed> {
    let folder = case.unpack()?;
    let has_tests = case.setting("weft") == Some("test");
    let run = if has_tests { run_tests } else { build_and_run };
    let mut runs = Vec::new();
    for options in options {
        runs.push((run(case, &folder, &options).map_err(|failed| at(&options, failed))?, options));
    }
    for (run, options) in &runs {
        // With `BLESS=1`, the comparison of an earlier run may have rewritten the expectations, so the case is read
        // again for each run.
        let case = Case::read(&case.path)?;
        case.compare(&sections(run)).map_err(|failed| at(options, failed))?;
    }
    let needs_a_process = has_tests || case.setting("env").is_some() || case.setting("stdin").is_some();
    if needs_a_process || !case.files.is_empty() {
        return Ok(());
    }
    let (compiled, _) = runs.first().ok_or("the case has no levels")?;
    let compiled = Opinion::new(compiled.status, &compiled.stdout, &compiled.stderr);
    match interpreter::opinion(case)? {
        Some(interpreted) if interpreted != compiled => {
            Err(format!("compiled: {compiled:#?}\ninterpreted: {interpreted:#?}").into())
        }
        Some(_) | None => Ok(()),
    }
}

/// The options with which the case is compiled, one string for each run. A program with generators is compiled with
/// each form of generators.
fn options(case: &Case) -> Vec<String> {
    let has_generators = case.program.contains("gen fn ");
    let forms: Vec<&str> = match has_generators {
        true => case.setting("generators").map_or(FORMS.to_vec(), |forms| forms.split_whitespace().collect()),
        false => vec![FORMS[0]],
    };
    levels(case)
        .flat_map(|level| forms.iter().map(move |form| with_form(&format!("-O{level}"), form)))
        .collect()
}

/// The options for a level and a form of generators.
pub fn with_form(level: &str, form: &str) -> String {
    if form == FORMS[0] { level.to_owned() } else { format!("{level} --generators={form}") }
}

/// Compiles the case with options, verifies its machine code, and runs it.
pub fn build_and_run(case: &Case, folder: &Path, options: &str) -> Result<Finished, Failed> {
    let program = build(case, folder, options)?;
    // With more than one worker, the order of the output would depend on how busy the machine is. A case may set
    // another number with `env`.
    let mut settings = vec![("WEFT_WORKERS", "1")];
    for variable in case.settings.iter().filter(|section| section.key == "env") {
        settings.push(variable.value.split_once('=').ok_or("`env` needs `NAME=value`")?);
    }
    run(case, folder, &program, &settings)
}

/// Compiles the case with options and verifies its machine code.
pub fn build(case: &Case, folder: &Path, options: &str) -> Result<PathBuf, Failed> {
    let program = folder.join(format!("program{}", options.replace(' ', "")));
    let mut build = process::weft();
    build.current_dir(folder).args(["build", &case.path, "--verify-stacks", "--color", "never"]);
    build.args(options.split_whitespace()).arg("-o");
    let built = process::finish(build.arg(&program), "")?;
    if built.status != 0 {
        return Err(format!("weft build: status {}\n{}", built.status, built.stderr).into());
    }
    Ok(program)
}

/// Runs the case's program with these environment variables.
pub fn run(
    case: &Case,
    folder: &Path,
    program: &Path,
    settings: &[(&str, &str)],
) -> Result<Finished, Failed> {
    let mut run = Command::new(program);
    run.current_dir(folder).args(case.setting("args").unwrap_or_default().split_whitespace());
    run.envs(settings.iter().copied());
    let input = case.settings.iter().find(|section| section.key == "stdin");
    process::finish(&mut run, input.map_or("", |section| &section.text))
}

/// Runs the tests in the case's program.
fn run_tests(case: &Case, folder: &Path, options: &str) -> Result<Finished, Failed> {
    let mut tests = process::weft();
    tests.current_dir(folder).args(["test", &case.path, "--color", "never"]).args(options.split_whitespace());
    process::finish(&mut tests, "")
}

fn at(place: &str, failed: Failed) -> Failed {
    format!("{place}: {}", failed.message().unwrap_or_default()).into()
}

fn sections(finished: &Finished) -> [Section; 3] {
    let status = if finished.status == 0 { String::new() } else { finished.status.to_string() };
    [
        Section::new("status", status, ""),
        Section::new("stdout", "", with_last_newline(&finished.stdout)),
        Section::new("stderr", "", with_last_newline(&finished.stderr)),
    ]
}

/// Makes a missing newline at the end of the text visible.
fn with_last_newline(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.into() } else { format!("{text}[no newline]\n") }
}
