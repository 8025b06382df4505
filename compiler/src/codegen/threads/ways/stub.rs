//! Stubs that save registers on the stack, switch like swapstack, and return.
//!
//! The stack of a thread that a stub has suspended, here with a mailbox of one word:
//!
//! ```text
//!  high  │ frame
//!        │ return address into the function that switches
//!        │ saved registers
//!        │ first word
//!        │ waker's word
//!        │ limit
//!  low   │ label 1        <- the stack pointer that was stored
//! ```
//!
//! A stub returns by `popq` and `jmpq`, as Boost.Context does. A `ret` would be predicted to return to the latest call,
//! which another thread has made.

use weft_abi::RuntimeFunction;
use weft_abi::layout::{MAILBOX_WORDS, PROGRAM_PREFIX, SHARED_SUFFIX};
use weft_abi::stack::{LIMIT_SLOT, USABLE_RESERVE};

use crate::codegen::cx::way::Mailbox;
use crate::codegen::threads::switch::{deeper, enter, leave, push_mailbox, unlock};

const WORD: usize = size_of::<u64>();

/// The registers in which a calling convention passes the inputs of a stub.
pub(super) struct Inputs {
    pub(super) save_at: &'static str,
    pub(super) load_at: &'static str,
    pub(super) lock: &'static str,
    /// The registers of the words; a fourth word comes in `xmm0`.
    pub(super) words: [&'static str; MAILBOX_WORDS - 1],
}

/// The registers that a stub saves.
pub(super) struct Saved {
    /// The instructions that push them.
    pub(super) push: &'static [&'static str],
    /// The instructions that pop them.
    pub(super) pop: &'static [&'static str],
    /// The bytes that are pushed.
    pub(super) bytes: usize,
}

/// The symbol of a stub. Stack traces omit it, because of the suffix.
pub(super) fn symbol(mailbox: Option<Mailbox>) -> String {
    let suffix = mailbox.map_or_else(String::new, |mailbox| format!(".park{}", mailbox.suffix()));
    format!("{PROGRAM_PREFIX}switch{suffix}{SHARED_SUFFIX}")
}

/// The text of a stub: saves registers, pushes the mailbox, switches, and when the thread runs again undoes that.
pub(super) fn text(mailbox: Option<Mailbox>, inputs: &Inputs, saved: &Saved) -> String {
    let Check { fast, slow } = Check::of(saved.bytes + mailbox.map_or(0, Mailbox::size) + SUSPENDED);
    let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
    let bytes = saved.bytes as isize;
    let mut lines = [owned(&[".cfi_startproc"]), fast, owned(saved.push), vec![deeper(bytes)]].concat();
    match mailbox {
        None => lines.extend([leave(inputs.save_at), enter(inputs.load_at), "1:".to_owned()]),
        Some(mailbox) => lines.extend(park(mailbox, inputs)),
    }
    lines.extend(owned(saved.pop));
    lines.extend([deeper(-bytes), "popq %r11".to_owned(), "jmpq *%r11".to_owned()]);
    // The slow part of the check begins with the frame of the entry, as the unwind table has it here.
    lines.extend(slow);
    lines.push(".cfi_endproc".to_owned());
    function(&symbol(mailbox), &lines)
}

/// The lines of a stub that push a mailbox, switch, and pop the mailbox.
fn park(mailbox: Mailbox, inputs: &Inputs) -> Vec<String> {
    let fourth = (mailbox.inputs() == MAILBOX_WORDS).then(|| "movq %xmm0, %rax".to_owned());
    let [first, second, third] = inputs.words;
    let size = mailbox.size() as isize;
    let switch = [
        push_mailbox(mailbox, &[first, second, third, "rax"]),
        leave(inputs.save_at),
        unlock(inputs.lock),
        deeper(size),
        enter(inputs.load_at),
        "1:".to_owned(),
        "popq %rax".to_owned(),
    ];
    fourth.into_iter().chain(switch).chain(pop_words(mailbox)).chain([deeper(-size)]).collect()
}

/// The definition of a function. It has the type of a function, so that the stack verifier checks it.
fn function(symbol: &str, lines: &[String]) -> String {
    // Inline assembly, whose parts stubs share, has two dollar signs for each.
    let body = lines.join("\n").replace("$$", "$");
    format!(
        ".p2align 4\n.type \"{symbol}\", @function\n\"{symbol}\":\n{body}\n.size \"{symbol}\", . - \"{symbol}\"\n"
    )
}

/// Pops the words above the waker's word, into the registers of the outputs.
fn pop_words(mailbox: Mailbox) -> Vec<String> {
    let outputs = ["popq %rdx", "popq %rcx", "popq %r8\nmovq %r8, %xmm0", "popq %r8\nmovq %r8, %xmm1"];
    match mailbox {
        Mailbox::Takes(words) => outputs[..words].iter().map(|&pop| pop.to_owned()).collect(),
        // The waker has already read the words, so they are skipped.
        Mailbox::Gives(words) => vec![format!("addq $${}, %rsp", WORD * words)],
    }
}

/// The check that the stack has room for what a stub pushes.
///
/// A frame of less than 256 bytes may begin right at the stack limit, and then the reserve is too small for the saved
/// registers and a mailbox. If there is too little room, the stack grows, but the stub is no safepoint: the thread may
/// hold the lock of a wait list.
pub(super) struct Check {
    /// The instructions at the entry of the stub.
    pub(super) fast: Vec<String>,
    /// The instructions behind the stub's last jump.
    pub(super) slow: Vec<String>,
}

/// The depth that a stub may reach without a check: the reserve, less a frame of less than 256 bytes and the return
/// address that the call of the stub pushes.
const UNCHECKED: usize = USABLE_RESERVE - 256;

/// The bytes of the limit, of the resume address, and of a word that unwinding adds below them.
const SUSPENDED: usize = 3 * WORD;

impl Check {
    /// The check for a number of bytes below the stack pointer at the entry. The slow part preserves all registers in
    /// which C passes arguments; a stub of another convention must not need a check.
    pub(super) fn of(needed: usize) -> Check {
        if needed <= UNCHECKED {
            return Check { fast: Vec::new(), slow: Vec::new() };
        }
        // `rsp - needed` has to be above the part of the reserve that code may use, which ends below the limit.
        let lowest = USABLE_RESERVE as isize - needed as isize;
        let fast =
            [&format!("leaq {lowest}(%rsp), %r11"), &format!("cmpq %fs:{LIMIT_SLOT}, %r11"), "jbe 8f", "9:"];
        let registers = ["rdi", "rsi", "rdx", "rcx", "r8", "r9"];
        let pushes = registers.map(|register| format!("pushq %{register}"));
        let pops = registers.map(|register| format!("popq %{register}")).into_iter().rev();
        let pushed = (WORD * (registers.len() + 1)) as isize;
        let call = [
            "subq $$8, %rsp",
            "movq %xmm0, (%rsp)",
            &deeper(pushed),
            &format!("movl $${needed}, %edi"),
            &format!("callq {}", RuntimeFunction::MakeRoom.symbol()),
            "movq (%rsp), %xmm0",
            "addq $$8, %rsp",
        ];
        let end = [deeper(-pushed), "jmp 9b".to_owned()];
        let slow = ["8:".to_owned()].into_iter().chain(pushes).chain(call.map(str::to_owned)).chain(pops);
        Check { fast: fast.map(str::to_owned).to_vec(), slow: slow.chain(end).collect() }
    }
}
