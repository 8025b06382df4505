//! The runtime's fast paths, as functions of the program's module that LLVM inlines.
//!
//! The fast paths are the Rust crate `runtime/hot`, compiled to bitcode when Weft itself was built. The program's
//! module starts as that bitcode, so the compiler links no bitcode.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;

use weft_abi::RuntimeFunction;

use crate::codegen::cx::attributes::Attributes;

/// The fast paths that compiled code calls, in the C calling convention. `Switch` is a pair of `ptr`: the running
/// thread's stack pointer is stored to `save_at`, and the next thread's stack pointer is loaded from `load_at`. Each
/// comment lists the parameters and the result, then the effect.
pub(in crate::codegen) struct FastPaths<'ctx> {
    /// `(worker) -> Switch`: moves the running thread to the tail of the run queue
    pub(in crate::codegen) yield_now: FunctionValue<'ctx>,
    /// `(worker)`: the part of a yield before the switch
    pub(in crate::codegen) before_yield: FunctionValue<'ctx>,
    /// `(worker)`: the part of a yield before the switch, for unoptimised programs
    pub(in crate::codegen) before_yield_unoptimised: FunctionValue<'ctx>,
    /// `() -> task`: the task of the running thread
    pub(in crate::codegen) current: FunctionValue<'ctx>,
    /// `(worker, list)`: locks a wait list
    pub(in crate::codegen) lock_list: FunctionValue<'ctx>,
    /// `(list)`: unlocks a wait list
    pub(in crate::codegen) unlock_list: FunctionValue<'ctx>,
    /// `(list, side) -> waiter`: removes the first waiter from a side of a list; null if there is none
    pub(in crate::codegen) take_waiter: FunctionValue<'ctx>,
    /// `(waiter) -> ptr`: the address of the words of the waiter's value
    pub(in crate::codegen) waiter_words: FunctionValue<'ctx>,
    /// `(worker, waiter, outcome)`: wakes a waiter that was taken out of its list
    pub(in crate::codegen) wake: FunctionValue<'ctx>,
    /// `(worker, list, side) -> Switch`: adds the running thread to a side of a list
    pub(in crate::codegen) wait: FunctionValue<'ctx>,
    /// `(worker, task) -> i1`: whether the running thread, whose task is `task`, must wait for an arm of its multi-wait
    pub(in crate::codegen) must_park: FunctionValue<'ctx>,
    /// `(worker, task) -> Switch`: parks the running thread, whose task is `task`, until its multi-wait is decided
    pub(in crate::codegen) pause: FunctionValue<'ctx>,
    /// `(worker, task, result) -> load_at`: ends the running thread
    pub(in crate::codegen) finish: FunctionValue<'ctx>,
    /// `(worker, site) -> task`: makes the task of a thread that is spawned at `site`
    pub(in crate::codegen) task_new: FunctionValue<'ctx>,
    /// `(worker, task) -> top`: allocates a stack for a new thread; `top` is the stack's upper end
    pub(in crate::codegen) stack_new: FunctionValue<'ctx>,
    /// `(worker, header, size) -> object`: allocates an object of `size` bytes
    pub(in crate::codegen) allocate: FunctionValue<'ctx>,
    /// `(worker, sp)`: makes the thread with the stack pointer `sp` runnable
    pub(in crate::codegen) ready: FunctionValue<'ctx>,
    /// `() -> home`: the task or the continuation to which the running stack belongs; it stays the same while a
    /// function runs
    pub(in crate::codegen) home: FunctionValue<'ctx>,
    /// `(generator)`: marks a generator without a stack of its own as running on the running stack
    pub(in crate::codegen) enter_generator: FunctionValue<'ctx>,
    /// `(worker) -> continuation`: makes a continuation; its stack is not filled yet
    pub(in crate::codegen) new_continuation: FunctionValue<'ctx>,
    /// `(continuation, home) -> limit`: prepares the switch to a continuation; `limit` is the stack limit of its stack
    pub(in crate::codegen) resume: FunctionValue<'ctx>,
    /// `(generator, home) -> limit`: prepares the switch to a generator with a stack of its own, as `resume` does
    pub(in crate::codegen) resume_generator: FunctionValue<'ctx>,
    /// `(continuation)`: prepares the switch away from a continuation
    pub(in crate::codegen) suspend: FunctionValue<'ctx>,
    /// `(worker, continuation)`: frees the stack of the running continuation, which has ended
    pub(in crate::codegen) end_continuation: FunctionValue<'ctx>,
    /// `(target, revision)`: panics unless the target of a swap has this revision
    pub(in crate::codegen) check_target: FunctionValue<'ctx>,
    /// `(target, home) -> continuation`: the continuation that a swap with `target` leaves
    pub(in crate::codegen) swap_from: FunctionValue<'ctx>,
    /// `(from, target, home) -> Switch`: prepares the swap from `from` to `target`
    pub(in crate::codegen) swap_to: FunctionValue<'ctx>,
    /// `(target) -> limit`: the limit of the stack that a swap enters
    pub(in crate::codegen) swap_limit: FunctionValue<'ctx>,
    /// `(target) -> ptr`: the address at which a swap stores its place
    pub(in crate::codegen) swap_place: FunctionValue<'ctx>,
    /// `(home)`: sets the stack limit after a switch
    pub(in crate::codegen) set_limit: FunctionValue<'ctx>,
    /// `(worker, home)`: sets the stack limit after a resumed generator has switched back; if the worker has requests,
    /// sets the limit that makes the next safepoint handle them
    pub(in crate::codegen) set_limit_or_request: FunctionValue<'ctx>,
    /// `(deferred)`: registers a deferred block as the running thread's innermost cleanup
    pub(in crate::codegen) cleanup_push: FunctionValue<'ctx>,
    /// `(deferred)`: takes a deferred block out of the running thread's chain of cleanups
    pub(in crate::codegen) cleanup_pop: FunctionValue<'ctx>,
    /// `()`: adds a shield against cancellation to the running thread
    pub(in crate::codegen) shield: FunctionValue<'ctx>,
    /// `()`: removes a shield from the running thread
    pub(in crate::codegen) unshield: FunctionValue<'ctx>,
    /// The fast paths of programs that record their schedules, if the program is compiled for tracing.
    pub(in crate::codegen) trace: Option<TracePaths<'ctx>>,
}

/// The fast paths that only record events of a trace; all other fast paths record their own events.
#[derive(Clone, Copy)]
pub(in crate::codegen) struct TracePaths<'ctx> {
    /// `(worker, task, row)`: records the spawn of a thread at a row of the table of spawns
    pub(in crate::codegen) spawn: FunctionValue<'ctx>,
    /// `(worker, list, head)`: records an event with this head of the buffer of a channel
    pub(in crate::codegen) buffer: FunctionValue<'ctx>,
}

/// The only fast path that is never inlined: LLVM merges its calls and moves them out of loops.
const HOME: &str = "weft_home";

/// Opens the module of the fast paths, with the same attributes as generated code.
pub(in crate::codegen) fn open<'ctx>(
    context: &'ctx Context,
    bitcode: &[u8],
    attributes: &Attributes,
) -> (Module<'ctx>, FastPaths<'ctx>) {
    let buffer = MemoryBuffer::create_from_memory_range_copy(bitcode, "hot");
    let module = Module::parse_bitcode_from_buffer(&buffer, context)
        .unwrap_or_else(|error| panic!("BUG: the hot paths are not bitcode: {error}"));
    module.set_name("program");
    // With debug information, stack traces would show the instructions of inlined fast paths as frames of the runtime
    // inside frames of the program.
    module.strip_debug_info();
    set_attributes(&module, attributes);
    let fast_paths = of(&module);
    (module, fast_paths)
}

/// The fast paths in their module.
fn of<'ctx>(module: &Module<'ctx>) -> FastPaths<'ctx> {
    let named = |name: &str| {
        module.get_function(name).unwrap_or_else(|| panic!("BUG: the hot paths do not define {name}"))
    };
    FastPaths {
        yield_now: named("weft_yield"),
        before_yield: named("weft_before_yield"),
        before_yield_unoptimised: named("weft_before_yield_unoptimised"),
        current: named("weft_current"),
        lock_list: named("weft_lock_list"),
        unlock_list: named("weft_unlock_list"),
        take_waiter: named("weft_take_waiter"),
        waiter_words: named("weft_waiter_words"),
        wake: named("weft_wake"),
        wait: named("weft_wait"),
        must_park: named("weft_must_park"),
        pause: named("weft_park"),
        finish: named("weft_finish"),
        task_new: named("weft_task_new"),
        stack_new: named("weft_stack_new"),
        allocate: named("weft_allocate"),
        ready: named("weft_ready"),
        home: named(HOME),
        enter_generator: named("weft_enter_generator"),
        new_continuation: named("weft_new_continuation"),
        resume: named("weft_resume_continuation"),
        resume_generator: named("weft_resume_generator"),
        suspend: named("weft_suspend_continuation"),
        end_continuation: named("weft_end_continuation"),
        check_target: named("weft_check_target"),
        swap_from: named("weft_swap_from"),
        swap_to: named("weft_swap_to"),
        swap_limit: named("weft_swap_limit"),
        swap_place: named("weft_swap_place"),
        set_limit: named("weft_set_limit"),
        set_limit_or_request: named("weft_set_limit_or_request"),
        cleanup_push: named("weft_cleanup_push"),
        cleanup_pop: named("weft_cleanup_pop"),
        shield: named("weft_shield"),
        unshield: named("weft_unshield"),
        // The bitcode without the feature `trace` does not define these functions.
        trace: module
            .get_function("weft_trace_spawn")
            .map(|spawn| TracePaths { spawn, buffer: named("weft_trace_buffer") }),
    }
}

/// Gives the functions that the module defines or declares the attributes that generated code relies on.
fn set_attributes(module: &Module<'_>, attributes: &Attributes) {
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        function.set_linkage(Linkage::Internal);
        attributes.forget(function);
        match function.get_name().to_bytes() == HOME.as_bytes() {
            true => attributes.of_home(function),
            false => attributes.of_inlined(function),
        }
    }
    // The bitcode declares, but does not define, the runtime functions that it calls; all of them are slow paths.
    for &function in RuntimeFunction::ALL {
        if let Some(declared) = module.get_function(function.symbol()) {
            attributes.forget(declared);
            attributes.of_slow_path(declared);
            attributes.of_runtime_function(declared, function);
        }
    }
}
