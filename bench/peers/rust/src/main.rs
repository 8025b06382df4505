//! The corosensei peer of the benchmarks. There is no scheduler: a yield is a suspension, followed by a resume from the
//! main loop. Usage: corosensei-peer ring THREADS YIELDS | spawn COUNT | park COUNT

use corosensei::stack::{MIN_STACK_SIZE, Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult};

/// The smallest size that is allowed, plus a cache line, so that neighbouring stacks fall into different cache sets.
const STACK_BYTES: usize = MIN_STACK_SIZE + 64;

/// A stack in one large mapping. One mapping for each stack would exceed the kernel's limit of 65,530 mappings.
struct Slot {
    limit: usize,
}

// SAFETY: the slots do not overlap and have at least the smallest size allowed. There is no guard page, but the
// coroutines below call no function that needs more than a few hundred bytes.
unsafe impl Stack for Slot {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.limit + STACK_BYTES).expect("an address")
    }

    fn limit(&self) -> StackPointer {
        StackPointer::new(self.limit).expect("an address")
    }
}

fn slots(count: usize) -> impl Iterator<Item = Slot> {
    let (bytes, protection) = (count * STACK_BYTES, libc::PROT_READ | libc::PROT_WRITE);
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: this creates a new anonymous mapping, which is never unmapped.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0) };
    assert_ne!(start, libc::MAP_FAILED, "{count} stacks");
    // SAFETY: this only advises the kernel about the mapping that was just made.
    unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
    (0..count).map(move |i| Slot { limit: start as usize + i * STACK_BYTES })
}

fn ring(threads: usize, yields: usize) -> usize {
    let mut ring: Vec<Coroutine<(), (), usize, Slot>> = slots(threads)
        .map(|slot| {
            Coroutine::with_stack(slot, move |yielder, ()| {
                for _ in 0..yields {
                    yielder.suspend(());
                }
                yields
            })
        })
        .collect();
    let mut done = 0;
    for _ in 0..=yields {
        for coroutine in &mut ring {
            if let CoroutineResult::Return(yields) = coroutine.resume(()) {
                done += yields;
            }
        }
    }
    done
}

fn spawn(count: usize) -> usize {
    let mut slot = slots(1).next().expect("one slot");
    let mut sum = 0;
    for _ in 0..count {
        let mut coroutine: Coroutine<(), (), usize, Slot> = Coroutine::with_stack(slot, |_, ()| 1);
        if let CoroutineResult::Return(one) = coroutine.resume(()) {
            sum += one;
        }
        slot = coroutine.into_stack();
    }
    sum
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let size = |i: usize| args[i].parse::<usize>().expect("a number");
    let result = match args[1].as_str() {
        "ring" => ring(size(2), size(3)),
        "spawn" => spawn(size(2)),
        // All coroutines are suspended at the same time, then all end.
        "park" => ring(size(2), 1),
        other => panic!("no benchmark is called {other}"),
    };
    println!("{result}");
}
