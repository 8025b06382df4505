//! Sizes of stacks and of the reserve below the stack limit, all in bytes.
//!
//! ```text
//!   high   top
//!           │ frames
//!          sp ──────────────  a suspended thread: resume address, limit, then its live set
//!           │ unused
//!        limit ─────────────  base + RESERVE; the prologue of every function compares `rsp` with it
//!           │ reserve
//!   low    base ────────────  a `StackBase`: the owning thread's `Task`, scopes and cleanups
//! ```

/// The number of bytes by which a stack block is smaller than a power of two: a block of class `k` has 1024 times 2^k
/// bytes, less `COLOUR`. Since this size is an odd number of cache lines, the tops of neighbouring blocks fall into
/// different cache sets. With a power of two all tops would share a few sets, and a yield among many threads would
/// rarely find the next thread's stack in the cache.
pub const COLOUR: usize = 64;

/// The number of size classes: the largest block has 2 GiB, the largest value of `WEFT_STACK_MAX`.
pub const CLASSES: usize = 22;

/// The size in bytes of the reserve below the limit. LLVM lets a frame of less than 256 bytes start right at the limit
/// (`kSplitStackAvailable` in X86FrameLowering.cpp). Below that frame, the reserve has room for a return address, the
/// words that a switch pushes (56 bytes with a full mailbox), the call of a runtime function, the call of
/// `__morestack`, and the `StackBase`. A larger reserve leaves a small stack fewer bytes before it grows.
pub const RESERVE: usize = 400;

/// The size in bytes of the part of the reserve that the [`StackBase`](crate::StackBase) occupies.
pub const BLOCK_WORDS: usize = 64;

/// The size in bytes of the part of the reserve that code may use.
pub const USABLE_RESERVE: usize = RESERVE - BLOCK_WORDS;

/// The size of a block of `class` in bytes.
pub const fn block_size(class: usize) -> usize {
    (1024 << class) - COLOUR
}

/// The offset from `%fs` of the slot that glibc reserves for a stack limit (`tcbhead_t::__private_ss`).
pub const LIMIT_SLOT: usize = 0x70;

/// The stack limit that announces a request: another OS thread stores this value in the slot. No stack pointer is above
/// this value, so the check in the next prologue fails and calls the runtime, which computes the true limit from the
/// stack block.
pub const REQUEST_LIMIT: u64 = u64::MAX;

/// The symbol of the function that a loop calls when its poll finds [`REQUEST_LIMIT`] in the slot. The function
/// preserves every register.
pub const POLL_SYMBOL: &str = "weft_poll";

const _: () = assert!(block_size(0) > 2 * RESERVE && block_size(0).is_multiple_of(64));
