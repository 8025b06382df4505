//! The process and its surroundings: arguments, environment variables, streams, files, the clock, the exit.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;

use weft_abi::{ArrayObject, Header, StringObject, TraceKind, well_known};

use super::values::{
    allocate, bytes, current, current_task, memory_of_array, new_string, new_text, part_of_array, string,
};
use crate::io::files::{self, Outcome};
use crate::io::{stdin, stdout};
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

pub(super) extern "C" fn weft_take_input() -> *const u8 {
    new_bytes(&stdin::take())
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

pub(super) extern "C" fn weft_error_text(number: i64) -> *const u8 {
    new_text(files::error_text(number))
}

pub(super) extern "C" fn weft_hash_seed() -> i64 {
    hash::seed() as i64
}

// Outcomes of operations on files.

fn outcome<'a>(number: i64) -> &'a Outcome {
    // SAFETY: the library passes only numbers of outcomes that it has received and not freed.
    unsafe { Outcome::of_number(number) }
}

pub(super) extern "C" fn weft_outcome_error(number: i64) -> i64 {
    outcome(number).error
}

pub(super) extern "C" fn weft_outcome_bytes(number: i64) -> *const u8 {
    new_bytes(&outcome(number).bytes)
}

pub(super) extern "C" fn weft_outcome_strings(number: i64) -> *const u8 {
    new_strings(&outcome(number).strings)
}

pub(super) extern "C" fn weft_outcome_free(number: i64) {
    // SAFETY: as for `outcome`.
    unsafe { Outcome::free(number) }
}

/// Makes an array of bytes.
pub(super) fn new_bytes(bytes: &[u8]) -> *const u8 {
    let header = Header::new(well_known::BYTES);
    let array = allocate(header, size_of::<ArrayObject>() + bytes.len());
    // SAFETY: the memory is new and has room for the length and the bytes.
    unsafe {
        array.cast::<ArrayObject>().write(ArrayObject { header, length: bytes.len() as u64 });
        memory_of_array(array).copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
    }
    array
}

/// Makes an array of strings.
fn new_strings(texts: &[String]) -> *const u8 {
    let header = Header::new(well_known::REFERENCES);
    let array = allocate(header, size_of::<ArrayObject>() + texts.len() * size_of::<*const StringObject>());
    // SAFETY: the memory is new and has room for the length and one word for each element.
    unsafe {
        array.cast::<ArrayObject>().write(ArrayObject { header, length: texts.len() as u64 });
        let elements = memory_of_array(array).cast::<*const u8>();
        for (index, text) in texts.iter().enumerate() {
            elements.add(index).write(new_string(text.as_bytes()));
        }
    }
    array
}

// Functions that pool threads call. They do not use the heap.

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_fill_input() -> i64 {
    stdin::fill()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_read_path(path: *const u8) -> i64 {
    files::read_path(bytes(path)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_write_path(path: *const u8, contents: *const u8) -> i64 {
    files::write_path(bytes(path), bytes(contents)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_remove_path(path: *const u8) -> i64 {
    files::remove_path(bytes(path)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_exists_path(path: *const u8) -> i64 {
    files::exists_path(bytes(path)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_list_path(path: *const u8) -> i64 {
    files::list_path(bytes(path)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_resolve(address: *const u8) -> i64 {
    files::resolve(string(address)).into_number()
}
