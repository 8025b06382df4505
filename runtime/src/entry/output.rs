//! Standard output and standard error.

use std::io;
use std::ptr::null;

use super::values::{bytes, panic};
use crate::io::stdout;

pub(super) extern "C" fn weft_print(string: *const u8) {
    printed("output", stdout::print([bytes(string), b""]));
}

pub(super) extern "C" fn weft_print_line(string: *const u8) {
    printed("output", stdout::print([bytes(string), b"\n"]));
}

pub(super) extern "C" fn weft_eprint(string: *const u8) {
    printed("error", stdout::print_error([bytes(string), b""]));
}

pub(super) extern "C" fn weft_eprint_line(string: *const u8) {
    printed("error", stdout::print_error([bytes(string), b"\n"]));
}

/// Panics if printing to the stream `name` has failed.
fn printed(name: &str, result: io::Result<()>) {
    if let Err(error) = result {
        panic(format!("cannot write to standard {name}: {error}"), null());
    }
}
