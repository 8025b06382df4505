//! The machine on which the figures were measured.

use std::fs;
use std::process::Command;

use serde::Serialize;

use crate::toolchains::{self, Toolchains};

/// Facts about the machine, as pairs of a name and a value.
#[derive(Serialize)]
pub struct Machine {
    /// The facts, in the order of the report.
    pub facts: Vec<(&'static str, String)>,
}

/// Describes this machine.
pub fn describe(toolchains: &Toolchains) -> Machine {
    let cpus = std::thread::available_parallelism().map_or(1, |n| n.get());
    let mut facts = vec![
        ("CPU", format!("{}, {cpus} cores", field("/proc/cpuinfo", "model name"))),
        ("memory", gibibytes(&field("/proc/meminfo", "MemTotal"))),
        ("kernel", line("/proc/sys/kernel/osrelease")),
        ("huge pages", line("/sys/kernel/mm/transparent_hugepage/enabled")),
        ("load before", line("/proc/loadavg")),
        ("system", field("/etc/os-release", "PRETTY_NAME").trim_matches('"').to_owned()),
        ("commit", commit()),
    ];
    facts.extend(toolchains.versions());
    Machine { facts }
}

/// The commit of the project, with the suffix `dirty` if files have changed since.
fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["describe", "--always", "--dirty"]).current_dir(toolchains::repository());
    let described = git.output().ok().filter(|output| output.status.success());
    described.map_or("unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn line(path: &str) -> String {
    fs::read_to_string(path).map_or("unknown".into(), |text| text.trim().to_owned())
}

/// The value in the first line `name : value` or `name=value` of the file at `path`.
fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let rest = text.lines().find_map(|line| line.strip_prefix(name));
    rest.map_or("unknown".into(), |rest| rest.trim_start_matches([' ', '\t', ':', '=']).trim().to_owned())
}

fn gibibytes(kibibytes: &str) -> String {
    let number = kibibytes.trim_end_matches("kB").trim().parse::<f64>();
    number.map_or("unknown".into(), |kib| format!("{:.0} GiB", kib / 1024.0 / 1024.0))
}
