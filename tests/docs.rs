//! The documentation tells the truth: what it shows is compiled, run and compared.
//!
//! | block | what must hold |
//! |---|---|
//! | `weft` | it compiles; a `text` block right behind it is what it prints |
//! | `weft-file FILE` | it lies beside the programs behind it on the page |
//! | `weft-later` | nothing: the language has it and the compiler not yet |
//! | `sh` | `./x run FILE` and `weft COMMAND ... FILE` succeed on files of the project; other verbs of `./x` exist |
//! | `asm` | its instructions stand in `weft emit asm` of the `weft` block before it, one behind the other |
//! | `text` elsewhere | nothing: it is a drawing |
//!
//! The pages in `docs/errors` have rules of their own: see `explain.rs`.
//!
//! The figures in the README are those of `bench/RESULTS.md`, which is what `./x bench` printed, and it says which bars
//! are missed.

#[path = "harness/pages.rs"]
mod pages;
#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::path::Path;
use std::process::Command;

use pages::{Block, root};

fn blocks() -> Vec<Block> {
    let mut pages = pages::in_folder("docs");
    pages.extend(["README.md", "bench/README.md"].map(|page| root().join(page)));
    pages.iter().flat_map(|page| pages::blocks(page)).collect()
}

/// Runs `weft` on the block's program and returns what it prints.
fn weft(block: &Block, command: &[&str]) -> String {
    succeed(block, process::weft().args(command).arg(block.write("docs")))
}

fn succeed(block: &Block, command: &mut Command) -> String {
    let finished = process::finish(command, "").unwrap_or_else(|failed| panic!("{failed:?}"));
    let Block { page, line, .. } = block;
    assert_eq!(finished.status, 0, "{page}:{line}: {command:?}\n{}", finished.stderr);
    finished.stdout
}

#[test]
fn programs_compile_and_print_what_is_shown() {
    let blocks = blocks();
    let programs = blocks.iter().enumerate().filter(|(_, block)| block.language == "weft");
    let mut count = 0;
    for (index, block) in programs {
        match blocks.get(index + 1).filter(|next| next.language == "text" && next.page == block.page) {
            Some(output) => assert_eq!(weft(block, &["run"]), output.text, "{}:{}", block.page, block.line),
            None => drop(weft(block, &["check"])),
        }
        count += 1;
    }
    assert!(count > 0, "the documentation shows no program");
}

#[test]
fn commands_work() {
    let verbs = fs::read_to_string(root().join("x")).expect("`x` is readable");
    let mut count = 0;
    for block in blocks().iter().filter(|block| block.language == "sh") {
        for line in block.text.lines() {
            let words: Vec<&str> =
                line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
            match words[..] {
                ["./x", "run", ref arguments @ ..] => {
                    succeed(block, process::weft().current_dir(root()).arg("run").args(arguments));
                }
                ["./x", verb, ..] => assert!(verbs.contains(&format!("\n{verb})\n")), "`x` has no {verb}"),
                ["weft", ref arguments @ ..] => {
                    succeed(block, process::weft().current_dir(root()).args(arguments));
                }
                _ => panic!("{}:{}: what does `{line}` do?", block.page, block.line),
            }
            count += 1;
        }
    }
    assert!(count > 0, "the documentation shows no command");
}

/// Blanks and label numbers differ from program to program; comments are the page's own.
fn instruction(line: &str) -> String {
    let code = line.split('#').next().expect("a split has a first part");
    let words: Vec<&str> = code.split_whitespace().collect();
    let mut text = words.join(" ");
    for label in [".Ltmp", ".LBB"] {
        if let Some(at) = text.find(label) {
            let number = text[at + label.len()..].find(|c: char| !c.is_ascii_digit() && c != '_');
            let end = number.map_or(text.len(), |length| at + label.len() + length);
            text.replace_range(at..end, label);
        }
    }
    text
}

/// The instructions of a listing: without what only the assembler reads, and without labels.
fn instructions(text: &str) -> Vec<String> {
    let is_instruction = |line: &String| !line.is_empty() && !line.starts_with('.') && !line.ends_with(':');
    text.lines().map(instruction).filter(is_instruction).collect()
}

#[test]
fn instructions_are_what_the_compiler_emits() {
    let blocks = blocks();
    let mut count = 0;
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "asm") {
        let program =
            blocks[..index].iter().rfind(|before| before.language == "weft" && before.page == block.page);
        let program = program.expect("an `asm` block stands behind its program");
        let emitted = instructions(&weft(program, &["emit", "asm"]));
        let shown = instructions(&block.text);
        assert!(!shown.is_empty(), "{}:{}: no instructions", block.page, block.line);
        let agree =
            |emitted: &[String]| emitted.iter().zip(&shown).take_while(|(one, other)| one == other).count();
        let nearest = emitted.windows(shown.len()).max_by_key(|emitted| agree(emitted));
        let nearest = nearest.expect("the program has no fewer instructions than the page");
        assert_eq!(nearest, shown, "{}:{}: emitted, and shown", block.page, block.line);
        count += shown.len();
    }
    assert!(count > 0, "the documentation shows no instructions");
}

/// The rows of the tables in a text, without their heads.
fn rows(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| what |") || line.starts_with("|  |"))
}

fn cell(row: &str, column: usize) -> &str {
    row.split('|').nth(column).expect("a row has cells").trim()
}

/// By how much Weft's figure is larger than the row's.
fn ratio(row: &str) -> Option<f64> {
    cell(row, 5).strip_suffix(" x")?.parse().ok()
}

/// Figures by their titles, each with Weft's row and those of its peers.
fn figures(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut figures: Vec<(&str, Vec<&str>)> = Vec::new();
    for row in rows(text) {
        match cell(row, 1) {
            "" => figures.last_mut().expect("a table begins with a title").1.push(row),
            title => figures.push((title, vec![row])),
        }
    }
    figures
}

#[test]
fn figures_are_those_of_the_last_report() {
    let report = fs::read_to_string(root().join("bench/RESULTS.md")).expect("bench/RESULTS.md is readable");
    let (_, report) = report.split_once("\n## Figures\n").expect("the report has figures");
    let (measured, bars) = report.split_once("\n## Bars\n").expect("the report has bars");
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is readable");
    let (_, shown) = readme.split_once("\n## Measured\n").expect("the README has figures");
    let (shown, _) = shown.split_once("\n## ").expect("something follows them");
    let (shown_bars, shown) = shown.split_once("\nThe table is a selection: ").expect("and says which");

    let missed: Vec<&str> = rows(bars).filter(|row| cell(row, 4) == "**missed**").collect();
    assert_eq!(rows(shown_bars).collect::<Vec<_>>(), missed);
    let count = format!("{} of {} bars are missed", missed.len(), rows(bars).count());
    assert!(shown_bars.contains(&count), "not in the README: {count}");

    let (all, shown_figures) = (figures(measured), figures(shown));
    let count = format!("{} of {} figures.", shown_figures.len(), all.len());
    assert!(shown.starts_with(&count), "not in the README: {count}");
    for figure in &shown_figures {
        assert!(all.contains(figure), "not in bench/RESULTS.md: {figure:#?}");
    }
    for (title, rows) in all.iter().filter(|figure| !shown_figures.contains(figure)) {
        assert!(missed.iter().all(|bar| cell(bar, 1) != *title), "a bar is missed: {title}");
        let is_ahead = |row: &&str| ratio(row).is_some_and(|ratio| ratio > 1.0);
        assert!(!rows.iter().any(is_ahead), "a peer is ahead: {title}");
    }
}

/// The examples in the comments of the library, each the body of a `main`: where it stands, and the program.
fn library_examples() -> Vec<(String, String)> {
    let mut examples = Vec::new();
    for (file, text) in weft::library::FILES {
        let mut open: Option<(usize, Vec<&str>)> = None;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
                continue;
            };
            match (comment.trim() == "```", &mut open) {
                (true, None) => open = Some((index + 1, Vec::new())),
                (true, Some(_)) => {
                    let (line, body) = open.take().expect("it is open");
                    let (imports, body): (Vec<&str>, Vec<&str>) =
                        body.into_iter().partition(|line| line.starts_with("import "));
                    // No program may import a module of this kind, not even to show it.
                    let own = file.strip_suffix(".weft").expect("modules are files of Weft");
                    let is_private = !weft::modules::PUBLIC.contains(&own);
                    if is_private && imports.iter().any(|line| line.starts_with(&format!("import std.{own}")))
                    {
                        continue;
                    }
                    let program = format!("{}\nfn main() {{\n{}\n}}\n", imports.join("\n"), body.join("\n"));
                    examples.push((format!("stdlib-{}-{line}", file.replace('/', "-")), program));
                }
                (false, Some((_, body))) => body.push(comment.strip_prefix(' ').unwrap_or(comment)),
                (false, None) => {}
            }
        }
    }
    examples
}

#[test]
fn examples_of_the_library_hold() {
    let examples = library_examples();
    assert!(examples.len() > 200, "the library shows {} examples", examples.len());
    std::thread::scope(|scope| {
        for part in examples.chunks(examples.len().div_ceil(4)) {
            scope.spawn(move || {
                for (name, program) in part {
                    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("library").join(name);
                    fs::create_dir_all(&folder).expect("the folder for tests is writable");
                    let file = folder.join("main.weft");
                    fs::write(&file, program).expect("the folder for tests is writable");
                    let mut command = process::weft();
                    command.current_dir(&folder).args(["run", "-O0"]).arg(&file);
                    let finished =
                        process::finish(&mut command, "").unwrap_or_else(|failed| panic!("{failed:?}"));
                    assert_eq!(finished.status, 0, "{name}\n{program}\n{}", finished.stderr);
                }
            });
        }
    });
}
