//! The symbols that compiled code calls, and the start of the process. No other module exports symbols.
//!
//! The functions are short: other modules do the work. A function that needs the running worker makes the worker's
//! token, see [`Current`](crate::arch::Current). The functions assume only that their callers run on a worker.

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
/// Arguments, environment variables, streams, clocks, the exit.
mod process;
/// Files.
mod files;
/// Sockets, and other open files for which threads can wait.
mod sockets;
/// Pipes, child processes and signals.
mod children;
/// Blocking calls, and strings for C.
mod foreign_calls;
/// Waiting, cancellation, cleanups, scopes and mutexes of green threads.
mod threads;
/// Generators: the check against a second resumption, and growing stacks of frames.
mod generators;
/// Panics that compiled code begins.
mod panics;
/// Slow paths, which the fast paths call, and safepoints.
mod slow_paths;
/// Signal handlers that C installs.
mod signals;
/// The symbols: a thunk for every row of the table of runtime functions.
mod thunks;
/// The C entry point.
mod start;
