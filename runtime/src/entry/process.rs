//! The process and its surroundings: arguments, environment variables, streams, clocks, the exit.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;

use weft_abi::TraceKind;

use super::values::{bytes, current, current_task, new_bytes, new_strings, new_text, part_of_array};
use crate::io::{outcome, stdin, stdout};
use crate::os;
use crate::text::hash;
use crate::timeline;

pub(super) extern "C" fn weft_arguments() -> *const u8 {
    // A `String` is UTF-8, so bytes that are not UTF-8 are replaced.
    let arguments: Vec<String> = env::args_os().skip(1).map(lossy).collect();
    new_strings(&arguments)
}

pub(super) extern "C" fn weft_environment(name: *const u8) -> *const u8 {
    new_text(variable(bytes(name)).map_or_else(String::new, lossy))
}

pub(super) extern "C" fn weft_has_environment(name: *const u8) -> bool {
    variable(bytes(name)).is_some()
}

fn variable(name: &[u8]) -> Option<OsString> {
    env::var_os(OsStr::from_bytes(name))
}

fn lossy(text: OsString) -> String {
    text.to_string_lossy().into_owned()
}

pub(super) extern "C" fn weft_write_bytes(descriptor: i64, array: *const u8, from: i64, count: i64) -> i64 {
    let descriptor = i32::try_from(descriptor).unwrap_or(-1);
    number_of(stdout::write(descriptor, part_of_array(array, from, count)))
}

pub(super) extern "C" fn weft_flush_output() -> i64 {
    number_of(stdout::flush())
}

fn number_of(result: io::Result<()>) -> i64 {
    result.map_or_else(|error| os::error_number(&error).into(), |()| 0)
}

pub(super) extern "C" fn weft_take_input_line() -> *const u8 {
    new_bytes(&stdin::take_line())
}

pub(super) extern "C" fn weft_take_input(count: i64) -> *const u8 {
    new_bytes(&stdin::take(usize::try_from(count).unwrap_or(0)))
}

/// Runs on a pool thread, and does not use the heap.
#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_fill_input() -> i64 {
    stdin::fill()
}

pub(super) extern "C" fn weft_exit(status: i64) -> ! {
    if let Err(error) = stdout::flush() {
        os::die(&format!("cannot write to standard output: {error}"));
    }
    // SAFETY: a green thread called into the runtime, so it has a task.
    let number = unsafe { (*current_task()).waiter.number };
    timeline::record(current(), TraceKind::Exit, 0, number, 0);
    std::process::exit(status as i32)
}

pub(super) extern "C" fn weft_now() -> i64 {
    os::now()
}

pub(super) extern "C" fn weft_wall_clock() -> i64 {
    os::wall_clock()
}

pub(super) extern "C" fn weft_error_text(number: i64) -> *const u8 {
    new_text(outcome::error_text(number))
}

pub(super) extern "C" fn weft_hash_seed() -> i64 {
    hash::seed() as i64
}
