//! A few OS threads for work that waits. They are started when there is work and none is free, and end when
//! there has been none for a while.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::os;

/// How many threads there are at most. They wait nearly all the time, so this is no matter of cores: as many calls as
/// that can wait at once.
pub const MAX_THREADS: usize = 64;

/// How long a thread waits for more work.
const IDLE: Duration = Duration::from_secs(5);

/// As much as a program's first thread usually has: what runs may be in C. Only what is touched takes memory.
const STACK: usize = 8 << 20;

/// A piece of work.
pub type Job = Box<dyn FnOnce() + Send>;

/// The threads and what they are to do.
pub struct Pool {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    jobs: VecDeque<Job>,
    /// All that were started and have not ended.
    threads: usize,
    /// Those that wait for work, or have been told of some and not taken it yet.
    idle: usize,
}

impl Pool {
    /// No threads yet.
    pub const fn new() -> Pool {
        Pool { state: Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0 }), work: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a thread do the job, the oldest first. Gives it back if there is no thread and none can be started.
    pub fn submit(&'static self, job: Job) -> Result<(), Job> {
        let mut state = self.lock();
        if state.idle <= state.jobs.len() && state.threads < MAX_THREADS {
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

    fn start_thread(&'static self) -> bool {
        let builder = thread::Builder::new().name("weft-blocking".to_owned()).stack_size(STACK);
        let started = os::without_signals_but_faults(|| builder.spawn(|| self.run()));
        started.inspect_err(|error| os::warn_of_no_thread("for calls that wait", error)).is_ok()
    }

    /// What each thread does.
    fn run(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let waited = self.work.wait_timeout_while(state, IDLE, |state| state.jobs.is_empty());
            let (woken, result) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if result.timed_out() && state.jobs.is_empty() {
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
