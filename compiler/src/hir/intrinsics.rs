//! The operations that only the library can name; `stdlib/intrinsics.weft` declares each with its types.

macro_rules! define_intrinsics {
    ($($name:ident $text:literal;)*) => {
        /// An operation of the library that is an instruction or a function of the runtime.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "`stdlib/intrinsics.weft` documents each")]
        pub enum Intrinsic { $($name),* }

        impl Intrinsic {
            /// Every one of them.
            pub const ALL: &'static [Intrinsic] = &[$(Intrinsic::$name),*];

            /// Its name in the source.
            pub const fn name(self) -> &'static str {
                match self { $(Intrinsic::$name => $text),* }
            }
        }
    };
}

define_intrinsics! {
    ArrayNew "array_new";
    ArrayLength "array_length";
    ArrayGet "array_get";
    ArraySet "array_set";
    ArrayCopy "array_copy";
    CheckIndex "check_index";
    StringLength "string_length";
    StringByte "string_byte";
    StringSlice "string_slice";
    StringOfBytes "string_of_bytes";
    StringCopy "string_copy";
    IsUtf8 "is_utf8";
    StringFind "string_find";
    StringUpper "string_upper";
    StringLower "string_lower";
    IsFloat "is_float";
    StringFloat "string_float";
    CharIsWhitespace "char_is_whitespace";
    ByteToInt "byte_to_int";
    IntToByte "int_to_byte";
    CharToInt "char_to_int";
    IntToChar "int_to_char";
    IntToFloat "int_to_float";
    FloatToInt "float_to_int";
    CountOnes "count_ones";
    MultiplyHigh "multiply_high";
    FloatSqrt "float_sqrt";
    FloatAbs "float_abs";
    FloatSin "float_sin";
    FloatCos "float_cos";
    FloatTan "float_tan";
    FloatExp "float_exp";
    FloatLn "float_ln";
    FloatPow "float_pow";
    FloatFloor "float_floor";
    FloatCeil "float_ceil";
    FloatRound "float_round";
    ShownInside "shown_inside";
    ShowInto "show_into";
    AddressOf "address_of";
    HashSeed "hash_seed";
    TaskJoin "task_join";
    TaskWait "task_wait";
    TaskHasPanicked "task_has_panicked";
    TaskPanicMessage "task_panic_message";
    TaskWasCancelled "task_was_cancelled";
    TaskIsDone "task_is_done";
    TaskId "task_id";
    TaskCancel "task_cancel";
    WaitList "wait_list";
    ListKeep "list_keep";
    ListKept "list_kept";
    LockList "lock_list";
    UnlockList "unlock_list";
    HasWaiter "has_waiter";
    TakeWaiter "take_waiter";
    WaitPlain "wait_plain";
    WaitTake "wait_take";
    WaitGive "wait_give";
    WaiterPut "waiter_put";
    WaiterGet "waiter_get";
    Wake "wake";
    WakeAll "wake_all";
    SelectEnlist "select_enlist";
    SelectTimer "select_timer";
    SelectWithdraw "select_withdraw";
    WaiterOutcome "waiter_outcome";
    SleepFor "sleep_for";
    IsHeld "is_held";
    Hold "hold";
    Release "release";
    CleanupPlace "cleanup_place";
    CleanupPut "cleanup_put";
    AtomicNew "atomic_new";
    AtomicGet "atomic_get";
    AtomicSet "atomic_set";
    AtomicAdd "atomic_add";
    AtomicSub "atomic_sub";
    AtomicSwap "atomic_swap";
    AtomicCompareExchange "atomic_compare_exchange";
    Arguments "arguments";
    Environment "environment";
    HasEnvironment "has_environment";
    ExitProcess "exit_process";
    WriteBytes "write_bytes";
    FlushOutput "flush_output";
    Now "now";
    ErrorText "error_text";
    TakeInputLine "take_input_line";
    TakeInput "take_input";
    OutcomeError "outcome_error";
    OutcomeBytes "outcome_bytes";
    OutcomeStrings "outcome_strings";
    OutcomeFree "outcome_free";
    FillInput "fill_input";
    ReadPath "read_path";
    WritePath "write_path";
    RemovePath "remove_path";
    ExistsPath "exists_path";
    ListPath "list_path";
}

impl Intrinsic {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Intrinsic> {
        Intrinsic::ALL.iter().copied().find(|intrinsic| intrinsic.name() == name)
    }
}
