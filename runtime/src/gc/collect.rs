//! Garbage collection: its trigger, and its steps in order.
//!
//! A worker collects when an allocation finds that the budget of bytes since the last collection is used up, or that
//! the system has no more memory. The worker stops the world, traces from the [`roots`](super::roots), sweeps, and lets
//! the world go on. Objects never move, so a program notices a collection only by the time that it takes.
//!
//! ```text
//!   allocate ──▶ due? ──no──▶ object
//!                 │yes
//!                 ▼
//!   stop the world ──▶ mark from the roots ──▶ sweep ──▶ free the stacks of unreachable threads ──▶ go on ──▶ object
//! ```

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use weft_abi::{Header, TraceKind, TypeDescriptor};

use super::roots::{FreedBlocks, Tracer};
use crate::arch::{self, Current};
use crate::heap::{self, Collected};
use crate::io::descriptors;
use crate::stack::pool;
use crate::timeline;
use crate::wait::handles;
use crate::workers::{registry, stop_the_world, thread_ids};

/// The settings of the collector, from the environment.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Whether each collection writes a line to standard error.
    pub log: bool,
    /// For tests, `n`: every `n`th slow path of the allocator collects. Each run of lines is then a single line, so
    /// that every line ends in a slow path.
    pub stress: Option<u64>,
}

static LOG: OnceLock<bool> = OnceLock::new();

/// The number of collections so far.
static COLLECTIONS: AtomicU64 = AtomicU64::new(0);

impl Settings {
    /// Reads the texts of `WEFT_GC_LOG`, which turns the log on unless it is `0`, and of `WEFT_GC_STRESS`, a number.
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
/// `table` describes all objects of the program, and lives as long as the process.
pub unsafe fn start(table: *const TypeDescriptor, settings: Settings) -> std::io::Result<()> {
    LOG.set(settings.log).unwrap_or_else(|_| panic!("BUG: the collector is set up twice"));
    // SAFETY: the caller has the same obligation.
    unsafe { heap::start(table, settings.stress) }
}

/// Allocates an object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned. `None` if the
/// system has no more memory. If the object is an array, the caller sets its length before the next allocation. May
/// collect.
///
/// # Safety
/// The green thread of the current worker called into the runtime; `size` is the object's size according to the
/// header's descriptor.
pub unsafe fn allocate(current: Current, header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: the caller guarantees the size.
    unsafe {
        if let Some(object) = heap::allocate_at_once(current, header, size) {
            return Some(object);
        }
        let without_collection =
            heap::with(
                |heap| {
                    if heap.is_due(size) { None } else { heap.allocate(current, header, size).ok() }
                },
            );
        without_collection.or_else(|| {
            collect_now(current);
            heap::with(|heap| heap.allocate(current, header, size).ok())
        })
    }
}

/// Stops the world and collects.
///
/// # Safety
/// As for [`allocate`].
pub unsafe fn collect_now(current: Current) {
    arch::with_registers(|registers| {
        // SAFETY: the thread's registers lie at or above `registers` while the world is stopped.
        unsafe {
            // If another worker was faster, that worker has usually just collected, so this worker does not collect
            // again.
            if stop_the_world::stop_others(current, registers) {
                collect(current, registers);
                stop_the_world::resume_others();
            }
        }
    });
    descriptors::close_lost();
}

/// Allocates like [`allocate`], but never collects.
///
/// # Safety
/// As for [`allocate`].
pub unsafe fn allocate_now(current: Current, header: Header, size: usize) -> Option<*mut u8> {
    // SAFETY: the caller guarantees the size.
    heap::with(|heap| unsafe { heap.allocate(current, header, size).ok() })
}

/// Runs a collection. The words at and above `from` on the worker's own stack are roots; they include the callers'
/// registers.
///
/// # Safety
/// As for [`allocate`]; the world is stopped.
unsafe fn collect(current: Current, from: *const usize) {
    let started = Instant::now();
    let number = COLLECTIONS.fetch_add(1, Ordering::Relaxed) + 1;
    timeline::record_now(current, TraceKind::Collect, number, true);
    let workers = registry::workers();
    // SAFETY: the world is stopped, so every other thread is suspended or in the runtime, and its stack pointer does
    // not change.
    let (collected, threads, unreachable, freed) = unsafe {
        let stacks = pool::lock();
        heap::with(|heap| {
            // The epoch differs from the epoch of the last collection, and from 0, the value in a new task.
            let epoch = 1 + (number % 2) as u8;
            let mut tracer = Tracer {
                stacks: &stacks,
                marker: heap.begin(&workers, epoch),
                epoch,
                visited: 0,
                continuations: 0,
                freed: FreedBlocks::EMPTY,
            };
            tracer.running(current.worker(), from);
            stop_the_world::with_stopped(|member| tracer.running(member.worker, member.roots));
            workers.iter().for_each(|&worker| tracer.ready(worker));
            registry::with_threads_in_transit(|sp| tracer.suspended(sp));
            registry::with_cancelled(|task| tracer.marker.reference(task.addr()));
            tracer.blocked();
            tracer.timed();
            tracer.polled();
            tracer.trace();
            let ended: u64 = workers.iter().map(|&worker| (*worker).ended_tasks).sum();
            let alive = thread_ids::spawned(&workers) - ended;
            let unreachable = if tracer.visited < alive { tracer.unreachable() } else { Vec::new() };
            let continuations =
                workers.iter().fold(0, |sum: u64, &worker| sum.wrapping_add((*worker).continuations));
            if tracer.continuations < continuations {
                tracer.free_continuations(current);
            }
            handles::forget_others(|object| tracer.marker.is_marked(object));
            descriptors::take_lost(|object| tracer.marker.is_marked(object));
            let Tracer { visited, freed, .. } = tracer;
            (heap.finish(), visited, unreachable, freed)
        })
    };
    for block in freed {
        // SAFETY: nothing can resume the continuation, so nothing uses its stack again.
        unsafe { pool::give_back(current, block) };
    }
    for &block in &unreachable {
        // SAFETY: nothing alive can wake the thread, so nothing uses its stack again.
        unsafe {
            pool::give_back(current, block);
            (*current.worker()).ended_tasks += 1;
            (*current.worker()).unreachable_tasks += 1;
        }
    }
    let live = if timeline::repeats() { 0 } else { collected.live as u64 };
    timeline::record_now(current, TraceKind::Collected, live, true);
    if *LOG.get().expect("BUG: a collection before the collector is set up") {
        log(number, collected, threads, unreachable.len(), started);
    }
}

/// Prints a line about a collection on standard error.
fn log(number: u64, collected: Collected, threads: u64, unreachable: usize, started: Instant) {
    let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    eprintln!(
        "gc {number}: {:.1} MiB -> {:.1} MiB of {:.1} MiB, {threads} threads, {unreachable} lost, {:.3} ms",
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
