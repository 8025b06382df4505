//! The stack pool: blocks of memory for stacks, by size class.
//!
//! One reservation of address space contains all blocks. It is divided into chunks of 2 MiB, each for blocks of one
//! class; a block of more than 1 MiB takes a run of chunks. So a table lookup and a division find the block around any
//! stack pointer, and a million stacks need a handful of kernel mappings:
//!
//! ```text
//!   chunk    0                    1                    2 and 3
//!   blocks   class 0: 960 bytes   class 3: 8128 bytes  class 12: one of 4 MiB - 64 bytes
//!   the stack pointer base + 2 MiB + 10,000 lies in chunk 1, block 10,000 / 8128 = 1
//! ```
//!
//! Blocks have no guard pages: compiled code compares the stack pointer with the limit before it uses the room below.
//!
//! Each worker has its own free list of class 0, from which compiled code takes blocks. The free lists of the other
//! classes are here, behind a lock that only slow paths take.

use std::cell::Cell;
use std::io;
use std::ptr::null_mut;

use weft_abi::stack::{CLASSES, RESERVE, block_size};
use weft_abi::{Continuation, StackBase, StackHome, Task};
use weft_hot::threads::free_smallest;

use crate::arch::{Current, valgrind};
use crate::os;
use crate::os::locks::{Held, Lock, Rank};

/// The size of a chunk in bytes: the size of a large page, so that one large page can hold a chunk.
const CHUNK: usize = 2 << 20;

/// The last class, of 1 MiB, whose blocks share a chunk. Larger blocks have chunks of their own.
const LAST_SHARED: usize = 10;

/// The number of blocks of class 0 that are made at once: large enough that the cost per spawn is small, small enough
/// that a program with one thread wastes little memory.
pub const BATCH: usize = 16;

/// The first `SMALL_PAGED` chunks use small pages, except chunks of blocks of more than 1 MiB: a program with few
/// threads should not pay for a large page.
const SMALL_PAGED: usize = 4;

/// The smallest class, of 32 MiB, whose contents move by remapping their pages instead of copying. Remapping is faster,
/// but adds two kernel mappings for each stack. A stack that has moved takes at least 64 MiB, and the largest
/// reservation has room for 16,384 such stacks. So the usual limit on mappings, 65,530, is not reached.
const FIRST_MOVED: usize = 15;

const _: () = assert!(2 * (os::LARGEST_RESERVATION / (1024 << (FIRST_MOVED + 1))) < 65_530 * 3 / 4);

/// The smallest class, of 64 KiB, whose freed blocks return their memory to the system. Smaller blocks stay in the
/// cache for the next thread; the memory of larger blocks is worth a system call.
const FIRST_DISCARDED: usize = 6;

/// A block of memory for one stack.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// The block's lowest address.
    pub base: *mut u8,
    /// The block's size class.
    pub class: usize,
}

impl Block {
    /// The block of the stack of a thread or a continuation.
    ///
    /// # Safety
    /// The thread or the continuation has not ended.
    pub unsafe fn of(home: *const StackHome) -> Block {
        // SAFETY: the home of a stack in use has the limit and the class of its block.
        unsafe { Block { base: StackHome::base(home).cast(), class: (*home).stack_class as usize } }
    }

    /// Whether an address lies in the block.
    pub fn contains(self, address: *mut u8) -> bool {
        (self.base.addr()..self.top().addr()).contains(&address.addr())
    }

    /// The end of the block, where the stack begins.
    pub fn top(self) -> *mut u8 {
        self.base.wrapping_add(block_size(self.class))
    }

    /// The stack limit: the address with which prologues compare the stack pointer.
    pub fn limit(self) -> *mut u8 {
        self.base.wrapping_add(RESERVE)
    }

    /// The task of the thread that runs on this block's stack, or that last ran on it; null when the block is free.
    pub fn owner(self) -> *mut Task {
        // SAFETY: the base of a block that was handed out is a `StackBase`; in a fresh block its words read as zero.
        unsafe { (*self.words()).owner }
    }

    /// The continuation to which the block's stack belongs; null if the stack is a thread's own.
    pub fn continuation(self) -> *mut Continuation {
        // SAFETY: as in `owner`.
        unsafe { (*self.words()).continuation() }
    }

    /// Tells Valgrind that the contents of the block, which was used before, are undefined again, except for the words
    /// at its base.
    fn renew(self) {
        let start = self.base.wrapping_add(size_of::<StackBase>());
        valgrind::make_undefined(start, block_size(self.class) - size_of::<StackBase>());
    }

    /// The words at the block's base.
    pub fn words(self) -> *mut StackBase {
        self.base.cast()
    }
}

/// A chunk in use.
#[derive(Clone, Copy)]
struct Chunk {
    class: u8,
    /// The first chunk of the run to which the chunk belongs.
    first: u32,
    /// The number of blocks of the chunk that were ever handed out.
    blocks: u32,
}

/// All stacks of the process.
pub struct Stacks {
    base: *mut u8,
    /// The number of chunks of the reservation.
    capacity: usize,
    chunks: Vec<Chunk>,
    /// The bases of the free blocks of each class, except class 0.
    free: [Vec<*mut u8>; CLASSES],
    /// For each class whose blocks share chunks: the chunk in which the next block is made.
    open: [Option<usize>; LAST_SHARED + 1],
    /// Free lists of class 0 that idle workers have left here: the base of each list's first block.
    spare: Vec<*mut u8>,
}

// SAFETY: the pointers are addresses of memory that belongs to the process, and the lock orders accesses.
unsafe impl Send for Stacks {}

static STACKS: Lock<Option<Stacks>> = Lock::new(Rank::Stacks, None);

/// Reserves the address space of all stacks. Call once.
pub fn reserve() -> io::Result<()> {
    let before = STACKS.lock().replace(Stacks::reserve()?);
    assert!(before.is_none(), "BUG: stacks are reserved twice");
    Ok(())
}

/// The stacks of the process, for slow paths.
pub fn lock() -> Guard {
    Guard(STACKS.lock())
}

/// The stacks of the process, or `None` if they are locked. For signal handlers, which may have interrupted the holder.
pub fn try_lock() -> Option<Guard> {
    STACKS.try_lock().map(Guard)
}

/// Exclusive use of the [`Stacks`].
pub struct Guard(Held<'static, Option<Stacks>>);

impl std::ops::Deref for Guard {
    type Target = Stacks;
    fn deref(&self) -> &Stacks {
        self.0.as_ref().expect("BUG: stacks are used before they are reserved")
    }
}

impl std::ops::DerefMut for Guard {
    fn deref_mut(&mut self) -> &mut Stacks {
        self.0.as_mut().expect("BUG: stacks are used before they are reserved")
    }
}

impl Stacks {
    /// Reserves the address space, see [`os::reserve_share`].
    pub fn reserve() -> io::Result<Stacks> {
        let (start, size) = os::reserve_share(valgrind::largest_reservation(), |size| size)?;
        let base = start.as_ptr().map_addr(|address| address.next_multiple_of(CHUNK));
        let free = std::array::from_fn(|_| Vec::new());
        Ok(Stacks {
            base,
            capacity: size / CHUNK - 1,
            chunks: Vec::new(),
            free,
            open: [None; _],
            spare: Vec::new(),
        })
    }

    /// Allocates a block of `class`, which is below [`CLASSES`].
    pub fn allocate(&mut self, class: usize) -> io::Result<Block> {
        if let Some(base) = self.free[class].pop() {
            let block = Block { base, class };
            block.renew();
            return Ok(block);
        }
        let block = self.add_block(class)?;
        valgrind::register_stack(block.base, block_size(class));
        Ok(block)
    }

    /// Makes a new block.
    fn add_block(&mut self, class: usize) -> io::Result<Block> {
        if class > LAST_SHARED {
            let chunk = self.add_chunks(class)?;
            return Ok(Block { base: self.chunk_base(chunk), class });
        }
        let full = |chunk: &usize| self.chunks[*chunk].blocks as usize == CHUNK / block_size(class);
        let chunk = match self.open[class].filter(|chunk| !full(chunk)) {
            Some(chunk) => chunk,
            None => self.add_chunks(class)?,
        };
        self.open[class] = Some(chunk);
        let index = self.chunks[chunk].blocks as usize;
        self.chunks[chunk].blocks += 1;
        Ok(Block { base: self.chunk_base(chunk).wrapping_add(index * block_size(class)), class })
    }

    /// Frees a block that is not of class 0.
    ///
    /// # Safety
    /// Nothing uses the block any more, except a thread that is about to switch away for good.
    pub unsafe fn free(&mut self, block: Block) {
        // SAFETY: the caller gives up the block. Its last page stays, since a thread may still run on it. The first
        // word of a free block is zero, and a page that was returned to the system reads as zero.
        unsafe {
            (*block.words()).owner = null_mut();
            if block.class >= FIRST_DISCARDED {
                let first = block.base.map_addr(|base| base.next_multiple_of(os::PAGE));
                let last = block.top().map_addr(|top| (top - 1) & !(os::PAGE - 1));
                os::discard(first, last.addr() - first.addr());
            }
        }
        self.free[block.class].push(block.base);
    }

    /// The block that contains `address`. The end of a block is not part of the block.
    pub fn block_of(&self, address: *mut u8) -> Option<Block> {
        let offset = address.addr().checked_sub(self.base.addr())?;
        let chunk = self.chunks.get(offset / CHUNK)?;
        let class = chunk.class as usize;
        let start = self.chunk_base(chunk.first as usize);
        let index = (address.addr() - start.addr()) / block_size(class);
        let blocks = self.chunks[chunk.first as usize].blocks as usize;
        (index < blocks).then(|| Block { base: start.wrapping_add(index * block_size(class)), class })
    }

    /// The blocks of the stacks of continuations.
    pub fn of_continuations(&self) -> impl Iterator<Item = Block> {
        self.in_use().filter(|block| !block.continuation().is_null())
    }

    /// The blocks of the threads' own stacks.
    pub fn of_threads(&self) -> impl Iterator<Item = Block> {
        self.in_use().filter(|block| block.continuation().is_null())
    }

    /// All blocks that are not free.
    fn in_use(&self) -> impl Iterator<Item = Block> {
        let firsts = self.chunks.iter().enumerate().filter(|(index, chunk)| chunk.first as usize == *index);
        firsts
            .flat_map(|(index, chunk)| {
                let (start, class) = (self.chunk_base(index), chunk.class as usize);
                let at = move |block: u32| start.wrapping_add(block as usize * block_size(class));
                (0..chunk.blocks).map(move |block| Block { base: at(block), class })
            })
            .filter(|block| !block.owner().is_null())
    }

    fn chunk_base(&self, chunk: usize) -> *mut u8 {
        self.base.wrapping_add(chunk * CHUNK)
    }

    /// Commits the chunks of a new block, or one chunk for blocks of a shared class; returns the first chunk.
    fn add_chunks(&mut self, class: usize) -> io::Result<usize> {
        let first = self.chunks.len();
        let count = (1024usize << class).div_ceil(CHUNK);
        if first + count > self.capacity {
            return Err(io::Error::from(io::ErrorKind::OutOfMemory));
        }
        let start = self.chunk_base(first);
        // SAFETY: the chunks are in the reservation and not in use.
        unsafe {
            os::commit(start, count * CHUNK)?;
            if class > LAST_SHARED || first >= SMALL_PAGED {
                os::prefer_large_pages(start, count * CHUNK);
            }
        }
        let blocks = if class > LAST_SHARED { 1 } else { 0 };
        let chunk = Chunk { class: class as u8, first: first as u32, blocks };
        self.chunks.push(chunk);
        for index in first + 1..first + count {
            let first = if class > LAST_SHARED { first } else { index };
            self.chunks.push(Chunk { first: first as u32, ..chunk });
        }
        Ok(first)
    }
}

/// Fills the current worker's free list of class 0, which is empty, with a list that an idle worker has left, or with
/// new blocks, the lowest first.
pub fn refill(current: Current) -> io::Result<()> {
    let mut stacks = lock();
    if let Some(list) = stacks.spare.pop() {
        // SAFETY: `current` is the token of the running worker, so no other code changes its free list.
        unsafe { (*current.worker()).free_stacks = list };
        renew_next(current);
        return Ok(());
    }
    let mut blocks = Vec::with_capacity(BATCH);
    for _ in 0..BATCH {
        match stacks.allocate(0) {
            Ok(block) => blocks.push(block),
            Err(error) if blocks.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    for block in blocks.into_iter().rev() {
        // SAFETY: the block is new, so nothing uses it. `current` is the token of the running worker, so no other code
        // changes its free list.
        unsafe { free_smallest(current.worker(), block.base) };
    }
    Ok(())
}

/// Tells Valgrind that the first block of the current worker's free list is about to be used. The fast path takes the
/// block without a call, so under Valgrind every spawn calls this function first.
pub fn renew_next(current: Current) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its free list.
    let base = unsafe { (*current.worker()).free_stacks };
    if !base.is_null() {
        Block { base, class: 0 }.renew();
    }
}

/// Leaves the current worker's free list to other workers, before the worker sleeps. Threads that one worker spawns may
/// end on another worker, which then has the free blocks.
pub fn leave_free(current: Current) {
    // SAFETY: `current` is the token of the running worker, so no other code changes its free list.
    let list = unsafe { std::mem::replace(&mut (*current.worker()).free_stacks, null_mut()) };
    if !list.is_null() {
        lock().spare.push(list);
    }
}

thread_local! {
    /// The stack block, of a class above 0, of the thread or continuation that ended last on this worker; the block is
    /// not free yet. Only the runtime's own code reads this variable, and that code never moves to another worker.
    static LAST: Cell<Option<Block>> = const { Cell::new(None) };
}

/// Frees the stack of a thread or a continuation that has ended. The thread may still use the stack up to its last
/// switch, and another worker could take a freed block at once; so a block of a class above 0 stays in `LAST` until
/// this worker frees the next such block.
///
/// # Safety
/// Nothing uses the stack of `home` any more, except a thread that is about to switch away for good, on this worker.
pub unsafe fn free_stack(current: Current, home: *mut StackHome) {
    // SAFETY: a block of class 0 may be on the free list already, since only this worker takes blocks from the list.
    // The thread of the block in `LAST` has switched away since.
    unsafe {
        let block = Block::of(home);
        (*home).stack_limit = null_mut();
        if block.class == 0 {
            return free_smallest(current.worker(), block.base);
        }
        (*block.words()).owner = null_mut();
        if let Some(before) = LAST.replace(Some(block)) {
            lock().free(before);
        }
    }
}

/// Frees a block of any class.
///
/// # Safety
/// As for [`Stacks::free`].
pub unsafe fn give_back(current: Current, block: Block) {
    // SAFETY: the caller gives up the block. `current` is the token of the running worker, so no other code changes its
    // free list.
    unsafe {
        match block.class {
            0 => free_smallest(current.worker(), block.base),
            _ => lock().free(block),
        }
    }
}

/// Moves a stack's contents, `used` bytes at the end of `from`, to the end of `to`, and returns the new stack pointer.
///
/// # Safety
/// The stack's thread runs, but is in the runtime, and `to` is larger than `from` and free.
pub unsafe fn move_contents(from: Block, to: Block, used: usize) -> *mut u8 {
    let (old, new) = (from.top().wrapping_sub(used), to.top().wrapping_sub(used));
    // SAFETY: the `used` bytes below the top of each block are in that block. If pages are moved, both tops have the
    // same offset in a page, and the rest of the last page is unused.
    unsafe {
        if from.class >= FIRST_MOVED {
            let first = old.map_addr(|address| address & !(os::PAGE - 1));
            let end = from.top().map_addr(|address| address.next_multiple_of(os::PAGE));
            let target = new.map_addr(|address| address & !(os::PAGE - 1));
            if os::move_pages(first, target, end.addr() - first.addr()).is_ok() {
                return new;
            }
        }
        new.copy_from_nonoverlapping(old, used);
    }
    new
}

#[cfg(test)]
mod tests;
