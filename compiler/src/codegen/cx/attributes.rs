//! The attributes of functions: what makes stacks small and movable.
//!
//! Every compiled function uses the convention `tailcc`: arguments travel as in C, the callee removes those on the
//! stack, and so a call in tail position can always reuse the caller's frame.
//!
//! | attribute | why |
//! |---|---|
//! | `split-stack` | the prologue compares `rsp` with the stack's limit and calls `__morestack` |
//! | `noredzone` | the switch pushes, so nothing may live below `rsp` |
//! | `frame-pointer=none`, `no-realign-stack` | `rbp` would hold an address of the stack |
//! | `no-builtins` | no loop becomes a call of `memset`, which would run on a small stack |
//! | `nounwind`, `uwtable` | nothing is thrown, but traces walk the stack |
//! | `no_callee_saved_registers` | see [`Attributes::of_yielding`] |

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::types::IntType;
use inkwell::values::{CallSiteValue, FunctionValue};

/// LLVM's number of the calling convention `tailcc`.
pub(super) const TAILCC: u32 = 18;

/// Baseline x86-64. The switch lists the registers that such code uses: a wider machine means a longer list.
pub(super) const CPU: &str = "x86-64";

const NO_CALLEE_SAVED: &str = "no_callee_saved_registers";

/// For the optimiser alone, see [`allow_tail_calls`].
const NO_TAIL_CALLS: &str = "disable-tail-calls";

/// No kind of memory is read or written.
const NO_MEMORY: u64 = 0;

/// An unwind table for every instruction, LLVM's `UWTableKind::Async`.
const ASYNC: u64 = 2;

/// The sets of attributes, made once.
pub(super) struct Attributes {
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

/// Nothing is thrown.
pub(super) fn nounwind(context: &Context) -> Attribute {
    flag(context, "nounwind")
}

/// What the operand in memory of inline assembly points to.
pub(super) fn element_type(context: &Context, ty: IntType<'_>) -> Attribute {
    let kind = Attribute::get_named_enum_kind_id("elementtype");
    context.create_type_attribute(kind, ty.into())
}

/// Touches no memory that the module can see. It keeps its place among other code that says so or says nothing, such
/// as a switch.
pub(super) fn inaccessible_memory_only(context: &Context) -> Attribute {
    // LLVM packs two bits, read and write, for each kind of memory; this is the second kind (`MemoryEffects`).
    value(context, "memory", 0b11 << 2)
}

/// What a call must repeat of the callee's attributes: which registers it destroys.
pub(super) fn repeat_at_call(function: FunctionValue<'_>, call: CallSiteValue<'_>) {
    if let Some(attribute) = function.get_string_attribute(AttributeLoc::Function, NO_CALLEE_SAVED) {
        call.add_attribute(AttributeLoc::Function, attribute);
    }
}

/// Takes back [`Attributes::keep_recursion`]. To code generation it would mean more: only calls marked as `musttail`
/// would still be tail calls.
pub(super) fn allow_tail_calls(function: FunctionValue<'_>) {
    function.remove_string_attribute(AttributeLoc::Function, NO_TAIL_CALLS);
}

impl Attributes {
    pub(super) fn new(context: &Context) -> Attributes {
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

    /// Code that runs on green stacks.
    pub(super) fn of_compiled(&self, function: FunctionValue<'_>) {
        for &attribute in &self.compiled {
            Self::add(function, attribute);
        }
    }

    /// Code that may switch stacks before it returns. A switch destroys every register, so if this function saved
    /// those of its caller it would do so each time, at every depth of calls, for a caller that may not need them.
    pub(super) fn of_yielding(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_callee_saved);
    }

    /// A call of what nobody knows, which may be code that switches.
    pub(super) fn of_yielding_call(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.no_callee_saved);
    }

    /// The code of a function value.
    pub(super) fn of_stub(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        self.of_yielding(function);
        // What is inlined into it may be any function, see `recursion`.
        self.keep_recursion(function);
    }

    /// A loop that is too much to be repeated wherever it is needed.
    pub(super) fn of_mover(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        Self::add(function, self.never_inline);
    }

    /// A function of the program that is always inlined.
    pub(super) fn of_wrapper(&self, function: FunctionValue<'_>) {
        Self::add(function, self.always_inline);
    }

    /// The optimiser makes no loop of the function's recursion.
    pub(super) fn keep_recursion(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_tail_calls);
    }

    /// A piece of code that is a function only for the reader of the IR.
    pub(super) fn of_inlined(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        Self::add(function, self.always_inline);
    }

    /// The first function of a thread. It must stay one: it ends in a switch that does not come back.
    pub(super) fn of_entry(&self, function: FunctionValue<'_>) {
        self.of_compiled(function);
        self.of_yielding(function);
        Self::add(function, self.never_inline);
    }

    /// A function of the runtime, in the C calling convention.
    pub(super) fn of_runtime(&self, function: FunctionValue<'_>) {
        Self::add(function, self.nounwind);
    }

    /// A function that ends the running thread or the process.
    pub(super) fn of_no_return(&self, function: FunctionValue<'_>) {
        Self::add(function, self.no_return);
        Self::add(function, self.cold);
        // As many checks as a few operators have would otherwise keep the function they are in from being inlined.
        Self::add(function, self.free_to_inline);
    }

    /// A slow path: what leads to it is moved out of the way.
    pub(super) fn of_slow_path(&self, function: FunctionValue<'_>) {
        Self::add(function, self.cold);
        Self::add(function, self.free_to_inline);
    }

    /// A function that gives back its argument and does nothing; see `presence`.
    pub(super) fn of_mark(&self, function: FunctionValue<'_>) {
        for &attribute in &self.mark {
            Self::add(function, attribute);
        }
    }

    /// A call that stays one.
    pub(super) fn of_outer_call(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.never_inline);
    }

    /// A reference to an object of at least so many bytes.
    pub(super) fn of_reference(&self, context: &Context, size: u64) -> [Attribute; 3] {
        let word = size_of::<u64>() as u64;
        [flag(context, "nonnull"), value(context, "align", word), value(context, "dereferenceable", size)]
    }

    /// A call that must keep a place of its own in the code, because its address tells where in the source it is.
    pub(super) fn keep_apart(&self, call: CallSiteValue<'_>) {
        call.add_attribute(AttributeLoc::Function, self.no_merge);
    }

    /// A `Bool` or `Byte` in the C calling convention: a whole register, as `location` of the function.
    pub(super) fn zero_extend(&self, function: FunctionValue<'_>, location: AttributeLoc) {
        function.add_attribute(location, self.zero_extended);
    }

    /// Removes what another compiler has said of a function as a whole.
    pub(super) fn forget(&self, function: FunctionValue<'_>) {
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
