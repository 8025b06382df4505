//! Pipes, child processes and signals.

use weft_abi::{IoKind, Task};

use super::files::{descriptor_of, note_place};
use super::sockets::{handle_of, number_of, open, with_file};
use super::values::{bytes, current, new_words};
use crate::io::children as start;
use crate::io::descriptors::{self, Descriptor};
use crate::io::outcome::Outcome;
use crate::os::{children, subscriptions};
use crate::wait::{handles, scope};

/// Notes in a new handle what it stands for.
fn become_kind(object: *const u8, kind: IoKind, detail: u64) {
    // SAFETY: the library passes a new handle, which only this thread uses.
    unsafe {
        (*handle_of(object)).kind = kind as u32;
        (*handle_of(object)).detail = detail;
        // The writers of a pipe may have chosen that a read ends where a write ended.
        (*handle_of(object)).stops_short = (kind == IoKind::Pipe).into();
    }
}

pub(super) extern "C" fn weft_io_pipe(reading: *const u8, writing: *const u8) -> i64 {
    let result = children::pipe().and_then(|(reader, writer)| {
        for object in [reading, writing] {
            become_kind(object, IoKind::Pipe, 0);
        }
        open(reading, || Ok(reader))?;
        open(writing, || Ok(writer))
    });
    number_of(result)
}

pub(super) extern "C" fn weft_io_adopt(object: *const u8, process: i64, number: i64) -> i64 {
    let kind = if process == 0 { IoKind::Pipe } else { IoKind::Process };
    become_kind(object, kind, process as u64);
    // SAFETY: the library passes only numbers of outcomes that it has received and not freed.
    let outcome = unsafe { Outcome::of_number(number) };
    number_of(if kind == IoKind::Process {
        let process = outcome.process.take().expect("BUG: an outcome without a process");
        process.hand_over(|file| open(object, || Ok(file)))
    } else {
        open(object, || Ok(outcome.take_file()))
    })
}

/// The file of the new object is blocking. A read of another thread that has just begun may then block its worker until
/// there is something to read.
pub(super) extern "C" fn weft_io_into_file(object: *const u8) -> *const u8 {
    let file = new_words(descriptors::WORDS);
    // Without the file of the handle, the object stays closed.
    let _ = with_file(object, |descriptor| {
        let copy = children::duplicate(descriptor)?;
        children::set_blocking(descriptor, true)?;
        // SAFETY: the object is new, and the library passes a handle and holds no lock.
        unsafe {
            Descriptor::adopt(file, descriptor_of(file), copy);
            note_place(descriptor_of(file));
            handles::close(current(), handle_of(object));
        }
        Ok(0)
    });
    file
}

pub(super) extern "C" fn weft_io_outcome(object: *const u8) -> i64 {
    // SAFETY: the library passes a handle, and the word is written as a whole.
    let detail = unsafe { &raw mut (*handle_of(object)).detail };
    // SAFETY: as above. All threads that find the outcome write the same word.
    let known = || unsafe { detail.read_volatile() } >> u32::BITS;
    if known() == 0 {
        let result = with_file(object, |process| {
            let keep = |end| {
                let outcome = start::number_of(end) as u64 + 1;
                // SAFETY: as above.
                unsafe { detail.write_volatile(detail.read_volatile() & 0xffff_ffff | outcome << u32::BITS) };
            };
            children::end(process, keep).map(|_| 0)
        });
        // If the error means that another thread was faster, the outcome is known.
        if result.is_err() && known() == 0 {
            return number_of(result);
        }
    }
    known() as i64 - 1
}

pub(super) extern "C" fn weft_io_send_signal(object: *const u8, signal: i64) -> i64 {
    number_of(with_file(object, |process| children::send_signal(process, signal as i32).map(|()| 0)))
}

pub(super) extern "C" fn weft_io_subscribe(object: *const u8, channel: *const u8, signals: i64) -> i64 {
    become_kind(object, IoKind::Signals, channel.expose_provenance() as u64);
    let chosen = (1..i64::BITS as i32).filter(|signal| signals >> signal & 1 != 0);
    number_of(open(object, || subscriptions::subscribe(chosen)))
}

pub(super) extern "C" fn weft_io_unsubscribe(object: *const u8) {
    // If the handle is closed, there is no subscription any more.
    let _ = with_file(object, |reader| {
        subscriptions::unsubscribe(reader);
        Ok(0)
    });
}

pub(super) extern "C" fn weft_raise_signal(signal: i64, by_default: bool) -> i64 {
    let signal = signal as i32;
    if by_default && subscriptions::is_subscribed(signal) {
        return 0;
    }
    number_of(subscriptions::raise(signal).map(|()| 0))
}

pub(super) extern "C" fn weft_process_number() -> i64 {
    std::process::id().into()
}

pub(super) extern "C" fn weft_detach(task: *const u8) {
    // SAFETY: the library passes a new task, and holds no lock.
    unsafe { scope::detach(current(), task.cast_mut().cast::<Task>()) }
}

/// Runs on a pool thread, and does not use the heap.
#[unsafe(no_mangle)]
pub(super) extern "C" fn weft_spawn_process(
    command: *const u8,
    environment: *const u8,
    streams: i64,
    input: *const u8,
    output: *const u8,
    errors: *const u8,
) -> i64 {
    // SAFETY: the library passes open files, or objects that never were: their descriptors are closed. A call keeps its
    // arguments alive until it has returned.
    let files = [input, output, errors].map(|file| unsafe { Descriptor::acquire(descriptor_of(file)) });
    start::start(bytes(command), bytes(environment), streams, files).into_number()
}
