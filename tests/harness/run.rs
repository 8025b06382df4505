//! Cases about what programs do: the same at every optimisation level, and in the interpreter of MIR.
//!
//! Settings: `args`, `env` (`NAME=value`, several sections), `stdin` (its text), `levels` (default `0 2 3`), and
//! `interpreter no` for what only compiled programs do.

use libtest_mimic::Failed;

use super::case::{Case, Section};
use super::process::{self, Finished};

/// Compiles and runs the case at each of its levels and compares each time.
pub fn test(case: &Case) -> Result<(), Failed> {
    let folder = case.unpack()?;
    let levels = case.setting("levels").unwrap_or("0 2 3");
    for level in levels.split_whitespace() {
        let program = folder.join(format!("program-O{level}"));
        let mut build = process::weft();
        build.current_dir(&folder).args(["build", &case.path, "--verify-stacks", "--color", "never"]);
        let built = process::finish(build.arg(format!("-O{level}")).arg("-o").arg(&program), "")?;
        if built.status != 0 {
            return Err(format!("-O{level}: weft build: status {}\n{}", built.status, built.stderr).into());
        }
        let mut run = std::process::Command::new(&program);
        run.current_dir(&folder);
        run.args(case.setting("args").unwrap_or_default().split_whitespace());
        for (name, value) in environment(case)? {
            run.env(name, value);
        }
        let input = case.settings.iter().find(|section| section.key == "stdin");
        let finished = process::finish(&mut run, input.map_or("", |section| &section.text))?;
        case.compare(&outcome(&finished)).map_err(|failed| at(&format!("-O{level}"), failed))?;
    }
    Ok(())
}

fn environment(case: &Case) -> Result<Vec<(&str, &str)>, Failed> {
    let variables = case.settings.iter().filter(|section| section.key == "env");
    variables
        .map(|section| section.value.split_once('=').ok_or_else(|| "`env` needs `NAME=value`".into()))
        .collect()
}

fn at(place: &str, failed: Failed) -> Failed {
    format!("{place}: {}", failed.message().unwrap_or_default()).into()
}

fn outcome(finished: &Finished) -> [Section; 3] {
    let status = if finished.status == 0 { String::new() } else { finished.status.to_string() };
    [
        Section::new("status", status, ""),
        Section::new("stdout", "", with_last_newline(&finished.stdout)),
        Section::new("stderr", "", with_last_newline(&finished.stderr)),
    ]
}

/// Makes a missing newline at the end visible.
fn with_last_newline(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.into() } else { format!("{text}[no newline]\n") }
}
