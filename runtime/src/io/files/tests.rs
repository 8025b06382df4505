use weft_abi::files::WRITE_REPLACE;

use super::*;

/// A directory for one test, removed when the value is dropped.
struct Folder(String);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("weft-outcome-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path.into_os_string().into_string().unwrap())
    }

    fn file(&self, name: &str) -> Vec<u8> {
        format!("{}/{name}", self.0).into_bytes()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

const OK: i64 = 0;

fn error(number: i32) -> i64 {
    number.into()
}

#[test]
fn files_are_written_read_listed_and_removed() {
    let folder = Folder::new("files");
    let (one, two) = (folder.file("two"), folder.file("one ß"));
    assert_eq!(exists_path(&one).error, error(libc::ENOENT));
    assert_eq!(write_path(&one, b"weft", WRITE_REPLACE).error, OK);
    assert_eq!(write_path(&two, b"\xff", WRITE_REPLACE).error, OK);
    assert_eq!(exists_path(&one).error, OK);
    assert_eq!(read_path(&one, true).bytes, b"weft");
    assert_eq!(read_path(&two, true).error, NOT_UTF8);
    assert_eq!(read_path(&two, false).bytes, b"\xff");
    let inner = folder.file("inner");
    assert_eq!(create_directory(&inner, false).error, OK);
    let listed = list_path(folder.0.as_bytes());
    assert_eq!(listed.strings, ["inner", "one ß", "two"]);
    assert_eq!(listed.bytes, [KIND_DIRECTORY, KIND_FILE, KIND_FILE].map(|kind| kind as u8));
    assert_eq!(remove_path(folder.0.as_bytes()).error, error(libc::ENOTEMPTY));
    assert_eq!(remove_path(&one).error, OK);
    assert_eq!(remove_path(&one).error, error(libc::ENOENT));
    assert_eq!(remove_path(&inner).error, OK);
    assert_eq!(list_path(&inner).error, error(libc::ENOENT));
    assert_eq!(read_path(b"a\0b", true).error, error(libc::EINVAL));
}

#[test]
fn an_atomic_write_replaces_the_file_or_leaves_it() {
    let folder = Folder::new("atomic");
    let (file, link) = (folder.file("file"), folder.file("link"));
    assert_eq!(write_path(&file, b"old", WRITE_ATOMIC).error, OK);
    fs::set_permissions(path_of(&file), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("file", path_of(&link)).unwrap();
    assert_eq!(write_path(&link, b"new", WRITE_ATOMIC).error, OK);
    assert_eq!(read_path(&file, true).bytes, b"new");
    assert_eq!(path_metadata(&file, true).numbers[2], 0o640);
    assert_eq!(path_metadata(&link, false).numbers[0], KIND_LINK);
    assert_eq!(write_path(folder.0.as_bytes(), b"x", WRITE_ATOMIC).error, error(libc::EISDIR));
    assert_eq!(list_path(folder.0.as_bytes()).strings, ["file", "link"]);
}

#[test]
fn a_copy_onto_itself_is_refused() {
    let folder = Folder::new("copy");
    let (file, link) = (folder.file("file"), folder.file("link"));
    assert_eq!(write_path(&file, b"text", WRITE_REPLACE).error, OK);
    std::os::unix::fs::symlink("file", path_of(&link)).unwrap();
    assert_eq!(copy_path(&file, &link).error, error(libc::EINVAL));
    assert_eq!(read_path(&file, true).bytes, b"text");
}

#[test]
fn temporary_names_are_new() {
    let folder = Folder::new("temporary");
    let paths: Vec<String> = (0..4)
        .flat_map(|number| match number % 2 {
            0 => open_temporary(folder.0.as_bytes(), b"t-").strings,
            _ => create_temporary_directory(folder.0.as_bytes(), b"t-").strings,
        })
        .collect();
    assert_eq!(paths.len(), 4);
    assert_eq!(list_path(folder.0.as_bytes()).strings.len(), 4);
    assert_eq!(open_temporary(folder.0.as_bytes(), b"../t").error, error(libc::EINVAL));
}
