//! Calls in which only the green thread waits; the protocol is drawn in `weft_abi::blocking`.
//!
//! Threads of the pool put calls that are done into the inbox of the worker whose green thread asked. `idle` looks
//! there: what the green thread saved is final then, since it has switched away before.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::{self, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use weft_abi::{BlockingCall, BlockingResult, Decision, ParkReason, Task, WaitTicket, Worker};

use super::thread_pool::Pool;
use crate::io::c_strings::{self, CString};
use crate::io::files::Outcome;
use crate::io::stdout;
use crate::wait::select;
use crate::workers::inbox;

static POOL: Pool = Pool::new();

/// What a thread of the pool is handed and hands back.
struct Call(*mut BlockingCall);

// SAFETY: one thread at a time has it, and what it points to is in nobody's cache: a lock lies between the two.
unsafe impl Send for Call {}

impl Call {
    /// # Safety
    /// The call is alive, and nobody else runs it.
    unsafe fn run(&self) {
        // SAFETY: compiled code stores a function that takes such a call.
        unsafe {
            let function: extern "C" fn(*mut BlockingCall) = std::mem::transmute((*self.0).function);
            function(self.0);
        }
    }
}

/// A call that the pool was given, and the C strings among its arguments, which are freed with this.
struct Submitted {
    call: *mut BlockingCall,
    _strings: Vec<CString>,
}

// SAFETY: as for `Call`; the mutex of the list lies between two threads that use the strings.
unsafe impl Send for Submitted {}

/// The calls that are out, of all workers.
static OUT: Mutex<Vec<Submitted>> = Mutex::new(Vec::new());

fn out() -> MutexGuard<'static, Vec<Submitted>> {
    OUT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn layout(words: usize) -> Layout {
    let arguments = Layout::array::<u64>(words).expect("BUG: a call with too many arguments");
    Layout::new::<BlockingCall>().extend(arguments).expect("BUG: a call with too many arguments").0
}

/// Memory for a call of `function`; null when there is none.
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

/// Frees a call whose thread has its result. The running worker owns a string that is the result from now on.
///
/// # Safety
/// It is from [`new_call`], it has been made, and nobody uses it any more.
pub unsafe fn free_call(call: *mut BlockingCall) {
    // SAFETY: as the caller promises; a result that is a string is from `CString::into_raw` or null.
    unsafe {
        if (*call).kind == BlockingResult::String {
            CString::from_raw(ptr::with_exposed_provenance_mut((*call).result as usize)).map(c_strings::own);
        }
        dealloc(call.cast(), layout((*call).words as usize));
    }
}

/// Frees a call and its result, which no thread awaits any more.
///
/// # Safety
/// As for [`free_call`].
unsafe fn discard_call(call: *mut BlockingCall) {
    // SAFETY: as the caller promises; the call says what its result is.
    unsafe {
        match (*call).kind {
            BlockingResult::Plain => {}
            BlockingResult::String => {
                drop(CString::from_raw(ptr::with_exposed_provenance_mut((*call).result as usize)));
            }
            BlockingResult::Outcome => Outcome::free((*call).result as i64),
        }
        dealloc(call.cast(), layout((*call).words as usize));
    }
}

/// Makes a call at once.
///
/// # Safety
/// The call has its arguments.
pub unsafe fn run(call: *mut BlockingCall) {
    // SAFETY: as the caller promises.
    unsafe { Call(call).run() }
}

/// Has the pool make a call for the thread of `task`; if the system gives it no thread, makes it before this returns.
///
/// # Safety
/// This is the running worker, and the thread runs; the call has its arguments; the thread waits by choice next.
pub unsafe fn submit(task: *mut Task, call: *mut BlockingCall) {
    // Whoever is asked something should see the question, and this may take long.
    let _ = stdout::flush();
    // SAFETY: as the caller promises.
    unsafe {
        (*call).task = task;
        (*call).ticket = select::begin(task, ParkReason::Call);
    }
    out().push(Submitted { call, _strings: c_strings::take_owned() });
    let (call, inbox) = (Call(call), inbox::own());
    let job = Box::new(move || {
        let call = call;
        // SAFETY: the caller promises a whole call, which lives until it is taken out of the inbox.
        unsafe { call.run() };
        inbox.put(|contents| contents.calls.push(call.0));
    });
    if let Err(job) = POOL.submit(job) {
        job();
    }
}

/// Makes ready the threads of calls that are done.
///
/// # Safety
/// `worker` is the running worker, and these are out of its inbox.
pub unsafe fn finish(worker: *mut Worker, calls: Vec<*mut BlockingCall>) {
    for call in calls {
        // SAFETY: a call lives until its thread frees it, or here if that was cancelled.
        unsafe {
            let task = (*call).task;
            let is_awaited = (*task).wait_state.decide((*call).ticket) == Decision::Won;
            if is_awaited {
                select::wake_chosen(worker, task, 0);
            }
            out().retain(|submitted| submitted.call != call);
            if !is_awaited {
                discard_call(call);
            }
        }
    }
}

/// Whether calls are out.
pub fn is_any_out() -> bool {
    !out().is_empty()
}

/// The tasks of the calls that are out, each with the arguments of its call: the stack of the thread may hold them no
/// more.
pub fn waiting() -> Vec<(*mut Task, *const [u64])> {
    // SAFETY: a call lives at least until it is taken out of the inbox. Its arguments follow the struct.
    let waiting = |submitted: &Submitted| unsafe {
        let call = submitted.call;
        let arguments = call.add(1).cast::<u64>().cast_const();
        ((*call).task, std::ptr::slice_from_raw_parts(arguments, (*call).words as usize))
    };
    out().iter().map(waiting).collect()
}
