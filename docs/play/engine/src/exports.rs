//! The functions that the page calls. The module has one thread, so the engine is a thread-local value.

use std::cell::RefCell;
use std::panic;

use weft::mir::interpret::{Progress, Stride};

use crate::engine::{self, Engine};

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static REPLY: RefCell<String> = const { RefCell::new(String::new()) };
    static ENGINE: RefCell<Engine> = RefCell::default();
}

/// Makes a panic of the engine leave its message in the reply; the module then traps.
#[unsafe(no_mangle)]
pub extern "C" fn start() {
    panic::set_hook(Box::new(|info| reply(info.to_string())));
}

/// The address of a buffer of `length` bytes for the argument of the next call.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        input.clear();
        input.resize(length, 0);
        input.as_mut_ptr()
    })
}

/// The address of the last reply.
#[unsafe(no_mangle)]
pub extern "C" fn reply_start() -> *const u8 {
    REPLY.with_borrow(|reply| reply.as_ptr())
}

/// The length of the last reply, in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn reply_length() -> usize {
    REPLY.with_borrow(String::len)
}

/// Compiles the program in the input; replies with the messages.
#[unsafe(no_mangle)]
pub extern "C" fn compile() {
    reply(ENGINE.with_borrow_mut(|engine| engine.compile(&argument())));
}

/// Replies with the classified parts of the program in the input.
#[unsafe(no_mangle)]
pub extern "C" fn highlight() {
    reply(engine::parts(&argument()));
}

/// Replies with the page about the code in the input.
#[unsafe(no_mangle)]
pub extern "C" fn explain() {
    reply(engine::page(&argument()));
}

/// Begins a run with the parameters in the input.
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    ENGINE.with_borrow_mut(|engine| engine.begin(&argument()));
}

/// Runs to another line, or to another thread.
#[unsafe(no_mangle)]
pub extern "C" fn step(to_thread: bool, fuel: u32) -> u32 {
    let stride = if to_thread { Stride::Switch } else { Stride::Line };
    number(ENGINE.with_borrow_mut(|engine| engine.step(stride, fuel.into())))
}

/// Runs to a time, which JavaScript has as a float.
#[unsafe(no_mangle)]
pub extern "C" fn run_to(time: f64, fuel: u32) -> u32 {
    number(ENGINE.with_borrow_mut(|engine| engine.run_to(time as u64, fuel.into())))
}

/// The time of the run.
#[unsafe(no_mangle)]
pub extern "C" fn time() -> f64 {
    ENGINE.with_borrow(|engine| engine.time() as f64)
}

/// Replies with the state of the run.
#[unsafe(no_mangle)]
pub extern "C" fn report() {
    reply(ENGINE.with_borrow_mut(Engine::report));
}

fn reply(text: String) {
    REPLY.with_borrow_mut(|reply| *reply = text);
}

fn argument() -> String {
    INPUT.with_borrow(|input| String::from_utf8_lossy(input).into_owned())
}

/// Progress as the page reads it.
fn number(progress: Progress) -> u32 {
    match progress {
        Progress::Arrived => 0,
        Progress::Unfinished => 1,
        Progress::Ended => 2,
    }
}
