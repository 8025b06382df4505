use iced_x86::code_asm::*;
use object::write::{Object, Relocation, SectionId, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationEncoding, RelocationFlags, RelocationKind, SymbolFlags,
    SymbolKind, SymbolScope,
};

use super::{Failure, Report, check};

/// Tests of the rule about `r11`, the scratch register of prologues.
mod scratch;
/// Tests of functions that switch and are called.
mod stubs;

type Assembled = Result<(), IcedError>;

/// The distance in bytes between functions and thunks, which are laid out in the order in which they are added.
const SLOT: u64 = 0x400;
/// The addresses of thunks, which every file contains.
const MORESTACK: u64 = 0;
const PRINT: u64 = SLOT;
const PANIC: u64 = 2 * SLOT;
/// The address of the first function.
const FIRST: u64 = 3 * SLOT;

/// An object file with the layout of a linked file: calls need no relocations.
struct Elf {
    object: Object<'static>,
    text: SectionId,
    slots: u64,
}

impl Elf {
    fn new() -> Elf {
        let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
        let text = object.section_id(object::write::StandardSection::Text);
        let mut elf = Elf { object, text, slots: 0 };
        for thunk in ["__morestack", "weft_print", "weft_panic_kind"] {
            elf.add(thunk, SymbolKind::Label, &[0xcc]);
        }
        elf
    }

    fn add(&mut self, name: &str, kind: SymbolKind, bytes: &[u8]) {
        let padding = self.slots * SLOT - self.object.section_mut(self.text).data().len() as u64;
        self.object.append_section_data(self.text, &vec![0xcc; padding as usize], 1);
        let value = self.object.append_section_data(self.text, bytes, 1);
        self.slots += 1;
        self.symbol(name, kind, value, bytes.len(), SymbolSection::Section(self.text));
    }

    fn symbol(
        &mut self,
        name: &str,
        kind: SymbolKind,
        value: u64,
        size: usize,
        section: SymbolSection,
    ) -> object::write::SymbolId {
        let (name, size, scope) = (name.as_bytes().to_vec(), size as u64, SymbolScope::Linkage);
        let flags = SymbolFlags::None;
        self.object.add_symbol(Symbol { name, value, size, kind, scope, weak: false, section, flags })
    }

    /// Adds a function at the next slot.
    fn function(&mut self, name: &str, body: impl FnOnce(&mut CodeAssembler) -> Assembled) {
        let mut assembler = CodeAssembler::new(64).expect("64 is a width");
        body(&mut assembler).expect("the test's code is right");
        let bytes = assembler.assemble(self.slots * SLOT).expect("the test's code can be encoded");
        self.add(name, SymbolKind::Text, &bytes);
    }

    fn check(&self) -> Result<Report, Failure> {
        check(&self.object.write().expect("the test's file can be written"))
    }

    /// The violations, one per line.
    fn faults(&self) -> String {
        match self.check() {
            Ok(_) => String::new(),
            Err(failure) => failure.to_string(),
        }
    }
}

/// The violations of one function, without the function's name.
fn faults_of(body: impl FnOnce(&mut CodeAssembler) -> Assembled) -> String {
    let mut elf = Elf::new();
    elf.function("weft.f", body);
    elf.faults().replace("weft.f at 0xc", "")
}

/// The violation of a function in which only the given instruction matters.
fn fault_of(instruction: impl FnOnce(&mut CodeAssembler) -> Assembled) -> String {
    faults_of(|a| {
        instruction(a)?;
        a.ret()
    })
}

/// Assembles a function as LLVM generates it: the check, a frame of `frame` bytes, and the call that grows the stack.
fn checked(
    a: &mut CodeAssembler,
    frame: i32,
    body: impl FnOnce(&mut CodeAssembler) -> Assembled,
) -> Assembled {
    let (mut slow, mut start) = (a.create_label(), a.create_label());
    if frame < 256 {
        a.cmp(rsp, qword_ptr(0x70).fs())?;
    } else {
        a.lea(r11, rsp - frame)?;
        a.cmp(r11, qword_ptr(0x70).fs())?;
    }
    a.jbe(slow)?;
    a.set_label(&mut start)?;
    a.sub(rsp, frame)?;
    body(a)?;
    a.add(rsp, frame)?;
    a.ret()?;
    a.set_label(&mut slow)?;
    a.mov(r10d, frame)?;
    a.mov(r11d, 0)?;
    a.call(MORESTACK)?;
    a.ret()?;
    a.jmp(start)
}

/// Assembles a switch; with a mailbox it also pushes and pops a word, and releases a lock.
fn switch(a: &mut CodeAssembler, mailbox: bool) -> Assembled {
    let mut resume = a.create_label();
    if mailbox {
        a.push(rdx)?;
    }
    a.mov(rcx, qword_ptr(0x70).fs())?;
    a.push(rcx)?;
    a.lea(rax, qword_ptr(resume))?;
    a.push(rax)?;
    a.mov(qword_ptr(rdi), rsp)?;
    if mailbox {
        a.mov(dword_ptr(rdx), 0)?;
    }
    leave(a)?;
    a.set_label(&mut resume)?;
    if mailbox { a.pop(rdx) } else { a.nop() }
}

/// Assembles the second half of a switch, which is also the end of a thread.
fn leave(a: &mut CodeAssembler) -> Assembled {
    a.mov(rsp, qword_ptr(rsi))?;
    a.pop(rax)?;
    a.pop(rcx)?;
    a.mov(qword_ptr(0x70).fs(), rcx)?;
    a.jmp(rax)
}

#[test]
fn ordinary_functions_pass() {
    let mut elf = Elf::new();
    elf.function("weft.small", |a| {
        checked(a, 24, |a| {
            a.mov(qword_ptr(rsp + 8), rdi)?;
            a.movsd_2(xmm0, qword_ptr(rsp + rdi * 8))?;
            a.push(qword_ptr(rsp + 8))?;
            a.push(rax)?;
            a.call(FIRST)?;
            a.lea(rsp, rsp + 16)?;
            a.call(PRINT)
        })
    });
    elf.function("weft.large", |a| {
        checked(a, 0x328, |a| {
            a.call(FIRST)?;
            switch(a, false)?;
            switch(a, true)
        })
    });
    elf.function("weft.entry", |a| {
        a.call(FIRST + SLOT)?;
        leave(a)
    });
    let report = elf.check().unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!((report.functions, report.switches), (3, 3));
    // The greatest depth: a frame of 24 bytes, two arguments, a return address, and the return address of
    // `__morestack`.
    assert_eq!((report.deepest, report.deepest_function.as_str()), (24 + 16 + 8 + 8, "weft.small"));
}

#[test]
fn stack_addresses_do_not_leave() {
    let leaves = "lets a stack address out of rsp";
    assert_eq!(fault_of(|a| a.lea(rdi, rsp + 8)), format!("00: `lea 8(%rsp),%rdi` {leaves}"));
    assert_eq!(fault_of(|a| a.lea(rdi, rsp + rax)), format!("00: `lea (%rsp,%rax),%rdi` {leaves}"));
    assert_eq!(fault_of(|a| a.mov(rax, rsp)), format!("00: `mov %rsp,%rax` {leaves}"));
    assert_eq!(fault_of(|a| a.mov(rbp, rsp)), format!("00: `mov %rsp,%rbp` {leaves}"));
    assert_eq!(fault_of(|a| a.mov(eax, esp)), format!("00: `mov %esp,%eax` {leaves}"));
    assert_eq!(fault_of(|a| a.mov(qword_ptr(rdi), rsp)), format!("00: `mov %rsp,(%rdi)` {leaves}"));
    assert_eq!(fault_of(|a| a.add(rax, rsp)), format!("00: `add %rsp,%rax` {leaves}"));
    assert_eq!(fault_of(|a| a.xchg(rax, rsp)), format!("00: `xchg %rsp,%rax` {leaves}"));
    assert_eq!(fault_of(|a| a.cmove(rax, rsp)), format!("00: `cmove %rsp,%rax` {leaves}"));
    assert_eq!(fault_of(|a| a.movq(xmm0, rsp)), format!("00: `movq %rsp,%xmm0` {leaves}"));
    let push = faults_of(|a| {
        a.push(rsp)?;
        a.pop(rax)?;
        a.ret()
    });
    assert_eq!(push, format!("00: `push %rsp` {leaves}"));
}

#[test]
fn the_stack_is_neither_realigned_nor_replaced() {
    let leaves = "lets a stack address out of rsp";
    assert_eq!(fault_of(|a| a.and(rsp, -32)), format!("00: `and $0xFFFFFFFFFFFFFFE0,%rsp` {leaves}"));
    assert_eq!(fault_of(|a| a.sub(rsp, rax)), format!("00: `sub %rax,%rsp` {leaves}"));
    assert_eq!(fault_of(|a| a.mov(rsp, rbp)), format!("00: `mov %rbp,%rsp` {leaves}"));
    assert_eq!(fault_of(|a| a.mov(rsp, qword_ptr(rsi))), format!("00: `mov (%rsi),%rsp` {leaves}"));
    assert_eq!(fault_of(|a| a.lea(rsp, rsp + rax)), format!("00: `lea (%rsp,%rax),%rsp` {leaves}"));
    assert_eq!(fault_of(|a| a.leave()), format!("00: `leave` {leaves}"));
    assert_eq!(fault_of(|a| a.enter(8, 0)), format!("00: `enter $8,$0` {leaves}"));
    assert_eq!(fault_of(|a| a.pushfq()), format!("00: `pushf` {leaves}"));
    let below = fault_of(|a| a.mov(qword_ptr(rsp - 8), rdi));
    assert_eq!(below, "00: `mov %rdi,-8(%rsp)` touches memory below rsp");
}

#[test]
fn a_switch_is_recognised_as_a_whole_only() {
    let leaves = "lets a stack address out of rsp";
    let no_load = faults_of(|a| {
        let mut resume = a.create_label();
        a.lea(rax, qword_ptr(resume))?;
        a.push(rax)?;
        a.mov(qword_ptr(rdi), rsp)?;
        a.set_label(&mut resume)?;
        a.pop(rax)?;
        a.ret()
    });
    assert_eq!(no_load, format!("08: `mov %rsp,(%rdi)` {leaves}"));
    let no_resume_address = faults_of(|a| {
        a.push(rax)?;
        a.mov(qword_ptr(rdi), rsp)?;
        leave(a)
    });
    assert_eq!(no_resume_address, format!("01: `mov %rsp,(%rdi)` {leaves}"));
}

#[test]
fn returns_find_the_stack_as_the_call_left_it() {
    assert_eq!(fault_of(|a| a.push(rax)), "01: `ret` returns with rsp -8 bytes from where the call left it");
    let differ = faults_of(|a| {
        let mut end = a.create_label();
        a.test(rax, rax)?;
        a.je(end)?;
        a.push(rax)?;
        a.set_label(&mut end)?;
        a.ret()
    });
    assert!(differ.contains("`ret` is reached with rsp 0 and -8 bytes"), "{differ}");
    assert_eq!(faults_of(|a| a.push(rax)), "00: `push %rax` is the last instruction, and execution goes on");
}

/// With `tailcc` a callee pops its stack arguments, even when it ends in a tail call.
#[test]
fn callees_pop_their_arguments() {
    let mut elf = Elf::new();
    elf.function("weft.caller", |a| {
        a.push(rax)?;
        a.push(rax)?;
        a.push(rax)?;
        a.call(FIRST + SLOT)?;
        a.ret()
    });
    elf.function("weft.tail", |a| {
        a.push(qword_ptr(rsp))?;
        a.mov(qword_ptr(rsp + 8), rax)?;
        a.jmp(FIRST + 2 * SLOT)
    });
    elf.function("weft.popper", |a| a.ret_1(32));
    assert_eq!(elf.faults(), "");
    elf.function("weft.wrong", |a| {
        a.push(rax)?;
        a.call(FIRST + 2 * SLOT)?;
        a.ret()
    });
    assert_eq!(
        elf.faults(),
        "weft.wrong at 0x1806: `ret` returns with rsp 24 bytes from where the call left it"
    );
}

#[test]
fn code_after_a_call_that_does_not_return_is_not_reached() {
    let mut elf = Elf::new();
    elf.function("weft.panics", |a| {
        checked(a, 24, |a| {
            let mut good = a.create_label();
            a.test(rdi, rdi)?;
            a.je(good)?;
            a.push(rax)?;
            a.call(PANIC)?;
            a.push(rax)?;
            a.call(FIRST + SLOT)?;
            a.set_label(&mut good)?;
            a.nop()
        })
    });
    elf.function("weft.forever", |a| a.jmp(FIRST + SLOT));
    assert_eq!(elf.faults(), "");
}

#[test]
fn the_reserve_holds_what_no_check_asked_for() {
    let with_arguments = |words: i32| {
        faults_of(|a| {
            checked(a, 248, |a| {
                for _ in 0..words {
                    a.push(rax)?;
                }
                a.call(PRINT)?;
                a.add(rsp, 8 * words)
            })
        })
    };
    assert_eq!(with_arguments(10), "");
    assert!(with_arguments(11).contains("goes 344 bytes below what is granted, the reserve has 336"));
    let unchecked = faults_of(|a| {
        a.sub(rsp, 344)?;
        a.add(rsp, 344)?;
        a.ret()
    });
    assert_eq!(unchecked, "00: `sub $0x158,%rsp` goes 344 bytes below what is granted, the reserve has 336");
    let ring = faults_of(|a| {
        a.call(FIRST)?;
        a.ret()
    });
    assert!(ring.contains("`call 0x0000000000000C00` goes"), "{ring}");
}

#[test]
fn the_frame_that_the_prologue_asks_for_is_the_one_it_takes() {
    let mut elf = Elf::new();
    elf.function("weft.f", |a| {
        let (mut slow, mut start) = (a.create_label(), a.create_label());
        a.lea(r11, rsp - 0x400)?;
        a.cmp(r11, qword_ptr(0x70).fs())?;
        a.jbe(slow)?;
        a.set_label(&mut start)?;
        a.sub(rsp, 0x400)?;
        a.add(rsp, 0x400)?;
        a.ret()?;
        a.set_label(&mut slow)?;
        a.mov(r10d, 0x100)?;
        a.call(MORESTACK)?;
        a.ret()?;
        a.jmp(start)
    });
    assert!(elf.faults().contains("goes 768 bytes below what is granted"), "{}", elf.faults());
}

#[test]
fn called_functions_are_green_too_and_thunks_are_not() {
    let mut elf = Elf::new();
    elf.function("weft.f", |a| {
        a.call(FIRST + SLOT)?;
        a.call(PRINT)?;
        a.ret()
    });
    elf.function("weft_yield", |a| {
        a.mov(rax, rsp)?;
        a.ret()
    });
    elf.function("not_called", |a| {
        a.mov(rax, rsp)?;
        a.ret()
    });
    assert_eq!(elf.faults(), "weft_yield at 0x1000: `mov %rsp,%rax` lets a stack address out of rsp");
    let nowhere = fault_of(|a| a.call(0x20_0000));
    assert!(nowhere.contains("goes to unknown code on a green thread's stack"), "{nowhere}");
}

#[test]
fn relocations_of_object_files_are_followed() {
    let mut elf = Elf::new();
    elf.function("weft.f", |a| {
        a.push(rax)?;
        a.call(PRINT)?;
        a.ret()
    });
    let exit = elf.symbol("weft_exit", SymbolKind::Label, 0, 0, SymbolSection::Undefined);
    let flags = RelocationFlags::Generic {
        kind: RelocationKind::PltRelative,
        encoding: RelocationEncoding::X86Branch,
        size: 32,
    };
    assert_eq!(elf.faults(), "weft.f at 0xc06: `ret` returns with rsp -8 bytes from where the call left it");
    let relocation = Relocation { offset: FIRST + 2, symbol: exit, addend: -4, flags };
    elf.object.add_relocation(elf.text, relocation).expect("the relocation exists in ELF");
    // `weft_exit` does not return.
    assert_eq!(elf.faults(), "");
}

#[test]
fn other_files_are_refused() {
    let unreadable = |bytes: &[u8]| matches!(check(bytes), Err(Failure::Unreadable(_)));
    assert!(unreadable(b""));
    assert!(unreadable(b"\x7fELF and nothing more"));
    let file = Elf::new().object.write().expect("the test's file can be written");
    assert!(unreadable(&file), "it has no Weft functions");
    for length in 0..file.len() {
        assert!(unreadable(&file[..length]));
    }
    let invalid = fault_of(|a| a.db(&[0x06]));
    assert!(invalid.contains("is no instruction"), "{invalid}");
}

/// At `-O0` LLVM stores arguments through a copy of `rsp`. The copy may have no other use before the next call.
#[test]
fn arguments_may_be_stored_through_a_copy_of_rsp() {
    let faults = |between: fn(&mut CodeAssembler) -> Assembled| {
        faults_of(|a| {
            checked(a, 32, |a| {
                a.mov(rax, rsp)?;
                between(a)?;
                a.call(PRINT)?;
                a.add(rsp, 32)?;
                a.ret()
            })
        })
    };
    let fine: [fn(&mut CodeAssembler) -> Assembled; 3] = [
        |a| {
            a.mov(qword_ptr(rax + 8), rcx)?;
            a.mov(dword_ptr(rax), 1)
        },
        |a| {
            a.mov(qword_ptr(rax), rcx)?;
            a.mov(eax, 3)?;
            a.mov(rdx, rax)
        },
        |a| {
            a.mov(qword_ptr(rsp + 24), rax)?;
            a.mov(rax, rcx)?;
            a.mov(qword_ptr(rsp + 16), rax)?;
            a.mov(rdx, qword_ptr(rsp + 24))?;
            a.mov(qword_ptr(rdx), rax)
        },
    ];
    for between in fine {
        assert_eq!(faults(between), "");
    }
    let leaving: [fn(&mut CodeAssembler) -> Assembled; 8] = [
        |a| a.mov(qword_ptr(rax), rax),
        |a| a.mov(rcx, rax),
        |a| a.mov(qword_ptr(rax - 8), rcx),
        |a| a.mov(al, 3),
        |a| a.mov(rcx, qword_ptr(rax)),
        |a| a.mov(qword_ptr(rcx), rax),
        |a| a.push(rcx),
        |a| {
            a.mov(qword_ptr(rsp + 24), rax)?;
            a.mov(rdx, qword_ptr(rsp + 24))?;
            a.add(rcx, rdx)
        },
    ];
    for between in leaving {
        assert!(faults(between).contains("`mov %rsp,%rax` lets a stack address out of rsp"));
    }
}

/// A function that ends only in tail calls of function values counts as a function that returns, and pops its own stack
/// arguments.
#[test]
fn a_jump_through_a_register_is_a_tail_call() {
    let tail_call = |by: i32, removed: i32| {
        let mut elf = Elf::new();
        elf.function("weft.f", |a| {
            checked(a, 0, |a| {
                a.add(rsp, by)?;
                a.jmp(qword_ptr(rdi + 8))
            })
        });
        elf.function("weft.g", |a| {
            a.push(rdi)?;
            a.push(rdi)?;
            a.call(FIRST)?;
            a.add(rsp, 16 - removed)?;
            a.ret()
        });
        elf.faults()
    };
    assert_eq!(tail_call(0, 0), "");
    assert_eq!(tail_call(16, 16), "");
    assert!(tail_call(16, 0).contains("returns with rsp 16 bytes from"), "{}", tail_call(16, 0));
}
