//! Marking: finds the objects that are alive.
//!
//! Marking begins at roots, which callers pass, and follows references until it finds no new object. References in
//! objects are exact. A word of a stack or a register may be any value, so marking looks up whether it is an address in
//! an object:
//!
//! ```text
//!   the heap begins at 0x7f0000000000      a block has 0x8000 bytes
//!   a word on a stack: 0x7f0000012345      block 2, byte 0x2345: the last start at or before it is 0x2300
//!   the object at 0x2300 has 0x60 bytes    0x2345 lies in the object, which is marked
//! ```
//!
//! The starts of all objects that survived the last collection are known. The starts of younger objects are found when
//! the first word points into their block, by a walk from header to header through the runs that were given out.
//!
//! A list contains the marked objects whose references have not been followed yet. When there is no memory for a longer
//! list, objects that do not fit are omitted, and the references of all marked objects are followed once more at the
//! end. If that round omits objects, too, another round follows. Marking ends, because each object is marked only once,
//! and so is omitted at most once.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use std::ptr::null;

use weft_abi::object::GRANULE;
use weft_abi::{StackHome, Task};

use super::geometry::{BLOCK, LINE, lines_of, next_run};
use super::objects::{Contents, Descriptors};
use super::space::{Space, Use};
use crate::os::allocator;

/// The size of the prefetch ring: the largest number of objects that have been prefetched and not followed yet. With a
/// smaller ring, marking waits for memory; with a larger ring, objects are evicted from the cache before they are
/// followed (Cher, Hosking and Vitek, ASPLOS 2004). Two cache lines of each object are prefetched, the size of a task.
const AHEAD: usize = 16;

/// The distance in bytes at which a walk through a block prefetches. The address of each object depends on the size of
/// the previous object, so the processor cannot load ahead by itself; without the prefetch the benchmark skynet spent a
/// third of its time in this walk.
const WALKED_AHEAD: usize = 768;

/// The number of entries for which a list has room from the start.
const LEAST_ROOM: usize = 1024;

/// The objects that marking still has to follow. Both lists are empty between collections.
pub(super) struct Lists {
    /// Marked objects whose references have not been followed yet.
    pending: Vec<*const u8>,
    /// The homes of stacks that have not been scanned yet: marked tasks of waiting threads, and marked continuations
    /// that are suspended.
    waiting: Vec<*mut StackHome>,
}

impl Lists {
    /// Makes empty lists with capacity.
    pub(super) fn new() -> Lists {
        Lists { pending: Vec::with_capacity(LEAST_ROOM), waiting: Vec::with_capacity(LEAST_ROOM) }
    }
}

/// Adds an entry to a list. If the list is full and there is no memory for a longer list, omits the entry and sets
/// `omits`. While `omits` is set, no memory is requested again, since each refusal takes the system a while.
#[inline(always)]
fn add<T>(list: &mut Vec<T>, omits: &mut bool, entry: T) {
    if list.len() < list.capacity() {
        list.push(entry);
    } else {
        *omits = *omits || allocator::try_push(list, entry).is_err();
    }
}

/// The state of marking, the first half of a collection.
pub struct Marker<'a> {
    space: &'a mut Space,
    descriptors: Descriptors,
    lists: &'a mut Lists,
    /// Whether marked objects were omitted from the list.
    omits_objects: bool,
    /// Whether marked homes of stacks were omitted from the list.
    omits_homes: bool,
    /// The value of `StackHome::scanned` in the homes of stacks that this collection has scanned.
    epoch: u8,
    /// Marked objects that are being prefetched: a ring with `on_their_way` entries, of which `first` is the oldest.
    fetched: [*const u8; AHEAD],
    first: usize,
    on_their_way: usize,
}

impl<'a> Marker<'a> {
    /// A marker that has marked no object yet.
    pub(super) fn new(
        space: &'a mut Space,
        descriptors: Descriptors,
        lists: &'a mut Lists,
        epoch: u8,
    ) -> Marker<'a> {
        let fetched = [null(); AHEAD];
        let (omits_objects, omits_homes, first, on_their_way) = (false, false, 0, 0);
        Marker { space, descriptors, lists, omits_objects, omits_homes, epoch, fetched, first, on_their_way }
    }

    /// Marks the object at an address, if the address is in the heap: null and constants are not.
    #[inline(always)]
    pub fn reference(&mut self, object: usize) {
        let Some(offset) = self.space.offset(object) else { return };
        // SAFETY: the granule lies in the heap.
        if unsafe { self.space.marks.set(offset / GRANULE) } {
            let object = self.space.at(offset).cast_const();
            add(&mut self.lists.pending, &mut self.omits_objects, object);
        }
    }

    /// Whether the object at an address in the heap is marked.
    ///
    /// # Safety
    /// An object was allocated at this address, and has not been freed.
    pub unsafe fn is_marked(&self, object: *const u8) -> bool {
        let offset = self.space.offset(object.addr()).expect("BUG: an object outside of the heap");
        // SAFETY: the caller passes the address of an object, so its granule lies in a committed block.
        unsafe { self.space.marks.get(offset / GRANULE) }
    }

    /// Marks the objects that a word keeps alive, if it is an address: the object that contains the address, and the
    /// array that ends at the address. In a loop over an array, the address of the next element may be the only address
    /// of the array that compiled code still has; after the last element it is the array's end.
    #[inline(always)]
    pub fn word(&mut self, word: usize) {
        if self.space.offset(word).or(self.space.offset(word.wrapping_sub(1))).is_some() {
            self.found(word);
        }
    }

    /// Marks the objects that the words in `[from, end)` keep alive.
    ///
    /// # Safety
    /// The memory is readable and aligned to words.
    pub unsafe fn words(&mut self, from: *const usize, end: *const usize) {
        let mut at = from;
        while at < end {
            // SAFETY: the words before `end` are readable.
            unsafe {
                self.word(at.read());
                at = at.add(1);
            }
        }
    }

    /// Marks the objects that a word in the heap keeps alive.
    fn found(&mut self, word: usize) {
        let is_start = self.space.offset(word).is_some_and(|offset| self.is_start(offset));
        if is_start {
            self.reference(word);
        }
        let Some(before) = self.space.offset(word - 1).and_then(|before| self.around(before)) else { return };
        // SAFETY: an object begins at this address.
        let is_array = unsafe { self.descriptors.is_array(before) };
        if is_array || !is_start {
            self.reference(before.addr());
        }
    }

    /// Whether an object begins at an offset from the heap's start.
    fn is_start(&mut self, offset: usize) -> bool {
        self.walk_if_fresh(offset / BLOCK);
        // SAFETY: the granule lies in the heap.
        offset.is_multiple_of(GRANULE) && unsafe { self.space.starts.get(offset / GRANULE) }
    }

    /// The object around a byte of the heap.
    fn around(&mut self, offset: usize) -> Option<*mut u8> {
        let block = offset / BLOCK;
        self.walk_if_fresh(block);
        let start = match self.space.block(block).used {
            Use::Free => return None,
            // SAFETY: both granules lie in this block.
            Use::Small => unsafe {
                let granule = self.space.starts.last_set(block * (BLOCK / GRANULE), offset / GRANULE)?;
                self.space.at(granule * GRANULE)
            },
            Use::Large(_) => self.space.address(block),
            Use::LargeRest(before) => self.space.address(block - before as usize),
        };
        // SAFETY: an object begins at this address.
        let size = unsafe { self.descriptors.size(start) };
        (self.space.at(offset).addr() < start.addr() + size).then_some(start)
    }

    /// Finds the starts of the objects that were allocated in a block since the last collection.
    #[inline(always)]
    fn walk_if_fresh(&mut self, block: usize) {
        if self.space.block(block).is_fresh {
            self.walk(block);
        }
    }

    /// Walks a fresh block from header to header, and records where objects begin.
    #[cold]
    fn walk(&mut self, block: usize) {
        let known = self.space.block(block);
        known.is_fresh = false;
        let (taken, mut from) = (known.taken, 0);
        while let Some((first, end)) = next_run(taken, from) {
            let (mut at, end_of_run) = (block * BLOCK + first * LINE, block * BLOCK + end * LINE);
            // SAFETY: all lines of the run were given out, so the word at `at` is a header or zero: objects follow each
            // other from the start of the run, and the rest of the run is zero. A stressed heap may have given out the
            // run line by line; then the same holds for each of its lines.
            unsafe {
                while at < end_of_run {
                    _mm_prefetch::<_MM_HINT_T0>(self.space.at(at + WALKED_AHEAD).cast_const().cast());
                    if self.space.at(at).cast::<u64>().read() == 0 {
                        at = (at + 1).next_multiple_of(LINE);
                    } else {
                        self.space.starts.set(at / GRANULE);
                        at += self.descriptors.size(self.space.at(at));
                    }
                }
            }
            from = end;
        }
    }

    /// Follows references until all objects are marked that are reachable without the stacks of waiting threads and
    /// suspended continuations. [`Marker::next_waiting`] returns the homes of such stacks.
    pub fn trace(&mut self) {
        self.follow();
        while std::mem::take(&mut self.omits_objects) {
            self.follow_marked();
        }
    }

    /// Takes the home of a stack that has not been scanned yet: a waiting thread's task, or a suspended continuation.
    pub fn next_waiting(&mut self) -> Option<*mut StackHome> {
        while self.lists.waiting.is_empty() && std::mem::take(&mut self.omits_homes) {
            self.follow_marked();
            self.trace();
        }
        self.lists.waiting.pop()
    }

    /// Follows the references of all objects in the list.
    fn follow(&mut self) {
        while let Some(object) = self.next() {
            self.object(object);
        }
    }

    /// Follows the references of all marked objects again, because some objects were omitted from the list.
    #[cold]
    fn follow_marked(&mut self) {
        const GRANULES: usize = BLOCK / GRANULE;
        for block in 0..self.space.blocks() {
            if self.space.block(block).used == Use::Free {
                continue;
            }
            for granule in block * GRANULES..(block + 1) * GRANULES {
                // SAFETY: the block is committed.
                if unsafe { self.space.marks.get(granule) } {
                    self.object(self.space.at(granule * GRANULE));
                    self.follow();
                }
            }
        }
    }

    /// Takes the next object to follow. Objects pass through the ring, so that they are prefetched.
    #[inline(always)]
    fn next(&mut self) -> Option<*const u8> {
        while self.on_their_way < AHEAD {
            let Some(entering) = self.lists.pending.pop() else { break };
            // SAFETY: prefetches of any address are harmless.
            unsafe {
                _mm_prefetch::<_MM_HINT_T0>(entering.cast());
                _mm_prefetch::<_MM_HINT_T0>(entering.wrapping_add(64).cast());
            }
            self.fetched[(self.first + self.on_their_way) % AHEAD] = entering;
            self.on_their_way += 1;
        }
        // The ring need not be full: while marking follows a linked list, only one object is pending at a time.
        self.on_their_way = self.on_their_way.checked_sub(1)?;
        let leaving = self.fetched[self.first];
        self.first = (self.first + 1) % AHEAD;
        Some(leaving)
    }

    /// Marks the lines of an object, and the objects to which it refers.
    #[inline(always)]
    fn object(&mut self, object: *const u8) {
        // SAFETY: a marked address is the address of an object, and the world is stopped.
        unsafe {
            let size = self.descriptors.size(object);
            let offset = object.addr() - self.space.at(0).addr();
            let inside = offset % BLOCK;
            // For an object that has blocks of its own, a mark on any line of its first block is enough.
            self.space.block(offset / BLOCK).marked |= lines_of(inside, (inside + size).min(BLOCK));
            match self.descriptors.contents(object) {
                Contents::Plain => {}
                Contents::Words(words) => words.iter().for_each(|&word| self.word(word)),
                Contents::Task(task) => self.task(&*task),
                Contents::Continuation(continuation) => {
                    self.home(continuation.cast(), !(*continuation).sp.is_null());
                }
                Contents::Elements { first, count, size, references } => {
                    for index in 0..count {
                        let element = first.add(index * size);
                        for &reference in references {
                            self.reference(element.add(reference as usize).cast::<usize>().read());
                        }
                    }
                }
            }
        }
    }

    /// Marks the objects to which a task refers: its result, the list in which its thread waits, the next waiter in
    /// that list, and its first joiner. Remembers the task if its thread waits, so that the thread's stack is scanned.
    fn task(&mut self, task: &Task) {
        self.word(task.result as usize);
        self.word(task.waiter.list.addr());
        self.reference(task.waiter.next.addr());
        self.reference(task.joiners.side.first.addr());
        self.home((&raw const *task).cast(), !task.sp.is_null());
    }

    /// Remembers the home of a stack if the stack is suspended and this collection has not scanned it.
    fn home(&mut self, home: *const StackHome, is_suspended: bool) {
        // SAFETY: a marked task or continuation is alive.
        if is_suspended && unsafe { (*home).scanned } != self.epoch {
            add(&mut self.lists.waiting, &mut self.omits_homes, home.cast_mut());
        }
    }
}
