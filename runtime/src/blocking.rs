//! Calls in which only the green thread waits; the protocol is drawn in `weft_abi::blocking`.
//!
//! Threads of the pool put calls that are done into the worker's inbox. Who looks there is the *poller*: while calls
//! are out, the worker's run queue has one more entry, which is no green thread but code of the runtime. When its turn
//! comes it makes ready whose calls are done and goes to the tail of the queue; if nothing else is ready it waits. So:
//!
//! - a yield costs nothing when no call is out, and threads that yield cannot keep the inbox from being looked at;
//! - what a call's green thread saved is final when the poller looks, since it has switched away before;
//! - the run queue is empty only when no call is out, and so an empty one is a deadlock.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use weft_abi::{BlockingCall, Sp, Worker};
use weft_hot::queue;

use crate::{arch, output, worker};

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

    /// What is there; waits for something if that is asked.
    fn take(&self, wait: bool) -> Vec<Call> {
        if !wait && !self.is_full.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if wait {
            let waited = self.arrival.wait_while(calls, |calls| calls.is_empty());
            calls = waited.unwrap_or_else(PoisonError::into_inner);
        }
        self.is_full.store(false, Ordering::Relaxed);
        std::mem::take(&mut calls)
    }
}

/// The calls of this worker that are out.
struct Out {
    calls: HashSet<*mut BlockingCall>,
    inbox: Arc<Inbox>,
    /// What the poller's entry in the run queue points to, as if it were the stack of a green thread: where it goes on,
    /// and a stack limit, which nothing looks at. It lives as long as the process.
    poller: &'static [usize; 2],
}

thread_local! {
    // Only the runtime's own code reads this, which never moves to another worker.
    static OUT: RefCell<Option<Out>> = const { RefCell::new(None) };
}

impl Out {
    fn new() -> Out {
        let poller = Box::leak(Box::new([arch::poller_address().expose_provenance(), 0]));
        Out { calls: HashSet::new(), inbox: Arc::default(), poller }
    }

    fn poller(&self) -> Sp {
        self.poller.as_ptr().cast_mut().cast()
    }
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
            call.write(BlockingCall { function, result: 0, sp: null_mut(), words: words as u64 });
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

/// Has the pool make a call; if the system gives it no thread, makes it before this returns.
///
/// # Safety
/// `worker` is the running worker; the call has its arguments; its green thread parks next, with its stack pointer
/// in the call.
pub unsafe fn submit(worker: *mut Worker, call: *mut BlockingCall) {
    // Whoever is asked something should see the question, and this may take long.
    let _ = output::flush();
    let inbox = OUT.with_borrow_mut(|out| {
        let out = out.get_or_insert_with(Out::new);
        out.calls.insert(call);
        if out.calls.len() == 1 {
            // SAFETY: the poller is in no queue while no call is out.
            unsafe { worker::ready(worker, out.poller()) };
        }
        Arc::clone(&out.inbox)
    });
    let call = Call(call);
    let job = Box::new(move || {
        let call = call;
        // SAFETY: the caller promises a whole call, which lives until its green thread is made ready.
        unsafe { call.run() };
        inbox.put(call);
    });
    if let Err(job) = POOL.submit(job) {
        job();
    }
}

/// The green threads of this worker's calls that are out, each with the arguments of its call: the stack of the thread
/// may hold them no more.
pub fn waiting() -> Vec<(Sp, *const [u64])> {
    // SAFETY: a call lives at least until the poller has made its green thread ready. Its arguments follow the struct.
    let waiting = |call: &*mut BlockingCall| unsafe {
        let arguments = (*call).add(1).cast::<u64>().cast_const();
        ((**call).sp, std::ptr::slice_from_raw_parts(arguments, (**call).words as usize))
    };
    OUT.with_borrow(|out| out.iter().flat_map(|out| out.calls.iter().map(waiting)).collect())
}

/// The poller's turn; see above.
///
/// # Safety
/// `worker` is the running worker, and the poller was just taken out of its run queue.
pub unsafe extern "C" fn poll(worker: *mut Worker) -> ! {
    // SAFETY: the green threads of calls that are done have parked, and nobody else wakes them. The queue is not empty
    // when one is taken from it: if no call is out any more, at least one was just done.
    unsafe {
        // No green thread called this.
        (*worker).green_sp = null_mut();
        let idle = queue::is_empty(&(*worker).run_queue);
        if idle {
            let _ = output::flush();
        }
        OUT.with_borrow_mut(|out| {
            let out = out.as_mut().expect("BUG: a poller of nothing");
            for call in out.inbox.take(idle) {
                out.calls.remove(&call.0);
                worker::ready(worker, (*call.0).sp);
            }
            if !out.calls.is_empty() {
                worker::ready(worker, out.poller());
            }
        });
        let next = queue::take(&mut (*worker).run_queue).read();
        arch::resume(next)
    }
}
