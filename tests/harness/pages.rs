//! Markdown pages and the fenced blocks in them.
//!
//! A block `weft-file geometry.weft` is a file beside the programs of the blocks after it, until a block with the same
//! file name replaces it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of a page.
pub struct Block {
    /// The page's path from the root of the project.
    pub page: String,
    /// The line of the opening fence, counted from 1.
    pub line: usize,
    /// The text after the opening fence, such as `weft`.
    pub language: String,
    /// The text between the fences.
    pub text: String,
    /// The other files of the program: their paths, relative to the program's folder, and their texts.
    pub files: BTreeMap<String, String>,
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own").to_owned()
}

/// The pages in a folder, sorted.
pub fn in_folder(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut pages: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

/// The blocks of a page, in order.
pub fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let name = page.strip_prefix(root()).expect("pages lie in the project").display().to_string();
    let (mut blocks, mut open): (Vec<Block>, Option<Block>) = (Vec::new(), None);
    let mut files = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => {
                let language = language.to_owned();
                let (page, files) = (name.clone(), files.clone());
                open = Some(Block { page, line: index + 1, language, text: String::new(), files });
            }
            (Some(_), Some(_)) => {
                let block = open.take().expect("it is open");
                match block.language.strip_prefix("weft-file ") {
                    Some(file) => drop(files.insert(file.to_owned(), block.text)),
                    None => blocks.push(block),
                }
            }
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

impl Block {
    /// Writes the block's program to a file in a folder for tests, with the other files beside it. Returns the path.
    pub fn write(&self, folder: &str) -> PathBuf {
        let name = format!("{}-{}", self.page.replace('/', "-"), self.line);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder).join(name);
        let write = |file: &str, text: &str| {
            let file = folder.join(file);
            let around = file.parent().expect("it lies in a folder");
            fs::create_dir_all(around).expect("the folder for tests is writable");
            fs::write(&file, text).expect("the folder for tests is writable");
            file
        };
        for (file, text) in &self.files {
            write(file, text);
        }
        write("main.weft", &self.text)
    }
}
