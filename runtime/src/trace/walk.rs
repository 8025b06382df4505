//! Stack walks: from the innermost frame to the outermost, in memory that does not grow with the depth of the stack.
//!
//! The walk keeps the frames at both ends, and counts the frames between them by call site. With 2 frames from each end
//! of a stack of 1000 frames:
//!
//! ```text
//!   first: leaf, fib      omitted: fib × 996      last: main, start
//! ```

use weft_abi::stack::block_size;
use weft_abi::{Continuation, StackHome};

use super::sites::{Sites, Step};

/// The part of a stack that a walk reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StackSlice {
    /// The address at which the innermost frame goes on, or was interrupted.
    pub pc: u64,
    /// Whether `pc` is a return address, so that the call lies before it.
    pub is_return_address: bool,
    /// The stack pointer at `pc`. Nothing below it is read.
    pub sp: u64,
    /// The end of the stack's block. Nothing from here on is read.
    pub top: u64,
    /// The continuation to which the stack belongs; null if the stack is a thread's own. Behind the stack's outermost
    /// frame the walk goes on with the stack that resumed the continuation.
    pub continuation: *const Continuation,
}

impl StackSlice {
    /// The stack from which this stack's continuation was resumed; `None` if this stack is a thread's own.
    ///
    /// # Safety
    /// The continuation runs, and its thread does not run compiled code during the call.
    unsafe fn outer(&self) -> Option<StackSlice> {
        // SAFETY: the stack pointer of the resumer leads to the address at which the resumer goes on, and lies in the
        // stack of the parent, which is in use.
        unsafe {
            let continuation = self.continuation.as_ref()?;
            let parent = continuation.parent;
            let sp = continuation.resumer;
            let base = StackHome::base(parent);
            let top = base.addr() + block_size((*parent).stack_class as usize);
            Some(StackSlice {
                pc: sp.cast::<u64>().read(),
                is_return_address: true,
                sp: (sp.addr() + size_of::<u64>()) as u64,
                top: top as u64,
                continuation: (*base).continuation(),
            })
        }
    }
}

/// A frame, identified by an address in its call instruction, or in the instruction at which it was interrupted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The address in memory.
    pub address: u64,
}

impl Frame {
    /// The frame that goes on at a return address. The frame's address lies in the call instruction, right before the
    /// return address, since the return address may belong to another line or another function.
    pub fn of_return_address(pc: u64) -> Frame {
        Frame { address: pc.wrapping_sub(1) }
    }
}

/// The result of a walk: the frames at both ends of a stack, and counts of the frames between them.
#[derive(PartialEq, Eq, Debug)]
pub struct Walk {
    /// The innermost frames, innermost first.
    pub first: Vec<Frame>,
    /// The call sites of the frames between `first` and `last`, each with its number of frames.
    pub omitted: Vec<(Frame, u64)>,
    /// The outermost frames, the outermost of all at the end.
    pub last: Vec<Frame>,
    /// Whether the walk reached the bottom of the stack: a frame without a caller, or a return address of zero.
    pub complete: bool,
}

/// Walks the frames of `start` and of the stacks further out, keeps up to `max_first` frames from the inner end and up
/// to `max_last` from the outer end, and counts the frames between them by call site. A frame without an entry in the
/// executable's unwind tables ends the walk; it is kept only if the walk begins with it.
///
/// # Safety
/// Memory from `start.sp` to `start.top` is readable and does not change during the walk. If the stack belongs to a
/// continuation, the thread that has resumed the continuation does not run compiled code.
pub unsafe fn walk(start: &StackSlice, max_first: usize, max_last: usize) -> Walk {
    let mut slice = *start;
    let mut sites = Sites::new();
    let mut first = Vec::new();
    let mut last = Ring::new(max_last);
    let mut sp = start.sp;
    let mut frame = if start.is_return_address {
        Frame::of_return_address(start.pc)
    } else {
        Frame { address: start.pc }
    };
    let complete = loop {
        let site = sites.at(frame.address);
        let step = sites[site].step;
        if step == Step::Unknown && sp != start.sp {
            break false;
        }
        if first.len() < max_first {
            first.push(frame);
        } else if let Some(pushed_out) = last.push(site) {
            sites[pushed_out].count += 1;
        }
        let size = match step {
            Step::Caller(size) => size,
            // SAFETY: the caller promises that the thread does not run compiled code.
            Step::Bottom => match unsafe { slice.outer() } {
                Some(outer) => {
                    (slice, sp, frame) = (outer, outer.sp, Frame::of_return_address(outer.pc));
                    continue;
                }
                None => break true,
            },
            Step::Opaque | Step::Unknown => break false,
        };
        // SAFETY: the caller promises that the slice is readable.
        let Some((caller_sp, pc)) = (unsafe { read_caller(&slice, sp, size) }) else { break false };
        if pc == 0 {
            break true;
        }
        sp = caller_sp;
        frame = Frame::of_return_address(pc);
    };
    let last = last.into_oldest_first().map(|site| Frame { address: sites[site].address }).collect();
    let omitted = sites.into_sites().into_iter().filter(|site| site.count > 0);
    let omitted = omitted.map(|site| (Frame { address: site.address }, site.count)).collect();
    Walk { first, omitted, last, complete }
}

/// The number of innermost calls that a glance returns: enough to tell threads of different kinds apart, few enough for
/// a million threads.
pub const GLANCE: usize = 8;

/// Reads the addresses of the innermost calls of many stacks.
pub struct Glances {
    sites: Sites,
}

impl Glances {
    /// Makes an empty table of call sites.
    pub fn new() -> Glances {
        Glances { sites: Sites::new() }
    }

    /// The addresses at which the innermost calls go on, innermost first, filled up with zeros.
    ///
    /// # Safety
    /// As for [`walk`].
    pub unsafe fn at(&mut self, start: &StackSlice) -> [u64; GLANCE] {
        let mut calls = [0; GLANCE];
        let (mut slice, mut sp, mut pc) = (*start, start.sp, start.pc);
        for call in &mut calls {
            *call = pc;
            let site = self.sites.at(Frame::of_return_address(pc).address);
            // SAFETY: the caller promises that the slice is readable, and that the thread does not run compiled code.
            let next = unsafe {
                match self.sites[site].step {
                    Step::Caller(size) => read_caller(&slice, sp, size).filter(|&(_, pc)| pc != 0),
                    Step::Bottom => slice.outer().map(|outer| {
                        slice = outer;
                        (outer.sp, outer.pc)
                    }),
                    Step::Opaque | Step::Unknown => None,
                }
            };
            let Some(next) = next else { break };
            (sp, pc) = next;
        }
        calls
    }
}

/// The caller of a frame of `size` bytes at `sp`: the caller's stack pointer, and the address at which the caller goes
/// on. `None` if the frame is not within the slice.
///
/// # Safety
/// The slice is readable.
unsafe fn read_caller(slice: &StackSlice, sp: u64, size: u64) -> Option<(u64, u64)> {
    let caller_sp = sp.checked_add(size)?;
    let place = caller_sp.checked_sub(8)?;
    if place < slice.sp || caller_sp > slice.top || !place.is_multiple_of(8) {
        return None;
    }
    // SAFETY: the word lies within the slice, as was just checked, and is aligned.
    let pc = unsafe { (place as *const u64).read() };
    Some((caller_sp, pc))
}

/// A ring of the last sites of a walk.
struct Ring {
    places: Vec<usize>,
    /// The index of the oldest site, once the ring is full.
    oldest: usize,
    capacity: usize,
}

impl Ring {
    fn new(capacity: usize) -> Ring {
        Ring { places: Vec::with_capacity(capacity), oldest: 0, capacity }
    }

    /// Adds a site. If the ring is full, replaces the oldest site and returns it.
    fn push(&mut self, site: usize) -> Option<usize> {
        if self.places.len() < self.capacity {
            self.places.push(site);
            return None;
        }
        let Some(place) = self.places.get_mut(self.oldest) else { return Some(site) };
        self.oldest = if self.oldest + 1 == self.capacity { 0 } else { self.oldest + 1 };
        Some(std::mem::replace(place, site))
    }

    fn into_oldest_first(mut self) -> impl Iterator<Item = usize> {
        self.places.rotate_left(self.oldest);
        self.places.into_iter()
    }
}
