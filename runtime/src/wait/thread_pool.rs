//! The thread pool: a queue of jobs, and the pool threads, which are OS threads that run the jobs. `blocking` submits
//! calls to the pool.
//!
//! Jobs are first in, first out, and their queue is unbounded. A pool thread is started when a job is submitted, no
//! pool thread is free and there are fewer than [`MAX_THREADS`] pool threads. A pool thread ends when it has had no job
//! for [`IDLE`]. A job whose result nobody wants any more cannot be stopped: [`Pool::abandon`] makes room for another
//! pool thread meanwhile.

use std::collections::VecDeque;
use std::sync::Condvar;
use std::thread;
use std::time::Duration;

use crate::os;
use crate::os::locks::{Held, Lock, Rank};

/// The largest number of pool threads, and so the largest number of calls that run at once. Pool threads mostly wait in
/// the system, so the number of cores does not matter. More pool threads let more calls wait at once, but each pool
/// thread takes the address space of a stack.
pub const MAX_THREADS: usize = 64;

/// The time for which a pool thread without a job waits for the next job, before it ends. A longer time keeps pool
/// threads that no job needs. With a shorter time, a program that makes few calls starts a pool thread for each call.
const IDLE: Duration = Duration::from_secs(5);

/// The size of a pool thread's stack. A job may run C code, so the size is the usual size of the stack of a process's
/// first OS thread. Only touched pages take memory.
const STACK: usize = 8 << 20;

/// A closure that a pool thread calls once.
pub type Job = Box<dyn FnOnce() + Send>;

/// The pool threads and their jobs.
pub struct Pool {
    state: Lock<State>,
    work: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    /// The number of pool threads that have not ended.
    threads: usize,
    /// The number of pool threads that wait for a job, or were notified of a job and have not taken it yet.
    idle: usize,
    /// The number of abandoned jobs that have not ended.
    abandoned: usize,
}

impl State {
    /// Whether a job would wait although another pool thread may be started.
    fn lacks_thread(&self, jobs: usize) -> bool {
        self.idle < jobs && self.threads < MAX_THREADS + self.abandoned
    }
}

impl Pool {
    /// A pool without pool threads.
    pub const fn new() -> Pool {
        let state = State { jobs: VecDeque::new(), threads: 0, idle: 0, abandoned: 0 };
        Pool { state: Lock::new(Rank::ThreadPool, state), work: Condvar::new() }
    }

    fn lock(&self) -> Held<'_, State> {
        self.state.lock()
    }

    /// Queues a job. Returns the job as an error if there is no pool thread and the system cannot start an OS thread.
    pub fn submit(&'static self, job: Job) -> Result<(), Job> {
        let mut state = self.lock();
        if state.lacks_thread(state.jobs.len() + 1) {
            if self.start_thread() {
                state.threads += 1;
            } else if state.threads == 0 {
                return Err(job);
            }
        }
        state.jobs.push_back(job);
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Lets another pool thread take part until [`Pool::end_abandoned`]: nobody wants the result of a job any more, and
    /// the job may go on for ever.
    pub fn abandon(&'static self) {
        let mut state = self.lock();
        state.abandoned += 1;
        if state.lacks_thread(state.jobs.len()) && self.start_thread() {
            state.threads += 1;
        }
    }

    /// Takes a call of [`Pool::abandon`] back, because the job has ended.
    pub fn end_abandoned(&self) {
        self.lock().abandoned -= 1;
    }

    fn start_thread(&'static self) -> bool {
        let builder = thread::Builder::new().name("weft-blocking".to_owned()).stack_size(STACK);
        let started = os::without_signals_but_faults(|| builder.spawn(|| self.run()));
        started.inspect_err(|error| os::warn_of_no_thread("for blocking calls", error)).is_ok()
    }

    /// The main function of a pool thread: runs jobs until there has been no job for [`IDLE`].
    fn run(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.lock();
                if state.threads > MAX_THREADS + state.abandoned {
                    state.threads -= 1;
                    return;
                }
                continue;
            }
            state.idle += 1;
            let timed_out;
            (state, timed_out) = state.wait_timeout_while(&self.work, IDLE, |state| state.jobs.is_empty());
            state.idle -= 1;
            if timed_out && state.jobs.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn jobs_that_wait_do_not_hold_up_others() {
        static POOL: Pool = Pool::new();
        let (done, results) = mpsc::channel();
        let (go, wait) = mpsc::channel::<()>();
        let waiting = done.clone();
        let submit = |job: Job| assert!(POOL.submit(job).is_ok());
        submit(Box::new(move || {
            wait.recv().unwrap();
            waiting.send("the first").unwrap();
        }));
        submit(Box::new(move || done.send("the second").unwrap()));
        assert_eq!(results.recv(), Ok("the second"));
        go.send(()).unwrap();
        assert_eq!(results.recv(), Ok("the first"));
    }

    #[test]
    fn no_more_threads_than_allowed_do_all_jobs() {
        static POOL: Pool = Pool::new();
        let (done, results) = mpsc::channel();
        for number in 0..10 * MAX_THREADS {
            let done = done.clone();
            let job = move || {
                thread::sleep(Duration::from_millis(1));
                done.send(number).unwrap();
            };
            assert!(POOL.submit(Box::new(job)).is_ok());
            assert!(POOL.lock().threads <= MAX_THREADS);
        }
        drop(done);
        let mut numbers: Vec<usize> = results.iter().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..10 * MAX_THREADS).collect::<Vec<usize>>());
    }

    #[test]
    fn abandoned_jobs_do_not_hold_up_others() {
        static POOL: Pool = Pool::new();
        let (done, results) = mpsc::channel();
        let stop = std::sync::Arc::new(std::sync::Barrier::new(MAX_THREADS + 1));
        for _ in 0..MAX_THREADS {
            let (stop, done) = (stop.clone(), done.clone());
            let job = move || {
                stop.wait();
                done.send("stopped").unwrap();
            };
            assert!(POOL.submit(Box::new(job)).is_ok());
        }
        assert!(POOL.submit(Box::new(move || done.send("queued").unwrap())).is_ok());
        assert!(results.recv_timeout(Duration::from_millis(50)).is_err());
        POOL.abandon();
        assert_eq!(results.recv(), Ok("queued"));
        POOL.end_abandoned();
        stop.wait();
        assert_eq!(results.iter().count(), MAX_THREADS);
        // One of the threads more than allowed has ended.
        assert_eq!(POOL.lock().threads, MAX_THREADS);
    }

    #[test]
    fn a_free_thread_is_used_again() {
        static POOL: Pool = Pool::new();
        let (done, results) = mpsc::channel();
        for _ in 0..20 {
            let done = done.clone();
            assert!(POOL.submit(Box::new(move || done.send(()).unwrap())).is_ok());
            results.recv().unwrap();
            while POOL.lock().idle == 0 {
                thread::yield_now();
            }
        }
        assert_eq!(POOL.lock().threads, 1);
    }
}
