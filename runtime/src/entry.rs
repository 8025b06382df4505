//! The symbols that compiled code calls, and the start of the process. Only this module exports any.
//!
//! Compiled code calls each function of `weft_abi::for_each_runtime_function` through a thunk of its name, which
//! moves to the worker's own stack. The functions are one line each: what they do is in the modules above.

use std::cell::RefCell;
use std::io::{self, Write};
use std::ptr::null;

use weft_abi::{
    ArrayObject, FormatSpec, PanicKind, Site, StringObject, Task, Worker, for_each_runtime_function,
};

use crate::growth::{self, Refusal};
use crate::report::messages;
use crate::{arch, failure, heap, os, stacks, strings, text, worker};

macro_rules! rust_type {
    (Unit) => { () };
    (Bool) => { bool };
    (Int) => { i64 };
    (Float) => { f64 };
    (Pointer) => { *const u8 };
    (Never) => { ! };
}

macro_rules! export {
    ($($name:ident $symbol:ident($($parameter:ident),*) -> $result:ident;)*) => { $(
        const _: extern "C" fn($(rust_type!($parameter)),*) -> rust_type!($result) = $symbol;
        arch::thunk!($symbol, $symbol);
    )* };
}

for_each_runtime_function!(export);
arch::morestack!(grow);

// Output.

extern "C" fn weft_print(string: *const u8) {
    print(io::stdout().lock(), "output", bytes(string), b"");
}

extern "C" fn weft_print_line(string: *const u8) {
    print(io::stdout().lock(), "output", bytes(string), b"\n");
}

extern "C" fn weft_eprint(string: *const u8) {
    print(io::stderr().lock(), "error", bytes(string), b"");
}

extern "C" fn weft_eprint_line(string: *const u8) {
    print(io::stderr().lock(), "error", bytes(string), b"\n");
}

fn print(mut stream: impl Write, name: &str, text: &[u8], end: &[u8]) {
    let written = stream.write_all(text).and_then(|()| stream.write_all(end));
    // A panic does not come back here, and the lock would stay.
    drop(stream);
    if let Err(error) = written {
        panic(&format!("cannot write to standard {name}: {error}"), null());
    }
}

// Text.

thread_local! {
    /// The parts of the string that is being built.
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

extern "C" fn weft_text_string(value: *const u8) {
    let part = bytes(value);
    let reserved = TEXT.with_borrow_mut(|out| out.try_reserve(part.len()));
    if reserved.is_err() {
        // A panic does not come back here, and the next text begins without this one's parts.
        let length = TEXT.take().len() + part.len();
        no_memory(strings::size(length));
    }
    TEXT.with_borrow_mut(|out| out.extend_from_slice(part));
}

extern "C" fn weft_text_int(value: i64) {
    TEXT.with_borrow_mut(|out| text::push_int(out, value));
}

extern "C" fn weft_text_float(value: f64) {
    TEXT.with_borrow_mut(|out| text::push_float(out, value));
}

extern "C" fn weft_text_bool(value: bool) {
    TEXT.with_borrow_mut(|out| text::push_bool(out, value));
}

extern "C" fn weft_text_string_as(value: *const u8, spec: i64) {
    TEXT.with_borrow_mut(|out| text::push_string_as(out, string(value), FormatSpec::unpack(spec)));
}

extern "C" fn weft_text_int_as(value: i64, spec: i64) {
    TEXT.with_borrow_mut(|out| text::push_int_as(out, value, FormatSpec::unpack(spec)));
}

extern "C" fn weft_text_float_as(value: f64, spec: i64) {
    TEXT.with_borrow_mut(|out| text::push_float_as(out, value, FormatSpec::unpack(spec)));
}

extern "C" fn weft_text_finish() -> *const u8 {
    let mut text = TEXT.take();
    let size = strings::size(text.len());
    let Some(memory) = try_allocate(size) else {
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
    unsafe { strings::concat(left.cast(), right.cast(), allocate).cast() }
}

extern "C" fn weft_string_equal(left: *const u8, right: *const u8) -> bool {
    // SAFETY: compiled code passes whole strings.
    unsafe { strings::equal(left.cast(), right.cast()) }
}

extern "C" fn weft_string_compare(left: *const u8, right: *const u8) -> i64 {
    // SAFETY: compiled code passes whole strings.
    unsafe { strings::compare(left.cast(), right.cast()) as i64 }
}

extern "C" fn weft_float_remainder(left: f64, right: f64) -> f64 {
    left % right
}

// The process.

extern "C" fn weft_arguments() -> *const u8 {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let array = allocate(size_of::<ArrayObject>() + arguments.len() * size_of::<*const StringObject>());
    // SAFETY: the memory is new and has room for the length and one word an element.
    unsafe {
        array.cast::<ArrayObject>().write(ArrayObject { length: arguments.len() as u64 });
        let elements = array.add(size_of::<ArrayObject>()).cast::<*const u8>();
        for (index, argument) in arguments.iter().enumerate() {
            // A `String` is UTF-8; what is not is replaced, as there is no other way to look at it.
            elements.add(index).write(new_string(argument.to_string_lossy().as_bytes()));
        }
    }
    array
}

extern "C" fn weft_exit(status: i64) -> ! {
    if let Err(error) = io::stdout().flush() {
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
    panic(&messages::index_out_of_bounds(index, length), site)
}

extern "C" fn weft_panic_not_equal(left: *const u8, right: *const u8, site: *const u8) -> ! {
    panic(&messages::not_equal(string(left), string(right)), site)
}

extern "C" fn weft_panic_join(task: *const u8, site: *const u8) -> ! {
    // SAFETY: compiled code passes a task that panicked, and calls from the running green thread.
    unsafe { failure::join(arch::current_worker(), task.cast(), site.cast()) }
}

fn panic(message: &str, site: *const u8) -> ! {
    // SAFETY: only compiled code calls this module, from the running green thread; a site is a constant.
    unsafe { failure::panic(arch::current_worker(), message, site.cast::<Site>()) }
}

// Slow paths of the hot code.

extern "C" fn weft_idle() {
    failure::deadlock()
}

extern "C" fn weft_grow_run_queue() {
    // SAFETY: this is the running worker.
    unsafe { worker::grow_run_queue(arch::current_worker()) }
}

extern "C" fn weft_more_stacks() {
    // SAFETY: this is the running worker.
    if let Err(error) = unsafe { stacks::refill(arch::current_worker()) } {
        panic(&format!("no memory for the stack of another green thread: {error}"), null());
    }
}

extern "C" fn weft_free_stack(task: *const u8) {
    // SAFETY: the hot path passes the task of the running thread, which has ended.
    unsafe { growth::free_stack(arch::current_worker(), task.cast_mut().cast::<Task>()) }
}

extern "C" fn weft_wake_joiners(task: *const u8) {
    // SAFETY: the hot path passes the task of the running thread, which has ended.
    unsafe { worker::wake_joiners(arch::current_worker(), task.cast()) }
}

extern "C" fn weft_allocate_slow(size: i64) -> *const u8 {
    allocate(size as usize)
}

/// What `__morestack` calls.
extern "C" fn grow(worker: *mut Worker, frame: usize) -> *mut u8 {
    // SAFETY: `__morestack` passes the running worker and has stored the stack pointer of its green thread.
    let refusal = match unsafe { growth::grow(worker, frame) } {
        Ok(sp) => return sp,
        Err(Refusal::Limit(max)) => messages::stack_exhausted(max as u64),
        Err(Refusal::Memory(error)) => format!("no memory for a larger stack: {error}"),
    };
    panic(&refusal, null())
}

// Objects.

fn allocate(size: usize) -> *mut u8 {
    try_allocate(size).unwrap_or_else(|| no_memory(size))
}

fn try_allocate(size: usize) -> Option<*mut u8> {
    // SAFETY: this is the running worker.
    unsafe { heap::allocate(arch::current_worker(), size) }
}

fn no_memory(size: usize) -> ! {
    panic(&format!("no memory for an object of {size} bytes"), null())
}

fn new_string(text: &[u8]) -> *const u8 {
    // SAFETY: the callers pass UTF-8, and `allocate` gives memory that nobody uses.
    unsafe { strings::create(text, allocate).cast_const().cast() }
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

/// The C entry point.
#[unsafe(no_mangle)]
extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    unsafe extern "C" {
        // `weft_abi::layout::MAIN_SYMBOL`
        fn weft_main();
    }
    let settings = std::env::var_os("WEFT_STACK_MAX").map(|text| text.to_string_lossy().into_owned());
    if let Err(message) = growth::set_max(settings.as_deref()) {
        eprintln!("weft: {message}");
        return 2;
    }
    let started = os::report_faults(failure::fault).and_then(|()| stacks::reserve()).and_then(|()| {
        let worker = worker::create()?;
        // SAFETY: the worker is new, and this is its thread.
        Ok((worker, unsafe { worker::create_main(worker, weft_main as *const u8)? }))
    });
    match started {
        // SAFETY: the main thread was just created, and nobody else has its stack pointer.
        Ok((worker, sp)) => unsafe { arch::enter(worker, sp) },
        Err(error) => os::die(&format!("the runtime cannot start: {error}")),
    }
}
