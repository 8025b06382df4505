//! A program that runs one instruction at a time, by `ptrace(2)`: a test sees each instruction and the registers before
//! it. An executable of Weft is linked at fixed addresses. Only the first OS thread of the program is traced; it is the
//! only worker if `WEFT_WORKERS` is 1.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use libc::{c_int, pid_t, user_regs_struct};

/// A traced program; it is killed when this value is dropped.
pub struct Traced {
    child: Child,
}

/// The result of running the program.
pub enum Stop {
    /// It stopped before an instruction.
    Step(Box<user_regs_struct>),
    /// It ended.
    Ended,
}

impl Traced {
    /// Starts an executable, and stops before its first instruction.
    pub fn start(command: &mut Command) -> io::Result<Traced> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // SAFETY: the closure only makes system calls, which are safe between `fork` and `exec`.
        let command = unsafe {
            command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
                -1 => Err(io::Error::last_os_error()),
                _ => Ok(()),
            })
        };
        let child = command.spawn()?;
        let mut traced = Traced { child };
        match traced.wait()? {
            Ok(_) => Ok(traced),
            Err(status) => Err(io::Error::other(format!("it ended with status {status}"))),
        }
    }

    fn pid(&self) -> pid_t {
        self.child.id() as pid_t
    }

    /// Runs until the instruction at an address is next.
    pub fn run_to(&mut self, address: u64) -> io::Result<Stop> {
        let original = self.request(libc::PTRACE_PEEKTEXT, address, 0)?;
        const BREAKPOINT: i64 = 0xcc;
        self.request(libc::PTRACE_POKETEXT, address, (original & !0xff | BREAKPOINT) as u64)?;
        let mut signal = 0;
        loop {
            self.request(libc::PTRACE_CONT, 0, signal as u64)?;
            match self.wait()? {
                Ok(libc::SIGTRAP) => break,
                Ok(other) => signal = other,
                Err(_) => return Ok(Stop::Ended),
            }
        }
        self.request(libc::PTRACE_POKETEXT, address, original as u64)?;
        let mut registers = self.registers()?;
        registers.rip = address;
        let pointer = &raw const *registers as u64;
        self.request(libc::PTRACE_SETREGS, 0, pointer)?;
        Ok(Stop::Step(registers))
    }

    /// Runs one instruction.
    pub fn step(&mut self) -> io::Result<Stop> {
        let mut signal = 0;
        loop {
            self.request(libc::PTRACE_SINGLESTEP, 0, signal as u64)?;
            match self.wait()? {
                Ok(libc::SIGTRAP) => return Ok(Stop::Step(self.registers()?)),
                Ok(other) => signal = other,
                Err(_) => return Ok(Stop::Ended),
            }
        }
    }

    fn registers(&self) -> io::Result<Box<user_regs_struct>> {
        // SAFETY: the structure consists of integers, for which zeros are values.
        let mut registers: Box<user_regs_struct> = Box::new(unsafe { std::mem::zeroed() });
        let pointer = &raw mut *registers as u64;
        self.request(libc::PTRACE_GETREGS, 0, pointer)?;
        Ok(registers)
    }

    fn request(&self, request: libc::c_uint, address: u64, data: u64) -> io::Result<i64> {
        // SAFETY: the process is a stopped child of this OS thread. For the requests that read or write registers,
        // `data` is the address of a structure that outlives the call; the others use no memory of this process.
        let result = unsafe {
            *libc::__errno_location() = 0;
            libc::ptrace(request, self.pid(), address, data)
        };
        let error = io::Error::last_os_error();
        let failed = result == -1 && error.raw_os_error() != Some(0);
        if failed { Err(error) } else { Ok(result) }
    }

    /// Waits for a stop; returns the signal, or the status of the program as an error.
    fn wait(&mut self) -> io::Result<Result<c_int, i32>> {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        let waited = unsafe { libc::waitpid(self.pid(), &raw mut status, libc::__WALL) };
        match waited {
            -1 => Err(io::Error::last_os_error()),
            _ if libc::WIFSTOPPED(status) => Ok(Ok(libc::WSTOPSIG(status))),
            _ if libc::WIFEXITED(status) => Ok(Err(libc::WEXITSTATUS(status))),
            _ => Ok(Err(128 + libc::WTERMSIG(status))),
        }
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
