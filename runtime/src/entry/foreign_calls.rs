//! Symbols for foreign calls: blocking calls, and strings for C.

use weft_abi::{BlockingCall, BlockingResult};

use super::values::{bytes, current, current_task, new_text, panic};
use crate::io::c_strings::{self, CString};
use crate::report::messages;
use crate::sched::run_loop;
use crate::wait::blocking;

pub(super) extern "C" fn weft_blocking_new(function: *const u8, words: i64, kind: i64) -> *const u8 {
    let kind = BlockingResult::of_number(kind).expect("BUG: a call with an unknown kind of result");
    let call = blocking::new_call(function, words as usize, kind);
    if call.is_null() {
        panic("no memory for a call", std::ptr::null());
    }
    call.cast_const().cast()
}

pub(super) extern "C" fn weft_blocking_submit(call: *const u8) {
    // SAFETY: compiled code passes a call that it made, with its arguments, and parks next.
    unsafe {
        blocking::submit(current_task(), call.cast_mut().cast::<BlockingCall>());
    }
    run_loop::enqueue_poll(current());
}

pub(super) extern "C" fn weft_blocking_run(call: *const u8) {
    // SAFETY: compiled code passes a call that it made, with its arguments.
    unsafe { blocking::run(call.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_blocking_free(call: *const u8) {
    // SAFETY: compiled code passes a call that it made, and has loaded the call's result.
    unsafe { blocking::free_call(call.cast_mut().cast()) }
}

pub(super) extern "C" fn weft_c_string_new(text: *const u8, site: *const u8) -> *const u8 {
    match CString::new(bytes(text)) {
        Ok(copy) => c_strings::own(copy),
        Err(c_strings::Refusal::Zero(place)) => panic(messages::zero_in_c_string(place), site),
        Err(c_strings::Refusal::Memory(size)) => panic(messages::no_memory_for_c_string(size), site),
    }
}

pub(super) extern "C" fn weft_c_strings_free() {
    drop(c_strings::take_owned());
}

pub(super) extern "C" fn weft_c_string_text(string: *const u8, site: *const u8) -> *const u8 {
    if string.is_null() {
        panic(messages::NULL_C_STRING, site);
    }
    // SAFETY: the program has declared the result as a string, so C returns bytes that end with a zero.
    new_text(String::from_utf8_lossy(unsafe { c_strings::bytes_at(string) }).into_owned())
}

#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_c_string_keep(string: *const u8) -> *const u8 {
    // SAFETY: as for `weft_c_string_text`.
    unsafe { CString::copy_of(string) }.map_or(std::ptr::null(), |copy| copy.into_raw().cast_const())
}
