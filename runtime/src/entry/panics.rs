//! Panics that compiled code begins.

use weft_abi::PanicKind;

use super::values::{current, panic, string};
use crate::report::messages;
use crate::sched::panics;

pub(super) extern "C" fn weft_panic(message: *const u8, site: *const u8) -> ! {
    panic(string(message), site)
}

pub(super) extern "C" fn weft_panic_kind(kind: i64, site: *const u8) -> ! {
    panic(PanicKind::ALL[kind as usize].message(), site)
}

pub(super) extern "C" fn weft_panic_index(index: i64, length: i64, site: *const u8) -> ! {
    panic(messages::index_out_of_bounds(index, length), site)
}

pub(super) extern "C" fn weft_panic_array_length(length: i64, site: *const u8) -> ! {
    panic(messages::array_length(length), site)
}

pub(super) extern "C" fn weft_panic_not_equal(left: *const u8, right: *const u8, site: *const u8) -> ! {
    panic(messages::not_equal(string(left), string(right)), site)
}

pub(super) extern "C" fn weft_panic_join(task: *const u8, site: *const u8) -> ! {
    // SAFETY: a green thread called into the runtime, and the joined thread has panicked or was cancelled.
    unsafe { panics::join(current(), task.cast(), site.cast()) }
}

pub(super) extern "C" fn weft_panic_c_int(value: i64, site: *const u8) -> ! {
    panic(messages::no_c_int(value), site)
}

pub(super) extern "C" fn weft_panic_c_size(value: i64, site: *const u8) -> ! {
    panic(messages::no_c_size(value), site)
}
