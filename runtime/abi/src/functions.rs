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
    /// An address.
    Pointer,
    /// The function does not return.
    Never,
}

/// Calls `$callback! { ... }` with the whole table. A row is `Variant symbol (parameters) -> result;`.
#[macro_export]
macro_rules! for_each_runtime_function {
    ($callback:ident) => {
        $callback! {
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
            // With a packed `FormatSpec`.
            TextStringAs weft_text_string_as(Pointer, Int) -> Unit;
            TextIntAs weft_text_int_as(Int, Int) -> Unit;
            TextFloatAs weft_text_float_as(Float, Int) -> Unit;
            TextFinish weft_text_finish() -> Pointer;

            // Strings.
            StringConcat weft_string_concat(Pointer, Pointer) -> Pointer;
            StringEqual weft_string_equal(Pointer, Pointer) -> Bool;
            // -1, 0 or 1, by bytes.
            StringCompare weft_string_compare(Pointer, Pointer) -> Int;

            // The C library's `fmod`.
            FloatRemainder weft_float_remainder(Float, Float) -> Float;

            // The process.
            Arguments weft_arguments() -> Pointer;
            Exit weft_exit(Int) -> Never;

            // Panics. The last parameter is a `Site`.
            Panic weft_panic(Pointer, Pointer) -> Never;
            PanicKind weft_panic_kind(Int, Pointer) -> Never;
            PanicIndex weft_panic_index(Int, Int, Pointer) -> Never;
            // The two values as text.
            PanicNotEqual weft_panic_not_equal(Pointer, Pointer, Pointer) -> Never;
            // The task whose join failed.
            PanicJoin weft_panic_join(Pointer, Pointer) -> Never;

            // Slow paths of the hot code in `runtime/hot`.
            // Nothing is ready: makes something so or ends the process.
            Idle weft_idle() -> Unit;
            GrowRunQueue weft_grow_run_queue() -> Unit;
            // Puts at least one block of class 0 on the worker's free list.
            MoreStacks weft_more_stacks() -> Unit;
            // Takes back the stack of a task that has ended on a grown block.
            FreeStack weft_free_stack(Pointer) -> Unit;
            // Makes ready all threads that wait for a task, in the order in which they began to.
            WakeJoiners weft_wake_joiners(Pointer) -> Unit;
            // An object of that many bytes when the allocation area is too small for it.
            AllocateSlow weft_allocate_slow(Int) -> Pointer;
        }
    };
}

macro_rules! define_runtime_functions {
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
