//! The symbols that compiled code calls, and the start of the process. No other module exports symbols.
//!
//! The functions are short: other modules do the work. Each function makes the token of the running worker, see
//! [`Current`](crate::arch::Current); about its caller the function assumes only that it runs on a worker.

/// Values at the boundary: the running worker, strings, arrays, new objects, panics.
mod values;
/// Standard output and standard error.
mod output;
/// String interpolation.
mod interpolation;
/// Functions of strings.
mod string_functions;
/// Functions of floats for which there is no instruction.
mod numbers;
/// Arguments, variables, files, the clock, the exit.
mod process;
/// Blocking calls, and strings for C.
mod foreign_calls;
/// Waiting, cancellation, cleanups, scopes and mutexes of green threads.
mod threads;
/// Panics that compiled code begins.
mod panics;
/// Slow paths of the hot code, and safepoints.
mod slow_paths;
/// Signal handlers that C installs.
mod signals;
/// The symbols: a thunk for every row of the table of runtime functions.
mod thunks;
/// The C entry point.
mod start;
