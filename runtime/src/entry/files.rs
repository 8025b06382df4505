//! Symbols for files: outcomes of operations, and the operations, which pool threads run.

use std::slice;

use super::values::{
    bytes, current, memory_of_array, new_bytes, new_strings, new_words, part_of_array, string,
};
use crate::gc;
use crate::io::descriptors::{self, Descriptor};
use crate::io::outcome::{NO_ADDRESS, Outcome};
use crate::io::{files, leaks, open_files};
use crate::os::sockets;
use crate::report::thread_info::place_in_program;

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

pub(super) extern "C" fn weft_outcome_numbers(number: i64) -> *const u8 {
    let numbers = &outcome(number).numbers;
    let array = new_words(numbers.len());
    // SAFETY: the array is new and has room for the numbers.
    unsafe { memory_of_array(array).cast::<i64>().copy_from_nonoverlapping(numbers.as_ptr(), numbers.len()) };
    array
}

/// The descriptor of an open file.
pub(super) fn descriptor_of(object: *const u8) -> *mut Descriptor {
    memory_of_array(object).cast()
}

pub(super) extern "C" fn weft_outcome_file(number: i64) -> *const u8 {
    let object = new_words(descriptors::WORDS);
    // SAFETY: the object is new.
    unsafe { Descriptor::adopt(object, descriptor_of(object), outcome(number).take_file()) };
    note_place(descriptor_of(object));
    object
}

/// Notes where the program has opened a file, if lost files are reported.
pub(super) fn note_place(descriptor: *const Descriptor) {
    if leaks::is_on() {
        // SAFETY: the callers have just opened the file, and a green thread called into the runtime.
        let (file, place) =
            unsafe { (Descriptor::number(descriptor), place_in_program(current().green_sp())) };
        leaks::opened(file, place.unwrap_or_else(|| "a place that is not known".to_owned()));
    }
}

pub(super) extern "C" fn weft_outcome_free(number: i64) {
    // SAFETY: as for `outcome`.
    unsafe { Outcome::free(number) }
}

pub(super) extern "C" fn weft_collect() {
    // SAFETY: a green thread called into the runtime.
    unsafe { gc::collect_now(current()) }
}

// Functions that pool threads call. They do not use the heap. A call keeps its arguments alive until it has returned.

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_read_path(path: *const u8, is_text: i64) -> i64 {
    files::read_path(bytes(path), is_text != 0).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_write_path(path: *const u8, contents: *const u8, how: i64) -> i64 {
    files::write_path(bytes(path), bytes(contents), how).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_write_path_bytes(
    path: *const u8,
    array: *const u8,
    from: i64,
    count: i64,
    how: i64,
) -> i64 {
    files::write_path(bytes(path), part_of_array(array, from, count), how).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_remove_path(path: *const u8) -> i64 {
    files::remove_path(bytes(path)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_remove_tree(path: *const u8) -> i64 {
    files::remove_tree(bytes(path)).into_number()
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
pub(super) extern "C" fn weft_path_metadata(path: *const u8, follow: i64) -> i64 {
    files::path_metadata(bytes(path), follow != 0).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_rename_path(from: *const u8, to: *const u8) -> i64 {
    files::rename_path(bytes(from), bytes(to)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_copy_path(from: *const u8, to: *const u8) -> i64 {
    files::copy_path(bytes(from), bytes(to)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_create_directory(path: *const u8, all: i64) -> i64 {
    files::create_directory(bytes(path), all != 0).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_canonical_path(path: *const u8) -> i64 {
    files::canonical_path(bytes(path)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_create_temporary_directory(folder: *const u8, prefix: *const u8) -> i64 {
    files::create_temporary_directory(bytes(folder), bytes(prefix)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_open_path(path: *const u8, options: i64, permissions: i64) -> i64 {
    files::open_path(bytes(path), options, permissions).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_open_temporary(folder: *const u8, prefix: *const u8) -> i64 {
    files::open_temporary(bytes(folder), bytes(prefix)).into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_read_file(file: *const u8, array: *const u8, from: i64, count: i64) -> i64 {
    // SAFETY: the library passes a file and a range of a new array, which no other code reads or writes until the call
    // has ended, also if the thread is cancelled meanwhile.
    unsafe {
        let start = memory_of_array(array).add(from as usize);
        open_files::read(descriptor_of(file), slice::from_raw_parts_mut(start, count as usize))
    }
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_write_file(file: *const u8, array: *const u8, from: i64, count: i64) -> i64 {
    // SAFETY: the library passes a file.
    unsafe { open_files::write(descriptor_of(file), part_of_array(array, from, count)) }
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_seek_file(file: *const u8, offset: i64, whence: i64) -> i64 {
    // SAFETY: the library passes a file.
    unsafe { open_files::seek(descriptor_of(file), offset, whence) }
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_sync_file(file: *const u8) -> i64 {
    // SAFETY: the library passes a file.
    unsafe { open_files::sync(descriptor_of(file)) }
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_resize_file(file: *const u8, size: i64) -> i64 {
    // SAFETY: the library passes a file.
    unsafe { open_files::resize(descriptor_of(file), size) }
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_file_metadata(file: *const u8) -> i64 {
    // SAFETY: the library passes a file.
    unsafe { open_files::metadata(descriptor_of(file)) }.into_number()
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_close_file(file: *const u8) -> i64 {
    // SAFETY: the library passes a file.
    unsafe { Descriptor::close(descriptor_of(file), |_| ()) };
    0
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_resolve(address: *const u8) -> i64 {
    match sockets::resolve(string(address)) {
        Ok(strings) => Outcome { strings, ..Outcome::default() },
        Err(error) if error.raw_os_error().is_none() => Outcome { error: NO_ADDRESS, ..Outcome::default() },
        Err(error) => Outcome::failure(&error),
    }
    .into_number()
}
