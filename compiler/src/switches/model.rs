//! The data of `weft explain switch`: what each yield point of a program saves, read from its machine code.
//!
//! This is the format that `--format json` prints. Fields are only added, never renamed; [`Switches::version`] changes
//! if a field changes its meaning.
//!
//! **How bytes are counted.** A thread that is suspended at a point keeps, in the frame of the function that holds the
//! point and below that frame:
//!
//! - *pushed* bytes: what the switch itself puts on the stack, from the stack pointer before the switch to the stack
//!   pointer that it stores. In the default way these are the resume address, the stack limit, and the mailbox of a
//!   thread that waits. In another way there are also the return address of the stub and the registers it saves. A call
//!   pushes its return address.
//! - *live* bytes: the bytes of the frame that some path from the resume address on reads before it writes them. They
//!   come from an analysis of the machine code, so they include everything that LLVM spills, and the callee-saved
//!   registers that the function's end restores. Words that hold nothing any more do not count. A pop into a register
//!   that C does not preserve only frees a word, and reads nothing. Arguments on the stack belong to the frame.
//!
//! The frames of the callers are not counted: each of their calls is a point of its own. If a way calls a function that
//! contains the switch, as outlined copies and stubs do, its frame counts as pushed.

use serde::Serialize;

/// The report on a program.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Switches {
    /// The version of this format: 1.
    pub version: u32,
    /// The program's file, as it was named.
    pub program: String,
    /// The line to which the report is limited.
    pub line: Option<u32>,
    /// The level of optimisation: 0, 2 or 3.
    pub level: u32,
    /// The form of generators: `stackless`, `stack` or `llvm`.
    pub generators: String,
    /// The switches that the totals are compared with.
    pub peers: Vec<Peer>,
    /// The name of the way that was chosen, with `--switch`.
    pub chosen: String,
    /// The ways to switch, the default first.
    pub ways: Vec<Way>,
    /// The points in the order of the source: the program's, then those of library functions that are not inlined.
    pub points: Vec<Point>,
    /// The source files that points mention.
    pub files: Vec<SourceFile>,
}

/// A switch of another system, which saves the same bytes at each point.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Peer {
    /// `Boost.Context` or `swapcontext`.
    pub name: String,
    /// The bytes that it saves.
    pub bytes: u32,
}

/// A way to switch, and its totals over the points of the report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Way {
    /// The name, as `--switch` takes it.
    pub name: String,
    /// A description.
    pub about: String,
    /// The points with code in this way.
    pub points: usize,
    /// The fewest bytes that one of them saves.
    pub least: u32,
    /// The median of the saved bytes.
    pub median: u32,
    /// The most bytes that one of them saves.
    pub most: u32,
}

/// A source file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct SourceFile {
    /// The name, as in [`Place::file`].
    pub name: String,
    /// The lines, from line 1 on.
    pub lines: Vec<String>,
}

/// A position in the source.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
    /// The function, as the source names it.
    pub function: String,
}

/// A yield point: a place of the source where a thread may switch.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Point {
    /// The number of the point in this report, from 1.
    pub id: usize,
    /// The kind, such as `yield`, `send`, `receive`, `join`, `sleep`, `next`, `resume`, `suspend`, `swap`, `call`.
    pub kind: String,
    /// A description: "the thread waits until a receiver takes the value".
    pub about: String,
    /// The place in the user's program; in the library only if the library's function is not inlined.
    pub place: Place,
    /// The places inside `place` that lead to the switch, the innermost last: inlined functions.
    pub inside: Vec<Place>,
    /// Whether the place is in the library.
    pub library: bool,
    /// The code in each way: several pieces if the compiler made copies of the point, and none in a way in which it
    /// needed no code of its own.
    pub code: Vec<Code>,
}

/// The machine code of a point in one way.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Code {
    /// The name of the way.
    pub way: String,
    /// The symbol of the function that contains the point.
    pub symbol: String,
    /// The form of the switch: `inline`, `stub` (a call of a function that switches), or `call` (of a function that may
    /// yield).
    pub form: String,
    /// The saved bytes.
    pub bytes: Bytes,
    /// The size of the function's frame at the point, without its return address and its arguments.
    pub frame: u32,
    /// The content of the suspended thread's stack, from the highest address to the lowest. Words of the frame that
    /// hold nothing are included, with the kind `free`, so that the list has no gaps.
    pub stack: Vec<Slot>,
    /// The instructions around the switch, in the order in which they run: up to the switch on this thread's stack,
    /// then on the stack of the thread that is entered, then again on this thread's stack when it is resumed. The
    /// stores and loads of live values that lie elsewhere in the function come first and last, by address.
    pub instructions: Vec<Instruction>,
    /// The optimised IR around the switch; empty if it is not known.
    pub ir: Vec<IrLine>,
}

/// The bytes that are saved at a point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Bytes {
    /// The bytes that the switch pushes.
    pub pushed: u32,
    /// The bytes of the frame that are live.
    pub live: u32,
    /// Their sum.
    pub total: u32,
}

/// A part of a suspended thread's stack: a word, a part of a word, or several words.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Slot {
    /// The number of the slot in [`Code::stack`], from 0.
    pub id: usize,
    /// The distance from the stored stack pointer; the last slot has offset 0.
    pub offset: u32,
    /// The size in bytes.
    pub size: u32,
    /// The kind: `value`, `register` (a saved register), `limit`, `resume-address`, `return-address`, `mailbox`,
    /// `control-words`, `context`, or `free`.
    pub kind: String,
    /// The name in the source, such as `sum`, or a description, such as "result of `f(x)`".
    pub name: String,
    /// Whether `name` is a name of the source.
    pub named: bool,
    /// Whether the slot counts as saved.
    pub saved: bool,
    /// Whether the switch pushes the slot; otherwise it is in the frame.
    pub pushed: bool,
    /// The operand with which the function reads the slot outside of the switch, such as `16(%rsp)`.
    pub operand: Option<String>,
    /// The place in which the value was computed, if that is known.
    pub place: Option<Place>,
}

/// An instruction.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Instruction {
    /// The offset from the start of its function.
    pub address: u64,
    /// The symbol of its function, if that is not [`Code::symbol`]: a stub or an outlined copy.
    pub symbol: Option<String>,
    /// The text in AT&T syntax: `pushq %rax`.
    pub text: String,
    /// The role: see [`Role`].
    pub role: Role,
    /// The role in words: "saves `sum`".
    pub about: String,
    /// The stack that `rsp` points to before the instruction: `left` or `entered`, and `resumed` when this thread runs
    /// again.
    pub stack: Side,
    /// Whether instructions that are not shown lie before this one.
    pub gap: bool,
    /// The innermost place of the source that it comes from.
    pub place: Option<Place>,
    /// The line of the user's program that led there.
    pub line: Option<u32>,
    /// The effects on the stacks.
    pub effects: Vec<Effect>,
}

/// The stack on which an instruction runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The stack of the thread that switches, which is left.
    Left,
    /// The stack of the next thread, which is entered.
    Entered,
    /// The first thread's stack, when the thread runs again.
    Resumed,
}

/// The role of an instruction in a switch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Other work of the yield point, such as putting the thread into the run queue.
    Work,
    /// Stores a live value into the frame.
    SaveValue,
    /// Reserves or fills a word of the mailbox.
    SaveMailbox,
    /// Saves a register in a stub.
    SaveRegister,
    /// Saves the stack limit, in one or two instructions.
    SaveLimit,
    /// Saves the resume address, in one or two instructions.
    SaveResumeAddress,
    /// Calls the stub, the outlined copy, or the function that may yield; pushes the return address.
    Call,
    /// Checks the room on the stack, or requests.
    Check,
    /// Stores the stack pointer: from here on the thread is suspended.
    Leave,
    /// Releases the lock of a wait list.
    Unlock,
    /// Records the resumption in the continuation.
    Record,
    /// Loads the next stack pointer.
    Enter,
    /// Loads the limit of the next stack, or makes it the current limit.
    RestoreLimit,
    /// Loads the resume address.
    TakeResumeAddress,
    /// Jumps to the resume address.
    Jump,
    /// Takes a word of the mailbox, or skips it.
    TakeMailbox,
    /// Restores a register in a stub.
    RestoreRegister,
    /// Saves or loads a context of libc.
    Context,
    /// Returns from a stub or from the outlined copy.
    Return,
    /// Loads a live value from the frame.
    Reload,
}

/// An effect of an instruction on a stack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Effect {
    /// `push`, `pop`, `store`, `load`, or `drop`.
    pub action: String,
    /// The stack on which the instruction runs. The entered stack is drawn as if its thread had been suspended at this
    /// point, too.
    pub side: Side,
    /// The slot, by its number in [`Code::stack`].
    pub slot: usize,
}

/// A line of IR.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct IrLine {
    /// The text, without debug information.
    pub text: String,
    /// Whether this is the switch, or the call.
    pub switch: bool,
    /// The line of the user's program that it comes from.
    pub line: Option<u32>,
}
