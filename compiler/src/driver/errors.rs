//! Errors about files, the linker, or the start of the program, with codes from `E0300` on. Only the error about a file
//! that is not UTF-8 has a place in the program's text.

use std::io;
use std::path::Path;

use crate::diagnostics::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// The span of an error that has no place in the text: the empty span at the beginning of the file.
fn whole(file: FileId) -> Span {
    Span::new(file, 0, 0)
}

pub fn unreadable(file: FileId, path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("cannot read `{}`: {}", path.display(), reason(error));
    Diagnostic::error(Code("E0300"), message, whole(file), "")
}

pub fn directory(file: FileId, path: &Path) -> Diagnostic {
    let message = format!("`{}` is a directory, not a source file", path.display());
    Diagnostic::error(Code("E0301"), message, whole(file), "")
}

pub fn not_utf8(place: Span, byte: u8, offset: usize) -> Diagnostic {
    Diagnostic::error(
        Code("E0302"),
        "this file is not UTF-8",
        place,
        format!("the byte {byte:#04x} is not valid UTF-8"),
    )
    .with_note(format!("it is byte {offset} of the file, counted from 0"))
}

pub fn too_large(file: FileId, path: &Path, limit: u64) -> Diagnostic {
    let message = format!("`{}` is too large for a source file", path.display());
    Diagnostic::error(Code("E0303"), message, whole(file), "")
        .with_note(format!("the limit is {} MiB", limit >> 20))
}

pub fn not_a_file(file: FileId, path: &Path) -> Diagnostic {
    let message = format!("`{}` is a pipe or a device, not a source file", path.display());
    Diagnostic::error(Code("E0304"), message, whole(file), "")
}

pub fn no_linker(file: FileId, tool: &str, error: &io::Error) -> Diagnostic {
    let message = format!("cannot run the system's C compiler `{tool}`: {}", reason(error));
    Diagnostic::error(Code("E0310"), message, whole(file), "")
        .with_note("Weft links programs with it; on Debian and Ubuntu install the package `gcc`")
}

pub fn link_failed(file: FileId, tool: &str, output: &str) -> Diagnostic {
    let message = format!("`{tool}` could not link the program");
    let diagnostic = Diagnostic::error(Code("E0311"), message, whole(file), "");
    let diagnostic = undefined_symbols(output).into_iter().fold(diagnostic, |diagnostic, symbol| {
        diagnostic.with_note(format!(
            "no library has `{symbol}`: check its spelling, or add a library with `-l NAME`"
        ))
    });
    match output.trim() {
        "" => diagnostic.with_note("it said nothing"),
        output => diagnostic.with_note(format!("it said:\n{output}")),
    }
}

/// The C compiler rejected a file in C that belongs to the program.
pub fn not_compiled(file: FileId, tool: &str, source: &Path, output: &str) -> Diagnostic {
    let message = format!("`{tool}` could not compile `{}`", source.display());
    let diagnostic = Diagnostic::error(Code("E0311"), message, whole(file), "");
    match output.trim() {
        "" => diagnostic.with_note("it said nothing"),
        output => diagnostic.with_note(format!("it said:\n{output}")),
    }
}

/// The symbols that a linker did not find, as LLD or the GNU linkers report them. Each name occurs once.
fn undefined_symbols(output: &str) -> Vec<&str> {
    let lld = output.split("undefined symbol: ").skip(1);
    let gnu = output.split("undefined reference to `").skip(1);
    let mut symbols = Vec::new();
    for rest in lld.chain(gnu) {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if !symbols.contains(&&rest[..end]) {
            symbols.push(&rest[..end]);
        }
    }
    symbols
}

pub fn link_input(file: FileId, error: &io::Error) -> Diagnostic {
    let message = format!("cannot pass the program to the linker: {}", reason(error));
    Diagnostic::error(Code("E0312"), message, whole(file), "")
}

pub fn unwritable(file: FileId, path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("cannot write `{}`: {}", path.display(), reason(error));
    Diagnostic::error(Code("E0314"), message, whole(file), "")
}

pub fn output_is_source(file: FileId, path: &Path) -> Diagnostic {
    let message = format!("the executable would replace the source file `{}`", path.display());
    Diagnostic::error(Code("E0315"), message, whole(file), "")
        .with_note("name another file with `-o`, one that does not end in `.weft`")
}

pub fn output_is_library(file: FileId, path: &Path) -> Diagnostic {
    let message = format!("the executable would replace the library `{}`", path.display());
    Diagnostic::error(Code("E0315"), message, whole(file), "").with_note("name another file with `-o`")
}

pub fn not_executable(file: FileId, error: &io::Error) -> Diagnostic {
    let message = format!("cannot start the program: {}", reason(error));
    Diagnostic::error(Code("E0313"), message, whole(file), "")
}

/// The system's error message without Rust's `(os error 2)`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}
