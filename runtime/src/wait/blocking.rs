//! Blocking calls. A pool thread makes the call for a green thread, so that the worker can run other green threads. The
//! protocol is drawn in `weft_abi::blocking`.
//!
//! When a call has returned, the pool thread puts it into the inbox of the worker that has submitted the call. The run
//! loop looks into the inbox only between green threads. So the waiting green thread has parked when the run loop finds
//! the call.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::{self, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use weft_abi::{BlockingCall, BlockingResult, Decision, ParkReason, Task, TraceKind, WaitTicket};

use super::select;
use super::thread_pool::Pool;
use crate::arch::Current;
use crate::io::c_strings::{self, CString};
use crate::io::outcome::Outcome;
use crate::io::stdout;
use crate::os::locks::{Held, Lock, Rank};
use crate::workers::inbox;

static POOL: Pool = Pool::new();

/// A call on its way to a pool thread and back.
struct Call(*mut BlockingCall);

// SAFETY: the locks of the pool's queue and of the inbox order the accesses of two OS threads to the call.
unsafe impl Send for Call {}

impl Call {
    /// Makes the call.
    ///
    /// # Safety
    /// The call is alive, its arguments are stored in it, and no other code makes it.
    unsafe fn run(&self) {
        // SAFETY: `function` is the address of a function with this signature, which compiled code has stored.
        unsafe {
            let function: extern "C" fn(*mut BlockingCall) = std::mem::transmute((*self.0).function);
            function(self.0);
        }
    }
}

/// A call that was submitted, and the C strings among its arguments, which are freed when the value is dropped.
struct Submitted {
    call: *mut BlockingCall,
    /// Whether the thread that made the call was cancelled while it waited. The pool thread reads it, too.
    is_abandoned: Arc<AtomicBool>,
    _strings: Vec<CString>,
}

// SAFETY: as for `Call`; the lock of `CALLS` orders accesses to the strings.
unsafe impl Send for Submitted {}

/// The submitted calls of all workers, until [`finish`] has taken the results.
static CALLS: Lock<Vec<Submitted>> = Lock::new(Rank::Calls, Vec::new());

fn calls() -> Held<'static, Vec<Submitted>> {
    CALLS.lock()
}

fn layout(words: usize) -> Layout {
    let arguments = Layout::array::<u64>(words).expect("BUG: a call with too many arguments");
    Layout::new::<BlockingCall>().extend(arguments).expect("BUG: a call with too many arguments").0
}

/// Allocates a call of `function` with room for `words` arguments; null if there is no memory.
pub fn new_call(function: *const u8, words: usize, kind: BlockingResult) -> *mut BlockingCall {
    // SAFETY: the layout is not empty, and the memory is large enough for the struct.
    unsafe {
        let call = alloc(layout(words)).cast::<BlockingCall>();
        if !call.is_null() {
            call.write(BlockingCall {
                task: null_mut(),
                ticket: WaitTicket::NONE,
                function,
                result: 0,
                words: words as u64,
                kind,
            });
        }
        call
    }
}

/// Frees a call whose green thread has loaded the result. If the result is a string, the current worker owns the string
/// from now on.
///
/// # Safety
/// The call is from [`new_call`], has returned, and is not used any more.
pub unsafe fn free_call(call: *mut BlockingCall) {
    // SAFETY: the call is alive until it is freed here. A result of the kind `String` is from `CString::into_raw`, or
    // null.
    unsafe {
        if (*call).kind == BlockingResult::String {
            CString::from_raw(ptr::with_exposed_provenance_mut((*call).result as usize)).map(c_strings::own);
        }
        dealloc(call.cast(), layout((*call).words as usize));
    }
}

/// Frees a call and its result, if it was made, because the thread that made the call was cancelled.
///
/// # Safety
/// As for [`free_call`].
unsafe fn discard_call(call: *mut BlockingCall) {
    // SAFETY: the call is alive until it is freed here, and its result is of the kind that the call names.
    unsafe {
        match (*call).kind {
            _ if (*call).result == 0 => {}
            BlockingResult::Plain => {}
            BlockingResult::String => {
                drop(CString::from_raw(ptr::with_exposed_provenance_mut((*call).result as usize)));
            }
            BlockingResult::Outcome => Outcome::discard((*call).result as i64),
        }
        dealloc(call.cast(), layout((*call).words as usize));
    }
}

/// Makes a call on this OS thread, without the pool.
///
/// # Safety
/// The call is from [`new_call`], and its arguments are stored in it.
pub unsafe fn run(call: *mut BlockingCall) {
    // SAFETY: the call was not submitted to the pool, so no other code makes it.
    unsafe { Call(call).run() }
}

/// Submits a call of the running thread, whose task is `task`, to the pool. If the system has no OS thread for the
/// pool, makes the call at once.
///
/// # Safety
/// The task belongs to the running thread, which parks next. The call is from [`new_call`], and its arguments are
/// stored in it.
pub unsafe fn submit(task: *mut Task, call: *mut BlockingCall) {
    // The output is shown before a call that may take long: the output may be a question to which the call reads the
    // answer.
    stdout::flush_if_free();
    // SAFETY: no other OS thread has access to the call yet.
    unsafe {
        (*call).task = task;
        (*call).ticket = select::begin(task, ParkReason::Call);
    }
    let is_abandoned = Arc::new(AtomicBool::new(false));
    calls().push(Submitted { call, is_abandoned: is_abandoned.clone(), _strings: c_strings::take_owned() });
    let (call, inbox) = (Call(call), inbox::own());
    let job = Box::new(move || {
        let call = call;
        if !is_abandoned.load(Ordering::Relaxed) {
            // SAFETY: the call lives until it is taken out of the inbox, and only this job runs it.
            unsafe { call.run() };
        }
        inbox.put(|contents| contents.calls.push(call.0));
    });
    if let Err(job) = POOL.submit(job) {
        job();
    }
}

/// Notes that a thread was cancelled while it waited for its call. If the call has not begun, it is not made. Otherwise
/// the pool thread makes it to its end, which may never come, so another pool thread may be started meanwhile.
///
/// # Safety
/// The task is alive, and its thread waits for a call.
pub unsafe fn abandon(task: *const Task) {
    let calls = calls();
    // SAFETY: a call lives as long as it is in the list.
    let is_of_task = |submitted: &&Submitted| unsafe { ptr::eq((*submitted.call).task, task) };
    if let Some(submitted) = calls.iter().find(is_of_task) {
        submitted.is_abandoned.store(true, Ordering::Relaxed);
        drop(calls);
        POOL.abandon();
    }
}

/// Wakes the threads whose calls have returned.
///
/// # Safety
/// The calls were just taken out of the current worker's inbox.
pub unsafe fn finish(current: Current, returned: Vec<*mut BlockingCall>) {
    for call in returned {
        // SAFETY: a call lives until its thread frees it, or, if the thread was cancelled, until it is discarded here.
        // The task is alive, since collections keep the tasks of all calls in `CALLS` alive.
        unsafe {
            let task = (*call).task;
            let is_awaited = (*task).wait_state.decide((*call).ticket) == Decision::Won;
            if is_awaited {
                select::wake_decided(current, task, 0, (TraceKind::Wake, 0));
            }
            let mut calls = calls();
            let at = calls.iter().position(|submitted| submitted.call == call);
            let submitted = calls.swap_remove(at.expect("BUG: a call that was not submitted"));
            drop(calls);
            if submitted.is_abandoned.load(Ordering::Relaxed) {
                POOL.end_abandoned();
            }
            if !is_awaited {
                discard_call(call);
            }
        }
    }
}

/// Whether there are submitted calls whose results [`finish`] has not taken yet.
pub fn is_any_out() -> bool {
    !calls().is_empty()
}

/// The tasks of the submitted calls whose results [`finish`] has not taken yet, each with the arguments of its call.
/// Tasks and arguments are roots: the thread's stack need not contain the arguments any more.
pub fn waiting() -> Vec<(*mut Task, *const [u64])> {
    // SAFETY: a call lives at least until it is taken out of the inbox. Its arguments follow the struct.
    let waiting = |submitted: &Submitted| unsafe {
        let call = submitted.call;
        let arguments = call.add(1).cast::<u64>().cast_const();
        ((*call).task, std::ptr::slice_from_raw_parts(arguments, (*call).words as usize))
    };
    calls().iter().map(waiting).collect()
}
