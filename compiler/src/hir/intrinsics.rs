//! Intrinsics: operations that only the library can call. `stdlib/intrinsics.weft` declares each with its types.
//!
//! An intrinsic is either a runtime function, with a row in `weft_abi::for_each_runtime_function`, or an instruction of
//! MIR, with a row in [`for_each_instruction`]. To add an intrinsic:
//!
//! | | runtime function | instruction |
//! |---|---|---|
//! | declare it | `stdlib/intrinsics.weft` | `stdlib/intrinsics.weft` |
//! | add a row | `runtime/abi/src/functions.rs` | here |
//! | implement it | `runtime/src/entry`, `mir/interpret/runtime` | `lower/intrinsics.rs`, if its lowering is `own` |

use weft_abi::{RuntimeFunction, RuntimeGroup};

/// Calls `$callback!` with all intrinsics that are instructions. A row is `Variant name effect = lowering;`, where
/// `name` is the name in the source and `effect` an [`Effect`]; `lower/intrinsics.rs` expands `lowering`.
macro_rules! for_each_instruction {
    ($callback:ident) => {
        $callback! {
            // Attributes of the surrounding function.
            AlwaysInline always_inline Acts = own;

            // Raw access to arrays and strings.
            ArrayNew array_new Reads = own;
            ArrayLength array_length Reads = own;
            ArrayGet array_get Reads = own;
            ArraySet array_set Fills = own;
            ArrayCopy array_copy Fills = own;
            CheckIndex check_index Reads = own;
            StringLength string_length Reads = own;
            StringByte string_byte Reads = own;

            // Numbers.
            ByteToInt byte_to_int Reads = unary ByteToInt;
            IntToByte int_to_byte Reads = unary IntToByte;
            CharToInt char_to_int Reads = unary CharToInt;
            IntToChar int_to_char Reads = unary IntToChar;
            IntToFloat int_to_float Reads = unary IntToFloat;
            FloatToInt float_to_int Reads = unary FloatToInt;
            CountOnes count_ones Reads = unary CountOnes;
            LeadingZeros leading_zeros Reads = unary LeadingZeros;
            FloatBits float_bits Reads = unary FloatBits;
            MultiplyHigh multiply_high Reads = own;
            FloatSqrt float_sqrt Reads = unary SquareRoot;
            FloatAbs float_abs Reads = unary Absolute;

            // Values of any type.
            ShownInside shown_inside Reads = own;
            ShowInto show_into Acts = own;
            AddressOf address_of Acts = unary Address;

            // Green threads.
            TaskJoin task_join Acts = task Join;
            TaskWait task_wait Acts = task Wait;
            TaskHasPanicked task_has_panicked Acts = task HasPanicked;
            TaskPanicMessage task_panic_message Acts = task PanicMessage;
            TaskIsDone task_is_done Reads = task IsDone;
            TaskId task_id Reads = task TaskId;
            TaskCancel task_cancel Acts = waiting Cancel;

            // Generators.
            GenNext gen_next Acts = own;
            GenClose gen_close Acts = own;

            // Continuations.
            ContinuationNew continuation_new Acts = continuation New;
            ContinuationResume continuation_resume Acts = continuation Resume;
            ContinuationSuspend continuation_suspend Acts = continuation Suspend;
            ContinuationClose continuation_close Acts = continuation Close;
            TakeDeferred take_deferred Acts = continuation TakeDeferred;
            StackNew stack_new Acts = continuation NewSymmetric;
            StackSwap stack_swap Acts = continuation Swap;

            // Wait lists.
            ListKeep list_keep Fills = typed_waiting Keep;
            ListKept list_kept Reads = typed_waiting Kept;
            LockList lock_list Acts = waiting Lock;
            UnlockList unlock_list Acts = waiting Unlock;
            TakeWaiter take_waiter Acts = waiting TakeWaiter;
            WaitPlain wait_plain Acts = waiting Wait;
            WaitTake wait_take Acts = typed_waiting WaitTake;
            WaitGive wait_give Acts = typed_waiting WaitGive;
            WaiterPut waiter_put Acts = typed_waiting Put;
            WaiterGet waiter_get Acts = typed_waiting Get;
            Wake wake Acts = waiting Wake;
            BufferPut buffer_put Acts = waiting BufferPut;
            BufferGet buffer_get Acts = waiting BufferGet;
            BufferMove buffer_move Acts = waiting BufferMove;
            Pause pause Acts = waiting Pause;

            // Atomic numbers.
            AtomicNew atomic_new Reads = own;
            AtomicGet atomic_get Reads = atomic Get;
            AtomicSet atomic_set Acts = atomic Swap;
            AtomicAdd atomic_add Acts = atomic Add;
            AtomicSub atomic_sub Acts = atomic Subtract;
            AtomicSwap atomic_swap Acts = atomic Swap;
            AtomicCompareExchange atomic_compare_exchange Acts = atomic CompareExchange;

            // The process.
            ExitProcess exit_process Acts = own;
        }
    };
}
pub(crate) use for_each_instruction;

/// The side effects of an intrinsic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// None: the intrinsic reads, computes or allocates.
    Reads,
    /// The intrinsic writes to its first argument, and does nothing else.
    Fills,
    /// Any other effect.
    Acts,
}

macro_rules! define_instructions {
    ($($name:ident $text:ident $effect:ident = $lowering:ident $($operation:ident)?;)*) => {
        /// An intrinsic that is lowered to one or a few MIR instructions.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "`stdlib/intrinsics.weft` documents each")]
        pub enum Instruction { $($name),* }

        impl Instruction {
            /// Every instruction.
            pub const ALL: &'static [Instruction] = &[$(Instruction::$name),*];

            /// The name in the source.
            pub const fn name(self) -> &'static str {
                match self { $(Instruction::$name => stringify!($text)),* }
            }

            const fn effect(self) -> Effect {
                match self { $(Instruction::$name => Effect::$effect),* }
            }
        }
    };
}

for_each_instruction!(define_instructions);

/// An operation that only the library can call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Intrinsic {
    /// A runtime function that MIR may call.
    Runtime(RuntimeFunction),
    /// An intrinsic that is lowered to MIR instructions.
    Instruction(Instruction),
}

/// The prefix of the symbols of runtime functions; their names in the source lack the prefix.
const SYMBOL_PREFIX: &str = "weft_";

impl Intrinsic {
    /// The intrinsic with that name.
    pub fn named(name: &str) -> Option<Intrinsic> {
        let instruction = Instruction::ALL.iter().copied().find(|instruction| instruction.name() == name);
        instruction.map(Intrinsic::Instruction).or_else(|| {
            let is_named = |function: &RuntimeFunction| {
                matches!(function.group(), RuntimeGroup::Program | RuntimeGroup::Blocking)
                    && function.symbol().strip_prefix(SYMBOL_PREFIX) == Some(name)
            };
            RuntimeFunction::ALL.iter().copied().find(is_named).map(Intrinsic::Runtime)
        })
    }

    /// The intrinsic's side effects.
    pub fn effect(self) -> Effect {
        match self {
            Intrinsic::Instruction(instruction) => instruction.effect(),
            Intrinsic::Runtime(function) => runtime_effect(function),
        }
    }
}

/// The side effects of a runtime function. Only warnings depend on the result, so [`Effect::Acts`] is a safe default
/// for functions that are not listed here.
fn runtime_effect(function: RuntimeFunction) -> Effect {
    use RuntimeFunction as F;
    match function {
        F::StringSlice
        | F::StringOfBytes
        | F::IsUtf8
        | F::StringFind
        | F::StringCount
        | F::StringSplit
        | F::StringReplace
        | F::StringUpper
        | F::StringLower
        | F::IsFloat
        | F::StringFloat
        | F::CharIsWhitespace
        | F::CharIsAlphabetic
        | F::CharIsNumeric
        | F::FloatSin
        | F::FloatCos
        | F::FloatTan
        | F::FloatExp
        | F::FloatLn
        | F::FloatPow
        | F::FloatAsin
        | F::FloatAcos
        | F::FloatAtan
        | F::FloatSinh
        | F::FloatCosh
        | F::FloatTanh
        | F::FloatLog10
        | F::FloatLog2
        | F::FloatCbrt
        | F::FloatAtan2
        | F::FloatHypot
        | F::FloatOfBits
        | F::FloatFloor
        | F::FloatCeil
        | F::FloatRound
        | F::HashSeed
        | F::WaitListNew
        | F::Arguments
        | F::Environment
        | F::HasEnvironment
        | F::Now
        | F::ErrorText => Effect::Reads,
        F::StringCopy => Effect::Fills,
        _ => Effect::Acts,
    }
}
