//! Tests of what only switch stubs do: they make room without a prologue, and return by a jump.

use iced_x86::code_asm::*;
use object::SymbolKind;

use super::{Assembled, Elf, FIRST, faults_of, leave, switch};

/// The violations of a function that may call `weft_make_room`, whose address is `FIRST`.
fn faults_beside_room(body: impl FnOnce(&mut CodeAssembler) -> Assembled) -> String {
    let mut elf = Elf::new();
    elf.add("weft_make_room", SymbolKind::Label, &[0xcc]);
    elf.function("weft.f", body);
    elf.faults()
}

/// Assembles a frame that is larger than the reserve, and a return.
fn frame(a: &mut CodeAssembler) -> Assembled {
    a.sub(rsp, 400)?;
    a.add(rsp, 400)?;
    a.ret()
}

#[test]
fn a_frame_may_be_as_large_as_the_room_that_was_made() {
    let unchecked = faults_beside_room(frame);
    assert!(unchecked.contains("400 bytes"), "{unchecked}");
    let made = |room: i32| {
        faults_beside_room(|a| {
            a.mov(edi, room)?;
            a.call(FIRST)?;
            frame(a)
        })
    };
    assert_eq!(made(400), "");
    assert!(made(392).contains("344 bytes"), "{}", made(392));
}

#[test]
fn the_size_of_the_room_is_known() {
    let unknown = faults_beside_room(|a| {
        a.mov(edi, eax)?;
        a.call(FIRST)?;
        a.ret()
    });
    assert!(unknown.contains("makes room of an unknown size"), "{unknown}");
}

#[test]
fn a_jump_to_the_address_that_was_popped_is_a_return() {
    let stub = |a: &mut CodeAssembler, saved: bool| {
        if saved {
            a.push(rbp)?;
        }
        switch(a, false)?;
        a.pop(r11)?;
        a.jmp(r11)
    };
    let mut elf = Elf::new();
    elf.function("weft.stub", |a| stub(a, false));
    elf.function("weft.f", |a| {
        a.push(rdi)?;
        a.call(FIRST)?;
        a.pop(rdi)?;
        a.ret()
    });
    elf.function("weft.end", leave);
    assert_eq!(elf.faults(), "");
    // The stub jumps to the word that it has pushed.
    let unbalanced = faults_of(|a| stub(a, true));
    assert!(unbalanced.ends_with("returns with rsp -8 bytes from where the call left it"), "{unbalanced}");
}
