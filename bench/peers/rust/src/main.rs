//! The corosensei peer of the benchmarks. There is no scheduler: a yield is a suspension, followed by a resume from the
//! main loop. Usage: corosensei-peer ring THREADS YIELDS | spawn COUNT | park COUNT | cont_flat COUNT | cont_deep COUNT
//! | cont_make COUNT

use corosensei::stack::{MIN_STACK_SIZE, Stack, StackPointer};
use corosensei::{Coroutine, CoroutineResult, Yielder};

/// The least size that corosensei allows, plus a cache line: neighbouring stacks fall into different cache sets.
const STACK_BYTES: usize = MIN_STACK_SIZE + 64;

/// A stack inside one large mapping. A mapping for each stack would exceed the kernel's limit of 65,530 mappings.
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

/// Runs `body` `count` times in a coroutine. Each time, `body` suspends the coroutine: it takes the value that the last
/// resumption passed in, and returns the value that the next resumption passes in. The type of `body` is a parameter,
/// so that `body` is inlined: a call between two suspensions costs mispredicted returns.
fn suspend<Body>(count: usize, body: Body) -> usize
where
    Body: Fn(&Yielder<isize, isize>, isize) -> isize + 'static,
{
    let slot = slots(1).next().expect("one slot");
    let mut coroutine: Coroutine<isize, isize, isize, Slot> =
        Coroutine::with_stack(slot, move |yielder, first| {
            let mut v = first;
            for _ in 0..count {
                v = body(yielder, v);
            }
            v
        });
    let mut v = 0;
    loop {
        match coroutine.resume(v) {
            CoroutineResult::Yield(out) => v = out,
            CoroutineResult::Return(last) => return last as usize,
        }
    }
}

/// Suspends the coroutine from `depth` nested calls. The subtraction after the recursive call keeps the calls: no
/// compiler turns this recursion into a loop.
#[inline(never)]
fn deep(yielder: &Yielder<isize, isize>, v: isize, depth: isize) -> isize {
    if depth == 0 { yielder.suspend(1 - v) } else { depth - deep(yielder, v, depth - 1) }
}

fn make(count: usize) -> usize {
    let mut slot = slots(1).next().expect("one slot");
    let mut sum = 0;
    for i in 0..count {
        let mut coroutine: Coroutine<usize, usize, usize, Slot> =
            Coroutine::with_stack(slot, |yielder, first| yielder.suspend(first + 1));
        if let CoroutineResult::Yield(v) = coroutine.resume(i)
            && let CoroutineResult::Return(last) = coroutine.resume(v)
        {
            sum += last - i;
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
        "cont_flat" => suspend(size(2), |yielder, v| yielder.suspend(v + 1)),
        "cont_deep" => suspend(size(2), |yielder, v| deep(yielder, v, 3)),
        "cont_make" => make(size(2)),
        other => panic!("no benchmark is called {other}"),
    };
    println!("{result}");
}
