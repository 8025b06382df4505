//! Cores, processor time of other processes, and the limit of open files, as Linux offers them.

use std::io;
use std::mem;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The limit for a process's open files, after it was raised as far as the system allows.
pub fn raise_open_files() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call writes to `limit`, which lives until it returns.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } != 0 {
        return 0;
    }
    let raised = libc::rlimit { rlim_cur: limit.rlim_max, ..limit };
    // SAFETY: the call reads `raised`, which lives until it returns.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raised) } {
        0 => raised.rlim_cur,
        _ => limit.rlim_cur,
    }
}

/// Two cores on which this process may run: one for the server, one for the clients. They are the same core if there is
/// only one.
pub fn two_cores() -> Result<[usize; 2], String> {
    // SAFETY: `cpu_set_t` is a C struct of numbers, for which zeroes are valid.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: the call writes at most the given number of bytes to `set`, which lives until it returns.
    if unsafe { libc::sched_getaffinity(0, mem::size_of_val(&set), &mut set) } != 0 {
        return Err(format!("cannot read the cores: {}", io::Error::last_os_error()));
    }
    // SAFETY: the index is below the number of bits in the set.
    let mut cores = (0..libc::CPU_SETSIZE as usize).filter(|core| unsafe { libc::CPU_ISSET(*core, &set) });
    let first = cores.next().ok_or("there is no core")?;
    Ok([first, cores.next().unwrap_or(first)])
}

/// Confines the current OS thread to a core.
pub fn pin(core: usize) -> Result<(), String> {
    pinned(core).map_err(|error| format!("cannot choose the core {core}: {error}"))
}

fn pinned(core: usize) -> io::Result<()> {
    // SAFETY: `cpu_set_t` is a C struct of numbers, for which zeroes are valid.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: `two_cores` has found the core below the number of bits in the set.
    unsafe { libc::CPU_SET(core, &mut set) };
    // SAFETY: the call reads `set`, which lives until it returns.
    match unsafe { libc::sched_setaffinity(0, mem::size_of_val(&set), &set) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Confines the process of `command` to a core, and lets it end when the current OS thread ends: also when the runner
/// is killed, or ends by a panic.
pub fn confine(command: &mut Command, core: usize) {
    let prepare = move || {
        pinned(core)?;
        // SAFETY: the call gets integers only.
        match unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: between fork and exec, `prepare` only makes two system calls, and it allocates nothing.
    unsafe { command.pre_exec(prepare) };
}

/// The processor time of a process, user and system together, in seconds.
pub fn process_seconds(pid: u32) -> Result<f64, String> {
    let mut clock: libc::clockid_t = 0;
    // SAFETY: the call writes to `clock`, which lives until it returns.
    match unsafe { libc::clock_getcpuclockid(pid as libc::pid_t, &mut clock) } {
        0 => seconds(clock),
        error => Err(format!("has no clock: {}", io::Error::from_raw_os_error(error))),
    }
}

/// The processor time of the current OS thread in seconds.
pub fn thread_seconds() -> Result<f64, String> {
    seconds(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn seconds(clock: libc::clockid_t) -> Result<f64, String> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to `time`, which lives until it returns.
    match unsafe { libc::clock_gettime(clock, &mut time) } {
        0 => Ok(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9),
        _ => Err(format!("cannot read its processor time: {}", io::Error::last_os_error())),
    }
}
