//! Links an object file to a program with the system's C compiler, which knows where the system keeps its libraries.
//!
//! Inputs are passed as files in memory (`memfd_create`), which the linker opens as `/proc/self/fd/N`. The program that
//! `weft run` starts is such a file, too. So there is no temporary file to delete, even if a signal ends this process.
//!
//! Programs are not position independent. In a position-independent program, each address in the constants would cost a
//! relocation at every start. Its advantage, random addresses, protects against memory errors, which Weft programs do
//! not have.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::io::{FdFlags, fcntl_setfd};

use super::request::Links;
use super::{embedded, errors};
use crate::diagnostics::Diagnostic;
use crate::source::FileId;

/// The system's C compiler.
const TOOL: &str = "cc";

/// Links `object` with the runtime and `links` into the file `output`. Errors are reported for `main`, the program's
/// first file.
pub fn to_file(object: &[u8], links: &Links, output: &Path, main: FileId) -> Result<(), Box<Diagnostic>> {
    // Linkers report an unwritable file in different words, and some replace a pipe or a device, so `output` is checked
    // first.
    if let Err(error) = writable(output) {
        return Err(Box::new(errors::unwritable(main, output, &error)));
    }
    let mut linker = Linker::new(object, links, main)?;
    linker.command.arg("-o").arg(output);
    linker.run(Stdio::null())
}

/// Checks that a linker can write `output`, whether it replaces a file or creates one.
fn writable(output: &Path) -> io::Result<()> {
    match fs::metadata(output) {
        Ok(metadata) if metadata.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => Err(io::Error::other("it is a pipe or a device")),
        // A linker removes the old file first, so the old file may be a running program, and need not be writable.
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            OpenOptions::new().write(true).create_new(true).open(output).map(drop)?;
            fs::remove_file(output)
        }
        Err(error) => Err(error),
    }
}

/// Links as [`to_file`] does, but into a file without a name.
pub fn to_memory(object: &[u8], links: &Links, main: FileId) -> Result<File, Box<Diagnostic>> {
    let mut linker = Linker::new(object, links, main)?;
    let program = linker.memory("program", &[])?;
    if linker.is_lld {
        // LLD would replace the file that `-o` names instead of writing into it. So it writes to standard output, which
        // is the file `program`.
        linker.command.args(["-o", "-"]);
        let output = program.try_clone().map_err(|error| errors::link_input(main, &error))?;
        linker.run(Stdio::from(output))?;
    } else {
        linker.command.arg("-o").arg(path_in_child(&program));
        linker.run(Stdio::null())?;
    }
    // The linker inherited the descriptor; the program must not.
    fcntl_setfd(&program, FdFlags::CLOEXEC).map_err(|error| errors::link_input(main, &error.into()))?;
    Ok(program)
}

/// A prepared call of the linker.
struct Linker {
    command: Command,
    is_lld: bool,
    main: FileId,
    /// The input files, open until the linker has read them.
    inputs: Vec<File>,
}

impl Linker {
    fn new(object: &[u8], links: &Links, main: FileId) -> Result<Linker, Box<Diagnostic>> {
        let lld = lld();
        let is_lld = lld.is_some();
        let mut linker = Linker { command: Command::new(TOOL), is_lld, main, inputs: Vec::new() };
        if let Some(folder) = lld {
            linker.command.arg("-fuse-ld=lld").arg("-B").arg(folder);
        }
        // `now`: lazy binding would run the dynamic linker on a green thread's stack, which is too small for it.
        linker.command.args(["-no-pie", "-static-libgcc", "-Wl,-z,now", "-Wl,--gc-sections"]);
        linker.input("object", object)?;
        linker.input("runtime", embedded::RUNTIME)?;
        for source in &links.sources {
            let code = compile(source, main)?;
            linker.command.arg(path_in_child(&code));
            linker.inputs.push(code);
        }
        linker.command.args(links.libraries.iter().map(|name| format!("-l{name}")));
        linker.command.args(["-lpthread", "-ldl", "-lm"]);
        Ok(linker)
    }

    fn input(&mut self, name: &str, bytes: &[u8]) -> Result<(), Box<Diagnostic>> {
        let file = self.memory(name, bytes)?;
        self.command.arg(path_in_child(&file));
        self.inputs.push(file);
        Ok(())
    }

    /// Creates a file in memory that the linker inherits.
    fn memory(&self, name: &str, bytes: &[u8]) -> Result<File, Box<Diagnostic>> {
        in_memory(name, bytes).map_err(|error| Box::new(errors::link_input(self.main, &error)))
    }

    fn run(mut self, stdout: Stdio) -> Result<(), Box<Diagnostic>> {
        let command = self.command.stdin(Stdio::null()).stdout(stdout).stderr(Stdio::piped());
        let result = command.spawn().and_then(|linker| linker.wait_with_output());
        match result {
            Err(error) => Err(Box::new(errors::no_linker(self.main, TOOL, &error))),
            Ok(result) if result.status.success() => Ok(()),
            Ok(result) => {
                let said = String::from_utf8_lossy(&result.stderr);
                Err(Box::new(errors::link_failed(self.main, TOOL, &said)))
            }
        }
    }
}

/// Compiles a file in C; returns the object file. Prints the C compiler's warnings.
fn compile(source: &Path, main: FileId) -> Result<File, Box<Diagnostic>> {
    let object = in_memory("c", &[]).map_err(|error| Box::new(errors::link_input(main, &error)))?;
    let mut command = Command::new(TOOL);
    command.args(["-c", "-O2", "-fno-pie", "-ffunction-sections", "-fdata-sections", "-x", "c"]);
    command.arg(source).arg("-o").arg(path_in_child(&object));
    let result = command.stdin(Stdio::null()).output();
    let result = result.map_err(|error| Box::new(errors::no_linker(main, TOOL, &error)))?;
    let said = String::from_utf8_lossy(&result.stderr);
    if !result.status.success() {
        return Err(Box::new(errors::not_compiled(main, TOOL, source, &said)));
    }
    eprint!("{said}");
    Ok(object)
}

/// Creates a file in memory that child processes inherit.
fn in_memory(name: &str, bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create(name, MemfdFlags::empty())?);
    file.write_all(bytes)?;
    Ok(file)
}

/// The path of `file` in a child process that inherits it.
fn path_in_child(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// The folder of LLD, which is faster than the system's own linker: a folder in `PATH`, or the folder where Debian
/// keeps LLD.
fn lld() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    let of_debian = ["/usr/lib/llvm-22/bin", "/usr/lib/llvm/bin"].map(PathBuf::from);
    on_path.chain(of_debian).find(|folder| folder.is_absolute() && folder.join("ld.lld").is_file())
}
