//! Sockets, and other open files for which threads can wait.

use std::cell::RefCell;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use weft_abi::trace::TraceIo;
use weft_abi::{IoHandle, IoKind};

use super::files::note_place;
use super::values::{current, memory_of_array, new_bytes, new_text, part_of_array, string};
use crate::io::descriptors::Descriptor;
use crate::io::outcome;
use crate::os::{self, children, sockets};
use crate::sched::run_loop;
use crate::wait::handles;

/// The largest number of bytes that [`weft_io_fill`] reads: the default size of a socket's buffer in the system is not
/// much larger.
const BUFFER: usize = 64 << 10;

thread_local! {
    /// The bytes of the last `weft_io_fill` of the worker, and the sender of the datagram. Only these functions read
    /// the variable, and they never move to another worker.
    static FILLED: RefCell<Filled> = const { RefCell::new(Filled::EMPTY) };
}

struct Filled {
    bytes: Vec<u8>,
    count: usize,
    sender: String,
}

impl Filled {
    const EMPTY: Filled = Filled { bytes: Vec::new(), count: 0, sender: String::new() };

    /// The first `most` bytes of the buffer, at most [`BUFFER`].
    fn room(&mut self, most: usize) -> &mut [u8] {
        self.bytes.resize(BUFFER, 0);
        &mut self.bytes[..most]
    }
}

pub(super) fn handle_of(object: *const u8) -> *mut IoHandle {
    object.cast_mut().cast()
}

/// Notes in a new handle whether a read of its socket may return fewer bytes than there are. In a Unix-domain socket a
/// read ends where a message with a descriptor begins.
fn may_stop_short(object: *const u8, may: bool) {
    // SAFETY: the library passes a new handle, which only this thread uses.
    unsafe { (*handle_of(object)).stops_short = may.into() };
}

/// A result for the library: a number, or minus the system's error number.
pub(super) fn number_of(result: io::Result<usize>) -> i64 {
    match result {
        Ok(number) => number as i64,
        Err(error) => -i64::from(os::error_number(&error)),
    }
}

/// Gives a new handle the file that `make` makes.
pub(super) fn open(object: *const u8, make: impl FnOnce() -> io::Result<OwnedFd>) -> io::Result<usize> {
    let file = make()?;
    // SAFETY: the library passes a new handle.
    unsafe { handles::open(handle_of(object), file)? };
    // SAFETY: the library passes a new handle.
    note_place(unsafe { handles::descriptor(handle_of(object)) });
    run_loop::enqueue_poll(current());
    Ok(0)
}

/// Calls `operation` with a handle's file.
pub(super) fn with_file(
    object: *const u8,
    mut operation: impl FnMut(i32) -> io::Result<usize>,
) -> io::Result<usize> {
    // SAFETY: the library passes a handle, which is alive during the call.
    match unsafe { Descriptor::acquire(handles::descriptor(handle_of(object))) } {
        Some(used) => os::uninterrupted(|| operation(used.as_raw_fd())),
        None => Err(outcome::closed()),
    }
}

/// Does the same as [`with_file`], unless nothing has changed since the file had nothing left for one side. `most` is
/// the number of bytes for which the operation asks: if it gets fewer, nothing is left.
fn if_changed(
    object: *const u8,
    side: usize,
    most: usize,
    operation: impl FnMut(i32) -> io::Result<usize>,
) -> io::Result<usize> {
    let handle = handle_of(object);
    // SAFETY: the library passes a handle. The words may change at any time, so each is read once.
    unsafe {
        let events = (&raw const (*handle).events[side]).read_volatile();
        let drained = &raw mut (*handle).drained[side];
        // Closing the file counts as a change.
        if drained.read_volatile() == events && events > 0 {
            return Err(os::not_ready());
        }
        let result = with_file(object, operation);
        let stops_short = || (&raw const (*handle).stops_short).read_volatile() != 0;
        match &result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => drained.write_volatile(events),
            Ok(count) if *count > 0 && *count < most && events > 0 && !stops_short() => {
                drained.write_volatile(events);
            }
            Ok(_) | Err(_) => {}
        }
        result
    }
}

/// Records the result of a transfer in the trace, and returns it for the library.
fn transferred(object: *const u8, what: TraceIo, result: io::Result<usize>) -> i64 {
    if let Ok(bytes) = &result {
        // SAFETY: the library passes a handle, and a green thread has called.
        unsafe { handles::record_transfer(current(), handle_of(object), what, *bytes) };
    }
    number_of(result)
}

pub(super) extern "C" fn weft_io_listen(object: *const u8, address: *const u8, backlog: i64) -> i64 {
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    may_stop_short(object, sockets::is_unix(string(address)));
    number_of(open(object, || sockets::listen(string(address), backlog)))
}

pub(super) extern "C" fn weft_io_bind(object: *const u8, address: *const u8) -> i64 {
    number_of(open(object, || sockets::bind(string(address))))
}

pub(super) extern "C" fn weft_io_connect(object: *const u8, address: *const u8) -> i64 {
    let mut is_connected = true;
    may_stop_short(object, sockets::is_unix(string(address)));
    let result = open(object, || {
        let (file, connected) = sockets::connect(string(address))?;
        is_connected = connected;
        Ok(file)
    });
    match result {
        Ok(_) if !is_connected => number_of(Err(os::not_ready())),
        result => number_of(result),
    }
}

pub(super) extern "C" fn weft_io_connected(object: *const u8) -> i64 {
    number_of(with_file(object, |file| sockets::error_of(file).map(|()| 0)))
}

pub(super) extern "C" fn weft_io_accept(object: *const u8, new: *const u8) -> i64 {
    // SAFETY: the library passes a handle.
    may_stop_short(new, unsafe { (&raw const (*handle_of(object)).stops_short).read_volatile() != 0 });
    let accept = |file| open(new, || sockets::accept(file));
    transferred(object, TraceIo::Accept, if_changed(object, 0, 0, accept))
}

pub(super) extern "C" fn weft_io_read(object: *const u8, array: *const u8, from: i64, count: i64) -> i64 {
    let (from, count) = (from as usize, count as usize);
    // SAFETY: the library passes a range of the array, and no other thread uses the array during the call.
    let into = unsafe { std::slice::from_raw_parts_mut(memory_of_array(array).add(from), count) };
    transferred(object, TraceIo::Read, if_changed(object, 0, count, |file| os::read(file, into)))
}

pub(super) extern "C" fn weft_io_fill(object: *const u8, most: i64) -> i64 {
    let most = (most.max(0) as usize).min(BUFFER);
    FILLED.with_borrow_mut(|filled| {
        let into = filled.room(most);
        let result = if_changed(object, 0, most, |file| os::read(file, into));
        filled.count = *result.as_ref().unwrap_or(&0);
        transferred(object, TraceIo::Read, result)
    })
}

pub(super) extern "C" fn weft_io_take() -> *const u8 {
    // The allocation may collect, and a collection does not use the buffer.
    FILLED.with_borrow(|filled| new_bytes(&filled.bytes[..filled.count]))
}

pub(super) extern "C" fn weft_io_write(object: *const u8, array: *const u8, from: i64, count: i64) -> i64 {
    let bytes = part_of_array(array, from, count);
    // SAFETY: the library passes a handle, whose kind never changes.
    let write = match unsafe { handles::kind(handle_of(object)) } {
        IoKind::Pipe => children::write_to_pipe,
        _ => sockets::send,
    };
    transferred(object, TraceIo::Write, if_changed(object, 1, bytes.len(), |file| write(file, bytes)))
}

pub(super) extern "C" fn weft_io_send_to(
    object: *const u8,
    array: *const u8,
    from: i64,
    count: i64,
    to: *const u8,
) -> i64 {
    let bytes = part_of_array(array, from, count);
    let send = |file| sockets::send_to(file, bytes, string(to));
    transferred(object, TraceIo::Write, if_changed(object, 1, 0, send))
}

pub(super) extern "C" fn weft_io_receive_from(object: *const u8, most: i64) -> i64 {
    let most = (most.max(0) as usize).min(BUFFER);
    FILLED.with_borrow_mut(|filled| {
        let mut sender = String::new();
        let into = filled.room(most);
        let receive = |file| {
            let (count, from) = sockets::receive_from(file, into)?;
            sender = from;
            Ok(count)
        };
        let result = if_changed(object, 0, 0, receive);
        filled.sender = sender;
        filled.count = *result.as_ref().unwrap_or(&0);
        transferred(object, TraceIo::Read, result)
    })
}

pub(super) extern "C" fn weft_io_sender() -> *const u8 {
    new_text(FILLED.with_borrow(|filled| filled.sender.clone()))
}

pub(super) extern "C" fn weft_io_shut_down(object: *const u8) -> i64 {
    number_of(with_file(object, |file| sockets::shut_down(file).map(|()| 0)))
}

pub(super) extern "C" fn weft_io_no_delay(object: *const u8, is_on: bool) -> i64 {
    number_of(with_file(object, |file| sockets::set_no_delay(file, is_on).map(|()| 0)))
}

pub(super) extern "C" fn weft_io_address(object: *const u8, is_peer: bool) -> *const u8 {
    let mut address = String::new();
    // If the file is closed, it has no address.
    let _ = with_file(object, |file| {
        address = sockets::address(file, is_peer);
        Ok(0)
    });
    new_text(address)
}

pub(super) extern "C" fn weft_io_close(object: *const u8) {
    // SAFETY: the library passes a handle, and holds no lock.
    unsafe { handles::close(current(), handle_of(object)) }
}

pub(super) extern "C" fn weft_is_address(text: *const u8) -> bool {
    sockets::parse(string(text)).is_ok()
}
