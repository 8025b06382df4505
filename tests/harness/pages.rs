//! Pages in Markdown and the fenced blocks in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A fenced block of a page.
pub struct Block {
    /// The page's path from the root of the project.
    pub page: String,
    /// Of its first fence, counted from 1.
    pub line: usize,
    /// The word behind its first fence.
    pub language: String,
    /// What stands between its fences.
    pub text: String,
}

/// The root of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the compiler has a folder of its own").to_owned()
}

/// The pages of a folder, sorted.
pub fn in_folder(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    let mut pages: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

/// The page's blocks in their order.
pub fn blocks(page: &Path) -> Vec<Block> {
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

impl Block {
    /// Writes its program to a file in a folder for tests.
    pub fn write(&self, folder: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        fs::create_dir_all(&folder).expect("the folder for tests is writable");
        let file = folder.join(format!("{}-{}.weft", self.page.replace('/', "-"), self.line));
        fs::write(&file, &self.text).expect("the folder for tests is writable");
        file
    }
}
