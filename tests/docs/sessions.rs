//! Runs the shell sessions in the documentation: the blocks of the language `console`.
//!
//! ```text
//!   $ cc -O2 -o target/ring examples/switch/ring.c     a command, with `\` at the end if it goes on in the next line
//!   $ target/ring 10 1000000
//!   [..] ns a yield                                    `[..]` and `...` are those of `harness::pattern`
//!   10000000                                           what the command prints, on both standard streams
//! ```
//!
//! The sessions of a page run in order, in one folder. There each entry of the project is a link, except `target`,
//! which is empty at first; `weft` is on the path. Each command must succeed.
//!
//! `BLESS=1` replaces what is shown where a command prints something else. Read the changes before you commit them, and
//! put the wildcards back.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pages::{self, root};
use crate::{pattern, process};

/// A folder in which the sessions of a page run.
fn folder(page: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sessions").join(page);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("target")).expect("the folder for tests is writable");
    for entry in fs::read_dir(root()).expect("the project is readable") {
        let entry = entry.expect("the project is readable");
        if entry.file_name() != "target" {
            symlink(entry.path(), folder.join(entry.file_name())).expect("the folder for tests is writable");
        }
    }
    folder
}

/// The output of a command; both standard streams are one, as on a terminal.
fn run(folder: &Path, command: &str) -> String {
    let weft = Path::new(env!("CARGO_BIN_EXE_weft"));
    let tools = weft.parent().expect("the compiler lies in a folder").display();
    let path = std::env::var("PATH").expect("there is a path");
    let mut shell = Command::new("sh");
    process::forget_variables(&mut shell);
    shell.args(["-c", &format!("exec 2>&1\n{command}")]);
    shell.current_dir(folder).env("PATH", format!("{tools}:{path}"));
    let finished = process::finish(&mut shell, "").unwrap_or_else(|failed| panic!("{failed:?}"));
    assert_eq!(finished.status, 0, "$ {command}\n{}", finished.stdout);
    finished.stdout
}

/// The page with the outputs of its commands. An output stays as it is if the command's output matches it.
fn replay(page: &str, text: &str) -> String {
    let folder = folder(page);
    let mut replayed = String::new();
    let mut lines = text.lines().peekable();
    let mut is_session = false;
    while let Some(line) = lines.next() {
        replayed += &format!("{line}\n");
        is_session = if line.starts_with("```") { line == "```console" } else { is_session };
        let Some(first) = line.strip_prefix("$ ").filter(|_| is_session) else { continue };
        let mut command = first.to_owned();
        while command.ends_with('\\') {
            let next = lines.next().expect("the command goes on");
            replayed += &format!("{next}\n");
            command += &format!("\n{next}");
        }
        let mut shown = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```")) {
            shown += &format!("{line}\n");
        }
        let printed = run(&folder, &command);
        replayed += if pattern::matches(&shown, &printed) { &shown } else { &printed };
    }
    replayed
}

/// Replays the sessions of a page, which must have at least one.
fn check(page: &str) {
    let path = root().join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    assert!(text.contains("```console\n"), "{page} has no session");
    let replayed = replay(&page.replace('/', "-"), &text);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, replayed).unwrap_or_else(|error| panic!("{page}: {error}"));
        return;
    }
    let differs = |(_, (shown, printed)): &(usize, (&str, &str))| shown != printed;
    let first = text.lines().zip(replayed.lines()).enumerate().find(differs);
    if let Some((index, (shown, printed))) = first {
        panic!("{page}:{}: shown `{shown}`, printed `{printed}`; BLESS=1 accepts it", index + 1);
    }
    assert_eq!(
        text.lines().count(),
        replayed.lines().count(),
        "{page}: commands print more or less than is shown"
    );
}

#[test]
fn the_page_on_the_switch_shows_what_commands_print() {
    check("docs/switch.md");
}

#[test]
fn the_lesson_shows_what_commands_print() {
    check("docs/lesson.md");
}

#[test]
fn outputs_that_differ_are_replaced() {
    let page = "$ no session\n```console\n$ echo one \\\n  two\n[..] two\n$ echo three\nfour\n```\n";
    let replayed = replay("test", page);
    assert_eq!(replayed, page.replace("four", "three"));
}

/// Each page with sessions has a test above.
#[test]
fn all_sessions_are_replayed() {
    let with_sessions = pages::in_folder("docs")
        .into_iter()
        .filter(|page| pages::blocks(page).iter().any(|block| block.language == "console"));
    let names: Vec<_> =
        with_sessions.map(|page| page.file_name().expect("it has a name").to_owned()).collect();
    assert_eq!(names, ["lesson.md", "switch.md"]);
}
