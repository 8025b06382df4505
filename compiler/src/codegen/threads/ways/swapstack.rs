//! The default way: swapstack, as inline assembly inside the function that yields. The idea is by Dolan, Muralidharan
//! and Gregg (TACO 9, 2013), who built swapstack into LLVM.
//!
//! The assembly declares every register as clobbered. So the register allocator stores the live set, and only the live
//! set, in the function's frame, and the assembly only has to change the stack pointer.
//!
//! | register | role |
//! |---|---|
//! | `rdi` | the address to store this thread's stack pointer at |
//! | `rsi` | the address to load the next thread's stack pointer from; it may equal `rdi` |
//! | `rdx` | the lock to release once the stack pointer is stored, if there is a mailbox |
//! | `rax` | resume addresses; afterwards the waker's word, if there is a mailbox |
//! | `rcx` | limits |
//! | `r8` to `r11` | the value that this thread offers, or that a waker handed over |
//! | all others | none: they contain whatever the other thread left in them |

use weft_abi::layout::MAILBOX_WORDS;

use crate::codegen::cx::assembly::Assembly;
use crate::codegen::cx::way::{Code, Mailbox, Way};
use crate::codegen::threads::switch::{assembly, deeper, destroyed, enter, leave, push_mailbox, unlock};

/// The switch inside the function that switches.
pub(super) const WAY: Way = Way {
    name: "swapstack",
    about: "inline, in the function that switches; saves what is live",
    preserves_registers: false,
    code: |mailbox| Code::Inline(mailbox.map_or_else(swap, park)),
    common: None,
};

/// The registers of a value's words, in order.
const WORDS: [&str; MAILBOX_WORDS] = ["r8", "r9", "r10", "r11"];

fn swap() -> Assembly {
    assembly(&[&leave("rdi"), &enter("rsi"), "1:"], &format!("{{rdi}},{{rsi}},~{{rax}},{}", destroyed()))
}

fn park(mailbox: Mailbox) -> Assembly {
    let (pops, outputs, inputs): (Vec<String>, &[&str], &[&str]) = match mailbox {
        Mailbox::Takes(words) => {
            (WORDS[..words].iter().map(|word| format!("popq %{word}")).collect(), &WORDS[..words], &[])
        }
        // The waker has already read the words, so they are skipped.
        Mailbox::Gives(words) => (vec![format!("addq $${}, %rsp", 8 * words)], &[], &WORDS[..words]),
    };
    let size = mailbox.size() as isize;
    let text = [
        &push_mailbox(mailbox, &WORDS),
        &leave("rdi"),
        &unlock("rdx"),
        &deeper(size),
        &enter("rsi"),
        "1:",
        "popq %rax",
        &pops.join("\n"),
        &deeper(-size),
    ];
    let results = ["rax"].iter().chain(outputs).map(|register| format!("={{{register}}}"));
    let arguments = ["rdi", "rsi", "rdx"].iter().chain(inputs).map(|register| format!("{{{register}}}"));
    let destroyed = destroyed();
    let others =
        destroyed.split(',').filter(|name| !outputs.iter().any(|out| *name == format!("~{{{out}}}")));
    let constraints: Vec<String> = results.chain(arguments).chain(others.map(str::to_owned)).collect();
    assembly(&text, &constraints.join(","))
}
