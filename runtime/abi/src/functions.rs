//! The runtime functions that generated code may call, with their signatures: one table for both sides.
//!
//! The compiler expands [`for_each_runtime_function`] into declarations; the runtime expands it into typed checks of
//! its definitions and into the thunks that carry each call over to the worker's own stack.

/// How a value travels in the C calling convention.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AbiType {
    /// No value.
    Unit,
    /// One byte, 0 or 1.
    Bool,
    /// A signed 64-bit integer.
    Int,
    /// A double.
    Float,
    /// A Unicode scalar value in 32 bits.
    Char,
    /// An unsigned 8-bit integer.
    Byte,
    /// An address.
    Pointer,
    /// The function does not return.
    Never,
}

/// Calls `$callback! { on_worker { ... } anywhere { ... } }` with the whole table. A row is
/// `Variant symbol (parameters) -> result;`. What is called on the worker's own stack may use the heap; what is called
/// anywhere runs on any OS thread that has a stack of the usual size, and does not.
#[macro_export]
macro_rules! for_each_runtime_function {
    ($callback:ident) => {
        $callback! { on_worker {
            // Output. Each takes a string; `line` adds a newline.
            Print weft_print(Pointer) -> Unit;
            PrintLine weft_print_line(Pointer) -> Unit;
            Eprint weft_eprint(Pointer) -> Unit;
            EprintLine weft_eprint_line(Pointer) -> Unit;

            // Text: parts are appended to a buffer of the worker, `TextFinish` makes a string of it and empties it.
            // Between the first part and the finish the green thread does not yield.
            TextString weft_text_string(Pointer) -> Unit;
            TextInt weft_text_int(Int) -> Unit;
            TextFloat weft_text_float(Float) -> Unit;
            TextBool weft_text_bool(Bool) -> Unit;
            TextChar weft_text_char(Char) -> Unit;
            TextByte weft_text_byte(Byte) -> Unit;
            // With a packed `FormatSpec`.
            TextStringAs weft_text_string_as(Pointer, Int) -> Unit;
            TextIntAs weft_text_int_as(Int, Int) -> Unit;
            TextFloatAs weft_text_float_as(Float, Int) -> Unit;
            TextCharAs weft_text_char_as(Char, Int) -> Unit;
            TextByteAs weft_text_byte_as(Byte, Int) -> Unit;
            TextFinish weft_text_finish() -> Pointer;

            // Strings.
            StringConcat weft_string_concat(Pointer, Pointer) -> Pointer;
            StringEqual weft_string_equal(Pointer, Pointer) -> Bool;
            // -1, 0 or 1, by bytes.
            StringCompare weft_string_compare(Pointer, Pointer) -> Int;

            // The bytes `from..to`.
            StringSlice weft_string_slice(Pointer, Int, Int) -> Pointer;
            // Of an array of bytes: the array, the first, how many.
            StringOfBytes weft_string_of_bytes(Pointer, Int, Int) -> Pointer;
            IsUtf8 weft_is_utf8(Pointer, Int, Int) -> Bool;
            // Into an array of bytes: the array, where, the string.
            StringCopy weft_string_copy(Pointer, Int, Pointer) -> Unit;
            // Haystack, needle, where to begin; -1 when it is not there.
            StringFind weft_string_find(Pointer, Pointer, Int) -> Int;
            StringHash weft_string_hash(Pointer) -> Int;
            StringUpper weft_string_upper(Pointer) -> Pointer;
            StringLower weft_string_lower(Pointer) -> Pointer;
            IsFloat weft_is_float(Pointer) -> Bool;
            StringFloat weft_string_float(Pointer) -> Float;
            StringQuoted weft_string_quoted(Pointer) -> Pointer;
            CharQuoted weft_char_quoted(Char) -> Pointer;
            CharIsWhitespace weft_char_is_whitespace(Char) -> Bool;

            // The C library's `fmod`, and other functions that no instruction computes.
            FloatRemainder weft_float_remainder(Float, Float) -> Float;
            FloatSin weft_float_sin(Float) -> Float;
            FloatCos weft_float_cos(Float) -> Float;
            FloatTan weft_float_tan(Float) -> Float;
            FloatExp weft_float_exp(Float) -> Float;
            FloatLn weft_float_ln(Float) -> Float;
            FloatPow weft_float_pow(Float, Float) -> Float;
            FloatFloor weft_float_floor(Float) -> Float;
            FloatCeil weft_float_ceil(Float) -> Float;
            // To the nearest, halves away from zero.
            FloatRound weft_float_round(Float) -> Float;

            // The process.
            Arguments weft_arguments() -> Pointer;
            Environment weft_environment(Pointer) -> Pointer;
            HasEnvironment weft_has_environment(Pointer) -> Bool;
            // File descriptor, array of bytes, the first, how many; 0 or the system's error number. What goes to
            // standard output is buffered.
            WriteBytes weft_write_bytes(Int, Pointer, Int, Int) -> Int;
            // Writes what is buffered; 0 or the system's error number.
            FlushOutput weft_flush_output() -> Int;
            // Nanoseconds of the monotonic clock.
            Now weft_now() -> Int;
            ErrorText weft_error_text(Int) -> Pointer;
            HashSeed weft_hash_seed() -> Int;
            Exit weft_exit(Int) -> Never;

            // Out of standard input's buffer: its next line with its newline, or after the end what is left; all.
            TakeInputLine weft_take_input_line() -> Pointer;
            TakeInput weft_take_input() -> Pointer;

            // What a blocking function brought, by the number that it gave.
            OutcomeError weft_outcome_error(Int) -> Int;
            OutcomeBytes weft_outcome_bytes(Int) -> Pointer;
            OutcomeStrings weft_outcome_strings(Int) -> Pointer;
            OutcomeFree weft_outcome_free(Int) -> Unit;

            // Calls in which only the green thread waits, see `weft_abi::blocking`.
            // Function, number of words of arguments, `BlockingResult`: a new `BlockingCall`.
            BlockingNew weft_blocking_new(Pointer, Int, Int) -> Pointer;
            // Hands the call over to another OS thread. The green thread parks with no other in between.
            BlockingSubmit weft_blocking_submit(Pointer) -> Unit;
            // Runs the call here.
            BlockingRun weft_blocking_run(Pointer) -> Unit;
            // Frees the call; a `BlockingResult::String` becomes one of the strings that `CStringsFree` frees.
            BlockingFree weft_blocking_free(Pointer) -> Unit;

            // Strings for C. A copy of a string with a zero at its end; panics if there is another zero. The last
            // parameter is a `Site`. The worker owns the copy until `CStringsFree`, a panic, or `BlockingSubmit`, which
            // gives it to the call.
            CStringNew weft_c_string_new(Pointer, Pointer) -> Pointer;
            // Frees the C strings that the worker owns.
            CStringsFree weft_c_strings_free() -> Unit;
            // The string at an address; panics if that is null.
            CStringText weft_c_string_text(Pointer, Pointer) -> Pointer;

            // Panics. The last parameter is a `Site`.
            Panic weft_panic(Pointer, Pointer) -> Never;
            PanicKind weft_panic_kind(Int, Pointer) -> Never;
            PanicIndex weft_panic_index(Int, Int, Pointer) -> Never;
            // The length that no array has.
            PanicArrayLength weft_panic_array_length(Int, Pointer) -> Never;
            // The two values as text.
            PanicNotEqual weft_panic_not_equal(Pointer, Pointer, Pointer) -> Never;
            // The task whose join failed.
            PanicJoin weft_panic_join(Pointer, Pointer) -> Never;
            // An argument for C that has no `int`, or no `size_t`.
            PanicCInt weft_panic_c_int(Int, Pointer) -> Never;
            PanicCSize weft_panic_c_size(Int, Pointer) -> Never;

            // Memory on the heap that is more than compiled code moves itself. To, from, how many bytes; the two places
            // may overlap.
            CopyMemory weft_copy_memory(Pointer, Pointer, Int) -> Unit;
            // So many bytes become zero.
            ClearMemory weft_clear_memory(Pointer, Int) -> Unit;

            // Green threads that wait. A list is a `WaitListObject`, an arm a `SelectArm`.
            // With a `WaitKind`, less 1, and so many words behind those of a list.
            WaitListNew weft_wait_list(Int, Int) -> Pointer;
            // The running thread is about to wait by choice, as a `ParkReason` says.
            MultiWaitBegin weft_multi_wait_begin(Int) -> Unit;
            // List, side, arm; the list is locked.
            SelectEnlist weft_select_enlist(Pointer, Int, Int) -> Pointer;
            // List, side: whether somebody else is there; the list is locked.
            HasWaiter weft_has_waiter(Pointer, Int) -> Bool;
            // Milliseconds, arm.
            SelectTimer weft_select_timer(Int, Int) -> Unit;
            SelectWithdraw weft_select_withdraw(Pointer) -> Unit;
            WaiterOutcome weft_waiter_outcome(Pointer) -> Bool;
            RandomBelow weft_random_below(Int) -> Int;
            TaskCancel weft_task_cancel(Pointer) -> Unit;
            // A task that has ended.
            TaskWasCancelled weft_task_was_cancelled(Pointer) -> Bool;
            // A task that has panicked or was cancelled: its message.
            TaskPanicMessage weft_task_panic_message(Pointer) -> Pointer;
            ScopeOpen weft_scope_open() -> Unit;
            // The list to wait in for the threads of the innermost scope, locked; null when all have ended.
            ScopeList weft_scope_list() -> Pointer;
            // Closes the innermost scope, all of whose threads have ended; panics if one did. The parameter is a
            // `Site`.
            ScopeClose weft_scope_close(Pointer) -> Unit;
            // Wakes all threads that wait on the first side of a list, which is locked; only tasks do.
            WakeAll weft_wake_all(Pointer) -> Unit;
            // The running thread has taken a mutex, or gives it back if it has it.
            IsHeld weft_is_held(Pointer) -> Bool;
            Hold weft_hold(Pointer) -> Unit;
            Release weft_release(Pointer) -> Bool;
            // Where the running thread's mutex is in its chain of cleanups: the next one further out, or 0 for none.
            // And puts it there again.
            CleanupPlace weft_cleanup_place(Pointer) -> Int;
            CleanupPut weft_cleanup_put(Pointer, Int) -> Unit;

            // Slow paths of the hot code in `runtime/hot`.
            GrowRunQueue weft_grow_run_queue() -> Unit;
            // So many entries at the tail of the run queue go to its head, in their order.
            Prefer weft_prefer(Int) -> Unit;
            // The running thread has had its turn.
            EndSlice weft_end_slice() -> Unit;
            // Puts at least one block of class 0 on the worker's free list.
            MoreStacks weft_more_stacks() -> Unit;
            // Takes back the stack of a task that has ended on a grown block, or although it was cancelled.
            FinishSlow weft_finish_slow(Pointer) -> Unit;
            // A thread was cancelled, perhaps the running one, which yields: ends it if so.
            YieldCancelled weft_yield_cancelled() -> Unit;
            // The running thread's task, whatever its worker's limit slot holds.
            CurrentSlow weft_current_slow() -> Pointer;
            // The running thread, that of the task, has an open scope, or is the member of one and has ended.
            ScopeEnter weft_scope_enter(Pointer) -> Unit;
            ScopeExit weft_scope_exit(Pointer) -> Unit;
            // The running thread, that of the task, was cancelled and is about to wait: ends it, unless it is inside of
            // a deferred block. Task and list, which is locked.
            CancelledInList weft_cancelled_in_list(Pointer, Pointer) -> Unit;
            // Task, which is locked.
            CancelledInMultiWait weft_cancelled_in_multi_wait(Pointer) -> Unit;
            // More than one thread waits for a task that has ended; its list is locked.
            WakeJoiners weft_wake_joiners(Pointer) -> Unit;
            // Takes a cleanup out of the running thread's chain that is not the innermost.
            CleanupRemove weft_cleanup_remove(Pointer) -> Unit;
            // The next deferred block of the running thread, which unwinds, out of its chain. Does not return after the
            // last one: the thread ends.
            NextCleanup weft_next_cleanup() -> Pointer;
            // Waits for a lock.
            LockSlow weft_lock_slow(Pointer) -> Unit;
            // The number of a new thread where there are several workers.
            NextNumber weft_next_number() -> Int;
            // Takes a waiter out of a side of a list that begins with an arm of a `select`.
            TakeWaiterSlow weft_take_waiter_slow(Pointer, Int) -> Pointer;
            // Makes the thread of a chosen arm ready.
            WakeArm weft_wake_arm(Pointer, Int) -> Unit;
            // An object with that header and of that many bytes when the allocation area is too small for it.
            AllocateSlow weft_allocate_slow(Int, Int) -> Pointer;
        } anywhere {
            // Reads once from standard input into its buffer: how many bytes came, 0 at the end, or minus the system's
            // error number.
            FillInput weft_fill_input() -> Int;
            // Files. Each gives the number of an outcome; what heap objects they are passed they only read.
            ReadPath weft_read_path(Pointer) -> Int;
            // Path, contents.
            WritePath weft_write_path(Pointer, Pointer) -> Int;
            RemovePath weft_remove_path(Pointer) -> Int;
            ExistsPath weft_exists_path(Pointer) -> Int;
            ListPath weft_list_path(Pointer) -> Int;

            // A copy of what C returned, before its thread does something else; null for null.
            CStringKeep weft_c_string_keep(Pointer) -> Pointer;
        } }
    };
}

macro_rules! define_runtime_functions {
    (on_worker { $($on_worker:tt)* } anywhere { $($anywhere:tt)* }) => {
        define_runtime_functions! { $($on_worker)* $($anywhere)* }
    };
    ($($name:ident $symbol:ident($($parameter:ident),*) -> $result:ident;)*) => {
        /// A function of the runtime that generated code may call.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "the table documents its rows")]
        pub enum RuntimeFunction { $($name),* }

        impl RuntimeFunction {
            /// Every function, in the order of the table.
            pub const ALL: &'static [RuntimeFunction] = &[$(RuntimeFunction::$name),*];

            /// The linker's name.
            pub const fn symbol(self) -> &'static str {
                match self { $(RuntimeFunction::$name => stringify!($symbol)),* }
            }

            /// The parameters' types, at most six.
            pub const fn parameters(self) -> &'static [AbiType] {
                match self { $(RuntimeFunction::$name => &[$(AbiType::$parameter),*]),* }
            }

            /// The result's type.
            pub const fn result(self) -> AbiType {
                match self { $(RuntimeFunction::$name => AbiType::$result),* }
            }
        }
    };
}

for_each_runtime_function!(define_runtime_functions);
