//! Calls in which only the green thread waits; the protocol is drawn in `weft_abi::blocking`.
//!
//! Threads of the pool put calls that are done into the inbox of the worker whose green thread asked. `idle` looks there:
//! what the green thread saved is final then, since it has switched away before.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use weft_abi::{BlockingCall, Pause, Task, Worker};

use crate::{output, waiting};

/// Threads of the system.
mod pool;

static POOL: pool::Pool = pool::Pool::new();

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

/// The calls that are done and whose green threads do not know yet.
#[derive(Default)]
struct Inbox {
    calls: Mutex<Vec<Call>>,
    /// Whether there may be any: read without the lock.
    is_full: AtomicBool,
    arrival: Condvar,
}

impl Inbox {
    fn put(&self, call: Call) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
        self.is_full.store(true, Ordering::Release);
        drop(calls);
        self.arrival.notify_one();
    }

    fn take(&self) -> Vec<Call> {
        if !self.is_full.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_full.store(false, Ordering::Relaxed);
        std::mem::take(&mut calls)
    }

    /// Waits until something is there, or for so long.
    fn wait(&self, time: Option<Duration>) {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        match time {
            None => drop(self.arrival.wait_while(calls, |calls| calls.is_empty())),
            Some(time) => drop(self.arrival.wait_timeout_while(calls, time, |calls| calls.is_empty())),
        }
    }
}

/// The calls of this worker that are out.
#[derive(Default)]
struct Out {
    calls: HashSet<*mut BlockingCall>,
    inbox: Arc<Inbox>,
}

thread_local! {
    // Only the runtime's own code reads this, which never moves to another worker.
    static OUT: RefCell<Out> = RefCell::default();
}

fn layout(words: usize) -> Layout {
    let arguments = Layout::array::<u64>(words).expect("BUG: a call with too many arguments");
    Layout::new::<BlockingCall>().extend(arguments).expect("BUG: a call with too many arguments").0
}

/// Memory for a call of `function`; null when there is none.
pub fn new_call(function: *const u8, words: usize) -> *mut BlockingCall {
    // SAFETY: the layout is not empty, and the memory is large enough for the struct.
    unsafe {
        let call = alloc(layout(words)).cast::<BlockingCall>();
        if !call.is_null() {
            call.write(BlockingCall {
                task: null_mut(),
                choice: 0,
                function,
                result: 0,
                words: words as u64,
            });
        }
        call
    }
}

/// Gives the memory of a call back.
///
/// # Safety
/// It is from [`new_call`], and nobody uses it any more.
pub unsafe fn free_call(call: *mut BlockingCall) {
    // SAFETY: as the caller promises.
    unsafe { dealloc(call.cast(), layout((*call).words as usize)) }
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
    let _ = output::flush();
    // SAFETY: as the caller promises.
    unsafe {
        (*call).task = task;
        waiting::begin(task, Pause::Call);
        (*call).choice = (*task).choice;
    }
    let inbox = OUT.with_borrow_mut(|out| {
        out.calls.insert(call);
        Arc::clone(&out.inbox)
    });
    let call = Call(call);
    let job = Box::new(move || {
        let call = call;
        // SAFETY: the caller promises a whole call, which lives until it is taken out of the inbox.
        unsafe { call.run() };
        inbox.put(call);
    });
    if let Err(job) = POOL.submit(job) {
        job();
    }
}

/// Makes ready the threads whose calls are done.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn finish_calls(worker: *mut Worker) {
    let done = OUT.with_borrow_mut(|out| {
        let done = out.inbox.take();
        for call in &done {
            out.calls.remove(&call.0);
        }
        done
    });
    for Call(call) in done {
        // SAFETY: a call lives until its thread frees it, or here if that was cancelled.
        unsafe {
            let task = (*call).task;
            if waiting::choose(task, (*call).choice) {
                waiting::wake_chosen(worker, task, 0);
            } else {
                free_call(call);
            }
        }
    }
}

/// Whether calls of this worker are out.
pub fn is_any_out() -> bool {
    OUT.with_borrow(|out| !out.calls.is_empty())
}

/// Waits until a call of this worker is done, or for so long.
pub fn wait(time: Option<Duration>) {
    let inbox = OUT.with_borrow(|out| Arc::clone(&out.inbox));
    inbox.wait(time);
}

/// The tasks of this worker's calls that are out, each with the arguments of its call: the stack of the thread may hold
/// them no more.
pub fn waiting() -> Vec<(*mut Task, *const [u64])> {
    // SAFETY: a call lives at least until it is taken out of the inbox. Its arguments follow the struct.
    let waiting = |call: &*mut BlockingCall| unsafe {
        let arguments = (*call).add(1).cast::<u64>().cast_const();
        ((**call).task, std::ptr::slice_from_raw_parts(arguments, (**call).words as usize))
    };
    OUT.with_borrow(|out| out.calls.iter().map(waiting).collect())
}
