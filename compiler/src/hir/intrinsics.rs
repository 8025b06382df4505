//! Intrinsics: operations that only the library can name. `stdlib/intrinsics.weft` declares each with its types.
//!
//! An intrinsic is a runtime function, a row of `weft_abi::for_each_runtime_function`, or it is an instruction of MIR,
//! a row of [`for_each_instruction`]. To add one:
//!
//! | | runtime function | instruction |
//! |---|---|---|
//! | declare it | `stdlib/intrinsics.weft` | `stdlib/intrinsics.weft` |
//! | add a row | `runtime/abi/src/functions.rs` | here |
//! | implement it | `runtime/src/entry`, `mir/interpret/runtime` | `lower/intrinsics.rs`, if its lowering is `own` |

use weft_abi::{RuntimeFunction, RuntimeGroup};

/// Calls `$callback!` with all intrinsics that are instructions. A row is `Variant name effect = lowering;`: the name
/// is that in the source, the effect an [`Effect`], and `lower/intrinsics.rs` expands the lowering.
macro_rules! for_each_instruction {
    ($callback:ident) => {
        $callback! {
            // The function that it is in.
            AlwaysInline always_inline Acts = own;

            // Arrays and strings as memory.
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
            SleepFor sleep_for Acts = own;

            // Numbers that several workers change.
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

/// The effect of an intrinsic besides its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// None: it reads, computes, or makes something new.
    Reads,
    /// It writes to its first argument.
    Fills,
    /// Anything else.
    Acts,
}

macro_rules! define_instructions {
    ($($name:ident $text:ident $effect:ident = $lowering:ident $($operation:ident)?;)*) => {
        /// An intrinsic that is an instruction of MIR, or a few.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "`stdlib/intrinsics.weft` documents each")]
        pub enum Instruction { $($name),* }

        impl Instruction {
            /// Every instruction.
            pub const ALL: &'static [Instruction] = &[$(Instruction::$name),*];

            /// Its name in the source.
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

/// An operation that only the library can name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Intrinsic {
    /// A function of the runtime that MIR may call.
    Runtime(RuntimeFunction),
    /// An instruction.
    Instruction(Instruction),
}

/// The start of the symbols of runtime functions, which their names in the source lack.
const SYMBOL_PREFIX: &str = "weft_";

impl Intrinsic {
    /// The intrinsic of that name.
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

    /// Its effect besides its value.
    pub fn effect(self) -> Effect {
        match self {
            Intrinsic::Instruction(instruction) => instruction.effect(),
            Intrinsic::Runtime(function) => runtime_effect(function),
        }
    }
}

/// The effect of a runtime function. Only warnings depend on it, so a function that is missing here acts.
fn runtime_effect(function: RuntimeFunction) -> Effect {
    use RuntimeFunction as F;
    match function {
        F::StringSlice
        | F::StringOfBytes
        | F::IsUtf8
        | F::StringFind
        | F::StringUpper
        | F::StringLower
        | F::IsFloat
        | F::StringFloat
        | F::CharIsWhitespace
        | F::FloatSin
        | F::FloatCos
        | F::FloatTan
        | F::FloatExp
        | F::FloatLn
        | F::FloatPow
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
