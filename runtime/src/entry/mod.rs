//! The symbols that compiled code calls, and the start of the process. Only this module exports any.
//!
//! Compiled code calls each function of `weft_abi::for_each_runtime_function` through a thunk of its name, which
//! moves to the worker's own stack. The functions are one line each: what they do is in the modules above.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::ptr::null;
use std::slice;

use weft_abi::{
    ArrayObject, FormatSpec, Header, PanicKind, Site, TypeDescriptor, Worker, for_each_runtime_function,
};

use crate::arch::{self, Registers, valgrind};
use crate::gc;
use crate::io::stdout;
use crate::os::{self, allocator};
use crate::report::messages;
use crate::sched::{monitor, panics, run_loop, safepoint};
use crate::stack::grow::{self, Refusal};
use crate::stack::pool;
use crate::text::{format, hash, literals, strings};
use crate::workers::requests::{self, PREEMPT};
use crate::workers::{inbox, random_schedule, registry, run_queue, sigquit, worker};

/// Calls of C, and calls in which only the green thread waits.
mod foreign_calls;
/// Green threads that wait.
mod threads;
/// Functions of floats that no instruction computes.
mod numbers;
/// The process and what surrounds it.
mod process;
/// More of what strings can do.
mod string_functions;
/// Signal handlers that C installs.
mod signals;

use foreign_calls::*;
use numbers::*;
use process::*;
use string_functions::*;
use threads::*;

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
arch::pseudo_thread!(weft_idler, run_loop::idle);
arch::pseudo_thread!(weft_poller, run_loop::poll);
arch::pseudo_thread!(weft_drawer, run_loop::draw);

// Output.

extern "C" fn weft_print(string: *const u8) {
    printed("output", stdout::print([bytes(string), b""]));
}

extern "C" fn weft_print_line(string: *const u8) {
    printed("output", stdout::print([bytes(string), b"\n"]));
}

extern "C" fn weft_eprint(string: *const u8) {
    printed("error", stdout::print_error([bytes(string), b""]));
}

extern "C" fn weft_eprint_line(string: *const u8) {
    printed("error", stdout::print_error([bytes(string), b"\n"]));
}

fn printed(name: &str, result: io::Result<()>) {
    if let Err(error) = result {
        panic(format!("cannot write to standard {name}: {error}"), null());
    }
}

// Text.

thread_local! {
    /// The parts of the string that is being built.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The most bytes of a number or a character without a width: a float has the most.
const SHORT: usize = 400;

/// Adds the string at `before` and a value of at most `most` bytes to the text.
fn add(before: *const u8, most: usize, value: impl FnOnce(&mut Vec<u8>)) {
    let before = bytes(before);
    let most = before.len() + most;
    let reserved = TEXT.with_borrow_mut(|out| allocator::try_reserve(out, most));
    if reserved.is_err() {
        // A panic does not come back here, and the next text begins without this one's parts.
        let length = TEXT.take().len() + most;
        no_memory(strings::size(length));
    }
    TEXT.with_borrow_mut(|out| {
        out.extend_from_slice(before);
        value(out);
    });
}

/// Adds a value that is filled up to the width of `spec`, of at most `most` bytes without.
fn add_as(before: *const u8, most: usize, spec: i64, value: impl FnOnce(&mut Vec<u8>, FormatSpec)) {
    let spec = FormatSpec::unpack(spec);
    let filled = spec.width + spec.precision.unwrap_or(0);
    add(before, most + filled as usize, |out| value(out, spec));
}

extern "C" fn weft_text_string(before: *const u8, value: *const u8) {
    let value = bytes(value);
    add(before, value.len(), |out| out.extend_from_slice(value));
}

extern "C" fn weft_text_string_quoted(before: *const u8, value: *const u8) {
    let value = string(value);
    add(before, literals::quoted_size(value, '"'), |out| literals::push_quoted(out, value, '"'));
}

extern "C" fn weft_text_int(before: *const u8, value: i64) {
    add(before, SHORT, |out| format::push_int(out, value));
}

extern "C" fn weft_text_float(before: *const u8, value: f64) {
    add(before, SHORT, |out| format::push_float(out, value));
}

extern "C" fn weft_text_bool(before: *const u8, value: bool) {
    add(before, SHORT, |out| format::push_bool(out, value));
}

extern "C" fn weft_text_char(before: *const u8, value: u32) {
    add(before, SHORT, |out| format::push_char(out, char_of(value)));
}

extern "C" fn weft_text_char_quoted(before: *const u8, value: u32) {
    let value = char_of(value);
    add(before, SHORT, |out| literals::push_quoted(out, value.encode_utf8(&mut [0; 4]), '\''));
}

extern "C" fn weft_text_byte(before: *const u8, value: u8) {
    add(before, SHORT, |out| format::push_int(out, value.into()));
}

extern "C" fn weft_text_string_as(before: *const u8, value: *const u8, spec: i64) {
    let value = string(value);
    add_as(before, value.len(), spec, |out, spec| format::push_string_as(out, value, spec));
}

extern "C" fn weft_text_int_as(before: *const u8, value: i64, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_int_as(out, value, spec));
}

extern "C" fn weft_text_float_as(before: *const u8, value: f64, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_float_as(out, value, spec));
}

extern "C" fn weft_text_char_as(before: *const u8, value: u32, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_char_as(out, char_of(value), spec));
}

extern "C" fn weft_text_byte_as(before: *const u8, value: u8, spec: i64) {
    add_as(before, SHORT, spec, |out, spec| format::push_byte_as(out, value, spec));
}

extern "C" fn weft_text_finish(after: *const u8) -> *const u8 {
    add(after, 0, |_| {});
    let mut text = TEXT.take();
    let size = strings::size(text.len());
    let Some(memory) = try_allocate(strings::HEADER, size) else {
        drop(text); // a panic does not come back here
        no_memory(size)
    };
    // SAFETY: parts are UTF-8, and the memory is nobody else's.
    let string = unsafe { strings::create(&text, |_| memory) };
    text.clear();
    TEXT.set(text);
    string.cast_const().cast()
}

// Strings.

extern "C" fn weft_string_concat(left: *const u8, right: *const u8) -> *const u8 {
    // SAFETY: compiled code passes whole strings.
    unsafe { strings::concat(left.cast(), right.cast(), new_string_memory).cast() }
}

extern "C" fn weft_string_equal(left: *const u8, right: *const u8) -> bool {
    // SAFETY: compiled code passes whole strings.
    unsafe { strings::equal(left.cast(), right.cast()) }
}

extern "C" fn weft_string_compare(left: *const u8, right: *const u8) -> i64 {
    // SAFETY: compiled code passes whole strings.
    unsafe { strings::compare(left.cast(), right.cast()) as i64 }
}

// The process.

extern "C" fn weft_exit(status: i64) -> ! {
    if let Err(error) = stdout::flush() {
        os::die(&format!("cannot write to standard output: {error}"));
    }
    std::process::exit(status as i32)
}

// Panics.

extern "C" fn weft_panic(message: *const u8, site: *const u8) -> ! {
    panic(string(message), site)
}

extern "C" fn weft_panic_kind(kind: i64, site: *const u8) -> ! {
    panic(PanicKind::ALL[kind as usize].message(), site)
}

extern "C" fn weft_panic_index(index: i64, length: i64, site: *const u8) -> ! {
    panic(messages::index_out_of_bounds(index, length), site)
}

extern "C" fn weft_panic_array_length(length: i64, site: *const u8) -> ! {
    panic(messages::array_length(length), site)
}

extern "C" fn weft_panic_not_equal(left: *const u8, right: *const u8, site: *const u8) -> ! {
    panic(messages::not_equal(string(left), string(right)), site)
}

extern "C" fn weft_panic_join(task: *const u8, site: *const u8) -> ! {
    // SAFETY: compiled code passes a task that panicked, and calls from the running green thread.
    unsafe { panics::join(arch::current_worker(), task.cast(), site.cast()) }
}

/// Panics in the running green thread. It does not come back: what callers own at that moment is never dropped, so they
/// hand the message over.
fn panic<'a>(message: impl Into<Cow<'a, str>>, site: *const u8) -> ! {
    // SAFETY: only compiled code calls this module, from the running green thread; a site is a constant.
    unsafe { panics::panic(arch::current_worker(), message.into(), site.cast::<Site>()) }
}

// Memory.

extern "C" fn weft_copy_memory(to: *const u8, from: *const u8, size: i64) {
    // SAFETY: compiled code passes two places inside objects.
    unsafe { core::ptr::copy(from, to.cast_mut(), size as usize) }
}

extern "C" fn weft_clear_memory(place: *const u8, size: i64) {
    // SAFETY: compiled code passes a place inside an object.
    unsafe { core::ptr::write_bytes(place.cast_mut(), 0, size as usize) }
}

// Slow paths of the hot code.

extern "C" fn weft_grow_run_queue() {
    // SAFETY: this is the running worker.
    unsafe { run_queue::grow(arch::current_worker()) }
}

extern "C" fn weft_prefer(count: i64) {
    // SAFETY: this is the running worker, and the hot path knows that so many are there.
    unsafe { run_queue::prefer(arch::current_worker(), count as u64) }
}

extern "C" fn weft_end_slice() {
    // SAFETY: this is a worker.
    unsafe { requests::ask(arch::current_worker(), PREEMPT) }
}

extern "C" fn weft_more_stacks() {
    // SAFETY: this is the running worker.
    if let Err(error) = unsafe { pool::refill(arch::current_worker()) } {
        panic(format!("no memory for the stack of another green thread: {error}"), null());
    }
}

extern "C" fn weft_allocate_slow(header: i64, size: i64) -> *const u8 {
    allocate(Header::from_word(header as u64), size as usize)
}

/// What `__morestack` and `weft_poll` call.
extern "C" fn safepoint(worker: *mut Worker, registers: &Registers, frame: usize) -> *mut u8 {
    // SAFETY: they pass the running worker and have stored the stack pointer of its green thread.
    let refusal = match unsafe { safepoint::enter(worker, registers, frame) } {
        Ok(sp) => return sp,
        Err(Refusal::Limit(max)) => messages::stack_exhausted(max as u64),
        Err(Refusal::Memory(error)) => format!("no memory for a larger stack: {error}"),
    };
    panic(refusal, null())
}

// Objects.

fn allocate(header: Header, size: usize) -> *mut u8 {
    try_allocate(header, size).unwrap_or_else(|| no_memory(size))
}

fn try_allocate(header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: this is the running worker.
    unsafe { gc::allocate(arch::current_worker(), header, size) }
}

/// As [`try_allocate`], without a collection.
fn try_allocate_now(header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: this is the running worker.
    unsafe { gc::allocate_now(arch::current_worker(), header, size) }
}

fn new_string_memory(size: usize) -> *mut u8 {
    allocate(strings::HEADER, size)
}

fn no_memory(size: usize) -> ! {
    panic(format!("no memory for an object of {size} bytes"), null())
}

fn new_string(text: &[u8]) -> *const u8 {
    // SAFETY: the callers pass UTF-8, and the heap gives memory that nobody uses.
    unsafe { strings::create(text, new_string_memory).cast_const().cast() }
}

/// As [`new_string`], of text that a panic would not give back.
fn new_text(text: String) -> *const u8 {
    let size = strings::size(text.len());
    let Some(memory) = try_allocate(strings::HEADER, size) else {
        drop(text);
        no_memory(size)
    };
    // SAFETY: the memory is nobody else's.
    unsafe { strings::create(text.as_bytes(), |_| memory).cast_const().cast() }
}

/// A `Char`, which is always a scalar value.
fn char_of(value: u32) -> char {
    char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Where the elements of an array are.
fn memory_of_array(array: *const u8) -> *mut u8 {
    array.wrapping_add(size_of::<ArrayObject>()).cast_mut()
}

/// Part of an array of bytes.
fn part_of_array<'a>(array: *const u8, from: i64, count: i64) -> &'a [u8] {
    // SAFETY: the library passes what lies in the array, and nobody writes to it meanwhile.
    unsafe { slice::from_raw_parts(memory_of_array(array).add(from as usize), count as usize) }
}

fn bytes<'a>(string: *const u8) -> &'a [u8] {
    // SAFETY: compiled code passes whole strings, and strings never change.
    unsafe { strings::bytes(string.cast()) }
}

fn string<'a>(string: *const u8) -> &'a str {
    // SAFETY: as for `bytes`.
    unsafe { strings::as_str(string.cast()) }
}

// The start of the process.

/// What the environment says.
fn settings() -> Result<gc::Settings, String> {
    let setting = |name| std::env::var_os(name).map(|text| text.to_string_lossy().into_owned());
    grow::set_max(setting("WEFT_STACK_MAX").as_deref())?;
    hash::set_seed(setting("WEFT_SEED").as_deref())?;
    random_schedule::set(setting("WEFT_SCHEDULE").as_deref(), hash::is_given())?;
    registry::set_wanted(setting("WEFT_WORKERS").as_deref())?;
    monitor::set_time_slice(setting("WEFT_PREEMPT").as_deref(), hash::is_given() && registry::is_single())?;
    gc::Settings::parse(setting("WEFT_GC_LOG").as_deref(), setting("WEFT_GC_STRESS").as_deref())
}

/// The C entry point.
#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    unsafe extern "C" {
        // `weft_abi::layout::MAIN_SYMBOL`
        fn weft_main();
        // `weft_abi::object::DESCRIPTORS_SYMBOL`
        #[link_name = "weft_descriptors"]
        static DESCRIPTORS: TypeDescriptor;
    }
    if let Err(error) = os::open_standard_streams() {
        os::die(&format!("the runtime cannot start: /dev/null: {error}"));
    }
    valgrind::look();
    let settings = match settings() {
        Ok(settings) => settings,
        Err(message) => {
            eprintln!("weft: {message}");
            return 2;
        }
    };
    let started = os::report_faults(panics::fault)
        .and_then(|()| pool::reserve())
        .and_then(|()| sigquit::start())
        .and_then(|()| {
            // SAFETY: the table is a constant of the program.
            unsafe { gc::start(&raw const DESCRIPTORS, settings)? };
            let worker = worker::create()?;
            registry::add(worker, inbox::own());
            // SAFETY: the worker is new, and this is its thread.
            unsafe {
                random_schedule::start(worker);
                Ok((worker, worker::create_main(worker, weft_main as *const u8)?))
            }
        });
    match started {
        // SAFETY: the main thread was just created, and nobody else has its stack pointer.
        Ok((worker, sp)) => unsafe { arch::enter(worker, sp) },
        Err(error) => os::die(&format!("the runtime cannot start: {error}")),
    }
}
