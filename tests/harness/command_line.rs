//! Calls of `weft` in folders of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{self, Finished};

/// An empty folder for one test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command-line").join(name);
    match fs::remove_dir_all(&folder) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => panic!("{}: {error}", folder.display()),
    }
    fs::create_dir_all(&folder).expect("the folder for tests is writable");
    folder
}

/// Runs `weft` in `folder`.
pub fn weft(folder: &Path, arguments: &[&str]) -> Finished {
    finish(process::weft().current_dir(folder).args(arguments))
}

/// Runs a command without input.
pub fn finish(command: &mut Command) -> Finished {
    process::finish(command, "").unwrap_or_else(|failed| panic!("{failed:?}"))
}

/// A folder that contains one program, `p.weft`.
pub fn with_program(name: &str, program: impl AsRef<[u8]>) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("p.weft"), program).expect("the folder is writable");
    folder
}
