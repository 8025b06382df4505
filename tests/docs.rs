//! Checks that the documentation is true: examples are compiled and run, and their output is compared.
//!
//! | block | what must hold |
//! |---|---|
//! | `weft` | it compiles, and prints the `text` block right after it, if there is one |
//! | `weft-file FILE` | the file exists beside the programs of later blocks on the page |
//! | `weft-later` | nothing; the block shows a part of the language that the compiler does not yet support |
//! | `sh` | `./x run FILE` and `weft COMMAND ... FILE` succeed on files of the project; other verbs of `./x` exist |
//! | `sh` | the package of `cargo run --release --package` is an example of the workspace, whose tests run it |
//! | `rust FILE`, `llvm FILE`, `c FILE` | its lines occur in the file of the project, one right after the other |
//! | `asm` | its instructions occur in `weft emit asm --raw` of the `weft` block before it, one right after the other |
//! | `console` | its commands print what it shows; see `sessions.rs` |
//! | `text` elsewhere | nothing; the block is a drawing |
//!
//! The pages in `docs/errors` have rules of their own: see `explain.rs`.
//!
//! The chart and the marked tables must follow from `bench/RESULTS.md`, which `./x bench` has printed;
//! `bench/src/plot.rs` draws the chart, and `bench/src/tables.rs` writes the tables. Paths and links must lead to files
//! of the project.

#[path = "../bench/src/last_report.rs"]
mod last_report;
#[path = "harness/pages.rs"]
mod pages;
#[path = "harness/pattern.rs"]
mod pattern;
#[path = "../bench/src/plot.rs"]
mod plot;
#[path = "harness/process.rs"]
mod process;
#[path = "docs/sessions.rs"]
mod sessions;
#[path = "../bench/src/tables.rs"]
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pages::{Block, root};

/// The greatest number of lines of the README.
const README_LINES: usize = 130;

/// The pages of the documentation, without the pages about errors.
fn pages() -> Vec<PathBuf> {
    let mut pages = pages::in_folder("docs");
    let others = ["README.md", "CONTRIBUTING.md", "stdlib/README.md", "bench/README.md"];
    pages.extend(others.map(|page| root().join(page)));
    pages
}

/// The blocks of all pages.
fn blocks() -> Vec<Block> {
    pages().iter().flat_map(|page| pages::blocks(page)).collect()
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
    let [verbs, workspace] = ["x", "Cargo.toml"]
        .map(|file| fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}")));
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
                ["cargo", "run", "--release", "--package", name, ..] => {
                    let member = format!("\"examples/{name}\"");
                    assert!(workspace.contains(&member), "{name} is no member of the workspace");
                }
                _ => panic!("{}:{}: what does `{line}` do?", block.page, block.line),
            }
            count += 1;
        }
    }
    assert!(count > 0, "the documentation shows no command");
}

/// The instruction without comments, spacing and label numbers, which differ from program to program.
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

/// The instructions of a listing, without directives and labels.
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
        let emitted = instructions(&weft(program, &["emit", "asm", "--raw"]));
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

#[test]
fn excerpts_are_those_of_their_files() {
    let blocks = blocks();
    let mut count = 0;
    for Block { page, line, language, text, .. } in &blocks {
        let Some((_, file)) = language.split_once(' ').filter(|(kind, _)| ["rust", "llvm"].contains(kind))
        else {
            continue;
        };
        let whole = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            format!("\n{whole}").contains(&format!("\n{text}")),
            "{page}:{line}: {file} has no such lines"
        );
        count += 1;
    }
    assert!(count > 0, "the documentation shows no excerpt");
}

/// The page about the technique names the functions of `facts.ll` in brackets, and each of them is compiled.
#[test]
fn facts_about_llvm_are_tested() {
    let read =
        |file: &str| fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let page = prose(&read("docs/technique.md"));
    let facts = read("examples/minimal-switch/tests/facts.ll");
    let tests = read("examples/minimal-switch/tests/facts.rs");
    let brackets = page.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let cited: BTreeSet<&str> = brackets
        .filter(|(_, after)| !after.starts_with('('))
        .flat_map(|(names, _)| names.split(", "))
        .collect();
    let functions = facts.lines().filter(|line| line.starts_with("define "));
    let defined: BTreeSet<&str> = functions.filter_map(|line| line.split(['@', '(']).nth(1)).collect();
    assert_eq!(cited, defined, "the functions that the page names, and those of `facts.ll`");
    for name in defined {
        assert!(tests.contains(&format!("\"{name}\"")), "no test compiles {name}");
    }
}

#[test]
fn figures_are_those_of_the_last_report() {
    let read =
        |file: &str| fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let report = read("bench/RESULTS.md");
    let advice = "`./x bench --plot` draws the report";
    for page in tables::PAGES {
        let text = read(page);
        assert!(text == tables::update(&text, &report), "{page} is not up to date: {advice}");
    }
    assert_eq!(
        read("docs/figures.svg"),
        plot::chart(&report),
        "docs/figures.svg is not up to date: {advice}"
    );
}

#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is readable");
    let lines = readme.lines().count();
    assert!(lines <= README_LINES, "README.md has {lines} lines, at most {README_LINES} are allowed");
}

/// A page without its code blocks.
fn prose(page: &str) -> String {
    page.split("```").step_by(2).collect()
}

/// The parts of a text between pairs of backticks.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The targets of the links in a text, without anchors and without links to other sites.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains("://"))
}

/// Whether the text is a path such as `compiler/src/mir`: it begins with a folder at the root of the project.
fn is_path(name: &str) -> bool {
    const ROOTS: [&str; 7] = ["compiler", "runtime", "stdlib", "tests", "bench", "docs", "examples"];
    let is_name = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let mut parts = name.split('/');
    parts.next().is_some_and(|first| ROOTS.contains(&first)) && name.contains('/') && parts.all(is_name)
}

#[test]
fn paths_and_links_lead_somewhere() {
    let (mut faults, mut count) = (Vec::new(), 0);
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        let text = prose(&text);
        let folder = page.parent().expect("a page lies in a folder");
        let paths = code_spans(&text).filter(|name| is_path(name)).map(|name| root().join(name));
        let without_code: String = text.split('`').step_by(2).collect();
        let targets = links(&without_code).map(|target| folder.join(target));
        for path in paths.chain(targets) {
            count += 1;
            if !path.exists() {
                faults.push(format!("{}: there is no {}", page.display(), path.display()));
            }
        }
    }
    assert!(count > 100, "the documentation names {count} paths");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Checks the last column of the glossary's tables: the paths must exist.
#[test]
fn terms_live_where_the_glossary_says() {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).expect("the glossary is readable");
    let rows = glossary.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| term |"));
    let (mut faults, mut terms) = (Vec::new(), Vec::new());
    for row in rows {
        let cells: Vec<&str> = row.trim_end_matches('|').split('|').map(str::trim).collect();
        let [_, term, _, place] = cells[..] else { panic!("not three cells: {row}") };
        terms.push(term);
        let path = place.trim_matches('`');
        let folder = if is_path(path) { root() } else { root().join("runtime/src") };
        if !folder.join(path).exists() {
            faults.push(format!("{term}: there is no {path}"));
        }
    }
    assert!(terms.len() > 50, "the glossary has {} terms", terms.len());
    for (index, term) in terms.iter().enumerate() {
        assert!(!terms[..index].contains(term), "the glossary has `{term}` twice");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// LLVM and the C++ library are linked statically: see `prefer_static_libraries` in `compiler/build.rs`.
#[test]
fn the_compiler_needs_no_library_but_the_system_s() {
    use object::read::elf::FileHeader;
    const SYSTEM: [&str; 4] = ["libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"];
    let file = fs::read(env!("CARGO_BIN_EXE_weft")).expect("the compiler is readable");
    let data = file.as_slice();
    let header = object::elf::FileHeader64::<object::Endianness>::parse(data).expect("it is an ELF file");
    let endian = header.endian().expect("it has a byte order");
    let sections = header.sections(endian, data).expect("it has sections");
    let table = sections.dynamic_table(endian, data).expect("its dynamic section is readable");
    let needed = table.iter().filter(|entry| entry.tag == object::elf::DT_NEEDED);
    let needed: Vec<_> = needed
        .map(|entry| String::from_utf8_lossy(table.string(entry).expect("each library has a name")))
        .collect();
    assert!(needed.iter().any(|name| name == "libc.so.6"), "the compiler needs only {needed:?}");
    let others: Vec<_> = needed.iter().filter(|name| !SYSTEM.contains(&name.as_ref())).collect();
    assert!(others.is_empty(), "the compiler needs {others:?}");
}

/// The examples in the comments of the library: for each example its place, and a program whose `main` contains it.
fn library_examples() -> Vec<(String, String)> {
    let mut examples = Vec::new();
    for (file, text) in weft::library::FILES {
        let mut open: Option<(usize, Vec<&str>)> = None;
        let mut is_drawing = false;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let Some(comment) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
                continue;
            };
            // A drawing or a table begins with a language and is no example.
            let fence = comment.trim().strip_prefix("```");
            if is_drawing || (open.is_none() && fence.is_some_and(|language| !language.is_empty())) {
                is_drawing = fence != Some("");
                continue;
            }
            match (fence == Some(""), &mut open) {
                (true, None) => open = Some((index + 1, Vec::new())),
                (true, Some(_)) => {
                    let (line, body) = open.take().expect("it is open");
                    const ITEMS: [&str; 5] = ["import ", "gen fn ", "fn ", "struct ", "impl "];
                    let is_item = |line: &&str| ITEMS.iter().any(|item| line.starts_with(item));
                    let (items, body): (Vec<&str>, Vec<&str>) = body.into_iter().partition(is_item);
                    // Skips the examples of private modules, which no program may import.
                    let own = file.strip_suffix(".weft").expect("modules are files of Weft");
                    let is_private = !weft::modules::PUBLIC.contains(&own);
                    if is_private && items.iter().any(|line| line.starts_with(&format!("import std.{own}"))) {
                        continue;
                    }
                    let program = format!("{}\nfn main() {{\n{}\n}}\n", items.join("\n"), body.join("\n"));
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
