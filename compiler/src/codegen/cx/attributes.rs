//! The attributes of functions and calls. They keep stacks small and frames free of stack addresses, so that stacks can
//! move.
//!
//! Every compiled function has the calling convention `tailcc`: arguments are passed as in C, and the callee pops the
//! stack arguments. So a call in tail position can always reuse the caller's frame.
//!
//! | attribute | reason |
//! |---|---|
//! | `split-stack` | the prologue compares `rsp` with the stack limit, and calls `__morestack` if `rsp` is too low |
//! | `noredzone` | the switch pushes, so nothing may live below `rsp` |
//! | `frame-pointer=none`, `no-realign-stack` | otherwise `rbp` would contain a stack address |
//! | `no-builtins` | otherwise a loop could become a call of `memset`, which would run on a small stack |
//! | `nounwind`, `uwtable` | nothing is thrown, but stack traces walk the stack |
//! | `no_callee_saved_registers` | see [`Attributes::of_yielding`] |

use inkwell::GlobalVisibility;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::Linkage;
use inkwell::types::IntType;
use inkwell::values::{CallSiteValue, FunctionValue};
use weft_abi::{AbiType, RuntimeFunction};

/// LLVM's number of the calling convention `tailcc`.
pub(in crate::codegen) const TAILCC: u32 = 18;

/// The CPU that code is generated for: baseline x86-64. A newer CPU has more registers, and the switch would have to
/// declare all of them as clobbered.
pub(in crate::codegen) const CPU: &str = "x86-64";

const SPLIT_STACK: &str = "split-stack";

const NO_CALLEE_SAVED: &str = "no_callee_saved_registers";

const SAFEPOINT: &str = "weft-safepoint";

/// An attribute for LLVM's passes only; [`allow_tail_calls`] removes it before LLVM generates machine code.
const NO_TAIL_CALLS: &str = "disable-tail-calls";

/// LLVM's memory effects of a function that neither reads nor writes memory.
const NO_MEMORY: u64 = 0;

/// LLVM's memory effects of a function that reads any memory, and writes only memory that the module cannot see: two
/// bits, read and write, for each of six kinds of memory, of which the second is inaccessible memory.
const READS_AND_INACCESSIBLE: u64 = 0b01_01_01_01_11_01;

/// The attribute that `allockind` demands.
const ALLOC_FAMILY: &str = "alloc-family";

/// LLVM's `AllocFnKind::Alloc`.
const ALLOCATES: u64 = 1;

/// LLVM's `UWTableKind::Async`: an unwind table that is valid at every instruction.
const ASYNC: u64 = 2;

/// All attributes in use, created once.
pub(in crate::codegen) struct Attributes {
    compiled: Vec<Attribute>,
    /// The attribute of yielding functions; `None` if switches preserve the callee-saved registers.
    no_callee_saved: Option<Attribute>,
    no_tail_calls: Attribute,
    always_inline: Attribute,
    coroutine: Attribute,
    never_inline: Attribute,
    no_return: Attribute,
    cold: Attribute,
    free_to_inline: Attribute,
    no_merge: Attribute,
    unaliased: Attribute,
    zero_extended: Attribute,
    nounwind: Attribute,
    mark: Vec<Attribute>,
}

fn flag(context: &Context, name: &str) -> Attribute {
    value(context, name, 0)
}

fn value(context: &Context, name: &str, value: u64) -> Attribute {
    let kind = Attribute::get_named_enum_kind_id(name);
    assert_ne!(kind, 0, "BUG: LLVM has no attribute {name}");
    context.create_enum_attribute(kind, value)
}

/// The attribute of code that never throws.
pub(in crate::codegen) fn nounwind(context: &Context) -> Attribute {
    flag(context, "nounwind")
}

/// The attribute of inline assembly with an operand in memory: the type that the operand points to.
pub(in crate::codegen) fn element_type(context: &Context, ty: IntType<'_>) -> Attribute {
    let kind = Attribute::get_named_enum_kind_id("elementtype");
    context.create_type_attribute(kind, ty.into())
}

/// The attribute of code that accesses no memory that the module can see. LLVM does not reorder such code with a switch
/// or with other code that has this attribute.
pub(in crate::codegen) fn inaccessible_memory_only(context: &Context) -> Attribute {
    // LLVM packs two bits, read and write, for each kind of memory; the second kind is inaccessible memory
    // (`MemoryEffects`).
    value(context, "memory", 0b11 << 2)
}

/// Adds to a call the callee's attribute about clobbered registers, since LLVM reads that attribute only from the call.
pub(in crate::codegen) fn repeat_at_call(function: FunctionValue<'_>, call: CallSiteValue<'_>) {
    if let Some(attribute) = function.get_string_attribute(AttributeLoc::Function, NO_CALLEE_SAVED) {
        call.add_attribute(AttributeLoc::Function, attribute);
    }
}

/// Removes the attribute of [`Attributes::keep_recursion`]. LLVM's code generation would give it another meaning: only
/// calls marked `musttail` would remain tail calls.
pub(in crate::codegen) fn allow_tail_calls(function: FunctionValue<'_>) {
    function.remove_string_attribute(AttributeLoc::Function, NO_TAIL_CALLS);
}

/// Marks a call as a safepoint, for the pass `polls`.
pub(in crate::codegen) fn mark_safepoint(context: &Context, call: CallSiteValue<'_>) {
    call.add_attribute(AttributeLoc::Function, context.create_string_attribute(SAFEPOINT, ""));
}

/// Whether a call is marked by [`mark_safepoint`].
pub(in crate::codegen) fn is_safepoint(call: CallSiteValue<'_>) -> bool {
    call.get_string_attribute(AttributeLoc::Function, SAFEPOINT).is_some()
}

/// Makes the function of [`Attributes::of_allocator`] an ordinary function, which is always inlined.
pub(in crate::codegen) fn inline_allocator(context: &Context, function: FunctionValue<'_>) {
    function.set_linkage(Linkage::Internal);
    for name in ["allockind", "memory"] {
        function.remove_enum_attribute(AttributeLoc::Function, Attribute::get_named_enum_kind_id(name));
    }
    function.remove_string_attribute(AttributeLoc::Function, ALLOC_FAMILY);
    Attributes::add(function, flag(context, "alwaysinline"));
}

impl Attributes {
    /// Creates the attributes. `switches_preserve` is whether a switch preserves the callee-saved registers.
    pub(in crate::codegen) fn new(context: &Context, switches_preserve: bool) -> Attributes {
        let text = |name, value| context.create_string_attribute(name, value);
        Attributes {
            compiled: vec![
                flag(context, "nounwind"),
                flag(context, "noredzone"),
                value(context, "uwtable", ASYNC),
                text(SPLIT_STACK, ""),
                text("frame-pointer", "none"),
                text("no-realign-stack", ""),
                text("no-builtins", ""),
                text("target-cpu", CPU),
            ],
            no_callee_saved: (!switches_preserve).then(|| text(NO_CALLEE_SAVED, "")),
            no_tail_calls: text(NO_TAIL_CALLS, "true"),
            always_inline: flag(context, "alwaysinline"),
            coroutine: flag(context, "presplitcoroutine"),
            never_inline: flag(context, "noinline"),
            no_return: flag(context, "noreturn"),
            cold: flag(context, "cold"),
            free_to_inline: text("call-inline-cost", "0"),
            no_merge: flag(context, "nomerge"),
            unaliased: flag(context, "noalias"),
            zero_extended: flag(context, "zeroext"),
            nounwind: nounwind(context),
            mark: vec![
                nounwind(context),
                flag(context, "willreturn"),
                flag(context, "nosync"),
                flag(context, "nofree"),
                flag(context, "speculatable"),
                value(context, "memory", NO_MEMORY),
                text("call-inline-cost", "0"),
            ],
        }
    }

    fn add(function: FunctionValue<'_>, attribute: Attribute) {
        function.add_attribute(AttributeLoc::Function, attribute);
    }

    /// Marks a function that runs on green threads' stacks.
    pub(in crate::codegen) fn of_compiled(&self, function: FunctionValue<'_>) {
        for &attribute in &self.compiled {
            Self::add(function, attribute);
        }
    }

    /// Marks a function that may switch stacks before it returns.
    ///
    /// A switch clobbers every register. If yielding functions had to preserve registers for their callers, each
    /// function in a chain of calls would save all of these registers, although most callers use only a few.
    pub(in crate::codegen) fn of_yielding(&self, function: FunctionValue<'_>) {
        if let Some(attribute) = self.no_callee_saved {
            Self::add(function, attribute);
        }
    }

    /// Marks a call of an unknown function, which may switch stacks.
    pub(in crate::codegen) fn of_yielding_call(&self, call: CallSiteValue<'_>) {
        if let Some(attribute) = self.no_callee_saved {
            call.add_attribute(AttributeLoc::Function, attribute);
        }
    }

    /// Marks a stub, the code that a function value refers to.
    pub(in crate::codegen) fn of_stub(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        self.of_yielding(function);
        // After inlining, the stub may call itself and have a tail call of another function; see `mir::call_graph`.
        self.keep_recursion(function);
    }

    /// Marks a function that is too large to be inlined at each use: a loop that moves memory, or an outlined copy.
    pub(in crate::codegen) fn of_mover(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        Self::add(function, self.never_inline);
    }

    /// Marks the function that allocates objects. LLVM removes an allocation if all uses of the object are stores into
    /// it. The function reads memory, since the collector does, and deferred blocks if there is no memory left; but no
    /// write of it is visible. So LLVM keeps the values of fields over an allocation.
    ///
    /// The function is `weak`, as if the linker might replace it: before [`inline_allocator`], LLVM neither inlines it
    /// nor looks inside.
    pub(in crate::codegen) fn of_allocator(&self, context: &Context, function: FunctionValue<'_>) {
        self.of_compiled(function);
        function.set_linkage(Linkage::WeakAny);
        Self::add(function, value(context, "allockind", ALLOCATES));
        Self::add(function, context.create_string_attribute(ALLOC_FAMILY, "weft"));
        Self::add(function, value(context, "memory", READS_AND_INACCESSIBLE));
    }

    /// Marks a function of the program that is always inlined.
    pub(in crate::codegen) fn of_wrapper(&self, function: FunctionValue<'_>) {
        Self::add(function, self.always_inline);
    }

    /// Marks a function of the program that is never inlined.
    pub(in crate::codegen) fn of_outer(&self, function: FunctionValue<'_>) {
        Self::add(function, self.never_inline);
    }

    /// Marks a coroutine, which LLVM cuts at its suspensions.
    pub(in crate::codegen) fn of_coroutine(&self, function: FunctionValue<'_>) {
        Self::add(function, self.coroutine);
    }

    /// Marks a function whose recursion the optimiser must not turn into a loop.
    pub(in crate::codegen) fn keep_recursion(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_tail_calls);
    }

    /// Marks a function that is inlined at every level: a fast path, or a fragment that is a function only so that the
    /// IR is readable.
    pub(in crate::codegen) fn of_inlined(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        Self::add(function, self.always_inline);
    }

    /// Marks the function that returns the home of the running stack: the task or the continuation to which the stack
    /// belongs. The function reads memory, but its result does not change while a function runs, so LLVM may call it
    /// once for several uses, and before a loop. It has no prologue that checks the stack, since LLVM may move the call
    /// to a place that must not be a safepoint.
    pub(in crate::codegen) fn of_home(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        function.remove_string_attribute(AttributeLoc::Function, SPLIT_STACK);
        for &attribute in &self.mark {
            Self::add(function, attribute);
        }
        Self::add(function, self.never_inline);
    }

    /// Marks the first function of a thread. It is never inlined, since it ends in a switch that does not return.
    pub(in crate::codegen) fn of_entry(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        self.of_yielding(function);
        Self::add(function, self.never_inline);
    }

    /// Marks a function of the runtime, in the C calling convention.
    pub(in crate::codegen) fn of_runtime(&self, function: FunctionValue<'_>) {
        Self::add(function, self.nounwind);
    }

    /// Marks a declaration of a runtime function with the attributes that follow from its signature.
    pub(in crate::codegen) fn of_runtime_function(
        &self,
        declared: FunctionValue<'_>,
        function: RuntimeFunction,
    ) {
        // The symbol is in the same executable, so calls need no procedure linkage table.
        declared.as_global_value().set_visibility(GlobalVisibility::Hidden);
        self.of_runtime(declared);
        match function.result() {
            AbiType::Never => self.of_no_return(declared),
            AbiType::Bool | AbiType::Byte => self.zero_extend(declared, AttributeLoc::Return),
            AbiType::Unit | AbiType::Int | AbiType::Float | AbiType::Char | AbiType::Pointer => {}
        }
        for (index, ty) in function.parameters().iter().enumerate() {
            if matches!(ty, AbiType::Bool | AbiType::Byte) {
                self.zero_extend(declared, AttributeLoc::Param(index as u32));
            }
        }
    }

    /// Marks a function that ends the running thread or the process.
    pub(in crate::codegen) fn of_no_return(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_return);
        Self::add(function, self.cold);
        // Without this attribute, a few operators with checks would make a function too expensive for LLVM to inline.
        Self::add(function, self.free_to_inline);
    }

    /// Marks a slow path: LLVM moves the blocks that call it to the end of the function.
    pub(in crate::codegen) fn of_slow_path(&self, function: FunctionValue<'_>) {
        Self::add(function, self.cold);
        Self::add(function, self.free_to_inline);
    }

    /// Marks a call that is never inlined.
    pub(in crate::codegen) fn of_outer_call(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.never_inline);
    }

    /// The attributes of a reference to an object of at least `size` bytes.
    pub(in crate::codegen) fn of_reference(&self, context: &Context, size: u64) -> [Attribute; 3] {
        let word = size_of::<u64>() as u64;
        [flag(context, "nonnull"), value(context, "align", word), value(context, "dereferenceable", size)]
    }

    /// The attribute of a reference to an object to which nothing else refers.
    pub(in crate::codegen) fn unaliased(&self) -> Attribute {
        self.unaliased
    }

    /// Marks a call that LLVM must not merge with another call: the return address of a call identifies its source
    /// position.
    pub(in crate::codegen) fn keep_apart(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.no_merge);
    }

    /// Marks a `Bool` or `Byte` in the C calling convention as extended to a whole register; `location` is the
    /// parameter or the result.
    pub(in crate::codegen) fn zero_extend(&self, function: FunctionValue<'_>, location: AttributeLoc) {
        function.add_attribute(location, self.zero_extended);
    }

    /// Removes the attributes that rustc has set on a function. Attributes of parameters and of the result stay.
    pub(in crate::codegen) fn forget(&self, function: FunctionValue<'_>) {
        for attribute in function.attributes(AttributeLoc::Function) {
            if attribute.is_string() {
                let name = attribute.get_string_kind_id().to_string_lossy();
                function.remove_string_attribute(AttributeLoc::Function, &name);
            } else {
                function.remove_enum_attribute(AttributeLoc::Function, attribute.get_enum_kind_id());
            }
        }
    }
}
