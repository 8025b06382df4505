//! Child processes, and pipes. A descriptor stands for a child process (a pidfd of Linux): it becomes readable when the
//! process ends, and never comes to mean another process.

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Once;

use super::{files, poller, signals};

/// A process that was started.
pub struct Child {
    /// The number of the process.
    pub number: u32,
    /// The process.
    pub process: Process,
    /// The ends of the pipes to its standard streams, which never block.
    pub pipes: Vec<OwnedFd>,
}

/// A process that nobody else knows yet. Dropping the value kills the process and waits for its end, unless the process
/// was handed over.
pub struct Process {
    number: u32,
    file: Option<OwnedFd>,
    is_handed_over: bool,
}

impl Process {
    /// Gives the descriptor of the process to `adopt`. If that succeeds, the process goes on.
    pub fn hand_over(mut self, adopt: impl FnOnce(OwnedFd) -> io::Result<usize>) -> io::Result<usize> {
        let result = adopt(self.file.take().expect("BUG: a process was handed over twice"))?;
        self.is_handed_over = true;
        Ok(result)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.is_handed_over {
            let number = self.number as libc::pid_t;
            // SAFETY: the calls read only their arguments. Nobody has waited for the process, so the number is its own.
            // A process that was killed ends at once.
            unsafe {
                libc::kill(number, libc::SIGKILL);
                libc::waitpid(number, std::ptr::null_mut(), 0);
            }
        }
    }
}

/// The end of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// With an exit status.
    Exit(u8),
    /// By a signal.
    Signal(u8),
}

/// Starts a process. If an error comes when the program may have run already, its number is not that of a lack of
/// descriptors, after which callers try again.
pub fn start(command: &mut Command) -> io::Result<Child> {
    wait_for_children();
    poller::prepare()?;
    if let Some(limit) = files::former_limit_of_descriptors() {
        // SAFETY: the function makes one system call, which is allowed between `fork` and `exec`.
        unsafe { command.pre_exec(move || files::limit_descriptors(&limit)) };
    }
    // Keeps a descriptor free for the process.
    let reserve = duplicate(libc::STDERR_FILENO)?;
    // Rust's library starts the process with the default action of `SIGPIPE`. The process inherits the signals that are
    // blocked here, and only the standard streams, since all other files are opened to be closed then.
    let mut child = signals::with_signals(|| command.spawn())?;
    drop(reserve);
    watched(&mut child).map_err(|error| {
        // Errors mean that the process has ended.
        let _ = child.kill();
        let _ = child.wait();
        match error.raw_os_error() {
            Some(libc::EMFILE | libc::ENFILE) => files::not_ready(),
            _ => error,
        }
    })
}

fn watched(child: &mut std::process::Child) -> io::Result<Child> {
    // The process was not waited for, so its number is its own, even if it has ended.
    let process = open_process(child.id())?;
    let pipes = [
        child.stdin.take().map(OwnedFd::from),
        child.stdout.take().map(OwnedFd::from),
        child.stderr.take().map(OwnedFd::from),
    ];
    let pipes: Vec<OwnedFd> = pipes.into_iter().flatten().collect();
    pipes.iter().try_for_each(|pipe| set_blocking(pipe.as_raw_fd(), false))?;
    let process = Process { number: child.id(), file: Some(process), is_handed_over: false };
    Ok(Child { number: child.id(), process, pipes })
}

/// Makes the system keep processes that have ended until they are waited for. It does not if this process has inherited
/// that it ignores `SIGCHLD`.
fn wait_for_children() {
    static ONCE: Once = Once::new();
    // SAFETY: zeros are a valid value, and the struct is alive during the calls.
    ONCE.call_once(|| unsafe {
        let mut action: libc::sigaction = zeroed();
        libc::sigaction(libc::SIGCHLD, std::ptr::null(), &raw mut action);
        if action.sa_sigaction == libc::SIG_IGN {
            action.sa_sigaction = libc::SIG_DFL;
            libc::sigaction(libc::SIGCHLD, &raw const action, std::ptr::null_mut());
        }
    });
}

fn open_process(number: u32) -> io::Result<OwnedFd> {
    // The flag is `PIDFD_NONBLOCK`, which Linux has since version 5.10.
    // SAFETY: the call reads only its arguments.
    let file = unsafe { libc::syscall(libc::SYS_pidfd_open, number, libc::O_NONBLOCK) };
    own(file as i32)
}

/// The end of a process; an error with the number `EAGAIN` if it still runs. `keep` gets the end before the system
/// forgets the process; afterwards, and for other callers at the same time, the error is `ECHILD`.
pub fn end(process: RawFd, keep: impl FnOnce(End)) -> io::Result<End> {
    let options = libc::WEXITED | libc::WNOHANG;
    // SAFETY: the structs are alive during the calls, and zeros are valid.
    unsafe {
        let mut info: libc::siginfo_t = zeroed();
        checked(libc::waitid(libc::P_PIDFD, process as u32, &raw mut info, options | libc::WNOWAIT))?;
        if info.si_pid() == 0 {
            return Err(files::not_ready());
        }
        let number = info.si_status() as u8;
        let end = if info.si_code == libc::CLD_EXITED { End::Exit(number) } else { End::Signal(number) };
        keep(end);
        // Another caller may have been faster.
        let _ = libc::waitid(libc::P_PIDFD, process as u32, &raw mut info, options);
        Ok(end)
    }
}

/// Sends a signal to a process; an error with the number `ESRCH` if it has ended and was waited for.
pub fn send_signal(process: RawFd, signal: i32) -> io::Result<()> {
    // SAFETY: the system chooses the data of the signal if the pointer is null.
    checked(unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, process, signal, std::ptr::null::<libc::siginfo_t>(), 0)
            as i32
    })
}

/// Makes a pipe whose ends never block: the end for reading, the end for writing.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for both descriptors.
    checked(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC | libc::O_NONBLOCK) })?;
    Ok((own(ends[0])?, own(ends[1])?))
}

/// Sets whether calls for an open file wait. All descriptors of the same open file are affected.
pub fn set_blocking(file: RawFd, blocks: bool) -> io::Result<()> {
    // SAFETY: the calls read only their arguments.
    unsafe {
        let flags = libc::fcntl(file, libc::F_GETFL);
        checked(flags)?;
        let flags = if blocks { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
        checked(libc::fcntl(file, libc::F_SETFL, flags))
    }
}

/// Makes another descriptor of an open file.
pub fn duplicate(file: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: the call reads only its arguments.
    own(unsafe { libc::fcntl(file, libc::F_DUPFD_CLOEXEC, 0) })
}

/// Writes to a pipe, perhaps not all; returns the number of bytes. If nobody can read them, the error is `EPIPE`, and
/// the process gets no `SIGPIPE`.
pub fn write_to_pipe(file: RawFd, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: the sets are filled before they are used, and the mask of this OS thread is restored. A signal of the
    // kind that was pending before stays pending.
    unsafe {
        let (mut pipe, mut before, mut pending) = (zeroed(), zeroed(), zeroed());
        libc::sigemptyset(&raw mut pipe);
        libc::sigaddset(&raw mut pipe, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, &raw mut before);
        libc::sigpending(&raw mut pending);
        let result = files::write(file, bytes);
        let is_broken = result.as_ref().is_err_and(|error| error.raw_os_error() == Some(libc::EPIPE));
        if is_broken && libc::sigismember(&raw const pending, libc::SIGPIPE) == 0 {
            let now: libc::timespec = zeroed();
            libc::sigtimedwait(&raw const pipe, std::ptr::null_mut(), &raw const now);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        result
    }
}

fn own(file: RawFd) -> io::Result<OwnedFd> {
    checked(file)?;
    // SAFETY: the file was just opened, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(file) })
}

fn checked(result: i32) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
