//! Operations on files by path, which pool threads run.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use weft_abi::files::{
    KIND_DIRECTORY, KIND_FILE, KIND_LINK, KIND_OTHER, OPEN_APPEND, OPEN_CREATE, OPEN_CREATE_NEW, OPEN_READ,
    OPEN_TRUNCATE, OPEN_WRITE, WRITE_APPEND, WRITE_ATOMIC,
};

use super::outcome::{NOT_UTF8, Outcome};
use crate::os::{self, allocator};

#[cfg(test)]
mod tests;

/// The number of names that are tried for a new temporary file. With random names, a second attempt is rare.
const ATTEMPTS: usize = 100;

/// The permissions of temporary files: only the owner has access.
const PRIVATE_FILE: u32 = 0o600;
/// The permissions of temporary directories.
const PRIVATE_DIRECTORY: u32 = 0o700;

/// Reads a file. If `is_text`, the contents must be UTF-8.
pub fn read_path(path: &[u8], is_text: bool) -> Outcome {
    match allocator::trying(|| fs::read(path_of(path))) {
        Ok(bytes) if is_text && str::from_utf8(&bytes).is_err() => {
            Outcome { error: NOT_UTF8, ..Outcome::default() }
        }
        Ok(bytes) => Outcome { bytes, ..Outcome::default() },
        Err(error) => Outcome::failure(&error),
    }
}

/// Writes a file; `how` is a number of [`weft_abi::files`].
pub fn write_path(path: &[u8], contents: &[u8], how: i64) -> Outcome {
    let path = path_of(path);
    done(match how {
        WRITE_ATOMIC => replace(path, contents),
        WRITE_APPEND => OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .and_then(|mut file| file.write_all(contents)),
        _ => fs::write(path, contents),
    })
}

/// Writes a new file beside `path`, and renames it when it is on the disk. So the path leads to the old contents or to
/// the new ones, even after a crash. The new file has the permissions of the old one.
fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    // The file that a link leads to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = match fs::metadata(&target) {
        Ok(metadata) => Some(metadata.permissions()),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let name = target.file_name().ok_or(ErrorKind::IsADirectory)?;
    let folder = match target.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let permissions = old.as_ref().map_or(0o666, |_| PRIVATE_FILE);
    let (file, temporary) = new_file(&folder, &[b".", name.as_bytes(), b"."].concat(), permissions)?;
    let write = || {
        (&file).write_all(contents)?;
        if let Some(permissions) = old {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    // Some file systems cannot synchronise directories; the file is replaced all the same.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Removes a file or an empty directory.
pub fn remove_path(path: &[u8]) -> Outcome {
    let path = path_of(path);
    done(if is_directory(path) { fs::remove_dir(path) } else { fs::remove_file(path) })
}

/// Removes a file, or a directory with all that it contains. Does not follow symbolic links.
pub fn remove_tree(path: &[u8]) -> Outcome {
    let path = path_of(path);
    done(if is_directory(path) { fs::remove_dir_all(path) } else { fs::remove_file(path) })
}

fn is_directory(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Checks whether a path exists; the outcome is an error if not.
pub fn exists_path(path: &[u8]) -> Outcome {
    done(fs::metadata(path_of(path)).map(drop))
}

/// Lists the names in a directory, sorted, with the kinds of the entries. Bytes that are not UTF-8 are replaced.
pub fn list_path(path: &[u8]) -> Outcome {
    let entry = |entry: io::Result<fs::DirEntry>| {
        let entry = entry?;
        let kind = kind(entry.file_type()?) as u8;
        Ok((entry.file_name().to_string_lossy().into_owned(), kind))
    };
    Outcome::from(fs::read_dir(path_of(path)).and_then(|entries| {
        let mut entries = entries.map(entry).collect::<io::Result<Vec<(String, u8)>>>()?;
        entries.sort();
        let (strings, bytes) = entries.into_iter().unzip();
        Ok(Outcome { strings, bytes, ..Outcome::default() })
    }))
}

/// The metadata of a file; see [`metadata`].
pub fn path_metadata(path: &[u8], follow: bool) -> Outcome {
    let path = path_of(path);
    metadata(if follow { fs::metadata(path) } else { fs::symlink_metadata(path) })
}

/// Metadata as numbers: the kind, the size in bytes, the permissions, the times in nanoseconds since 1970 of the last
/// change and the last access.
pub fn metadata(metadata: io::Result<Metadata>) -> Outcome {
    Outcome::from(metadata.map(|metadata| {
        let size = i64::try_from(metadata.len()).unwrap_or(i64::MAX);
        let permissions = metadata.permissions().mode() & 0o7777;
        let times = [metadata.modified(), metadata.accessed()].map(|time| time.map_or(0, nanoseconds));
        let numbers =
            [kind(metadata.file_type()), size, permissions.into()].into_iter().chain(times).collect();
        Outcome { numbers, ..Outcome::default() }
    }))
}

fn nanoseconds(time: SystemTime) -> i64 {
    let number = |nanoseconds: u128| i64::try_from(nanoseconds).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => number(after.as_nanos()),
        Err(error) => -number(error.duration().as_nanos()),
    }
}

fn kind(file_type: FileType) -> i64 {
    if file_type.is_file() {
        KIND_FILE
    } else if file_type.is_dir() {
        KIND_DIRECTORY
    } else if file_type.is_symlink() {
        KIND_LINK
    } else {
        KIND_OTHER
    }
}

/// Renames a file or a directory; replaces an existing file.
pub fn rename_path(from: &[u8], to: &[u8]) -> Outcome {
    done(fs::rename(path_of(from), path_of(to)))
}

/// Copies the contents and the permissions of a file; replaces an existing file.
pub fn copy_path(from: &[u8], to: &[u8]) -> Outcome {
    let (from, to) = (path_of(from), path_of(to));
    // The copy would truncate the file before it is read.
    if let (Ok(from), Ok(to)) = (fs::canonicalize(from), fs::canonicalize(to))
        && from == to
    {
        return Outcome::failure(&ErrorKind::InvalidInput.into());
    }
    done(fs::copy(from, to).map(drop))
}

/// Creates a directory, with its parents if `all`.
pub fn create_directory(path: &[u8], all: bool) -> Outcome {
    done(if all { fs::create_dir_all(path_of(path)) } else { fs::create_dir(path_of(path)) })
}

/// The absolute path of a file without `.`, `..` and symbolic links.
pub fn canonical_path(path: &[u8]) -> Outcome {
    Outcome::from(fs::canonicalize(path_of(path)).and_then(|path| of_path(&path)))
}

/// Opens a file; `options` is a sum of numbers of [`weft_abi::files`].
pub fn open_path(path: &[u8], options: i64, permissions: i64) -> Outcome {
    let has = |option: i64| options & option != 0;
    let file = OpenOptions::new()
        .read(has(OPEN_READ))
        .write(has(OPEN_WRITE))
        .append(has(OPEN_APPEND))
        .truncate(has(OPEN_TRUNCATE))
        .create(has(OPEN_CREATE))
        .create_new(has(OPEN_CREATE_NEW))
        .mode(permissions as u32)
        .open(path_of(path));
    Outcome::from(file.map(of_file))
}

/// Creates a file with a new name in a directory, and opens it for reading and writing.
pub fn open_temporary(folder: &[u8], prefix: &[u8]) -> Outcome {
    Outcome::from(
        new_file(path_of(folder), prefix, PRIVATE_FILE)
            .and_then(|(file, path)| Ok(Outcome { files: of_file(file).files, ..of_temporary(&path)? })),
    )
}

/// Creates a directory with a new name in another one.
pub fn create_temporary_directory(folder: &[u8], prefix: &[u8]) -> Outcome {
    let create = |path: &Path| fs::DirBuilder::new().mode(PRIVATE_DIRECTORY).create(path);
    Outcome::from(with_new_name(path_of(folder), prefix, create).and_then(|((), path)| of_temporary(&path)))
}

fn of_temporary(path: &Path) -> io::Result<Outcome> {
    Ok(Outcome { is_temporary: true, ..of_path(path)? })
}

fn new_file(folder: &Path, prefix: &[u8], permissions: u32) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(permissions);
    with_new_name(folder, prefix, |path| options.open(path))
}

/// Calls `create` with paths of random names that begin with `prefix`, until one does not exist yet.
fn with_new_name<T>(
    folder: &Path,
    prefix: &[u8],
    create: impl Fn(&Path) -> io::Result<T>,
) -> io::Result<(T, PathBuf)> {
    if prefix.contains(&b'/') {
        return Err(ErrorKind::InvalidInput.into());
    }
    for _ in 0..ATTEMPTS {
        let name = [prefix, format!("{:016x}", os::random()).as_bytes()].concat();
        let path = folder.join(OsStr::from_bytes(&name));
        match create(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|value| (value, path)),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

fn of_file(file: File) -> Outcome {
    Outcome { files: RefCell::new([file.into()].into()), ..Outcome::default() }
}

/// A path as the outcome; fails if it is not UTF-8.
fn of_path(path: &Path) -> io::Result<Outcome> {
    let text = path.to_str().ok_or(ErrorKind::InvalidData)?;
    Ok(Outcome { strings: vec![text.to_owned()], ..Outcome::default() })
}

fn done(done: io::Result<()>) -> Outcome {
    Outcome::from(done.map(|()| Outcome::default()))
}

fn path_of(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}
