//! Stack growth: a stack moves to a larger block.
//!
//! A prologue that finds too little room calls `__morestack`, which calls this module. The contents move to the end of
//! a block of the next class, or of the first class with room for the frame:
//!
//! ```text
//!   class 0, 960 bytes                      class 1, 1984 bytes
//!   top  ┌──────────────┐                   top  ┌──────────────┐
//!        │ 500 bytes    │ ─────copied─────▶      │ 500 bytes    │
//!   sp   │ in use       │                   sp   │ in use       │
//!        │              │                        │              │
//!        │ reserve      │                        │  ...         │
//!   base └──────────────┘                   base └──────────────┘
//! ```
//!
//! The move is correct because no address of a stack slot lives in a register or in memory. From outside, only the
//! `Task` or the `Continuation` refers to a stack and, while the thread is suspended, an entry of a queue. A stack
//! grows only while it is the running stack. Then no queue has an entry for it, and no running continuation was resumed
//! from it.

use std::io;
use std::sync::OnceLock;

use weft_abi::stack::{CLASSES, RESERVE, block_size};
use weft_abi::{Task, TraceKind};

use crate::arch::{self, Current};
use crate::stack::pool::{self, Block};
use crate::timeline;

/// The size of the largest stack if `WEFT_STACK_MAX` is not set: one GiB. Deep recursion of a correct program fits;
/// endless recursion ends before it uses up the machine's memory.
const DEFAULT_MAX: usize = 1 << 30;

static MAX: OnceLock<usize> = OnceLock::new();

/// The reason why a stack did not grow.
pub enum Refusal {
    /// The stack would exceed this number of bytes.
    Limit(usize),
    /// The system returned no memory.
    Memory(io::Error),
}

/// Sets the size of the largest stack from the text of `WEFT_STACK_MAX`: bytes, or a number with `K`, `M` or `G`. Call
/// once.
pub fn set_max(setting: Option<&str>) -> Result<(), String> {
    let max = match setting {
        None => DEFAULT_MAX,
        Some(text) => parse_size(text).ok_or_else(|| {
            format!(
                "WEFT_STACK_MAX is `{text}`, but it must be a number of bytes from 1K to 2G, \
                 such as 512K, 64M or 1G"
            )
        })?,
    };
    MAX.set(max).unwrap_or_else(|_| panic!("BUG: the largest stack is set twice"));
    Ok(())
}

fn parse_size(text: &str) -> Option<usize> {
    let (digits, unit) = match text.as_bytes().last()? {
        b'K' | b'k' => (&text[..text.len() - 1], 1 << 10),
        b'M' | b'm' => (&text[..text.len() - 1], 1 << 20),
        b'G' | b'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    let size = digits.parse::<usize>().ok()?.checked_mul(unit)?;
    (1 << 10..=1 << 31).contains(&size).then_some(size)
}

/// The smallest frame size for which prologues compare the limit with the frame's lower end. Prologues of smaller
/// frames compare the limit with the stack pointer, so such a frame may begin right at the limit
/// (`kSplitStackAvailable` in X86FrameLowering.cpp).
const LARGE_FRAME: usize = 256;

/// Whether there is room for the frame of a function whose prologue has called `__morestack`; `sp` points to the return
/// address of that call. If there is room, the prologue's check failed only because a request had replaced the limit.
pub fn has_room(block: Block, sp: *mut u8, frame: usize) -> bool {
    let below = if frame < LARGE_FRAME { 0 } else { frame };
    let at_entry = sp.addr() + size_of::<usize>();
    at_entry.checked_sub(below).is_some_and(|lowest| lowest > block.limit().addr())
}

/// Moves the running green thread's stack to a block with room for another `frame` bytes, and returns the thread's new
/// stack pointer. No register of the thread contains an address in its stack.
///
/// # Safety
/// The green thread of the current worker is at a safepoint.
pub unsafe fn grow(current: Current, frame: usize) -> Result<*mut u8, Refusal> {
    let max = *MAX.get().expect("BUG: a stack grows before the largest is set");
    // SAFETY: the owner of the block of a running thread is its task; the caller guarantees what `grow_up_to` requires.
    unsafe {
        let block = pool::lock().block_of(current.green_sp());
        // Deferred blocks run on the stack that was exhausted, so the stack of a thread that unwinds may become twice
        // as large.
        let unwinds = block.is_some_and(|block| (*block.owner()).waiter.arm >= Task::UNWINDING);
        grow_up_to(current, frame, if unwinds { 2 * max } else { max }).map_err(|refusal| match refusal {
            Refusal::Limit(_) => Refusal::Limit(max),
            Refusal::Memory(error) => Refusal::Memory(error),
        })
    }
}

/// Moves the stack like [`grow`], up to the size `max`.
///
/// # Safety
/// As for [`grow`].
pub unsafe fn grow_up_to(current: Current, frame: usize, max: usize) -> Result<*mut u8, Refusal> {
    // SAFETY: the thread is in the runtime, so its stack pointer does not change and lies in its block; the new block
    // is larger and used by nothing else. After the move nothing refers to the old block.
    unsafe {
        let sp = current.green_sp();
        let from = pool::lock().block_of(sp).expect("BUG: a green thread is not on its stack");
        let used = from.top().addr() - sp.addr();
        let enough = |class: &usize| block_size(*class) >= used + frame + 2 * RESERVE;
        let class = (from.class + 1..CLASSES).find(enough).filter(|class| 1024 << class <= max);
        let to = pool::lock().allocate(class.ok_or(Refusal::Limit(max))?).map_err(Refusal::Memory)?;
        // The `StackBase` is copied before the contents move, because the move may take away the page at the old base.
        // Other workers find threads by the `StackBase`.
        let words = from.words().read();
        let sizes = (block_size(to.class) as u64) << 32 | block_size(from.class) as u64;
        timeline::record(current, TraceKind::Grow, 0, (*words.owner).waiter.number, sizes);
        to.words().write(words);
        let sp = pool::move_contents(from, to, used);
        (*words.home).stack_limit = to.limit();
        (*words.home).stack_class = to.class as u8;
        arch::set_stack_limit(to.limit());
        pool::give_back(current, from);
        Ok(sp)
    }
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("4096"), Some(4096));
        assert_eq!(parse_size("64K"), Some(65536));
        assert_eq!(parse_size("2G"), Some(1 << 31));
        for wrong in ["", "K", "-1", "1023", "3G", "1 K", "99999999999999999999", "18014398509481984K", "1Ki"]
        {
            assert_eq!(parse_size(wrong), None, "{wrong}");
        }
    }
}
