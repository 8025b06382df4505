//! File descriptors and error numbers.

use std::io;
use std::sync::OnceLock;

/// Writes bytes to a file descriptor, perhaps not all; returns the number of bytes written.
pub fn write(descriptor: i32, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the bytes are readable.
    let count = unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Reads bytes from a file descriptor; returns the number of bytes read, 0 at the end.
pub fn read(descriptor: i32, into: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the bytes are writable.
    let count = unsafe { libc::read(descriptor, into.as_mut_ptr().cast(), into.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Whether an error means that a file descriptor is closed.
pub fn is_closed(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EBADF)
}

/// The limit of open files before [`allow_most_descriptors`] has raised it.
static FORMER_LIMIT: OnceLock<libc::rlimit> = OnceLock::new();

/// Raises the limit of open files to the largest that the system allows, as Go does. A program that uses `select` of C
/// with larger descriptors is rarer than a server with more than 1,024 connections.
pub fn allow_most_descriptors() {
    // SAFETY: the struct is alive during the calls, and zeros are valid.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && limit.rlim_cur < limit.rlim_max {
            let former = *FORMER_LIMIT.get_or_init(|| limit);
            limit.rlim_cur = former.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
        }
    }
}

/// The limit of open files before it was raised; `None` if it was not.
pub fn former_limit_of_descriptors() -> Option<libc::rlimit> {
    FORMER_LIMIT.get().copied()
}

/// Sets the limit of open files of this process. One system call, so a new process may call the function before `exec`.
pub fn limit_descriptors(limit: &libc::rlimit) -> io::Result<()> {
    // SAFETY: the struct is alive during the call.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The name by which the system shows an open file: a path, `pipe:[4711]`.
pub fn name_of_file(file: i32) -> String {
    let name = std::fs::read_link(format!("/proc/self/fd/{file}"));
    name.map_or_else(|_| format!("file {file}"), |name| name.to_string_lossy().into_owned())
}

/// Calls an operation until no signal interrupts it.
pub fn uninterrupted<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match operation() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// The error for an operation that would have to wait.
pub fn not_ready() -> io::Error {
    io::Error::from_raw_os_error(libc::EAGAIN)
}

/// The system's number (`errno`) of an error. An error that Rust or the runtime itself makes has no such number; it
/// gets the number for its kind, or `EINVAL`.
pub fn error_number(error: &io::Error) -> i32 {
    let own = match error.kind() {
        io::ErrorKind::OutOfMemory => libc::ENOMEM,
        io::ErrorKind::AlreadyExists => libc::EEXIST,
        io::ErrorKind::IsADirectory => libc::EISDIR,
        io::ErrorKind::InvalidData => libc::EILSEQ,
        _ => libc::EINVAL,
    };
    error.raw_os_error().unwrap_or(own)
}

/// Opens `/dev/null` for each standard descriptor that is closed. Otherwise the next file that the program opens could
/// become standard output, and the program would print into that file.
pub fn open_standard_streams() -> io::Result<()> {
    for descriptor in libc::STDIN_FILENO..=libc::STDERR_FILENO {
        // SAFETY: the call only reads flags.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } >= 0 || !is_closed(&io::Error::last_os_error()) {
            continue;
        }
        // SAFETY: the path ends in zero. The new file gets this descriptor, the lowest free descriptor, since all lower
        // descriptors are open.
        if unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
