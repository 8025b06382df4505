//! Walks of real stacks of this test executable, and of artificial stacks. The executable must have line numbers, as in
//! the dev profile.

use std::arch::{asm, global_asm};
use std::hint::black_box;
use std::{fs, ptr, slice, thread};

use super::symbols::Symbols;
use super::*;

/// The slice that begins in the function in which the macro is expanded. The caller sets `top`.
macro_rules! here {
    () => {{
        let (pc, sp): (u64, u64);
        // SAFETY: reads two registers.
        unsafe { asm!("lea {}, [rip]", "mov {}, rsp", out(reg) pc, out(reg) sp) };
        StackSlice { pc, is_return_address: false, sp, top: 0, continuation: std::ptr::null() }
    }};
}

// Calls `function(top, argument)` on the stack that ends at `top`. Like the entry of a green thread, the code has no
// caller according to the unwind tables.
global_asm!(
    ".globl trace_test_entry",
    "trace_test_entry:",
    ".cfi_startproc",
    ".cfi_undefined rip",
    "push rbx",
    "mov rbx, rsp",
    "mov rsp, rdi",
    "call rdx",
    "mov rsp, rbx",
    "pop rbx",
    "ret",
    ".cfi_endproc",
    ".size trace_test_entry, . - trace_test_entry",
    ".type trace_test_entry, @function",
);

type OnStack = extern "C" fn(top: u64, argument: u64);

unsafe extern "C" {
    fn trace_test_entry(top: u64, argument: u64, function: OnStack);
}

/// Memory, followed by a page that cannot be accessed.
struct Block {
    start: *mut u8,
    size: usize,
}

const GUARD: usize = 4096;

impl Block {
    fn new(size: usize) -> Block {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: the mapping is new, and the guard page is within it.
        unsafe {
            let start = libc::mmap(ptr::null_mut(), size + GUARD, access, flags, -1, 0);
            assert!(start != libc::MAP_FAILED);
            assert_eq!(libc::mprotect(start.byte_add(size), GUARD, libc::PROT_NONE), 0);
            Block { start: start.cast(), size }
        }
    }

    fn top(&self) -> u64 {
        self.start as u64 + self.size as u64
    }

    fn run(&self, argument: u64, function: OnStack) {
        // SAFETY: the block is a stack that is large enough for the functions of the tests.
        unsafe { trace_test_entry(self.top(), argument, function) };
    }

    fn words(&mut self) -> &mut [u64] {
        // SAFETY: the mapping is readable and writable, and only this test uses it.
        unsafe { slice::from_raw_parts_mut(self.start.cast(), self.size / 8) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the range is the whole mapping.
        unsafe { libc::munmap(self.start.cast(), self.size + GUARD) };
    }
}

fn walk_to(top: u64, start: StackSlice) -> Walk {
    // SAFETY: the tests' stacks reach up to `top`, and no other code writes to them.
    unsafe { walk(&StackSlice { top, ..start }, SHOWN, SHOWN) }
}

fn names(frames: &[Frame]) -> Vec<String> {
    frames.iter().flat_map(|frame| symbolise(*frame)).map(|call| call.function.unwrap_or_default()).collect()
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn trace_test_outer(top: u64, line: u64) {
    trace_test_inner(top, line);
    black_box(());
}

const CALL_LINE: u32 = line!() - 4;

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn trace_test_inner(top: u64, _: u64) {
    let walk = walk_to(top, here!());
    assert!(walk.complete);
    assert_eq!(names(&walk.first), ["trace_test_inner", "trace_test_outer", "trace_test_entry"]);
    assert_eq!((&walk.omitted[..], &walk.last[..]), (&[][..], &[][..]));

    let calls = symbolise(walk.first[1]);
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.file.as_deref(), Some(file!()));
    assert_eq!((call.line, call.column), (Some(CALL_LINE), Some(5)));
    assert_eq!(call.origin, Origin::Runtime, "it is Rust");
    assert_eq!(symbolise(walk.first[2])[0].origin, Origin::Unknown);
}

#[test]
fn a_thread_ends_at_its_entry() {
    Block::new(1 << 20).run(0, trace_test_outer);
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn trace_test_descend(top: u64, depth: u64) {
    if depth > 0 {
        trace_test_descend(top, depth - 1);
        black_box(());
        return;
    }
    let walk = walk_to(top, here!());
    assert!(walk.complete);
    assert_eq!(names(&walk.first), ["trace_test_descend"; SHOWN]);
    // The first call, the 1,000,000 recursive calls and the entry, without the frames that are kept.
    assert_eq!(walk.omitted, [(walk.first[1], 1_000_002 - 2 * SHOWN as u64)]);
    let last = names(&walk.last);
    assert_eq!(last[..SHOWN - 1], ["trace_test_descend"; SHOWN - 1]);
    assert_eq!(last[SHOWN - 1], "trace_test_entry");
}

#[test]
fn a_million_calls_are_counted() {
    Block::new(1 << 30).run(1_000_000, trace_test_descend);
}

#[inline(always)]
fn inlined() -> (u64, u32) {
    let pc: u64;
    // SAFETY: reads a register. `rip - 1` is the address of the last byte of this instruction, so it belongs to the
    // inlined function; the next instruction may belong to the caller.
    unsafe { asm!("lea {}, [rip - 1]", out(reg) pc) };
    (pc, line!() - 1)
}

#[unsafe(no_mangle)]
#[inline(never)]
fn trace_test_around_inlined() -> (u64, u32, u32) {
    let (pc, line) = inlined();
    (pc, line, line!() - 1)
}

#[test]
fn inlined_calls_are_expanded() {
    let (pc, inner_line, outer_line) = trace_test_around_inlined();
    let calls = symbolise(Frame { address: pc });
    assert_eq!(calls.len(), 2);
    assert!(calls[0].function.as_ref().unwrap().contains("inlined"));
    assert_eq!(calls[0].line, Some(inner_line));
    assert_eq!(calls[1].function.as_deref(), Some("trace_test_around_inlined"));
    assert_eq!((calls[1].line, calls[1].column), (Some(outer_line), Some(22)));
    assert_eq!(calls[0].address, calls[1].address);
}

#[unsafe(no_mangle)]
#[inline(never)]
fn trace_test_place() -> StackSlice {
    here!()
}

/// A stack whose words look like calls of one function, up to the page that cannot be accessed.
fn endless(block: &mut Block) -> StackSlice {
    let place = StackSlice {
        is_return_address: true,
        sp: block.start as u64,
        top: block.top(),
        ..trace_test_place()
    };
    block.words().fill(place.pc);
    place
}

#[test]
fn nothing_is_read_outside_the_slice() {
    let mut block = Block::new(1 << 16);
    let start = endless(&mut block);
    let walk = walk_to(start.top, start);
    assert!(!walk.complete);
    let frames = (walk.first.len() + walk.last.len()) as u64 + walk.omitted[0].1;
    assert!(frames > 100 && walk.omitted.len() == 1);

    let none = StackSlice { sp: start.top, ..start };
    assert_eq!(walk_to(start.top, none).first.len(), 1);
    let misaligned = StackSlice { sp: start.sp + 1, ..start };
    assert_eq!(walk_to(start.top, misaligned).first.len(), 1);
    let at_the_end_of_memory = StackSlice { sp: u64::MAX - 4, top: u64::MAX, ..start };
    assert_eq!(walk_to(u64::MAX, at_the_end_of_memory).first.len(), 1);
}

#[test]
fn a_return_address_that_is_none_ends_the_walk() {
    let mut block = Block::new(1 << 16);
    let start = endless(&mut block);
    let inside = block.start as u64;
    for (stranger, complete) in [(0, true), (1, false), (inside, false), (u64::MAX, false)] {
        block.words()[4096..].fill(stranger);
        let walk = walk_to(start.top, start);
        assert_eq!(walk.complete, complete);
        assert_eq!(names(&walk.last), ["trace_test_place"; SHOWN]);
    }
}

#[test]
fn an_unknown_place_is_one_frame() {
    for pc in [0, 1, 4096, u64::MAX] {
        let walk = walk_to(
            0,
            StackSlice { pc, is_return_address: true, sp: 0, top: 0, continuation: std::ptr::null() },
        );
        assert_eq!((walk.first.len(), walk.complete), (1, false));
        let calls = symbolise(walk.first[0]);
        assert_eq!((calls.len(), &calls[0].function, calls[0].origin), (1, &None, Origin::Unknown));
    }
}

#[test]
fn threads_may_ask_at_the_same_time() {
    let ask = || symbolise(Frame { address: trace_test_place().pc })[0].function.clone().unwrap();
    let threads: Vec<_> = (0..4).map(|_| thread::spawn(ask)).collect();
    assert!(threads.into_iter().all(|thread| thread.join().unwrap() == "trace_test_place"));
}

/// The call that the symbols in `file` give for an address in a function of this executable.
fn call_according_to(file: Vec<u8>) -> Call {
    let address = trace_test_place().pc - super::image::image().bias;
    let mut calls = Symbols::of_file(file.leak()).calls(address);
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}

#[test]
fn less_is_known_of_a_stripped_executable() {
    let file = fs::read("/proc/self/exe").unwrap();
    let whole = call_according_to(file.clone());
    assert_eq!(whole.function.as_deref(), Some("trace_test_place"));
    assert!(whole.line.is_some());

    // The last occurrence of the section's name in the file is in the table of names.
    let name = b"\0.debug_info\0";
    let place = file.windows(name.len()).rposition(|bytes| bytes == name).unwrap();
    let mut without_debug_info = file.clone();
    without_debug_info[place + 1] = b'-';
    let call = call_according_to(without_debug_info);
    assert_eq!(call.function.as_deref(), Some("trace_test_place"));
    assert_eq!((call.file, call.line, call.origin), (None, None, Origin::Unknown));

    // Removes the section headers: clears e_shoff, e_shnum and e_shstrndx.
    let mut without_sections = file.clone();
    without_sections[0x28..0x30].fill(0);
    without_sections[0x3c..0x40].fill(0);
    assert_eq!(call_according_to(without_sections).function, None);
    assert_eq!(call_according_to(file[..file.len() / 2].to_vec()).function, None);
    assert_eq!(call_according_to(Vec::new()).function, None);
}

fn call(function: &str, origin: Origin) -> Call {
    Call { function: Some(function.to_owned()), file: None, line: None, column: None, address: 0, origin }
}

/// The calls of an artificial frame, by its address: 6 stands for a call of the library, 7 for a call of the runtime, 8
/// for a call without symbols, any other number `n` for `n` calls of the program.
fn made_up(frame: Frame) -> Vec<Call> {
    match frame.address {
        6 => vec![Call { file: Some("std/vec.weft".to_owned()), ..call("push", Origin::Program) }],
        7 => vec![call("weft_slow", Origin::Runtime)],
        8 => vec![call("mystery", Origin::Unknown)],
        inlined => (0..inlined).map(|number| call(&format!("f{number}"), Origin::Program)).collect(),
    }
}

fn trace(first: &[u64], omitted: &[(u64, u64)], last: &[u64]) -> (usize, u64, usize) {
    let frames = |addresses: &[u64]| addresses.iter().map(|address| Frame { address: *address }).collect();
    let omitted = omitted.iter().map(|(address, count)| (Frame { address: *address }, *count)).collect();
    let walk = Walk { first: frames(first), omitted, last: frames(last), complete: true };
    let trace = Trace::of_walk(&walk, made_up);
    (trace.first.len(), trace.omitted, trace.last.len())
}

#[test]
fn omitted_calls_are_counted_exactly() {
    assert_eq!(trace(&[1, 2, 1], &[], &[]), (4, 0, 0));
    assert_eq!(trace(&[1; 10], &[], &[1; 10]), (20, 0, 0));
    assert_eq!(trace(&[1; 10], &[(1, 5)], &[1; 10]), (10, 5, 10));
    assert_eq!(trace(&[2; 10], &[(2, 1_000_000)], &[2; 10]), (10, 2_000_020, 10));
    assert_eq!(trace(&[2; 10], &[], &[2]), (10, 2, 10));
    assert_eq!(trace(&[7; 20], &[], &[1; 20]), (20, 0, 0));
    assert_eq!(trace(&[1; 20], &[], &[1]), (10, 1, 10));
    assert_eq!(trace(&[1; 10], &[(1, 3), (7, 9)], &[1, 1, 1, 1, 1, 1, 1, 1, 1, 7]), (10, 3, 9));
}

#[test]
fn calls_of_the_runtime_are_not_shown() {
    assert_eq!(trace(&[7, 1, 8, 2, 7], &[], &[]), (3, 0, 0));
    // No call is known to be a call of the program, so calls of unknown origin are shown.
    assert_eq!(trace(&[7, 8, 8], &[], &[]), (2, 0, 0));
    assert_eq!(trace(&[8; 10], &[(8, 4)], &[8; 10]), (10, 4, 10));
}

#[test]
fn a_trace_begins_in_the_program() {
    assert_eq!(trace(&[6, 6, 1], &[], &[]), (1, 0, 0));
    // The library calls a function of the program.
    assert_eq!(trace(&[1, 6, 1], &[], &[]), (3, 0, 0));
    assert_eq!(trace(&[6, 1, 6, 1], &[], &[]), (3, 0, 0));
    // The innermost calls are all calls of the library.
    assert_eq!(trace(&[6, 6], &[], &[]), (2, 0, 0));
    assert_eq!(trace(&[6; 15], &[(6, 3), (1, 4)], &[1; 5]), (10, 12, 5));
}
