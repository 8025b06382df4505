//! The symbols: for each row of `weft_abi::for_each_runtime_function` a check of the definition's type, and a thunk
//! that runs the definition on the worker's own stack. Also the symbols for safepoints and pseudo-threads.

use weft_abi::for_each_runtime_function;

use super::children::*;
use super::files::*;
use super::foreign_calls::*;
use super::generators::*;
use super::interpolation::*;
use super::numbers::*;
use super::output::*;
use super::panics::*;
use super::process::*;
use super::slow_paths::*;
use super::sockets::*;
use super::string_functions::*;
use super::threads::*;
use crate::arch;
use crate::sched::run_loop;

/// The Rust type of a type in the table.
macro_rules! rust_type {
    (Unit) => { () };
    (Bool) => { bool };
    (Int) => { i64 };
    (Outcome) => { i64 };
    (Float) => { f64 };
    (Char) => { u32 };
    (Byte) => { u8 };
    (Never) => { ! };
    // Objects and addresses.
    ($address:ident) => { *const u8 };
}

macro_rules! export {
    (
        program { $($program:tt)* } internal { $($internal:tt)* }
        blocking { $($blocking:tt)* } anywhere { $($anywhere:tt)* }
    ) => {
        check! { $($program)* $($internal)* $($blocking)* $($anywhere)* }
        thunks! { $($program)* $($internal)* }
    };
}

macro_rules! check {
    ($($name:ident $symbol:ident($($parameter:ident),*) -> $result:ident;)*) => { $(
        const _: extern "C" fn($(rust_type!($parameter)),*) -> rust_type!($result) = $symbol;
    )* };
}

macro_rules! thunks {
    ($($name:ident $symbol:ident($($parameter:ident),*) -> $result:ident;)*) => { $(
        arch::thunk!($symbol, $symbol);
    )* };
}

for_each_runtime_function!(export);
arch::safepoints!(safepoint);
arch::pseudo_thread!(weft_idler, run_loop::idle_pseudo_thread);
arch::pseudo_thread!(weft_poller, run_loop::poll_pseudo_thread);
arch::pseudo_thread!(weft_drawer, run_loop::draw_pseudo_thread);
