//! Tests of the rule about `r11`, in which the prologues of large frames compute an address.

use iced_x86::code_asm::*;

use super::{checked, fault_of, faults_of};

#[test]
fn the_scratch_register_of_a_prologue_is_only_compared() {
    let reads = faults_of(|a| {
        checked(a, 0x200, |a| {
            a.mov(rax, r11)?;
            a.mov(r11d, 1)?;
            a.mov(rcx, r11)
        })
    });
    assert_eq!(reads, "1a: `mov %r11,%rax` reads the address in r11 that only the prologue compares");
    let no_comparison = fault_of(|a| a.lea(r11, rsp - 0x200));
    assert!(no_comparison.contains("lets a stack address out"), "{no_comparison}");
}

#[test]
fn a_byte_of_the_scratch_register_is_read_only_where_it_was_written() {
    let other_byte = faults_of(|a| {
        checked(a, 0x200, |a| {
            a.mov(r11b, byte_ptr(rax))?;
            a.and(r11b, 1)?;
            a.mov(byte_ptr(rax), r11b)
        })
    });
    assert_eq!(other_byte, "");
    let reads = "reads the address in r11 that only the prologue compares";
    let two_bytes = faults_of(|a| {
        checked(a, 0x200, |a| {
            a.mov(r11b, byte_ptr(rax))?;
            a.mov(word_ptr(rax), r11w)
        })
    });
    assert_eq!(two_bytes, format!("1d: `mov %r11w,(%rax)` {reads}"));
    let on_one_path = faults_of(|a| {
        checked(a, 0x200, |a| {
            let mut end = a.create_label();
            a.test(rax, rax)?;
            a.je(end)?;
            a.mov(r11b, byte_ptr(rax))?;
            a.set_label(&mut end)?;
            a.mov(byte_ptr(rax), r11b)
        })
    });
    assert_eq!(on_one_path, format!("22: `mov %r11b,(%rax)` {reads}"));
}
