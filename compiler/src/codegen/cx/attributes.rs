//! The attributes of functions and calls. They keep stacks small, and frames free of addresses, so that stacks can
//! move.
//!
//! Every compiled function has the calling convention `tailcc`: arguments travel as in C, and the callee removes those
//! on the stack. So a call in tail position can always reuse the caller's frame.
//!
//! | attribute | reason |
//! |---|---|
//! | `split-stack` | the prologue compares `rsp` with the stack limit and calls `__morestack` |
//! | `noredzone` | the switch pushes, so nothing may live below `rsp` |
//! | `frame-pointer=none`, `no-realign-stack` | `rbp` would hold an address of the stack |
//! | `no-builtins` | no loop becomes a call of `memset`, which would run on a small stack |
//! | `nounwind`, `uwtable` | nothing is thrown, but traces walk the stack |
//! | `no_callee_saved_registers` | see [`Attributes::of_yielding`] |

use inkwell::GlobalVisibility;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::types::IntType;
use inkwell::values::{CallSiteValue, FunctionValue};
use weft_abi::{AbiType, RuntimeFunction};

/// LLVM's number of the calling convention `tailcc`.
pub(in crate::codegen) const TAILCC: u32 = 18;

/// The CPU that code is generated for: baseline x86-64. A wider machine has more registers, and the switch would have
/// to name them all as destroyed.
pub(in crate::codegen) const CPU: &str = "x86-64";

const NO_CALLEE_SAVED: &str = "no_callee_saved_registers";

/// An attribute for LLVM's passes alone; [`allow_tail_calls`] takes it back.
const NO_TAIL_CALLS: &str = "disable-tail-calls";

/// LLVM's memory effects of a function that neither reads nor writes memory.
const NO_MEMORY: u64 = 0;

/// LLVM's `UWTableKind::Async`: an unwind table that holds at every instruction.
const ASYNC: u64 = 2;

/// All attributes in use, made once.
pub(in crate::codegen) struct Attributes {
    compiled: Vec<Attribute>,
    no_callee_saved: Attribute,
    no_tail_calls: Attribute,
    always_inline: Attribute,
    never_inline: Attribute,
    no_return: Attribute,
    cold: Attribute,
    free_to_inline: Attribute,
    no_merge: Attribute,
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

/// The attribute of code that throws nothing.
pub(in crate::codegen) fn nounwind(context: &Context) -> Attribute {
    flag(context, "nounwind")
}

/// The attribute of inline assembly with an operand in memory: the type that the operand points to.
pub(in crate::codegen) fn element_type(context: &Context, ty: IntType<'_>) -> Attribute {
    let kind = Attribute::get_named_enum_kind_id("elementtype");
    context.create_type_attribute(kind, ty.into())
}

/// The attribute of code that touches no memory that the module can see. It keeps its place among other code that says
/// so or says nothing, such as a switch.
pub(in crate::codegen) fn inaccessible_memory_only(context: &Context) -> Attribute {
    // LLVM packs two bits, read and write, for each kind of memory; this is the second kind (`MemoryEffects`).
    value(context, "memory", 0b11 << 2)
}

/// Repeats at a call the attribute of the callee that callers must know: the registers that it destroys.
pub(in crate::codegen) fn repeat_at_call(function: FunctionValue<'_>, call: CallSiteValue<'_>) {
    if let Some(attribute) = function.get_string_attribute(AttributeLoc::Function, NO_CALLEE_SAVED) {
        call.add_attribute(AttributeLoc::Function, attribute);
    }
}

/// Takes back [`Attributes::keep_recursion`]. To LLVM's code generation the attribute would mean more: only calls
/// marked as `musttail` would still be tail calls.
pub(in crate::codegen) fn allow_tail_calls(function: FunctionValue<'_>) {
    function.remove_string_attribute(AttributeLoc::Function, NO_TAIL_CALLS);
}

impl Attributes {
    pub(in crate::codegen) fn new(context: &Context) -> Attributes {
        let text = |name, value| context.create_string_attribute(name, value);
        Attributes {
            compiled: vec![
                flag(context, "nounwind"),
                flag(context, "noredzone"),
                value(context, "uwtable", ASYNC),
                text("split-stack", ""),
                text("frame-pointer", "none"),
                text("no-realign-stack", ""),
                text("no-builtins", ""),
                text("target-cpu", CPU),
            ],
            no_callee_saved: text(NO_CALLEE_SAVED, ""),
            no_tail_calls: text(NO_TAIL_CALLS, "true"),
            always_inline: flag(context, "alwaysinline"),
            never_inline: flag(context, "noinline"),
            no_return: flag(context, "noreturn"),
            cold: flag(context, "cold"),
            free_to_inline: text("call-inline-cost", "0"),
            no_merge: flag(context, "nomerge"),
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

    /// A function that runs on green threads' stacks.
    pub(in crate::codegen) fn of_compiled(&self, function: FunctionValue<'_>) {
        for &attribute in &self.compiled {
            Self::add(function, attribute);
        }
    }

    /// A function that may switch stacks before it returns.
    ///
    /// A switch destroys every register. If this function saved those of its caller, it would do so at every depth of
    /// calls, for a caller that may not need them.
    pub(in crate::codegen) fn of_yielding(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_callee_saved);
    }

    /// A call of an unknown function, which may switch stacks.
    pub(in crate::codegen) fn of_yielding_call(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.no_callee_saved);
    }

    /// The code that a function value points to.
    pub(in crate::codegen) fn of_stub(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        self.of_yielding(function);
        // Any function may be inlined into it; see `mir::call_graph`.
        self.keep_recursion(function);
    }

    /// A function with a loop, too large to be repeated at each use.
    pub(in crate::codegen) fn of_mover(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        Self::add(function, self.never_inline);
    }

    /// A function of the program that is always inlined.
    pub(in crate::codegen) fn of_wrapper(&self, function: FunctionValue<'_>) {
        Self::add(function, self.always_inline);
    }

    /// A function whose recursion the optimiser must not turn into a loop.
    pub(in crate::codegen) fn keep_recursion(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_tail_calls);
    }

    /// A fragment that is a function only for the reader of the IR: it is inlined at every level.
    pub(in crate::codegen) fn of_inlined(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        Self::add(function, self.always_inline);
    }

    /// The first function of a thread. It stays a function, since it ends in a switch that does not come back.
    pub(in crate::codegen) fn of_entry(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        self.of_yielding(function);
        Self::add(function, self.never_inline);
    }

    /// A function of the runtime, in the C calling convention.
    pub(in crate::codegen) fn of_runtime(&self, function: FunctionValue<'_>) {
        Self::add(function, self.nounwind);
    }

    /// A declaration of a runtime function, with all that LLVM may assume of it.
    pub(in crate::codegen) fn of_runtime_function(
        &self,
        declared: FunctionValue<'_>,
        function: RuntimeFunction,
    ) {
        // The symbol is in the same executable: no detour through a table of imported functions.
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

    /// A function that ends the running thread or the process.
    pub(in crate::codegen) fn of_no_return(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_return);
        Self::add(function, self.cold);
        // Without this a few checked operators would keep the function that they are in from being inlined.
        Self::add(function, self.free_to_inline);
    }

    /// A slow path: blocks that lead to it are moved out of the way.
    pub(in crate::codegen) fn of_slow_path(&self, function: FunctionValue<'_>) {
        Self::add(function, self.cold);
        Self::add(function, self.free_to_inline);
    }

    /// A function that returns its argument and does nothing else; see `values::references`.
    pub(in crate::codegen) fn of_mark(&self, function: FunctionValue<'_>) {
        for &attribute in &self.mark {
            Self::add(function, attribute);
        }
    }

    /// A call that is never inlined.
    pub(in crate::codegen) fn of_outer_call(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.never_inline);
    }

    /// A reference to an object of at least `size` bytes.
    pub(in crate::codegen) fn of_reference(&self, context: &Context, size: u64) -> [Attribute; 3] {
        let word = size_of::<u64>() as u64;
        [flag(context, "nonnull"), value(context, "align", word), value(context, "dereferenceable", size)]
    }

    /// A call that is never merged with another one, because its address tells its place in the source.
    pub(in crate::codegen) fn keep_apart(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.no_merge);
    }

    /// A `Bool` or `Byte` in the C calling convention, extended to a whole register; `location` is the parameter or the
    /// result.
    pub(in crate::codegen) fn zero_extend(&self, function: FunctionValue<'_>, location: AttributeLoc) {
        function.add_attribute(location, self.zero_extended);
    }

    /// Removes all attributes that another compiler gave to a function as a whole.
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
