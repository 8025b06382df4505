//! Source files: finding and reading them. Any path can be read, also the path of a folder, a pipe or a device: the
//! result is a text, or an error that tells the user what is wrong.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Task, errors};
use crate::diagnostics::Diagnostic;
use crate::modules::{Project, Unavailable};
use crate::source::{FileId, SourceMap, Span};

/// The largest source file in bytes. Spans could reach 4 GiB, but a tree takes many times the memory of its text, and a
/// file beyond this limit is probably no source.
const LIMIT: u64 = 64 << 20;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Adds the file at `path` to `sources`, named as the user wrote the path.
pub fn read(path: &Path, sources: &mut SourceMap) -> Result<FileId, Box<Diagnostic>> {
    let name = path.display().to_string();
    match contents(path) {
        Ok(bytes) => add_text(name, bytes, sources),
        Err(failure) => {
            // A diagnostic needs a span, and a span needs a file.
            let file = sources.add(name, "");
            Err(Box::new(match failure {
                Failure::Io(error) => errors::unreadable(file, path, &error),
                Failure::Directory => errors::directory(file, path),
                Failure::NotAFile => errors::not_a_file(file, path),
                Failure::TooLarge => errors::too_large(file, path, LIMIT),
            }))
        }
    }
}

/// Reads the text of an imported file.
pub fn read_module(path: &Path) -> Result<String, Unavailable> {
    let refused = |why: &str| Unavailable::Unreadable(why.to_owned());
    let bytes = contents(path).map_err(|failure| match failure {
        Failure::Io(error) if error.kind() == ErrorKind::NotFound => Unavailable::Missing(siblings(path)),
        Failure::Io(error) => refused(&error.to_string()),
        Failure::Directory => refused("it is a directory"),
        Failure::NotAFile => refused("it is a pipe or a device"),
        Failure::TooLarge => refused("it is too large for a source file"),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text))
}

/// The project of a source file: the nearest folder around it that contains a `weft.toml`.
pub fn project_of(file: &Path) -> Option<Project> {
    let program = file.parent()?;
    let around = |program: &Path| {
        let folder = program.ancestors().find(|folder| folder.join("weft.toml").is_file())?;
        Some(Project { folder: folder.to_owned(), program: program.to_owned() })
    };
    // A folder in the path as the user wrote it keeps messages short.
    around(program).or_else(|| {
        let program = if program.as_os_str().is_empty() { Path::new(".") } else { program };
        around(&fs::canonicalize(program).ok()?)
    })
}

/// The names of the modules in the folder of a file. The compiler suggests one of them for a misspelt import.
fn siblings(path: &Path) -> Vec<String> {
    const ENOUGH: usize = 1000;
    let Some(Ok(entries)) = path.parent().map(|folder| match folder.as_os_str().is_empty() {
        true => fs::read_dir("."),
        false => fs::read_dir(folder),
    }) else {
        return Vec::new();
    };
    let files = entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()).take(ENOUGH);
    let modules = files.filter(|file| file.extension().is_some_and(|end| end == "weft"));
    let mut names: Vec<String> =
        modules.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}

/// Turns the arguments of `weft test [FILE] [FILTER]` into the program's first file and the task. A folder stands for
/// the `.weft` files directly in it; without FILE, the current folder is used. A single argument that is neither a file
/// nor a folder and does not end in `.weft` is the filter.
///
/// # Errors
///
/// An error tells the user what is wrong with the arguments.
pub fn tests(
    first: Option<OsString>,
    second: Option<String>,
    (schedules, limit): (Option<u32>, Duration),
) -> Result<(PathBuf, Task), String> {
    let path = first.as_ref().map(PathBuf::from);
    match path {
        Some(path) if path.is_dir() => in_folder(&path, second, (schedules, limit)),
        Some(path) if path.extension().is_some_and(|end| end == "weft") || path.is_file() => {
            Ok((path, Task::Test { others: Vec::new(), filter: second, schedules, limit }))
        }
        _ if second.is_some() => Err(format!("there is no file or folder `{}`", shown(first))),
        _ => {
            let filter = first.map(|filter| filter.to_string_lossy().into_owned());
            in_folder(Path::new("."), filter, (schedules, limit))
        }
    }
}

/// The task for the tests of a folder's files, in the order of their names. Files in subfolders are left out: programs
/// import them where needed.
fn in_folder(
    folder: &Path,
    filter: Option<String>,
    (schedules, limit): (Option<u32>, Duration),
) -> Result<(PathBuf, Task), String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read `{}`: {error}", folder.display()))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let sources = paths.filter(|path| path.extension().is_some_and(|end| end == "weft") && path.is_file());
    // Messages show `./a.weft` as `a.weft`.
    let named = sources.map(|path| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path));
    let mut files: Vec<PathBuf> = named.collect();
    files.sort();
    match files.is_empty() {
        true => Err(format!("there is no file that ends in `.weft` in `{}`", folder.display())),
        false => {
            let first = files.remove(0);
            Ok((first, Task::Test { others: files, filter, schedules, limit }))
        }
    }
}

/// Splits `FILE:N` into the file and the line. A path that exists, or that ends otherwise, is a file alone.
pub fn file_and_line(path: PathBuf) -> (PathBuf, Option<u32>) {
    let split = path.to_str().and_then(|text| text.rsplit_once(':'));
    let found = split.and_then(|(file, line)| Some((PathBuf::from(file), line.parse().ok()?)));
    match found {
        Some((file, line)) if !path.exists() => (file, Some(line)),
        _ => (path, None),
    }
}

fn shown(argument: Option<OsString>) -> String {
    argument.map(|argument| argument.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The source file that a path names or links to, whether that file exists or not.
pub fn source_at(path: &Path) -> Option<PathBuf> {
    let is_source = |path: &PathBuf| path.extension().is_some_and(|end| end == "weft");
    let linked = [fs::read_link(path).ok(), fs::canonicalize(path).ok()];
    [Some(path.to_owned())].into_iter().chain(linked).flatten().find(is_source)
}

/// Whether `path` exists and has the file name of one of `libraries`, the names that the option `-l` takes.
pub fn is_library(path: &Path, libraries: &[String]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_named = |library: &String| name == format!("lib{library}.a") || name == format!("lib{library}.so");
    path.exists() && libraries.iter().any(is_named)
}

/// Whether both paths lead to the same file, also through links.
pub fn are_same(left: &Path, right: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    matches!((identity(left), identity(right)), (Ok(left), Ok(right)) if left == right)
}

/// Whether both paths lead to the same file, or would if it existed.
pub fn would_be_same(left: &Path, right: &Path) -> bool {
    let full = |path: &Path| std::path::absolute(path).ok();
    left == right || full(left).is_some_and(|left| Some(left) == full(right)) || are_same(left, right)
}

enum Failure {
    Io(std::io::Error),
    Directory,
    NotAFile,
    TooLarge,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Io(error)
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, Failure> {
    // The kind is checked before the file is opened, as opening a pipe without a writer would wait forever.
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Failure::Directory);
    }
    if !metadata.is_file() {
        return Err(Failure::NotAFile);
    }
    if metadata.len() > LIMIT {
        return Err(Failure::TooLarge);
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    File::open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    // The size is checked again, as a file may grow while it is read, and some special files report a size of 0.
    if bytes.len() as u64 > LIMIT { Err(Failure::TooLarge) } else { Ok(bytes) }
}

fn add_text(name: String, bytes: Vec<u8>, sources: &mut SourceMap) -> Result<FileId, Box<Diagnostic>> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(name, text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text))),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let byte = error.as_bytes()[offset];
            // The text is unchanged up to `offset`, where there is a replacement character.
            let file = sources.add(name, String::from_utf8_lossy(error.as_bytes()));
            let place = Span::new(file, offset, offset + char::REPLACEMENT_CHARACTER.len_utf8());
            Err(Box::new(errors::not_utf8(place, byte, offset)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(bytes: &[u8]) -> (SourceMap, Result<FileId, Box<Diagnostic>>) {
        let mut sources = SourceMap::new();
        let result = add_text("t.weft".into(), bytes.to_vec(), &mut sources);
        (sources, result)
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        let (sources, file) = added("\u{feff}\u{feff}x".as_bytes());
        assert_eq!(sources.file(file.expect("it is UTF-8")).text, "\u{feff}x");
    }

    #[test]
    fn the_first_bad_byte_has_a_position() {
        let (sources, file) = added(b"let \xc3\xa4\nx = \xff\xfe");
        let place = file.expect_err("it is not UTF-8").primary.span;
        let position = sources.position(place);
        assert_eq!((position.line, position.column), (2, 5));
        assert_eq!(sources.text(place), "\u{fffd}");
    }
}
