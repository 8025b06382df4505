//! The runtime functions that generated code may call, with their signatures: one table for both sides.
//!
//! The compiler expands [`for_each_runtime_function`] into declarations and types; the runtime expands it into type
//! checks of its definitions and into the thunks that run each call on the worker's own stack. The library calls a
//! function of the group `program` or `blocking` by its symbol without `weft_`, if `std.intrinsics` declares the
//! function.

use crate::signature::{AbiType, RuntimeGroup, RuntimeType};

/// Calls `$callback! { program { ... } internal { ... } blocking { ... } anywhere { ... } }` with the whole table, in
/// the groups of [`RuntimeGroup`]. A row is `Variant symbol(parameters) -> result;`; the types are variants of
/// [`RuntimeType`]. The comment above a row lists the arguments in their order, if the types do not explain them.
#[macro_export]
macro_rules! for_each_runtime_function {
    ($callback:ident) => {
        $callback! { program {
            // Output; the functions with `line` add a newline.
            Print weft_print(String) -> Unit;
            PrintLine weft_print_line(String) -> Unit;
            Eprint weft_eprint(String) -> Unit;
            EprintLine weft_eprint_line(String) -> Unit;

            // String interpolation. Each call appends a string and the value that follows it to a buffer of the worker;
            // `TextFinish` appends the last string, returns the buffer's text as a string and empties the buffer.
            // Between the first call and `TextFinish` the green thread does not yield.
            TextString weft_text_string(String, String) -> Unit;
            // Appends the value in quotes, as it is shown inside another value.
            TextStringQuoted weft_text_string_quoted(String, String) -> Unit;
            TextInt weft_text_int(String, Int) -> Unit;
            TextFloat weft_text_float(String, Float) -> Unit;
            TextBool weft_text_bool(String, Bool) -> Unit;
            TextChar weft_text_char(String, Char) -> Unit;
            TextCharQuoted weft_text_char_quoted(String, Char) -> Unit;
            TextByte weft_text_byte(String, Byte) -> Unit;
            // The last argument of these functions is a packed `FormatSpec`.
            TextStringAs weft_text_string_as(String, String, Int) -> Unit;
            TextIntAs weft_text_int_as(String, Int, Int) -> Unit;
            TextFloatAs weft_text_float_as(String, Float, Int) -> Unit;
            TextCharAs weft_text_char_as(String, Char, Int) -> Unit;
            TextByteAs weft_text_byte_as(String, Byte, Int) -> Unit;
            TextFinish weft_text_finish(String) -> String;

            // Strings.
            StringConcat weft_string_concat(String, String) -> String;
            StringEqual weft_string_equal(String, String) -> Bool;
            // Compares by bytes; returns -1, 0 or 1.
            StringCompare weft_string_compare(String, String) -> Int;

            // Returns the bytes `from..to` of a string. Arguments: the string, `from`, `to`.
            StringSlice weft_string_slice(String, Int, Int) -> String;
            // Makes a string of bytes. Arguments: the array, the index of the first byte, the number of bytes.
            StringOfBytes weft_string_of_bytes(Bytes, Int, Int) -> String;
            IsUtf8 weft_is_utf8(Bytes, Int, Int) -> Bool;
            // Copies a string into an array. Arguments: the array, the index of the first byte to overwrite, the
            // string.
            StringCopy weft_string_copy(Bytes, Int, String) -> Unit;
            // Finds a string in a text; returns the byte offset of the first occurrence, or -1. Arguments: the text,
            // the string, the byte offset at which the search starts.
            StringFind weft_string_find(String, String, Int) -> Int;
            // The number of occurrences of a string in a text, from left to right without overlaps. The string is not
            // empty here and in the next two functions. Arguments: the text, the string.
            StringCount weft_string_count(String, String) -> Int;
            // The parts of a text between these occurrences.
            StringSplit weft_string_split(String, String) -> Strings;
            // Replaces these occurrences. Arguments: the text, the string, the replacement.
            StringReplace weft_string_replace(String, String, String) -> String;
            StringHash weft_string_hash(String) -> Int;
            StringUpper weft_string_upper(String) -> String;
            StringLower weft_string_lower(String) -> String;
            IsFloat weft_is_float(String) -> Bool;
            StringFloat weft_string_float(String) -> Float;
            CharIsWhitespace weft_char_is_whitespace(Char) -> Bool;
            CharIsAlphabetic weft_char_is_alphabetic(Char) -> Bool;
            CharIsNumeric weft_char_is_numeric(Char) -> Bool;

            // The C library's `fmod`, and other functions that x86-64 has no instruction for.
            FloatRemainder weft_float_remainder(Float, Float) -> Float;
            FloatSin weft_float_sin(Float) -> Float;
            FloatCos weft_float_cos(Float) -> Float;
            FloatTan weft_float_tan(Float) -> Float;
            FloatExp weft_float_exp(Float) -> Float;
            FloatLn weft_float_ln(Float) -> Float;
            FloatPow weft_float_pow(Float, Float) -> Float;
            FloatAsin weft_float_asin(Float) -> Float;
            FloatAcos weft_float_acos(Float) -> Float;
            FloatAtan weft_float_atan(Float) -> Float;
            FloatSinh weft_float_sinh(Float) -> Float;
            FloatCosh weft_float_cosh(Float) -> Float;
            FloatTanh weft_float_tanh(Float) -> Float;
            FloatLog10 weft_float_log10(Float) -> Float;
            FloatLog2 weft_float_log2(Float) -> Float;
            FloatCbrt weft_float_cbrt(Float) -> Float;
            FloatAtan2 weft_float_atan2(Float, Float) -> Float;
            FloatHypot weft_float_hypot(Float, Float) -> Float;
            // The float with the given IEEE 754 bits.
            FloatOfBits weft_float_of_bits(Int) -> Float;
            FloatFloor weft_float_floor(Float) -> Float;
            FloatCeil weft_float_ceil(Float) -> Float;
            // Rounds to the nearest integer; rounds a half away from zero.
            FloatRound weft_float_round(Float) -> Float;

            // The process.
            Arguments weft_arguments() -> Strings;
            Environment weft_environment(String) -> String;
            HasEnvironment weft_has_environment(String) -> Bool;
            // Writes bytes; returns 0 or the system's error number. Standard output is buffered. Arguments: the file
            // descriptor, the array, the index of the first byte, the number of bytes.
            WriteBytes weft_write_bytes(Int, Bytes, Int, Int) -> Int;
            // Writes the buffer of standard output; returns 0 or the system's error number.
            FlushOutput weft_flush_output() -> Int;
            // The time of the monotonic clock in nanoseconds.
            Now weft_now() -> Int;
            // The time since 1970 in nanoseconds.
            WallClock weft_wall_clock() -> Int;
            ErrorText weft_error_text(Int) -> String;
            HashSeed weft_hash_seed() -> Int;
            Exit weft_exit(Int) -> Never;

            // Takes the next line out of standard input's buffer, with its newline; at the end of input, the rest.
            TakeInputLine weft_take_input_line() -> Bytes;
            // Takes at most a number of bytes out of standard input's buffer.
            TakeInput weft_take_input(Int) -> Bytes;

            // The outcome of a blocking function; the argument is the outcome's address as a number. `OutcomeFree`
            // frees the outcome; the other functions return its parts.
            OutcomeError weft_outcome_error(Outcome) -> Int;
            OutcomeBytes weft_outcome_bytes(Outcome) -> Bytes;
            OutcomeStrings weft_outcome_strings(Outcome) -> Strings;
            OutcomeNumbers weft_outcome_numbers(Outcome) -> Ints;
            // Takes the open file out of the outcome; returns the object that owns its descriptor.
            OutcomeFile weft_outcome_file(Outcome) -> Ints;
            OutcomeFree weft_outcome_free(Outcome) -> Unit;
            // Runs a collection, which closes the descriptors of unreachable objects.
            Collect weft_collect() -> Unit;

            // Panics.
            Panic weft_panic(String, Site) -> Never;
            // The arguments are the texts of the two values that are not equal.
            PanicNotEqual weft_panic_not_equal(String, String, Site) -> Never;

            // Green threads that wait. A list is a `WaitListObject`, and an arm is a `SelectArm`.

            // Makes a list. Arguments: the library's number of the `WaitKind`, the number of words that follow the list
            // and belong to the library.
            WaitListNew weft_wait_list(Int, Int) -> Ints;
            // Begins a multi-wait of the running thread; the argument is a `ParkReason`.
            MultiWaitBegin weft_multi_wait_begin(Int) -> Unit;
            // Adds an arm of a `select` to a locked list; returns the arm. Arguments: the list, the side, the arm's
            // number.
            SelectEnlist weft_select_enlist(Ints, Int, Int) -> Waiter;
            // Returns whether another thread waits on a side of a locked list. Arguments: the list, the side.
            HasWaiter weft_has_waiter(Ints, Int) -> Bool;
            // Adds a timer that chooses an arm. Arguments: the milliseconds from now, the arm's number.
            SelectTimer weft_select_timer(Int, Int) -> Unit;
            SelectWithdraw weft_select_withdraw(Waiter) -> Unit;
            WaiterOutcome weft_waiter_outcome(Waiter) -> Bool;
            RandomBelow weft_random_below(Int) -> Int;
            // The argument is the task of a thread that has ended.
            TaskWasCancelled weft_task_was_cancelled(Waiter) -> Bool;
            ScopeOpen weft_scope_open() -> Unit;
            // Wakes all threads that wait on the first side of a locked list. The waiters are tasks, not arms.
            WakeAll weft_wake_all(Ints) -> Unit;
            // The holder of a mutex: `IsHeld` returns whether a thread holds the mutex, and `Hold` makes the running
            // thread the holder. `Release` releases the mutex if the running thread holds it, and returns whether the
            // thread held it.
            IsHeld weft_is_held(Ints) -> Bool;
            Hold weft_hold(Ints) -> Unit;
            Release weft_release(Ints) -> Bool;
            // `CleanupPlace` returns the position of a mutex in the running thread's chain of cleanups: the next outer
            // cleanup, or 0. `CleanupPut` puts the mutex back at that position.
            CleanupPlace weft_cleanup_place(Ints) -> Int;
            CleanupPut weft_cleanup_put(Ints, Int) -> Unit;

            // Open files for which threads can wait. A handle is an `IoHandle`, whose words the library made with
            // `WaitListNew`. The results are 0 or a number of bytes, or minus the system's error number; `EAGAIN` means
            // that the thread has to wait for a change.

            // Each makes a socket for a new handle. Arguments: the handle, the address; for `IoListen` also the number
            // of connections that wait to be accepted.
            IoListen weft_io_listen(Ints, String, Int) -> Int;
            IoBind weft_io_bind(Ints, String) -> Int;
            // Begins to connect; the result is `EAGAIN` if the connection is not made yet. Then the socket becomes
            // writable, and `IoConnected` returns the outcome.
            IoConnect weft_io_connect(Ints, String) -> Int;
            IoConnected weft_io_connected(Ints) -> Int;
            // Arguments: the handle of the listening socket, the new handle for the connection.
            IoAccept weft_io_accept(Ints, Ints) -> Int;
            // Reads into an array. Arguments: the handle, the array, the index of the first byte, the number of bytes.
            IoRead weft_io_read(Ints, Bytes, Int, Int) -> Int;
            // Reads into a buffer of the worker, from which `IoTake` takes the bytes. Arguments: the handle, the
            // largest number of bytes. Between the two calls the green thread does not yield.
            IoFill weft_io_fill(Ints, Int) -> Int;
            IoTake weft_io_take() -> Bytes;
            // Arguments as for `IoRead`.
            IoWrite weft_io_write(Ints, Bytes, Int, Int) -> Int;
            // Sends a datagram. Arguments as for `IoRead`, and the address of the receiver.
            IoSendTo weft_io_send_to(Ints, Bytes, Int, Int, String) -> Int;
            // Does the same as `IoFill`, for a datagram; `IoSender` returns the address of its sender.
            IoReceiveFrom weft_io_receive_from(Ints, Int) -> Int;
            IoSender weft_io_sender() -> String;
            // Ends the sending half of a connection.
            IoShutDown weft_io_shut_down(Ints) -> Int;
            IoNoDelay weft_io_no_delay(Ints, Bool) -> Int;
            // The address of a socket or, if the second argument is true, of the other end; "" if there is none.
            IoAddress weft_io_address(Ints, Bool) -> String;
            // Closes the file of a handle, and wakes the threads that wait for it. Does nothing if it is closed.
            IoClose weft_io_close(Ints) -> Unit;
            // Whether the text is an address, not the name of a host.
            IsAddress weft_is_address(String) -> Bool;

            // Pipes, child processes and signals, whose handles and results are like those of sockets.

            // Makes a pipe. Arguments: the new handles of the end for reading and of the end for writing.
            IoPipe weft_io_pipe(Ints, Ints) -> Int;
            // Gives a new handle the process or the next pipe of an outcome of `SpawnProcess`. Arguments: the handle,
            // the number of the process or 0 for a pipe; the outcome.
            IoAdopt weft_io_adopt(Ints, Int, Outcome) -> Int;
            // Closes the handle of an end of a pipe, and returns the end as an open file like that of `OutcomeFile`.
            IoIntoFile weft_io_into_file(Ints) -> Ints;
            // The outcome of a process that has ended, a number of `abi::processes`.
            IoOutcome weft_io_outcome(Ints) -> Int;
            // Sends a signal to a process. Arguments: the handle, the number of the signal.
            IoSendSignal weft_io_send_signal(Ints, Int) -> Int;
            // From now on signals are bytes that the handle reads. Arguments: a new handle, the list of the channel to
            // which the caller passes the signals on, the set of signals: bit n stands for signal n.
            IoSubscribe weft_io_subscribe(Ints, Ints, Int) -> Int;
            // Ends that. Argument: the handle.
            IoUnsubscribe weft_io_unsubscribe(Ints) -> Unit;
            // Sends a signal to this process. If the second argument is true, does nothing for a signal with a
            // subscription.
            RaiseSignal weft_raise_signal(Int, Bool) -> Int;
            // The number of this process.
            ProcessNumber weft_process_number() -> Int;
            // Takes a thread out of the scope in which it was spawned.
            Detach weft_detach(Waiter) -> Unit;
        } internal {
            // Blocking calls: the green thread waits while its worker runs other threads, see `weft_abi::blocking`.

            // Makes a `BlockingCall`. Arguments: the function's address, the number of words of its arguments, the
            // number of a `BlockingResult`.
            BlockingNew weft_blocking_new(Pointer, Int, Int) -> Pointer;
            // Hands the call over to another OS thread. The green thread then parks, and calls nothing else before it
            // parks.
            BlockingSubmit weft_blocking_submit(Pointer) -> Unit;
            // Runs the call on the calling OS thread.
            BlockingRun weft_blocking_run(Pointer) -> Unit;
            // Frees the call; if its result is a `BlockingResult::String`, `CStringsFree` frees that string later.
            BlockingFree weft_blocking_free(Pointer) -> Unit;

            // Strings for C.

            // Returns a copy of a string that ends with a zero byte; panics if the string contains a zero byte. The
            // worker owns the copy until `CStringsFree`, a panic, or `BlockingSubmit`, which hands it over to the call.
            CStringNew weft_c_string_new(String, Site) -> Pointer;
            // Frees the C strings that the worker owns.
            CStringsFree weft_c_strings_free() -> Unit;
            // Returns the C string at an address as a string; panics if the address is null.
            CStringText weft_c_string_text(Pointer, Site) -> String;

            // Panics.
            PanicKind weft_panic_kind(Int, Site) -> Never;
            PanicIndex weft_panic_index(Int, Int, Site) -> Never;
            // The argument is the length of an array that the program tried to make; no array can have this length.
            PanicArrayLength weft_panic_array_length(Int, Site) -> Never;
            // The argument is the joined task, which has panicked or was cancelled.
            PanicJoin weft_panic_join(Pointer, Site) -> Never;
            // The argument is an integer for C that does not fit in `int` (`PanicCInt`) or in `size_t` (`PanicCSize`).
            PanicCInt weft_panic_c_int(Int, Site) -> Never;
            PanicCSize weft_panic_c_size(Int, Site) -> Never;

            // Called when code enters a generator that already counts as entered. Panics if the generator's body still
            // runs; returns if the body has ended by a panic or a cancellation.
            CheckGenerator weft_check_generator(Pointer, Site) -> Unit;

            // Replaces the stack of frames of a `NestedGenerator` by a larger copy. Arguments: the generator, the
            // minimum size of the copy in bytes.
            GrowFrames weft_grow_frames(Pointer, Int) -> Unit;

            // Large ranges of the heap.

            // Copies bytes; the two ranges may overlap. Arguments: the destination, the source, the number of bytes.
            CopyMemory weft_copy_memory(Pointer, Pointer, Int) -> Unit;
            // Sets bytes to zero. Arguments: the address, the number of bytes.
            ClearMemory weft_clear_memory(Pointer, Int) -> Unit;

            // Tasks and scopes.
            TaskCancel weft_task_cancel(Pointer) -> Unit;
            // The message of a task that has panicked or was cancelled.
            TaskPanicMessage weft_task_panic_message(Pointer) -> Pointer;
            // Locks and returns the list in which the owner of the innermost scope waits; null if all of the scope's
            // threads have ended.
            ScopeList weft_scope_list() -> Pointer;
            // Closes the innermost scope, all of whose threads have ended; panics if one of them panicked.
            ScopeClose weft_scope_close(Site) -> Unit;

            // Slow paths of the hot code in `runtime/hot`.
            GrowRunQueue weft_grow_run_queue() -> Unit;
            // Moves entries from the tail of the run queue to its head, and keeps their order. Argument: their number.
            Prefer weft_prefer(Int) -> Unit;
            // Reads the clock for the trace, or begins again at the start of the ring buffer; returns the place of the
            // next event.
            TraceMore weft_trace_more() -> Pointer;
            // Asks the running thread to end its time slice at its next safepoint.
            EndSlice weft_end_slice() -> Unit;
            // Puts at least one block of class 0 on the worker's free list.
            MoreStacks weft_more_stacks() -> Unit;
            // Makes sure that the running thread may use a number of bytes below its stack pointer, and moves its stack
            // if necessary. This is no safepoint.
            MakeRoom weft_make_room(Int) -> Unit;
            // Frees the stack of a thread that has ended, and records that its cancellation is over. Called only if the
            // stack has grown or the thread was cancelled.
            FinishSlow weft_finish_slow(Pointer) -> Unit;
            // Ends the running thread, which is about to yield, if it was cancelled.
            YieldCancelled weft_yield_cancelled() -> Unit;
            // Returns the base of the running stack, even while a request has overwritten the worker's stack limit.
            CurrentBase weft_current_base() -> Pointer;
            // `ScopeEnter` makes the new thread of a task a member of the running thread's innermost scope; `ScopeExit`
            // takes the running thread, whose task is the argument, out of its scope when the thread ends.
            ScopeEnter weft_scope_enter(Pointer) -> Unit;
            ScopeExit weft_scope_exit(Pointer) -> Unit;
            // Ends the running thread, which was cancelled and is about to wait in a list, unless it runs a deferred
            // block. The arguments are the task and the list, which is locked.
            CancelledInList weft_cancelled_in_list(Pointer, Pointer) -> Unit;
            // Ends the running thread, which was cancelled and is about to park in a multi-wait, unless it runs a
            // deferred block or its multi-wait is already decided. The argument is the task, which is locked.
            CancelledInMultiWait weft_cancelled_in_multi_wait(Pointer) -> Unit;
            // Wakes the joiners of a task that has ended; the task's list of joiners is locked.
            WakeJoiners weft_wake_joiners(Pointer) -> Unit;
            // Removes a cleanup, which is not the innermost cleanup, from the running thread's chain.
            CleanupRemove weft_cleanup_remove(Pointer) -> Unit;
            // Takes the next deferred block out of the chain of the running thread, which unwinds, and returns the
            // block. After the last block the thread ends and the call does not return.
            NextCleanup weft_next_cleanup() -> Pointer;
            // Waits for a spin lock that another worker holds, and takes the lock.
            LockSlow weft_lock_slow(Pointer) -> Unit;
            // Reserves numbers for new threads, when the worker has used up its numbers, and returns the first reserved
            // number.
            NextNumber weft_next_number() -> Int;
            // Takes a waiter out of one side of a locked list; the side's first waiter is an arm of a `select`.
            // Arguments: the list, the side.
            TakeWaiterSlow weft_take_waiter_slow(Pointer, Int) -> Pointer;
            // Wakes the thread of an arm of a `select` that the caller has taken out of its list. Arguments: the arm,
            // the outcome of the wait.
            WakeArm weft_wake_arm(Pointer, Int) -> Unit;
            // Continuations.

            // Makes the running thread the owner of a suspended continuation's stacks. Arguments: the continuation, the
            // home of the running stack, which resumes the continuation.
            ContinuationAdopt weft_continuation_adopt(Pointer, Pointer) -> Unit;
            // Panics unless the continuation may be suspended from the running stack, or may end.
            ContinuationLeave weft_continuation_leave(Pointer) -> Unit;
            // Returns the continuation that a swap leaves: the innermost symmetric continuation of the running thread,
            // or else a new host. Panics if it may not be left. Argument: the home of the running stack.
            SwapFrom weft_swap_from_slow(Pointer) -> Pointer;
            // Panics because a stack swaps with a host that is not its own.
            SwapForeign weft_swap_foreign() -> Never;
            // Does what `MoreStacks` does, for a continuation. Also counts the blocks as allocated memory, so that a
            // collection is due earlier: only a collection frees the stack of a continuation that is never resumed.
            ContinuationStacks weft_continuation_stacks() -> Unit;
            // Frees the stack of a continuation that has ended and whose stack has grown.
            ContinuationEnd weft_continuation_end(Pointer) -> Unit;
            // Panics because a `Cont` or a `Stack` is used a second time. Arguments: the continuation, the revision of
            // the value. The site is null if the function of a stack has returned the value.
            ContinuationUsed weft_continuation_used(Pointer, Int, Site) -> Never;
            // Ends a suspended continuation and puts its deferred blocks into the running thread's chain; returns the
            // number of these blocks. Does nothing and returns 0 if the revision is wrong. Arguments: the continuation,
            // the revision that it must have.
            ContinuationClose weft_continuation_close(Pointer, Int) -> Int;
            // Takes the innermost deferred block out of the running thread's chain and returns it.
            TakeDeferred weft_take_deferred() -> Pointer;
            // Allocates an object for which the worker's run of lines has no room. Arguments: the header, the size in
            // bytes.
            AllocateSlow weft_allocate_slow(Int, Int) -> Pointer;
        } blocking {
            // Reads once from standard input into its buffer; returns the number of bytes, 0 at the end, or minus the
            // system's error number.
            FillInput weft_fill_input() -> Int;
            // Operations on files by path. Each function only reads its arguments, and returns an outcome.

            // Reads a file. Arguments: the path, 1 if the file must be UTF-8.
            ReadPath weft_read_path(String, Int) -> Outcome;
            // Writes a file. Arguments: the path, the contents, a number of `abi::files`.
            WritePath weft_write_path(String, String, Int) -> Outcome;
            // As `WritePath`. The contents are an array, the index of the first byte, and the number of bytes.
            WritePathBytes weft_write_path_bytes(String, Bytes, Int, Int, Int) -> Outcome;
            RemovePath weft_remove_path(String) -> Outcome;
            RemoveTree weft_remove_tree(String) -> Outcome;
            ExistsPath weft_exists_path(String) -> Outcome;
            ListPath weft_list_path(String) -> Outcome;
            // Arguments: the path, 1 to follow a symbolic link.
            PathMetadata weft_path_metadata(String, Int) -> Outcome;
            RenamePath weft_rename_path(String, String) -> Outcome;
            CopyPath weft_copy_path(String, String) -> Outcome;
            // Creates a directory. Arguments: the path, 1 to create its parents, too.
            CreateDirectory weft_create_directory(String, Int) -> Outcome;
            CanonicalPath weft_canonical_path(String) -> Outcome;
            // Creates a directory with a new name. Arguments: the directory around it, the beginning of the name.
            CreateTemporaryDirectory weft_create_temporary_directory(String, String) -> Outcome;

            // Open files. The first argument of most functions is the object that owns the descriptor. A result that is
            // negative is minus an error number.

            // Opens a file. Arguments: the path, the sum of numbers of `abi::files`, the permissions of a new file.
            OpenPath weft_open_path(String, Int, Int) -> Outcome;
            // Creates a file with a new name. Arguments as for `CreateTemporaryDirectory`.
            OpenTemporary weft_open_temporary(String, String) -> Outcome;
            // Reads or writes bytes once; returns their number. Arguments: the file, the array, the index of the first
            // byte, the number of bytes.
            ReadFile weft_read_file(Ints, Bytes, Int, Int) -> Int;
            WriteFile weft_write_file(Ints, Bytes, Int, Int) -> Int;
            // Changes the position; returns the new one. Arguments: the file, the offset, a number of `abi::files`.
            SeekFile weft_seek_file(Ints, Int, Int) -> Int;
            SyncFile weft_sync_file(Ints) -> Int;
            // Changes the size. Arguments: the file, the size.
            ResizeFile weft_resize_file(Ints, Int) -> Int;
            FileMetadata weft_file_metadata(Ints) -> Outcome;
            // Closes the file when the operations that use it at the moment have ended; returns 0.
            CloseFile weft_close_file(Ints) -> Int;

            // Finds the addresses of a host and a port, such as `localhost:80`.
            Resolve weft_resolve(String) -> Outcome;

            // Starts a process. The outcome has the process's number, and the process and its pipes for `IoAdopt`.
            // Arguments: working directory (or nothing), program and arguments, each but the last
            // followed by a zero byte; variables of the environment likewise, `NAME=value` or `NAME` to remove one; a
            // number of `abi::processes`; for each of the three streams the open file if there is one.
            SpawnProcess weft_spawn_process(String, String, Int, Ints, Ints, Ints) -> Outcome;
        } anywhere {
            // Copies the string that a C function has just returned, on the OS thread that called the function. Returns
            // null if the string is null.
            CStringKeep weft_c_string_keep(Pointer) -> Pointer;
        } }
    };
}

macro_rules! define_runtime_functions {
    (
        program { $($program:tt)* } internal { $($internal:tt)* }
        blocking { $($blocking:tt)* } anywhere { $($anywhere:tt)* }
    ) => {
        define_runtime_functions! { $($program)* $($internal)* $($blocking)* $($anywhere)* }
        impl RuntimeFunction {
            /// The function's group in the table.
            pub const fn group(self) -> RuntimeGroup {
                define_runtime_functions! { @in self Program { $($program)* } }
                define_runtime_functions! { @in self Internal { $($internal)* } }
                define_runtime_functions! { @in self Blocking { $($blocking)* } }
                RuntimeGroup::Anywhere
            }
        }
    };
    (@in $function:ident $group:ident {
        $($name:ident $symbol:ident($($parameter:ident),*) -> $result:ident;)*
    }) => {
        if matches!($function, $(RuntimeFunction::$name)|*) {
            return RuntimeGroup::$group;
        }
    };
    ($($name:ident $symbol:ident($($parameter:ident),*) -> $result:ident;)*) => {
        /// A function of the runtime that generated code may call.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(missing_docs, reason = "the table documents its rows")]
        pub enum RuntimeFunction { $($name),* }

        impl RuntimeFunction {
            /// Every function, in the order of the table.
            pub const ALL: &'static [RuntimeFunction] = &[$(RuntimeFunction::$name),*];

            /// The function's symbol.
            pub const fn symbol(self) -> &'static str {
                match self { $(RuntimeFunction::$name => stringify!($symbol)),* }
            }

            /// The parameters' machine types, at most six.
            pub const fn parameters(self) -> &'static [AbiType] {
                match self { $(RuntimeFunction::$name => const { &[$(RuntimeType::$parameter.abi()),*] }),* }
            }

            /// The result's machine type.
            pub const fn result(self) -> AbiType {
                self.result_type().abi()
            }

            /// The parameters' types.
            pub const fn parameter_types(self) -> &'static [RuntimeType] {
                match self { $(RuntimeFunction::$name => &[$(RuntimeType::$parameter),*]),* }
            }

            /// The result's type.
            pub const fn result_type(self) -> RuntimeType {
                match self { $(RuntimeFunction::$name => RuntimeType::$result),* }
            }
        }
    };
}

for_each_runtime_function!(define_runtime_functions);
