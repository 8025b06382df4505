use std::io::Read;
use std::os::fd::{AsRawFd, FromRawFd};

use super::*;

/// A buffer for the writing end of a pipe, and the ends of the pipe.
fn piped() -> (Buffer, std::fs::File, std::fs::File) {
    let mut ends = [0; 2];
    // SAFETY: the kernel fills in two descriptors, which only the test uses.
    let (read, write) = unsafe {
        assert_eq!(libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK), 0);
        (std::fs::File::from_raw_fd(ends[0]), std::fs::File::from_raw_fd(ends[1]))
    };
    (Buffer { bytes: Vec::new(), descriptor: write.as_raw_fd() }, read, write)
}

fn arrived(read: &mut std::fs::File) -> Vec<u8> {
    let mut bytes = vec![0; 2 * FULL];
    let count = read.read(&mut bytes).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

#[test]
fn bytes_wait_until_there_are_many() {
    let (mut buffer, mut read, _write) = piped();
    buffer.push(&[b'a'; FULL - 1]).unwrap();
    assert_eq!(arrived(&mut read), b"");
    buffer.push(b"bc").unwrap();
    assert_eq!(arrived(&mut read), [b'a'; FULL - 1]);
    buffer.flush().unwrap();
    assert_eq!(arrived(&mut read), b"bc");
    buffer.push(b"before ").unwrap();
    buffer.flush().unwrap();
    buffer.push(&[b'd'; FULL - 7]).unwrap();
    assert_eq!(arrived(&mut read), b"before ");
}

#[test]
fn much_at_once_goes_out_after_what_waits() {
    let (mut buffer, mut read, _write) = piped();
    buffer.push(b"1").unwrap();
    // The pipe is full before all bytes are written. That is an error, and the bytes do not stay in the buffer.
    assert_eq!(buffer.push(&[b'2'; FULL]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    let all = arrived(&mut read);
    assert_eq!((all[0], all[1]), (b'1', b'2'));
    assert!(buffer.bytes.is_empty());
}

#[test]
fn what_cannot_be_written_is_dropped() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut buffer = Buffer { bytes: b"lost".to_vec(), descriptor: full.as_raw_fd() };
    assert!(buffer.flush().is_err());
    assert!(buffer.flush().is_ok());
}
