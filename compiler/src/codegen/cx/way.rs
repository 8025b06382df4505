//! Ways to switch between green threads: the interface between the code that emits switches and the ways themselves.
//!
//! A way gives the code of a switch. The code is either part of the function that switches, or a function that it
//! calls: a *stub*. All ways leave the same words at the stack pointer of a suspended thread, the resume address and
//! the limit, so the runtime resumes a thread without knowing the way.

use weft_abi::layout::MAILBOX_WORDS;

use crate::codegen::cx::assembly::Assembly;

/// A way to switch between green threads.
pub struct Way {
    /// The name, for the option `--switch`.
    pub name: &'static str,
    /// A description of the switch, for the help text.
    pub about: &'static str,
    /// Whether a switch preserves the callee-saved registers of the C calling convention. If so, a function that may
    /// switch preserves them, too.
    pub(in crate::codegen) preserves_registers: bool,
    /// The code of a switch with this mailbox; `None` stands for the switch of a yield, which has no mailbox.
    pub(in crate::codegen) code: fn(Option<Mailbox>) -> Code,
    /// Assembly that the way's stubs share, if any.
    pub(in crate::codegen) common: Option<fn() -> String>,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The form of a mailbox: its words besides the waker's word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::codegen) enum Mailbox {
    /// A mailbox with this number of words, which the waker fills.
    Takes(usize),
    /// A mailbox with this number of words, which the waker reads.
    Gives(usize),
}

/// The code of a switch.
///
/// The inputs are, in order: the address at which this thread's stack pointer is stored; the address from which the
/// next thread's stack pointer is loaded; and, with a mailbox, the lock to release and the words of [`Mailbox::Gives`].
/// The outputs are, with a mailbox, the waker's word and the words of [`Mailbox::Takes`].
pub(in crate::codegen) enum Code {
    /// Inline assembly with these inputs and outputs.
    Inline(Assembly),
    /// A call of a function.
    Stub(Stub),
}

/// A function that switches, written in assembly.
///
/// It takes the inputs and returns the outputs in the registers in which LLVM passes them: three words of the result in
/// `rax`, `rdx` and `rcx`, two more in `xmm0` and `xmm1`. A fourth word of [`Mailbox::Gives`] is passed in `xmm0`,
/// since a C function takes only six arguments in general registers.
pub(in crate::codegen) struct Stub {
    /// LLVM's number of the calling convention.
    pub(in crate::codegen) convention: u32,
    /// The symbol, another one for each mailbox.
    pub(in crate::codegen) symbol: String,
    /// The definition of the symbol.
    pub(in crate::codegen) text: String,
}

/// The words of a result that LLVM returns in general registers.
pub(in crate::codegen) const GENERAL_OUTPUTS: usize = 3;

/// The words of [`Mailbox::Gives`] that are passed in general registers to a stub.
pub(in crate::codegen) const GENERAL_WORDS: usize = 3;

impl Mailbox {
    /// The forms that a program may have.
    pub(in crate::codegen) fn all() -> impl Iterator<Item = Mailbox> {
        let takes = (0..=MAILBOX_WORDS).map(Mailbox::Takes);
        takes.chain((0..=MAILBOX_WORDS).map(Mailbox::Gives))
    }

    /// The number of words that the switch takes as inputs.
    pub(in crate::codegen) fn inputs(self) -> usize {
        match self {
            Mailbox::Takes(_) => 0,
            Mailbox::Gives(words) => words,
        }
    }

    /// The number of words that the switch returns, with the waker's word.
    pub(in crate::codegen) fn outputs(self) -> usize {
        match self {
            Mailbox::Takes(words) => 1 + words,
            Mailbox::Gives(_) => 1,
        }
    }

    /// The size in bytes, with the waker's word.
    pub(in crate::codegen) fn size(self) -> usize {
        let (Mailbox::Takes(words) | Mailbox::Gives(words)) = self;
        size_of::<u64>() * (1 + words)
    }

    /// The end of a name: `.takes.2`, for example. A mailbox without words has none.
    pub(in crate::codegen) fn suffix(self) -> String {
        match self {
            Mailbox::Takes(0) => String::new(),
            Mailbox::Takes(words) => format!(".takes.{words}"),
            Mailbox::Gives(words) => format!(".gives.{words}"),
        }
    }
}
