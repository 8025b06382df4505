//! The documentation tells the truth: what it shows is compiled, run and compared.
//!
//! | block | what must hold |
//! |---|---|
//! | `weft` | it compiles; a `text` block right behind it is what it prints |
//! | `weft-module FILE` | it is a module of the programs behind it on the page |
//! | `weft-later` | nothing: the language has it and the compiler not yet |
//! | `sh` | `./x run FILE` and `weft COMMAND ... FILE` succeed on files of the project; other verbs of `./x` exist |
//! | `asm` | its instructions stand in this order in `weft emit asm` of the `weft` block before it |
//! | `text` elsewhere | nothing: it is a drawing |
//!
//! The pages in `docs/errors` have rules of their own: see `explain.rs`.
//!
//! Tables of measured figures are rows of `bench/RESULTS.md`, which is what `./x bench` printed.

#[path = "harness/pages.rs"]
mod pages;
#[path = "harness/process.rs"]
mod process;

use std::fs;
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

#[test]
fn instructions_are_what_the_compiler_emits() {
    let blocks = blocks();
    let mut count = 0;
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.language == "asm") {
        let program =
            blocks[..index].iter().rfind(|before| before.language == "weft" && before.page == block.page);
        let program = program.expect("an `asm` block stands behind its program");
        let emitted: Vec<String> = weft(program, &["emit", "asm"]).lines().map(instruction).collect();
        let shown: Vec<String> =
            block.text.lines().map(instruction).filter(|line| !line.is_empty()).collect();
        let mut rest = emitted.iter();
        for line in &shown {
            let found = rest.any(|emitted| emitted == line);
            assert!(found, "{}:{}: `{line}` is not emitted, or elsewhere", block.page, block.line);
        }
        count += shown.len();
    }
    assert!(count > 0, "the documentation shows no instructions");
}

#[test]
fn figures_are_those_of_the_last_report() {
    let report = fs::read_to_string(root().join("bench/RESULTS.md")).expect("bench/RESULTS.md is readable");
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is readable");
    let (_, measured) = readme.split_once("\n## Measured\n").expect("the README has figures");
    let (measured, _) = measured.split_once("\n## ").expect("something follows them");
    let rows: Vec<&str> = measured.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 10, "the README has hardly any figures");
    for row in rows {
        assert!(report.lines().any(|line| line == row), "not in bench/RESULTS.md: {row}");
    }
}
