use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::thread;

use super::*;

/// An input from a pipe, and the ends of the pipe.
fn piped() -> (Input, File, File) {
    let mut ends = [0; 2];
    // SAFETY: the kernel fills in two descriptors, which only the test uses.
    let (read, write) = unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1]))
    };
    (Input::new(read.as_raw_fd()), read, write)
}

fn line(input: &Input) -> String {
    String::from_utf8(input.lock().take_line()).unwrap()
}

#[test]
fn lines_are_taken_when_they_are_whole() {
    let (input, _read, mut write) = piped();
    assert_eq!(line(&input), "");
    write.write_all(b"one\ntwo\nth").unwrap();
    assert_eq!(input.fill(), 10);
    assert_eq!([line(&input), line(&input), line(&input)], ["one\n", "two\n", ""]);
    write.write_all(b"ree\nrest").unwrap();
    assert_eq!(input.fill(), 8);
    assert_eq!([line(&input), line(&input)], ["three\n", ""]);
    drop(write);
    assert_eq!(input.fill(), 0);
    assert_eq!([line(&input), line(&input)], ["rest", ""]);
    assert_eq!(input.fill(), 0);
}

#[test]
fn all_is_what_is_left() {
    let (input, _read, mut write) = piped();
    write.write_all(b"one\ntwo\nthree").unwrap();
    assert_eq!(input.fill(), 13);
    assert_eq!(line(&input), "one\n");
    assert_eq!(input.lock().take(usize::MAX), b"two\nthree");
    assert_eq!(input.lock().take(usize::MAX), b"");
}

#[test]
fn who_waits_for_another_to_read_gets_its_result() {
    let (input, _read, mut write) = piped();
    thread::scope(|scope| {
        let readers = [0; 4].map(|_| scope.spawn(|| input.fill()));
        // After this sleep all readers should be waiting. A reader that begins later reads the end of the file and
        // returns 0.
        thread::sleep(std::time::Duration::from_millis(50));
        write.write_all(b"line\n").unwrap();
        drop(write);
        let results: Vec<i64> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
        assert!(results.contains(&5) && results.iter().all(|result| [0, 5].contains(result)), "{results:?}");
    });
    assert_eq!(line(&input), "line\n");
}

#[test]
fn an_error_is_a_negative_number() {
    assert_eq!(Input::new(-1).fill(), -i64::from(libc::EBADF));
}
