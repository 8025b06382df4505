//! Client requests to Valgrind. A request begins with rotations of a register that together do not change it.

use std::arch::asm;

/// Makes the request whose number and five arguments are in `request`. Returns Valgrind's answer; outside of Valgrind,
/// 0.
pub fn ask_valgrind(request: &[usize; 6]) -> usize {
    let mut answer = 0;
    // SAFETY: outside of Valgrind the instructions change only flags: the rotations are by 128 bits altogether, and a
    // register is exchanged with itself. Valgrind reads the request and answers in %rdx.
    unsafe {
        asm!(
            "rolq $3, %rdi",
            "rolq $13, %rdi",
            "rolq $61, %rdi",
            "rolq $51, %rdi",
            "xchgq %rbx, %rbx",
            in("rax") request.as_ptr(),
            inout("rdx") answer,
            options(att_syntax, nostack),
        );
    }
    answer
}
