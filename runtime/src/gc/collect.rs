//! Garbage collection: when it happens.
//!
//! The worker collects by itself when an allocation finds that enough was allocated since the last time; compiled code
//! is then in the middle of a call of the runtime. Objects stay where they are, so nobody notices but the clock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use weft_abi::{Header, TypeDescriptor, Worker};

use super::roots::Tracer;
use crate::arch;
use crate::heap::{self, Collected};
use crate::stack::pool;
use crate::workers::{registry, stop_the_world, thread_ids};

/// The environment's wishes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Tell of each collection on standard error.
    pub log: bool,
    /// Collect at every so many slow paths of allocation, which then occur at every line's end.
    pub stress: Option<u64>,
}

static LOG: OnceLock<bool> = OnceLock::new();

/// How many collections there were.
static COLLECTIONS: AtomicU64 = AtomicU64::new(0);

impl Settings {
    /// From the texts of `WEFT_GC_LOG`, which is on if it is there and not `0`, and `WEFT_GC_STRESS`, a number.
    pub fn parse(log: Option<&str>, stress: Option<&str>) -> Result<Settings, String> {
        let log = log.is_some_and(|text| text != "0");
        let every = |text: &str| {
            text.parse().ok().filter(|&every| every > 0).ok_or_else(|| {
                format!("WEFT_GC_STRESS is `{text}`, but it must be a number from 1 on, such as 1 or 100")
            })
        };
        Ok(Settings { log, stress: stress.map(every).transpose()? })
    }
}

/// Makes the heap. Call once.
///
/// # Safety
/// `table` describes all objects that there will be, and lives as long as the process.
pub unsafe fn start(table: *const TypeDescriptor, settings: Settings) -> std::io::Result<()> {
    LOG.set(settings.log).unwrap_or_else(|_| panic!("BUG: the collector is set up twice"));
    // SAFETY: as the caller promises.
    unsafe { heap::start(table, settings.stress) }
}

/// An object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned; `None` when the system
/// has no more memory. If it is an array, its length must be there before anything else is allocated. May collect.
///
/// # Safety
/// `worker` is the running worker, and its green thread called into the runtime; `size` is what the header's descriptor
/// says.
pub unsafe fn allocate(worker: *mut Worker, header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: as the caller promises.
    unsafe {
        let at_once =
            heap::with(
                |heap| {
                    if heap.is_due(size) { None } else { heap.allocate(worker, header, size).ok() }
                },
            );
        at_once.or_else(|| {
            arch::with_registers(|registers| {
                // Otherwise another worker has just collected.
                if stop_the_world::stop_others(worker, registers) {
                    collect(worker, registers);
                    stop_the_world::resume_others();
                }
            });
            heap::with(|heap| heap.allocate(worker, header, size).ok())
        })
    }
}

/// As [`allocate`], but never collects.
///
/// # Safety
/// As for [`allocate`].
pub unsafe fn allocate_now(worker: *mut Worker, header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: as the caller promises.
    heap::with(|heap| unsafe { heap.allocate(worker, header, size).ok() })
}

/// Collects. What lies on the worker's own stack from `from` on is taken for references, the caller's registers among
/// it.
///
/// # Safety
/// As for [`allocate`]; no other worker runs.
unsafe fn collect(worker: *mut Worker, from: *const usize) {
    let started = Instant::now();
    let number = COLLECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
    let workers = registry::workers();
    // SAFETY: one worker runs, and it is here. All that is suspended has its final stack pointer.
    let (collected, threads, lost) = unsafe {
        let stacks = pool::lock();
        heap::with(|heap| {
            // Not what it was in the last collection, and not what it is in a new task.
            let epoch = 1 + (number % 2) as u8;
            let mut tracer =
                Tracer { stacks: &stacks, marker: heap.begin(&workers, epoch), epoch, visited: 0 };
            tracer.running(worker, from);
            stop_the_world::with_stopped(|member| tracer.running(member.worker, member.roots));
            workers.iter().for_each(|&worker| tracer.ready(worker));
            registry::with_threads_in_transit(|sp| tracer.suspended(sp));
            registry::with_cancelled(|task| tracer.marker.reference(task.addr()));
            tracer.blocked();
            tracer.timed();
            tracer.trace();
            let ended: u64 = workers.iter().map(|&worker| (*worker).ended_tasks).sum();
            let alive = thread_ids::spawned(&workers) - ended;
            let lost = if tracer.visited < alive { tracer.lost() } else { Vec::new() };
            let threads = tracer.visited;
            (heap.finish(), threads, lost)
        })
    };
    for &block in &lost {
        // SAFETY: nothing can resume the thread.
        unsafe {
            pool::give_back(worker, block);
            (*worker).ended_tasks += 1;
            (*worker).unreachable_tasks += 1;
        }
    }
    if *LOG.get().expect("BUG: a collection before the collector is set up") {
        log(number, collected, threads, lost.len(), started);
    }
}

/// One line on standard error.
fn log(number: u64, collected: Collected, threads: u64, lost: usize, started: Instant) {
    let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    eprintln!(
        "gc {number}: {:.1} MiB -> {:.1} MiB of {:.1} MiB, {threads} threads, {lost} lost, {:.3} ms",
        mebibytes(collected.before),
        mebibytes(collected.live),
        mebibytes(collected.committed),
        started.elapsed().as_secs_f64() * 1e3,
    );
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn settings() {
        assert_eq!(Settings::parse(None, None), Ok(Settings::default()));
        assert_eq!(Settings::parse(Some("0"), Some("7")), Ok(Settings { log: false, stress: Some(7) }));
        assert_eq!(Settings::parse(Some("1"), None), Ok(Settings { log: true, stress: None }));
        for wrong in ["", "0", "-1", "x", "1.5"] {
            assert!(Settings::parse(None, Some(wrong)).is_err(), "{wrong}");
        }
    }
}
