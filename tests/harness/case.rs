//! A case: a program, how to run it and the expected outcome, in one file.
//!
//! A line that begins with `// --- ` opens a section; the comment lines below it are the section's text. Sections at
//! the top of the file are settings for the run, sections at the end are expectations:
//!
//! ```text
//! // --- args one two
//! // --- env WEFT_STACK_MAX=65536
//! fn main() { println("hello") }
//!
//! // --- status 101
//! // --- stdout
//! // hello
//! ```
//!
//! The compiler never sees the expectations: it reads the program alone, under the same relative path. Further modules
//! follow the program, each under a line `// --- file PATH` with a path relative to the program's own folder. The text
//! below such a line is the file's text as it is, not a comment:
//!
//! ```text
//! import geometry
//! fn main() { println(geometry.area(2, 3)) }
//!
//! // --- file geometry.weft
//! pub fn area(a: Int, b: Int) -> Int { a * b }
//!
//! // --- stdout
//! // 6
//! ```

use std::path::{Path, PathBuf};
use std::{fs, io};

use libtest_mimic::Failed;

/// The beginning of a section's first line.
const HEAD: &str = "// --- ";
/// The beginning of the line above another file of the program.
const FILE: &str = "// --- file ";

/// A program and its sections.
pub struct Case {
    /// The path from the project's root: `tests/run/programs/hello.weft`.
    pub path: String,
    /// The program's text, before the other files and the expectations.
    pub program: String,
    /// The other files of the program, in order: their paths, relative to the program's folder, and their texts.
    pub files: Vec<(String, String)>,
    /// The expectations, in order.
    pub expected: Vec<Section>,
    /// The settings at the top, in order.
    pub settings: Vec<Section>,
}

/// A section: `// --- key value` and the comment lines below it.
#[derive(Clone, PartialEq, Debug)]
pub struct Section {
    /// The word that names the section's subject.
    pub key: String,
    /// The rest of the first line.
    pub value: String,
    /// The comment lines, each with a newline at its end.
    pub text: String,
}

impl Section {
    /// Makes a section, to compare with a case's section or to write into a case.
    pub fn new(key: &str, value: impl Into<String>, text: impl Into<String>) -> Section {
        Section { key: key.into(), value: value.into(), text: text.into() }
    }
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own").to_owned()
}

/// The paths of the cases in a folder and the folders below it, relative to the project's root, sorted.
pub fn files(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root().join(&folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
        for entry in entries {
            let entry = entry.expect("the folder is readable");
            let name = entry.file_name().into_string().expect("names of cases are UTF-8");
            let path = format!("{folder}/{name}");
            if entry.path().is_dir() {
                folders.push(path);
            } else if name.ends_with(".weft") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

impl Case {
    /// Reads the case at `path`.
    pub fn read(path: &str) -> Result<Case, Failed> {
        Ok(Case::parse(path, &fs::read_to_string(root().join(path))?))
    }

    /// Whether the case at `path` takes minutes; its first line is then `// --- slow`.
    pub fn is_slow(path: &str) -> bool {
        fs::read_to_string(root().join(path)).is_ok_and(|text| text.starts_with("// --- slow"))
    }

    fn parse(path: &str, text: &str) -> Case {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let is_comment = |line: &&str| line.starts_with("//");
        // The expectations are in the comment lines at the end, from the first section on.
        let last_code = lines.iter().rposition(|line| !is_comment(line)).map_or(0, |last| last + 1);
        let expectation = lines[last_code..].iter().position(|line| line.starts_with(HEAD));
        let end = expectation.map_or(lines.len(), |first| last_code + first);
        let program = lines[..end].iter().position(|line| line.starts_with(FILE)).unwrap_or(end);
        let top = lines.iter().take_while(|line| is_comment(line)).count().min(program);
        Case {
            path: path.into(),
            program: lines[..program].concat(),
            files: files_in(&lines[program..end]),
            expected: sections(&lines[end..]),
            settings: sections(&lines[..top]),
        }
    }

    /// The text of another file of the program, given its path from the project's root.
    pub fn module(&self, path: &Path) -> io::Result<String> {
        let folder = Path::new(&self.path).parent().unwrap_or(Path::new(""));
        let found = self.files.iter().find(|(name, _)| folder.join(name) == path);
        found.map(|(_, text)| text.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The value of a setting.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|section| section.key == key).map(|section| section.value.as_str())
    }

    /// The expectation with that key.
    pub fn expected(&self, key: &str) -> Option<&Section> {
        self.expected.iter().find(|section| section.key == key)
    }

    /// Writes the program and its other files, without expectations, into a folder of their own; returns this folder.
    /// In the folder, the program has the same path as in the project.
    pub fn unpack(&self) -> Result<PathBuf, Failed> {
        let name = self.path.replace(['/', '.'], "-");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases").join(name);
        let file = folder.join(&self.path);
        let beside = file.parent().expect("it has a folder");
        fs::create_dir_all(beside)?;
        fs::write(&file, &self.program)?;
        for (path, text) in &self.files {
            let file = beside.join(path);
            fs::create_dir_all(file.parent().expect("it has a folder"))?;
            fs::write(file, text)?;
        }
        Ok(folder)
    }

    /// Compares the actual outcome with the expectations; with `BLESS=1` makes the outcome the new expectations.
    pub fn compare(&self, actual: &[Section]) -> Result<(), Failed> {
        let blessing = std::env::var_os("BLESS").is_some_and(|value| value == "1");
        let difference = self.difference(actual);
        match difference {
            None => Ok(()),
            Some(_) if blessing => Ok(fs::write(root().join(&self.path), self.with_expectation(actual))?),
            Some(difference) => Err(format!("{difference}\nBLESS=1 accepts what came.").into()),
        }
    }

    fn difference(&self, actual: &[Section]) -> Option<String> {
        if self.expected.is_empty() {
            return Some("the case has no expectation".into());
        }
        if let Some(unknown) =
            self.expected.iter().find(|section| !actual.iter().any(|a| a.key == section.key))
        {
            return Some(format!("nothing came for the section `{}`", unknown.key));
        }
        actual.iter().find_map(|actual| {
            let nothing = Section::new(&actual.key, "", "");
            let expected = self.expected(&actual.key).unwrap_or(&nothing);
            let same =
                expected.value == actual.value && super::pattern::matches(&expected.text, &actual.text);
            let Section { key, .. } = actual;
            (!same).then(|| {
                format!(
                    "{key}: expected {}\n{}\n{key}: came {}\n{}",
                    expected.value, expected.text, actual.value, actual.text
                )
            })
        })
    }

    /// The file's text with new expectations. Sections that match already stay as they are, with their wildcards.
    fn with_expectation(&self, actual: &[Section]) -> String {
        let mut text = self.program.trim_end().to_owned() + "\n\n";
        for (path, file) in &self.files {
            text += &format!("{FILE}{path}\n{}\n\n", file.trim_end());
        }
        for section in actual {
            let kept = self.expected(&section.key).filter(|expected| {
                expected.value == section.value && super::pattern::matches(&expected.text, &section.text)
            });
            let section = kept.unwrap_or(section);
            let is_default = section.text.is_empty() && section.value.is_empty();
            if is_default && section.key != "stdout" {
                continue;
            }
            text += format!("{HEAD}{} {}", section.key, section.value).trim_end();
            text += "\n";
            for line in section.text.lines() {
                text += format!("// {line}").trim_end();
                text += "\n";
            }
        }
        text
    }
}

fn files_in(lines: &[&str]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in lines {
        if let Some(path) = line.strip_prefix(FILE) {
            files.push((path.trim().to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            text.push_str(line);
        }
    }
    files
}

fn sections(lines: &[&str]) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in lines {
        let line = line.trim_end_matches(['\n', '\r']);
        if let Some(head) = line.strip_prefix(HEAD) {
            let (key, value) = head.split_once(' ').unwrap_or((head, ""));
            sections.push(Section::new(key, value, ""));
        } else if let Some(section) = sections.last_mut() {
            let text = line.strip_prefix("// ").or_else(|| line.strip_prefix("//")).unwrap_or_default();
            section.text += text;
            section.text += "\n";
        }
    }
    sections
}
