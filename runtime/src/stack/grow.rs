//! Stack growth: a stack moves to a larger block.
//!
//! A prologue that finds too little room calls `__morestack`, which comes here. The contents move to the end of a block
//! of the next class, or of the first that the frame fits in:
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
//! That is correct because no address of a stack slot lives in a register or in memory. Only the `Task` names a stack
//! from outside and, while the thread is suspended, an entry of a queue. A thread that grows runs, so there is none.

use std::io;
use std::sync::OnceLock;

use weft_abi::Task;
use weft_abi::stack::{CLASSES, RESERVE, block_size};

use crate::arch::{self, Current};
use crate::stack::pool::{self, Block};

/// The largest stack if `WEFT_STACK_MAX` says nothing: a gibibyte. Deep recursion of a correct program fits in; endless
/// recursion ends before it takes the machine's memory.
const DEFAULT_MAX: usize = 1 << 30;

static MAX: OnceLock<usize> = OnceLock::new();

/// The reason why a stack did not grow.
pub enum Refusal {
    /// It would exceed this many bytes.
    Limit(usize),
    /// The system gave no memory.
    Memory(io::Error),
}

/// Sets the largest stack from the text of `WEFT_STACK_MAX`: bytes, or a number with `K`, `M` or `G`. Call once.
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

/// The frame size from which on prologues compare the limit with the frame's lower end. Those of smaller frames compare
/// it with the stack pointer, so such a frame may begin right at the limit (`kSplitStackAvailable` in
/// X86FrameLowering.cpp).
const LARGE_FRAME: usize = 256;

/// Whether there is room for the frame of a function whose prologue has called `__morestack`, with `sp` at the return
/// address of that. If so, the prologue has seen a request in the limit's place.
pub fn has_room(block: Block, sp: *mut u8, frame: usize) -> bool {
    let below = if frame < LARGE_FRAME { 0 } else { frame };
    let at_entry = sp.addr() + size_of::<usize>();
    at_entry.checked_sub(below).is_some_and(|lowest| lowest > block.limit().addr())
}

/// Moves the running green thread's stack to a block with room for a frame of `frame` bytes more, and returns its
/// new stack pointer. The thread's registers hold no address of its stack.
///
/// # Safety
/// The green thread of the current worker is at a safepoint.
pub unsafe fn grow(current: Current, frame: usize) -> Result<*mut u8, Refusal> {
    let max = *MAX.get().expect("BUG: a stack grows before the largest is set");
    // SAFETY: the owner of the block of a running thread is its task; `grow_up_to` has the same condition.
    unsafe {
        let block = pool::lock().block_of(current.green_sp());
        // Deferred blocks run on the stack that was exhausted, so that one may become twice as large.
        let unwinds = block.is_some_and(|block| (*block.owner()).waiter.arm >= Task::UNWINDING);
        grow_up_to(current, frame, if unwinds { 2 * max } else { max }).map_err(|refusal| match refusal {
            Refusal::Limit(_) => Refusal::Limit(max),
            Refusal::Memory(error) => Refusal::Memory(error),
        })
    }
}

/// Moves the stack as [`grow`] does, with another largest size.
///
/// # Safety
/// As for [`grow`].
pub unsafe fn grow_up_to(current: Current, frame: usize, max: usize) -> Result<*mut u8, Refusal> {
    // SAFETY: the thread is in the runtime, so its stack pointer is final and lies in its block; the new block is
    // larger and nothing else's. After the move nothing names the old block.
    unsafe {
        let sp = current.green_sp();
        let from = pool::lock().block_of(sp).expect("BUG: a green thread is not on its stack");
        let used = from.top().addr() - sp.addr();
        let enough = |class: &usize| block_size(*class) >= used + frame + 2 * RESERVE;
        let class = (from.class + 1..CLASSES).find(enough).filter(|class| 1024 << class <= max);
        let to = pool::lock().allocate(class.ok_or(Refusal::Limit(max))?).map_err(Refusal::Memory)?;
        // First, because the page at the old base may be moved, and other workers look for threads by these words.
        let words = from.words().read();
        to.words().write(words);
        let sp = pool::move_contents(from, to, used);
        let task = words.owner;
        (*task).stack_top = to.top();
        (*task).stack_class = to.class as u8;
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
