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

fn error(number: i32) -> Outcome {
    Outcome { error: number.into(), ..Outcome::default() }
}

#[test]
fn files_are_written_read_listed_and_removed() {
    let folder = Folder::new("files");
    let (one, two) = (folder.file("two"), folder.file("one ß"));
    assert_eq!(exists_path(&one), error(libc::ENOENT));
    assert_eq!(write_path(&one, b"weft"), Outcome::default());
    assert_eq!(write_path(&two, b"\xff"), Outcome::default());
    assert_eq!(exists_path(&one), Outcome::default());
    assert_eq!(read_path(&one).bytes, b"weft");
    assert_eq!(read_path(&two), Outcome { error: NOT_UTF8, ..Outcome::default() });
    assert_eq!(list_path(folder.0.as_bytes()).strings, ["one ß", "two"]);
    assert_eq!(remove_path(folder.0.as_bytes()), error(libc::ENOTEMPTY));
    assert_eq!(remove_path(&one), Outcome::default());
    assert_eq!(remove_path(&one), error(libc::ENOENT));
    let inner = folder.file("inner");
    fs::create_dir(path_of(&inner)).unwrap();
    assert_eq!(remove_path(&inner), Outcome::default());
    assert_eq!(list_path(&inner), error(libc::ENOENT));
    assert_eq!(read_path(b"a\0b"), error(libc::EINVAL));
}

#[test]
fn an_outcome_is_a_number_until_it_is_freed() {
    let number = Outcome { error: 7, bytes: b"x".to_vec(), strings: Vec::new() }.into_number();
    // SAFETY: the number was just made by `into_number`.
    unsafe {
        assert_eq!(Outcome::of_number(number).error, 7);
        Outcome::free(number);
    }
}

#[test]
fn errors_have_texts() {
    assert_eq!(error_text(libc::ENOENT.into()), "No such file or directory");
    assert_eq!(error_text(NOT_UTF8), "it is not UTF-8");
    assert!(error_text(i64::MAX).starts_with("Unknown error"));
}
