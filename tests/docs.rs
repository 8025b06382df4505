//! The documentation tells the truth: what it shows is compiled, run and compared.
//!
//! | block | what must hold |
//! |---|---|
//! | `weft` | it compiles; a `text` block right behind it is what it prints |
//! | `sh` | `./x run FILE` and `weft COMMAND ... FILE` succeed on files of the project; other verbs of `./x` exist |
//! | `asm` | its instructions stand in this order in `weft emit asm` of the `weft` block before it |
//! | `text` elsewhere | nothing: it is a drawing |
//!
//! Numbers that were measured are compared with `bench/results.json`, which `./x bench --json` wrote.

#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fenced block of a page.
struct Block {
    page: String,
    /// Of its first fence, counted from 1.
    line: usize,
    language: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own").to_owned()
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("docs/ is readable");
    let docs = docs.map(|entry| entry.expect("docs/ is readable").path());
    let mut pages: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.push(root().join("README.md"));
    pages.push(root().join("bench/README.md"));
    pages.sort();
    pages
}

fn blocks() -> Vec<Block> {
    pages().iter().flat_map(|page| blocks_of(page)).collect()
}

fn blocks_of(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let name = page.strip_prefix(root()).expect("pages lie in the project").display().to_string();
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                let language = language.to_owned();
                open = Some(Block { page: name.clone(), line: index + 1, language, text: String::new() });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{name}: a block has no end");
    blocks
}

/// Runs `weft` on the block's program and returns what it prints.
fn weft(block: &Block, command: &[&str]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    let file = folder.join(format!("{}-{}.weft", block.page.replace('/', "-"), block.line));
    fs::write(&file, &block.text).expect("the folder for tests is writable");
    succeed(block, process::weft().args(command).arg(&file))
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
