//! Swapstack on stock LLVM, in one file: two functions on two stacks, which switch to each other by inline assembly.
//! The idea is by Dolan, Muralidharan and Gregg (TACO 9, 2013); `docs/technique.md` explains each decision.
//!
//! ```text
//!   count, on this OS thread's stack            sum, on a stack of its own
//!
//!     for i in 1..=rounds {                       loop {
//!       total = swapstack(i)   ──── i ────▶         total += value
//!                              ◀── total ──         value = swapstack(total)
//!     }                                           }
//! ```
//!
//! The module is built with inkwell, optimised, compiled in memory and run. With `--asm` the program prints the machine
//! code instead.

use std::time::Instant;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::builder::{Builder, BuilderError};
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, InitializationConfig, RelocMode, Target, TargetMachine};
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicMetadataValueEnum, BasicValueEnum, CallSiteValue, FunctionValue, IntValue};
use inkwell::{AddressSpace, IntPredicate, OptimizationLevel};

/// The switch. It keeps nothing: LLVM has stored in the frame what is live, because of [`CONSTRAINTS`].
const SWITCH: &str = "
    leaq 1f(%rip), %rax     # where this side will go on: a local label, as LLVM copies the assembly with its function
    pushq %rax              # the only word that the switch itself saves
    movq %rsp, (%rdi)       # leave: from here on the other side may resume this one
    movq (%rsi), %rsp       # enter: the other side's stack, with its resume address on top
    popq %rax
    jmpq *%rax              # a jump, because a `ret` would be predicted to return to the latest call
1:";

/// The operands: `rdi` and `rsi` point to the places for this side's and the other side's stack pointer; `rdx` takes a
/// value to the other side and, as the result, brings one from there.
///
/// Every other register is clobbered, since the other side uses it: also `rbp`, and all vector registers of the target
/// CPU. LLVM ignores a name that it does not know, without a message. `memory` is clobbered because other code runs.
const CONSTRAINTS: &str = "={rdx},{rdi},{rsi},{rdx},\
    ~{rax},~{rbx},~{rcx},~{rsi},~{rdi},~{rbp},~{r8},~{r9},~{r10},~{r11},~{r12},~{r13},~{r14},~{r15},\
    ~{xmm0},~{xmm1},~{xmm2},~{xmm3},~{xmm4},~{xmm5},~{xmm6},~{xmm7},\
    ~{xmm8},~{xmm9},~{xmm10},~{xmm11},~{xmm12},~{xmm13},~{xmm14},~{xmm15},\
    ~{memory},~{flags},~{dirflag},~{fpsr}";

/// Baseline x86-64. A CPU with AVX-512 has more registers, and `CONSTRAINTS` would have to name them, too.
const CPU: &str = "x86-64";

/// The size of the second stack in words. It cannot grow here; Weft's prologues compare `rsp` with a limit.
const STACK_WORDS: usize = 8192;

/// Places for the stack pointers of the two sides; the place of the side that runs has an old value.
#[repr(C)]
struct Stacks {
    count: *mut usize,
    sum: *mut usize,
}

/// `count(&stacks.count, &stacks.sum, rounds)`: the last total.
type Count = unsafe extern "C" fn(*mut *mut usize, *mut *mut usize, u64) -> u64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let context = Context::create();
    let module = build_module(&context)?;
    let machine = machine()?;
    module.set_triple(&machine.get_triple());
    module.set_data_layout(&machine.get_target_data().get_data_layout());
    module.verify()?;
    // The optimiser may unroll the loops: each copy of the assembly has its own label 1.
    module.run_passes("default<O2>", &machine, PassBuilderOptions::create())?;
    if std::env::args().any(|argument| argument == "--asm") {
        let text = machine.write_to_memory_buffer(&module, FileType::Assembly)?;
        print!("{}", String::from_utf8_lossy(text.as_slice()).trim_end_matches('\0'));
        return Ok(());
    }

    let engine = module.create_jit_execution_engine(OptimizationLevel::Default)?;
    let sum = engine.get_function_address("sum")?;
    // SAFETY: `build_count` gives the function the type `Count` and the C calling convention.
    let count = unsafe { engine.get_function::<Count>("count")? };
    let mut stack = vec![0_usize; STACK_WORDS];
    let mut stacks = Stacks { count: std::ptr::null_mut(), sum: new_stack(&mut stack, sum) };
    let mut run = |rounds: u64| {
        // SAFETY: `stacks.sum` is the stack pointer of a new stack or of `sum` in its loop, and `engine` and `stack`
        // outlive all runs. `count` returns only after `sum` has switched back, on the stack on which it was called.
        unsafe { count.call(&raw mut stacks.count, &raw mut stacks.sum, rounds) }
    };
    let total = run(10);
    assert_eq!(total, 55, "a switch has lost a value");
    println!("count sent 1 to 10, sum answered {total}");
    println!("count sent 1 to 10 again, sum answered {}: its total has stayed on its stack", run(10));

    let rounds = 10_000_000;
    let start = Instant::now();
    let total = run(rounds);
    let nanoseconds = start.elapsed().as_secs_f64() * 1e9;
    assert_eq!(total, 110 + rounds * (rounds + 1) / 2, "a switch has lost a value");
    println!("{} switches, {:.2} ns each", 2 * rounds, nanoseconds / (2 * rounds) as f64);
    Ok(())
}

/// `newstack`: writes to the high end of `stack` what the first switch to it pops, and returns the stack pointer.
///
/// The first switch looks to `entry` like a call in the C calling convention: `rdi`, `rsi` and `rdx` are its first
/// three arguments, and the word above the resume address takes the place of the return address.
fn new_stack(stack: &mut [usize], entry: usize) -> *mut usize {
    let range = stack.as_mut_ptr_range();
    // C's functions expect `rsp + 8` to be a multiple of 16 at their entry.
    let top = range.end.map_addr(|address| address & !15);
    // SAFETY: the stack has more than the four words that lie between `top.sub(2)` and its end.
    unsafe {
        top.sub(1).write(0); // `entry` never returns; a stack trace ends here
        top.sub(2).write(entry);
        top.sub(2)
    }
}

fn machine() -> Result<TargetMachine, Box<dyn std::error::Error>> {
    // The initialisation includes the parser of assembly, which inline assembly needs.
    Target::initialize_x86(&InitializationConfig::default());
    let triple = TargetMachine::get_default_triple();
    let (level, relocation) = (OptimizationLevel::Default, RelocMode::PIC);
    let target = Target::from_triple(&triple)?;
    let machine = target.create_target_machine(&triple, CPU, "", level, relocation, CodeModel::Default);
    Ok(machine.ok_or("LLVM has no code generator for this machine")?)
}

fn build_module(context: &Context) -> Result<Module<'_>, BuilderError> {
    let module = context.create_module("minimal-switch");
    let swapstack = build_swapstack(context, &module)?;
    build_count(context, &module, swapstack)?;
    build_sum(context, &module, swapstack)?;
    Ok(module)
}

/// Adds a function of code that switches, with the attributes that such code needs.
fn declare<'ctx>(context: &'ctx Context, module: &Module<'ctx>, name: &str) -> FunctionValue<'ctx> {
    let (pointer, word) = (context.ptr_type(AddressSpace::default()), context.i64_type());
    let parameters: [BasicMetadataTypeEnum; 3] = [pointer.into(), pointer.into(), word.into()];
    let function = module.add_function(name, word.fn_type(&parameters, false), None);
    // The switch pushes, so no value may live below `rsp`.
    add_flag(context, function, "noredzone");
    add_flag(context, function, "nounwind");
    // `rbp` is clobbered, so it cannot be the frame pointer.
    function.add_attribute(AttributeLoc::Function, context.create_string_attribute("frame-pointer", "none"));
    function.add_attribute(AttributeLoc::Function, context.create_string_attribute("target-cpu", CPU));
    function
}

fn add_flag(context: &Context, function: FunctionValue<'_>, name: &str) {
    let kind = Attribute::get_named_enum_kind_id(name);
    function.add_attribute(AttributeLoc::Function, context.create_enum_attribute(kind, 0));
}

/// `swapstack(save_at, load_at, value)`, the value that the other side passes. It is a function only so that the IR of
/// the other functions is readable; after inlining, the register allocator sees the assembly.
fn build_swapstack<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
) -> Result<FunctionValue<'ctx>, BuilderError> {
    let function = declare(context, module, "swapstack");
    function.set_linkage(Linkage::Internal);
    add_flag(context, function, "alwaysinline");
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(function, "entry"));
    let (text, constraints) = (SWITCH.to_owned(), CONSTRAINTS.to_owned());
    // The flags say that the assembly has side effects, does not align the stack, and does not unwind.
    let assembly =
        context.create_inline_asm(function.get_type(), text, constraints, true, false, None, false);
    let arguments: Vec<BasicMetadataValueEnum> = function.get_param_iter().map(Into::into).collect();
    let call = builder.build_indirect_call(function.get_type(), assembly, &arguments, "received")?;
    builder.build_return(Some(&word(call)))?;
    Ok(function)
}

/// `count(save_at, load_at, rounds)`: sends 1 to `rounds` to the other side and returns the last answer.
fn build_count<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    swapstack: FunctionValue<'ctx>,
) -> Result<(), BuilderError> {
    let function = declare(context, module, "count");
    let [save_at, load_at, rounds] = parameters(function);
    let [entry, body, exit] =
        ["entry", "body", "exit"].map(|name| context.append_basic_block(function, name));
    let builder = context.create_builder();
    let one = context.i64_type().const_int(1, false);
    builder.position_at_end(entry);
    builder.build_unconditional_branch(body)?;
    builder.position_at_end(body);
    let index = builder.build_phi(context.i64_type(), "index")?;
    let sent = index.as_basic_value().into_int_value();
    let received = swap(&builder, swapstack, save_at, load_at, sent)?;
    let next = builder.build_int_add(sent, one, "next")?;
    index.add_incoming(&[(&one, entry), (&next, body)]);
    let rounds = rounds.into_int_value();
    let again = builder.build_int_compare(IntPredicate::ULT, sent, rounds, "again")?;
    builder.build_conditional_branch(again, body, exit)?;
    builder.position_at_end(exit);
    builder.build_return(Some(&received))?;
    Ok(())
}

/// `sum(host, own, first)`: adds up what it receives and answers with the total, for ever. It is the first function of
/// its stack. A first function must never be inlined: its frame has to be on the new stack.
fn build_sum<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    swapstack: FunctionValue<'ctx>,
) -> Result<(), BuilderError> {
    let function = declare(context, module, "sum");
    add_flag(context, function, "noinline");
    add_flag(context, function, "noreturn");
    // The switch that enters `sum` for the first time passes its own operands.
    let [host, own, first] = parameters(function);
    let [entry, body] = ["entry", "body"].map(|name| context.append_basic_block(function, name));
    let builder = context.create_builder();
    builder.position_at_end(entry);
    builder.build_unconditional_branch(body)?;
    builder.position_at_end(body);
    let value = builder.build_phi(context.i64_type(), "value")?;
    let old = builder.build_phi(context.i64_type(), "old")?;
    let [addend, before] = [value, old].map(|phi| phi.as_basic_value().into_int_value());
    let total = builder.build_int_add(before, addend, "total")?;
    let received = swap(&builder, swapstack, own, host, total)?;
    value.add_incoming(&[(&first, entry), (&received, body)]);
    old.add_incoming(&[(&context.i64_type().const_zero(), entry), (&total, body)]);
    builder.build_unconditional_branch(body)?;
    Ok(())
}

fn parameters<'ctx>(function: FunctionValue<'ctx>) -> [BasicValueEnum<'ctx>; 3] {
    [0, 1, 2].map(|index| function.get_nth_param(index).expect("`declare` gives three parameters"))
}

/// A call of `swapstack`: saves at `save_at`, switches to the stack pointer at `load_at`, and returns what was passed.
fn swap<'ctx>(
    builder: &Builder<'ctx>,
    swapstack: FunctionValue<'ctx>,
    save_at: BasicValueEnum<'ctx>,
    load_at: BasicValueEnum<'ctx>,
    value: IntValue<'ctx>,
) -> Result<IntValue<'ctx>, BuilderError> {
    let call = builder.build_call(swapstack, &[save_at.into(), load_at.into(), value.into()], "received")?;
    Ok(word(call))
}

fn word(call: CallSiteValue<'_>) -> IntValue<'_> {
    call.try_as_basic_value().expect_basic("it returns a word").into_int_value()
}
