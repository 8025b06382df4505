//! The runtime's hot paths, inlined into the program.
//!
//! They are the Rust crate `runtime/hot`, compiled to bitcode when Weft itself was built. The program's module starts
//! as that bitcode: nothing has to be linked.

use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::values::FunctionValue;

use weft_abi::RuntimeFunction;

use crate::codegen::attributes::Attributes;
use crate::codegen::runtime;

/// The hot functions that compiled code calls, in the C calling convention. `Switch` is a pair of `ptr`: where the
/// running thread's stack pointer goes, and where that of the next one is.
pub(super) struct Hot<'ctx> {
    /// `(worker) -> Switch`
    pub(super) yield_now: FunctionValue<'ctx>,
    /// `(worker)`: what a yield does before it switches
    pub(super) before_yield: FunctionValue<'ctx>,
    /// The same for programs that are not optimised
    pub(super) before_yield_unoptimised: FunctionValue<'ctx>,
    /// `() -> task`: that of the running thread
    pub(super) current: FunctionValue<'ctx>,
    /// `(worker, list)`
    pub(super) lock_list: FunctionValue<'ctx>,
    /// `(list)`
    pub(super) unlock_list: FunctionValue<'ctx>,
    /// `(list, side) -> waiter`, or null
    pub(super) take_waiter: FunctionValue<'ctx>,
    /// `(waiter) -> ptr`: where the words of its value are
    pub(super) waiter_words: FunctionValue<'ctx>,
    /// `(worker, waiter, outcome)`
    pub(super) wake: FunctionValue<'ctx>,
    /// `(worker, list, side) -> Switch`
    pub(super) wait: FunctionValue<'ctx>,
    /// `(worker, task) -> i1`: whether the running thread, which is the task's, waits for a choice
    pub(super) must_pause: FunctionValue<'ctx>,
    /// `(worker, task) -> Switch`
    pub(super) pause: FunctionValue<'ctx>,
    /// `(worker, task, result) -> load_at`: ends the running thread
    pub(super) finish: FunctionValue<'ctx>,
    /// `(worker, site) -> task`
    pub(super) task_new: FunctionValue<'ctx>,
    /// `(worker, task) -> top`
    pub(super) stack_new: FunctionValue<'ctx>,
    /// `(worker, header, size) -> object`
    pub(super) allocate: FunctionValue<'ctx>,
    /// `(worker, sp)`
    pub(super) ready: FunctionValue<'ctx>,
    /// `(deferred)`
    pub(super) cleanup_push: FunctionValue<'ctx>,
    /// `(deferred)`
    pub(super) cleanup_pop: FunctionValue<'ctx>,
    /// `()`
    pub(super) shield: FunctionValue<'ctx>,
    /// `()`
    pub(super) unshield: FunctionValue<'ctx>,
}

/// A module that holds the hot functions, as if they had been generated here.
pub(super) fn open<'ctx>(
    context: &'ctx Context,
    bitcode: &[u8],
    attributes: &Attributes,
) -> (Module<'ctx>, Hot<'ctx>) {
    let buffer = MemoryBuffer::create_from_memory_range_copy(bitcode, "hot");
    let module = Module::parse_bitcode_from_buffer(&buffer, context)
        .unwrap_or_else(|error| panic!("BUG: the hot paths are not bitcode: {error}"));
    module.set_name("program");
    // Otherwise the instructions would be frames of the runtime inside frames of the program.
    module.strip_debug_info();
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        function.set_linkage(Linkage::Internal);
        attributes.forget(function);
        attributes.of_inlined(function);
    }
    // What hot paths call are slow paths.
    for &function in RuntimeFunction::ALL {
        if let Some(declared) = module.get_function(function.symbol()) {
            attributes.forget(declared);
            attributes.of_slow_path(declared);
            runtime::describe(declared, function, attributes);
        }
    }
    let named = |name: &str| {
        module.get_function(name).unwrap_or_else(|| panic!("BUG: the hot paths do not define {name}"))
    };
    let hot = Hot {
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
        must_pause: named("weft_must_park"),
        pause: named("weft_park"),
        finish: named("weft_finish"),
        task_new: named("weft_task_new"),
        stack_new: named("weft_stack_new"),
        allocate: named("weft_allocate"),
        ready: named("weft_ready"),
        cleanup_push: named("weft_cleanup_push"),
        cleanup_pop: named("weft_cleanup_pop"),
        shield: named("weft_shield"),
        unshield: named("weft_unshield"),
    };
    (module, hot)
}
