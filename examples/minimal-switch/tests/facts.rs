//! The facts of `docs/technique.md` about LLVM: the functions of `facts.ll` are compiled, and their machine code shows
//! the facts. If a new version of LLVM changes one, a test here fails, and the page has to be changed.

use std::collections::BTreeSet;
use std::process::Command;

use inkwell::OptimizationLevel;
use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetTriple};

/// The registers that a switch clobbers, with baseline x86-64.
fn everything() -> String {
    let general = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp"].map(str::to_owned);
    let numbered = (8..16).map(|number| format!("r{number}"));
    let vectors = (0..16).map(|number| format!("xmm{number}"));
    let names =
        general.into_iter().chain(numbered).chain(vectors).chain(["memory".to_owned(), "flags".to_owned()]);
    names.map(|name| format!("~{{{name}}}")).collect::<Vec<_>>().join(",")
}

/// The machine code of a function in `facts.ll` as text, with single spaces; `alignment` is that of stacks, in bytes.
fn compile_aligned(name: &str, alignment: u32) -> String {
    let flag = format!(
        "!llvm.module.flags = !{{!0}}\n!0 = !{{i32 1, !\"override-stack-alignment\", i32 {alignment}}}\n"
    );
    let ir = include_str!("facts.ll").replace("EVERYTHING", &everything()) + &flag;
    let context = Context::create();
    let module = context
        .create_module_from_ir(MemoryBuffer::create_from_memory_range_copy(ir.as_bytes(), "facts.ll"))
        .unwrap_or_else(|error| panic!("{error}"));
    Target::initialize_x86(&InitializationConfig::default());
    let triple = TargetTriple::create("x86_64-unknown-linux-gnu");
    let target = Target::from_triple(&triple).expect("LLVM has the target");
    let (level, relocation) = (OptimizationLevel::Default, RelocMode::PIC);
    let machine = target
        .create_target_machine(&triple, "x86-64", "", level, relocation, CodeModel::Default)
        .expect("LLVM has the target");
    module.run_passes("default<O2>", &machine, PassBuilderOptions::create()).expect("the passes exist");
    let buffer = machine.write_to_memory_buffer(&module, FileType::Assembly).expect("LLVM emits it");
    let text = String::from_utf8_lossy(buffer.as_slice()).into_owned();
    let begin = text.find(&format!("\n{name}:")).unwrap_or_else(|| panic!("no {name}"));
    let body = text[begin + 1..].split(".Lfunc_end").next().expect("a split has a first part");
    let spaced = body.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    spaced.map(|line| line + "\n").collect()
}

fn compile(name: &str) -> String {
    compile_aligned(name, 16)
}

/// The number of lines that begin with `instruction`.
fn count(code: &str, instruction: &str) -> usize {
    code.lines().filter(|line| line.starts_with(instruction)).count()
}

#[test]
fn the_example_switches() {
    let output = Command::new(env!("CARGO_BIN_EXE_minimal-switch")).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("count sent 1 to 10, sum answered 55\n"), "{text}");
    assert!(text.contains("sum answered 110"), "{text}");
    assert!(text.contains("20000000 switches, "), "{text}");
}

/// The assembly of the example is inlined, and `sum` stores only what is live: two pointers and the total.
#[test]
fn the_example_stores_only_what_is_live() {
    let output = Command::new(env!("CARGO_BIN_EXE_minimal-switch")).arg("--asm").output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("swapstack:"), "{text}");
    let sum = &text[text.find("\nsum:").expect("`sum` is there")..];
    assert_eq!(sum.matches("(%rsp) ").count() + sum.matches("(%rsp)\n").count(), 3, "{sum}");
    assert_eq!(sum.matches("jmpq\t*%rax").count(), 1, "{sum}");
}

#[test]
fn a_red_zone_lies_where_a_switch_pushes() {
    assert!(compile("red_zone").contains("-8(%rsp)"));
    assert!(!compile("no_red_zone").contains("-8(%rsp)"));
}

#[test]
fn a_clobber_that_llvm_does_not_know_is_ignored() {
    let code = compile("unknown_clobber");
    assert!(code.contains("movq %rdi, %rax\n#APP\n#SWITCH\n#NO_APP\nretq"), "{code}");
}

#[test]
fn a_register_that_is_not_clobbered_holds_a_value() {
    let code = compile("more_registers");
    assert!(code.contains("%zmm16") && !code.contains("(%rsp)"), "{code}");
    let code = compile("wide_register");
    assert!(code.contains("vmovups %ymm0, (%rsp)"), "{code}");
}

#[test]
fn frame_pointers_are_stack_addresses() {
    for name in ["frame_pointer", "dynamic_alloca"] {
        let code = compile(name);
        assert!(code.contains("movq %rsp, %rbp"), "{code}");
    }
    let code = compile("frame_pointer");
    assert!(
        code.contains("pushq %rbp\npushq %rax\n#APP\n#SWITCH\n#NO_APP\naddq $8, %rsp\npopq %rbp"),
        "{code}"
    );
}

#[test]
fn functions_that_switch_save_registers_unless_told_otherwise() {
    for (name, saved) in [("as_in_c", 6), ("preserve_none", 1), ("saves_none", 0)] {
        let code = compile(name);
        let callee_saved = ["%rbp", "%rbx", "%r12", "%r13", "%r14", "%r15"];
        let pushes = callee_saved.iter().filter(|name| code.contains(&format!("pushq {name}\n")));
        assert_eq!(pushes.count(), saved, "{code}");
    }
    assert!(compile("preserve_none").contains("pushq %rbp"));
}

#[test]
fn a_call_through_a_pointer_needs_the_attribute_of_saving_none() {
    let code = compile("indirect_call");
    assert!(code.contains("movq %rdi, %rbx\ncallq *%rsi"), "{code}");
    let code = compile("indirect_call_saves_none");
    assert!(code.contains("movq %rdi, (%rsp)") && !code.contains("movq %rdi, %rbx"), "{code}");
}

#[test]
fn an_address_of_thread_local_storage_is_kept_over_a_switch() {
    let code = compile("thread_local");
    let (before, after) = code.split_once("#SWITCH").expect("it switches");
    assert_eq!(count(before, "callq __tls_get_addr"), 1, "{code}");
    assert_eq!(count(after, "callq __tls_get_addr"), 0, "{code}");
    let code = compile("relative_to_fs");
    let (before, after) = code.split_once("#SWITCH").expect("it switches");
    assert!(before.contains("%fs:112") && after.contains("%fs:112"), "{code}");
}

/// With a label that has a name, LLVM would end the process, since the symbol is already defined.
#[test]
fn llvm_copies_assembly_and_renumbers_its_local_labels() {
    let code = compile("unrolled");
    let labels: BTreeSet<&str> = code.lines().filter(|line| line.starts_with(".Ltmp")).collect();
    assert_eq!(labels.len(), 3, "{code}");
}

#[test]
fn prologues_check_the_stack() {
    let code = compile("small_frame");
    assert!(code.contains("cmpq %fs:112, %rsp\njbe"), "{code}");
    assert!(code.contains("movl $248, %r10d") && code.contains("callq __morestack\nretq\njmp"), "{code}");
    let code = compile("large_frame");
    assert!(code.contains("leaq -800(%rsp), %r11\ncmpq %fs:112, %r11\njbe"), "{code}");
}

#[test]
fn an_empty_frame_has_no_check() {
    let padded = compile("recursion");
    assert!(padded.contains("cmpq %fs:112, %rsp") && padded.contains("callq recursion"), "{padded}");
    let bare = compile_aligned("recursion", 8);
    assert!(!bare.contains("%fs:112") && bare.contains("callq recursion"), "{bare}");
}

#[test]
fn a_stack_check_prevents_shrink_wrapping() {
    let code = compile("rare_switch");
    assert!(code.find("testq") < code.find("pushq"), "{code}");
    let code = compile("rare_switch_and_check");
    assert!(code.find("testq") > code.find("pushq"), "{code}");
}

#[test]
fn stack_arguments_are_pushed_below_the_checked_frame() {
    let code = compile("stack_arguments");
    assert!(code.contains("movl $8, %r10d") && code.contains("pushq $7\n"), "{code}");
}
